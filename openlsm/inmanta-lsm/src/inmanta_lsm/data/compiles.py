"""The compiles in the database of inmanta-core: what is reported of them, and which of them somebody still has to care for."""

import datetime
import uuid
from collections.abc import Sequence

from asyncpg import Connection
from inmanta.data import Compile

from inmanta_lsm.data import documents
from inmanta_lsm.lifecycle.compile_requests import EXPORT_TYPE, VALIDATION_TYPE
from inmanta_lsm.lifecycle.queue_place import Waiting, place
from inmanta_lsm.lifecycle.verdict import CutOff, Stage, cut_off

_EVENTS = documents.ServiceInstanceEvent.table_name()
_READ_OF_QUEUE = 500
"""How many compiles of the beginning of a queue are looked at."""

_READ_OF_ERRORS = 20_000
"""How many characters of the end of an output are looked at."""


async def what_cut_off(connection: Connection, compile_: Compile) -> CutOff | None:
    """
    Find out whether a completed compile was cut off.

    :return: None when its end is a verdict
    """
    if compile_.success:
        return None
    records = await connection.fetch(
        "SELECT name, command, returncode, right(errstream, $2) AS errors, right(outstream, $2) AS output"
        " FROM report WHERE compile = $1 ORDER BY started, completed",
        compile_.substitute_compile_id or compile_.id,
        _READ_OF_ERRORS,
    )
    stages = [
        Stage(
            record["name"],
            bool(record["command"]),
            record["returncode"],
            # Processes tell of errors in either; a stage without process tells people what it does in its output.
            record["errors"] + (record["output"] if record["command"] else ""),
        )
        for record in records
    ]
    return cut_off(bool(compile_.success), stages, has_result=compile_.compile_data is not None)


async def of_same_flow(connection: Connection, compile_: Compile) -> Sequence[Compile]:
    """Read the compiles that were requested for the same flow and purpose, without the compile itself."""
    if compile_.remote_id is None:
        return []
    found = await Compile.get_by_remote_id(compile_.environment, compile_.remote_id, connection=connection)
    return [other for other in found if other.id != compile_.id and other.do_export == compile_.do_export]


async def lock_compile(connection: Connection, compile_id: uuid.UUID) -> None:
    """Let nobody else repeat a compile until the end of the transaction."""
    await connection.execute("SELECT FROM compile WHERE id = $1 FOR NO KEY UPDATE", compile_id)


async def is_failed_for_good(connection: Connection, compile_id: uuid.UUID) -> bool:
    """Whether a compile failed, and is not repeated."""
    found: Compile | None = await Compile.get_by_id(compile_id, connection=connection)
    if found is None or found.success is not False:
        return False
    cut = await what_cut_off(connection, found)
    return cut is None or await is_out_of_tries(connection, found, cut)


async def is_out_of_tries(connection: Connection, compile_: Compile, cut: CutOff) -> bool:
    """Whether the compiles of a flow were cut off like this one as often as they may, this one included."""
    if cut.limit is None:
        return False
    times = 1
    for other in await of_same_flow(connection, compile_):
        if other.completed is not None and other.requested < compile_.requested:  # type: ignore[operator]  # both are stored
            other_cut = await what_cut_off(connection, other)
            times += other_cut is not None and other_cut.limit == cut.limit
    return times >= cut.limit


async def set_place(connection: Connection, compile_id: uuid.UUID, requested: datetime.datetime) -> None:
    """
    Put a compile that waits at another place of the queue, which is in the order of the requests.

    :param requested: when it is taken to be requested
    """
    await connection.execute("UPDATE compile SET requested = $2 WHERE id = $1", compile_id, requested)


async def overtake_validations(connection: Connection, environment: uuid.UUID, export: uuid.UUID) -> None:
    """
    Put an export that was just requested at its place in the queue.

    :param connection: in the transaction that requested it
    """
    waits = "environment = $1 AND completed IS NULL AND started IS NULL"
    validates = f"(NOT do_export AND metadata->>'type' = '{VALIDATION_TYPE}')"
    joins = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM compile AS other INNER JOIN compile AS export ON export.id = $2"
        " WHERE other.id <> $2 AND other.environment = $1 AND other.completed IS NULL AND other.started IS NULL"
        " AND other.do_export AND other.partial = export.partial"
        " AND other.requested_environment_variables::jsonb = export.requested_environment_variables::jsonb)",
        environment,
        export,
    )
    if joins:
        return
    records = await connection.fetch(
        f"SELECT requested, {validates} AS is_validation FROM compile WHERE {waits} AND id <> $2 ORDER BY requested LIMIT $3",
        environment,
        export,
        _READ_OF_QUEUE,
    )
    queue = [Waiting(record["requested"], record["is_validation"]) for record in records]
    first = next((waiting.requested for waiting in queue if waiting.is_validation), None)
    if first is None:
        return
    is_first = not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM compile WHERE environment = $1 AND completed > $2 AND do_export)", environment, first
    )
    now = datetime.datetime.now().astimezone()
    found = place(queue, now, is_first=is_first)
    if found != now:
        await set_place(connection, export, found)


async def without_consequence(connection: Connection) -> list[uuid.UUID]:
    """
    Find the completed compiles of the LSM whose result was not applied, or that were to be repeated and were not.

    They are validations without outcome, and exports that failed. Whether an export was cut off is for its report to tell.
    """
    records = await connection.fetch(
        f"""
        SELECT compile.id
        FROM compile
        WHERE compile.completed IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM compile AS later
                WHERE later.environment = compile.environment
                    AND later.remote_id = compile.remote_id
                    AND later.do_export = compile.do_export
                    AND later.requested > compile.requested
            )
            AND (
                compile.metadata->>'type' = '{EXPORT_TYPE}' AND compile.success = FALSE
                OR compile.metadata->>'type' = '{VALIDATION_TYPE}' AND compile.metadata->>'transfer' IS NOT NULL
                    AND EXISTS (
                        SELECT FROM {documents.ServiceInstance.table_name()} AS instance
                        WHERE instance.environment = compile.environment
                            AND instance.id::text = compile.metadata->>'instance_id'
                    )
                    AND NOT EXISTS (
                        SELECT FROM {_EVENTS} AS event
                        WHERE event.environment = compile.environment
                            AND event.event_correlation_id = compile.remote_id
                            AND event.is_outcome
                    )
            )
        ORDER BY compile.requested
        """
    )
    return [record["id"] for record in records]


async def unhandled_since(connection: Connection, moment: datetime.datetime) -> list[uuid.UUID]:
    """Find the compiles that were completed before a moment, and whose listeners were not all told, the oldest first."""
    records = await connection.fetch(
        "SELECT id FROM compile WHERE NOT handled AND completed IS NOT NULL AND completed < $1 ORDER BY requested", moment
    )
    return [record["id"] for record in records]


async def next_compiles(connection: Connection) -> dict[uuid.UUID, uuid.UUID]:
    """Give the compile that is the next one, or is running, by environment; of those that are not halted and have one."""
    records = await connection.fetch(
        "SELECT DISTINCT ON (compile.environment) compile.environment, compile.id FROM compile"
        " INNER JOIN environment ON environment.id = compile.environment AND NOT environment.halted"
        " WHERE compile.completed IS NULL ORDER BY compile.environment, compile.requested"
    )
    return {record["environment"]: record["id"] for record in records}
