"""How tests reach an orchestrator that runs on their own machine, in their own Python environment."""

import logging
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from inmanta.module import ModuleGeneration
from pytest_inmanta_lsm.remote_orchestrator import OrchestratorEnvironment, RemoteOrchestrator

from inmanta_embedded import project
from inmanta_embedded.layout import BASE_FOLDER, Layout
from inmanta_embedded.server import clean_environment
from inmanta_embedded.testing.mirror import mirror

LOGGER = logging.getLogger(__name__)
_NEVER_COPIED = (".git", str(BASE_FOLDER))


class LocalOrchestrator(RemoteOrchestrator):
    """
    The stock access to an orchestrator, with everything replaced that reaches another machine.

    Commands run here and as the current user, folders are copied, and nothing is installed: the server runs in the Python
    environment of the tests, so that it has all modules that they have.
    """

    def __init__(
        self,
        orchestrator_environment: OrchestratorEnvironment,
        layout: Layout,
        *,
        host: str,
        port: int,
        token: str | None = None,
    ) -> None:
        """
        :param orchestrator_environment: the inmanta environment to use; it need not exist yet
        :param layout: where the files of the orchestrator are
        :param host: address of its API
        :param port: port of its API
        :param token: for its API, when it asks for one
        """
        self._layout = layout
        # Whether no test has had the environment since it was made, or cleared as a whole.
        self._unused = False
        # The remote shell is never used, but one has to be named.
        super().__init__(orchestrator_environment, host=host, port=port, token=token, remote_shell=["sh"])

    def make_environment(self) -> None:
        """Make sure that the environment is there, with the name and the project that it should have."""
        found = self.client.environment_get(self.environment)
        self._unused = found.code == 404
        self.orchestrator_environment.configure_environment(self.client)

    @property
    def remote_project_path(self) -> Path:
        """Where the server has the project of the environment."""
        return self._layout.project(str(self.environment))

    def run_command(
        self,
        args: Sequence[str],
        *,
        shell: bool = False,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        user: str | None = "inmanta",
        stderr: int = subprocess.STDOUT,
    ) -> str:
        """
        Run a command on this machine.

        :param args: the command; exactly one text when it is for a shell
        :param shell: whether bash should run it
        :param cwd: where to run it
        :param env: variables to set besides those of this process
        :param user: ignored: it runs as the current user, who owns the orchestrator
        :param stderr: where its error output goes; with what is returned by default
        :return: what it prints
        :raises subprocess.CalledProcessError: when it fails
        """
        if shell and len(args) != 1:
            raise ValueError(f"A command for a shell is one text, not {len(args)}.")
        try:
            return subprocess.run(
                ["bash", "-c", args[0]] if shell else list(args),
                cwd=cwd,
                env={**clean_environment(os.environ), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                check=True,
            ).stdout
        except subprocess.CalledProcessError as error:
            LOGGER.error("The command %s failed with code %s: %s", args, error.returncode, error.stdout)
            raise

    def run_command_with_server_env(
        self,
        args: Sequence[str],
        *,
        shell: bool = False,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> str:
        """
        Run a command as the server would, such that inmanta's own commands find it.

        :param args: the command; exactly one text when it is for a shell
        :param shell: whether bash should run it
        :param cwd: where to run it
        :param env: more variables
        :return: what it prints
        :raises subprocess.CalledProcessError: when it fails
        """
        transport = {
            f"INMANTA_{section}_REST_TRANSPORT_{name}": value
            for section in ("COMPILER", "CLIENT")
            for name, value in (("HOST", self.host), ("PORT", str(self.port)))
        }
        # The stock export writes a file to a folder, and under a name, that all users of the machine share.
        shared = f"/tmp/{self.environment}.json"
        own = str(self._layout.temporary / f"{uuid.uuid4()}.json")
        return self.run_command(
            [arg.replace(shared, own) for arg in args],
            shell=shell,
            cwd=cwd,
            env={"TMPDIR": str(self._layout.temporary), **transport, **(env or {})},
        )

    def sync_local_folder(
        self, local_folder: Path, remote_folder: Path, *, excludes: Sequence[str], user: str | None = "inmanta"
    ) -> None:
        """
        Make one folder a copy of another one.

        :param local_folder: the original
        :param remote_folder: the copy; what the original does not have is removed from it
        :param excludes: patterns of names, or of paths relative to the folder, that are neither copied nor removed
        :param user: ignored, as everything belongs to the current user
        """
        mirror(local_folder, remote_folder, [*_NEVER_COPIED, *excludes])

    def sync_project_folder(self) -> None:
        """Copy the project to the server: its own files, and the modules that are not installed as packages."""
        project = Path(self.local_project._path)
        module_folders = [folder for folder in self.local_project.metadata.modulepath if not Path(folder).is_absolute()]
        self.sync_local_folder(
            project, self.remote_project_path, excludes=[".env", "env", ".env-py*", ".cfcache", "__pycache__", *module_folders]
        )
        self._ensure_package_source()
        libs = self.remote_project_path / "libs"
        if libs.exists():
            shutil.rmtree(libs)
        libs.mkdir()
        for name, module in self.local_project.get_modules().items():
            if module.GENERATION == ModuleGeneration.V1:
                self.sync_local_folder(Path(module.path), libs / name, excludes=["__pycache__"])

    def _ensure_package_source(self) -> None:
        """
        Let the server's project name a source of packages.

        Agents refuse a project without one, even where everything that it needs is installed already. The stock project of a
        test names none unless the user does.
        """
        if self.local_project.metadata.pip.has_source():
            return
        file = self.remote_project_path / "project.yml"
        content = yaml.safe_load(file.read_text())
        content["pip"] = {**(content.get("pip") or {}), "use_system_config": True}
        file.write_text(yaml.safe_dump(content))

    def install_project(self) -> None:
        """Give the project an environment of its own, on top of that of the tests, as the server would when it compiles."""
        project.make_environment(self.remote_project_path)

    def clear_environment(self, *, soft: bool = False) -> None:
        """
        Clear the environment. One that no test had yet, with nothing in it, stays as it is: the server would end its scheduler
        and start another one, which takes longer than many a test.

        :param soft: whether to keep the project, for a test that follows. The stock access puts it aside in the folder of the
            environment, which the server removes as a whole.
        """
        project = self.remote_project_path
        is_clear = self._unused and (soft or not project.exists()) and self._is_empty()
        self._unused = not soft
        if is_clear:
            return
        if not soft or not project.exists():
            super().clear_environment()
            return
        with tempfile.TemporaryDirectory(dir=self._layout.temporary) as aside:
            kept = project.rename(Path(aside) / project.name)
            try:
                super().clear_environment()
            finally:
                shutil.rmtree(project, ignore_errors=True)
                project.parent.mkdir(parents=True, exist_ok=True)
                kept.rename(project)

    def _is_empty(self) -> bool:
        """Tell whether nothing was compiled, exported, written or offered in the environment."""
        client = self.client
        calls = (
            (client.lsm_service_catalog_list, "data"),
            (client.get_compile_reports, "data"),
            (client.list_versions, "versions"),
            (client.list_params, "parameters"),
        )
        for call, name in calls:
            answer = call(self.environment)
            assert answer.code == 200, answer.result
            assert answer.result is not None
            if answer.result[name]:
                return False
        return True

    def cache_libs_folder(self) -> None:
        """Nothing to keep for the next run: what took long to install would be, and nothing is installed."""

    def restore_libs_folder(self) -> None:
        """Nothing was kept by the last run."""
