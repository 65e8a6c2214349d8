"""
A compiled model says what its description says when Python runs it: random expressions and resources are evaluated by both, on
the same values.
"""

import json
import os
import random
import types
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import pytest_inmanta.plugin
from packaging.version import Version
from service_generator.dsl import blocks, recorded
from service_generator.dsl.expressions import Condition, Elements, Reference
from service_generator.dsl.unknown import to_node
from service_generator.emit.expressions import layout
from service_generator.emit.statements import render
from service_generator.errors import DescriptionError
from service_generator.kinds import BOOL, DICT, FLOAT, INT, STRING, Kind
from service_generator.model.expressions import Call, Get, Node, Variable, data_node
from service_generator.model.hygiene import name_expression, name_statements
from service_generator.model.resources import InLoop, OnlyIf
from service_generator.model.statements import Evaluate, If, Loop, Statement
from service_generator.read.rewriting import compiled

ROUNDS = int(os.environ.get("SERVICE_GENERATOR_ROUNDS", "3"))
"""How many models are compiled; each holds dozens of random expressions."""

SEEDS = range(start := int(os.environ.get("SERVICE_GENERATOR_SEED", "0")), start + ROUNDS)
"""What the expressions are made from: another first one gives other expressions."""

KEEPS_DUPLICATES = Version(version("inmanta-core")) >= Version("18.1")
"""Before, a loop went through each value of a list once."""

SELF = Variable("it")
KINDS = {
    "name": STRING,
    "other": STRING,
    "size": INT,
    "rank": INT,
    "share": FLOAT,
    "ready": BOOL,
    "gone": BOOL,
    "note": Kind("string", optional=True),
    "missing": Kind("string", optional=True),
    "tags": Kind("string", many=True),
    "numbers": Kind("int", many=True),
    "extra": DICT,
}
ITEM_KINDS = {"name": STRING, "size": INT, "ready": BOOL, "tags": Kind("string", many=True)}
ITEMS = [
    {"name": "one", "size": 1, "ready": True, "tags": ["x", "y"]},
    {"name": "two", "size": 2, "ready": False, "tags": []},
    {"name": "three", "size": 3, "ready": True, "tags": ["z"]},
]
VALUES: dict[str, Any] = {
    "name": "a-name",
    "other": 'b "quoted" {c}',
    "size": 7,
    "rank": 0,
    "share": 0.5,
    "ready": True,
    "gone": False,
    "note": "noted",
    "missing": None,
    "tags": ["b", "a", "c"],
    "numbers": [3, 1, 2],
    "extra": {"a": "x", "b": "y"},
}


class Item(Reference):
    """What an element of the list looks like."""

    def __init__(self, node: Node) -> None:
        super().__init__(node, Kind("test::Item"))

    def __getattr__(self, name: str) -> Any:
        return reference(Get(self._node, name), ITEM_KINDS[name])


def reference(node: Node, kind: Kind) -> Reference:
    """The stand-in for a value."""
    return Condition(node) if kind == BOOL else Reference(node, kind)


RECORDED: dict[str, Any] = {
    **{name: reference(Get(SELF, name), kind) for name, kind in KINDS.items()},
    "items": Elements(Get(SELF, "items"), "item", Item, "test::Item"),
    "__recorded__": recorded,
    "__name__": "description",
}
PLAIN: dict[str, Any] = {**VALUES, "items": [types.SimpleNamespace(**item) for item in ITEMS]}

VARIABLES = ("x", "y", "item", "name", "element")
SPECIALS = "aab{{{}}}  %'\"-./:;#$!?\\n"


