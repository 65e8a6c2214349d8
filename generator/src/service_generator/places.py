"""Places in description files."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """A line of a description file, which may be a file whose lines are not known."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"
