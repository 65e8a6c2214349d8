"""Instances on their way: a live table on a terminal, a line for each state anywhere else."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from inmanta_services.attributes.display import clean


@dataclass
class Row:
    """
    An instance that is being followed.

    :ivar service: its service.
    :ivar identity: its name among the instances of the service.
    :ivar states: those that it was in, in their order, each with the seconds after which it was reached.
    :ivar waiting: what it is waiting for now.
    """

    service: str
    identity: str
    states: list[tuple[str, float]] = field(default_factory=list)
    waiting: str = ""


class Board:
    """Instances that are on their way."""

    def __init__(self, console: Console, live: Live | None) -> None:
        """
        :param console: to write to.
        :param live: shows the table, None where there is no terminal.
        """
        self._console = console
        self._live = live
        self._began = time.monotonic()
        self._rows: list[Row] = []

    def add(self, service: str, identity: str) -> Row:
        """
        Begin to follow an instance.

        :param service: its service.
        :param identity: its name.
        :return: what to tell about it.
        """
        row = Row(clean(service), clean(identity))
        self._rows.append(row)
        return row

    def reached(self, row: Row, state: str, waiting: str) -> None:
        """
        Show that an instance has got to a state.

        :param row: the instance.
        :param state: the state.
        :param waiting: what it is waiting for there.
        """
        elapsed = time.monotonic() - self._began
        row.states.append((state, elapsed))
        row.waiting = waiting
        if self._live is None:
            then = f", waits for {waiting}" if waiting else ""
            line = f"  {elapsed:5.1f} s  {row.service} {row.identity}: {state}{then}"
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        self.refresh()

    def waits_for(self, row: Row, waiting: str) -> None:
        """
        Show what an instance is waiting for.

        :param row: the instance.
        :param waiting: what it is waiting for.
        """
        row.waiting = waiting
        self.refresh()

    def refresh(self) -> None:
        """Draw the table again."""
        if self._live is not None:
            self._live.update(self.table())

    def table(self) -> Table:
        """The instances with all states that they were in."""
        table = Table(expand=False, title_justify="left")
        for title in ("service", "instance", "states", "waits for"):
            table.add_column(title, overflow="fold")
        for row in self._rows:
            states = Text()
            for position, (state, elapsed) in enumerate(row.states):
                states.append("" if position == 0 else "\n")
                states.append(state, "bold green" if position == len(row.states) - 1 else "")
                states.append(f"  {elapsed:.1f} s", "dim")
            table.add_row(row.service, row.identity, states, row.waiting or "—")
        return table


@contextlib.contextmanager
def board(console: Console) -> Iterator[Board]:
    """
    Show instances on their way.

    :param console: where to.
    """
    if not console.is_terminal:
        yield Board(console, None)
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield Board(console, live)
