"""What JSON allows and the database does not."""

import math

from inmanta_lsm.attributes.violation import RuleViolationError

# Far beyond what a service needs, and far below what recursion over a value can take.
MAXIMUM_DEPTH = 64


def check_storable(value: object, where: str) -> None:
    """
    Refuse a JSON value that cannot be stored or processed.

    PostgreSQL stores neither the NUL character nor half a surrogate pair in a string, and JSON has no number for NaN and
    the infinities, though Python reads them.

    :param where: what the value is, for the error message
    :raises RuleViolationError: the value holds a text or a number that cannot be stored, or it is nested too deep
    """
    pending: list[tuple[object, int]] = [(value, 0)]
    while pending:
        current, depth = pending.pop()
        if depth > MAXIMUM_DEPTH:
            raise RuleViolationError(f"The value of {where} is nested deeper than {MAXIMUM_DEPTH} levels.")
        match current:
            case str():
                check_text(current, where)
            case float() if not math.isfinite(current):
                raise RuleViolationError(f"The value of {where} holds {current}, which is no JSON number.")
            case dict():
                for key, item in current.items():
                    check_text(key, where)
                    pending.append((item, depth + 1))
            case list():
                pending.extend((item, depth + 1) for item in current)
            case _:
                pass


def check_text(text: str, where: str) -> None:
    """
    Refuse a text that cannot be stored.

    :param where: what the text belongs to, for the error message
    :raises RuleViolationError: the text holds a NUL character or half a surrogate pair
    """
    if "\0" in text:
        raise RuleViolationError(f"The value of {where} holds a NUL character, which cannot be stored.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RuleViolationError(f"The value of {where} holds half a surrogate pair, which is no character.") from None
