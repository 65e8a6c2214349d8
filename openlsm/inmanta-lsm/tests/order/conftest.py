"""Fixtures of the tests of orders."""

import pytest_asyncio

from ..helpers.ordering import PARENT, Ordering
from ..helpers.service_lab import ServiceLab
from ..helpers.simple_lifecycle import service


@pytest_asyncio.fixture(loop_scope="session")
async def ordering(lab: ServiceLab) -> Ordering:
    """Orders of the environment of the test."""
    await lab.call("lsm_service_catalog_delete_entity", service_entity="vlan")
    lab.entity = service(
        inter_service_relations=[PARENT], strict_modifier_enforcement=True, service_identity_display_name="Name"
    )
    await lab.call("lsm_service_catalog_create_entity", service_entity_definition=lab.entity)
    return Ordering(lab)
