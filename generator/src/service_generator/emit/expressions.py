"""Expressions as text of the inmanta language, on one line where that fits, else on several."""

from textwrap import indent

from service_generator.errors import DescriptionError
from service_generator.model.expressions import (
    Call,
    Comprehension,
    Conditional,
    Constant,
    Construct,
    DictOf,
    Element,
    FormatString,
    Get,
    IndexLookup,
    IsDefined,
    ListOf,
    Lookup,
    Node,
    Not,
    Operation,
    Scalar,
    Slot,
    Variable,
    walk,
)

WIDTH = 120
_INDENT = "    "


def namespaces_in(node: Node, namespace: str) -> set[str]:
    """
    The namespaces that an expression refers to, all of which have to be imported.

    :param node: the expression
    :param namespace: the namespace in which it stands
    """
    found: set[str] = set()
    for part in walk(node):
        match part:
            case Variable(_, other) if other is not None:
                found.add(other)
            case Call(name) | Construct(name) | IndexLookup(name):
                found.add(name.rpartition("::")[0])
            case FormatString(parts) if not _is_interpolated(parts, namespace):
                found.add("std")
            case Element():
                found.add("std")
            case Get(of) if not isinstance(of, Variable | Get):
                found.add("std")
    return found


def quote(text: str) -> str:
    """
    An expression for a string: a literal, or a sum of literals where double braces meet what needs escapes.

    :param text: any text
    """
    if "{{" not in text or _is_raw(text):
        return literal(text)
    return f"({' + '.join(literal(piece) for piece in _pieces(text))})"


def _pieces(text: str) -> list[str]:
    # Cut between braces that are next to each other.
    pieces = [""]
    for character in text:
        if character == "{" and pieces[-1].endswith("{"):
            pieces.append("")
        pieces[-1] += character
    return pieces


def _is_raw(text: str) -> bool:
    return text.isprintable() and text.isascii() and not set('"\\') & set(text)


def literal(text: str) -> str:
    """
    A string literal.

    :param text: any text
    :raises DescriptionError: the text cannot be written as one literal
    """
    if "{{" in text:
        # Double braces are for interpolation in plain strings, and raw strings know no escapes.
        if not _is_raw(text):
            raise DescriptionError(
                f"the text {text!r} has double braces and characters that need escapes. Leave one of them out."
            )
        return f'r"{text}"'
    return '"' + escape(text).replace('"', '\\"') + '"'


def escape(text: str) -> str:
    """
    Text the way it stands in a string or docstring: the language only knows ASCII there.

    :param text: any text
    """
    return text.encode("unicode_escape").decode("ascii")


