"""
Full test of what a new user has: both services, and a configuration file without a single key. See ``test_basic_service.py``
for what full tests are good for.
"""

import collections.abc

import pytest
import pytest_inmanta.plugin
from pytest_inmanta_lsm import remote_orchestrator as remote_orchestrator_module
from pytest_inmanta_lsm import remote_service_instance

from tests import configuration_file, orders

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]

DEFAULT_FOLDERS = "/tmp/orders /tmp/items"


@pytest.fixture
def default_folders(remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator) -> collections.abc.Iterator[None]:
    """The folders of the configuration that are used by default, for this test alone: it keeps off those of somebody else."""

    def shell(command: str) -> str:
        return remote_orchestrator.run_command([command], shell=True)

    # To make a folder is to own it: of several tests that try, one succeeds.
    made = shell(f"for folder in {DEFAULT_FOLDERS}; do mkdir $folder 2> /dev/null && echo $folder; done; true").split()
    try:
        if made != DEFAULT_FOLDERS.split():
            pytest.skip(f"{DEFAULT_FOLDERS}: at least one of them is in use on the orchestrator.")
        yield
    finally:
        if made:
            shell(f"rm --recursive --force {' '.join(made)}")


@pytest.mark.usefixtures("default_folders")
def test_an_empty_configuration_file_is_enough_for_both_services(
    project: pytest_inmanta.plugin.Project,
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator,
    configure: configuration_file.Configure,
    model: str,
) -> None:
    configure("")
    project.compile(model, no_dedent=False)
    remote_orchestrator.export_service_entities()
    basic = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "BasicService")
    order = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "ImportantCustomerService")

    basic_up = basic.create({"name": "first"}, wait_for_state="up")
    order_up = order.create(orders.order("A1", "nut", "bolt"), wait_for_state="up")

    assert basic_up.active_attributes is not None
    assert order_up.active_attributes is not None
    assert (basic_up.active_attributes["unique_id"], order_up.active_attributes["service_id"]) == (0, 0)
    assert sorted(item["service_item_id"] for item in order_up.active_attributes["items"]) == [0, 1]
    files = remote_orchestrator.run_command([f"find {DEFAULT_FOLDERS} ! -type d"], shell=True)
    assert sorted(files.split()) == [
        "/tmp/items/item-0.json",
        "/tmp/items/item-1.json",
        "/tmp/orders/order-0/A1.json",
        "/tmp/orders/order-0/items/bolt.json",
        "/tmp/orders/order-0/items/nut.json",
    ]

    for instance in (order, basic):
        # Both, or the folders that are removed in the end are still deployed.
        instance.delete(wait_for_state="terminated")
    assert remote_orchestrator.run_command([f"find {DEFAULT_FOLDERS} -mindepth 1"], shell=True).strip() == ""
