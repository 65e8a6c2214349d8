"""Random expressions of descriptions, the values that they are about, and what Python and the model say of them."""

import ast
import json
import random
import types
from typing import Any

from service_generator.dsl import recorded
from service_generator.dsl.expressions import Condition, Elements, Reference
from service_generator.dsl.unknown import to_node
from service_generator.emit.expressions import layout
from service_generator.errors import DescriptionError
from service_generator.kinds import BOOL, DICT, FLOAT, INT, STRING, Kind
from service_generator.model.expressions import Get, Node, Variable, data_node
from service_generator.model.hygiene import name_expression
from service_generator.read.rewriting import compiled

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
    return json.loads(json.dumps(eval(plain(source, "eval"), dict(PLAIN))))


def plain(source: str, mode: str) -> types.CodeType:
    """The code of a description as Python alone runs it."""

    class Generators(ast.NodeTransformer):
        # Python 3.12.1 takes names of nested comprehensions that it runs in place for others; not of generators.
        def visit_ListComp(self, node: ast.ListComp) -> ast.AST:  # named by ast
            self.generic_visit(node)
            generator = ast.GeneratorExp(node.elt, node.generators)
            return ast.Call(ast.Name("list", ast.Load()), [generator], [])

    tree = Generators().visit(ast.parse(source, "description.py", mode))
    code: types.CodeType = compile(ast.fix_missing_locations(tree), "description.py", mode)
    return code
