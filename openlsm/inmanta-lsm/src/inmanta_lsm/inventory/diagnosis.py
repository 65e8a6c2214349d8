"""Why a service instance was rejected or failed, from the compiles and deployments of its last versions."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from inmanta import const
from inmanta.data import APILIMIT, BaseDocument, Compile, Report, Resource, ResourceAction

from inmanta_lsm.data import documents
from inmanta_lsm.deployment.progress import LIFECYCLE_TRANSFER
from inmanta_lsm.model.diagnosis import CompileError, Failure, FailureGroup, FullDiagnosis, Rejection

EXPORT_ERROR = "export"
"""The type of the error of a compile that failed while it exported: the compiler reports none by itself then."""


@dataclass(frozen=True)
class LinkedCompile:
    """
    A compile that an event of an instance refers to.

    :param instance_version: the version of the log entry that the event belongs to
    :param compile_id: the compile the event refers to
    :param run: the compile that was executed in its place, when compiles were merged; otherwise the same one
    :param failed: whether it ended without success
    :param model_version: the model version that it exported, None for a validation
    :param errors: what the compiler reported
    """

    instance_version: int
    compile_id: uuid.UUID
    run: uuid.UUID
    failed: bool
    model_version: int | None
    errors: Sequence[CompileError]


@dataclass(frozen=True)
class ModelRange:
    """
    The model versions that belong to an instance version.

    :param first: the model version that was exported when the instance version was entered
    :param before: the model version of the next instance version that has one, None if there is none yet
    """

    instance_version: int
    first: int
    before: int | None


async def diagnose(
    environment: uuid.UUID,
    instance: uuid.UUID,
    *,
    version: int,
    current_version: int,
    rejection_lookbehind: int,
    failure_lookbehind: int,
) -> FullDiagnosis:
    """
    Look for what went wrong with an instance in a version and those before it.

    A rejection belongs to the version that the failed compile led to, or, if it led nowhere, to the version in which it
    failed. A failure belongs to the version for which the resource was deployed.

    :param version: the version to look from
    :param current_version: the version the instance has now
    :param rejection_lookbehind: the number of versions before ``version`` in which to look for rejections
    :param failure_lookbehind: the number of versions before ``version`` in which to look for failures
    :return: the failures and rejections, the newest first
    """
    oldest = max(1, version - max(rejection_lookbehind, failure_lookbehind))
    async with BaseDocument.get_connection() as connection:
        # The compiles of later versions tell where the model versions of this one end.
        compiles = await _linked_compiles(connection, environment, instance, oldest, current_version)
        wanted = [linked for linked in compiles if version - rejection_lookbehind <= linked.instance_version <= version]
        ranges = [
            model_range
            for model_range in model_ranges(compiles)
            if version - failure_lookbehind <= model_range.instance_version <= version
        ]
        return FullDiagnosis(
            rejections=await _rejections(connection, [linked for linked in wanted if linked.failed]),
            failures=await _failures(connection, environment, instance, ranges),
        )


def model_ranges(compiles: Iterable[LinkedCompile]) -> list[ModelRange]:
    """
    Find out which model versions belong to which instance version.

    They go from the one that was exported when the instance version was entered up to the one before that of the next instance
    version.

    :param compiles: the compiles that the events of an instance refer to, in any order
    :return: the ranges, that of the newest instance version first
    """
    exported: dict[int, int] = {}
    for linked in compiles:
        if linked.model_version is not None:
            exported[linked.instance_version] = linked.model_version
    ranges: list[ModelRange] = []
    before: int | None = None
    for instance_version, first in sorted(exported.items(), reverse=True):
        if before is None or first < before:
            ranges.append(ModelRange(instance_version, first, before))
        before = first
    return ranges


async def _linked_compiles(
    connection: asyncpg.Connection, environment: uuid.UUID, instance: uuid.UUID, oldest: int, current: int
) -> list[LinkedCompile]:
    """
    Read the compiles that events refer to, for the log entries from the oldest version on.

    An event belongs to the log entry of the version after the one in which it happened. What happened in the current version
    has no entry yet: it is reported under the current version.
    """
    records = await connection.fetch(
        f"""
        WITH RECURSIVE linked AS (
            SELECT
                least(service_instance_version + 1, $4) AS instance_version,
                id_compile_report AS compile_id,
                min(timestamp) AS timestamp
            FROM {documents.ServiceInstanceEvent.table_name()}
            WHERE environment = $1
                AND service_instance_id = $2
                AND service_instance_version >= $3 - 1
                AND id_compile_report IS NOT NULL
            GROUP BY 1, 2
        ), run AS (
            SELECT linked.*, linked.compile_id AS run_id
            FROM linked
            UNION
            SELECT run.instance_version, run.compile_id, run.timestamp, merged.substitute_compile_id
            FROM run
            INNER JOIN {Compile.table_name()} AS merged ON merged.id = run.run_id
            WHERE merged.substitute_compile_id IS NOT NULL
        )
        SELECT run.*, compile.completed, compile.success, compile.version, compile.compile_data
        FROM run
        INNER JOIN {Compile.table_name()} AS compile
            ON compile.id = run.run_id AND compile.environment = $1 AND compile.substitute_compile_id IS NULL
        ORDER BY run.timestamp DESC
        """,
        environment,
        instance,
        oldest,
        current,
    )
    return [
        LinkedCompile(
            instance_version=record["instance_version"],
            compile_id=record["compile_id"],
            run=record["run_id"],
            failed=record["completed"] is not None and not record["success"],
            model_version=record["version"],
            errors=[CompileError(**error) for error in (record["compile_data"] or {}).get("errors", [])],
        )
        for record in records
    ]


async def _rejections(connection: asyncpg.Connection, failed: Sequence[LinkedCompile]) -> list[Rejection]:
    """Describe failed compiles with the output of the stage that failed."""
    traces = await _traces(connection, {linked.run for linked in failed})
    return [_rejection(linked, traces.get(linked.run)) for linked in failed]


def _rejection(linked: LinkedCompile, trace: str | None) -> Rejection:
    errors = list(linked.errors) or export_errors(trace)
    return Rejection(
        instance_version=linked.instance_version,
        compile_id=linked.compile_id,
        errors=errors,
        error=errors[0],
        trace=trace,
    )


def export_errors(trace: str | None) -> list[CompileError]:
    """
    Describe the error of a compile for which the compiler reported none, as it failed while it exported.

    :param trace: the error output of the stage that failed, None if no stage failed
    :return: one error with the last line of the output
    """
    lines = (trace or "").strip().splitlines() or ["The compile failed without any output."]
    return [CompileError(type=EXPORT_ERROR, message=lines[-1].strip())]


async def _traces(connection: asyncpg.Connection, compiles: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Read the error output of the stage at which each compile failed."""
    if not compiles:
        return {}
    records = await connection.fetch(
        f"""
        SELECT compile, errstream, outstream
        FROM {Report.table_name()}
        WHERE compile = ANY ($1::uuid[]) AND returncode <> 0
        ORDER BY started
        """,
        compiles,
    )
    return {record["compile"]: record["errstream"] or record["outstream"] or "" for record in records}


