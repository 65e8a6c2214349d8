"""How often something is done for what does not come: less and less often."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field

FIRST_PATIENCE, LONGEST_PATIENCE = 2, 120
"""After how many looks something is done, the first time and at most: each time twice as many."""

ASKED_AT_ONCE = 50
"""For how many something is done in one look: those that only wait for their turn are nobody's trouble."""


@dataclass
class Patience[Key: Hashable]:
    """
    How long something has been waited for, in looks at it.

    :param looks: by what is waited for: how many looks are left until something is done, and how many there are the next time
    """

    looks: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def ended(self, waiting: Collection[Key]) -> list[Key]:
        """
        Look at what is waited for; what is not any more is forgotten.

        :return: what something is to be done for now
        """
        known = {one: self.looks.get(one, (FIRST_PATIENCE, FIRST_PATIENCE)) for one in waiting}
        due = [one for one, (left, _) in known.items() if left <= 0][:ASKED_AT_ONCE]
        asked = set(due)
        self.looks = {
            one: (patience, min(2 * patience, LONGEST_PATIENCE)) if one in asked else (left - 1, patience)
            for one, (left, patience) in known.items()
        }
        return due
