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
from service_generator.dsl import recorded
from service_generator.dsl.expressions import Elements
from service_generator.dsl.modules import Instance
from service_generator.dsl.unknown import to_node
from service_generator.emit.expressions import constant, inline, layout, literal, quote
from service_generator.emit.text import wrap
from service_generator.errors import DescriptionError
from service_generator.kinds import DICT, FLOAT, INT, STRING, Kind
from service_generator.model.expressions import Constant, DictOf, Get, Lookup, Node, Variable
from service_generator.model.hygiene import name_expression
from service_generator.read.rewriting import compiled

SELF = Variable("self")


class Item(Reference):
    """What an element of the list looks like."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute == "tags":
            return Reference(Get(self._node, "tags"), Kind("string", many=True))
        if attribute == "name":
            return Reference(Get(self._node, "name"), STRING)
        return Condition(Get(self._node, attribute))


VALUES: dict[str, Any] = {
    "name": Reference(Get(SELF, "name"), STRING),
    "size": Reference(Get(SELF, "size"), INT),
    "share": Reference(Get(SELF, "share"), FLOAT),
    "note": Reference(Get(SELF, "note"), Kind("string", optional=True)),
    "tags": Reference(Get(SELF, "tags"), Kind("string", many=True)),
    "extra": Reference(Get(SELF, "extra"), DICT),
    "ready": Condition(Get(SELF, "ready")),
    "gone": Condition(Get(SELF, "gone")),
    "setting": Reference(Lookup(Variable("settings", "mod"), "region"), STRING),
    "here": Instance(Variable("x", "mod::sub"), "fs::File"),
    "there": Instance(Variable("x", "other"), "fs::File"),
    "items": Elements(Get(SELF, "items"), "item", Item, "mod::Item"),
    "std": std,
    "module": module,
    "each": each,
    "count": count,
    "choose": choose,
    "__recorded__": recorded,
}


def described(source: str) -> Any:
    """What an expression of a description gives."""
    variables = {"__name__": "description", **VALUES}
    exec(compiled(f"value = {source}", "description.py"), variables)
    return variables["value"]


def written(source: str, namespace: str = "mod::sub") -> str:
    """The text that an expression of a description becomes."""
    return inline(name_expression(to_node(described(source)), frozenset()), namespace)


EXPRESSIONS: dict[str, tuple[str, str]] = {
    "string": ("'a'", '"a"'),
    "string with quotes": ("'a \"b\"'", r'"a \"b\""'),
    "string with a line break": (r"'a\nb'", r'"a\nb"'),
    "string beyond ASCII": ("'caf\u00e9'", r'"caf\xe9"'),
    "string with double braces": ("'{{ a }}'", 'r"{{ a }}"'),
    "numbers": ("[1, -2, 0.5, 1e-07, 1e16]", "[1, -2, 0.5, 0.0000001, 10000000000000000.0]"),
    "constants": ("[True, False, None]", "[true, false, null]"),
    "dict": ("{'a': {'b': name}}", '{"a": {"b": self.name}}'),
    "f-string": ("f'{name}/{size:04d}'", 'f"{self.name}/{self.size:04d}"'),
    "f-string of constants": ("f'{1 + 1}-{\"a\"!r}'", "\"2-'a'\""),
    "f-string in an f-string": ("f'<{f\"{name}-\"}{size}>'", 'f"<{self.name}-{self.size}>"'),
    "f-string with braces": ("f'{{{name}}}'", 'std::format("{}{}{}", "{", self.name, "}")'),
    "f-string with a lookup": ("f'\"{setting}\"-{name}'", r'std::format("\"{}\"-{}", mod::settings["region"], self.name)'),
    "f-string with a format": ("f'{setting:>5}'", 'std::format("{:>5}", mod::settings["region"])'),
    "f-string with decimals": ("f'{share}'", 'std::format("{}", self.share)'),
    "f-string with a variable of another namespace": (
        "f'{there.path}/{here.path}'",
        'std::format("{}/{}", other::x.path, x.path)',
    ),
    "f-string with a variable of the own namespace": ("f'{here.path}'", 'f"{x.path}"'),
    "str()": ("str(name)", 'f"{self.name}"'),
    "conditions": ("(ready and not gone) or name == 'x'", '(self.ready and not self.gone) or (self.name == "x")'),
    "conditions with operators": ("(ready & ~gone) | (name == 'x')", '(self.ready and not self.gone) or (self.name == "x")'),
    "conditions with constants": ("True and (ready or False)", "self.ready or false"),
    "chain": ("ready and gone and ready", "self.ready and self.gone and self.ready"),
    "chained comparison": ("1 < size <= 9", "(self.size > 1) and (self.size <= 9)"),
    "negated comparison": ("not size > 3", "not (self.size > 3)"),
    "comparisons": (
        "[size < 1, size <= 1, size >= 1, size != 1]",
        "[self.size < 1, self.size <= 1, self.size >= 1, self.size != 1]",
    ),
    "is None": ("note is None", "not (self.note is defined)"),
    "is not None": ("note is not None and note == 'x'", 'self.note is defined and (self.note == "x")'),
    "== None": ("note == None", "not (self.note is defined)"),
    "text of what is there": (
        "f'{note}' if note is not None else ''",
        'self.note is defined ? f"{self.note}" : ""',
    ),
    "in": ("'a' in tags", '"a" in self.tags'),
    "not in": ("name not in ('a', 'b')", 'not (self.name in ["a", "b"])'),
    "arithmetic": ("(size + 1) * 2 - size", "((self.size + 1) * 2) - self.size"),
    "more arithmetic": (
        "[-size, size / 2, 2 % size, size ** 2]",
        "[0 - self.size, self.size / 2, 2 % self.size, self.size ** 2]",
    ),
    "string before": ("'x' + name", '"x" + self.name'),
    "lists joined": ("tags + ['a']", '[self.tags, ["a"]]'),
    "list taken apart": ("[*tags, name, *('x',)]", '[self.tags, self.name, ["x"]]'),
    "choice": ("name if ready else 'none'", 'self.ready ? self.name : "none"'),
    "choose": ("choose(ready, name, 'none')", 'self.ready ? self.name : "none"'),
    "nested choice": ("(1 if gone else 2) if ready else 3", "self.ready ? (self.gone ? 1 : 2) : 3"),
    "choice of Python": ("name if 1 > 2 else size", "self.size"),
    "comprehension": ("[item.name for item in items]", "[item.name for item in self.items]"),
    "comprehension with a condition": (
        "[{'n': item.name} for item in items if item.ok if not item.removed]",
        '[{"n": item.name} for item in self.items if item.ok and not item.removed]',
    ),
    "comprehension in a comprehension": (
        "[f'{one.name}{two.name}' for one in items for two in items]",
        '[[f"{one.name}{two.name}" for two in self.items] for one in self.items]',
    ),
    "comprehensions with one name": (
        "[{'a': x.name, 'b': [x.name for x in items]} for x in items]",
        '[{"a": x.name, "b": [x_2.name for x_2 in self.items]} for x in self.items]',
    ),
    "comprehension of Python": ("[n * size for n in (1, 2)]", "[1 * self.size, 2 * self.size]"),
    "each": ("each(items, lambda item: item.name)", "[item.name for item in self.items]"),
    "each when": (
        "each(items, lambda item: {'n': item.name}, when=lambda item: item.ok)",
        '[{"n": item.name} for item in self.items if item.ok]',
    ),
    "count": ("count(items)", "std::count(self.items)"),
    "count unless": (
        "count(items, unless=lambda item: item.removed)",
        "std::count([item for item in self.items if not item.removed])",
    ),
    "len": (
        "len([item for item in items if not item.removed])",
        "std::count([item for item in self.items if not item.removed])",
    ),
    "len of a string": ("len(name)", "std::length(self.name)"),
    "any": ("any(item.ok for item in items)", "true in [item.ok for item in self.items]"),
    "all": ("all(item.ok for item in items)", "not (false in [item.ok for item in self.items])"),
    "sorted": ("sorted(tags)", "@unrolling::in_order(self.tags)"),
    "join": ("', '.join(tags)", '@unrolling::join(", ", self.tags)'),
    "join of Python": ("'-'.join([name, 'x', setting])", 'std::format("{}-x-{}", self.name, mod::settings["region"])'),
    "element of a list": ("tags[0]", "std::at(self.tags, 0)"),
    "attribute of an element": ("items[0].name", 'std::attr(std::at(self.items, 0), "name")'),
    "element of a dict": ("extra['a']['b']", 'self.extra["a"]["b"]'),
    "element under a key": ("extra[name]", "self.extra[self.name]"),
    "get": ("extra.get('a', 1)", '("a" in self.extra) ? self.extra["a"] : 1'),
    "keys": ("[key for key in extra.keys()]", "[key for key in std::dict_keys(self.extra)]"),
    "range": ("[f'{n}' for n in range(1, size)]", '[f"{n}" for n in std::sequence(self.size - 1, start=1)]'),
    "methods of strings": ("name.upper().replace('A', 'b')", 'std::replace(std::upper(self.name), "A", "b")'),
    "plugin": ("std.replace(name, 'a', new='b')", 'std::replace(self.name, "a", new="b")'),
    "variable": ("std.linux", "std::linux"),
    "entity": (
        "module('fs').File(path=name, host=std.Host(name='a', os=std.linux), content='', requires=[])",
        'fs::File(path=self.name, host=std::Host(name="a", os=std::linux), content="")',
    ),
}


@pytest.mark.parametrize(("source", "text"), EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_an_expression_is_written_in_the_language(source: str, text: str) -> None:
    assert written(source) == text


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
    source = "[{'first': item.name, 'second': [f'{item.name} and a long text', 'x' * 60]} for item in items]"

    assert layout(name_expression(to_node(described(source)), frozenset()), "mod") == "\n".join(
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


@pytest.mark.parametrize("value", [object(), {1: 2}, {"a": datetime.date(2000, 1, 1)}, b"bytes", [[1], [2]]])
def test_what_the_language_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(DescriptionError):
        to_node(value)


UNDECIDABLE = {
    "condition as text of Python": "'%s' % ready",
    "format of Python": "'{}'.format(name)",
    "list of Python": "list(name)",
    "unpacking": "[*name]",
    "unpacking into arguments": "print(*tags)",
    "unknown method": "name.title()",
    "count of constants": "count([1, 2])",
    "number as condition": "size and ready",
    "string as condition": "1 if name else 2",
    "optional in text": "f'{note}'",
    "list in text": "f'{tags}'",
    "dict in text": "f'{extra}'",
    "entity in text": "f'{here}'",
    "module in text": "f'{module}{name}'",
    "repr in text": "f'{name!r}'",
    "format that is not known": "f'{name:{size}}'",
    "identity": "name is setting",
    "type": "isinstance(name, str)",
    "maximum": "max(size, 1)",
    "whole division": "size // 2",
    "order of strings": "name < 'a'",
    "string and number": "name + size",
    "what is never missing": "name is None",
    "slice": "tags[1:]",
    "part of a string": "'a' in name",
    "key of a dict": "{name: 1}",
    "element of a set": "{name}",
    "number of Python": "int(size)",
    "list of lists": "[item.tags for item in items]",
    "condition on a list of Python": "[n for n in (1, 2) if size > n]",
    "entity and text": "here == 'x'",
    "null for a number": "module('fs').File(path='', host=std.Host(name='a', os=std.linux), content=None)",
    "wrong type": "module('fs').File(path=size, host=std.Host(name='a', os=std.linux), content='')",
    "missing attribute": "module('fs').File(path=name)",
    "unknown argument": "std.replace(name, 'a', neww='b')",
    "missing argument": "std.replace(name, 'a')",
    "too many arguments": "std.upper(name, name)",
    "unknown plugin": "std.uper(name)",
    "unknown variable": "module('std').linus.name",
    "unknown type of std": "std.ascii_wort.x",
    "step": "range(1, size, 2)",
}


@pytest.mark.parametrize("source", UNDECIDABLE.values(), ids=UNDECIDABLE.keys())
def test_what_cannot_be_carried_into_the_model_is_refused(source: str) -> None:
    with pytest.raises((DescriptionError, TypeError)):
        written(source)


def test_an_element_is_refused_outside_of_its_loop() -> None:
    kept: list[Any] = []
    VALUES["keep"] = kept
    described("[keep.append(item.name) or item.name for item in items]")

    with pytest.raises(DescriptionError, match="used outside of the loop"):
        name_expression(to_node(kept[0]), frozenset())


def test_a_text_that_can_not_be_written_is_refused() -> None:
    with pytest.raises(DescriptionError, match="double braces"):
        literal('{{ "a" }}')


def test_double_braces_beside_quotes_are_cut_in_two() -> None:
    assert quote('{{ "a" }}') == r'("{" + "{ \"a\" }}")'


def test_a_constant_is_a_constant() -> None:
    assert to_node("plain") == Constant("plain")
