"""Which files were generated, and from what: only those are ever changed or deleted."""

from dataclasses import dataclass

MARKER = "This file is generated from"
"""What tells a generated file from one that was written by hand."""


@dataclass(frozen=True)
class Owner:
    """
    The descriptions that files are generated from.

    :param module: the inmanta module that they describe
    :param package: the package that they are in, as a path
    """

    module: str
    package: str

    def mark(self, source: str) -> str:
        """
        How the header of a generated file says where it comes from.

        :param source: the description file
        """
        return f"{MARKER} {source} for the module {self.module}."

    def owns(self, text: str, *, at_home: bool = False) -> bool:
        """
        Whether a file was generated from these descriptions.

        :param text: the text of the file
        :param at_home: whether it is in the folder of the module, where the module goes without saying
        """
        header = _docstring(text)
        start = header.find(f"{MARKER} {self.package}/")
        if start < 0:
            return False
        sentence = header[start:]
        return f" for the module {self.module}. " in sentence or (at_home and " for the module " not in sentence)


def normalized(text: str) -> str:
    """
    Text as it was before an editor or git changed the ends of its lines or put a byte order mark in front.

    :param text: the text of a file
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _docstring(text: str) -> str:
    text = normalized(text)
    if not text.startswith('"""\n'):
        return ""
    content, closing, _ = text[4:].partition('\n"""')
    return f"{' '.join(content.split())} " if closing else ""
