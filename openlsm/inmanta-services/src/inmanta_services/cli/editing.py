"""The update of an instance in an editor."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from inmanta_lsm.model import PatchCallEdit, ServiceEntity, ServiceInstance

from inmanta_services import lookup
from inmanta_services.attributes.completion import completed, ordered, read_only, without_read_only
from inmanta_services.attributes.differences import differences
from inmanta_services.attributes.members import base_of, members
from inmanta_services.cli.output import Output
from inmanta_services.client import Client
from inmanta_services.errors import ServicesError
from inmanta_services.naming import name_of
from inmanta_services.yaml_documents import dump, read_text


async def edits(client: Client, output: Output, instance: ServiceInstance, entity: ServiceEntity) -> list[PatchCallEdit]:
    """
    Have somebody edit the attributes of an instance.

    :param client: of the environment.
    :param output: where to say what is wrong.
    :param instance: the instance.
    :param entity: its service.
    :return: the edits that make them what was written, none when nothing changed.
    :raises ServicesError: when what was written cannot be, and its author gives up; says where it is kept.
    """
    writable = ordered(entity, without_read_only(entity, base_of(instance)))
    plain = await lookup.with_names(client, entity, writable)
    text = f"# The attributes of {name_of(instance)}. Save them to update the instance.\n{dump(plain)}"
    while True:
        written = click.edit(text, extension=".yml")
        if written is None:
            return []
        try:
            return await _edits(client, instance, entity, read_text(written, "What was written"))
        except ServicesError as error:
            output.say(str(error))
            if not sys.stdin.isatty() or not click.confirm("Edit it again?", default=True):
                raise ServicesError(f"{error}\nNothing is changed; what was written is in {_keep(written)}.") from error
            text = written


async def _edits(client: Client, instance: ServiceInstance, entity: ServiceEntity, written: Any) -> list[PatchCallEdit]:
    """
    The edits that make attributes what was written.

    :param written: the new attributes.
    """
    if not isinstance(written, dict):
        raise ServicesError("What was written has no attributes by name.")
    base = base_of(instance)
    attributes = await lookup.with_ids(client, entity, written)
    for path in read_only(entity, attributes, base):
        raise ServicesError(f"{path} is read-only, only the orchestrator writes it.")
    found = differences(entity, base, completed(entity, attributes, base))
    forbidden = [difference.forbidden for difference in found if difference.forbidden is not None]
    if forbidden:
        raise ServicesError("\n".join(f"{reason}." for reason in forbidden))
    unknown = set(attributes) - {member.name for member in members(entity)}
    if unknown:
        raise ServicesError(f"{entity.name} has no attribute {', '.join(sorted(unknown))}.")
    return [difference.edit for difference in found]


def _keep(text: str) -> Path:
    """
    Save what somebody wrote.

    :param text: what was written.
    :return: the file.
    """
    with tempfile.NamedTemporaryFile("w", prefix="inmanta-services-", suffix=".yml", delete=False, encoding="utf-8") as file:
        file.write(text)
        return Path(file.name)
