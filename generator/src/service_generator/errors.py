"""The one error of the generator: a description, or what is on disk, that it can't work with."""


class DescriptionError(Exception):
    """A description breaks a rule; the message names the service, the attribute and the rule."""

    def __init__(self, rule: str, *, where: str = "") -> None:
        """
        :param rule: what is wrong and what to do about it, as a sentence
        :param where: what it is about: the entity, and the attribute or resource where there is one
        """
        super().__init__(f"{where}: {rule}" if where else rule)
        self.rule = rule
        self.where = where

    def within(self, where: str) -> "DescriptionError":
        """
        The same error, for callers who know better where it happened.

        :param where: the place to name, used when the error doesn't name one yet
        """
        return self if self.where else DescriptionError(self.rule, where=where)

    def of_service(self, service: str) -> "DescriptionError":
        """
        The same error, naming the service as well where it is about a part of one.

        :param service: the name of the service
        """
        if self.where == service or self.where.startswith((f"{service}.", f"{service}:")):
            return self
        return DescriptionError(self.rule, where=f"{service}: {self.where}" if self.where else service)


class WriteError(Exception):
    """The generated files can't be written; nothing was changed."""
