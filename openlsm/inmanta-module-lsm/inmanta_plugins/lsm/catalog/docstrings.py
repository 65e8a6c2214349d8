"""What the docstring of an entity says about the entity and about its attributes."""

import inspect
import re
from dataclasses import dataclass

ATTRIBUTE = re.compile(r":attr\s+(?P<name>\w+)\s*:\s*(?P<text>.*)")


@dataclass(frozen=True)
class Documentation:
    """
    A docstring taken apart.

    :param description: what it says about the entity; None for nothing
    :param attributes: what it says about the attributes, by name. Attributes without description are not in it.
    """

    description: str | None
    attributes: dict[str, str]


def parse(docstring: str | None) -> Documentation:
    """
    Take the docstring of an entity apart: `:attr <name>: <description>` describes an attribute, everything else the entity.

    The description of an attribute goes on until the next field or the next paragraph that is not indented.

    :param docstring: the docstring as it is written in the model, None when there is none
    """
    rest: list[str] = []
    attributes: dict[str, list[str]] = {}
    current: list[str] | None = None
    after_blank = False
    for line in inspect.cleandoc(docstring or "").splitlines():
        field = ATTRIBUTE.fullmatch(line.strip())
        if field is not None:
            current = attributes.setdefault(field["name"], [])
            current.append(field["text"].strip())
        elif current is None or (after_blank and line.strip() and not line[0].isspace()) or line.startswith(":"):
            current = None
            rest.append(line)
        else:
            current.append(line.strip())
        after_blank = not line.strip()
    texts = {name: _paragraphs(lines) for name, lines in attributes.items()}
    return Documentation(
        description="\n".join(rest).strip() or None,
        attributes={name: text for name, text in texts.items() if text},
    )


def _paragraphs(lines: list[str]) -> str:
    """Undo the wrapping of lines."""
    paragraphs = re.split(r"\n{2,}", "\n".join(lines).strip())
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)
