"""Mistakes that Python, or only the compile, would stumble over are explained, with the place in the description."""

import pytest
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
