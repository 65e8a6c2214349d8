"""The call that deploys the resources of one service instance again."""

import uuid

from inmanta.data import Environment
from inmanta.protocol import handle
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.exceptions import BadRequest
from inmanta.server.services.orchestrationservice import OrchestrationService
from inmanta.types import ResourceIdStr

from inmanta_lsm import methods
from inmanta_lsm.deployment.scheduler import TAKES_RESOURCES
from inmanta_lsm.inventory.lookup import instance_by_id


class RepairCalls:
    """Answers the calls that repair, for the slice of the inventory to inherit from."""

    orchestration: OrchestrationService

    @handle(methods.lsm_services_repair, env="tid")
    async def repair_instance(
        self, env: Environment, service_entity: str, service_id: uuid.UUID
    ) -> ReturnValue[list[ResourceIdStr]]:
        """Deploy the resources of an instance."""
        record = await instance_by_id(env, service_id, service_entity)
        if record.deleted:
            raise BadRequest(f"Service instance {service_id} is deleted: it has no resources to repair")
        if not TAKES_RESOURCES:
            raise BadRequest(
                "A single service instance can be repaired with inmanta-core 20 and later; with this release, repair the agents"
                " that its resources are on (POST /api/v1/deploy)"
            )
        # The filter is the one that the contribution to GraphQL adds.
        return await self.orchestration.deploy_filtered(env, {"serviceInstance": str(service_id)})
