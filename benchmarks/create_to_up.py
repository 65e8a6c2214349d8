"""
Creation: how long an instance takes from its creation until it is up, compared with the compiles and deployments that this
consists of, and how that grows with the number of instances in the inventory.

The instances that are there before are written to the database, since to create hundreds takes the compiler tens of minutes.
They are exported and deployed as all others.
"""

import asyncio
import dataclasses
import pathlib
import tempfile
import uuid

import asyncpg
import inmanta_embedded
from inmanta import const
from inmanta.data.model import CompileReport
from inmanta_lsm import model
from inmanta_services import Address, Client, Connection, embedded
from inmanta_services.catalog_export import export_catalog
from inmanta_services.polling import POLL_INTERVAL

from benchmarks import ratio
from demo import project

SERVICE = "BasicService"
INVENTORIES = (10, 100, 500)
ROUNDS = 3
LOST = ("failed", "rejected")
"""The states that no instance of a benchmark gets to."""

LARGEST_INVENTORY = 10_000
"""For how many instances there are numbers: more than any benchmark has."""

_FILL = """
INSERT INTO public.lsm_serviceinstance (
    environment, id, service_entity, service_entity_version, version, desired_state_version, state, active_attributes,
    created_at, last_updated, service_identity_attribute_value, transfer_context
)
    SELECT $1, gen_random_uuid(), 'BasicService', 0, 4, 3, 'up',
        jsonb_build_object('name', 'present-' || number, 'description', NULL, 'unique_id', number),
        now(), now(), 'present-' || number, 'stable'
    FROM generate_series($2::int, $3::int - 1) AS number
"""

_COMPILES_LEFT = "SELECT EXISTS (SELECT FROM public.compile WHERE environment = $1 AND completed IS NULL)"
_IN_STATES = "SELECT count(*) FROM public.lsm_serviceinstance WHERE environment = $1 AND state = any($2)"

_DEPLOYED = f"""
SELECT count(*) FROM public.resource_persistent_state AS rps JOIN public.scheduler USING (environment)
WHERE environment = $1 AND resource_type = 'lsm::LifecycleTransfer' AND {const.SQL_RESOURCE_STATUS_SELECTOR} = 'deployed'
"""

# The last one is still under way when its report has brought the instance up.
_DEPLOYMENT_SECONDS = """
SELECT coalesce(sum(extract(epoch FROM least(action.finished, $3) - action.started)), 0)::float8
FROM public.resourceaction AS action
WHERE action.environment = $1 AND action.action = 'deploy' AND action.started BETWEEN $2 AND $3
"""


@dataclasses.dataclass(frozen=True)
class Creation:
    """
    What the creation of an instance took.

    :param total: from the creation until the instance was up, in seconds
    :param compiles: the compiles on the way, in seconds
    :param deployments: the deployments on the way, in seconds
    """

    total: float
    compiles: float
    deployments: float

    @property
    def parts(self) -> float:
        """What it consists of, in seconds."""
        return self.compiles + self.deployments


