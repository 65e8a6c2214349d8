"""Mistakes that Python, or only the compile, would stumble over are explained, with the place in the description."""

import pytest
from service_generator.emit.module import emit_model
from service_generator.errors import DescriptionError

from tests.generator.conftest import Describe, message
from tests.generator.test_rejected_descriptions import SERVICE, with_field, with_item, with_resource

FILE = "described_by_test/first.py"

KINDS = '''
class Kind(Service, abstract=True):
    """Kinds."""

    identity = "name"
    lifecycle = fsm.simple

    name: str = rw("Name.")


class First(Kind):
    """One kind."""


class Second(Kind):
    """Another one."""

'''

REJECTED = {
    "text that is no Python": (with_field("def ("), "Python cannot run it: SyntaxError: invalid syntax."),
    "import of nothing": (
        f"import not_there\n{SERVICE}",
        "Python cannot run it: ModuleNotFoundError: No module named 'not_there'.",
    ),
    "relation to several services": (
        KINDS + with_field('kind: Kind = rw("Kind.")'),
        "Shop.kind: Kind stands for several services (First, Second), and a relation leads to one. ",
    ),
    "relation to a base without services": (
        KINDS.partition("class First")[0] + with_field('kind: Kind = rw("Kind.")'),
        "Shop.kind: Kind is abstract, and no service extends it. Refer to a service.",
    ),
    "unknown option of an attribute": (
        with_field('size: int = rw("Size.",\n        defualt=3)'),
        "Shop.size: Python cannot run it: TypeError: rw() got an unexpected keyword argument 'defualt'.",
    ),
    "unknown option of a resource": (
        with_resource("return testing.NullResource()", declared="@resource(own=False)"),
        "Shop.thing: Python cannot run it: TypeError: resource() got an unexpected keyword argument 'own'.",
    ),
    "unknown lifecycle of fsm": (SERVICE.replace("fsm.simple", "fsm.simpel"), "Shop.lifecycle: "),
    "unknown lifecycle": (
        SERVICE.replace("fsm.simple", 'Lifecycle("lsm::fsm::simpel")'),
        "Shop: there is no lifecycle lsm::fsm::simpel. ",
    ),
    "lifecycle of a module that is not installed": (
        SERVICE.replace("fsm.simple", 'Lifecycle("not_there::fsm")'),
        "Shop: no inmanta module not_there is installed. ",
    ),
    "identity that is no string": (
        SERVICE.replace('identity = "name"', "identity = 5"),
        "Shop: identity and identity_display_name are strings. ",
    ),
    "description that is no string": (with_field("size: int = rw(5)"), "Shop.size: its description is empty, or no string. "),
    "range that is none": (
        with_field('size: int | None = r("Size.", allocator=first_free_integer(5))'),
        "Shop.size: first_free_integer(...) needs a range of the configuration",
    ),
    "allocator that is none": (with_field('size: int | None = r("Size.", allocator=len)'), "Shop.size: allocator= is none. "),
    "default that is not finite": (
        with_field('size: float = rw("Size.", default=float("nan"))'),
        "Shop.size: the default nan does not fit the type float.",
    ),
    "default that is no JSON": (
        with_field('size: dict[str, Any] = rw("Size.", default={1: [2]})'),
        "Shop.size: the default {1: [2]} does not fit the type dict.",
    ),
    "bound that is no number": (
        f'type Size = Annotated[int, bounds("Size.", ge="1")]\n{with_field("size: Size = rw('Size.')")}',
        "Shop.size: a bound is not a finite number. ",
    ),
    "bound without description": (
        f"type Size = Annotated[int, bounds(ge=1)]\n{with_field("size: Size = rw('Size.')")}",
        "Shop: Size: it has no docstring. ",
    ),
    "hint that Python cannot run": (with_field('size: "int[" = rw("Size.")'), "Shop: Python cannot run it: SyntaxError: "),
    "type that std does not have": (
        with_field('size: std.nope = rw("Size.")'),
        "Shop.size: there is no type like this, which is no type of its module, in the model. ",
    ),
    "enumeration with a value twice": (
        f'class Size(Enumeration):\n    "Size."\n    S = "s"\n    M = "s"\n{with_field("size: Size = rw('Size.')")}',
        "Shop.size: two members of the enumeration Size have the same value. ",
    ),
    "name of a condition": (
        with_field('deleting: bool = rw("Whether.")'),
        "Shop.deleting: the name deleting stands for a condition, as in self.deleting. ",
    ),
    "two parents": (
        with_item('shop: "Shop" = parent()', 'other: "Shop" = parent()', 'name: str = rw("Name.", key=True)'),
        "Shop: Item.other: there are two ways back to what this is embedded in. ",
    ),
    "limit that is negative": (
        with_item('name: str = rw("Name.", key=True)').replace('"The items."', '"The items.", at_least=-1'),
        "Shop.items: -1 is no number of elements. ",
    ),
    "limit that is no integer": (
        with_item('name: str = rw("Name.", key=True)').replace('"The items."', '"The items.", at_most="3"'),
        "Shop.items: '3' is no number of elements. ",
    ),
    "owner that is the service itself": (
        with_field('shop: "Shop" = owner("Shop.")'),
        "Shop: the service owns itself: Shop -> Shop. ",
    ),
    "method that fails": (
        with_resource('return testing.NullResource(name="".join(1))'),
        "Shop.thing: Python cannot run it: TypeError: 'int' object is not iterable. Correct it.",
    ),
    "condition that cannot be called": (
        with_resource("return testing.NullResource()", declared="@resource(when=True)"),
        "Shop.thing: Python cannot run it: TypeError: ",
    ),
    "representation of a value": (
        with_resource('return testing.NullResource(name=f"{self.name!r}")'),
        "Shop.thing: the value is not known yet when the model is generated, so it has no repr. ",
    ),
    "requirement that is no resource": (
        with_resource('return testing.NullResource(name=self.name, requires=["x"])'),
        "Shop.thing: requires= holds something that is no resource: string. ",
    ),
    "two classes of one name": (SERVICE + SERVICE, "Shop: two classes of the file have this name. Rename one."),
    "two shared resources of one name": (
        2 * '@shared\ndef here() -> Reference:\n    "Here."\n    return testing.NullResource()\n' + SERVICE,
        "shared resource here: two shared resources have this name. Rename one.",
    ),
    "method without @resource": (
        with_resource("return testing.NullResource()", declared="# no decorator"),
        "Shop.thing: nothing uses the method, so what it describes is not there. ",
    ),
    "attribute that is assigned": (
        with_resource("file = testing.NullResource()", "file.purged = True", "return file"),
        "Shop.thing: purged is assigned, but what is described does not change. ",
    ),
    "attribute that is added to": (
        with_resource("file = testing.NullResource()", "file.requires += []", "return file"),
        "Shop.thing: requires is assigned, but what is described does not change. ",
    ),
    "attribute that is deleted": (
        with_resource("del self.name", "return testing.NullResource()"),
        "Shop.thing: name is assigned, but what is described does not change. ",
    ),
    "value of the service that is assigned": (
        with_resource('self.name = "x"', "return testing.NullResource(name=self.name)"),
        "Shop.thing: name is assigned, but what is described does not change. ",
    ),
    "class of a stand-in": (
        with_resource("return testing.NullResource(name=self.__class__.__name__)"),
        "Shop.thing: __class__ is of what stands for the value while the model is generated, ",
    ),
    "docstring of a stand-in": (
        with_resource("return testing.NullResource(name=self.__doc__)"),
        "Shop.thing: __doc__ is of what stands for the value while the model is generated, ",
    ),
    "refusal that is caught": (
        with_resource(
            "try:", "    name = self.nam", "except Exception:", '    name = "x"', "return testing.NullResource(name=name)"
        ),
        "Shop.thing: Shop has no nam. Did you mean name?",
    ),
    "refusal that is caught with everything else": (
        with_resource("try:", "    name = str(self)", "except:", '    name = "x"', "return testing.NullResource(name=name)"),
        "Shop.thing: described::described_by_test::first::Shop is put into text. ",
    ),
    "end of the program": (f"exit(3)\n{SERVICE}", "it ends the program. Take exit(...) away."),
    "end of the program in a method": (
        with_resource("raise SystemExit(1)"),
        "Shop.thing: it ends the program. Take exit(...) away.",
    ),
    "resource that is async": (
        with_resource("return testing.NullResource()").replace("def thing", "async def thing"),
        "Shop.thing: nothing waits for a description, and this one is async. Write def.",
    ),
    "shared resource that is async": (
        '@shared\nasync def here() -> Reference:\n    "Here."\n    return testing.NullResource()\n' + SERVICE,
        "shared resource here: nothing waits for a description, and this one is async. Write def.",
    ),
    "shared resource that yields": (
        '@shared\ndef here() -> Reference:\n    "Here."\n    yield testing.NullResource()\n' + SERVICE,
        "shared resource here: the function does not return an instance of an entity, ",
    ),
    "shared resource that is called": (
        '@shared\ndef here() -> Reference:\n    "Here."\n    return testing.NullResource()\n'
        + with_resource("return testing.NullResource(requires=[here()])"),
        "Shop.thing: here is shared without a key. Write here, without parentheses.",
    ),
    "resource above another decorator": (
        with_resource("return testing.NullResource()", declared="@resource\n    @property"),
        "Shop.thing: @resource and @helper stand above a plain function, and this is none. ",
    ),
    "attribute without its name": (
        with_resource("return testing.NullResource(self.name)"),
        "Shop.thing: std::testing::NullResource is given a value without the name of its attribute. ",
    ),
    "function of Python that needs a value": (
        "import json\n" + with_resource('return testing.NullResource(name=json.dumps({"a": self.name}))'),
        "Shop.thing: Python cannot run it: TypeError: a function of Python is given a value that is not known yet ",
    ),
    "exception without a text": (
        with_resource("raise NotImplementedError"),
        "Shop.thing: Python cannot run it: NotImplementedError. Correct it.",
    ),
    "annotations of a class that are no dict": (
        SERVICE.replace('identity = "name"', 'identity = "name"\n    annotations = ["a"]'),
        "Shop: annotations is not a dict. ",
    ),
    "annotations of a class that are no JSON": (
        SERVICE.replace('identity = "name"', 'identity = "name"\n    annotations = {"a": object()}'),
        "Shop: annotations holds something that is no JSON. ",
    ),
    "annotations of an attribute that are no JSON": (
        with_field('size: int = rw("Size.", annotations={"a": {1}})'),
        "Shop.size: annotations= holds something that is no JSON. ",
    ),
    "default from the configuration": (
        with_field('size: str = rw("Size.", default=config.folder)'),
        "Shop.size: its default is only known when the model is compiled, ",
    ),
    "default with half a character": (
        with_field('size: str = rw("Size.", default="\\ud800")'),
        "Shop.size: the default '\\ud800' does not fit the type string.",
    ),
    "description with NUL": (
        with_field('size: str = rw("Si\\0ze.")'),
        "Shop.size: its description has NUL or half a character in it. ",
    ),
    "text with NUL": (
        with_resource('return testing.NullResource(name=f"\\0{self.name}")'),
        "Shop.thing: the text '\\x00' has NUL or half a character in it. ",
    ),
    "default without saying who may set it": (
        with_field('size: str = "x"'),
        "Shop.size: 'x' does not say who may set it. Write = rw(...), ",
    ),
    "word of the language that is an option of other classes": (
        with_field('entity: str = rw("Entity.")'),
        "Shop.entity: the name entity is a word of the inmanta language. ",
    ),
    "class beyond ASCII": (
        SERVICE.replace("Shop", "Caf\u00e9"),
        "Caf\u00e9: the name is not made of letters from A to Z, digits and underscores. ",
    ),
    "strict that is no boolean": (
        SERVICE.replace('identity = "name"', 'identity = "name"\n    strict = "no"'),
        "Shop: strict and default_version are True or False. ",
    ),
    "default version without versions": (
        SERVICE.replace('identity = "name"', 'identity = "name"\n    default_version = True'),
        "Shop: it is the default version of a service without versions. ",
    ),
    "key of the configuration that is no range": (
        with_field('size: int | None = r("Size.", allocator=first_free_integer(config.folder))'),
        "Shop.size: first_free_integer(...) needs a range of the configuration, ",
    ),
    "value of another type": (
        with_field('size: int | None = r("Size.", value=lambda self: self.name)'),
        "Shop.size: its value is string, and it is int?. ",
    ),
}


@pytest.mark.parametrize(("description", "expected"), REJECTED.values(), ids=REJECTED.keys())
def test_a_mistake_is_explained(describe: Describe, description: str, expected: str) -> None:
    with pytest.raises(DescriptionError) as error:
        describe(description)

    assert message(error.value).startswith(expected)


def test_services_can_not_own_each_other(describe: Describe) -> None:
    with pytest.raises(DescriptionError) as error:
        describe(
            SERVICE.replace("Shop", "Mall") + '    shop: "Shop" = owner("Shop.")\n' + with_field('mall: Mall = owner("Mall.")')
        )

    assert message(error.value) == "Mall: the service owns itself: Mall -> Shop -> Mall. Break the circle."


def test_a_default_that_the_language_cannot_write_is_named(describe: Describe) -> None:
    with pytest.raises(DescriptionError, match=r"Shop\.size: the text .* has double braces"):
        emit_model(describe(with_field('size: str = rw("Size.", default="{{a}} \\n")')))
