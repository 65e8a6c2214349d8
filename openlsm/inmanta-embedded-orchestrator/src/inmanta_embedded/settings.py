"""How an embedded orchestrator should be."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from inmanta_embedded.errors import EmbeddedError, explain
from inmanta_embedded.patience import patient
from inmanta_embedded.private_file import write_atomically

LOG_LEVELS = ("ERROR", "WARNING", "INFO", "DEBUG", "TRACE")


@dataclass(frozen=True)
class Settings:
    """
    The choices that a user has.

    :param auth: whether the API asks for tokens. Without, every user of this machine can do with it what its owner can, and by
        that have programs run as its owner.
    :param durable: whether the state is there to stay: the database survives a crash of the machine, and the server gets the
        time to end in order. Without, both start, work and stop a lot faster, which is what tests want.
    :param extensions: extensions of the server to enable, besides the core
    :param log_level: of the server's log, as inmanta names levels: ERROR, WARNING, INFO, DEBUG, TRACE. DEBUG writes hundreds of
        kilobytes a minute while there is work.
    :param options: more options of the server's configuration file, by section and name; they take precedence over its own
    :param environment: more environment variables for the server and all that it starts
    :param console: folder with a web console for the server to serve, None for none; a relative path is one of this process
    :param pages: whether to serve the web pages about services
    :param start_timeout: seconds that PostgreSQL and the server get to become healthy
    """

    auth: bool = True
    durable: bool = True
    extensions: Sequence[str] = ("lsm", "warm_compiler")
    log_level: str = "INFO"
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    console: Path | None = None
    pages: bool = False
    start_timeout: float = field(default_factory=lambda: patient(120.0))

    def __post_init__(self) -> None:
        # What is loaded from a file equals what was saved, though that knows neither tuples nor paths.
        object.__setattr__(self, "extensions", tuple(self.extensions))
        if self.log_level not in LOG_LEVELS:
            raise EmbeddedError(f"There is no log level {self.log_level!r}: give one of {', '.join(LOG_LEVELS)}.")
        if self.console is not None:
            # Who serves it works in another folder.
            object.__setattr__(self, "console", Path(self.console).absolute())

    def save(self, file: Path) -> None:
        """
        Keep them for the next start.

        :param file: to write; only its owner can read it, options may hold secrets
        """
        write_atomically(file, json.dumps(asdict(self), indent=2, default=str))


def load(file: Path) -> Settings | None:
    """
    The settings of last time.

    :param file: where they were saved
    :return: None when there are none
    :raises EmbeddedError: when the file is damaged, or cannot be read
    """
    try:
        return Settings(**json.loads(file.read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EmbeddedError(explain(error, file)) from error
    except (ValueError, TypeError) as error:
        raise EmbeddedError(f"{file} is damaged: reset the orchestrator to start afresh.") from error
