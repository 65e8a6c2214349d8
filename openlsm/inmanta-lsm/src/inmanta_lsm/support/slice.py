"""The slice that makes support archives."""

import asyncio
from pathlib import Path
from typing import override

from inmanta.config import log_dir
from inmanta.data import Compile
from inmanta.protocol import handle
from inmanta.protocol.common import ReturnValue
from inmanta.server import SLICE_DATABASE, SLICE_SERVER, SLICE_TRANSPORT
from inmanta.server.protocol import Server as RestServer
from inmanta.server.protocol import ServerSlice
from inmanta.server.server import Server

from inmanta_lsm.const import SLICE_SUPPORT
from inmanta_lsm.support.archive import pack, versions
from inmanta_lsm.support.method import get_support_archive

_COMPILES = 50
"""How many compiles, the last ones of all environments together, an archive tells about."""


class SupportSlice(ServerSlice):
    """Answers the call for an archive."""

    def __init__(self) -> None:
        super().__init__(SLICE_SUPPORT)

    @override
    def get_dependencies(self) -> list[str]:
        return [SLICE_DATABASE, SLICE_SERVER]

    @override
    def get_depended_by(self) -> list[str]:
        return [SLICE_TRANSPORT]

    @override
    async def prestart(self, server: RestServer) -> None:
        await super().prestart(server)
        core = server.get_slice(SLICE_SERVER)
        assert isinstance(core, Server)
        self._core = core

    @handle(get_support_archive)
    async def get_support_archive(self) -> ReturnValue[bytes]:
        """Pack what the server knows about itself."""
        status = await self._core.get_server_status()
        compiles = await Compile.get_list(order_by_column="requested", order="DESC", limit=_COMPILES)
        reports = [await Compile.get_report(done.id) for done in compiles]
        documents = {"status.json": status.model_dump(mode="json"), "versions.json": versions(), "compiles.json": reports}
        content = await asyncio.to_thread(pack, documents, Path(log_dir.get()))
        return ReturnValue(
            response=content,
            content_type="application/zip",
            headers={"Content-Disposition": 'attachment; filename="support_archive.zip"'},
        )