class Expressions:
    """Random expressions of each kind, as Python writes them; a scope holds the variables of comprehensions around them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def _one(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _text(self) -> str:
        return repr("".join(self._random.choices(SPECIALS, k=self._random.randint(0, 5))))

    def number(self, depth: int, scope: tuple[str, ...] = ()) -> str:
        """An integer."""
        simple = self._one("size", "rank", "3", "0", "-2", *(f"{name}.size" for name in scope))
        if depth <= 0:
            return simple
        match self._one("simple", "arithmetic", "choice", "list", "negative", "text"):
            case "arithmetic":
                return f"({self.number(depth - 1, scope)} {self._one('+', '-', '*')} {self.number(depth - 1, scope)})"
            case "choice":
                condition = self.condition(depth - 1, scope)
                return f"({self.number(depth - 1, scope)} if {condition} else {self.number(depth - 1, scope)})"
            case "list":
                return f"len({self.any_list(depth - 1, scope)})"
            case "text":
                return f"len({self.text(depth - 1, scope)})"
            case "negative":
                return f"(-{self.number(depth - 1, scope)})"
        return simple

    def text(self, depth: int, scope: tuple[str, ...] = ()) -> str:
        """A string; a variable may hide an attribute, as in Python."""
        attributes = [name for name in ("name", "other") if name not in scope]
        simple = self._one(*attributes, self._text(), *(f"{name}.name" for name in scope))
        if depth <= 0:
            return simple
        match self._one("simple", "sum", "format", "choice", "optional", "join", "method", "element", "get"):
            case "sum":
                return f"({self.text(depth - 1, scope)} + {self.text(depth - 1, scope)})"
            case "format":
                spec = self._one("", ":03d", ":>4")
                number = self.number(depth - 1, scope)
                return f'f"{self._one("", "{{", "}}", "-", "%")}{{{self.text(depth - 1, scope)}}}{{{number}{spec}}}"'
            case "choice":
                condition = self.condition(depth - 1, scope)
                return f"({self.text(depth - 1, scope)} if {condition} else {self.text(depth - 1, scope)})"
            case "optional":
                optional = self._one("note", "missing")
                return f"({optional} if {optional} is not None else {self.text(depth - 1, scope)})"
            case "join":
                return f"{self._text()}.join({self.texts(depth - 1, scope)})"
            case "method":
                return f"{self._one(*attributes)}.{self._one('upper()', 'lower()', 'capitalize()')}"
            case "element":
                return f"tags[{self._random.randint(-3, 2)}]"
            case "get":
                return f"extra['{self._one('a', 'b')}']"
        return simple

    def condition(self, depth: int, scope: tuple[str, ...] = ()) -> str:
        """A boolean."""
        simple = self._one("ready", "gone", "True", "False", *(f"{name}.ready" for name in scope))
        if depth <= 0:
            return simple
        kind = self._one("simple", "and", "or", "not", "compare", "chain", "equal", "none", "in", "any", "all")
        match kind:
            case "and" | "or":
                return f"({self.condition(depth - 1, scope)} {kind} {self.condition(depth - 1, scope)})"
            case "not":
                return f"(not {self.condition(depth - 1, scope)})"
            case "compare":
                operator = self._one("<", "<=", ">", ">=", "==", "!=")
                return f"({self.number(depth - 1, scope)} {operator} {self.number(depth - 1, scope)})"
            case "chain":
                return f"({self.number(0, scope)} < {self.number(0, scope)} <= {self.number(0, scope)})"
            case "equal":
                return f"({self.text(depth - 1, scope)} {self._one('==', '!=')} {self.text(depth - 1, scope)})"
            case "none":
                return f"({self._one('note', 'missing')} is {self._one('', 'not ')}None)"
            case "in":
                where = self._one("tags", "extra", "['a', 'x']")
                return f"({self.text(depth - 1, scope)} {self._one('in', 'not in')} {where})"
            case "any" | "all":
                variable = self._one(*VARIABLES)
                return f"{kind}({self.condition(depth - 1, (*scope, variable))} for {variable} in items)"
        return simple

    def texts(self, depth: int, scope: tuple[str, ...] = ()) -> str:
        """A list of strings."""
        simple = self._one("tags", "['p', 'q']", *(f"{name}.tags" for name in scope))
        if depth <= 0:
            return simple
        variable, inner = self._one(*VARIABLES), self._one(*VARIABLES)
        match self._one("simple", "comprehension", "nested", "sorted", "sum", "spread", "constant"):
            case "spread":
                return f"[*{self.texts(depth - 1, scope)}, {self.text(depth - 1, scope)}]"
            case "comprehension":
                below = (*scope, variable)
                return f"[{self.text(depth - 1, below)} for {variable} in items{self._guard(depth - 1, below)}]"
            case "nested":
                below = (*scope, variable, inner)
                guard = self._guard(depth - 1, below)
                return f"[{self.text(depth - 1, below)} for {variable} in items for {inner} in items{guard}]"
            case "sorted":
                return f"sorted({self.texts(depth - 1, scope)})"
            case "sum":
                return f"({self.texts(depth - 1, scope)} + {self.texts(depth - 1, scope)})"
            case "constant":
                return f"[{self.text(depth - 1, scope)} for n in (1, 2)]"
        return simple

    def _guard(self, depth: int, scope: tuple[str, ...]) -> str:
        return self._one("", f" if {self.condition(depth, scope)}")

    def any_list(self, depth: int, scope: tuple[str, ...] = ()) -> str:
        """A list of anything."""
        variable = self._one(*VARIABLES)
        numbers = f"[{self.number(depth - 1, (*scope, variable))} for {variable} in items]"
        return self._one(self.texts(depth, scope), numbers, "numbers", "items")

    def dict(self, depth: int) -> str:
        """A dict of anything."""
        variable = self._one(*VARIABLES)
        below = (variable,)
        inner = f"{{'in': {self.text(depth - 1, below)}, 'of': {self.texts(depth - 1, below)}}}"
        parts = [
            f"'t': {self.text(depth)}",
            f"'n': {self.number(depth)}",
            f"'c': {self.condition(depth)}",
            f"'l': {self.texts(depth)}",
            f"'d': [{inner} for {variable} in items]",
        ]
        return "{" + ", ".join(parts) + "}"


MODEL = """
import std
import @module@::unrolling

