"""What is described in Python classes arrives in the intermediate model."""

import re
from pathlib import Path

import pytest
from service_generator.emit.module import emit_model
from service_generator.errors import DescriptionError
from service_generator.model.expressions import Constant, Get, Lookup, Variable
from service_generator.model.services import FreeInteger
from service_generator.model.types import Cardinality

from tests.generator.conftest import IMPORTS, Describe

SHOP = """
class Shop(Service):
    "A shop."

    identity = "name"
    lifecycle = fsm.service
    name: str = rw("The name.")
"""


def test_a_service_keeps_its_attributes_in_order(describe: Describe) -> None:
    module = describe(SHOP + '    b: int = rw_plus("B.", default=1)\n    a: list[str] | None = rw("A  and\\n  more.")\n')

    (service,) = module.namespaces[0].services
    attributes = service.entity.attributes
    assert module.namespaces[0].name == "described::described_by_test::first"
    assert service.lifecycle == "lsm::fsm::service"
    assert [attribute.name for attribute in attributes] == ["name", "b", "a"]
    assert [str(attribute.type) for attribute in attributes] == ["string", "int", "string[]?"]
    assert [attribute.modifier for attribute in attributes] == ["rw", "rw+", "rw"]
    assert [attribute.has_default for attribute in attributes] == [False, True, False]
    assert attributes[2].description == "A and more."


def test_a_read_only_attribute_has_null_as_its_default(describe: Describe) -> None:
    module = describe(SHOP + '    a: int | None = r("A.", allocator=first_free_integer(config.ids))\n')

    attribute = module.namespaces[0].services[0].entity.attributes[1]
    ids = Lookup(Variable("settings", "described"), "ids")
    assert (attribute.has_default, attribute.default) == (True, None)
    assert attribute.allocator == FreeInteger(Lookup(ids, "start"), Lookup(ids, "end"))


def test_parts_inherit_from_each_other(describe: Describe) -> None:
    module = describe(
        """
        class Item(Embedded):
            "An item."

            name: str = rw("The name.", key=True)

            @resource
            def file(self) -> Reference:
                "The file."
                return testing.NullResource(name=self.name)


        class New(Item):
            "A new item."

            price: int = rw("The price.")


        class Old(Item):
            "An old item."


        class Shop(Service):
            "A shop."

            identity = "name"
            lifecycle = fsm.simple
            name: str = rw("The name.")
            new: list[New] = rw("New items.", at_least=1, at_most=4)
            old: list[Old] = rw("Old items.")
        """
    )

    new, old = module.namespaces[0].services[0].entity.embedded
    assert [attribute.name for attribute in new.target.attributes] == ["name", "price"]
    assert [attribute.name for attribute in old.target.attributes] == ["name"]
    assert [resource.name for resource in new.target.resources] == ["file"]
    assert new.cardinality == Cardinality(1, 4)


def test_services_of_several_files_can_refer_to_each_other(describe: Describe) -> None:
    module = describe(
        SHOP,
        "from described_by_test.first import Shop\n"
        + SHOP.replace("Shop(", "Stall(")
        + '    shop: Shop = owner("The shop.")\n',
    )

    owner = module.namespaces[1].services[0].owner
    assert owner is not None
    assert (owner.target_namespace, owner.target) == ("described::described_by_test::first", "Shop")


def test_a_service_can_refer_to_one_that_is_defined_below(describe: Describe) -> None:
    module = describe(SHOP + '    next: "Stall | None" = rw_plus("Next.")\n' + SHOP.replace("Shop(", "Stall("))

    (relation,) = module.namespaces[0].services[0].entity.services
    assert (relation.target, relation.cardinality) == ("Stall", Cardinality(0, 1))


def test_files_that_describe_nothing_give_no_namespace(describe: Describe) -> None:
    module = describe(SHOP, "def helper() -> int:\n    return 1\n")

    assert [namespace.source for namespace in module.namespaces] == ["described_by_test/first.py"]


def test_a_resource_is_purged_with_its_service_unless_it_says_otherwise(describe: Describe) -> None:
    module = describe(
        SHOP
        + """
    @resource
    def a(self) -> Reference:
        "A."
        return testing.NullResource()

    @resource
    def b(self) -> Reference:
        "B."
        return testing.NullResource(purged=False)

    @resource(unless=lambda self: self.deleting)
    def c(self) -> Reference:
        "C."
        return testing.NullResource(requires=[self.a, self.b])
"""
    )

    a, b, c = module.namespaces[0].services[0].entity.resources
    assert [name for name, _ in a.construct.attributes] == ["purged"]
    assert dict(b.construct.attributes)["purged"] != dict(a.construct.attributes)["purged"]
    assert c.condition is None
    assert c.construct.attributes == a.construct.attributes
    assert [required.mutual for required in c.requires] == [True, True]


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ('PREFIX = "p-"', "self.PREFIX"),
        ('@staticmethod\n    def prefix() -> str:\n        return "p-"', "self.prefix()"),
        ('@classmethod\n    def prefix(cls) -> str:\n        return f"{cls.PREFIX}"\n\n    PREFIX = "p-"', "self.prefix()"),
        ('def prefix(self) -> str:\n        return "p-"', "self.prefix()"),
        ('@property\n    def prefix(self) -> str:\n        return "p-"', "self.prefix"),
    ],
)
def test_what_a_class_has_besides_is_plain_python(describe: Describe, declared: str, used: str) -> None:
    module = describe(
        f"""{SHOP}
    {declared}

    @resource
    def thing(self) -> Reference:
        "A thing."
        return testing.NullResource(name={used})
"""
    )

    (thing,) = module.namespaces[0].services[0].entity.resources
    assert dict(thing.construct.attributes)["name"] == Constant("p-")


