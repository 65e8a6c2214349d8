"""
The export of service definitions, in two compiles.

The first one brings the service entities of the project to the catalog, the second one the resources of their instances to the
desired state.
"""

import uuid

from inmanta import data
from inmanta.protocol import handle
from inmanta.protocol.exceptions import Conflict
from inmanta.server.services.compilerservice import CompilerService, CompileStateListener

from inmanta_lsm import methods
from inmanta_lsm.const import ENV_MODEL_STATE, ENV_NO_INSTANCES
from inmanta_lsm.lifecycle.compile_requests import EXPORT_TYPE, VALIDATION_TYPE
from inmanta_lsm.model import ModelState

EXPORTER_PLUGIN = "service_entities_exporter"
DEFINITION_MESSAGE = "Export the service definition"
RESOURCES_MESSAGE = "Recompile model to generate resources using the updated service definition and modules"


class DefinitionExport:
    """Answers the call that exports the service definitions, for the slice of the catalog to inherit from."""

    compiler: CompilerService

    @handle(methods.lsm_export_service_definition, env="tid")
    async def lsm_export_service_definition(self, env: data.Environment, force_update: bool) -> None:
        """Request the first of the two compiles."""
        compile_id, _ = await self.compiler.request_recompile(
            env=env,
            force_update=force_update,
            do_export=False,
            remote_id=uuid.uuid4(),
            metadata={"type": VALIDATION_TYPE, "message": DEFINITION_MESSAGE},
            env_vars={ENV_NO_INSTANCES: "true"},
            exporter_plugin=EXPORTER_PLUGIN,
        )
        if compile_id is None:
            raise Conflict(
                f"The service definition cannot be exported because server_compile is disabled in environment"
                f" {env.name}({env.id}). Enable it first."
            )


class DefinitionExportListener(CompileStateListener):
    """Requests the second compile when the first one succeeded."""

    def __init__(self, compiler: CompilerService) -> None:
        """:param compiler: runs the compiles"""
        self._compiler = compiler

    def is_blocking(self) -> bool:
        """Nothing that waits for the catalog may run in between."""
        return True

    async def compile_done(self, compile: data.Compile) -> None:  # noqa: A002 the name is that of the base class
        """Handle the end of a compile, which may be reported more than once."""
        if not compile.success or compile.exporter_plugin != EXPORTER_PLUGIN:
            return
        env = await data.Environment.get_by_id(compile.environment)
        remote_id = uuid.uuid5(compile.remote_id or compile.id, EXPORT_TYPE)
        if env is None or await data.Compile.get_by_remote_id(env.id, remote_id):
            return
        await self._compiler.request_recompile(
            env=env,
            force_update=False,
            do_export=True,
            remote_id=remote_id,
            metadata={"type": EXPORT_TYPE, "message": RESOURCES_MESSAGE},
            env_vars={ENV_MODEL_STATE: ModelState.active.value},
        )
