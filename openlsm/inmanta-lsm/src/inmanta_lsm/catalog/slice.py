"""Slice of the service catalog: the calls on the definitions of services."""

from typing import Any, override

from inmanta.server import SLICE_COMPILER, SLICE_DATABASE, SLICE_SERVER, SLICE_TRANSPORT
from inmanta.server.extensions import Feature
from inmanta.server.protocol import Server, ServerSlice
from inmanta.server.server import Server as CoreServer
from inmanta.server.services.compilerservice import CompilerService

from inmanta_lsm.catalog.docs import ServiceDocs
from inmanta_lsm.catalog.export import DefinitionExport, DefinitionExportListener
from inmanta_lsm.catalog.listener import CatalogListener
from inmanta_lsm.catalog.reads import CatalogReads
from inmanta_lsm.catalog.writes import SUPPORTED_LIFECYCLES, CatalogWrites
from inmanta_lsm.const import SLICE_LSM_DATABASE, SLICE_SERVICE_CATALOG
from inmanta_lsm.protocol import documentation_pages


class ServiceCatalogSlice(CatalogReads, CatalogWrites, DefinitionExport, ServiceDocs, ServerSlice):
    """Answers the calls on the catalog."""

    def __init__(self) -> None:
        super().__init__(SLICE_SERVICE_CATALOG)
        self.listeners = []
        self._handlers.append(documentation_pages.swagger_ui_rule())

    @override
    def get_dependencies(self) -> list[str]:
        return [SLICE_DATABASE, SLICE_LSM_DATABASE, SLICE_COMPILER]

    @override
    def get_depended_by(self) -> list[str]:
        return [SLICE_TRANSPORT]

    @override
    def define_features(self) -> list[Feature[Any]]:
        return [SUPPORTED_LIFECYCLES]

    @override
    async def prestart(self, server: Server) -> None:
        await super().prestart(server)
        self.server = server
        core = server.get_slice(SLICE_SERVER)
        assert isinstance(core, CoreServer)
        documentation_pages.complete(core)
        compiler = server.get_slice(SLICE_COMPILER)
        assert isinstance(compiler, CompilerService)
        self.compiler = compiler
        compiler.add_listener(DefinitionExportListener(compiler))

    def add_listener(self, listener: CatalogListener) -> None:
        """Tell a listener about every change of a service entity from now on. Those that are added first are told first."""
        self.listeners.append(listener)
