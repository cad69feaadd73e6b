"""What surrounds a statement: `try` with its handlers, checks of the Python version, functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from asyncio_lsp.analysis import scopes
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement

_CLAUSES = {"except": "try", "finally": "try", "else": "", "elif": "if"}


@dataclass(frozen=True)
class VersionCheck:
    """A comparison of `sys.version_info` that holds where a statement runs: `3.minor` or later, or earlier."""

    minor: int
    or_later: bool


def opening(source: Source, clause: Statement) -> Statement | None:
    """The `try` or `if` that an `except`, `else`, `elif` or `finally` belongs to."""
    for above in _clauses_above(source, clause):
        if above.word not in _CLAUSES:
            return above
    return None


def clauses(source: Source, header: Statement) -> Iterator[Statement]:
    """The `except`, `else`, `elif` and `finally` that follow the block of a `try` or `if`."""
    while True:
        end = source.end_of_block(header)
        if end >= len(source.lines):
            return
        index = source.index_at(end)
        while index < len(source.statements) and not source.statements[index].word:
            index += 1
        if index >= len(source.statements):
            return
        following = source.statements[index]
        if following.indent != header.indent or following.word not in _CLAUSES:
            return
        yield following
        header = following


def _clauses_above(source: Source, clause: Statement) -> Iterator[Statement]:
    index = source.index_at(clause.line)
    while index > 0:
        index -= 1
        above = source.statements[index]
        if not above.word or above.indent > clause.indent:
            continue
        if above.indent < clause.indent or not above.is_header:
            return
        yield above


def handlers_around(source: Source, statement: Statement) -> Iterator[tuple[Statement, Statement]]:
    """Each `try` in whose body a statement stands in its function, innermost first, with each of its handlers."""
    for header in source.parents(statement):
        if header.is_function:
            return
        if header.word == "try":
            for clause in clauses(source, header):
                if clause.word == "except":
                    yield header, clause


def caught(clause: Statement) -> list[ast.expr] | None:
    """The exceptions that an `except` names; an empty list for a bare one, None for what cannot be read."""
    for node in clause.tree:
        if isinstance(node, ast.Try | ast.TryStar):
            kind = node.handlers[0].type if node.handlers else None
            if kind is None:
                return []
            return list(kind.elts) if isinstance(kind, ast.Tuple) else [kind]
    return None


def version_checks(source: Source, statement: Statement) -> list[VersionCheck]:
    """The checks of the Python version that hold at a statement."""
    found = []
    for header in source.parents(statement):
        if header.word in ("if", "elif"):
            found += _checks(header, holds=True)
        if header.word in ("else", "elif"):
            for above in _clauses_above(source, header):
                if above.word in ("if", "elif"):
                    found += _checks(above, holds=False)
                if above.word == "if":
                    break
    return found


def _checks(header: Statement, *, holds: bool) -> list[VersionCheck]:
    if "version_info" not in header.text:
        return []
    for node in header.tree:
        if isinstance(node, ast.If):
            parts = (
                node.test.values
                if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)
                else [node.test]
            )
            if len(parts) > 1 and not holds:
                return []
            return [check for part in parts if (check := _check(part, holds=holds)) is not None]
    return []


def _check(test: ast.expr, *, holds: bool) -> VersionCheck | None:
    match test:
        case ast.Compare(
            left=ast.Attribute(attr="version_info") | ast.Name(id="version_info"),
            ops=[operator],
            comparators=[ast.Tuple(elts=[ast.Constant(value=3), ast.Constant(value=int(minor)), *_])],
        ):
            if isinstance(operator, ast.GtE):
                return VersionCheck(minor, holds)
            if isinstance(operator, ast.Lt):
                return VersionCheck(minor, not holds)
            if isinstance(operator, ast.Gt):
                return VersionCheck(minor, holds)
            if isinstance(operator, ast.LtE):
                return VersionCheck(minor + 1, not holds)
    return None


def coroutine_function(source: Source, statement: Statement) -> Statement | None:
    """The `async def` that a statement runs in directly."""
    function = scopes.function_of(source, statement)
    return function if function is not None and function.word == "async def" else None
