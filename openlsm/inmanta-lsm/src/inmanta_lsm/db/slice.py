"""Slice that prepares the server for the others: the schema of the database, and what is checked of every request."""

from typing import override

from inmanta.data import Environment
from inmanta.data.schema import DBSchema
from inmanta.server import SLICE_COMPILER, SLICE_DATABASE, SLICE_TRANSPORT
from inmanta.server.protocol import Server, ServerSlice

from inmanta_lsm.const import SLICE_LSM_DATABASE
from inmanta_lsm.db import versions
from inmanta_lsm.protocol import argument_errors, availability, compile_reports, compiler_token, request_bodies, request_guard


class DatabaseSlice(ServerSlice):
    """Owns the schema of the extension."""

    def __init__(self) -> None:
        super().__init__(SLICE_LSM_DATABASE)

    @override
    def get_dependencies(self) -> list[str]:
        return [SLICE_DATABASE]

    @override
    def get_depended_by(self) -> list[str]:
        # The compiler repeats unhandled results as soon as it starts: by then the tables must be there.
        return [SLICE_COMPILER, SLICE_TRANSPORT]

    @override
    async def prestart(self, server: Server) -> None:
        await super().prestart(server)
        # Before all others: core's list of what answers a request is in this order.
        server._handlers.insert(0, request_guard.rule())
        request_bodies.guard(server)
        argument_errors.guard()
        availability.guard(server)
        compiler_token.hide()
        compile_reports.tell_outages()

    @override
    async def start(self) -> None:
        await super().start()
        async with Environment.get_connection() as connection:
            await DBSchema("lsm", versions, connection).ensure_db_schema()
