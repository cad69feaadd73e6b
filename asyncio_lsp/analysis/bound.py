"""What a statement binds a name to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import annotation, reading
from asyncio_lsp.analysis.binding import target_names
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.values import (
    UNKNOWN,
    External,
    Items,
    Other,
    Row,
    Unknown,
    UserClass,
    UserFunction,
    Value,
    choice,
    options,
)

if TYPE_CHECKING:
    from asyncio_lsp.analysis.evaluate import Evaluator


def declared(evaluator: Evaluator, name: str, place: Place) -> Value | None:
    """The annotation of a name in a statement, when it has one."""
    for node in place.statement.binders:
        if isinstance(node, ast.AnnAssign) and name in target_names(node.target):
            if annotation.is_bare_qualifier(node.annotation):
                return None
            return evaluator.annotation(node.annotation, place)
    return None


def given(evaluator: Evaluator, name: str, place: Place) -> Value:
    """What a statement binds a name to, `.name` for an attribute."""
    found = []
    for node in place.statement.binders:
        value = _given(evaluator, node, name, place)
        if value is not None:
            found.append(value)
    return choice(found) if found else UNKNOWN


def _given(evaluator: Evaluator, node: ast.AST, name: str, place: Place) -> Value | None:
    match node:
        case ast.Import() | ast.ImportFrom():
            return _imported(evaluator, node, name, place)
        case ast.FunctionDef() | ast.AsyncFunctionDef() if node.name == name:
            return UserFunction(place.source, place.statement)
        case ast.ClassDef() if node.name == name:
            return UserClass(place.source, place.statement)
        case ast.Assign():
            for target in node.targets:
                if name in target_names(target):
                    return _part(evaluator, target, evaluator.value(node.value, place), name)
        case ast.AnnAssign() if name in target_names(node.target):
            return evaluator.value(node.value, place)
        case ast.For() | ast.AsyncFor() if name in target_names(node.target):
            element = reading.iterated(evaluator, node.iter, place, is_async=isinstance(node, ast.AsyncFor))
            return _part(evaluator, node.target, element, name)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                if item.optional_vars is not None and name in target_names(item.optional_vars):
                    entered = reading.entered(evaluator, evaluator.value(item.context_expr, place))
                    return _part(evaluator, item.optional_vars, entered, name)
        case ast.ExceptHandler() if node.name == name and node.type is not None:
            return _instance(evaluator, node.type, place)
        case ast.NamedExpr() if node.target.id == name:
            return evaluator.value(node.value, place)
        case ast.MatchAs(name=captured, pattern=pattern) if captured == name:
            return _instance(evaluator, pattern.cls, place) if isinstance(pattern, ast.MatchClass) else UNKNOWN
    return None


def _part(evaluator: Evaluator, target: ast.expr, value: Value, name: str) -> Value | None:
    return dict(unpacked(evaluator, target, value)).get(name)


def _instance(evaluator: Evaluator, node: ast.expr, place: Place) -> Value:
    """An object of a class, or of one of the classes in a tuple."""
    classes = evaluator.value(node, place)
    parts = classes.items if isinstance(classes, Row) else (classes,)
    return choice(reading.instance(evaluator, part) for part in parts)


def unpacked(evaluator: Evaluator, target: ast.expr, value: Value) -> Iterator[tuple[str, Value]]:
    """The names of a target and what each is bound to."""
    match target:
        case ast.Name():
            yield target.id, value
        case ast.Attribute():
            yield f".{target.attr}", value
        case ast.Starred():
            yield from unpacked(evaluator, target.value, value)
        case ast.Tuple() | ast.List():
            starred = next((at for at, part in enumerate(target.elts) if isinstance(part, ast.Starred)), None)
            for index, part in enumerate(target.elts):
                behind = len(target.elts) - 1 - index
                if index == starred:
                    item = _rest(evaluator, value, index, behind)
                else:
                    from_end = starred is not None and index > starred
                    item = reading.item(evaluator, value, -1 - behind if from_end else index)
                yield from unpacked(evaluator, part, item)


def _rest(evaluator: Evaluator, value: Value, before: int, behind: int) -> Value:
    """What a starred target takes, given how many targets stand before and behind it."""
    taken = [
        choice(option.items[before : len(option.items) - behind])
        if isinstance(option, Row)
        else reading.element(evaluator, option)
        for option in options(value)
    ]
    return Items(choice(taken))


def _imported(evaluator: Evaluator, node: ast.Import | ast.ImportFrom, name: str, place: Place) -> Value | None:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            if (alias.asname or alias.name) == name:
                return evaluator.imported(module_name(node), alias.name, place.source)
        elif (alias.asname or alias.name.partition(".")[0]) == name:
            return evaluator.module(alias.name if alias.asname else name, place.source)
    return None


def module_name(node: ast.ImportFrom) -> str:
    """The module of a `from` import, with the dots of a relative one."""
    return "." * node.level + (node.module or "")


def starred(evaluator: Evaluator, name: str, place: Place) -> Value | None:
    """What `from module import *` in a statement binds a name to; None where it does not."""
    for node in place.statement.tree:
        if isinstance(node, ast.ImportFrom) and not name.startswith("_"):
            value = evaluator.imported(module_name(node), name, place.source)
            if not isinstance(value, Unknown | Other | External):
                return value
    return None
