"""
A compiled model says what its description says when Python runs it: random expressions and resources are evaluated by both, on
the same values.
"""

import json
import os
from importlib.metadata import version
from pathlib import Path

import pytest
import pytest_inmanta.plugin
from packaging.version import Version
from service_generator.dsl import blocks
from service_generator.dsl.unknown import to_node
from service_generator.emit.statements import render
from service_generator.errors import DescriptionError
from service_generator.model.expressions import Call
from service_generator.model.hygiene import name_statements
from service_generator.model.resources import InLoop, OnlyIf
from service_generator.model.statements import Evaluate, If, Loop, Statement
from service_generator.read.rewriting import compiled

from tests.generator.random_expressions import KINDS, PLAIN, RECORDED, Expressions, expected, model, plain, written

ROUNDS = int(os.environ.get("SERVICE_GENERATOR_ROUNDS", "3"))
"""How many models are compiled; each holds dozens of random expressions."""

SEEDS = range(start := int(os.environ.get("SERVICE_GENERATOR_SEED", "0")), start + ROUNDS)
"""What the expressions are made from: another first one gives other expressions."""

KEEPS_DUPLICATES = Version(version("inmanta-core")) >= Version("18.1")
"""Before, a loop went through each value of a list once."""


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


SELDOM = [
    "f'{ready}'",
    "f'{gone}-{ready:>7}'",
    "f'{size / 2}'",
    "f'{size / 7:.3f}'",
    "f'{size % 3}'",
    "f'{(-size) % 3}'",
    "f'{size ** 2}'",
    "f'{2 ** size}'",
    "f'{share}'",
    "f'{share * 2}'",
    "f'{share * 2:.1f}'",
    "f'{size * share}'",
    "f'{size - share}'",
    "str(ready)",
    "str(share)",
    "tags == ['b','a','c']",
    "tags == ['a']",
    "numbers == [3,1,2]",
    "'b' in extra",
    "name in {'a-name': 1}",
    "note in ['x', 'noted']",
    "size in (7, '7')",
    "size == '7'",
    "ready == 1",
    "ready == True",
    "gone != False",
    "[size / 2, share]",
    "sorted(numbers)",
    "','.join(sorted(tags))",
    "extra.get('zz', 'dflt')",
    "extra.get('a', 'dflt')",
    "name.split('-')",
    "name.split('-')[0]",
    "name.replace('a', '{}')",
    "numbers[-1] + 1",
    "len(name) / 4",
    "[n * 2 for n in numbers if n > 1]",
    "[f'{n:02d}' for n in numbers]",
    "any(n > 2 for n in numbers)",
    "all(n > 2 for n in numbers)",
    "not (size > 3 and ready)",
    "1 < size <= 7 != rank",
    "[t for t in tags if t not in ['a']]",
    "f'{size:,}'",
    "f'{size:>5}|{name:<10}|{name:^9}'",
    "f'{share:e}'",
    "f'{share:%}'",
    "f'{size:x}'",
    "f'{size:+d}'",
    "f'{other}'",
    "f'{{{size}}}'",
    "-size ** 2",
    "10 - size - 2",
    "10 - (size - 2)",
    "2 * (size + 1) % 5",
    "2 ** 3 ** (size - 5)",
    "(2 ** 3) ** (size - 5)",
    "size / 2 / 2",
    "size / (2 / 2)",
    "{'a': [1, size], 'b': {'c': tags}}",
    "[{'x': t} for t in tags]",
    "note if note is not None and size > 3 else 'q'",
    "missing if missing is not None else note if note is not None else name",
]
"""What random expressions are not made of: operators with their precedence, formats, and comparisons of different types."""


def test_operators_and_formats_give_what_python_gives(project: pytest_inmanta.plugin.Project) -> None:
    configuration = Path(project._test_project_dir, "files", "integration-example-config.yml")
    configuration.parent.mkdir(exist_ok=True)
    configuration.touch()
    texts = [written(source) for source in SELDOM]
    lines = [f'std::print(std::json_dumps({{"{number}": {text}}}))' for number, text in enumerate(texts)]

    project.compile(model() + "\n".join(lines) + "\n", no_dedent=False)

    printed: dict[str, object] = {}
    for line in (project.get_stdout() or "").splitlines():
        printed |= json.loads(line) if line else {}
    assert {source: printed[str(number)] for number, source in enumerate(SELDOM)} == {
        source: expected(source) for source in SELDOM
    }


def test_python_tells_the_names_of_nested_comprehensions_apart() -> None:
    source = "[{'in': [name.name for name in items], 'of': [name for item in items if y.name != name]} for y in items[:1]]"

    assert expected(source) == [{"in": ["one", "two", "three"], "of": ["a-name"] * 3}]


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
        exec(plain(source, "exec"), variables)
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
