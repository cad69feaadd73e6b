"""Type annotations as values: those of the code and those of the reference."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import calling, reading, scopes
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import (
    OTHER,
    UNKNOWN,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Hidden,
    Instance,
    Items,
    Manager,
    Mapping,
    Row,
    Solved,
    Symbol,
    UserClass,
    UserInstance,
    Value,
    choice,
    options,
)

if TYPE_CHECKING:
    from asyncio_lsp.analysis.evaluate import Evaluator

_ITEMS = frozenset(
    [
        "list",
        "List",
        "set",
        "Set",
        "frozenset",
        "FrozenSet",
        "deque",
        "Deque",
        "Sequence",
        "MutableSequence",
        "Iterable",
        "Iterator",
        "Collection",
        "MutableSet",
        "AbstractSet",
        "Generator",
        "Reversible",
        "AsyncIterable",
        "AsyncIterator",
        "AsyncGenerator",
        "WeakSet",
        "KeysView",
        "ValuesView",
        "SimpleQueue",
        "Queue",
        "LifoQueue",
        "PriorityQueue",
    ]
)
_MAPPINGS = frozenset(
    [
        "dict",
        "Dict",
        "Mapping",
        "MutableMapping",
        "defaultdict",
        "DefaultDict",
        "OrderedDict",
        "ChainMap",
        "WeakValueDictionary",
        "WeakKeyDictionary",
    ]
)
_AWAITABLES = frozenset(["Awaitable", "Coroutine", "CoroutineType"])
_MANAGERS = frozenset(
    ["AbstractAsyncContextManager", "AsyncContextManager", "AbstractContextManager", "ContextManager"]
)
_TRANSPARENT = frozenset(
    ["Optional", "Final", "ClassVar", "Annotated", "Required", "NotRequired", "ReadOnly", "TypeGuard"]
)
_BARE = frozenset(("Final", "ClassVar", "TypeAlias"))


@lru_cache(maxsize=2000)
def parsed(text: str) -> ast.expr:
    """The syntax of an annotation; what is no expression stands for nothing."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return ast.Constant(None)


def is_bare_qualifier(node: ast.expr) -> bool:
    """Say whether an annotation leaves the type to the value: a bare `Final`."""
    return last_name(node) in _BARE


