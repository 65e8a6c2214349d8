"""Statements as text of the inmanta language."""

from collections.abc import Sequence
from textwrap import indent

from service_generator.emit.expressions import inline, layout
from service_generator.emit.text import comment
from service_generator.model.statements import AddMember, Assign, Evaluate, Gap, If, Loop, SetMember, Statement

_INDENT = "    "


def render(statements: Sequence[Statement], namespace: str, depth: int = 0) -> str:
    """
    Statements, one below the other.

    :param statements: the statements
    :param namespace: the namespace in which they stand, whose names need no prefix
    :param depth: how many characters they are indented later
    """
    blocks = [_statement(statement, namespace, depth) for statement in statements]
    return "\n".join(blocks).strip("\n")


def _statement(statement: Statement, namespace: str, depth: int) -> str:
    match statement:
        case Gap():
            return ""
        case Assign(name=name, value=value):
            text = f"{name} = {layout(value, namespace, depth + len(str(name)) + 3)}"
            return f"{comment(statement.comment)}{text}"
        case SetMember(of=of, name=name, value=value):
            start = f"{inline(of, namespace)}.{name} = "
            return start + layout(value, namespace, depth + len(start))
        case AddMember(of=of, name=name, value=value):
            start = f"{inline(of, namespace)}.{name} += "
            return start + layout(value, namespace, depth + len(start))
        case Evaluate(value=value):
            return layout(value, namespace, depth)
        case Loop(variable=variable, elements=elements, body=body):
            return f"for {variable} in {inline(elements, namespace)}:\n{_body(body, namespace, depth)}\nend"
        case If(condition=condition, body=body, otherwise=otherwise):
            text = f"if {inline(condition, namespace)}:\n{_body(body, namespace, depth)}\n"
            if otherwise:
                text += f"else:\n{_body(otherwise, namespace, depth)}\n"
            return f"{text}end"
    raise TypeError(f"no statement of the inmanta language: {statement!r}")


def _body(statements: Sequence[Statement], namespace: str, depth: int) -> str:
    return indent(render(statements, namespace, depth + len(_INDENT)), _INDENT)
