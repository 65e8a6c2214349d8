"""
Description files as Python that records: what a class cannot overload becomes a call of :mod:`service_generator.dsl.recorded`.

The lines stay what they are, so that messages and tracebacks point to the file as it was written.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType

from service_generator.dsl.places import RECORDER
from service_generator.dsl.recorded import WATCHED
from service_generator.read.scopes import (
    augmented,
    carried,
    changed,
    named_outside,
    parts,
    reads,
    stored,
    stored_outside,
    targets,
)


def compiled(source: str, path: str) -> CodeType:
    """
    The code of a description file.

    :param source: its text
    :param path: where it is
    """
    tree = ast.parse(source, path)
    changed = ast.fix_missing_locations(_Rewriter().visit(tree))
    start = _after_docstring(changed)
    line = ast.Import(names=[ast.alias("service_generator.dsl.recorded", RECORDER)], lineno=1, col_offset=0)
    changed.body.insert(start, ast.fix_missing_locations(line))
    return compile(changed, path, "exec")


@contextmanager
def rewriting(package: str) -> Iterator[None]:
    """
    Import the files of a package as descriptions.

    :param package: the package
    """
    finder = _Finder(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def is_rewritten(module: ModuleType) -> bool:
    """
    Whether a module was imported as a description.

    :param module: the module
    """
    return RECORDER in vars(module)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._package and not fullname.startswith(f"{self._package}."):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        # Always from the source: the cached code is that of the file as Python alone would run it.
        return compiled(importlib.util.decode_source(Path(self.path).read_bytes()), self.path)


def _after_docstring(tree: ast.Module) -> int:
    position = 0
    for position, statement in enumerate(tree.body):
        is_docstring = position == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not is_docstring and not is_future:
            return position
    return position + 1 if tree.body else 0


class _Rewriter(ast.NodeTransformer):
    """Replaces what cannot be overloaded. In the body of a class nothing is put off, since its names would be out of reach."""

    def __init__(self) -> None:
        self._scopes: list[ast.AST] = []

    # Scopes

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:  # named by ast
        return self._within(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # named by ast
        return self._within(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:  # named by ast
        return self._within(node)

    def _within(self, node: ast.AST) -> ast.AST:
        self._scopes.append(node)
        try:
            return self.generic_visit(node)
        finally:
            self._scopes.pop()

    @property
    def _in_class_body(self) -> bool:
        return bool(self._scopes) and isinstance(self._scopes[-1], ast.ClassDef)

    @property
    def _yields(self) -> bool:
        return bool(self._scopes) and isinstance(self._scopes[-1], ast.FunctionDef) and _is_generator(self._scopes[-1])

    # Expressions

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:  # named by ast
        return _call(node, "text", [self._piece(value) for value in node.values])

    def _piece(self, value: ast.expr) -> ast.expr:
        if not isinstance(value, ast.FormattedValue):
            return value
        spec: ast.expr = ast.Constant("")
        if value.format_spec is not None:
            assert isinstance(value.format_spec, ast.JoinedStr)
            spec = self.visit(value.format_spec)
        elements = [self.visit(value.value), ast.Constant(value.conversion), spec]
        return ast.copy_location(ast.Tuple(elements, ast.Load()), value)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:  # named by ast
        if not self._can_be_late(node):
            return self.generic_visit(node)
        name = "conjunction" if isinstance(node.op, ast.And) else "disjunction"
        return _call(node, name, [self._late(value) for value in node.values])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:  # named by ast
        self.generic_visit(node)
        return _call(node, "negation", [node.operand]) if isinstance(node.op, ast.Not) else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:  # named by ast
        if not self._can_be_late(node):
            return self.generic_visit(node)
        return _call(node, "choice", [self.visit(node.test), self._late(node.body), self._late(node.orelse)])

    def visit_Compare(self, node: ast.Compare) -> ast.AST:  # named by ast
        if len(node.ops) > 1 and self._can_be_late(node):
            operands = [node.left, *node.comparators]
            pairs = [
                ast.copy_location(ast.Compare(left, [operator], [right]), node)
                for left, operator, right in zip(operands, node.ops, operands[1:], strict=False)
            ]
            return _call(node, "conjunction", [self._late(pair) for pair in pairs])
        self.generic_visit(node)
        if len(node.ops) > 1:
            return node
        (operator,), (right,) = node.ops, node.comparators
        match operator:
            case ast.In() | ast.NotIn():
                found: ast.expr = _call(node, "contained", [node.left, right])
            case ast.Is() | ast.IsNot() if isinstance(right, ast.Constant) and right.value is None:
                found = _call(node, "is_none", [node.left])
            case ast.Is() | ast.IsNot():
                found = _call(node, "same", [node.left, right])
            case _:
                return node
        return _call(node, "negation", [found]) if isinstance(operator, ast.NotIn | ast.IsNot) else found

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:  # named by ast
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:  # named by ast
        return self._comprehension(node)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> ast.AST:
        if not self._can_be_late(node) or any(generator.is_async for generator in node.generators):
            return self.generic_visit(node)
        value: ast.expr = self.visit(node.elt)
        for depth, generator in enumerate(reversed(node.generators)):
            guard: ast.expr = ast.Constant(None)
            if generator.ifs:
                test = generator.ifs[0] if len(generator.ifs) == 1 else ast.BoolOp(ast.And(), generator.ifs)
                guard = _function(generator.target, self.visit(ast.copy_location(test, node)))
            name = generator.target.id if isinstance(generator.target, ast.Name) else ""
            arguments = [self.visit(generator.iter), _function(generator.target, value), guard, ast.Constant(name)]
            value = _call(node, "comprehension", [*arguments, ast.Constant(depth > 0)])
        return value

    def visit_List(self, node: ast.List) -> ast.AST:  # named by ast
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or not any(isinstance(element, ast.Starred) for element in node.elts):
            return node
        pieces: list[ast.expr] = []
        for element in node.elts:
            taken_apart = isinstance(element, ast.Starred)
            value = element.value if isinstance(element, ast.Starred) else element
            pieces.append(ast.copy_location(ast.Tuple([ast.Constant(taken_apart), value], ast.Load()), element))
        return _call(node, "spread", pieces)

    def visit_Call(self, node: ast.Call) -> ast.AST:  # named by ast
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in WATCHED:
            return _call(node, "call", [node.func, *node.args], node.keywords)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            return _call(node, "joined", [node.func.value, *node.args], node.keywords)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:  # named by ast
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and node.attr.startswith("__") and node.attr.endswith("__"):
            return _call(node, "special", [node.value, ast.Constant(node.attr)])
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:  # named by ast
        self.generic_visit(node)
        node.body.insert(0, ast.copy_location(ast.Expr(_call(node, "caught", [])), node.body[0]))
        return node

    def _late(self, value: ast.expr) -> ast.expr:
        arguments = ast.arguments([], [], None, [], [], None, [])
        return ast.copy_location(ast.Lambda(arguments, self.visit(value)), value)

    def _can_be_late(self, node: ast.expr) -> bool:
        return not self._in_class_body and not any(_binds_here(part) for part in ast.walk(node))

    # Statements of methods that yield

    def visit_For(self, node: ast.For) -> ast.AST:  # named by ast
        if not self._yields or node.orelse:
            return self.generic_visit(node)
        function = self._scopes[-1]
        inside = stored(node.body)
        rebound = sorted(inside & (stored_outside(function, node) | augmented(node.body)) | carried(node) | changed(node.body))
        self.generic_visit(node)
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        names = ast.Tuple([ast.Constant(found) for found in rebound], ast.Load())
        left = any(isinstance(part, ast.Break | ast.Return) for part in parts(node.body))
        node.iter = _call(node, "loop", [node.iter, ast.Constant(name), names, ast.Constant(left)])
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:  # named by ast
        body = [*node.body, *node.orelse]
        if not self._yields or any(_leaves(part) for part in parts(body)) or self._decides_on_names(node):
            return self.generic_visit(node)
        self.generic_visit(node)
        decided = ast.Name(f"__decided_{node.lineno}_{node.col_offset}__", ast.Store())
        read = ast.Name(decided.id, ast.Load())
        statements: list[ast.stmt] = [ast.Assign([decided], node.test)]
        for name, block in (("when", node.body), ("otherwise", node.orelse)):
            if block:
                unused = ast.Name("__unused__", ast.Store())
                statements.append(ast.For(unused, _call(node, name, [read]), block, []))
        return [ast.copy_location(statement, node) for statement in statements]

    def _decides_on_names(self, node: ast.If) -> bool:
        # A name that a branch assigns may only be used in that branch: afterwards, nobody could say which branch it was.
        function = self._scopes[-1]
        assert isinstance(function, ast.FunctionDef)
        elsewhere = named_outside(function, node)
        if any(stored(branch) & elsewhere or changed(branch) for branch in (node.body, node.orelse)):
            return True
        inside = set(map(id, parts([*node.body, *node.orelse])))
        loops = [part for part in parts([*node.body, *node.orelse]) if isinstance(part, ast.For)]
        names = {name for loop in loops for name in targets(loop)}
        return any(id(read) not in inside for name in names for read in reads(name, function.body))


def _call(at: ast.AST, name: str, arguments: list[ast.expr], keywords: list[ast.keyword] | None = None) -> ast.Call:
    function = ast.Attribute(ast.Name(RECORDER, ast.Load()), name, ast.Load())
    made: ast.Call = ast.copy_location(ast.Call(function, arguments, keywords or []), at)
    return ast.fix_missing_locations(made)


def _function(target: ast.expr, value: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        arguments = ast.arguments([], [ast.arg(target.id)], None, [], [], None, [])
        return ast.copy_location(ast.Lambda(arguments, value), value)
    # A lambda takes no target like (a, b), a comprehension over one element does.
    element = ast.arguments([], [ast.arg("__element__")], None, [], [], None, [])
    only = ast.List([ast.Name("__element__", ast.Load())], ast.Load())
    unpacked = ast.ListComp(value, [ast.comprehension(target, only, [], 0)])
    first = ast.Subscript(unpacked, ast.Constant(0), ast.Load())
    return ast.copy_location(ast.Lambda(element, first), value)


def _binds_here(node: ast.AST) -> bool:
    if isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("super", "locals")


def _is_generator(function: ast.FunctionDef) -> bool:
    return any(isinstance(part, ast.Yield | ast.YieldFrom) for part in parts(function.body))


def _leaves(part: ast.AST) -> bool:
    return isinstance(part, ast.Break | ast.Continue | ast.Return)
