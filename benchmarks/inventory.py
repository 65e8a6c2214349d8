"""
The service inventory: what reading costs with many instances, compared with few.

One real orchestrator holds two environments that differ in the number of instances only. Both are filled in the database, so
that nothing is compiled or deployed.
"""

import asyncio
import http.client
import json
import tempfile
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import asyncpg
import inmanta_embedded

from benchmarks import ratio

FEW, MANY = 100, 100_000
ROUNDS = 60
GOAL = 1.2
SERVICE = "service"
LIST = f"/lsm/v1/service_inventory/{SERVICE}"

READS = {
    "a page as the web console asks for it": f"{LIST}?include_deployment_progress=True&limit=20&sort=created_at.desc",
    "a page in the middle": f"{LIST}?limit=20&sort=created_at.asc&start={{middle}}",
    "a page sorted by state": f"{LIST}?limit=20&sort=state.asc",
    "a page sorted by identity": f"{LIST}?limit=20&sort=service_identity_attribute_value.desc",
    "an instance with its progress": f"{LIST}/{{instance}}?include_deployment_progress=True",
    "an instance by its identity": f"{LIST}/name=instance-50",
    "an instance with those that refer to it": f"{LIST}/{{instance}}?include_referenced_by=True",
    "the log of an instance": f"{LIST}/{{instance}}/log?limit=50",
    "the resources of an instance": f"{LIST}/{{instance}}/resources?current_version=3",
}

_DEFINITION = {
    "name": SERVICE,
    "version": 0,
    "service_identity": "name",
    "attributes": [{"name": "name", "modifier": "rw", "type": "string"}, {"name": "size", "modifier": "rw+", "type": "int"}],
    "embedded_entities": [],
    "inter_service_relations": [
        {"name": "parent", "entity_type": SERVICE, "modifier": "rw", "lower_limit": 0, "upper_limit": 1}
    ],
    "lifecycle": {
        "name": "benchmark",
        "initial_state": "up",
        "states": [{"name": state, "export_resources": True} for state in ("up", "failed", "creating")],
        "transfers": [],
    },
}

# Numbers of instances are turned into ids, so that statements can refer to what others have inserted.
_FILL = """
CREATE FUNCTION pg_temp.numbered(environment uuid, kind text, number int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT md5(environment::text || kind || number)::uuid $$;

CREATE TEMPORARY TABLE filled (environment uuid, instances int);
INSERT INTO filled VALUES ('{environment}', {instances});

INSERT INTO public.project (id, name) SELECT environment, environment::text FROM filled;
INSERT INTO public.environment (id, name, project, halted) SELECT environment, 'benchmark', environment, TRUE FROM filled;
INSERT INTO public.configurationmodel (
    environment, version, released, is_suitable_for_partial_compiles, undeployable, skipped_for_undeployable
)
    SELECT environment, 1, TRUE, TRUE, '{{}}', '{{}}' FROM filled;
INSERT INTO public.scheduler (environment, last_processed_model_version) SELECT environment, 1 FROM filled
    ON CONFLICT (environment) DO UPDATE SET last_processed_model_version = 1;
INSERT INTO public.lsm_serviceentity (environment, name, version, is_default, definition)
    SELECT environment, '{service}', 0, TRUE, '{definition}' FROM filled;

CREATE TEMPORARY TABLE instance AS
    SELECT environment, number, pg_temp.numbered(environment, 'instance', number) AS id,
        '2026-01-01 UTC'::timestamptz + number * interval '1 second' AS moment,
        CASE WHEN number = 0 THEN NULL ELSE pg_temp.numbered(environment, 'instance', number - 1) END AS parent
    FROM filled, generate_series(0, instances - 1) AS number;

INSERT INTO public.lsm_serviceinstance (
    environment, id, service_entity, service_entity_version, version, desired_state_version, state, active_attributes,
    created_at, last_updated, service_identity_attribute_value, transfer_context
)
    SELECT environment, id, '{service}', 0, 3, 3, (ARRAY['up', 'failed', 'creating'])[number % 3 + 1],
        jsonb_build_object('name', 'instance-' || number, 'size', number, 'parent', parent), moment, moment,
        'instance-' || number, 'stable'
    FROM instance;
INSERT INTO public.lsm_serviceinstancelog (
    environment, service_instance_id, version, desired_state_version, service_entity, service_entity_version, timestamp,
    config, state, active_attributes, created_at, last_updated, deleted, transfer_context
)
    SELECT environment, id, version, version, '{service}', 0, moment, '{{}}', 'up', '{{}}', moment, moment, FALSE, 'auto'
    FROM instance, generate_series(1, 3) AS version;
INSERT INTO public.lsm_serviceinstanceevent (
    environment, id, service_instance_id, service_instance_version, service_desired_state_version, timestamp, message,
    event_correlation_id, severity, event_type
)
    SELECT environment, gen_random_uuid(), id, version, version, moment, 'Something happened', id, 20, 'AUTO_TRANSITION'
    FROM instance, generate_series(0, 2) AS version, generate_series(1, 3);

CREATE TEMPORARY TABLE model AS
    SELECT environment, id, number, 'test::Resource[agent,name=' || id || kind || ']' AS resource_id,
        'test::Resource' AS type, id::text || kind AS id_value, '{{}}'::jsonb AS attributes
    FROM instance, generate_series(1, 3) AS kind
    UNION ALL
    SELECT environment, id, number, 'lsm::LifecycleTransfer[internal,instance_id=' || id || ']',
        'lsm::LifecycleTransfer', id::text,
        jsonb_build_object('resources', (
            SELECT jsonb_agg('test::Resource[agent,name=' || id || kind || ']') FROM generate_series(1, 3) AS kind
        ))
    FROM instance;
INSERT INTO public.resource_set (environment, id, name) SELECT environment, id, id::text FROM instance;
INSERT INTO public.resource_set_configuration_model (environment, model, resource_set)
    SELECT environment, 1, id FROM instance;
INSERT INTO public.resource (
    environment, resource_id, resource_type, resource_id_value, agent, attributes, attribute_hash, resource_set
)
    SELECT environment, resource_id, type, id_value, 'agent', attributes, md5(resource_id), id FROM model;
INSERT INTO public.resource_persistent_state
    SELECT state.*
    FROM model, jsonb_populate_record(NULL::public.resource_persistent_state, jsonb_build_object(
        'environment', environment, 'resource_id', resource_id, 'resource_type', type, 'agent', 'agent',
        'resource_id_value', id_value, 'created', now(), 'is_undefined', FALSE, 'is_deploying', FALSE,
        'last_handler_run', 'SUCCESSFUL', 'blocked', 'NOT_BLOCKED', 'current_intent_attribute_hash', md5(resource_id),
        'last_deployed_attribute_hash', md5(resource_id), 'last_non_deploying_status', 'deployed',
        'is_orphan', FALSE -- a column of inmanta-core 18 only: what is no column is left out
    )) AS state;
DROP TABLE filled, instance, model;
DROP FUNCTION pg_temp.numbered;
"""


