"""
Mocked tests of what a project imports: each service alone, both together, and the entities without the services. See
``test_basic_service.py`` for what mocked tests are good for.
"""

import inmanta_plugins.lsm
import pytest
import pytest_inmanta.plugin
from pytest_inmanta_lsm import lsm_project as lsm_project_module

from tests import configuration_file


@pytest.mark.parametrize(
    ("namespace", "service"),
    [("basic", "BasicService"), ("important_customer", "ImportantCustomerService")],
)
def test_the_import_of_its_lsm_namespace_is_enough_to_offer_a_service(
    lsm_project: lsm_project_module.LsmProject, configure: configuration_file.Configure, namespace: str, service: str
) -> None:
    configure("")

    lsm_project.export_service_entities(f"import integration_example::services::{namespace}::lsm")

    assert lsm_project.service_entities is not None
    assert list(lsm_project.service_entities) == [service]


def test_the_entities_compile_without_any_orchestrator(
    project: pytest_inmanta.plugin.Project, configure: configuration_file.Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_client() -> None:
        raise AssertionError("There is no orchestrator to ask.")

    configure("")
    monkeypatch.setattr(inmanta_plugins.lsm.global_cache, "get_client", no_client)

    project.compile(
        """
        import integration_example
        import integration_example::config
        import integration_example::services
        import integration_example::services::basic
        import integration_example::services::important_customer

        entity Shop extends integration_example::services::important_customer::ServiceDocumentation:
        end

        implement Shop using parents
        """
    )

    assert project.types is not None
    assert "integration_example::services::basic::BasicService" in project.types
    assert project.get_instances("lsm::ServiceEntityBinding") == []
