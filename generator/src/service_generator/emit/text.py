"""The looks of generated text: line breaks, comments, and templates."""

import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from service_generator.emit.expressions import WIDTH, escape


def wrap(text: str, prefix: str = "") -> str:
    """
    Text for a docstring, broken into lines; paragraphs stay apart.

    :param text: paragraphs, separated by blank lines
    :param prefix: what precedes the text on its first line; the following lines are indented
    """
    following = "    " if prefix else ""
    paragraphs = [
        "\n".join(
            textwrap.wrap(
                escape(paragraph).replace('"""', '\\"\\"\\"'),
                # Docstrings are indented once at most.
                WIDTH - 4,
                initial_indent=prefix if index == 0 else "",
                subsequent_indent=following,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
        for index, paragraph in enumerate(text.split("\n\n"))
    ]
    return "\n\n".join(paragraphs).removeprefix(prefix)


def comment(text: str) -> str:
    """
    Text for a comment above a statement, broken into lines.

    :param text: paragraphs, separated by blank lines
    """
    return "".join(f"# {line}".rstrip() + "\n" for line in wrap(text).split("\n")) if text else ""


def render(template: str, **values: Any) -> str:
    """
    Fill a template.

    :param template: the name of a file in the folder of templates
    :param values: what the template needs
    """
    return str(_environment().get_template(template).render(values))


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