async def fill(dsn: str, instances: int) -> tuple[uuid.UUID, uuid.UUID]:
    """
    Make an environment with a service that has instances, each of which refers to the one before.

    :param dsn: the database
    :param instances: the number of instances
    :return: the ids of the environment and of one of the instances
    """
    environment = uuid.uuid4()
    connection = await asyncpg.connect(dsn)
    try:
        definition = json.dumps(_DEFINITION)
        await connection.execute(
            _FILL.format(environment=environment, instances=instances, service=SERVICE, definition=definition)
        )
        instance: uuid.UUID = await connection.fetchval(
            """
            SELECT id FROM public.lsm_serviceinstance
            WHERE environment = $1 AND service_identity_attribute_value = 'instance-50'
            """,
            environment,
        )
        # What autovacuum would have done a minute later.
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return environment, instance


def reader(
    connection: http.client.HTTPConnection, headers: Mapping[str, str], environment: uuid.UUID, path: str
) -> Callable[[], object]:
    """
    Make an action of a request.

    :param connection: the connection to the server
    :param headers: what opens the API
    :param environment: the environment to read from
    :param path: the path and query
    :return: an action that sends the request, and raises ``RuntimeError`` when it is refused
    """

    def read() -> None:
        connection.request("GET", path, headers={**headers, "X-Inmanta-tid": str(environment)})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"GET {path} was answered with {response.status}: {body.decode()}")

    return read


def measure() -> list[ratio.Ratio]:
    """:return: each kind of read with many instances compared with the same with few"""
    with (
        tempfile.TemporaryDirectory() as folder,
        inmanta_embedded.Orchestrator(Path(folder) / "orchestrator") as orchestrator,
    ):
        filled = {instances: asyncio.run(fill(orchestrator.database.dsn, instances)) for instances in (FEW, MANY)}
        connection = http.client.HTTPConnection(orchestrator.host, orchestrator.port, timeout=60)
        ratios = []
        for subject, path in READS.items():
            few, many = (
                reader(
                    connection, orchestrator.headers(), environment, path.format(instance=instance, middle=_middle(instances))
                )
                for instances, (environment, instance) in filled.items()
            )
            few_seconds, many_seconds = ratio.medians([few, many], ROUNDS)
            is_bounded = subject.startswith("a page") or "refer to it" in subject
            ratios.append(
                ratio.Ratio(
                    f"{subject}, {MANY} instances",
                    f"{FEW} instances",
                    many_seconds,
                    few_seconds,
                    goal=GOAL if is_bounded else None,
                )
            )
    return ratios


def _middle(instances: int) -> str:
    """The time at which half of the instances were created."""
    minutes, seconds = divmod(instances // 2, 60)
    hours, minutes = divmod(minutes, 60)
    return f"2026-01-01T{hours:02}:{minutes:02}:{seconds:02}Z"
