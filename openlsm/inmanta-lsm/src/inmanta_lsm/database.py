"""Slice that prepares the server for the others: the schema of the database, and what is checked of every request."""

from inmanta.data import Environment
from inmanta.data.schema import DBSchema
from inmanta.server import SLICE_COMPILER, SLICE_DATABASE, SLICE_TRANSPORT
from inmanta.server.protocol import Server, ServerSlice

from inmanta_lsm import argument_errors, request_bodies
from inmanta_lsm.db import versions

SLICE_LSM_DATABASE = "lsm.database"


class DatabaseSlice(ServerSlice):
    """Owns the schema of the extension."""

    def __init__(self) -> None:
        super().__init__(SLICE_LSM_DATABASE)

    def get_dependencies(self) -> list[str]:
        return [SLICE_DATABASE]

    def get_depended_by(self) -> list[str]:
        # The compiler repeats unhandled results as soon as it starts: by then the tables must be there.
        return [SLICE_COMPILER, SLICE_TRANSPORT]

    async def prestart(self, server: Server) -> None:
        await super().prestart(server)
        request_bodies.guard(server)
        argument_errors.guard()

    async def start(self) -> None:
        await super().start()
        async with Environment.get_connection() as connection:
            await DBSchema("lsm", versions, connection).ensure_db_schema()
