"""Commands about what happened to an instance, and why."""

from collections.abc import Iterator, Sequence
from typing import Any

import click
from inmanta.data.model import CompileDetails, CompileReport
from inmanta_lsm.model import Resource, ServiceEntity, ServiceInstance, ServiceInstanceEvent, ServiceInstanceLog
from rich.console import RenderableType
from rich.text import Text

from inmanta_services import lookup
from inmanta_services.attributes.differences import Difference, differences
from inmanta_services.attributes.display import clean
from inmanta_services.cli import drawing
from inmanta_services.cli.application import DIFFERENT, speaks
from inmanta_services.cli.instances import INSTANCE
from inmanta_services.cli.main import main
from inmanta_services.cli.output import Output, facts, moment, state, table, title
from inmanta_services.client import Client
from inmanta_services.client.paging import MAXIMUM_LIMIT
from inmanta_services.errors import ConflictError, ServicesError
from inmanta_services.explanation import explain_compiles, explain_diagnosis
from inmanta_services.naming import name_of

SETS = ("candidate", "active", "rollback")
_ATTEMPTS = 5


@main.command()
@INSTANCE
@click.option("--type", "types", multiple=True, help="Only those of this type; repeat it for more.")
@click.option("--version", "versions", multiple=True, help="Only those of this version of the instance; repeat it for more.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many of the latest.")
@speaks
async def events(
    client: Client, output: Output, instance: str, types: Sequence[str], versions: Sequence[str], limit: int
) -> None:
    """List what happened to an instance, in the order in which it did."""
    found = await lookup.find(client, instance)
    filters = {name: values for name, values in (("event_type", types), ("version", versions)) if values}
    if limit <= MAXIMUM_LIMIT:
        latest = (await client.history.events(found, filters=filters, limit=limit)).items
    else:
        latest = [event async for event in client.history.all_events(found, filters=filters)][:limit]
    in_order = latest[::-1]
    output.tell(in_order, lambda: _events(in_order))


@main.command()
@INSTANCE
@click.option("--since", type=click.IntRange(min=1), default=1, show_default=True, help="The first version to show.")
@speaks
async def log(client: Client, output: Output, instance: str, since: int) -> None:
    """List the versions that an instance had, with the state that each is in and what led there."""
    found = await lookup.find(client, instance)
    entity = await lookup.entity_of(client, found)
    versions = await client.history.log(found, since=since)
    output.tell(versions, lambda: _log(versions, entity))


@main.command()
@INSTANCE
@click.option("--from", "before", metavar="SET|VERSION[:SET]", help="The attributes before; the active ones if left out.")
@click.option("--to", "after", metavar="SET|VERSION[:SET]", help="The attributes after; the candidate ones if left out.")
@click.option("--exit-code", is_flag=True, help=f"End with {DIFFERENT} when they differ.")
@speaks
async def diff(
    client: Client, output: Output, instance: str, before: str | None, after: str | None, exit_code: bool
) -> int | None:
    """
    Show how attributes of an instance differ: two of its sets (candidate, active, rollback), or those of two versions.

    For example: --from rollback --to active, or --from 3 --to 7:candidate.
    """
    found = await lookup.find(client, instance)
    entity = await lookup.entity_of(client, found)
    old = await _attributes(client, found, before or "active")
    new = await _attributes(client, found, after or "candidate")
    different = differences(_writable(entity), old, new)
    output.tell(
        [drawing.as_data(difference) for difference in different],
        lambda: _differences(different),
    )
    return DIFFERENT if different and exit_code else None


@main.command()
@INSTANCE
@click.option("--lookbehind", type=click.IntRange(min=0), default=1, show_default=True, help="Versions to look back.")
@click.option("--version", type=int, help="The version to look back from; the current one if left out.")
@speaks
async def diagnose(client: Client, output: Output, instance: str, lookbehind: int, version: int | None) -> None:
    """Say why an instance was rejected, or why its deployment failed."""
    found = await lookup.find(client, instance)
    diagnosis = await client.history.diagnose(found, lookbehind=lookbehind, version=version)
    output.tell(diagnosis, lambda: explain_diagnosis(diagnosis))


@main.command()
@INSTANCE
@speaks
async def resources(client: Client, output: Output, instance: str) -> None:
    """List the resources of an instance, and how each is."""
    for attempt in range(1, _ATTEMPTS + 1):
        found = await lookup.find(client, instance)
        try:
            listed = await client.history.resources(found)
            break
        except ConflictError:
            # It moved on between the two questions.
            if attempt == _ATTEMPTS:
                raise
    output.tell(listed, lambda: _resources(listed))


@main.command(name="compile")
@click.argument("report", required=False, type=click.UUID)
@click.option("--limit", type=click.IntRange(1, MAXIMUM_LIMIT), default=10, show_default=True, help="How many of the latest.")
@speaks
async def compile_(client: Client, output: Output, report: Any, limit: int) -> None:
    """List the latest compiles, or show one with its errors."""
    if report is None:
        latest = (await client.compiles.page(limit=limit)).items
        output.tell(latest, lambda: _compiles(latest))
    else:
        details = await client.compiles.get(report)
        output.tell(details, lambda: _compile(details))