class Bench:
    """
    An environment in which instances are created.

    :param orchestrator: the orchestrator, which runs
    :param connection: to its database
    """

    def __init__(self, orchestrator: inmanta_embedded.Orchestrator, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.environment = uuid.uuid4()
        address = Address(orchestrator.host, orchestrator.port)
        self.client = Client(Connection(address, self.environment, embedded.token(orchestrator)))
        self.orchestrator = orchestrator
        self.connection = connection
        self.present = 0

    async def prepare(self) -> None:
        """Make the environment, with partial compile on and the services in its catalog."""
        await self.client.environments.create(f"benchmark {self.environment}", self.environment)
        await self.client.environments.set_setting(self.environment, "lsm_partial_compile", True)
        deployed = self.orchestrator.layout.folder / "deployed"
        project.write(self.orchestrator, self.environment, deployed, basic_services=LARGEST_INVENTORY)
        await export_catalog(self.client, update=False)

    async def fill(self, instances: int) -> None:
        """
        Have a number of instances in the inventory, all of them deployed.

        :param instances: the number
        """
        await self.connection.execute(_FILL, self.environment, self.present, instances)
        self.present = instances
        await self.client.compiles.request()
        while await self.connection.fetchval(_DEPLOYED, self.environment) < instances:
            await asyncio.sleep(POLL_INTERVAL)

    async def create(self) -> Creation:
        """
        Create an instance, wait until it is up, and remove it again.

        :return: what it took
        """
        instance = await self.client.inventory.create(SERVICE, {"name": f"new-{uuid.uuid4().hex}"})
        log = await self._reach(instance, "up")
        start, end = log[0].timestamp, log[-1].timestamp
        compiles = sum(
            (report.completed - report.started).total_seconds()
            for report in await self._compiles()
            if report.requested is not None and report.started is not None and report.completed is not None
            if start <= report.requested < end
        )
        deployments = await self.connection.fetchval(_DEPLOYMENT_SECONDS, self.environment, start, end)
        await self.client.inventory.delete(await self.client.inventory.get(SERVICE, instance.id))
        await self._reach(instance, "terminated")
        return Creation((end - start).total_seconds(), compiles, deployments)

    async def count(self, *states: str) -> int:
        """
        Count instances.

        :param states: of the instances that count
        """
        count: int = await self.connection.fetchval(_IN_STATES, self.environment, states)
        return count

    async def rest(self) -> None:
        """Wait until nothing is left to compile, so that it does not take part in what is measured next."""
        while await self.connection.fetchval(_COMPILES_LEFT, self.environment):
            await asyncio.sleep(POLL_INTERVAL)

    async def check(self) -> None:
        """:raises RuntimeError: an instance is in a state that none should get to: waiting for it would have no end"""
        if lost := await self.count(*LOST):
            raise RuntimeError(f"{lost} instances are {' or '.join(LOST)}")

    async def _reach(self, instance: model.ServiceInstance, state: str) -> list[model.ServiceInstanceLog]:
        """
        Wait until an instance is in a state, and nothing is left to compile.

        :param instance: the instance
        :param state: the state
        :return: its log up to the version in which it got there
        """
        while True:
            log = await self.client.history.log(instance)
            await self.check()
            if log[-1].state == state and all(report.completed for report in await self._compiles()):
                return log
            await asyncio.sleep(POLL_INTERVAL)

    async def _compiles(self) -> list[CompileReport]:
        return (await self.client.compiles.page(limit=20)).items


async def creations(orchestrator: inmanta_embedded.Orchestrator) -> dict[int, Creation]:
    """
    Create instances next to few and to many others.

    :param orchestrator: the orchestrator, which runs
    :return: the fastest creation, by the number of others
    """
    connection = await asyncpg.connect(orchestrator.database.dsn)
    try:
        bench = Bench(orchestrator, connection)
        await bench.prepare()
        best = {}
        for instances in INVENTORIES:
            await bench.fill(instances)
            best[instances] = min([await bench.create() for _ in range(ROUNDS)], key=lambda creation: creation.total)
        return best
    finally:
        await connection.close()


def measure() -> list[ratio.Ratio]:
    """:return: creation compared with what it consists of, and next to many instances compared with few"""
    with (
        tempfile.TemporaryDirectory() as folder,
        inmanta_embedded.Orchestrator(pathlib.Path(folder) / "orchestrator") as orchestrator,
    ):
        best = asyncio.run(creations(orchestrator))
    few, *more = INVENTORIES
    ratios = [
        ratio.Ratio(
            f"from creation to up, {few} instances",
            "the compiles and deployments on the way",
            best[few].total,
            best[few].parts,
            goal=1.15,
            remark=f"{best[few].compiles:.2g} s are compiles, {best[few].deployments:.2g} s deployments",
        )
    ]
    for many in more:
        ratios.append(
            ratio.Ratio(
                f"from creation to up, {many} instances",
                f"{few} instances",
                best[many].total,
                best[few].total,
                goal=1.3 if many == max(INVENTORIES) else None,
                remark=f"{best[many].compiles:.2g} s are compiles, {best[many].deployments:.2g} s deployments",
            )
        )
    return ratios
