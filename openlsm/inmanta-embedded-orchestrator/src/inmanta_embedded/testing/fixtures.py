"""The fixtures of pytest-inmanta-lsm that reach an orchestrator, for one that the test run starts itself."""

import uuid
from collections.abc import Iterator

import pytest
from pytest_inmanta.plugin import Project
from pytest_inmanta.test_parameter.parameter import ParameterNotSetException
from pytest_inmanta.test_parameter.string_parameter import StringTestParameter
from pytest_inmanta_lsm.parameters import inm_lsm_env_name, inm_lsm_project_name
from pytest_inmanta_lsm.remote_orchestrator import OrchestratorEnvironment, RemoteOrchestrator

from inmanta_embedded.layout import BASE_FOLDER
from inmanta_embedded.orchestrator import Orchestrator
from inmanta_embedded.settings import Settings
from inmanta_embedded.testing import compiles, polling, run_summary
from inmanta_embedded.testing.local_orchestrator import LocalOrchestrator
from inmanta_embedded.testing.run_folder import claim_folder


@pytest.fixture(scope="session")
def embedded_orchestrator_settings() -> Settings:
    """
    How the orchestrator of the test run should be. Override it to turn on authentication, for example.

    The state of a test run need not survive a crash of the machine. Compiles are warm, unless
    ``INMANTA_TEST_COLD_COMPILES`` asks for cold ones.
    """
    return Settings(durable=False, extensions=compiles.extensions())


@pytest.fixture(scope="session")
def embedded_orchestrator(
    request: pytest.FixtureRequest,
    embedded_orchestrator_settings: Settings,
    remote_orchestrator_no_clean: bool,
    remote_orchestrator_no_halt: bool,
) -> Iterator[Orchestrator]:
    """
    An orchestrator that is started for this test run (for each of its workers), with no state.

    The stock clients look at it often. It ends with the test run, and its logs stay; with ``--lsm-no-clean`` or
    ``--lsm-no-halt`` it stays as well.
    """
    stays = remote_orchestrator_no_clean or remote_orchestrator_no_halt
    folder, lock = claim_folder(request.config.rootpath / BASE_FOLDER)
    orchestrator = Orchestrator(folder, embedded_orchestrator_settings, detached=stays)
    try:
        orchestrator.reset()
        orchestrator.start()
        with polling.often():
            yield orchestrator
        if stays:
            run_summary.tell(
                request.config,
                f"The orchestrator goes on at {orchestrator.url}: "
                f"`inmanta-embedded --folder {folder} stop` (or reset) ends it.",
            )
        else:
            orchestrator.stop()
    finally:
        lock.release()


@pytest.fixture(scope="session")
def remote_orchestrator_host(embedded_orchestrator: Orchestrator) -> tuple[str, int]:
    """Address and port of the orchestrator."""
    return embedded_orchestrator.host, embedded_orchestrator.port


@pytest.fixture(scope="session")
def remote_orchestrator_access(
    request: pytest.FixtureRequest,
    project_shared: Project,
    remote_orchestrator_environment: str,
    remote_orchestrator_host: tuple[str, int],
    embedded_orchestrator: Orchestrator,
    embedded_orchestrator_settings: Settings,
) -> RemoteOrchestrator:
    """The stock access to an orchestrator, without anything in it that reaches another machine."""

    def given(option: StringTestParameter) -> str | None:
        try:
            return str(option.resolve(request.config))
        except ParameterNotSetException:
            return None

    host, port = remote_orchestrator_host
    access = LocalOrchestrator(
        OrchestratorEnvironment(
            id=uuid.UUID(remote_orchestrator_environment),
            name=given(inm_lsm_env_name),
            project=given(inm_lsm_project_name),
        ),
        embedded_orchestrator.layout,
        host=host,
        port=port,
        token=embedded_orchestrator.token(["api", "compiler"]) if embedded_orchestrator_settings.auth else None,
    )
    access.make_environment()
    return access
