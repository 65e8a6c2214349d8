"""The definitions that the service catalog gets from a model."""

import json
from typing import Any

from pytest_inmanta_lsm.lsm_project import LsmProject

EXAMPLE = '''
import lsm
import lsm::fsm
import std

typedef epc_version_t as string matching self in ["11.3.2-1", "11.3.3-1"]

entity Parent extends lsm::ServiceEntity:
end
implement Parent using parents

entity MobileCore extends lsm::ServiceEntity:
    """
    The core of a mobile network.

    :attr epc_version: The version of the packet core,
        as its vendor counts.
    :attr telco_ip_range: Not used, the attribute below wins.
    """
    string name
    epc_version_t epc_version = "11.3.2-1"
    lsm::attribute_modifier epc_version__modifier = "rw+"
    std::ipv4_network telco_ip_range
    string telco_ip_range__description = "The addresses."
    int? system_id = null
    lsm::attribute_modifier system_id__modifier = "r"
    dict system_id__annotations = {"web_title": "Id", "levels": [1, null]}
    string _hidden = ""
end
implement MobileCore using parents

entity RoFiles extends lsm::EmbeddedEntity:
    string name
    dict __annotations = {"web_icon": "file"}
end
index RoFiles(_core, name)
implement RoFiles using std::none

__wide__ = lsm::RelationAnnotations(annotations={"web_order": 1})
MobileCore.ro_files [0:] lsm::__rwplus__, __wide__ RoFiles._core [1]
"""The files that are only read."""
RoFiles.parent_entity [1] lsm::__service__, lsm::__rwplus__ Parent

lsm::ServiceEntityBindingV2(
    service_entity="__config__::MobileCore",
    service_entity_name="mobileCore",
    lifecycle=lsm::fsm::simple,
    service_identity="name",
    service_identity_display_name="Mobile Core",
)
lsm::ServiceEntityBinding(
    service_entity="__config__::Parent", service_entity_name="parent-service", lifecycle=lsm::fsm::service
)
'''


def definition(lsm_project: LsmProject, name: str, version: int | None = None) -> dict[str, Any]:
    """A definition as the server gets it, the lifecycle apart."""
    entity = lsm_project.get_service_entity(name, version)
    document: dict[str, Any] = json.loads(entity.model_dump_json(by_alias=True, exclude={"lifecycle"}))
    return document


def attribute(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "description": None,
        "modifier": "rw",
        "attribute_annotations": {},
        "type": "string",
        "default_value": None,
        "default_value_set": False,
        "validation_type": None,
        "validation_parameters": None,
        **fields,
    }


