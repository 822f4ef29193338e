"""The small changes: another comparison, another constant, the opposite condition, a statement less.

Only what runs is changed, inside functions: no text, no declaration (class attributes, defaults, decorators,
annotations), no line for the log.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one function."""

    path: str
    """Of the file, from the root of the repository, with slashes."""
    function: str
    """Qualified name in its module: `BReset.on_reset`."""
    first_line: int
    """Of the function, where its code object says it begins: at its first decorator."""
    line: int
    lines: tuple[int, int]
    """First and last of the statement; of its head, where it has a body."""
    operator: str
    index: int
    """Which node of the function's body, in the order of `ast.walk`."""
    before: str
    after: str

    @property
    def key(self) -> str:
        """Names it as long as the function stays as it is."""
        return f"{self.path}:{self.function}:{self.operator}:{self.index}"


@dataclass(frozen=True, slots=True)
class Operator:
    """A way to change a node; `change` returns the new node, or None where it does not apply."""

    name: str
    change: Callable[[ast.AST], ast.AST | None]


def _comparison(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    return ast.Compare(node.left, [_COMPARISONS[type(node.ops[0])]()], node.comparators)


def _boolean(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.BoolOp):
        return None
    return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _negation(node: ast.AST) -> ast.AST | None:
    """Drop a `not`, or add one to a condition that has no operator of its own."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    plain = (ast.Name, ast.Attribute, ast.Call, ast.NamedExpr)
    if isinstance(node, ast.If | ast.While | ast.IfExp) and isinstance(node.test, plain):
        changed = copy.copy(node)
        changed.test = ast.UnaryOp(ast.Not(), node.test)
        return changed
    return None


def _constant(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.Constant):
        return None
    if isinstance(node.value, bool):
        return ast.Constant(not node.value)
    return ast.Constant(node.value + 1) if isinstance(node.value, int | float) else None


def _dropped(node: ast.AST) -> ast.AST | None:
    """Drop a call or an assignment to something that outlives the function."""
    lasting = (ast.Attribute, ast.Subscript)
    call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await)
    kept = isinstance(node, ast.Assign) and any(isinstance(target, lasting) for target in node.targets)
    gone = isinstance(node, ast.Delete) and any(isinstance(target, lasting) for target in node.targets)
    return ast.Pass() if call or kept or gone or isinstance(node, ast.AugAssign) else None


OPERATORS = (
    Operator("comparison", _comparison),
    Operator("boolean", _boolean),
    Operator("negation", _negation),
    Operator("constant", _constant),
    Operator("dropped statement", _dropped),
)


def mutants(path: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its lines."""
    for name, function in functions(ast.parse(source)):
        first = first_line(function)
        for index, (node, lines) in enumerate(_nodes(function)):
            for operator in OPERATORS:
                changed = operator.change(node)
                if changed is not None:
                    before, after = _short(node), _short(changed)
                    line = getattr(node, "lineno", first)
                    yield Mutant(path, name, first, line, lines, operator.name, index, before, after)


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """Return the module with the change. Raises LookupError where the source is not the mutant's."""
    tree = ast.parse(source)
    for name, function in functions(tree):
        if (name, first_line(function)) == (mutant.function, mutant.first_line):
            node, _lines = _nodes(function)[mutant.index]
            changed = next(one for one in OPERATORS if one.name == mutant.operator).change(node)
            if changed is not None:
                _Replace(node, ast.copy_location(changed, node)).visit(function)
                return ast.fix_missing_locations(tree)
    raise LookupError(f"{mutant.key}: the source has changed")


def functions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, Function]]:
    """Yield the functions and methods of a module with their names; one inside a function belongs to that."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{within}{node.name}.")


def first_line(function: Function) -> int:
    """Return where the code object of a function says that it begins."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else super().generic_visit(node)


def _nodes(function: Function) -> list[tuple[ast.AST, tuple[int, int]]]:
    """What runs of a function, each with the lines of its statement.

    Its statements but for the docstring, without annotations, defaults and the log.
    """
    found: list[tuple[ast.AST, tuple[int, int]]] = []
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    for statement in body:
        _collect(statement, _span(statement), found)
    return found


def _span(statement: ast.AST) -> tuple[int, int]:
    first, last = getattr(statement, "lineno", 0), getattr(statement, "end_lineno", 0)
    body = getattr(statement, "body", None)
    if isinstance(body, list):
        last = max(first, body[0].lineno - 1)
    return first, last


def _collect(node: ast.AST, lines: tuple[int, int], found: list[tuple[ast.AST, tuple[int, int]]]) -> None:
    if isinstance(node, ast.arguments) or _logs(node):
        return
    found.append((node, lines))
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                _collect(child, _span(child) if isinstance(child, ast.stmt) else lines, found)


def _logs(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith(("_log.", "log."))


def _short(node: ast.AST) -> str:
    text = ast.unparse(node).splitlines()[0]
    return text if len(text) <= 100 else f"{text[:97]}..."
