"""The allocation of the shelves that backups are kept on."""

from typing import Any

from inmanta_plugins.lsm.allocation import AllocationContext, AllocationSpec, ExternalAllocator


class Shelf(ExternalAllocator):
    """A shelf that follows from the machine."""

    def get_attributes(self) -> list[str]:
        """What it finds."""
        return ["shelf"]

    def allocate_for(self, ctx: AllocationContext, instance: dict[str, Any]) -> dict[str, Any]:
        """The shelf of an instance."""
        return {"shelf": f"shelf-of-{ctx.service_entity_name}"}


AllocationSpec("showroom_backup", Shelf())
