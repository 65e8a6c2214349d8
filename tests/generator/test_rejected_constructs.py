"""What a description says wrongly about loops, versions, lifecycles and other constructs is refused, with place and remedy."""

from pathlib import Path

import pytest
from service_generator.errors import DescriptionError

from tests.generator.conftest import Describe, message
from tests.generator.test_rejected_descriptions import SERVICE, with_field, with_item, with_resource

YIELDING = (
    SERVICE
    + """
    tags: list[str] = rw_plus("Tags.", default=[])
    note: str | None = rw_plus("Note.", default=None)
    ready: bool = rw_plus("Ready.", default=False)

    @resource
    def things(self) -> Reference:
        "Things."
"""
)


def yielding(*lines: str) -> str:
    """A service with a method that yields resources."""
    return YIELDING + "".join(f"        {line}\n" for line in lines)


LIFECYCLE = """
start = State("start", validate_self="candidate")
up = State("up", exports=True, validate_self="active", validate_others="active")
machine = StateMachine("machine", initial=start, transfers=[{transfers}])

""" + SERVICE.replace("fsm.simple", "machine")


def with_transfers(transfers: str) -> str:
    """A service with a lifecycle of its own."""
    return LIFECYCLE.format(transfers=transfers)


VERSIONS = SERVICE.replace("class Shop", "class First").replace(
    'identity = "name"', 'identity = "name"\n    catalog_name = "shop"\n    versions = (0,)'
)

