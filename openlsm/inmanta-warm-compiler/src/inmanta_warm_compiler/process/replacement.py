"""What is replaced in core for the time of a compile."""


def replace(owner: object, name: str, value: object) -> None:
    """
    :param owner: whose attribute to replace
    :param name: of the attribute
    :param value: the new one
    """
    setattr(owner, name, value)