async def _attributes(client: Client, instance: ServiceInstance, text: str) -> dict[str, Any]:
    """
    The attributes that somebody names.

    :param client: of the environment.
    :param instance: the instance.
    :param text: a set, a version, or both.
    :raises ServicesError: when there is no such set or version.
    """
    version, _, name = text.partition(":")
    if version in SETS and not name:
        return getattr(instance, f"{version}_attributes") or {}
    if not version.isdecimal() or name not in (*SETS, ""):
        raise ServicesError(
            f"{text!r} names no attributes: write {', '.join(SETS)}, a version, or a version and a set, 3:active."
        )
    entries = [entry for entry in await client.history.log(instance, since=int(version)) if entry.version == int(version)]
    if not entries:
        raise ServicesError(f"{name_of(instance)} has no version {version}: it is at version {instance.version}.")
    entry = entries[0]
    if name:
        return getattr(entry, f"{name}_attributes") or {}
    return entry.candidate_attributes or entry.active_attributes or {}


def _writable(entity: ServiceEntity) -> ServiceEntity:
    """
    The same service with everything writable: a comparison shows what the orchestrator wrote, too.

    :param entity: the service.
    """
    return entity.model_validate(_all_writable(entity.model_dump(by_alias=True)))


def _all_writable(definition: Any) -> Any:
    match definition:
        case dict():
            return {key: "rw+" if key == "modifier" else _all_writable(value) for key, value in definition.items()}
        case list():
            return [_all_writable(value) for value in definition]
        case _:
            return definition


def _differences(different: Sequence[Difference]) -> Iterator[RenderableType]:
    if not different:
        yield "They are the same."
    for difference in different:
        yield from drawing.difference(difference, "")


def _events(listed: Sequence[ServiceInstanceEvent]) -> RenderableType:
    rows = [
        (
            moment(event.timestamp),
            str(event.service_instance_version),
            event.event_type,
            _transfer(event),
            Text(clean(event.message), style="red" if event.is_error_transition or event.severity >= 40 else ""),
        )
        for event in listed
    ]
    return table(("time", "version", "type", "transfer", "message"), rows, empty="There is no such event.")


def _transfer(event: ServiceInstanceEvent) -> str:
    if event.source is None or event.destination is None:
        return event.destination or ""
    return f"{event.source} → {event.destination}{' (ignored)' if event.ignored_transition else ''}"


def _log(versions: Sequence[ServiceInstanceLog], entity: ServiceEntity) -> RenderableType:
    labels = {known.name: known.label for known in entity.lifecycle.states}
    rows = [
        (
            str(entry.version),
            moment(entry.timestamp),
            state(entry.state, labels.get(entry.state)),
            ", ".join(name for name in SETS if getattr(entry, f"{name}_attributes")),
            entry.events[0].message if entry.events else "",
        )
        for entry in versions
    ]
    return table(("version", "since", "state", "attributes", "because"), rows)


def _resources(listed: Sequence[Resource]) -> RenderableType:
    rows = [
        (str(getattr(resource.resource_state, "value", resource.resource_state)), resource.resource_id) for resource in listed
    ]
    return table(("state", "resource"), rows, empty="It has no resources.")


def _compiles(listed: Sequence[CompileReport]) -> RenderableType:
    rows = [
        (
            moment(report.requested),
            _outcome(report),
            ""
            if report.started is None or report.completed is None
            else f"{(report.completed - report.started).total_seconds():.1f} s",
            str((report.metadata or {}).get("message", "")),
            str(report.id),
        )
        for report in listed
    ]
    return table(("requested", "outcome", "took", "because", "id"), rows, empty="Nothing was compiled yet.")


def _outcome(report: CompileReport) -> Text:
    if report.completed is None:
        return Text("waits" if report.started is None else "runs", style="blue")
    return Text("succeeded", style="green") if report.success else Text("failed", style="red")


def _compile(details: CompileDetails) -> Iterator[RenderableType]:
    yield facts(
        [
            ("compile", str(details.id)),
            ("requested", moment(details.requested)),
            ("outcome", _outcome(details)),
            ("because", str((details.metadata or {}).get("message", ""))),
        ]
    )
    stages = sorted(details.reports or [], key=lambda stage: stage.started)
    if stages:
        yield title("Stages")
        rows = [
            (
                stage.name,
                "" if stage.completed is None else f"{(stage.completed - stage.started).total_seconds():.1f} s",
                "runs" if stage.returncode is None else "succeeded" if stage.returncode == 0 else "failed",
            )
            for stage in stages
        ]
        yield table(("stage", "took", "outcome"), rows)
    if details.success is False:
        yield title("Errors")
        yield clean(explain_compiles([details]))