@pytest.mark.parametrize("name", ["previous", "is_in"])
def test_an_attribute_is_what_its_name_stands_for(describe: Describe, name: str) -> None:
    module = describe(
        f"""{SHOP}
    {name}: str = rw("An attribute.")

    @resource
    def thing(self) -> Reference:
        "A thing."
        return testing.NullResource(name=self.{name})
"""
    )

    (thing,) = module.namespaces[0].services[0].entity.resources
    assert dict(thing.construct.attributes)["name"] == Get(Variable("self"), name)


@pytest.mark.parametrize(
    ("mark", "encoding"), [("", "utf-8"), ("", "utf-8-sig"), ("# -*- coding: latin-1 -*-\n", "latin-1"), ("", "ascii")]
)
def test_files_are_read_in_their_encoding(describe: Describe, tmp_path: Path, mark: str, encoding: str) -> None:
    name = "shop" if encoding == "ascii" else "caf\u00e9"
    text = mark + IMPORTS.lstrip() + SHOP.replace('"A shop."', f'"A {name}."')
    path = tmp_path / "described_by_test" / "second.py"
    path.write_bytes(text.encode(encoding))

    module = describe("")

    (service,) = [service for namespace in module.namespaces for service in namespace.services]
    assert service.entity.description == f"A {name}."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_what_is_wrong_is_found_whatever_the_encoding(describe: Describe, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "described_by_test" / "second.py"
    path.write_bytes((IMPORTS.lstrip() + SHOP + '    size: int = rw("Size.", defualt=1)\n').encode(encoding))

    with pytest.raises(DescriptionError, match=r"^Shop\.size \(described_by_test/second\.py, line \d+\): "):
        describe("")


def test_a_version_between_others_is_unrolled_by_its_own_class_only(describe: Describe) -> None:
    first = SHOP.replace('identity = "name"', 'identity = "name"\n    catalog_name = "shop"\n    versions = (0, 2, 3)')
    module = describe(first + first.replace("Shop", "Other").replace("(0, 2, 3)", "(1,)"))

    text = "".join(emit_model(module).values())

    bounds = re.findall(r"lsm::all\(shop_binding, min_version=(\d), max_version=(\d)\)", text)
    assert bounds == [("0", "0"), ("2", "3"), ("1", "1")]


def test_whole_numbers_are_floats_where_floats_are_needed(describe: Describe) -> None:
    module = describe(
        f"""
class Thing(OwnEntity):
    "A thing."

    share: float = attribute("A share.")
{SHOP}
    share: float = rw("A share.", default=1)
    shares: list[float] = rw("Shares.", default=[1, 0.5])
    number: int | float = rw("A number.", default=1)

    @helper
    def thing(self) -> Reference:
        "A thing."
        return Thing(share=2)
"""
    )

    text = "".join(emit_model(module).values())

    for line in (
        "float share = 1.0",
        "float[] shares = [1.0, 0.5]",
        "number number = 1",
        "Thing(share=2.0)",
    ):
        assert f"{line}\n" in text


def test_what_a_block_makes_itself_it_may_change(describe: Describe) -> None:
    module = describe(
        f"""{SHOP}
    tags: list[str] = rw_plus("Tags.", default=[])
    ready: bool = rw_plus("Ready.", default=False)

    @resource
    def things(self) -> Reference:
        "Things."
        names = []
        for number in (1, 2):
            names.append(f"{{number}}")
            yield testing.NullResource(name="-".join(names))
        for tag in self.tags:
            content = {{"tag": tag}}
            content["name"] = self.name
            yield testing.NullResource(name=std.json_dumps(content))
        if self.ready:
            other = {{}}
            other["ready"] = "yes"
            yield testing.NullResource(name=std.json_dumps(other))
"""
    )

    text = "".join(emit_model(module).values())

    for name in ('"1"', '"1-2"', 'std::json_dumps({"tag": tag, "name": self.name})', 'std::json_dumps({"ready": "yes"})'):
        assert f"name={name}," in text


def test_a_method_may_be_there_to_be_replaced(describe: Describe) -> None:
    module = describe(
        """
class Kind(Service, abstract=True):
    "Kinds."

    identity = "name"
    lifecycle = fsm.service
    name: str = rw("The name.")

    def thing(self) -> Reference:
        return testing.NullResource(name="general")

    @resource
    def made(self) -> Reference:
        "A thing."
        return self.thing()


class Shop(Kind):
    "A shop."

    def thing(self) -> Reference:
        return testing.NullResource(name="special")
"""
    )

    (service,) = module.namespaces[0].services
    assert dict(service.entity.resources[0].construct.attributes)["name"] == Constant("special")
