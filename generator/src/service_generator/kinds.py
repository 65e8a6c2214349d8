"""What is known about the value of an expression before the model is compiled."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Kind:
    """
    The kind of a value.

    :param item: a primitive type of the language, the full name of an entity, or ``any``
    :param many: whether it is a list of these
    :param optional: whether it may be null, or a relation without a value
    """

    item: str = "any"
    many: bool = False
    optional: bool = False

    @property
    def is_entity(self) -> bool:
        """Whether it is an instance of an entity, or a list of them."""
        return "::" in self.item

    @property
    def is_number(self) -> bool:
        """Whether it is one number."""
        return self.item in NUMBERS and not self.many

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known."""
        return self == ANY

    def one(self) -> "Kind":
        """The kind of an element."""
        return replace(self, many=False, optional=False)

    def sure(self) -> "Kind":
        """The same, where it is known that there is a value."""
        return replace(self, optional=False)

    def __str__(self) -> str:
        text = f"list of {self.item}" if self.many else self.item
        return f"{text} or null" if self.optional else text


NUMBERS = ("int", "float", "number")
ANY = Kind()
STRING, INT, FLOAT, NUMBER, BOOL, DICT = (Kind(item) for item in ("string", "int", "float", "number", "bool", "dict"))


def common(first: Kind, second: Kind) -> Kind:
    """
    The kind of a value that is one of two.

    :param first: the kind of one
    :param second: the kind of the other
    """
    optional = first.optional or second.optional
    if first.sure() == second.sure():
        return replace(first, optional=optional)
    if first.is_number and second.is_number:
        return replace(NUMBER, optional=optional)
    return Kind("any", many=first.many and second.many, optional=optional)
