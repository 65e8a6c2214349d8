"""How the demo shows what happens: a live table on a terminal, lines of text anywhere else."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from inmanta_services.board import Board, board
from rich.console import Console
from rich.markup import escape
from rich.text import Text
from rich.tree import Tree

from demo.files import Change, Entry, Snapshot

_STYLES = {"+": "green", "-": "red", "~": "yellow"}


def output(width: int = 120) -> Console:
    """
    Where to print: a terminal, with the width that it has. A file or a pipe has none of its own, and rich would fold lines
    after 80 characters.

    :param width: of anything but a terminal, in characters
    """
    return Console() if sys.stdout.isatty() else Console(width=width)


class Screen:
    """Where the demo is shown."""

    def __init__(self, console: Console) -> None:
        """:param console: to write to"""
        self._console = console
        self._step = 0

    def step(self, title: str) -> None:
        """
        Begin a step of the demo.

        :param title: what happens in it
        """
        self._step += 1
        self._console.print(f"\n[bold]{self._step}. {escape(title)}[/bold]", highlight=False)

    def say(self, text: str) -> None:
        """
        Tell something about the current step.

        :param text: one or more lines
        """
        for line in text.splitlines():
            self._console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """
        Show that something takes its time.

        :param text: what it is
        """
        if self._console.is_terminal:
            with self._console.status(escape(text)):
                yield
        else:
            yield

    def board(self) -> contextlib.AbstractContextManager[Board]:
        """Show instances on their way."""
        return board(self._console)

    def files(self, folder: Path, snapshot: Snapshot) -> None:
        """
        Show what is in a folder.

        :param folder: the folder
        :param snapshot: what is in it
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

        :param changes: what became of them
        """
        for change in changes:
            self._console.print(Text(f"  {change.sign} {change.path}", _STYLES[change.sign]), soft_wrap=True)
            for line in change.lines:
                self._console.print(Text(f"      {line}", "dim"), soft_wrap=True)

    def problem(self, text: str) -> None:
        """
        Tell what went wrong.

        :param text: one or more lines
        """
        self._console.print()
        first, *others = text.splitlines()
        self._console.print(Text(first, "bold red"), soft_wrap=True)
        for line in others:
            self._console.print(Text(line), soft_wrap=True)


def _label(path: Path, entry: Entry) -> Text:
    """
    How an entry reads in a tree.

    :param path: where it is
    :param entry: what it is
    """
    if entry.kind == "link":
        return Text.assemble((path.name, "cyan"), (f" → {entry.text}", "dim"))
    suffix = "/" if entry.kind == "directory" else ""
    return Text.assemble((f"{path.name}{suffix}", "bold blue" if suffix else ""), (f"  {entry.mode:o}", "dim"))
