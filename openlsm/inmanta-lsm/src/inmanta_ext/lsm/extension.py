"""Entry point of the extension: what the inmanta server loads."""

from inmanta.server.extensions import ApplicationContext
from inmanta_lsm.callback.log_file import CallbackLogging
from inmanta_lsm.callback.slice import CallbackSlice
from inmanta_lsm.catalog.slice import ServiceCatalogSlice
from inmanta_lsm.db.slice import DatabaseSlice
from inmanta_lsm.environment_settings import SETTINGS
from inmanta_lsm.inventory.slice import ServiceInventorySlice
from inmanta_lsm.order.slice import OrderSlice
from inmanta_lsm.protocol import empty_variables, log_lines
from inmanta_lsm.support.slice import SupportSlice


def setup(application: ApplicationContext) -> None:
    """
    Register the slices and the log files of the extension.

    :param application: the server that is being put together
    """
    empty_variables.forget()
    log_lines.guard()
    application.register_slice(DatabaseSlice())
    application.register_slice(ServiceCatalogSlice())
    application.register_slice(ServiceInventorySlice())
    application.register_slice(CallbackSlice())
    application.register_slice(OrderSlice())
    application.register_slice(SupportSlice())
    application.register_default_logging_config(CallbackLogging())


def register_environment_settings(application: ApplicationContext) -> None:
    """
    Register the environment settings of the extension.

    :param application: the server, or the tool that asks for the settings
    """
    for setting in SETTINGS:
        application.register_environment_setting(setting)
