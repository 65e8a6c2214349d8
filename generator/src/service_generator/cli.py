"""The commands, from ``init`` to ``import``."""

from __future__ import annotations

import atexit
import gc
import json
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service_generator.const import DESCRIPTIONS
from service_generator.errors import DescriptionError, WriteError

if TYPE_CHECKING:
    from service_generator.lifecycles import LifecycleGraph
    from service_generator.model.services import Module, Service
    from service_generator.writer import Plan

WIDTH = 160
"""How many characters fit on a line where there is no screen."""

OUT_OF_SYNC, BAD_DESCRIPTION, NOT_WRITTEN, BUG, INTERRUPTED = 1, 2, 3, 4, 130


class _OutputFolder(click.Path):
    """A folder to write to; an empty name would be the folder that one happens to be in."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if value == "":
            self.fail("the name of the folder is empty. Name one, or leave --output out.", param, ctx)
        return Path(super().convert(value, param, ctx))  # type: ignore[arg-type]  # a string or path


_model_folder = click.option(
    "--output",
    type=_OutputFolder(file_okay=False, path_type=Path),
    help="Folder for the files of the model alone; by default they go into the folders of the module.",
)
_descriptions = click.option(
    "--descriptions", default=DESCRIPTIONS, show_default=True, help="Python package with the descriptions."
)
_json = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")


def explained[**P](command: Callable[P, None]) -> Callable[P, None]:
    """Turns whatever ends a command into a message and an exit code."""

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
        except KeyboardInterrupt:
            click.echo("Interrupted: nothing was changed.", err=True)
            sys.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:
            _report_bug(error)
            sys.exit(BUG)

    return explained


def _report_bug(error: Exception) -> None:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    click.echo(
        f"This is a mistake in the generator, not in the description: {type(error).__name__}: {error} ({place}). "
        "Nothing was changed. Report it together with the description; --traceback shows more.",
        err=True,
    )
    context = click.get_current_context(silent=True)
    if context is not None and context.find_root().params.get("traceback"):
        traceback.print_exception(error)


@click.group()
@click.option("--traceback", is_flag=True, help="Show where in the generator a mistake of the generator itself is.")
def main(traceback: bool) -> None:
    """
    The model of a module, generated from the descriptions of its services.

    Exit codes: 0 everything is fine, 1 the files are out of sync, 2 a description or an argument is wrong, 3 files cannot be
    read or written, 4 a mistake in the generator, 130 interrupted.
    """
    logging.basicConfig(level=logging.ERROR)
    # Of what a command makes, little is left in circles: to look for them takes a sixth of its time.
    click.get_current_context().call_on_close(partial(gc.set_threshold, *gc.get_threshold()))
    gc.set_threshold(1_000_000, 20, 100)
    atexit.register(gc.freeze)
    # The descriptions are in the folder that the command is run in, wherever the command itself is installed.
    with suppress(FileNotFoundError):
        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))


@main.command()
@_descriptions
@_model_folder
@click.option("--watch", is_flag=True, help="Go on, and write again whenever a description changes, until interrupted.")
@explained
def generate(descriptions: str, output: Path | None, watch: bool) -> None:
    """Write the generated files; those that are right already are not touched."""
    from service_generator.writer import apply

    if watch:
        _watch(descriptions, output)
        return
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
@click.option("--compile", "compiles", is_flag=True, help="Compile what is generated as well, without any instance.")
@explained
def check(descriptions: str, output: Path | None, compiles: bool) -> None:
    """Compare the generated files with the descriptions; differences are shown, and the exit code is 1."""
    changes = _plan(descriptions, output)
    if changes.in_sync:
        click.echo("The generated files and the descriptions are in sync.")
        if compiles:
            _compile(descriptions)
            click.echo("The model compiles.")
        return
    click.echo(changes.diff(), nl=False)
    click.echo(
        "The generated files and the descriptions differ. Run `inv generate` or `python -m generator generate`.", err=True
    )
    sys.exit(OUT_OF_SYNC)


@main.command("list")
@_descriptions
@_json
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write to, instead of the screen.")
@explained
def list_services(descriptions: str, as_json: bool, output: Path | None) -> None:
    """Show the services with their attributes and relations, as wide as the screen is."""
    from service_generator.listing import as_data, listing

    module = _read(descriptions)
    if as_json:
        text = _json_text(as_data(module))
    elif output is None:
        text = listing(module, color=_has_color(), width=shutil.get_terminal_size((WIDTH, 0)).columns)
    else:
        text = listing(module, color=False, width=WIDTH)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)


@main.command()
@_descriptions
@_json
@click.argument("service", required=False)
@click.option(
    "--output",
    type=_OutputFolder(file_okay=False, path_type=Path),
    help="Folder for one .md and one .svg file per service (with --json, one .json file), instead of the screen.",
)
@explained
def diagram(descriptions: str, as_json: bool, service: str | None, output: Path | None) -> None:
    """Draw the entities and the lifecycle of SERVICE, or of all services, as mermaid text."""
    from service_generator.diagram import as_data, dot, mermaid, svg

    drawn = _drawn(_read(descriptions), service)
    if output is None:
        if as_json:
            click.echo(_json_text([as_data(found, graph) for found, graph in drawn]), nl=False)
        else:
            for found, graph in drawn:
                click.echo(mermaid(found, graph))
        return
    for found, graph in drawn:
        name = found.entity.name
        if as_json:
            _write(output / f"{name}.json", _json_text(as_data(found, graph)))
        else:
            _write(output / f"{name}.md", mermaid(found, graph))
            _write(output / f"{name}.svg", svg(dot(found, graph)))


def _drawn(module: Module, service: str | None) -> list[tuple[Service, LifecycleGraph]]:
    """The service of that name, or all of them, each with its lifecycle."""
    from service_generator.installed import close_match
    from service_generator.lifecycles import lifecycle_graph, read_machine

    services = {found.entity.name: found for namespace in module.namespaces for found in namespace.services}
    own = {lifecycle.variable: lifecycle.machine for namespace in module.namespaces for lifecycle in namespace.lifecycles}
    if service is not None and service not in services:
        raise click.BadParameter(f"there is no service {service}. {close_match(service, services)}")
    chosen = list(services.values()) if service is None else [services[service]]
    graphs = {
        lifecycle: lifecycle_graph(own.get(lifecycle) or read_machine(lifecycle))
        for lifecycle in dict.fromkeys(found.lifecycle for found in chosen)
    }
    return [(found, graphs[found.lifecycle]) for found in chosen]


@main.command("import")
@click.argument("namespace")
@click.option(
    "--output",
    type=_OutputFolder(file_okay=False, path_type=Path),
    default=Path(*DESCRIPTIONS.split(".")),
    show_default=True,
    help="Folder of the descriptions.",
)
@explained
def import_(namespace: str, output: Path) -> None:
    """Write the description of the services that are written by hand in NAMESPACE, like my_module::vpn."""
    from service_generator.importing.written import import_services

    written = import_services(namespace, output)
    for path in written.paths:
        click.echo(f"wrote {path}")
    for note in written.notes:
        click.echo(note, err=True)


@main.command()
@click.argument("name")
@click.option("--folder", type=_OutputFolder(path_type=Path), help="An empty folder, or one to make; by default NAME.")
@click.option(
    "--licence",
    "--license",
    type=click.Choice(["Apache-2.0", "MIT", "Proprietary"], case_sensitive=False),
    default="Apache-2.0",
    show_default=True,
    help="The licence of the project.",
)
@explained
def init(name: str, folder: Path | None, licence: str) -> None:
    """Make a project for the module NAME: a described service, its model, tests of every kind, tasks."""
    from service_generator.scaffold.files import Licence, project
    from service_generator.scaffold.making import make_project
    from service_generator.scaffold.names import BadNameError, module_name

    try:
        module = module_name(name)
    except BadNameError as error:
        raise click.BadParameter(str(error)) from error
    made = Path(module) if folder is None else folder
    make_project(made, project(module, Licence(licence)))
    click.echo(f"Made the module {module} in {made}. Its README.md says how to go on.")


@main.command()
@click.argument("service")
@explained
def new(service: str) -> None:
    """Add the description of SERVICE to the project in this folder, with a mocked test, and generate."""
    from service_generator.scaffold.files import service as service_files
    from service_generator.scaffold.making import add
    from service_generator.scaffold.names import BadNameError, service_name

    try:
        name = service_name(service)
    except BadNameError as error:
        raise click.BadParameter(str(error)) from error
    module = _read(DESCRIPTIONS)
    if name.entity in {found.entity.name for namespace in module.namespaces for found in namespace.services}:
        raise click.BadParameter(f"the module {module.name} has a service {name.entity} already: choose another name.")
    texts = service_files(module.name, name)
    add(module.root, texts)
    for path in texts:
        click.echo(f"wrote {module.root / path}")


def _watch(descriptions: str, output: Path | None) -> None:
    from service_generator.regenerating import regenerate

    options = () if output is None else ("--output", str(output))
    try:
        regenerate(descriptions, *options, report=lambda text, is_error: click.echo(text, nl=False, err=is_error))
    except KeyboardInterrupt:
        click.echo("Stopped watching.", err=True)
        sys.exit(INTERRUPTED)


def _read(descriptions: str) -> Module:
    from service_generator.read.descriptions import read_module

    return read_module(descriptions)


def _compile(descriptions: str) -> None:
    from service_generator.compiling import compile_module
    from service_generator.emit.module import emit
    from service_generator.read.descriptions import locate

    module = _read(descriptions)
    try:
        compile_module(module, emit(module))
    except DescriptionError as error:
        raise locate(error, descriptions) from error


def _plan(descriptions: str, output: Path | None) -> Plan:
    from service_generator.read.descriptions import locate

    try:
        return _planned(descriptions, output)
    except DescriptionError as error:
        raise error if error.place else locate(error, descriptions) from error


def _planned(descriptions: str, output: Path | None) -> Plan:
    from service_generator.emit.module import emit, emit_model
    from service_generator.ownership import Owner
    from service_generator.writer import plan_module, plan_output

    module = _read(descriptions)
    owner = Owner(module.name, module.source)
    if output is None or output.resolve() == (module.root / "model").resolve():
        return plan_module(module.root, emit(module), owner)
    return plan_output(output, emit_model(module), owner)


def _has_color() -> bool:
    # See https://no-color.org: any value but an empty one.
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _json_text(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"{error}. Name another place, or make this one writable.") from error
    click.echo(f"wrote {path}", err=True)
