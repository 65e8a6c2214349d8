"""Names that a description gives to what it imports."""

import keyword

from service_generator.errors import DescriptionError
from service_generator.model.names import INHERITED, KEYWORDS


def class_name(name: str) -> str:
    """
    The name of a typedef as that of a class: ``vlan_id`` gives ``VlanId``.

    :param name: the name in the model
    """
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def member_name(value: str | int, taken: set[str]) -> str:
    """
    A name for a value of an enumeration.

    :param value: the value
    :param taken: the names that others have; the new one is added
    """
    words = "".join(character if character.isalnum() and character.isascii() else "_" for character in str(value)).upper()
    name = words if words.strip("_")[:1].isalpha() else f"VALUE_{words}"
    name = name.strip("_")
    while name in taken:
        name = f"{name}_AGAIN"
    taken.add(name)
    return name


def variable_name(name: str, taken: set[str]) -> str:
    """
    A name for a state or a lifecycle, as a variable of the description.

    :param name: its name in the model
    :param taken: the names that others have; the new one is added
    """
    found = "".join(character if character.isalnum() and character.isascii() else "_" for character in name).lower().strip("_")
    if not found[:1].isalpha():
        found = f"state_{found}"
    while found in taken or keyword.iskeyword(found) or found in KEYWORDS:
        found = f"{found}_state"
    taken.add(found)
    return found


def check_member(where: str, name: str) -> None:
    """
    Make sure that something can be called the same in a description.

    :param where: the attribute or relation
    :param name: its name
    :raises DescriptionError: Python, or the language of the descriptions, has another use for the name
    """
    if keyword.iskeyword(name) or name in INHERITED:
        raise DescriptionError(f"a description cannot call anything {name}. Rename it in the model.", where=where)


def as_words(name: str) -> str:
    """
    What can be said about something whose documentation is only its name.

    :param name: the name
    """
    return f"{name.replace('_', ' ').strip().capitalize()}."
