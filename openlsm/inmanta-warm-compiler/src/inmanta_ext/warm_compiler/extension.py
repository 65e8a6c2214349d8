"""Entry point of the extension: what the inmanta server loads."""

from inmanta.server.extensions import ApplicationContext
from inmanta_warm_compiler import options
from inmanta_warm_compiler.service import WarmCompilerSlice


def setup(application: ApplicationContext) -> None:
    """
    Register the slice of the extension.

    :param application: the server that is being put together
    """
    options.forget_empty_variables()
    application.register_slice(WarmCompilerSlice())