def last_name(node: ast.expr) -> str:
    """The last name of a dotted one."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def evaluate(evaluator: Evaluator, node: ast.expr, name: Callable[[str], Value], place: Place | None = None) -> Value:
    """What an object with this annotation is; `name` looks up a bare name."""

    def of(inner: ast.expr) -> Value:
        return evaluate(evaluator, inner, name, place)

    match node:
        case ast.Constant(value=str(text)):
            return of(parsed(text))
        case ast.Constant():
            return OTHER
        case ast.BinOp(op=ast.BitOr()):
            return choice([of(node.left), of(node.right)])
        case ast.Subscript():
            return _subscripted(evaluator, node, name, of)
        case ast.Name():
            alias = _alias(node.id, place) if place is not None else None
            if alias is not None:
                return evaluator.annotation(*alias)
            return _object(evaluator, name(node.id))
        case ast.Attribute():
            return _object(evaluator, _named(evaluator, node, name))
    return UNKNOWN


def _alias(name: str, place: Place) -> tuple[ast.expr, Place] | None:
    """The type expression that a name is another name for: `Tasks = dict[str, Task]`."""
    for scope in scopes.visible_scopes(place.source, place.statement):
        for statement in scopes.bindings(place.source, name, scope):
            for node in statement.tree:
                aliased = _aliased(node, statement)
                if aliased is not None:
                    return aliased, place.at(statement)
    return None


def _aliased(node: ast.stmt, statement: Statement) -> ast.expr | None:
    """The type expression to which a statement gives a name."""
    match node:
        case ast.AnnAssign(annotation=kind) if last_name(kind) == "TypeAlias":
            return node.value
        case ast.Assign(value=value) if statement.keyword == "type":
            return value
        case ast.Assign(value=ast.Subscript() | ast.BinOp()) | ast.AnnAssign(value=ast.Subscript() | ast.BinOp()):
            return node.value
    return None


def _named(evaluator: Evaluator, node: ast.expr, name: Callable[[str], Value]) -> Value:
    if isinstance(node, ast.Name):
        return name(node.id)
    if isinstance(node, ast.Attribute):
        return evaluator.attribute(_named(evaluator, node.value, name), node.attr)
    return UNKNOWN


def _object(evaluator: Evaluator, value: Value) -> Value:
    """An object of what a name in an annotation stands for."""
    out: list[Value] = []
    for option in options(value):
        match option:
            case Solved():
                out.append(option.value)
            case Symbol() | UserClass() | Hidden():
                out.append(reading.instance(evaluator, option))
            case External(path):
                last = path.rpartition(".")[2]
                if last in _ITEMS or last in ("tuple", "Tuple"):
                    out.append(Items(UNKNOWN))
                elif last in _MAPPINGS:
                    out.append(Mapping(UNKNOWN))
                elif last in ("Any", "object"):
                    out.append(UNKNOWN)
                else:
                    out.append(ExternalInstance(path))
            case Items() | Row() | Mapping() | Coroutine() | Function() | Instance() | UserInstance():
                out.append(option)
            case _:
                out.append(UNKNOWN)
    return choice(out)


def _subscripted(
    evaluator: Evaluator, node: ast.Subscript, name: Callable[[str], Value], of: Callable[[ast.expr], Value]
) -> Value:
    base = _named(evaluator, node.value, name)
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    out: list[Value] = []
    for option in options(base):
        match option:
            case Symbol():
                form = evaluator.knowledge.form(option.name)
                if form is not None and form.is_class:
                    out.append(Instance(option.name, tuple(of(part) for part in inner)))
            case UserClass():
                arguments = tuple(of(part) for part in inner)
                out.append(UserInstance(UserClass(option.source, option.statement, arguments)))
            case External(path):
                out.append(_generic(path.rpartition(".")[2], inner, of))
    return choice(out)


def _generic(last: str, inner: list[ast.expr], of: Callable[[ast.expr], Value]) -> Value:
    if last == "Union":
        return choice(of(part) for part in inner)
    if last in _TRANSPARENT:
        return of(inner[0])
    if last in _ITEMS:
        return Items(of(inner[0]))
    if last in _MAPPINGS:
        return Mapping(of(inner[-1]), of(inner[0]))
    if last in _AWAITABLES:
        return Coroutine(of(inner[-1]))
    if last in _MANAGERS:
        return Manager(of(inner[0]))
    if last in ("tuple", "Tuple"):
        if len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...:
            return Items(of(inner[0]))
        return Row(tuple(of(part) for part in inner))
    if last == "Callable":
        return Function(of(inner[-1]))
    if last in ("type", "Type"):
        return class_of(of(inner[0]))
    return UNKNOWN


def class_of(value: Value) -> Value:
    """The class of an object, for `type[…]`."""
    out: list[Value] = []
    for option in options(value):
        match option:
            case Instance():
                out.append(Symbol(option.cls))
            case UserInstance():
                out.append(option.cls)
            case ExternalInstance():
                out.append(External(option.path))
    return choice(out)


def unify(evaluator: Evaluator, annotation: str | None, value: Value, known: dict[str, Value]) -> None:
    """Find what the type variables in an annotation of the reference stand for, given an argument."""
    if annotation is not None and not isinstance(value, type(UNKNOWN)):
        _unify(evaluator, parsed(annotation), value, known)


def _unify(evaluator: Evaluator, node: ast.expr, value: Value, known: dict[str, Value]) -> None:
    match node:
        case ast.Name(id=name) if len(name) <= 2:
            known[name] = choice([known[name], value]) if name in known else value
        case ast.BinOp(op=ast.BitOr()):
            _unify(evaluator, node.left, value, known)
            _unify(evaluator, node.right, value, known)
        case ast.Subscript(value=ast.Name(id=base)):
            inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
            if base in _AWAITABLES or evaluator.is_awaitable(base):
                _unify(evaluator, inner[-1], reading.awaited(evaluator, value), known)
            elif base == "Callable":
                _unify(evaluator, inner[-1], calling.result_of(evaluator, value), known)
            elif base in _ITEMS:
                _unify(evaluator, inner[0], reading.element(evaluator, value), known)