async def _failures(
    connection: asyncpg.Connection, environment: uuid.UUID, instance: uuid.UUID, ranges: Sequence[ModelRange]
) -> list[FailureGroup]:
    """Read the failed deployments of the resources that an instance depends on, in given model versions."""
    if not ranges:
        return []
    records = await connection.fetch(
        f"""
        WITH ranges AS (
            SELECT * FROM unnest($3::int[], $4::int[], $5::int[]) AS range(instance_version, first, before)
        ), listed AS (
            SELECT DISTINCT ranges.*, listed.resource_id
            FROM ranges
            INNER JOIN {Resource.table_name()} AS transfer
                ON transfer.environment = $1
                AND transfer.resource_id_value = $2
                AND transfer.resource_type = $6
            INNER JOIN public.resource_set_configuration_model AS rscm
                ON rscm.environment = $1 AND rscm.model = ranges.first AND rscm.resource_set = transfer.resource_set
            CROSS JOIN LATERAL jsonb_array_elements_text(transfer.attributes->'resources') AS listed(resource_id)
        )
        SELECT listed.instance_version, listed.resource_id, deployed.resource_version AS model_version,
            coalesce(action.finished, action.started) AS time, action.messages
        FROM listed
        INNER JOIN public.resourceaction_resource AS deployed
            ON deployed.environment = $1
            AND deployed.resource_id = listed.resource_id
            AND deployed.resource_version >= listed.first
            AND (listed.before IS NULL OR deployed.resource_version < listed.before)
        INNER JOIN {ResourceAction.table_name()} AS action
            ON action.action_id = deployed.resource_action_id AND action.action = $7 AND action.status = ANY ($8)
        ORDER BY action.started DESC
        LIMIT {APILIMIT}
        """,
        environment,
        str(instance),
        [model_range.instance_version for model_range in ranges],
        [model_range.first for model_range in ranges],
        [model_range.before for model_range in ranges],
        LIFECYCLE_TRANSFER,
        const.ResourceAction.deploy.value,
        [const.ResourceState.failed.value, const.ResourceState.unavailable.value],
    )
    groups: dict[str, FailureGroup] = {}
    for record in records:
        message = last_error(record["messages"] or [])
        if message is None:
            continue
        resource_id = f"{record['resource_id']},v={record['model_version']}"
        group = groups.setdefault(resource_id, FailureGroup(resource_id=resource_id, failures=[]))
        group.failures.append(
            Failure(
                resource_id=resource_id,
                instance_version=record["instance_version"],
                model_version=record["model_version"],
                time=record["time"],
                message=message,
            )
        )
    return list(groups.values())


def last_error(messages: Sequence[Mapping[str, Any]]) -> str | None:
    """
    Find the last error that a handler logged.

    :param messages: the log lines of a deployment, in the order in which they were logged
    :return: its message, None if there is no error among them
    """
    errors = [line["msg"] for line in messages if const.LogLevel[line["level"]].to_int >= const.LogLevel.ERROR.to_int]
    return errors[-1] if errors else None
