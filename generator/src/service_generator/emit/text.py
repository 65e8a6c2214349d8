"""The looks of generated text: line breaks, blank lines, and templates."""

import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from service_generator.emit.expressions import WIDTH, escape, inline, layout


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


def tidy(text: str) -> str:
    """
    Text without trailing blanks, without more than one blank line in a row, and without blank lines before ``end``.

    :param text: the text of a file
    """
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    lines = re.sub(r"\n{2,}(?= *end\n)", "\n", lines)
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def render(template: str, **values: Any) -> str:
    """
    Fill a template; expressions are laid out by the filters ``layout`` and ``inline``.

    :param template: the name of a file in the folder of templates
    :param values: what the template needs
    """
    return str(_environment().get_template(template).render(values))


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(inline=inline, layout=layout, quote=lambda text: f'"{text}"')
    return environment
