"""
Slice of the service catalog: the calls on the definitions of services.
"""

from typing import Any

from inmanta.server import SLICE_COMPILER, SLICE_DATABASE, SLICE_SERVER, SLICE_TRANSPORT
from inmanta.server.extensions import Feature
from inmanta.server.protocol import Server, ServerSlice
from inmanta.server.server import Server as CoreServer
from inmanta.server.services.compilerservice import CompilerService

from inmanta_lsm import documentation_pages
from inmanta_lsm.catalog_reads import CatalogReads
from inmanta_lsm.catalog_writes import SLICE_SERVICE_CATALOG, SUPPORTED_LIFECYCLES, CatalogWrites
from inmanta_lsm.database import SLICE_LSM_DATABASE
from inmanta_lsm.definition_export import DefinitionExport, DefinitionExportListener
from inmanta_lsm.service_docs import ServiceDocs
from inmanta_lsm.service_inventory import SLICE_SERVICE_INVENTORY, ServiceInventorySlice
from inmanta_lsm.service_order import SLICE_ORDER, OrderSlice


class ServiceCatalogSlice(CatalogReads, CatalogWrites, DefinitionExport, ServiceDocs, ServerSlice):
    """
    Answers the calls on the catalog.
    """

    def __init__(self) -> None:
        super().__init__(SLICE_SERVICE_CATALOG)
        self._handlers.append(documentation_pages.swagger_ui_rule())

    def get_dependencies(self) -> list[str]:
        return [SLICE_DATABASE, SLICE_LSM_DATABASE, SLICE_COMPILER, SLICE_SERVICE_INVENTORY, SLICE_ORDER]

    def get_depended_by(self) -> list[str]:
        return [SLICE_TRANSPORT]

    def define_features(self) -> list[Feature[Any]]:
        return [SUPPORTED_LIFECYCLES]

    async def prestart(self, server: Server) -> None:
        await super().prestart(server)
        self.server = server
        core = server.get_slice(SLICE_SERVER)
        assert isinstance(core, CoreServer)
        documentation_pages.complete(core)
        compiler = server.get_slice(SLICE_COMPILER)
        assert isinstance(compiler, CompilerService)
        inventory = server.get_slice(SLICE_SERVICE_INVENTORY)
        assert isinstance(inventory, ServiceInventorySlice)
        orders = server.get_slice(SLICE_ORDER)
        assert isinstance(orders, OrderSlice)
        self.compiler = compiler
        self.orders = orders
        self.inventory = inventory
        compiler.add_listener(DefinitionExportListener(compiler))
