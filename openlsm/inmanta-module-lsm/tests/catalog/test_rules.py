"""What keeps a service from being exported: every model is refused with one clear sentence, and nothing is sent."""

import pytest
from inmanta.ast import CompilerException, MultiException
from pytest_inmanta_lsm.lsm_project import LsmProject

IMPORTS = """
import lsm
import lsm::fsm
"""

# In these models the character @ stands for the number of the model, so that all of them fit into one.
HEADER = """
entity Service@ extends lsm::ServiceEntity:
    string name
    string? alias = null
    lsm::attribute_modifier alias__modifier = "rw+"
    bool flag = true
end
implement Service@ using parents

entity Part@ extends lsm::EmbeddedEntity:
    string name
    string label = ""
    lsm::attribute_modifier label__modifier = "rw+"
    string _private = ""
end
implement Part@ using parents

entity Lonely@ extends lsm::ServiceEntity:
end
implement Lonely@ using parents

up@ = lsm::State(name="up", export_resources=true)
down@ = lsm::State(name="down", export_resources=false)

"""

BINDING = (
    'lsm::ServiceEntityBindingV2(service_entity_name="s@", service_entity="__config__::Service@", lifecycle={lifecycle}{more})'
)


def binding(more: str = "", lifecycle: str = "lsm::fsm::simple") -> str:
    return BINDING.format(lifecycle=lifecycle, more=f", {more}" if more else "")


def lifecycle(*transfers: str) -> str:
    made = ", ".join(f"lsm::StateTransfer({transfer})" for transfer in transfers)
    return f'lsm::LifecycleStateMachine(name="mine", initial_state=up@, transfers=[{made}])'


def versions(default_version: int, *numbers: int) -> str:
    made = ", ".join(
        f'lsm::ServiceBindingVersion(service_entity="__config__::Service@", lifecycle=lsm::fsm::simple, version={number})'
        for number in numbers
    )
    return f'lsm::ServiceBinding(service_entity_name="s@", default_version={default_version}, versions=[{made}])'


