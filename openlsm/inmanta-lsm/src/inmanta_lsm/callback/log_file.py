"""The log file of the callbacks."""

from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from inmanta.config import log_dir
from inmanta.logging import FullLoggingConfig, LoggingConfigBuilderExtension, Options

CALLBACK_LOGGER = "inmanta_lsm.callback"


class CallbackLogging(LoggingConfigBuilderExtension):
    """Sends what the callbacks log to a file of its own, next to the log of the server."""

    def get_logging_config_from_options(
        self,
        stream: TextIO,
        options: Options,
        component: str | None,
        context: Mapping[str, str],
        master_config: FullLoggingConfig,
    ) -> FullLoggingConfig:
        """
        Add what belongs to this extension to the logging configuration.

        :param stream: where the console log goes
        :param options: the logging options of the command line
        :param component: the component that is started; only the server has callbacks
        :param context: values for templates in the configuration
        :param master_config: the configuration of inmanta itself
        """
        if component != "server":
            return master_config
        extension = FullLoggingConfig(
            formatters={"lsm_callback_formatter": {"format": "%(asctime)s %(name)-25s%(levelname)-8s%(message)s"}},
            handlers={
                "lsm_callback_handler": {
                    "class": "logging.handlers.WatchedFileHandler",
                    "level": "INFO",
                    "formatter": "lsm_callback_formatter",
                    "filename": str(Path(log_dir.get()) / "callback.log"),
                }
            },
            loggers={CALLBACK_LOGGER: {"level": "INFO", "propagate": True, "handlers": ["lsm_callback_handler"]}},
            log_dirs_to_create={log_dir.get()},
        )
        return master_config.join(extension)
