"""What a description does with values becomes an expression of the inmanta language."""

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inmanta.ast import Namespace
from inmanta.ast.statements import Literal
from inmanta.ast.statements.assign import Assign
from inmanta.ast.statements.define import DefineEntity
from inmanta.parser.plyInmantaParser import base_parse
from service_generator import Condition, Reference, choose, count, each, module, std
from service_generator.dsl.expressions import Elements, to_node
from service_generator.dsl.modules import Instance
from service_generator.emit.expressions import constant, inline, layout, quote
from service_generator.emit.text import wrap
from service_generator.errors import DescriptionError
from service_generator.model.expressions import Constant, DictOf, Get, Lookup, Node, Variable

SELF = Variable("self")
name = Reference(Get(SELF, "name"))
size = Reference(Get(SELF, "size"))
ready = Condition(Get(SELF, "ready"))
gone = Condition(Get(SELF, "gone"))
setting = Reference(Lookup(Variable("settings", "mod"), "region"))
here: Any = Instance(Variable("x", "mod::sub"), "fs::File")
there: Any = Instance(Variable("x", "other"), "fs::File")


class Item(Reference):
    """What an element of the list looks like."""

    name: Any

    def __getattr__(self, attribute: str) -> Any:
        return Condition(Get(self._node, attribute))


items: Any = Elements(Get(SELF, "items"), "item", Item)

EXPRESSIONS: dict[str, tuple[object, str]] = {
    "string": ("a", '"a"'),
    "string with quotes": ('a "b"', r'"a \"b\""'),
    "string with a line break": ("a\nb", r'"a\nb"'),
    "string beyond ASCII": ("caf\u00e9", r'"caf\xe9"'),
    "string with double braces": ("{{ a }}", 'r"{{ a }}"'),
    "numbers": ([1, -2, 0.5, 1e-07, 1e16], "[1, -2, 0.5, 0.0000001, 10000000000000000.0]"),
    "constants": ([True, False, None], "[true, false, null]"),
    "dict": ({"a": {"b": name}}, '{"a": {"b": self.name}}'),
    "f-string": (f"{name}/{size:04d}", 'f"{self.name}/{self.size:04d}"'),
    "f-string with braces": (f"{{{name}}}", 'f"{{{self.name}}}"'),
    "f-string with a lookup": (f'"{setting}"-{name}', r'std::format("\"{}\"-{}", mod::settings["region"], self.name)'),
    "f-string with a format": (f"{setting:>5}", 'std::format("{:>5}", mod::settings["region"])'),
    "f-string with a variable of another namespace": (
        f"{there.path}/{here.path}",
        'std::format("{}/{}", other::x.path, x.path)',
    ),
    "f-string with a variable of the own namespace": (f"{here.path}", 'f"{x.path}"'),
    "str()": (str(name), 'f"{self.name}"'),
    "conditions": ((ready & ~gone) | (name == "x"), '(self.ready and not self.gone) or (self.name == "x")'),
    "conditions of Python on the left": (True & (ready | False), "true and (self.ready or false)"),
    "chain": (ready & gone & ready, "self.ready and self.gone and self.ready"),
    "negated comparison": (~(size > 3), "not (self.size > 3)"),
    "comparisons": (
        [size < 1, size <= 1, size >= 1, size != 1],
        "[self.size < 1, self.size <= 1, self.size >= 1, self.size != 1]",
    ),
    "arithmetic": ((size + 1) * 2 - size, "((self.size + 1) * 2) - self.size"),
    "string before": ("x" + name, '"x" + self.name'),
    "choice": (choose(ready, name, "none"), 'self.ready ? self.name : "none"'),
    "nested choice": (choose(ready, choose(gone, 1, 2), 3), "self.ready ? (self.gone ? 1 : 2) : 3"),
    "each": (each(items, lambda item: item.name), "[item.name for item in self.items]"),
    "each when": (
        each(items, lambda item: {"n": item.name}, when=lambda item: item.ok),
        '[{"n": item.name} for item in self.items if item.ok]',
    ),
    "count": (count(items), "std::count(self.items)"),
    "count unless": (
        count(items, unless=lambda item: item.removed),
        "std::count([item for item in self.items if not item.removed])",
    ),
    "plugin": (std.replace(name, "a", new="b"), 'std::replace(self.name, "a", new="b")'),
    "variable": (std.linux, "std::linux"),
    "entity": (module("fs").File(path=name, requires=[]), "fs::File(path=self.name)"),
}


@pytest.mark.parametrize(("value", "text"), EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_a_value_is_written_in_the_language(value: object, text: str) -> None:
    assert inline(to_node(value), "mod::sub") == text


def parsed(text: str) -> object:
    """The value of a literal, as the parser of inmanta reads it."""
    (statement,) = base_parse(Namespace("mod", Namespace("__root__")), "mod.cf", f"a = {text}\n")
    assert isinstance(statement, Assign)
    assert isinstance(statement.value, Literal), text
    return statement.value.value


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: "{{" not in text))
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    assert str(parsed(quote(text))) == text


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15) | st.integers() | st.booleans())
def test_any_number_is_read_back_as_it_was(value: float) -> None:
    assert parsed(constant(value)) == pytest.approx(value, abs=1e-16)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Zl", "Zp", "Cc"]), max_size=300))
def test_a_docstring_of_any_text_can_be_parsed(text: str) -> None:
    source = f'entity A:\n    """\n    {wrap(text)}\n    """\nend\n'

    (statement,) = base_parse(Namespace("mod", Namespace("__root__")), "mod.cf", source)

    assert isinstance(statement, DefineEntity)
    assert " ".join(str(statement.type.comment).split()) == " ".join(text.split())


def test_long_expressions_go_over_several_lines() -> None:
    value = each(items, lambda item: {"first": item.name, "second": [f"{item.name} and a long text", "x" * 60]})

    assert layout(to_node(value), "mod") == "\n".join(
        [
            "[",
            "    {",
            '        "first": item.name,',
            '        "second": [f"{item.name} and a long text", "' + "x" * 60 + '"],',
            "    }",
            "    for item in self.items",
            "]",
        ]
    )


def test_names_of_the_own_namespace_have_no_prefix() -> None:
    here: Node = DictOf((("a", Variable("x", "mod")), ("b", Variable("x", "mod::sub"))))

    assert inline(here, "mod") == '{"a": x, "b": mod::sub::x}'


@pytest.mark.parametrize("value", [object(), {1: 2}, {f"{name}": 2}, {"a": datetime.date(2000, 1, 1)}, b"bytes"])
def test_what_the_language_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(DescriptionError):
        to_node(value)


@pytest.mark.parametrize("use", [lambda: bool(ready), lambda: list(name), lambda: name.upper(), lambda: count([1, 2])])
def test_what_python_can_not_know_yet_is_refused(use: Any) -> None:
    with pytest.raises(DescriptionError):
        use()


def test_a_text_that_can_not_be_written_is_refused() -> None:
    with pytest.raises(DescriptionError, match="double braces"):
        quote('{{ "a" }}')


def test_a_constant_is_a_constant() -> None:
    assert to_node("plain") == Constant("plain")
