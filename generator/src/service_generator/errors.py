"""The errors that are meant for people: a description, or what is on disk, that the generator cannot work with."""

from service_generator.places import Place


class DescriptionError(Exception):
    """A description breaks a rule; the message names the place, the service, the attribute, the rule and the remedy."""

    def __init__(self, rule: str, *, where: str = "", place: Place | None = None) -> None:
        """
        :param rule: what is wrong and what to do about it, as sentences
        :param where: what it is about: the entity, and the attribute or resource where there is one
        :param place: the line of the description
        """
        subject = f"{where} ({place})" if where and place else where or str(place or "")
        super().__init__(f"{subject}: {rule}" if subject else rule)
        self.rule = rule
        self.where = where
        self.place = place

    def within(self, where: str) -> "DescriptionError":
        """
        The same error, for callers who know better where it happened.

        :param where: the place to name, used when the error does not name one yet
        """
        return self if self.where else DescriptionError(self.rule, where=where, place=self.place)

    def at(self, place: Place | None) -> "DescriptionError":
        """
        The same error, for callers who know the line.

        :param place: the line, used when the error does not name one yet
        """
        return self if self.place or place is None else DescriptionError(self.rule, where=self.where, place=place)

    def of_service(self, service: str) -> "DescriptionError":
        """
        The same error, naming the service as well where it is about a part of one.

        :param service: the name of the service
        """
        if self.where == service or self.where.startswith((f"{service}.", f"{service}:")):
            return self
        return DescriptionError(self.rule, where=f"{service}: {self.where}" if self.where else service, place=self.place)


class WriteError(Exception):
    """Files cannot be read or written; nothing was changed."""
