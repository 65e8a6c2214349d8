"""Faults of the database at chosen points of what the server does: the connection is lost there, or the disk is full."""

from enum import StrEnum

import asyncpg


class Fault(StrEnum):
    """What goes wrong."""

    CONNECTION_LOST = "PERFORM pg_terminate_backend(pg_backend_pid())"
    DISK_FULL = "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'"
    DEADLOCK = "RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'"


class DatabaseFaults:
    """
    Makes writes of one environment fail. It is a context: afterwards they succeed again.

    A sequence counts the writes, as it does not go back with the transaction that fails.
    """

    def __init__(self, dsn: str, environment: object) -> None:
        """
        :param dsn: the database of the server
        :param environment: whose writes fail
        """
        self._dsn = dsn
        self._environment = environment
        self._tables: list[str] = []

    async def __aenter__(self) -> "DatabaseFaults":
        self._connection = await asyncpg.connect(self._dsn)
        return self

    async def __aexit__(self, *_: object) -> None:
        for table in self._tables:
            await self._connection.execute(
                f"DROP TRIGGER IF EXISTS fault ON {table}; DROP FUNCTION fault_{table}; DROP SEQUENCE writes_{table}"
            )
        await self._connection.close()

    async def fail(self, write: str, table: str, fault: Fault, *, times: int = 1, when: str = "TRUE") -> None:
        """
        Make writes to a table fail.

        :param write: ``INSERT`` or ``UPDATE``
        :param fault: how they fail
        :param times: how many of them, counted from now
        :param when: which of them, a condition in SQL
        """
        self._tables.append(table)
        await self._connection.execute(
            f"""
            CREATE SEQUENCE writes_{table};
            CREATE FUNCTION fault_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF nextval('writes_{table}') <= {times} THEN {fault.value}; END IF;
                    RETURN NEW;
                END
            $$;
            CREATE TRIGGER fault BEFORE {write} ON {table} FOR EACH ROW
                WHEN (NEW.environment = '{self._environment}' AND ({when})) EXECUTE FUNCTION fault_{table}();
            """
        )

    async def happened(self, table: str) -> int:
        """Give how many writes that were to fail there have been, with those that did not fail any more."""
        count: int = await self._connection.fetchval(
            f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM writes_{table}"
        )
        return count