entity Item:
    string name
    int size
    bool ready
    string[] tags
end

implement Item using std::none

entity It:
    string name
    string other
    int size
    int rank
    float share
    bool ready
    bool gone
    string? note = null
    string? missing = null
    string[] tags
    int[] numbers
    dict extra
end

It.items [0:] -- Item

implement It using std::none

it = It(@values@)
"""


def model() -> str:
    """The model with the values, without the expressions."""

    def given(values: dict[str, Any]) -> str:
        return ", ".join(f"{name}={layout(data_node(value), 'x')}" for name, value in values.items())

    items = ", ".join(f"Item({given(item)})" for item in ITEMS)
    return MODEL.replace("@module@", "integration_example").replace("@values@", f"{given(VALUES)}, items=[{items}]")


def described(source: str) -> Any:
    """What an expression of a description gives."""
    variables = dict(RECORDED)
    exec(compiled(f"value = {source}", "description.py"), variables)
    return variables["value"]


def written(source: str) -> str | None:
    """The expression of the model; nothing when it is refused."""
    try:
        node = name_expression(to_node(described(source)), frozenset({"it"}))
        return layout(node, "__config__").replace("@unrolling", "integration_example::unrolling")
    except DescriptionError:
        return None


def expected(source: str) -> Any:
    """What Python gives for the same values."""
    return json.loads(json.dumps(eval(source, dict(PLAIN))))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_model_evaluates_to_what_python_says(project: pytest_inmanta.plugin.Project, seed: int) -> None:
    configuration = Path(project._test_project_dir, "files", "integration-example-config.yml")
    configuration.parent.mkdir(exist_ok=True)
    configuration.touch()
    expressions = Expressions(seed)
    sources = [expressions.dict(3) for _ in range(40)]
    accepted = {source: text for source in sources if (text := written(source)) is not None}
    assert len(accepted) * 4 >= len(sources), "too much is refused for the test to say anything"
    lines = [f"std::print(std::json_dumps({text}))" for text in accepted.values()]

    project.compile(model() + "\n".join(lines) + "\n", no_dedent=False)

    printed = {json.dumps(json.loads(line), sort_keys=True) for line in (project.get_stdout() or "").splitlines() if line}
    for source, text in accepted.items():
        assert json.dumps(expected(source), sort_keys=True) in printed, f"{source}\n{text}"


class Methods(Expressions):
    """Random bodies of methods that yield, with loops and conditions in each other."""

    def body(self, depth: int, scope: tuple[str, ...] = ()) -> list[str]:
        """The lines of a block."""
        lines = [line for _ in range(self._random.randint(1, 2)) for line in self._statement(depth, scope)]
        return [*lines, f"yield {self.text(1, scope)}"]

    def _statement(self, depth: int, scope: tuple[str, ...]) -> list[str]:
        if depth <= 0:
            return [f"yield {self.text(2, scope)}"]
        match self._one("items", "texts", "range", "plain", "if", "if", "local"):
            case "items":
                variable = self._one("x", "y", "item", "element")
                return [f"for {variable} in items:", *self._inside(depth, (*scope, variable))]
            case "texts":
                inner = self._one("one", "two")
                return [f"for {inner} in {self.texts(1, scope)}:", f"    yield f'<{{{inner}}}>'"]
            case "range":
                return [f"for n in range({self._random.randint(0, 3)}):", "    yield f'{n}'", *self._inside(depth, scope)]
            case "plain":
                return ["for word in ('a', 'b'):", "    yield f'{word}{name}'" if "name" not in scope else "    yield word"]
            case "local":
                return [f"local_{depth} = {self.text(1, scope)}", f"yield f'{{local_{depth}}}!'"]
        lines = [f"if {self.condition(2, scope)}:", *self._inside(depth, scope)]
        return [*lines, "else:", *self._inside(depth, scope)] if self._one("", "else") else lines

    def _inside(self, depth: int, scope: tuple[str, ...]) -> list[str]:
        return [f"    {line}" for line in self.body(depth - 1, scope)]


def method(lines: list[str]) -> str:
    """A method whose body these lines are; loops hide no attribute outside of it."""
    return (
        "def method("
        + ", ".join(f"{name}={name}" for name in [*KINDS, "items"])
        + "):\n"
        + "".join(f"    {line}\n" for line in lines)
    )


def recorded_method(source: str) -> list[Statement] | None:
    """The statements of the model that print what the method yields; nothing when it is refused."""
    variables = dict(RECORDED)
    exec(compiled(source, "description.py"), variables)
    statements: list[Statement] = []
    try:
        with blocks.recording():
            for value in variables["method"]():
                printed = Call("std::print", (Call("std::json_dumps", (to_node(value),)),))
                nested: tuple[Statement, ...] = (Evaluate(None, printed),)
                for block in reversed(blocks.current()):
                    match block.around:
                        case InLoop(variable, elements):
                            nested = (Loop(None, variable, elements, nested),)
                        case OnlyIf(condition):
                            nested = (If(None, condition, nested),)
                statements += nested
        return list(name_statements(tuple(statements), frozenset({"it"})))
    except DescriptionError:
        return None


@pytest.mark.parametrize("seed", SEEDS)
def test_loops_and_conditions_yield_what_python_yields(project: pytest_inmanta.plugin.Project, seed: int) -> None:
    configuration = Path(project._test_project_dir, "files", "integration-example-config.yml")
    configuration.parent.mkdir(exist_ok=True)
    configuration.touch()
    methods = Methods(seed)
    sources = [method(methods.body(3)) for _ in range(15)]
    accepted = {source: found for source in sources if (found := recorded_method(source)) is not None}
    assert len(accepted) * 4 >= len(sources), "too much is refused for the test to say anything"
    expected_lines: list[str] = []
    text = ""
    for number, (source, statements) in enumerate(accepted.items()):
        text += render(statements, "__config__").replace("@unrolling", "integration_example::unrolling") + "\n"
        variables = dict(PLAIN)
        exec(source, variables)
        expected_lines += [json.dumps(value) for value in variables["method"]()]
        text += f'std::print("{number}")\n'
        expected_lines.append(str(number))

    project.compile(model() + text, no_dedent=False)

    printed = [line for line in (project.get_stdout() or "").splitlines() if line]
    normal = [json.dumps(json.loads(line)) for line in printed]
    wanted = [json.dumps(json.loads(line)) for line in expected_lines]
    if KEEPS_DUPLICATES:
        assert sorted(normal) == sorted(wanted)
    else:
        assert set(normal) == set(wanted)
