"""Text with values of the service in it: what an f-string of a description is."""

from collections.abc import Sequence

from service_generator.dsl.expressions import Reference
from service_generator.dsl.unknown import kind_of, node_of, to_node
from service_generator.errors import DescriptionError
from service_generator.kinds import STRING, Kind
from service_generator.model.expressions import Constant, FormatString, Slot

type Piece = str | tuple[object, int, object]
"""Text, or a value with the number of its conversion (-1 for none) and its format."""


def text(pieces: Sequence[Piece]) -> object:
    """
    What an f-string gives: a string, or a stand-in for one when a value in it is only known at compile time.

    :param pieces: what the f-string consists of
    """
    if not any(isinstance(piece, tuple) and isinstance(piece[0], Reference) for piece in pieces):
        return "".join(piece if isinstance(piece, str) else _formatted(*piece) for piece in pieces)
    parts: list[Constant | Slot] = []
    for piece in pieces:
        if isinstance(piece, str):
            to_node(piece)
            parts.append(Constant(piece))
        elif isinstance(piece[0], Reference):
            parts += _slot(piece[0], piece[1], piece[2])
        else:
            parts.append(Constant(_formatted(*piece)))
    return Reference(FormatString(_joined(parts)), STRING)


def _formatted(value: object, conversion: int, spec: object) -> str:
    if isinstance(spec, Reference):
        raise DescriptionError("the format of a value is not known yet when the model is generated. Use a constant format.")
    if type(value).__str__ is object.__str__ and not isinstance(value, str | int | float | None):
        raise DescriptionError(
            f"{type(value).__name__} is put into text, which would be how Python represents it. Attributes of a class are "
            "values in its methods only: write self.<name> there, or use a constant."
        )
    converted = {-1: value, ord("s"): str, ord("r"): repr, ord("a"): ascii}[conversion]
    return format(converted(value) if conversion != -1 and callable(converted) else value, str(spec))


def _slot(value: Reference, conversion: int, spec: object) -> Sequence[Constant | Slot]:
    if not isinstance(spec, str):
        raise DescriptionError("the format of a value is not known yet when the model is generated. Use a constant format.")
    if conversion not in (-1, ord("s")):
        raise DescriptionError("the value is not known yet when the model is generated, so it has no repr. Take !r or !a away.")
    kind = kind_of(value)
    if kind.many or kind.item == "dict" or kind.is_entity:
        raise DescriptionError(
            f"{kind} is put into text. Use one of its attributes or elements, ','.join(...) or std.json_dumps(...)."
        )
    if kind.optional:
        raise DescriptionError(
            "a value that may be null is put into text, where it would read null. "
            "Write `... if value is not None else ...` around it."
        )
    _check_format(kind, spec)
    node = node_of(value)
    if isinstance(node, FormatString) and not spec:
        return node.parts
    return [Slot(node, spec, exact=kind.item in ("float", "number"))]


_SAMPLES: dict[str, tuple[object, ...]] = {"string": ("",), "int": (0,), "float": (0.0,), "number": (0, 0.0), "bool": (True,)}


def _check_format(kind: Kind, spec: str) -> None:
    problem = ""
    for sample in _SAMPLES.get(kind.item, ()):
        try:
            format(sample, spec)
        except ValueError as error:
            problem = str(error)
        else:
            return
    if problem:
        raise DescriptionError(f"the format {spec!r} is not for {kind}: {problem.rstrip('.')}. Correct it.")


def _joined(parts: Sequence[Constant | Slot]) -> tuple[Constant | Slot, ...]:
    joined: list[Constant | Slot] = []
    for part in parts:
        if isinstance(part, Constant) and joined and isinstance(joined[-1], Constant):
            joined[-1] = Constant(f"{joined[-1].value}{part.value}")
        elif part != Constant(""):
            joined.append(part)
    return tuple(joined)
