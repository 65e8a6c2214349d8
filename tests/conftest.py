"""What the tests of the module share: the model that they compile, its configuration, a catalog that holds both services."""

import collections.abc
import functools
import pathlib
import uuid

import pytest
import pytest_inmanta.plugin
from pytest_inmanta_lsm import lsm_project as lsm_project_module
from pytest_inmanta_lsm import remote_orchestrator as remote_orchestrator_module

from tests import configuration_file, deployment, kept_environment

# All that a project has to contain to offer both services.
MODEL = """
    import integration_example::services::basic::lsm
    import integration_example::services::important_customer::lsm
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run those after each other that can take the environment of the one before."""
    items.sort(key=lambda item: kept_environment.turn(getattr(item, "fixturenames", ())))


@pytest.fixture
def model() -> str:
    """The model of a project that offers both services."""
    return MODEL


@pytest.fixture
def configure(project: pytest_inmanta.plugin.Project) -> collections.abc.Iterator[configuration_file.Configure]:
    """Write the configuration file of the project. It is gone after the test, since all tests of a session share the folder."""
    path = pathlib.Path(project._test_project_dir) / "files" / "integration-example-config.yml"
    path.unlink(missing_ok=True)
    yield functools.partial(configuration_file.write, path)
    path.unlink(missing_ok=True)


@pytest.fixture
def lsm(
    lsm_project: lsm_project_module.LsmProject, configure: configuration_file.Configure, model: str
) -> lsm_project_module.LsmProject:
    """The stock ``lsm_project``, with an empty configuration file and both services in its catalog."""
    configure("")
    lsm_project.export_service_entities(model)
    return lsm_project


@pytest.fixture
def partial_compile(request: pytest.FixtureRequest, remote_orchestrator_partial: bool) -> bool:
    """Whether partial compile is on, on a real orchestrator: what the test asks for, else what the options of the run say."""
    return bool(getattr(request, "param", remote_orchestrator_partial))


@pytest.fixture(scope="session")
def kept(
    remote_orchestrator_shared: remote_orchestrator_module.RemoteOrchestrator,
) -> collections.abc.Iterator[kept_environment.KeptEnvironment]:
    """The environment of the test run, which tests may hand on to each other."""
    environment = kept_environment.KeptEnvironment(remote_orchestrator_shared)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remote_orchestrator_shared, "clear_environment", environment.clear)
        yield environment


@pytest.fixture
def remote_orchestrator_settings(
    request: pytest.FixtureRequest, partial_compile: bool, kept: kept_environment.KeptEnvironment
) -> dict[str, str | int | bool]:
    """The settings of the environment of a full test, besides those that pytest-inmanta-lsm makes once it is cleared."""
    kept.expect(request.fixturenames)
    # A resource that failed is tried again when something changes, or a test asks for it: never just because time passed.
    return {"lsm_partial_compile": partial_compile, "autostart_agent_deploy_interval": 0}


@pytest.fixture(scope="session")
def deployment_folder(
    remote_orchestrator_shared: remote_orchestrator_module.RemoteOrchestrator,
) -> collections.abc.Iterator[pathlib.PurePosixPath]:
    """The folder on the orchestrator in which the services of all tests are deployed; the configuration names it."""
    folder = pathlib.PurePosixPath(f"/tmp/integration-example-{uuid.uuid4()}")
    yield folder
    deployment.Deployment(remote_orchestrator_shared, folder).clean_up()


@pytest.fixture
def deployed(
    project: pytest_inmanta.plugin.Project,
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator,
    kept: kept_environment.KeptEnvironment,
    configure: configuration_file.Configure,
    model: str,
    deployment_folder: pathlib.PurePosixPath,
) -> collections.abc.Iterator[deployment.Deployment]:
    """A real orchestrator that has both services in its catalog, and a folder on it in which they are deployed."""
    deployed = deployment.Deployment(remote_orchestrator, deployment_folder)

    def export() -> None:
        # Only together with the environment, which knows that the folders that all orders share are there.
        deployed.clean_up()
        deployed.prepare()
        remote_orchestrator.export_service_entities()

    configuration = configure(deployed.configuration())
    written = configuration.read_bytes()
    project.compile(model, no_dedent=False)
    kept.fill("deployed", export)
    yield deployed
    # Not with the configuration that a test gave the orchestrator.
    if configuration.read_bytes() != written:
        configuration.write_bytes(written)
        remote_orchestrator.sync_project()
    kept.hand_on("deployed")