def constant(value: Scalar) -> str:
    """
    A literal.

    :param value: a primitive value
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quote(str(value))
        case int():
            return str(int(value))
        case float():
            # The language has no exponents.
            text = f"{value:.17f}".rstrip("0") if "e" in repr(value) else repr(value)
            return f"{text}0" if text.endswith(".") else text


def inline(node: Node, namespace: str) -> str:
    """
    An expression on one line.

    :param node: the expression
    :param namespace: the namespace in which it stands, whose names need no prefix
    """
    match node:
        case Constant(value):
            return constant(value)
        case Variable(name, where):
            return name if where in (None, namespace) else f"{where}::{name}"
        case Get(of, name):
            # Only variables and their attributes have attributes, so everything else goes through std::attr.
            text = inline(of, namespace)
            return f"{text}.{name}" if isinstance(of, Variable | Get) else f"std::attr({text}, {quote(name)})"
        case Lookup(of, key):
            return f"{inline(of, namespace)}[{quote(key) if isinstance(key, str) else inline(key, namespace)}]"
        case Element(of, position):
            return f"std::at({inline(of, namespace)}, {inline(position, namespace)})"
        case IsDefined(of):
            return f"{inline(of, namespace)} is defined"
        case FormatString(parts):
            return _format_string(parts, namespace)
        case Operation(operator, left, right):
            return f"{_operand(left, operator, namespace)} {operator} {_operand(right, operator, namespace)}"
        case Not(of):
            return f"not {_operand(of, 'not', namespace)}"
        case Conditional(condition, then, otherwise):
            branches = (_operand(branch, "?", namespace) for branch in (condition, then, otherwise))
            return "{} ? {} : {}".format(*branches)
        case Comprehension():
            return f"[{' '.join(_comprehension(node, namespace))}]"
        case _:
            opening, elements, closing = _brackets(node, namespace)
            return opening + ", ".join(f"{prefix}{inline(element, namespace)}" for prefix, element in elements) + closing


def layout(node: Node, namespace: str, used: int = 0) -> str:
    """
    An expression on one line if it fits, else on several.

    :param node: the expression
    :param namespace: the namespace in which it stands, whose names need no prefix
    :param used: the width that is taken on the first line, in characters
    """
    text = inline(node, namespace)
    if used + len(text) <= WIDTH and not _reads_better_on_lines(node):
        return text
    match node:
        case Comprehension(value, _, _, _):
            _, *rest = _comprehension(node, namespace)
            body = "\n".join([layout(value, namespace, len(_INDENT)), *rest])
            return f"[\n{indent(body, _INDENT)}\n]"
        case Conditional(condition, then, otherwise):
            then_text, otherwise_text = (layout(branch, namespace, 2 + len(_INDENT)) for branch in (then, otherwise))
            return f"{_operand(condition, '?', namespace)}\n" + indent(f"? {then_text}\n: {otherwise_text}", _INDENT)
        case FormatString(parts) if not _is_interpolated(parts, namespace):
            opening, *lines = _format_arguments(parts, namespace)
            return f"{opening}(\n" + indent("\n".join(f"{line}," for line in lines), _INDENT) + "\n)"
        case Construct() | IndexLookup() | Call() | ListOf() | DictOf():
            opening, elements, closing = _brackets(node, namespace)
            lines = [f"{prefix}{layout(element, namespace, len(_INDENT) + len(prefix) + 1)}," for prefix, element in elements]
            return opening + "\n" + indent("\n".join(lines), _INDENT) + "\n" + closing
        case _:
            return text


def _reads_better_on_lines(node: Node) -> bool:
    return any(isinstance(part, Construct) and len(part.attributes) > 2 for part in walk(node))


def _brackets(node: Node, namespace: str) -> tuple[str, list[tuple[str, Node]], str]:
    match node:
        case Construct(entity, attributes):
            return f"{_local(entity, namespace)}(", [(f"{name}=", value) for name, value in attributes], ")"
        case IndexLookup(entity, attributes):
            return f"{_local(entity, namespace)}[", [(f"{name}=", value) for name, value in attributes], "]"
        case Call(plugin, positional, named):
            arguments = [("", value) for value in positional] + [(f"{name}=", value) for name, value in named]
            return f"{_local(plugin, namespace)}(", arguments, ")"
        case ListOf(items):
            return "[", [("", item) for item in items], "]"
        case DictOf(items):
            return "{", [(f"{literal(key)}: ", value) for key, value in items], "}"
        case _:
            raise TypeError(f"no expression of the inmanta language: {node!r}")


def _local(name: str, namespace: str) -> str:
    where, _, short = name.rpartition("::")
    return short if where == namespace else name


def _comprehension(node: Comprehension, namespace: str) -> list[str]:
    pieces = [_operand(node.value, "for", namespace), f"for {node.variable} in {inline(node.elements, namespace)}"]
    return [*pieces, f"if {inline(node.guard, namespace)}"] if node.guard is not None else pieces


def _operand(node: Node, operator: str, namespace: str) -> str:
    text = inline(node, namespace)
    same_chain = isinstance(node, Operation) and node.operator == operator and operator in ("and", "or", "+")
    if isinstance(node, IsDefined | Not):
        return f"({text})" if operator == "not" else text
    return f"({text})" if isinstance(node, Operation | Conditional) and not same_chain else text


def _format_string(parts: tuple[Constant | Slot, ...], namespace: str) -> str:
    if _is_interpolated(parts, namespace):
        pieces = [_braced(part, inline(part.value, namespace) if isinstance(part, Slot) else "") for part in parts]
        return f'f"{"".join(pieces)}"'
    # Format strings of the language only take variables and their attributes, so everything else goes through std::format.
    opening, *arguments = _format_arguments(parts, namespace)
    return f"{opening}({', '.join(arguments)})"


def _format_arguments(parts: tuple[Constant | Slot, ...], namespace: str) -> list[str]:
    # Text with braces is an argument: in the format, two of them would be looked at as an interpolation.
    pieces = [Slot(part) if isinstance(part, Constant) and _has_braces(part) else part for part in parts]
    text = "".join(_braced(piece, "") for piece in pieces)
    return ["std::format", f'"{text}"', *(inline(piece.value, namespace) for piece in pieces if isinstance(piece, Slot))]


def _has_braces(part: Constant) -> bool:
    return bool(set("{}") & set(str(part.value)))


def _is_interpolated(parts: tuple[Constant | Slot, ...], namespace: str) -> bool:
    # The language stops looking for values at the first brace that stands for itself.
    if any(isinstance(part, Constant) and _has_braces(part) for part in parts):
        return False
    slots = [part for part in parts if isinstance(part, Slot)]
    return all(_is_path(slot.value, namespace) and (bool(slot.spec) or not slot.exact) for slot in slots)


def _is_path(node: Node, namespace: str) -> bool:
    match node:
        case Variable(_, where):
            # The colons of another namespace would be read as the start of a format.
            return where in (None, namespace)
        case Get(of, _):
            return _is_path(of, namespace)
        case _:
            return False


def _braced(part: Constant | Slot, value: str) -> str:
    if isinstance(part, Slot):
        return "{" + value + (f":{part.spec}" if part.spec else "") + "}"
    return escape(str(part.value)).replace('"', '\\"').replace("{", "{{").replace("}", "}}")
