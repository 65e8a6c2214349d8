"""What is where in the folder of an embedded orchestrator."""

from dataclasses import dataclass
from pathlib import Path

from inmanta_embedded import ownership

BASE_FOLDER = Path(".inmanta-embedded")
"""What all orchestrators of a project are kept in, relative to the project."""

DEFAULT_FOLDER = BASE_FOLDER / "default"


@dataclass(frozen=True)
class Layout:
    """
    The folder of an orchestrator: everything that it writes is in it.

    :param folder: absolute path of the folder
    """

    folder: Path

    @property
    def settings(self) -> Path:
        """How the orchestrator was asked to be."""
        return self.folder / "settings.json"

    @property
    def status(self) -> Path:
        """How the orchestrator is doing."""
        return self.folder / "status.json"

    @property
    def postgres(self) -> Path:
        """The folder of the database server."""
        return self.folder / "postgres"

    @property
    def state(self) -> Path:
        """What inmanta calls its state directory."""
        return self.folder / "state"

    @property
    def logs(self) -> Path:
        """The logs of the inmanta server, of its schedulers, and of what keeps them running."""
        return self.folder / "log"

    @property
    def server_log(self) -> Path:
        """The log of the inmanta server."""
        return self.logs / "server.log"

    @property
    def server_output(self) -> Path:
        """What the inmanta server prints, for example when it cannot start."""
        return self.logs / "server.out"

    @property
    def supervisor_log(self) -> Path:
        """What the processes that keep the orchestrator running print."""
        return self.logs / "supervisor.log"

    @property
    def pages_log(self) -> Path:
        """What the process that serves the pages prints."""
        return self.logs / "pages.log"

    @property
    def pages_link(self) -> Path:
        """The link to the pages, which logs in once."""
        return self.folder / "pages.json"

    @property
    def temporary(self) -> Path:
        """Takes the place of the temporary directory of the machine."""
        return self.folder / "tmp"

    @property
    def server_config(self) -> Path:
        """The configuration file of the inmanta server."""
        return self.folder / "server.cfg"

    @property
    def pip_config(self) -> Path:
        """What pip reads for the server, its compiles and its agents."""
        return self.folder / "pip.conf"

    @property
    def port(self) -> Path:
        """The port of the inmanta server at its last start."""
        return self.folder / "server.port"

    def project(self, environment: str) -> Path:
        """
        Where the server expects the inmanta project of an environment.

        :param environment: id of the environment
        """
        return self.state / "server" / environment / "compiler"

    def create(self) -> None:
        """
        Make the folders; nobody but the owner may look into them, and git ignores them.

        :raises EmbeddedError: when the folder is not ours to use
        """
        ownership.take(self.folder)
        for folder in (self.state, self.logs, self.temporary):
            ownership.make_private(folder)
        # Others write them, with rights of their own choice.
        for log in (self.server_log, self.server_output, self.supervisor_log, self.logs / "callback.log"):
            ownership.private_file(log)
