"""How the demo shows what happens: a live table on a terminal, lines of text anywhere else."""

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from demo.files import Change, Entry, Snapshot

_STYLES = {"+": "green", "-": "red", "~": "yellow"}


def output(width: int = 120) -> Console:
    """
    Where to print: a terminal, with the width that it has. A file or a pipe has none of its own, and rich would fold lines
    after 80 characters.

    :param width: of anything but a terminal, in characters.
    """
    return Console() if sys.stdout.isatty() else Console(width=width)


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
    """Instances that are on their way to a state."""

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
        row = Row(service, identity)
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


class Screen:
    """Where the demo is shown."""

    def __init__(self, console: Console) -> None:
        """
        :param console: to write to.
        """
        self._console = console
        self._step = 0

    def step(self, title: str) -> None:
        """
        Begin a step of the demo.

        :param title: what happens in it.
        """
        self._step += 1
        self._console.print(f"\n[bold]{self._step}. {escape(title)}[/bold]", highlight=False)

    def say(self, text: str) -> None:
        """
        Tell something about the current step.

        :param text: one or more lines.
        """
        for line in text.splitlines():
            self._console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """
        Show that something takes its time.

        :param text: what it is.
        """
        if self._console.is_terminal:
            with self._console.status(escape(text)):
                yield
        else:
            yield

    @contextlib.contextmanager
    def board(self) -> Iterator[Board]:
        """Show instances on their way."""
        if not self._console.is_terminal:
            yield Board(self._console, None)
            return
        with Live(console=self._console, refresh_per_second=8) as live:
            yield Board(self._console, live)

    def files(self, folder: Path, snapshot: Snapshot) -> None:
        """
        Show what is in a folder.

        :param folder: the folder.
        :param snapshot: what is in it.
        """
        tree = Tree(str(folder), highlight=False)
        branches = {Path(): tree}
        for path, entry in snapshot.items():
            branches[path] = branches[path.parent].add(_label(path, entry))
            if entry.kind == "file":
                branches[path].add(Text(entry.text, "dim", overflow="fold"))
        self._console.print(tree)

    def changes(self, changes: list[Change]) -> None:
        """
        Show what became of the entries of a folder.

        :param changes: what became of them.
        """
        for change in changes:
            self._console.print(Text(f"  {change.sign} {change.path}", _STYLES[change.sign]), soft_wrap=True)
            for line in change.lines:
                self._console.print(Text(f"      {line}", "dim"), soft_wrap=True)

    def problem(self, text: str) -> None:
        """
        Tell what went wrong.

        :param text: one or more lines.
        """
        self._console.print()
        first, *others = text.splitlines()
        self._console.print(Text(first, "bold red"), soft_wrap=True)
        for line in others:
            self._console.print(Text(line), soft_wrap=True)


def _label(path: Path, entry: Entry) -> Text:
    """
    How an entry reads in a tree.

    :param path: where it is.
    :param entry: what it is.
    """
    if entry.kind == "link":
        return Text.assemble((path.name, "cyan"), (f" → {entry.text}", "dim"))
    suffix = "/" if entry.kind == "directory" else ""
    return Text.assemble((f"{path.name}{suffix}", "bold blue" if suffix else ""), (f"  {entry.mode:o}", "dim"))
