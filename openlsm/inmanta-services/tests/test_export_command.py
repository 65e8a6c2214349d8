"""The export of the catalog: what a project offers, and why one offers nothing."""

import pytest
from inmanta_embedded import project

from .conftest import Run
from .helpers.world import World

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("compiling")]

THING = """
import lsm
import lsm::fsm

entity Thing extends lsm::ServiceEntity:
    \"""A thing.\"""
    string name
    lsm::attribute_modifier name__modifier = "rw"
end
index Thing(name)

implement Thing using parents

binding = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Thing",
    lifecycle=lsm::fsm::simple,
    service_entity_name="Thing",
    service_identity="name",
)

for assignment in lsm::all(binding):
    Thing(
        instance_id=assignment["id"],
        entity_binding=binding,
        **assignment["attributes"],
    )
end
"""


def test_the_catalog_gets_what_the_project_offers(run: Run, world: World) -> None:
    project.write(world.project, THING, {})

    exported = run("export", "--no-update")

    assert exported.exit_code == 0, exported.output
    assert "Thing" in exported.output
    assert "lsm::simple" in run("catalog", "Thing").output


def test_a_project_that_does_not_compile_is_explained(run: Run, world: World) -> None:
    project.write(world.project, "this is = no model\n", {})

    refused = run("export", "--no-update")

    assert refused.exit_code == 1
    assert "A compile failed:" in refused.output
    assert "Syntax error" in refused.output
    assert "Thing" not in run("catalog").output
