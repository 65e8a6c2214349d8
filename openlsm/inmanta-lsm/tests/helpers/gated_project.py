"""A project whose resources wait at a gate where a test has shut it, so that faults can hit a deployment."""

import fcntl
from pathlib import Path
from typing import IO

_PROJECT = "name: gated\nmodulepath: libs\npip:\n  use_system_config: true\n"
_MODULE = "name: gated\nversion: 0.1\nlicense: Apache-2.0\ncompiler_version: 2019.1\n"

_MAIN = """
import gated
import lsm
import lsm::fsm

entity Vlan extends lsm::ServiceEntity:
    string name
end
index Vlan(instance_id)
implement Vlan using parents, gate
implementation gate for Vlan:
    self.resources += gated::Gate(name=self.name, folder="{folder}", purged=self.purge_resources, send_event=true)
    self.owned_resources += self.resources
end

vlan = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Vlan", service_entity_name="vlan", lifecycle=lsm::fsm::simple
)
for instance in lsm::all(vlan):
    Vlan(instance_id=instance["id"], entity_binding=vlan, name=instance["attributes"]["name"])
end
"""

_GATE_MODEL = """
import std

entity Gate extends std::PurgeableResource:
    string name
    string folder
    string agent = "internal"
end
index Gate(name)
implement Gate using std::none
"""

_GATE_HANDLER = '''
"""Resources that wait, while they are deployed, until their gate is open: until nobody holds a lock on its file."""

import fcntl
from pathlib import Path

from inmanta.agent.handler import CRUDHandler, HandlerContext, ResourcePurged, provider
from inmanta.resources import PurgeableResource, resource


@resource("gated::Gate", agent="agent", id_attribute="name")
class Gate(PurgeableResource):
    fields = ("name", "folder", "agent")


@provider("gated::Gate", name="gate")
class GateHandler(CRUDHandler):
    def read_resource(self, ctx: HandlerContext, resource: Gate) -> None:
        if not Path(resource.folder, resource.name).exists():
            raise ResourcePurged()

    def create_resource(self, ctx: HandlerContext, resource: Gate) -> None:
        file = Path(resource.folder, resource.name)
        file.with_suffix(".waits").touch()
        with file.with_suffix(".gate").open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
        file.touch()
        ctx.set_created()

    def delete_resource(self, ctx: HandlerContext, resource: Gate) -> None:
        Path(resource.folder, resource.name).unlink()
        ctx.set_purged()
'''


class GatedProject:
    """The project, and the folder of its gates."""

    def __init__(self, project: Path, folder: Path) -> None:
        """
        :param project: where the orchestrator expects the project
        :param folder: for the files that are deployed, and the gates
        """
        self._folder = folder
        self._shut: dict[str, IO[str]] = {}
        folder.mkdir(exist_ok=True)
        module = project / "libs" / "gated"
        for inner in ("model", "plugins"):
            (module / inner).mkdir(parents=True)
        (project / "project.yml").write_text(_PROJECT)
        (project / "main.cf").write_text(_MAIN.replace("{folder}", str(folder)))
        (module / "module.yml").write_text(_MODULE)
        (module / "model" / "_init.cf").write_text(_GATE_MODEL)
        (module / "plugins" / "__init__.py").write_text(_GATE_HANDLER)

    def shut(self, name: str) -> None:
        """Have a deployment wait, until its gate is opened."""
        self._shut[name] = (self._folder / f"{name}.gate").open("a")
        fcntl.flock(self._shut[name], fcntl.LOCK_EX)

    def waits(self, name: str) -> bool:
        """Whether a deployment has come to its gate."""
        return (self._folder / f"{name}.waits").exists()

    def open(self, name: str) -> None:
        """Let a deployment through, from now on."""
        self._shut.pop(name).close()

    def is_deployed(self, name: str) -> bool:
        """Whether what is to be deployed is there."""
        return (self._folder / name).exists()
