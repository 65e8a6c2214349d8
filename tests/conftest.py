"""What the tests of the module share: the model that they compile, its configuration, a catalog that holds both services."""

import collections.abc
import functools
import pathlib
import uuid

import pytest
import pytest_inmanta.plugin
from pytest_inmanta_lsm import lsm_project as lsm_project_module
from pytest_inmanta_lsm import remote_orchestrator as remote_orchestrator_module

from tests import configuration_file, deployment

# All that a project has to contain to offer both services.
MODEL = """
    import integration_example::services::basic::lsm
    import integration_example::services::important_customer::lsm
"""


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


@pytest.fixture
def remote_orchestrator_settings(partial_compile: bool) -> dict[str, str | int | bool]:
    """The settings of the environment of a full test, besides those that pytest-inmanta-lsm makes."""
    # A resource that failed is tried again when something changes, or a test asks for it: never just because time passed.
    return {"lsm_partial_compile": partial_compile, "autostart_agent_deploy_interval": 0}


@pytest.fixture
def deployed(
    project: pytest_inmanta.plugin.Project,
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator,
    configure: configuration_file.Configure,
    model: str,
) -> collections.abc.Iterator[deployment.Deployment]:
    """A real orchestrator that has both services in its catalog, and a folder on it in which they are deployed."""
    folder = pathlib.PurePosixPath(f"/tmp/integration-example-{uuid.uuid4()}")
    deployed = deployment.Deployment(remote_orchestrator, folder)
    deployed.prepare()
    try:
        configure(deployed.configuration())
        project.compile(model, no_dedent=False)
        remote_orchestrator.export_service_entities()
        yield deployed
    finally:
        deployed.clean_up()
