"""
What modules of a project change in the interpreter when they are imported, and the start of a compile would undo.

A cold compile sets up its logging, warnings and configuration, and then imports those modules. Here they are imported before.
"""

import logging
import warnings
from collections.abc import Sequence
from configparser import ConfigParser
from typing import Any

from inmanta.config import Config


class LoggerState:
    """The settings of loggers."""

    def __init__(self) -> None:
        self._before = _settings()
        self._root_handlers = list(logging.root.handlers)
        self._changes: dict[str, dict[str, Any]] = {}
        self._new_handlers: list[logging.Handler] = []

    def conclude(self) -> None:
        """See what changed since this was made."""
        self._changes = {name: now for name, now in _settings().items() if now != self._before.get(name)}
        self._new_handlers = [handler for handler in logging.root.handlers if handler not in self._root_handlers]

    def replay(self) -> None:
        """Change it again."""
        for name, settings in self._changes.items():
            logger = logging.getLogger(name)
            vars(logger).update({key: list(value) if isinstance(value, list) else value for key, value in settings.items()})
        # This also has all loggers forget which levels are enabled.
        logging.root.setLevel(logging.root.level)
        for handler in self._new_handlers:
            logging.root.addHandler(handler)


def _settings() -> dict[str, dict[str, Any]]:
    """Tell what can be set of each logger but the root, by name."""
    return {
        name: {
            "level": logger.level,
            "propagate": logger.propagate,
            "disabled": logger.disabled,
            "handlers": list(logger.handlers),
            "filters": list(logger.filters),
        }
        for name, logger in list(logging.root.manager.loggerDict.items())
        if isinstance(logger, logging.Logger)
    }


class WarningState:
    """The filters of warnings."""

    def __init__(self) -> None:
        self._before = list(warnings.filters)
        self._after: list[Any] = []

    def conclude(self) -> None:
        """Remember the filters there are, and have those again that there were."""
        self._after = list(warnings.filters)
        _set_filters(self._before)

    def replay(self) -> None:
        """Set the filters that there were in the end."""
        _set_filters(self._after)


def _set_filters(filters: Sequence[Any]) -> None:
    # This function also has Python forget what the filters said about places in the code.
    warnings.resetwarnings()
    vars(warnings)["filters"][:] = filters


class Configuration:
    """The options of inmanta's configuration that were read, and those that were set."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], str | None] = {}
        self._set: list[tuple[str, str, str]] = []

    def observe(self) -> None:
        """Take note from now on, until the configuration is loaded again."""
        parser = Config.get_instance()
        read, write = parser.get, parser.set

        def get(section: str, option: str, **rest: Any) -> Any:
            self._read.setdefault((section, option), read(section, option, fallback=None))
            return read(section, option, **rest)

        def set_(section: str, option: str, value: str | None = None) -> None:
            self._set.append((section, option, str(value)))
            write(section, option, value)

        vars(parser).update(get=get, set=set_)

    def difference(self) -> str | None:
        """
        Compare with the configuration that is loaded now.

        :return: the first option that was read and is different, None when there is none
        """
        parser: ConfigParser = Config.get_instance()
        written = {(section, option) for section, option, _ in self._set}
        for (section, option), value in self._read.items():
            if (section, option) not in written and parser.get(section, option, fallback=None) != value:
                return f"{section}.{option}"
        return None

    def replay(self) -> None:
        """Set again what was set."""
        for section, option, value in self._set:
            Config.set(section, option, value)
