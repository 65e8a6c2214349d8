"""How a command tells what it found: a table for people, JSON or YAML for programs."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import click
from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from inmanta_services.attributes.display import clean
from inmanta_services.yaml_documents import dump

_WIDTH_OF_FILES = 160
"""Characters of a line in a file or a pipe, which has no width of its own."""

_LABELS = {"success": "green", "info": "blue", "warning": "yellow", "danger": "red"}


class Format(StrEnum):
    """What output looks like."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def console(*, stderr: bool = False) -> Console:
    """
    Where to print for people: with the width of the terminal, and with colours where there is one that wants them.

    :param stderr: whether to print where errors go.
    """
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_FILES
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


class Output:
    """Where a command tells what it found."""

    def __init__(self, chosen: Format) -> None:
        """:param chosen: what it looks like."""
        self.format = chosen
        self.console = console()

    @property
    def is_for_people(self) -> bool:
        """Whether a person reads it."""
        return self.format is Format.TABLE

    def tell(self, data: Any, draw: Callable[[], RenderableType | Iterable[RenderableType]]) -> None:
        """
        Tell something.

        :param data: for programs: models, or plain values.
        :param draw: gives the same for people.
        """
        match self.format:
            case Format.JSON:
                click.echo(json.dumps(plain(data), indent=2, ensure_ascii=False))
            case Format.YAML:
                click.echo(dump(plain(data)), nl=False)
            case Format.TABLE:
                drawn = draw()
                if isinstance(drawn, str | Text | Table) or not isinstance(drawn, Iterable):
                    self._print(drawn)
                else:
                    for part in drawn:
                        self._print(part)

    def as_document(self) -> "Output":
        """The same for something that is a document anyway: JSON where YAML is not asked for."""
        return Output(Format.JSON if self.is_for_people else self.format)

    def _print(self, part: Any) -> None:
        """
        Print something.

        :param part: a text, which a terminal may fold where it likes, or something that is laid out.
        """
        if isinstance(part, str):
            self.console.print(clean(part), soft_wrap=True)
        elif self.console.is_terminal:
            self.console.print(part)
        else:
            # What fills the last column up to its width is of no use in a file.
            with self.console.capture() as capture:
                self.console.print(part)
            for line in capture.get().splitlines():
                click.echo(line.rstrip())

    def say(self, text: str) -> None:
        """
        Tell people what is going on; programs are not told.

        :param text: one or more lines.
        """
        if self.is_for_people:
            self.console.print(clean(text), soft_wrap=True)


def plain(data: Any) -> Any:
    """
    Models as plain values.

    :param data: a model, or values with models in them.
    """
    match data:
        case BaseModel():
            return data.model_dump(mode="json", by_alias=True)
        case dict():
            return {str(key): plain(value) for key, value in data.items()}
        case list() | tuple():
            return [plain(value) for value in data]
        case None | bool() | int() | float():
            return data
        case _:
            return str(data)


def table(titles: Sequence[str], rows: Iterable[Sequence[str | Text]], empty: str = "There is none.") -> RenderableType:
    """
    Lay out rows.

    :param titles: of the columns.
    :param rows: the cells of each.
    :param empty: what to say instead when there is no row.
    """
    laid_out = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in titles:
        laid_out.add_column(title, overflow="fold")
    for row in rows:
        laid_out.add_row(*(cell if isinstance(cell, Text) else Text(clean(cell)) for cell in row))
    return laid_out if laid_out.row_count else empty


def facts(pairs: Iterable[tuple[str, str | Text]]) -> Table:
    """
    Lay out names and values.

    :param pairs: of each.
    """
    laid_out = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    laid_out.add_column(style="bold", no_wrap=True)
    laid_out.add_column(overflow="fold")
    for name, value in pairs:
        laid_out.add_row(Text(clean(name)), value if isinstance(value, Text) else Text(clean(value)))
    return laid_out


def title(text: str) -> Text:
    """
    The title of a part.

    :param text: the title.
    """
    return Text(f"\n{clean(text)}", style="bold")


def state(name: str, label: str | None) -> Text:
    """
    A state in the colour that its label stands for.

    :param name: of the state.
    :param label: its label in the lifecycle.
    """
    return Text(clean(name), style=_LABELS.get(label or "", ""))


def moment(time: datetime | None) -> str:
    """
    A time, in the time zone of the machine.

    :param time: the time.
    """
    return "" if time is None else time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
