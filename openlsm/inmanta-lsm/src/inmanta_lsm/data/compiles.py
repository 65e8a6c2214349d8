"""The compiles in the database of inmanta-core: what is reported of them, and which of them somebody still has to care for."""

import datetime
import uuid
from collections.abc import Sequence

from asyncpg import Connection
from inmanta.data import Compile

from inmanta_lsm.data import documents
from inmanta_lsm.lifecycle.compile_requests import EXPORT_TYPE, VALIDATION_TYPE
from inmanta_lsm.lifecycle.verdict import MAXIMUM_DEATHS, CutOff, Stage, cut_off

_EVENTS = documents.ServiceInstanceEvent.table_name()
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


async def is_failed_for_good(connection: Connection, compile_id: uuid.UUID) -> bool:
    """Whether a compile failed, and is not repeated."""
    found: Compile | None = await Compile.get_by_id(compile_id, connection=connection)
    if found is None or found.success is not False:
        return False
    cut = await what_cut_off(connection, found)
    return cut is None or (cut.died and await is_out_of_tries(connection, found))


async def is_out_of_tries(connection: Connection, compile_: Compile) -> bool:
    """Whether the compiles of a flow died as often as they may, the given one included."""
    deaths = 1
    for other in await of_same_flow(connection, compile_):
        if other.completed is not None and other.requested < compile_.requested:  # type: ignore[operator]  # both are stored
            cut = await what_cut_off(connection, other)
            deaths += cut is not None and cut.died
    return deaths >= MAXIMUM_DEATHS


async def set_place(connection: Connection, compile_id: uuid.UUID, requested: datetime.datetime) -> None:
    """
    Put a compile that waits at another place of the queue, which is in the order of the requests.

    :param requested: when it is taken to be requested
    """
    await connection.execute("UPDATE compile SET requested = $2 WHERE id = $1", compile_id, requested)


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
