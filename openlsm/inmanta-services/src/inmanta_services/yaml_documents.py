"""YAML with the values of JSON, and nothing else."""

import re
from pathlib import Path
from typing import Any

import yaml

from inmanta_services.errors import ServicesError


def read_all(file: Path) -> list[Any]:
    """
    Read the documents of a file.

    :param file: the file.
    :raises ServicesError: when it cannot be read; says where.
    """
    try:
        return list(yaml.load_all(file.read_text(encoding="utf-8"), Loader=PlainLoader))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise ServicesError(f"{file} cannot be read: {_reason(error)}.") from error


def read_text(text: str, name: str) -> Any:
    """
    Read one document.

    :param text: the document.
    :param name: how messages name it.
    :raises ServicesError: when it cannot be read; says where.
    """
    try:
        return yaml.load(text, Loader=PlainLoader)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise ServicesError(f"{name} cannot be read: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """
    Why something cannot be read, on one line.

    :param error: what was raised.
    """
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return " ".join(str(error).split())


def dump(document: object) -> str:
    """
    Write a document, such that reading it gives the same.

    :param document: plain values.
    """
    return yaml.dump(document, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=120)


class PlainLoader(yaml.SafeLoader):
    """Reads the values of JSON only, and each key only once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping, refused when it has a key twice."""
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is no text, quote it", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is there twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node; references to others are refused, since a few of them can stand for more than there is memory."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not supported", self.get_mark())
        return super().compose_node(parent, index)


class PlainDumper(yaml.SafeDumper):
    """Writes plain values only: everything that :class:`PlainLoader` would take for something else is quoted."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write values again instead of referring to them."""
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        """A text; one with characters that YAML takes for the end of a line, or does not show, has them escaped."""
        is_plain = all(character.isprintable() or character == "\n" for character in data)
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=None if is_plain else '"')

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key."""
        super().increase_indent(flow, False)


PlainDumper.add_representer(str, PlainDumper.represent_text)

# Numbers and words of JSON only, so that a version 1.10, a time 12:30 or the country NO in quotes is not what it takes to write
# a text. What is read as something else than text is a part of what other readers take for that, so the writer quotes it all.
PlainLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9]*)", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?", list("-0123456789")),
):
    PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