REFUSED: dict[str, tuple[str, str]] = {
    "an entity that does not exist": (
        binding().replace("__config__::Service@", "__config__::Other"),
        "there is no entity __config__::Other",
    ),
    "an entity that is no service": (
        binding().replace("__config__::Service@", "__config__::Part@"),
        "entity __config__::Part@ does not extend lsm::ServiceEntity",
    ),
    "an entity without the implementations of its parents": (
        "entity Silent@ extends Service@:\nend\nimplementation own@ for Silent@:\nend\nimplement Silent@ using own@\n"
        + binding().replace("__config__::Service@", "__config__::Silent@"),
        "so that its deployment would never be reported: write `implement __config__::Silent@ using parents`, and the same for",
    ),
    "an entity whose parent has none": (
        "entity Silent@ extends lsm::ServiceEntity:\nend\nimplementation own@ for Silent@:\nend\n"
        "implement Silent@ using own@\nentity Loud@ extends Silent@:\nend\nimplement Loud@ using parents\n"
        + binding().replace("__config__::Service@", "__config__::Loud@"),
        "entity __config__::Loud@ does not have the implementations of lsm::ServiceEntity",
    ),
    "an identity that does not exist": (binding('service_identity="id"'), "identity id is no attribute"),
    "an identity that may change": (binding('service_identity="alias"'), "identity alias must have modifier rw"),
    "an identity that is no string or int": (binding('service_identity="flag"'), "identity flag must be a required string or"),
    "a relation to the owner that does not exist": (
        binding('relation_to_owner="owner"'),
        "__config__::Service@ has no relation owner, which its binding gives as relation_to_owner",
    ),
    "a relation to more than one owner": (
        "Service@.owners [1:] lsm::__service__ Service@\n" + binding('relation_to_owner="owners"'),
        "relation owners of __config__::Service@ may lead to more than one owner",
    ),
    "an owner without relation to it": (
        binding("owner=other@")
        + '\nother@ = lsm::ServiceEntityBindingV2(service_entity="__config__::Lonely@", service_entity_name="other@",'
        " lifecycle=lsm::fsm::simple)",
        "it is owned by other@, but its binding names no relation to it: set relation_to_owner",
    ),
    "a default version that is no version": (versions(1, 0, 2), "its default version 1 is not one of its versions: 0, 2"),
    "no versions at all": (versions(0), "its default version 0 is not one of its versions: none"),
    "two versions with one number": (versions(0, 0, 0), "several of its versions have the same number: 0, 0"),
    "two different bindings with one name": (
        binding() + "\n" + binding('service_identity="name"'),
        "it is bound more than once: use one lsm::ServiceBinding for all its versions",
    ),
    "a validation that cannot fail": (
        binding(lifecycle=lifecycle("source=up@, target=up@, auto=true, validate=true")),
        "transfer up -> up of lifecycle mine validates, but has no error state",
    ),
    "a preserving edge that ends the export": (
        binding(lifecycle=lifecycle("source=up@, target=down@, api_set_state=true, target_same_desired_state=true")),
        "the transfer up -> down cannot keep the desired state",
    ),
    "a relation to an entity that is no service": (
        "Service@.friend [0:1] lsm::__service__ Lonely@\n" + binding(),
        "friend does not lead to one service: __config__::Lonely@ is not bound to a service: add a binding",
    ),
    "a modifier that is none": (
        'entity Odd@ extends Service@:\n    string name__modifier = "w"\nend\nimplement Odd@ using parents\n'
        + binding().replace("__config__::Service@", "__config__::Odd@"),
        "The modifier of attribute name of __config__::Odd@ is 'w': use r, rw or rw+",
    ),
    "embedded entities without index": (
        "Service@.parts [0:] -- Part@._service [1]\n" + binding(),
        "Nothing identifies embedded entity __config__::Part@ in relation __config__::Service@.parts",
    ),
    "an index over private attributes only": (
        "Service@.parts [0:] -- Part@._service [1]\nindex Part@(_service, _private)\n" + binding(),
        "Nothing identifies embedded entity",
    ),
    "an index over another relation": (
        "Service@.parts [0:] -- Part@._service [1]\nPart@.other [1] -- Lonely@\nindex Part@(other, name)\n" + binding(),
        "Nothing identifies embedded entity",
    ),
    "several indexes": (
        "Service@.parts [0:] -- Part@._service [1]\nindex Part@(_service, name)\nindex Part@(_service, label)\n" + binding(),
        "Several indexes identify embedded entity __config__::Part@ in relation __config__::Service@.parts: (label), (name)",
    ),
    "key attributes without index": (
        'entity Keyed@ extends Part@:\n    string[]? __lsm_key_attributes = ["name", "label"]\nend\nindex Keyed@(name)\n'
        "implement Keyed@ using parents\nService@.parts [0:] -- Keyed@._service [1]\n" + binding(),
        "__lsm_key_attributes of embedded entity __config__::Keyed@ names name, label: add an index",
    ),
    "a key attribute that may change": (
        "Service@.parts [0:] -- Part@._service [1]\nindex Part@(label)\n" + binding(),
        "key attribute label cannot have modifier rw+",
    ),
    "a way back that is part of the catalog": (
        "Service@.parts [0:] -- Part@.service [1]\nindex Part@(service, name)\n" + binding(),
        "Relation __config__::Part@.service leads from an embedded entity to the entity it is part of: start its name with",
    ),
    "a way back to several": (
        "Service@.parts [0:] -- Part@._services [0:]\nindex Part@(name)\n" + binding(),
        "Relation __config__::Part@._services leads from an embedded entity to the one entity it is part of: give it the arity",
    ),
    "a read-only relation to what may change": (
        "Service@.parts [0:] lsm::__r__ Part@._service [1]\nindex Part@(_service, name)\n" + binding(),
        "but the relation has modifier r, so everything inside has to be read-only",
    ),
    "an embedded entity that contains itself": (
        "Service@.part [0:1] -- Part@\nPart@.inner [0:1] -- Part@\n" + binding(),
        "Embedded entity __config__::Part@ contains itself, through relation __config__::Part@.inner",
    ),
}


def numbered(text: str, number: int) -> str:
    return text.replace("@", str(number))


