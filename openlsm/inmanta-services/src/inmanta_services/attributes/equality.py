"""When two attribute values are the same."""

import json
from collections import Counter
from typing import Any

from inmanta_lsm.model import ServiceAttribute

from inmanta_services.attributes.members import Member


def same(left: Any, right: Any) -> bool:
    """
    Whether two JSON values are equal. In JSON true is not 1.

    :param left: a value.
    :param right: another value.
    """
    match left, right:
        case dict(), dict():
            return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
        case list(), list():
            return len(left) == len(right) and all(map(same, left, right))
        case _:
            return isinstance(left, bool) == isinstance(right, bool) and left == right


def unchanged(member: Member, before: Any, after: Any) -> bool:
    """
    Whether the value of a member stays as it is. What is related has no order.

    :param member: the member.
    :param before: its value.
    :param after: its value afterwards.
    """
    if same(before, after):
        return True
    if isinstance(member, ServiceAttribute) or not isinstance(before, list) or not isinstance(after, list):
        return False
    return Counter(map(_canonical, before)) == Counter(map(_canonical, after))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
