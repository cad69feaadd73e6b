"""What an empty container holds: what the code puts into it later."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import scopes
from asyncio_lsp.analysis.binding import PUT, target_names, walk
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import UNKNOWN, Items, Mapping, Value, choice

if TYPE_CHECKING:
    from asyncio_lsp.analysis.evaluate import Evaluator


def is_empty(value: Value) -> bool:
    """Say whether a value is a list, a set or a dict of which no item is known."""
    return value in (Items(UNKNOWN), Mapping(UNKNOWN))


def filled(evaluator: Evaluator, value: Value, name: str, source: Source, statements: Iterable[Statement]) -> Value:
    """An empty container with what some statements put into it; `name` is that of `binding`."""
    keys, items = [], []
    for statement in statements:
        place = Place(source, statement)
        for key, item in _put(statement, name):
            keys.append(evaluator.value(key, place))
            items.append(evaluator.value(item, place))
    return Mapping(choice(items), choice(keys)) if isinstance(value, Mapping) else Items(choice(items))


def fillings(source: Source, name: str, scope: Statement | None) -> Iterator[Statement]:
    """The statements that put something into the container that a variable of a scope holds."""
    for statement in source.binding(f"{name}+"):
        if f"{name}+" in statement.names and _scope_of_name(source, name, statement) is scope:
            yield statement


def _scope_of_name(source: Source, name: str, statement: Statement) -> Statement | None:
    """The scope whose variable a name is at a statement."""
    for scope in scopes.visible_scopes(source, statement):
        if scope is not None and (scopes.bindings(source, name, scope) or scopes.has_parameter(scope, name)):
            return scope
    return None


def _put(statement: Statement, name: str) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """What a statement puts into a container, with the keys."""
    for node in walk(statement.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=method), args=arguments) if method in PUT:
                if name in target_names(owner) and len(arguments) == PUT[method] + 1:
                    yield arguments[0] if PUT[method] else None, arguments[-1]
            case ast.Assign():
                for target in node.targets:
                    if isinstance(target, ast.Subscript) and name in target_names(target.value):
                        yield target.slice, node.value
