"""Names for the variables of loops: those of the description, made different where one would hide another name."""

from collections.abc import Iterator
from dataclasses import fields, replace

from service_generator.errors import DescriptionError
from service_generator.model.expressions import Comprehension, LoopVariable, Node, Variable
from service_generator.model.names import KEYWORDS
from service_generator.model.statements import Assign, If, Loop, Statement

type Scope = dict[LoopVariable, str]


def name_statements(statements: tuple[Statement, ...], taken: frozenset[str]) -> tuple[Statement, ...]:
    """
    The same statements with a name for each variable of a loop.

    :param statements: the statements of one block
    :param taken: names that mean something else there
    :raises DescriptionError: an element is used outside of its loop
    """
    return _block(statements, {}, taken | KEYWORDS)


def name_expression(node: Node, taken: frozenset[str]) -> Node:
    """
    The same expression with a name for each variable of a comprehension.

    :param node: the expression
    :param taken: names that mean something else there
    :raises DescriptionError: an element is used outside of its comprehension
    """
    return _expression(node, {}, taken | KEYWORDS)


def _block(statements: tuple[Statement, ...], scope: Scope, taken: frozenset[str]) -> tuple[Statement, ...]:
    named: list[Statement] = []
    # A variable of this block is not called like one in a block before it: the compiler warns that one hides the other.
    inside: frozenset[str] = frozenset()
    for statement in statements:
        try:
            match statement:
                case Assign(name=LoopVariable() as variable):
                    value = _expression(statement.value, scope, taken)
                    scope, _ = _with(variable, scope, taken | inside)
                    taken |= {scope[variable]}
                    named.append(replace(statement, name=scope[variable], value=value))
                case Loop(variable=LoopVariable() as variable):
                    elements = _expression(statement.elements, scope, taken)
                    inner, inner_taken = _with(variable, scope, taken)
                    body = _block(statement.body, inner, inner_taken)
                    named.append(replace(statement, variable=inner[variable], elements=elements, body=body))
                case Loop():
                    elements = _expression(statement.elements, scope, taken)
                    body = _block(statement.body, scope, taken | {str(statement.variable)})
                    named.append(replace(statement, elements=elements, body=body))
                case If():
                    condition = _expression(statement.condition, scope, taken)
                    body, otherwise = (_block(block, scope, taken) for block in (statement.body, statement.otherwise))
                    named.append(replace(statement, condition=condition, body=body, otherwise=otherwise))
                case _:
                    named.append(_plain(statement, scope, taken))
        except DescriptionError as error:
            raise error.at(statement.place) from error
        inside |= frozenset(_assigned(named[-1]))
    return tuple(named)


def _assigned(statement: Statement) -> Iterator[str]:
    match statement:
        case Assign(name=str() as name):
            yield name
        case Loop():
            for inner in statement.body:
                yield from _assigned(inner)
        case If():
            for inner in (*statement.body, *statement.otherwise):
                yield from _assigned(inner)


def _plain(statement: Statement, scope: Scope, taken: frozenset[str]) -> Statement:
    nodes = {field.name: getattr(statement, field.name) for field in fields(statement)}
    changed = {name: _expression(value, scope, taken) for name, value in nodes.items() if isinstance(value, Node)}
    return replace(statement, **changed)  # type: ignore[arg-type]  # the same fields with the same types


def _expression(node: Node, scope: Scope, taken: frozenset[str]) -> Node:
    match node:
        case LoopVariable():
            if node not in scope:
                raise DescriptionError(
                    f"the element {node.name} is used outside of the loop or comprehension over its list. Use it inside only."
                )
            return Variable(scope[node])
        case Comprehension(variable=LoopVariable() as variable):
            elements = _expression(node.elements, scope, taken)
            inner, inner_taken = _with(variable, scope, taken)
            guard = _expression(node.guard, inner, inner_taken) if node.guard is not None else None
            return Comprehension(_expression(node.value, inner, inner_taken), inner[variable], elements, guard)
    changed = {field.name: _value(getattr(node, field.name), scope, taken) for field in fields(node)}
    return replace(node, **changed)


def _value(value: object, scope: Scope, taken: frozenset[str]) -> object:
    if isinstance(value, Node):
        return _expression(value, scope, taken)
    if isinstance(value, tuple):
        return tuple(_value(element, scope, taken) for element in value)
    return value


def _with(variable: LoopVariable, scope: Scope, taken: frozenset[str]) -> tuple[Scope, frozenset[str]]:
    # The language knows ASCII only, and no capitals at the start of variables.
    wanted = "".join(character for character in variable.name.lower() if character.isascii() and character != "-").strip("_")
    base = wanted if wanted and not wanted[0].isdigit() else f"element{wanted}"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return {**scope, variable: name}, taken | {name}