REJECTED = {
    "misspelt option": (
        SERVICE.replace('identity = "name"', 'idenity = "name"'),
        "Shop.idenity: idenity is no option of the class. Did you mean identity? Write constants in capitals.",
    ),
    "field in text": (
        with_field('other: str = rw(f"Other than {name}.")'),
        "Shop.other: in the body of a class, an attribute has no value yet. ",
    ),
    "field in a comparison": (
        with_field('other: bool = rw("Other.", default=name == "x")'),
        "Shop.other: in the body of a class, an attribute has no value yet. ",
    ),
    "part in text": (with_resource('return testing.NullResource(name=f"{self}")'), "Shop.thing: "),
    "resource in text": (
        with_resource('return testing.NullResource(name=f"{self.other}")')
        + '\n    @resource\n    def other(self) -> Reference:\n        "O."\n        return testing.NullResource(name="o")\n',
        "Shop.thing: std::testing::NullResource is put into text. ",
    ),
    "comparison that is always the same": (
        with_resource('return testing.NullResource(name="a" if self.name is not None else "b")'),
        "Shop.thing: it always has a value, so comparing it with None decides nothing. ",
    ),
    "condition that is always the same": (
        with_resource("return testing.NullResource()", declared="@resource(when=lambda self: True)"),
        "Shop.thing: the condition is True whatever the service. ",
    ),
    "value that may be null": (
        yielding('yield testing.NullResource(name=f"{self.note}")'),
        "Shop.things: a value that may be null is put into text, ",
    ),
    "branch that assigns": (
        yielding('name = "a"', "if self.ready:", '    name = "b"', "yield testing.NullResource(name=name)"),
        "Shop.things: the value is not known yet when the model is generated, so Python cannot decide on it. ",
    ),
    "loop that counts": (
        yielding("n = 0", "for tag in self.tags:", "    n = n + 1", '    yield testing.NullResource(name=f"{n}")'),
        "Shop.things: n gets another value in a loop over elements that are not known yet ",
    ),
    "loop in a loop with its name, which is read in the next round": (
        yielding(
            "for tag in self.tags:",
            "    for other in self.tags:",
            "        yield testing.NullResource(name=tag)",
            "        for tag in self.tags:",
            '            yield testing.NullResource(name=f"{tag}-{other}")',
        ),
        "Shop.things: tag gets another value in a loop over elements that are not known yet ",
    ),
    "loop in a loop with its name, which is read later": (
        yielding(
            "for tag in self.tags:",
            "    for tag in ('a', 'b'):",
            '        yield testing.NullResource(name=f"{tag}")',
            '    yield testing.NullResource(name=f"{tag}")',
        ),
        "Shop.things: tag gets another value in a loop over elements that are not known yet ",
    ),
    "loop in a loop with the name of a value": (
        yielding(
            "word = 'a'",
            "for tag in self.tags:",
            '    yield testing.NullResource(name=f"{tag}-{word}")',
            "    for word in ('b', 'c'):",
            '        yield testing.NullResource(name=f"{word}-{tag}")',
        ),
        "Shop.things: word gets another value in a loop over elements that are not known yet ",
    ),
    "loop in a branch with the name of a value": (
        yielding(
            "word = 'a'",
            "if self.name != '':",
            "    for word in ('b', 'c'):",
            '        yield testing.NullResource(name=f"{word}-{self.name}")',
            '    yield testing.NullResource(name=f"in-{word}")',
            'yield testing.NullResource(name=f"after-{word}")',
        ),
        "Shop.things: the value is not known yet when the model is generated, so Python cannot decide on it. ",
    ),
    "loop that is left": (
        yielding("for tag in self.tags:", "    yield testing.NullResource(name=tag)", "    break"),
        "Shop.things: a loop over elements that are not known yet when the model is generated goes through all of them, ",
    ),
    "element outside of its loop": (
        yielding("for tag in self.tags:", "    pass", "yield testing.NullResource(name=tag)"),
        "Shop.things: the element tag is used outside of the loop or comprehension over its list. ",
    ),
    "loop over a string": (
        yielding("for tag in self.name:", "    yield testing.NullResource(name=tag)"),
        "Shop.things: only lists have elements, and this is string. ",
    ),
    "resources of two entities": (
        yielding("yield testing.NullResource()", "yield std.AgentConfig(agentname='a')"),
        "Shop.things: the method yields std::AgentConfig and std::testing::NullResource. ",
    ),
    "nothing that is yielded": (yielding("return", "yield"), "Shop.things: the method yields nothing. "),
    "missing attribute": (
        with_resource("return fs.File(path='/tmp/x', content='')"),
        "Shop.thing: fs::File needs the attribute host. Give it.",
    ),
    "wrong type": (
        with_resource("return testing.NullResource(name=self.name, purged=self.name)"),
        "Shop.thing: std::testing::NullResource.purged is bool, and it is given string. ",
    ),
    "attribute of another class in an allocator": (
        'class Other(Embedded):\n    "Other."\n\n    name: str = rw("Name.")\n'
        + with_field('size: dict[str, Any] | None = r("Size.", allocator=allocate("look_up", key=Other.name))'),
        "Shop.size: the argument key is Other.name, which is no attribute of Shop. ",
    ),
    "two types of one name": (
        'class ShopSize(Enumeration):\n    "S."\n\n    A = "a"\n\n\ntype Shop_size = Annotated[int, bounds("S.", ge=1)]\n'
        + with_field('one: ShopSize = rw("One.")\n    two: Shop_size = rw("Two.")'),
        "Shop.two: the types ShopSize and Shop_size both become shop_size in the model. Rename one.",
    ),
    "name beyond ASCII": (with_field('gr\u00f6\u00dfe: int = rw("Size.")'), "Shop.gr\u00f6\u00dfe: the name gr\u00f6\u00dfe "),
    "name in the catalog": (
        SERVICE.replace('identity = "name"', 'identity = "name"\n    catalog_name = "a shop"'),
        "Shop: the name 'a shop' in the catalog is not made of letters, digits, dashes and underscores. ",
    ),
    "same version twice": (
        VERSIONS + VERSIONS.replace("First", "Second"),
        "Second: two classes describe the same version of shop. Give each its own versions.",
    ),
    "two default versions": (
        VERSIONS.replace("(0,)", "(0,)\n    default_version = True")
        + VERSIONS.replace("First", "Second").replace("(0,)", "(1,)\n    default_version = True"),
        "Second: shop has more than one default version. ",
    ),
    "services that need each other": (
        with_field('other: "Stall" = rw("Other.")') + SERVICE.replace("Shop", "Stall") + '    shop: Shop = rw("Shop.")\n',
        "Shop: the services need each other, so that none can be created first: Shop -> Stall -> Shop. ",
    ),
    "unique that is no attribute": (
        SERVICE.replace('identity = "name"', 'identity = "name"\n    unique = ("nam",)'),
        "Shop: unique names nam, which is no attribute. Did you mean name?",
    ),
    "key of a service": (
        with_field('size: int = rw("Size.", key=True)'),
        "Shop.size: a key tells embedded entities apart, and this is a service. ",
    ),
    "value of an embedded entity": (
        with_item('name: str = rw("N.", key=True)', 'twice: str | None = r("Twice.", value=lambda self: self.name)'),
        "Shop: Item.twice: value= is for attributes of services. ",
    ),
    "resource without a handler": (
        'class Thing(OwnResource):\n    "A thing."\n\n    name: str = attribute("Name.")\n' + SERVICE,
        "Thing: the resource has no handler. ",
    ),
    "installed service that is none": (
        'class Host(InstalledService):\n    "A host."\n\n    entity = "std::Host"\n' + with_field('host: Host = rw("Host.")'),
        "Shop.host: std::Host is no service: it does not extend lsm::ServiceEntity.",
    ),
    "two triggers": (
        with_transfers("Transfer(start, up, auto=True, on_update=True)"),
        "machine: the transfer from start to up has 2 triggers. ",
    ),
    "validation without an error state": (
        with_transfers("Transfer(start, up, auto=True, validate=True)"),
        "machine: the transfer from start to up validates, and has no error state to go to. ",
    ),
    "state that is never reached": (
        with_transfers('Transfer(start, up, auto=True), Transfer(State("lost"), up, auto=True)'),
        "machine: no way leads to the state lost. ",
    ),
    "two states of one name": (
        with_transfers('Transfer(start, up, auto=True), Transfer(State("up"), start, auto=True)'),
        "machine: 2 different states are called up. ",
    ),
    "unknown attribute set": (
        with_transfers('Transfer(start, State("x", validate_self="activ"), auto=True)'),
        "machine: the state x names the attribute set 'activ'. ",
    ),
    "type of pydantic that does not exist": (
        'type Size = Annotated[str, validated("pydantic.Nope", "Size.")]\n' + with_field('size: Size = rw("Size.")'),
        "Shop.size: pydantic.Nope is no type with these parameters: ",
    ),
    "default that a type refuses": (
        'type Size = Annotated[str, validated("ipaddress.IPv4Address", "Size.")]\n'
        + with_field('size: Size = rw("Size.", default="x")'),
        "Shop.size: the default 'x' does not fit the type ",
    ),
    "previous value without a question": (
        with_resource("return testing.NullResource(name=self.previous.name)"),
        "Shop.thing: there is only a value of before while an update is under way. ",
    ),
    "shared with a parameter without type": (
        '@shared\ndef site(name) -> Reference:\n    "A site."\n    return testing.NullResource(name=name)\n' + SERVICE,
        "shared resource site: the parameter name of something shared has no type. ",
    ),
    "shared without its key": (
        '@shared\ndef site(name: str) -> Reference:\n    "A site."\n    return testing.NullResource(name=name)\n'
        + with_resource("return testing.NullResource(name=site().name)"),
        "Shop.thing: site is shared by name. Give each of them once.",
    ),
    "all of values that are no conditions": (
        yielding('yield testing.NullResource(name="a" if all(self.tags) else "b")'),
        "Shop.things: any(...) and all(...) need a list of conditions, and this is list of string. ",
    ),
    "any of values that are no conditions": (
        yielding('yield testing.NullResource(name="a" if any(tag for tag in self.tags) else "b")'),
        "Shop.things: any(...) and all(...) need a list of conditions, and this is list of string. ",
    ),
    "format of another type": (
        yielding('yield testing.NullResource(name=f"{self.name:04d}")'),
        "Shop.things: the format '04d' is not for string: ",
    ),
    "format that does not exist": (
        yielding('yield testing.NullResource(name=f"{len(self.tags):q}")'),
        "Shop.things: the format 'q' is not for int: ",
    ),
    "operator that the language does not have": (
        yielding('yield testing.NullResource(name=f"{len(self.tags) // 2}")'),
        "Shop.things: // is not known to the inmanta language. ",
    ),
    "operator in front of which the value stands": (
        yielding('yield testing.NullResource(name=f"{1 << len(self.tags)}")'),
        "Shop.things: << is not known to the inmanta language. ",
    ),
    "operator for conditions between others": (
        yielding('yield testing.NullResource(name=f"{len(self.tags) & 3}")'),
        "Shop.things: & joins two conditions, and this is int and int. ",
    ),
    "method of strings that the language does not have": (
        yielding("yield testing.NullResource(name=self.name.strip())"),
        "Shop.things: a plain value has no attribute strip. Only services, their parts and resources have. ",
    ),
    "dict that a branch changes": (
        yielding(
            'content = {"a": 1}',
            "if self.ready:",
            '    content["b"] = 2',
            '    yield testing.NullResource(name="ready")',
            "yield testing.NullResource(name=std.json_dumps(content))",
        ),
        "Shop.things: the value is not known yet when the model is generated, so Python cannot decide on it. ",
    ),
    "list that a branch changes": (
        yielding(
            "names = []",
            "if self.ready:",
            '    yield testing.NullResource(name="ready")',
            "else:",
            '    names.append("x")',
            '    yield testing.NullResource(name=",".join(names))',
        ),
        "Shop.things: the value is not known yet when the model is generated, so Python cannot decide on it. ",
    ),
    "list that a loop changes": (
        yielding(
            "names = []",
            "for tag in self.tags:",
            '    names.append("x")',
            '    yield testing.NullResource(name=f"{tag}-{len(names)}")',
        ),
        "Shop.things: names gets another value in a loop over elements that are not known yet ",
    ),
    "list that a loop takes from": (
        yielding(
            'names = ["a", "b"]',
            "for tag in self.tags:",
            '    yield testing.NullResource(name=f"{tag}-{names.pop()}")',
        ),
        "Shop.things: names gets another value in a loop over elements that are not known yet ",
    ),
    "dict in a list that a loop changes": (
        yielding(
            "found = [{}]",
            "for tag in self.tags:",
            '    found[0]["last"] = "x"',
            '    yield testing.NullResource(name=f"{tag}-{std.json_dumps(found[0])}")',
        ),
        "Shop.things: found gets another value in a loop over elements that are not known yet ",
    ),
    "argument that the language does not have": (
        yielding('yield testing.NullResource(name=self.name.replace("a", "b", 1))'),
        "Shop.things: in the inmanta language, replace(...) has 2 arguments, without names. ",
    ),
    "argument with its name": (
        yielding('yield testing.NullResource(name=self.name.replace("a", new="b"))'),
        "Shop.things: in the inmanta language, replace(...) has 2 arguments, without names. ",
    ),
}


@pytest.mark.parametrize(("description", "expected"), REJECTED.values(), ids=REJECTED.keys())
def test_a_construct_that_means_nothing_is_refused(describe: Describe, description: str, expected: str) -> None:
    with pytest.raises(DescriptionError) as error:
        describe(description)

    assert message(error.value).startswith(expected)


def test_a_file_beside_a_folder_of_its_name_is_refused(describe: Describe, tmp_path: Path) -> None:
    (tmp_path / "described_by_test" / "first").mkdir()

    with pytest.raises(DescriptionError, match="there is a folder of the same name beside it"):
        describe(SERVICE)