def test_a_definition_tells_all_that_the_model_says(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(EXAMPLE)

    names = {"11.3.2-1": "11.3.2-1", "11.3.3-1": "11.3.3-1"}
    assert definition(lsm_project, "mobileCore") == {
        "environment": lsm_project.environment,
        "name": "mobileCore",
        "version": 0,
        "description": "The core of a mobile network.",
        "attributes": [
            attribute("name"),
            attribute(
                "epc_version",
                description="The version of the packet core, as its vendor counts.",
                modifier="rw+",
                default_value="11.3.2-1",
                default_value_set=True,
                validation_type="enum",
                validation_parameters={"value": "epc_version_t", "names": names},
            ),
            attribute("telco_ip_range", description="The addresses.", validation_type="ipaddress.IPv4Network"),
            attribute(
                "system_id",
                modifier="r",
                type="int?",
                default_value_set=True,
                attribute_annotations={"web_title": "Id", "levels": [1, None]},
            ),
        ],
        "embedded_entities": [
            {
                "name": "ro_files",
                "type": "RoFiles",
                "description": "The files that are only read.",
                "modifier": "rw+",
                "attribute_annotations": {"web_order": 1},
                "entity_annotations": {"web_icon": "file"},
                "lower_limit": 0,
                "upper_limit": None,
                "key_attributes": ["name"],
                "attributes": [attribute("name")],
                "embedded_entities": [],
                "inter_service_relations": [
                    {
                        "name": "parent_entity",
                        "description": None,
                        "modifier": "rw+",
                        "attribute_annotations": {},
                        "lower_limit": 1,
                        "upper_limit": 1,
                        "entity_type": "parent-service",
                    }
                ],
            }
        ],
        "inter_service_relations": [],
        "entity_annotations": {},
        "service_identity": "name",
        "service_identity_display_name": "Mobile Core",
        "strict_modifier_enforcement": True,
        "key_attributes": None,
        "owner": None,
        "relation_to_owner": None,
        "config": {},
        "owned_entities": [],
        "instance_summary": None,
    }


def test_two_exports_of_one_model_are_equal(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(EXAMPLE)
    first = dict(lsm_project.service_entities or {})
    lsm_project.export_service_entities(EXAMPLE)

    assert first == lsm_project.service_entities
    assert set(first) == {"mobileCore", "parent-service"}


def test_attributes_come_from_all_ancestors_and_the_most_derived_declaration_counts(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities('''
import lsm
import lsm::fsm

entity Named:
    """
    :attr name: Set once.
    """
    string name = "general"
    lsm::attribute_modifier name__modifier = "rw+"
    int level = 1
end
entity Sized:
    int size = 1
    string name = "sized"
end
entity Base extends lsm::ServiceEntity:
    """
    :attr size: How large.
    """
    dict __annotations = {"web_icon": "base"}
    bool base = true
end
entity Service extends Base, Named, Sized:
    string own
    int level
    lsm::attribute_modifier name__modifier = "rw"
    string name = "own"
    int size = undef
    dict __annotations = {"web_icon": "own"}
end
implement Service using parents
lsm::ServiceEntityBindingV2(service_entity="__config__::Service", service_entity_name="s", lifecycle=lsm::fsm::simple)
''')

    found = definition(lsm_project, "s")
    assert found["attributes"] == [
        attribute("base", type="bool", default_value=True, default_value_set=True),
        attribute("name", description="Set once.", default_value="own", default_value_set=True),
        attribute("level", type="int"),
        attribute("size", description="How large.", type="int"),
        attribute("own"),
    ]
    assert found["entity_annotations"] == {"web_icon": "own"}
    assert found["description"] is None


def test_embedded_entities_are_nested_and_identified_by_their_index(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities("""
import lsm
import lsm::fsm

entity Service extends lsm::ServiceEntity:
end
implement Service using parents
Service.ports [1:4] -- Port._service [1]
Service.options [0:1] lsm::__rwplus__ Options
Service.rules [0:] lsm::__r__ Rule
Service._internals [0:] -- Port

entity Port extends lsm::EmbeddedEntity:
    int number
    string slot
    string name
    string[]? __lsm_key_attributes = ["slot", "number"]
end
index Port(_service, slot, number)
index Port(_service, name)
Port.vlans [0:] -- Vlan._port [1]
implement Port using parents

entity Vlan extends lsm::EmbeddedEntity:
    int id
    string description = ""
    lsm::attribute_modifier description__modifier = "rw+"
end
index Vlan(_port, id)
implement Vlan using parents

entity Options extends lsm::EmbeddedEntity:
    string mode
    lsm::attribute_modifier mode__modifier = "rw+"
end
implement Options using std::none

entity Rule extends lsm::EmbeddedEntity:
    string id
    lsm::attribute_modifier id__modifier = "r"
end
index Rule(id)
implement Rule using std::none

lsm::ServiceEntityBindingV2(service_entity="__config__::Service", service_entity_name="s", lifecycle=lsm::fsm::simple)
""")

    def shape(entity: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [
            (part["name"], part["modifier"], part["lower_limit"], part["upper_limit"], part["key_attributes"], shape(part))
            for part in entity["embedded_entities"]
        ]

    assert shape(definition(lsm_project, "s")) == [
        ("ports", "rw", 1, 4, ["number", "slot"], [("vlans", "rw", 0, None, ["id"], [])]),
        ("options", "rw+", 0, 1, None, []),
        ("rules", "r", 0, None, ["id"], []),
    ]


def test_without_strict_enforcement_embedded_entities_need_no_index_and_may_lead_back(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities("""
import lsm
import lsm::fsm

entity Service extends lsm::ServiceEntity:
end
implement Service using parents
Service.ports [0:] -- Port.service [1]
entity Port extends lsm::EmbeddedEntity:
    string name
end
Port.vlans [0:] -- Vlan.port [1]
implement Port using parents
entity Vlan extends lsm::EmbeddedEntity:
    int id
end
implement Vlan using parents

lsm::ServiceEntityBinding(service_entity="__config__::Service", service_entity_name="s", lifecycle=lsm::fsm::simple)
""")

    [ports] = definition(lsm_project, "s")["embedded_entities"]
    [vlans] = ports["embedded_entities"]
    assert (ports["name"], ports["key_attributes"]) == ("ports", None)
    assert (vlans["name"], vlans["key_attributes"], vlans["embedded_entities"]) == ("vlans", None, [])


def test_versions_and_owners_are_named_by_their_service(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities("""
import lsm
import lsm::fsm

entity Child extends lsm::ServiceEntity:
    string name
end
implement Child using parents
Child.house [1] lsm::__service__ House
entity NewChild extends Child:
    int age
end
implement NewChild using parents

entity House extends lsm::ServiceEntity:
end
implement House using parents
entity BigHouse extends House:
    int floors
end
implement BigHouse using parents
House.friend [0:1] lsm::__service__ Child

lsm::ServiceBinding(
    service_entity_name="child",
    default_version=1,
    versions=[
        lsm::ServiceBindingVersion(
            service_entity="__config__::NewChild", lifecycle=lsm::fsm::simple, version=1, owner=big, relation_to_owner="house",
        ),
        lsm::ServiceBindingVersion(
            service_entity="__config__::Child", lifecycle=lsm::fsm::simple, owner=small, relation_to_owner="house",
            strict_modifier_enforcement=false,
        ),
    ],
)
small = lsm::ServiceBindingVersion(service_entity="__config__::House", lifecycle=lsm::fsm::simple)
big = lsm::ServiceBindingVersion(service_entity="__config__::BigHouse", lifecycle=lsm::fsm::simple, version=2)
lsm::ServiceBinding(service_entity_name="house", default_version=0, versions=[small, big])
""")

    exported = [(name, version) for name, version in lsm_project.service_entity_versions or {}]
    assert exported == [("house", 0), ("house", 2), ("child", 0), ("child", 1)]
    first, second = definition(lsm_project, "child", 0), definition(lsm_project, "child", 1)
    assert [first["owner"], second["owner"]] == ["house", "house"]
    assert [first["relation_to_owner"], second["relation_to_owner"]] == ["house", "house"]
    assert [first["strict_modifier_enforcement"], second["strict_modifier_enforcement"]] == [False, True]
    assert [relation["entity_type"] for relation in second["inter_service_relations"]] == ["house"]
    assert [relation["entity_type"] for relation in definition(lsm_project, "house")["inter_service_relations"]] == ["child"]
    assert lsm_project.get_service_entity("child").version == 1


def test_a_relation_to_the_owner_without_owner_is_no_ownership_in_the_catalog(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities("""
import lsm
import lsm::fsm

entity Group:
end
Group.owned_resources [0:] -- std::Resource
implement Group using std::none
entity Member extends lsm::ServiceEntity:
end
implement Member using parents
Member._group [1] -- Group
lsm::ServiceEntityBindingV2(
    service_entity="__config__::Member",
    service_entity_name="member",
    lifecycle=lsm::fsm::simple,
    owner=null,
    relation_to_owner="_group",
)
""")

    found = definition(lsm_project, "member")
    assert (found["owner"], found["relation_to_owner"]) == (None, "_group")
    assert found["inter_service_relations"] == []
