"""The commands ``generate``, ``check``, ``list`` and ``diagram``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service_generator.const import DESCRIPTIONS
from service_generator.errors import DescriptionError, WriteError

if TYPE_CHECKING:
    from service_generator.lifecycles import LifecycleGraph
    from service_generator.model.services import Module
    from service_generator.writer import Plan

OUT_OF_SYNC, BAD_DESCRIPTION, NOT_WRITTEN = 1, 2, 3

_model_folder = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the generated files; by default the folder model of the module.",
)


def _explained[**P](command: Callable[P, None]) -> Callable[P, None]:
    """Turns the errors that are meant for people into a message and an exit code."""

    @wraps(command)
    def explained(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except DescriptionError as error:
            click.echo(f"Bad description: {error}", err=True)
            sys.exit(BAD_DESCRIPTION)
        except WriteError as error:
            click.echo(f"Not written: {error}", err=True)
            sys.exit(NOT_WRITTEN)

    return explained


_descriptions = click.option(
    "--descriptions", default=DESCRIPTIONS, show_default=True, help="Python package with the descriptions."
)


@click.group()
def main() -> None:
    """
    The model of the module, generated from the descriptions in generator/services.

    Exit codes: 0 everything is fine, 1 the files are out of sync, 2 a description or an argument is wrong, 3 the files can't
    be written.
    """
    logging.basicConfig(level=logging.ERROR)


@main.command()
@_descriptions
@_model_folder
@_explained
def generate(descriptions: str, output: Path | None) -> None:
    """Write the files of the model; those that are right already are not touched."""
    from service_generator.writer import apply

    changes = _plan(descriptions, output)
    apply(changes)
    for path in changes.write:
        click.echo(f"wrote {changes.folder / path}")
    for path in changes.delete:
        click.echo(f"deleted {changes.folder / path}")
    if changes.in_sync:
        click.echo("Everything is up to date.")


@main.command()
@_descriptions
@_model_folder
@_explained
def check(descriptions: str, output: Path | None) -> None:
    """Compare the files of the model with the descriptions; differences are shown, and the exit code is 1."""
    changes = _plan(descriptions, output)
    if changes.in_sync:
        click.echo("The generated files and the descriptions are in sync.")
        return
    click.echo(changes.diff(), nl=False)
    click.echo(
        "The generated files and the descriptions differ. Run `inv generate` or `python -m generator generate`.", err=True
    )
    sys.exit(OUT_OF_SYNC)


@main.command("list")
@_descriptions
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write to, instead of the screen.")
@_explained
def list_services(descriptions: str, output: Path | None) -> None:
    """Show the services with their attributes and relations."""
    from service_generator.listing import listing

    text = listing(_read(descriptions), color=output is None and sys.stdout.isatty())
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)


@main.command()
@_descriptions
@click.argument("service", required=False)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for one .md file per service, and one .svg file where graphviz is installed, instead of the screen.",
)
@_explained
def diagram(descriptions: str, service: str | None, output: Path | None) -> None:
    """Draw the entities and the lifecycle of SERVICE, or of all services, as mermaid text."""
    from service_generator.diagram import dot, mermaid, svg
    from service_generator.installed import close_match
    from service_generator.lifecycles import lifecycle_graph

    services = {found.entity.name: found for namespace in _read(descriptions).namespaces for found in namespace.services}
    if service is not None and service not in services:
        raise click.BadParameter(f"there is no service {service}. {close_match(service, services)}")
    graphs: dict[str, LifecycleGraph] = {}
    for name in [service] if service is not None else services:
        lifecycle = services[name].lifecycle
        if lifecycle not in graphs:
            graphs[lifecycle] = lifecycle_graph(lifecycle)
        text = mermaid(services[name], graphs[lifecycle])
        if output is None:
            click.echo(text)
            continue
        _write(output / f"{name}.md", text)
        drawing = svg(dot(services[name], graphs[lifecycle]))
        if drawing is None:
            click.echo("There is no SVG: graphviz is not installed.", err=True)
        else:
            _write(output / f"{name}.svg", drawing)


def _read(descriptions: str) -> Module:
    from service_generator.read.descriptions import read_module

    return read_module(descriptions)


def _plan(descriptions: str, output: Path | None) -> Plan:
    from service_generator.emit.module import MARKER, emit
    from service_generator.writer import plan

    module = _read(descriptions)
    return plan(output or module.root / "model", emit(module), MARKER)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(str(error)) from error
    click.echo(f"wrote {path}", err=True)
