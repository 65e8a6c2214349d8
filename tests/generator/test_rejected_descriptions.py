"""Bad descriptions are rejected, with a message that names the service, the attribute and the rule."""

import pytest
from service_generator import Service
from service_generator.errors import DescriptionError

from tests.generator.conftest import Describe, message

SERVICE = """
class Shop(Service):
    "A shop."

    identity = "name"
    lifecycle = fsm.simple
    name: str = rw("The name.")
"""

EMBEDDED = """
class Item(Embedded):
    "An item."

{body}

class Shop(Service):
    "A shop."

    identity = "name"
    lifecycle = fsm.simple
    name: str = rw("The name.")
    items: {hint} = rw_plus("The items.")
"""


def with_field(field: str) -> str:
    """A service with one more line in its body."""
    return SERVICE + f"    {field}\n"


def with_item(*lines: str, hint: str = "list[Item]") -> str:
    """A service with an embedded entity that has these lines in its body."""
    return EMBEDDED.format(body="\n".join(f"    {line}" for line in lines), hint=hint)


def with_resource(*lines: str, declared: str = "@resource") -> str:
    """A service with a resource, described by these lines."""
    body = "".join(f"        {line}\n" for line in lines)
    return SERVICE + f'\n    {declared}\n    def thing(self) -> Reference:\n        "A thing."\n{body}'