@pytest.fixture(scope="module")
def refusals() -> dict[str, CompilerException]:
    """The errors by the name of the service, empty until the first test exported the models."""
    return {}


@pytest.fixture
def errors(refusals: dict[str, CompilerException], request: pytest.FixtureRequest) -> dict[str, CompilerException]:
    if not refusals:
        lsm_project: LsmProject = request.getfixturevalue("lsm_project")
        models = [numbered(HEADER + model, number) for number, (model, _) in enumerate(REFUSED.values())]
        with pytest.raises(MultiException) as refusal:
            lsm_project.export_service_entities("\n".join([IMPORTS, *models]))
        # Some of the bindings are right, but nothing is sent when anything is wrong.
        assert lsm_project.service_entities == {}
        refusals.update({error.get_message().split()[1]: error for error in refusal.value.get_causes()})
    return refusals


@pytest.mark.parametrize("what", REFUSED)
def test_is_refused_with_one_clear_sentence(errors: dict[str, CompilerException], what: str) -> None:
    number = list(REFUSED).index(what)

    error = errors[f"s{number}"]

    assert numbered(REFUSED[what][1], number) in error.get_message()
    assert error.get_message().startswith(f"Service s{number} cannot be exported to the catalog: ")
    assert error.get_message().endswith(".")
    assert "main.cf" in str(error)


def test_services_that_own_each_other_are_refused(lsm_project: LsmProject) -> None:
    model = """
        Service@.other [1] lsm::__service__ Lonely@
        Lonely@.other [1] lsm::__service__ Service@
        a = lsm::ServiceEntityBindingV2(
            service_entity="__config__::Service@", service_entity_name="a", lifecycle=lsm::fsm::simple, owner=b,
            relation_to_owner="other",
        )
        b = lsm::ServiceEntityBindingV2(
            service_entity="__config__::Lonely@", service_entity_name="b", lifecycle=lsm::fsm::simple, owner=a,
            relation_to_owner="other",
        )
    """

    with pytest.raises(CompilerException, match="Services own each other: a is owned by b is owned by a"):
        lsm_project.export_service_entities(IMPORTS + numbered(HEADER + model, 0))


def test_a_binding_that_is_there_twice_is_exported_once(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(IMPORTS + numbered(HEADER + binding() + "\n" + binding(), 0))

    assert list(lsm_project.service_entities or {}) == ["s0"]


def test_with_upper_arity_one_an_embedded_entity_needs_no_index_and_all_its_values_may_change(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(
        IMPORTS + numbered(HEADER + "Service@.part [1] -- Part@._service [1]\nindex Part@(_service, label)\n" + binding(), 0)
    )

    [part] = lsm_project.get_service_entity("s0").embedded_entities
    assert part.key_attributes is None


def test_the_only_wrong_binding_is_the_error_itself(lsm_project: LsmProject) -> None:
    with pytest.raises(CompilerException, match="Service s0 cannot be exported to the catalog: the service identity id is"):
        lsm_project.export_service_entities(IMPORTS + numbered(HEADER + binding('service_identity="id"'), 0))


@pytest.mark.parametrize("implements", ["implement Base using std::none", ""], ids=["by nothing", "not at all"])
def test_a_service_whose_deployment_nobody_hears_of_is_told(
    lsm_project: LsmProject, caplog: pytest.LogCaptureFixture, implements: str
) -> None:
    model = f"""
        entity Base extends lsm::ServiceEntity:
        end
        {implements}
        entity Service extends Base:
        end
        implement Service using parents
        lsm::ServiceEntityBindingV2(service_entity="__config__::Service", service_entity_name="s", lifecycle={{}})
    """
    free = 'lsm::LifecycleStateMachine(name="free", initial_state=lsm::State(name="up", export_resources=true), transfers=[])'

    lsm_project.export_service_entities(IMPORTS + model.format(free))
    assert "using parents" not in caplog.text
    lsm_project.export_service_entities(IMPORTS + model.format("lsm::fsm::simple"))

    assert "The instances of a service will wait forever: entity __config__::Service does not have" in caplog.text
    assert "write `implement __config__::Service using parents`" in caplog.text
