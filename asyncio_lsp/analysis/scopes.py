"""Python's scopes: which statements bind a name that is used at a statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement

FunctionSyntax = ast.FunctionDef | ast.AsyncFunctionDef


def scope_of(source: Source, statement: Statement) -> Statement | None:
    """The header of the function or class that a statement stands in; None is the module."""
    for header in source.parents(statement):
        if header.is_function or header.word == "class":
            return header
    return None


def function_of(source: Source, statement: Statement) -> Statement | None:
    """The innermost function that a statement stands in."""
    return next((header for header in source.parents(statement) if header.is_function), None)


def class_of(source: Source, function: Statement) -> Statement | None:
    """The class of which a function is a method."""
    scope = scope_of(source, function)
    return scope if scope is not None and scope.word == "class" else None


def visible_scopes(source: Source, statement: Statement) -> Iterator[Statement | None]:
    """The scopes that a name used at a statement is looked up in: a class only from its own body."""
    first = True
    for header in source.parents(statement):
        if header.is_function or (header.word == "class" and first):
            yield header
        if header.is_function or header.word == "class":
            first = False
    yield None


def bindings(source: Source, name: str, scope: Statement | None) -> list[Statement]:
    """The statements that bind a name in a scope, in their order."""
    found = []
    for statement in source.binding(name):
        if scope is not None and not scope.line < statement.line < source.end_of_block(scope):
            continue
        owner = scope_of(source, statement)
        if name not in statement.names:
            continue
        if owner is scope:
            if not _declared_elsewhere(source, name, scope):
                found.append(statement)
        elif owner is not None and _declared_elsewhere(source, name, owner):
            found.append(statement)
    return sorted(found, key=lambda statement: statement.line)


def _declared_elsewhere(source: Source, name: str, scope: Statement | None) -> bool:
    """Say whether a function declares a name `global` or `nonlocal`."""
    if scope is None:
        return False
    return any(scope_of(source, statement) is scope for statement in source.binding(f"global {name}"))


def reaching(source: Source, found: list[Statement], use: Statement) -> list[Statement]:
    """Of the bindings in the scope of a use, those that can be in force there.

    The nearest ones above, up to the first in a block that surrounds the use; all when none is above.
    """
    around = set(source.parents(use))
    kept = []
    for statement in reversed([statement for statement in found if statement.line <= use.line]):
        if statement is use and not statement.is_header and not _binds_before_use(statement):
            continue
        kept.append(statement)
        if around.issuperset(source.parents(statement)) and statement is not use:
            break
    return kept or [statement for statement in found if statement is not use] or found


def _binds_before_use(statement: Statement) -> bool:
    return ":=" in statement.text


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[tuple[ast.arg, int]]:
    """The parameters of a function, each with the number of its stars."""
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        yield argument, 0
    if arguments.vararg:
        yield arguments.vararg, 1
    if arguments.kwarg:
        yield arguments.kwarg, 2


def has_parameter(function: Statement, name: str) -> bool:
    """Say whether a definition has a parameter of this name."""
    node = definition(function)
    return isinstance(node, FunctionSyntax) and any(argument.arg == name for argument, _ in parameters(node))


def definition(statement: Statement) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    """The syntax of a `def` or `class` header."""
    for node in statement.tree:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return node
    return None


def decorators(source: Source, statement: Statement) -> Iterator[Statement]:
    """The decorator lines above a definition, nearest first."""
    index = source.index_at(statement.line)
    while index > 0:
        index -= 1
        above = source.statements[index]
        if above.word == "@":
            yield above
        elif above.word:
            return