REJECTED = {
    "identity is no attribute": (
        SERVICE.replace('identity = "name"', 'identity = "nam"'),
        "Shop.nam: the identity is not an attribute of the service. Did you mean name?",
    ),
    "identity is rw+": (
        SERVICE.replace('rw("The', 'rw_plus("The'),
        "Shop.name: the identity is rw+. It can never change, so make it rw(...).",
    ),
    "identity is optional": (
        SERVICE.replace("name: str", "name: str | None"),
        "Shop.name: the identity is optional or has a default. Every instance needs its own, so require it.",
    ),
    "identity has a default": (
        SERVICE.replace('"The name."', '"The name.", default="x"'),
        "Shop.name: the identity is optional or has a default. Every instance needs its own, so require it.",
    ),
    "identity is no string or integer": (
        SERVICE.replace("name: str", "name: bool"),
        "Shop.name: the identity is neither a string nor an integer. Use another attribute.",
    ),
    "lifecycle is missing": (
        SERVICE.replace("lifecycle = fsm.simple", "pass"),
        "Shop: the service has no lifecycle. Write lifecycle = fsm.simple, or another one of fsm.",
    ),
    "docstring is missing": (SERVICE.replace('"A shop."', "pass"), "Shop: it has no docstring. Say in a sentence what it is."),
    "docstring of what has none": (
        SERVICE.replace("(Service)", "(Service, documented=False)"),
        "Shop: it has a docstring, and documented=False says that there is none. Take one of them away.",
    ),
    "description is empty": (
        with_field('size: int = rw(" ")'),
        "Shop.size: its description is empty, or no string. Say in a sentence what it stands for.",
    ),
    "attribute with a type only": (
        with_field("size: int"),
        "Shop.size: it has a type only. Write = rw(...), rw_plus(...) or r(...).",
    ),
    "attribute without type": (with_field('size = rw("Size.")'), "Shop.size: it has no type. Write <name>: <type> = ..."),
    "attribute of an unknown type": (
        with_field('size: complex = rw("Size.")'),
        (
            "Shop.size: there is no type like complex in the model. There are: str, int, float, int | float, bool, "
            "dict[str, Any], "
            "an enumeration, a type alias with pattern(...) or bounds(...), a type of std, any of them in list[...] or with "
            "| None, or a class that is embedded or a service."
        ),
    ),
    "attribute whose type is not defined": (
        with_field('size: "Sise" = rw("Size.")'),
        "Shop: a type hint names Sise, which is not defined in this file.",
    ),
    "dict with other keys": (
        with_field('sizes: dict[int, str] = rw("Sizes.")'),
        "Shop.sizes: a dict of the model has string keys and any values. Write dict[str, Any].",
    ),
    "list of optional elements": (
        with_field('sizes: list[int | None] = rw("Sizes.")'),
        "Shop.sizes: a list cannot hold None. Take | None out of the brackets.",
    ),
    "constraint without a name": (
        with_field('size: Annotated[int, bounds("Size.", ge=1)] = rw("Size.")'),
        "Shop.size: a type with pattern(...) or bounds(...) needs a name. Write: type <Name> = Annotated[...].",
    ),
    "constraint that does not fit its type": (
        'type Size = Annotated[str, bounds("Size.", ge=1)]\n' + with_field('size: Size = rw("Size.")'),
        (
            "Shop.size: the type alias Size has no constraint that fits its type. Write Annotated[str, pattern(...)], "
            "Annotated[int, bounds(...)] or Annotated[float, bounds(...)]."
        ),
    ),
    "bounds that nothing satisfies": (
        'type Size = Annotated[int, bounds("Size.", ge=5, le=1)]\n' + with_field('size: Size = rw("Size.")'),
        "Shop.size: nothing is between 5 and 1. Swap the bounds.",
    ),
    "pattern that is no regular expression": (
        'type Size = Annotated[str, pattern("(", "Size.")]\n' + with_field('size: Size = rw("Size.")'),
        "Shop.size: '(' is not a regular expression: missing ), unterminated subpattern at position 0. Correct it.",
    ),
    "unknown type of an installed module": (
        with_field('size: Annotated[str, InstalledType("std::uid")] = rw("Size.")'),
        "Shop.size: there is no type std::uid. Did you mean uuid?",
    ),
    "enumeration without members": (
        'class Size(Enumeration):\n    "Sizes."\n' + with_field('size: Size = rw("Size.")'),
        "Shop.size: the enumeration Size has no members.",
    ),
    "default of another type": (
        with_field('size: int = rw("Size.", default="big")'),
        "Shop.size: the default 'big' does not fit the type int.",
    ),
    "default that is no member": (
        'class Size(Enumeration):\n    "Sizes."\n    BIG = "big"\n' + with_field('size: Size = rw("Size.", default="small")'),
        "Shop.size: the default 'small' does not fit the type described::described_by_test::first::size.",
    ),
    "default that is out of bounds": (
        'type Size = Annotated[int, bounds("Size.", ge=1)]\n' + with_field('size: Size = rw("Size.", default=0)'),
        "Shop.size: the default 0 does not fit the type described::described_by_test::first::size.",
    ),
    "read-only attribute without allocator": (
        with_field('size: int | None = r("Size.")'),
        "Shop.size: a read-only attribute needs an allocator, since nobody else sets it.",
    ),
    "read-only attribute that is not optional": (
        with_field('size: int = r("Size.", allocator=first_free_integer(config.ids))'),
        "Shop.size: a read-only attribute is null until it is allocated. Add | None to its type.",
    ),
    "integer allocated to a string": (
        with_field('size: str | None = r("Size.", allocator=first_free_integer(config.ids))'),
        "Shop.size: first_free_integer gives an integer. Use int | None as the type.",
    ),
    "unknown allocator": (
        with_field('size: str | None = r("Size.", allocator=allocate("not_decorated"))'),
        (
            "Shop.size: there is no allocator not_decorated. Define it in "
            "inmanta_plugins/described/described_by_test/first/lsm.py, decorated with @allocator()."
        ),
    ),
    "allocator with an unknown argument": (
        with_field('size: str | None = r("Size.", allocator=allocate("look_up", key=name, dept=2))'),
        "Shop.size: the allocator look_up has no argument dept. Did you mean depth?",
    ),
    "allocator without an argument that it needs": (
        with_field('size: str | None = r("Size.", allocator=allocate("look_up"))'),
        "Shop.size: the allocator look_up needs the argument key. Give it.",
    ),
    "unknown key of the configuration": (
        with_field('size: int | None = r("Size.", allocator=first_free_integer(config.idz))'),
        "Shop.size: the configuration has no key idz. Did you mean ids?",
    ),
    "name that is reserved by the language": (
        with_field('end: int = rw("End.")'),
        "Shop.end: the name end is a word of the inmanta language. Choose another one.",
    ),
    "name that is reserved by the lsm module": (
        with_field('resources: int = rw("Resources.")'),
        "Shop.resources: the name resources is used by the lsm module. Choose another one.",
    ),
    "name that starts with an underscore": (
        with_field('_size: int = rw("Size.")'),
        "Shop._size: the name _size is not made of words in lower case, joined by underscores.",
    ),
    "name that is used twice": (
        with_field('name: int = rw("Name.")'),
        "Shop.name: the name is used twice. Rename one of them.",
    ),
    "name that is used for an attribute and a resource": (
        with_field('thing: int = rw("Thing.")') + with_resource("return testing.NullResource()").removeprefix(SERVICE),
        "Shop.thing: the name is used twice. Rename one of them.",
    ),
    "list without key": (
        with_item('size: int = rw("Size.")'),
        "Shop.items: Item has no key, so its elements cannot be told apart. Give one of its attributes key=True.",
    ),
    "key that is rw+": (
        with_item('size: int = rw_plus("Size.", key=True)'),
        "Shop: Item.size: a key is rw+. What tells elements apart never changes: use rw(...).",
    ),
    "key that is optional": (
        with_item('size: int | None = rw("Size.", key=True)'),
        "Shop: Item.size: a key is optional. Every element needs its own, so take | None away.",
    ),
    "relation with a default": (
        with_item('size: int = rw("Size.", key=True)').replace('"The items."', '"The items.", default=[]'),
        "Shop.items: a relation has no default. Leave default= out.",
    ),
    "list of parts that is optional": (
        with_item('size: int = rw("Size.", key=True)', hint="list[Item] | None"),
        "Shop.items: a list of parts or services is never None. An empty list says the same.",
    ),
    "upper limit below the lower one": (
        with_item('size: int = rw("Size.", key=True)').replace('"The items."', '"The items.", at_least=3, at_most=2'),
        "Shop.items: at_most=2 is less than at_least=3, or than one.",
    ),
    "limits of an attribute": (
        with_field('sizes: list[int] = rw("Sizes.", at_most=3)'),
        "Shop.sizes: at_least= and at_most= are for lists of embedded entities and of services.",
    ),
    "parent of another type": (
        with_item("shop: str = parent()", 'size: int = rw("Size.", key=True)'),
        "Shop: Item.shop: the type of parent(...) is not a class of the description. Name what it is in.",
    ),
    "optional owner": (
        SERVICE + 'class Shelf(Service):\n    "A shelf."\n    identity = "name"\n    lifecycle = fsm.simple\n'
        '    name: str = rw("Name.")\n    shop: Shop | None = owner("The shop.")\n',
        "Shelf.shop: a service has exactly one owner. Take list[...] and | None away.",
    ),
    "two owners": (
        SERVICE + 'class Shelf(Service):\n    "A shelf."\n    identity = "name"\n    lifecycle = fsm.simple\n'
        '    name: str = rw("Name.")\n    shop: Shop = owner("The shop.")\n    other: Shop = owner("Another shop.")\n',
        "Shelf: the service has 2 owners: shop, other. Keep one.",
    ),
    "owner of an embedded entity": (
        with_item('size: int = rw("Size.", key=True)', 'shop: "Shop" = owner("The shop.")'),
        "Shop: Item.shop: only a service has an owner. Use rw(...) for a relation.",
    ),
    "module that is not installed": (
        'other = module("not_there")\n' + SERVICE,
        "no inmanta module not_there is installed. Install inmanta-module-not-there.",
    ),
    "entity that does not exist": (
        with_resource('return fs.Fil(path="/tmp")'),
        "Shop.thing: module fs has no entity fs::Fil. Did you mean File?",
    ),
    "attribute that the resource does not have": (
        with_resource('return fs.File(pat="/tmp")'),
        "Shop.thing: fs::File has no attribute pat. Did you mean path?",
    ),
    "attribute of a resource that does not exist": (
        with_resource("return testing.NullResource(name=self.other.pat)")
        + '\n    @resource\n    def other(self) -> Reference:\n        "Other."\n'
        '        return fs.File(host=std.Host(name="x", os=std.linux), path="/tmp", content="")\n',
        "Shop.thing: fs::File has no attribute pat. Did you mean path?",
    ),
    "plugin that does not exist": (
        with_resource("return testing.NullResource(name=std.json_dump({}))"),
        "Shop.thing: module std has no plugin json_dump. Did you mean json_dumps?",
    ),
    "attribute that the service does not have": (
        with_resource("return testing.NullResource(name=self.nam)"),
        "Shop.thing: Shop has no nam. Did you mean name?",
    ),
    "entity that is no resource": (
        with_resource('return std.Host(name="x", os=std.linux)'),
        "Shop.thing: std::Host is not a resource: it does not extend std::Resource. Write @helper.",
    ),
    "method that returns something else": (
        with_resource("return self.name"),
        "Shop.thing: the method does not return a resource, like fs.File(...).",
    ),
    "decision that Python would take": (
        with_resource('if self.name == "y":', "    return testing.NullResource()", "return testing.NullResource(name='z')"),
        (
            "Shop.thing: the value is not known yet when the model is generated, so Python cannot decide on it. Write "
            "`a if condition else b` for one of two values, when= or unless= for a whole resource, and for resources that "
            "depend on it an if around a yield that assigns nothing."
        ),
    ),
    "loop that Python would run": (
        with_resource("return testing.NullResource(name=[x for x in self.name][0])"),
        "Shop.thing: only lists have elements, and this is string. For a dict, go over its keys().",
    ),
    "value that the language does not have": (
        with_resource("return testing.NullResource(name=object)"),
        (
            "Shop.thing: <class 'object'> cannot be used as a value. Use a string, number, bool, None, list, dict, or a "
            "value of the service."
        ),
    ),
    "both conditions": (
        with_resource("return testing.NullResource()", declared="@resource(when=lambda self: True, unless=lambda self: True)"),
        "Shop.thing: when= and unless= are both given for a resource. Give one of them.",
    ),
    "resources that need each other": (
        with_resource("return testing.NullResource(name=self.other.name)")
        + '\n    @resource\n    def other(self) -> Reference:\n        "O."\n'
        "        return testing.NullResource(name=self.thing.name)\n",
        "Shop.thing: the resource needs itself: Shop.thing -> Shop.other -> Shop.thing. Break the circle.",
    ),
    "requirement in the resource set of another service": (
        with_resource("return testing.NullResource()")
        + 'class Shelf(Service):\n    "A shelf."\n    identity = "name"\n    lifecycle = fsm.simple\n'
        '    name: str = rw("Name.")\n    shop: Shop = rw("The shop.")\n'
        '    @resource\n    def board(self) -> Reference:\n        "B."\n'
        "        return testing.NullResource(requires=[self.shop.thing])\n",
        (
            "Shelf.board: it requires a resource of another service, which is deployed on its own. Only require resources of "
            "this service, of its owner, and shared ones."
        ),
    ),
    "shared requirement that is not shared": (
        with_resource("return testing.NullResource(requires=[self.other])", declared="@resource(owned=False)")
        + '\n    @resource\n    def other(self) -> Reference:\n        "O."\n        return testing.NullResource()\n',
        "Shop.thing: it is shared, but requires a resource of this service. Only require shared resources.",
    ),
    "class in lower case": (
        SERVICE.replace("class Shop", "class shop"),
        "shop: the name does not start with a capital. Write it in camel case.",
    ),
    "type that is called like one of the language": (
        'class String(Enumeration):\n    "Strings."\n    A = "a"\n' + with_field('kind: String = rw("Kind.")'),
        "String: the type is called string, like a type of the language. Choose another name.",
    ),
    "type that is called like a word of the language": (
        'class End(Enumeration):\n    "Ends."\n    A = "a"\n' + with_field('kind: End = rw("Kind.")'),
        "End: the name end is a word of the inmanta language. Choose another one.",
    ),
    "type that is defined elsewhere": (
        "from re import RegexFlag\n" + with_field('kind: RegexFlag = rw("Kind.")'),
        (
            "Shop.kind: there is no type like RegexFlag in the model. There are: str, int, float, int | float, bool, "
            "dict[str, Any], an enumeration, a type alias with pattern(...) or bounds(...), a type of std, any of them in "
            "list[...] or with | None, or a class that is embedded or a service."
        ),
    ),
    "enumeration that is defined elsewhere": (
        "from socket import AddressFamily\n" + with_field('kind: AddressFamily = rw("Kind.")'),
        "Shop.kind: the enumeration AddressFamily is defined outside of described_by_test. Move it to a file of that package.",
    ),
    "shared resource without docstring": (
        "@shared\ndef here() -> Reference:\n    return testing.NullResource()\n" + SERVICE,
        "shared resource here: it has no docstring. Say in a sentence what it is.",
    ),
    "shared resource that is none": (
        '@shared\ndef here() -> Reference:\n    "Here."\n    return std.linux\n' + SERVICE,
        "shared resource here: the function does not return an instance of an entity, like fs.File(...).",
    ),
    "shared resource hidden by an attribute": (
        '@shared\ndef here() -> Reference:\n    "Here."\n    return testing.NullResource()\n'
        + with_field('here: int = rw("X.")'),
        "Shop.here: the name is that of a shared resource. Rename one.",
    ),
}


@pytest.mark.parametrize(("description", "expected"), REJECTED.values(), ids=REJECTED.keys())
def test_a_bad_description_is_rejected(describe: Describe, description: str, expected: str) -> None:
    with pytest.raises(DescriptionError) as error:
        describe(description)

    assert message(error.value) == expected


def test_a_service_can_not_be_described_twice(describe: Describe) -> None:
    with pytest.raises(DescriptionError) as error:
        describe(SERVICE, SERVICE)

    assert message(error.value) == "Shop: 2 services are called Shop in the catalog. Rename all but one."


class Elsewhere(Service):
    """A service outside of any package of descriptions."""


def test_a_class_can_only_be_described_in_the_package(describe: Describe) -> None:
    description = with_field('other: Elsewhere = rw("Other.")')

    with pytest.raises(DescriptionError) as error:
        describe(f"from {__name__} import Elsewhere\n{description}")

    assert message(error.value) == (
        "Shop: the class Elsewhere is defined outside of described_by_test. Move it to a file of that package."
    )
