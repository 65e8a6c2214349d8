"""The types, defaults and relations that models of services rely on."""

import pytest
from inmanta.ast import CompilerException
from pytest_inmanta.plugin import Project

ACCEPTED = {
    "attribute_modifier": ["r", "rw", "rw+"],
    "attribute_set_opt": ["candidate", "active", "rollback"],
    "labels": ["success", "info", "warning", "danger"],
    "operation": ["clear candidate", "clear active", "clear rollback", "promote", "rollback"],
}


def entity(typedef: str, *values: str) -> str:
    attributes = "\n".join(f'    lsm::{typedef} a{number} = "{value}"' for number, value in enumerate(values))
    return f"entity E{typedef.replace('_', '').title()}:\n{attributes}\nend\n"


def test_the_typedefs_accept_their_values(project: Project) -> None:
    project.compile("import lsm\n" + "".join(entity(typedef, *values) for typedef, values in ACCEPTED.items()))


@pytest.mark.parametrize(
    ("typedef", "value"),
    [
        ("attribute_modifier", "w"),
        ("attribute_set_opt", "previous"),
        ("labels", "ok"),
        ("operation", "clear"),
        ("operation", "promote "),
    ],
)
def test_the_typedefs_reject_other_values(project: Project, typedef: str, value: str) -> None:
    with pytest.raises(CompilerException, match=f"Invalid value '{value}'"):
        project.compile("import lsm\n" + entity(typedef, value))


def test_all_namespaces_compile_without_orchestrator(project: Project) -> None:
    project.compile("import lsm\nimport lsm::fsm\nimport lsm::allocators")

    assert project.resources == {}


def test_bindings_of_all_kinds_can_be_owners_and_only_the_first_kind_is_not_strict(project: Project) -> None:
    project.compile("""
        import lsm
        import lsm::fsm
        entity Service extends lsm::ServiceEntity:
        end
        implement Service using parents

        first = lsm::ServiceEntityBinding(
            service_entity="__config__::Service", service_entity_name="first", lifecycle=lsm::fsm::simple
        )
        second = lsm::ServiceEntityBindingV2(
            service_entity="__config__::Service", service_entity_name="second", lifecycle=lsm::fsm::simple,
            owner=first, relation_to_owner="other", allocation_spec=null,
        )
        third = lsm::ServiceBindingVersion(
            service_entity="__config__::Service", lifecycle=lsm::fsm::simple, owner=second,
        )
        fourth = lsm::ServiceEntityBindingV2(
            service_entity="__config__::Service", service_entity_name="fourth", lifecycle=lsm::fsm::simple, owner=third,
        )
        lsm::ServiceBinding(service_entity_name="third", default_version=0, versions=[third])
    """)

    bindings = project.get_instances("lsm::ServiceBindingBase")
    strict = {(binding._type().name, binding.strict_modifier_enforcement) for binding in bindings}
    assert strict == {("ServiceEntityBinding", False), ("ServiceEntityBindingV2", True), ("ServiceBindingVersion", True)}
    [version] = project.get_instances("lsm::ServiceBindingVersion")
    assert version.version == 0
