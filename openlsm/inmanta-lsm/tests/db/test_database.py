"""The schema and the registration of the extension."""

import uuid
from typing import Any

import pytest
from inmanta.data import BaseDocument
from inmanta.data.model import ReportedStatus
from inmanta.protocol import Client
from inmanta_lsm.data import documents
from inmanta_lsm.environment_settings import SETTINGS

from ..helpers.shared_server import SharedServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOCUMENTS = [
    documents.ServiceEntity,
    documents.ServiceInstance,
    documents.ServiceInstanceMetadata,
    documents.ServiceInstanceLog,
    documents.ServiceInstanceEvent,
    documents.Callback,
    documents.Order,
    documents.OrderItem,
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.__name__)
async def test_every_document_has_a_field_for_each_column_of_its_table(
    server: SharedServer, document: type[BaseDocument]
) -> None:
    async with document.get_connection() as connection:
        columns = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1", document.table_name()
        )
    assert {column["column_name"] for column in columns} == set(document.get_field_names())


async def test_the_server_status_lists_the_extension_with_its_version_and_slices_that_are_ok(
    server: SharedServer, client: Client
) -> None:
    status: Any = await client.get_server_status().value()
    [extension] = [extension for extension in status.extensions if extension.name == "lsm"]
    assert extension.version
    slices = {entry.name: entry for entry in status.slices if entry.name.startswith("lsm.")}
    assert {entry.reported_status for entry in slices.values()} == {ReportedStatus.OK}
    assert "lsm.database" in slices


async def test_the_environment_settings_are_off_by_default(client: Client, environment: uuid.UUID) -> None:
    answer: Any = await client.environment_settings_list(environment).value()
    assert not any(answer.settings.get(setting.name, False) for setting in SETTINGS)
    assert {setting.name for setting in SETTINGS} <= answer.definition.keys()
