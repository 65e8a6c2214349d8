"""Which names the blocks of a method give values, and which they read."""

import ast
from collections.abc import Iterator, Sequence


def parts(statements: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """
    Everything but what is inside of other functions and classes.

    :param statements: a block
    """
    for statement in statements:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from parts(list(ast.iter_child_nodes(statement)))


def stored(statements: Sequence[ast.AST]) -> set[str]:
    """
    The names that are assigned, but for those of loops.

    :param statements: a block
    """
    loops = {
        name.id
        for part in parts(statements)
        if isinstance(part, ast.For | ast.comprehension)
        for name in ast.walk(part.target)
        if isinstance(name, ast.Name)
    }
    names = {part.id for part in parts(statements) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return names - loops


def stored_outside(function: ast.AST, loop: ast.For) -> set[str]:
    """
    The names that a function assigns outside of one of its loops, its arguments included.

    :param function: the function
    :param loop: the loop
    """
    assert isinstance(function, ast.FunctionDef)
    inside = set(map(id, parts(loop.body)))
    arguments = {argument.arg for argument in function.args.args}
    return arguments | {
        part.id
        for part in parts(function.body)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and id(part) not in inside
    }


def named_outside(function: ast.AST, node: ast.If) -> set[str]:
    """
    The names that a function uses outside of the branches of a decision, its arguments included.

    :param function: the function
    :param node: the decision
    """
    assert isinstance(function, ast.FunctionDef)
    inside = {id(part) for part in parts([*node.body, *node.orelse])}
    arguments = {argument.arg for argument in function.args.args}
    names = {part.id for part in parts(function.body) if isinstance(part, ast.Name) and id(part) not in inside}
    return arguments | names


def augmented(statements: Sequence[ast.AST]) -> set[str]:
    """
    The names that are changed, as in ``a += 1``.

    :param statements: a block
    """
    return {
        part.target.id for part in parts(statements) if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name)
    }


_CHANGING = frozenset(
    {"append", "extend", "insert", "remove", "clear", "sort", "reverse", "update", "add", "discard"}
    | {"pop", "popitem", "setdefault"}
)
_ALWAYS_CHANGING = frozenset({"pop", "popitem", "setdefault"})


def changed(statements: Sequence[ast.AST]) -> set[str]:
    """
    The names of lists, dicts and sets from outside of a block that it changes, as in ``a.append(1)`` and ``a["b"] = 1``.

    :param statements: the block
    """
    found: set[str] = set()
    for part in parts(statements):
        match part:
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                found |= _base(part)
            # What a plugin of such a name gives is used.
            case ast.Expr(ast.Call(ast.Attribute(of, name))) if name in _CHANGING:
                found |= _base(of)
            case ast.Call(ast.Attribute(of, name)) if name in _ALWAYS_CHANGING:
                found |= _base(of)
    return found - stored(statements)


def _base(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def carried(loop: ast.For) -> set[str]:
    """
    The names that a loop inside of a loop gives another value, which the next round, or what comes later in this one, reads.

    :param loop: the outer loop
    """
    found: set[str] = set()
    for inner in (part for part in parts(loop.body) if isinstance(part, ast.For)):
        for name in targets(inner):
            start = _start(_outermost(loop, inner)) if name in targets(loop) else (0, 0)
            own_elements = set(map(id, ast.walk(inner.iter)))
            found |= {
                name
                for read in reads(name, loop.body)
                if _start(read) >= start and not (id(read) in own_elements and name in targets(loop))
            }
    return found


def targets(loop: ast.For | ast.comprehension) -> set[str]:
    """
    The names of the elements of a loop.

    :param loop: the loop
    """
    return {name.id for name in ast.walk(loop.target) if isinstance(name, ast.Name)}


def reads(name: str, statements: Sequence[ast.AST]) -> Iterator[ast.Name]:
    """
    Where a name is read, but for the loops and comprehensions that give it a value themselves.

    :param name: the name
    :param statements: a block
    """
    for statement in statements:
        match statement:
            case ast.Name(id=found, ctx=ast.Load()) if found == name:
                yield statement
            case ast.For() if name in targets(statement):
                yield from reads(name, [statement.iter, *statement.orelse])
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() if any(
                name in targets(generator) for generator in statement.generators
            ):
                yield from reads(name, [statement.generators[0].iter])
            case _:
                yield from reads(name, list(ast.iter_child_nodes(statement)))


def _outermost(loop: ast.For, inner: ast.For) -> ast.For:
    """The loop directly in a loop that another one is in."""
    around = (part for part in parts(loop.body) if isinstance(part, ast.For) and any(one is inner for one in ast.walk(part)))
    return min(around, key=_start)


def _start(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset
