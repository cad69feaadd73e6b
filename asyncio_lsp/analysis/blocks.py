"""What surrounds a statement: `try` with its handlers, checks of the Python version, functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from asyncio_lsp.analysis import scopes
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position

_TELLING_NAME = re.compile(r"py_?\d|python_?\d|^\.?_?(has|have|supports)_|_(available|supported)$", re.IGNORECASE)
"""What a flag for a version or a feature is called that another file sets."""
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
    for above in _left_before(source, statement):
        found += _checks(above, holds=False)
    return found


def _left_before(source: Source, statement: Statement) -> Iterator[Statement]:
    """Each `if` without an `else` above a statement in the blocks around it whose own block leaves the function."""
    inner = statement
    for header in (*source.parents(statement), None):
        for above in _siblings_above(source, inner):
            if above.word == "if" and "version_info" in above.text and not any(clauses(source, above)):
                last = [each for each in source.block(above) if source.parents(each)[0] is above][-1:]
                if last and last[0].word in ("return", "raise", "continue", "break"):
                    yield above
        if header is None or header.is_function:
            return
        inner = header


def _siblings_above(source: Source, statement: Statement) -> Iterator[Statement]:
    """The statements above in the same block."""
    index = source.index_at(statement.line)
    while index > 0:
        index -= 1
        above = source.statements[index]
        if not above.word or above.indent > statement.indent:
            continue
        if above.indent < statement.indent:
            return
        yield above


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
        case (
            ast.Compare(
                left=ast.Attribute(attr="version_info") | ast.Name(id="version_info"),
                ops=[operator],
                comparators=[ast.Tuple(elts=[ast.Constant(value=3), ast.Constant(value=int(minor)), *_])],
            )
            | ast.Compare(
                left=ast.Subscript(value=ast.Attribute(attr="version_info") | ast.Name(id="version_info")),
                ops=[operator],
                comparators=[ast.Tuple(elts=[ast.Constant(value=3), ast.Constant(value=int(minor))])],
            )
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


def asks_for_something(source: Source, header: Statement) -> bool:
    """Say whether the test of an `if`, `elif`, `while` or `assert` looks for something that may not be there."""
    return any(asks(source, node.test) for node in header.tree if isinstance(node, ast.If | ast.While | ast.Assert))


def tests_above(source: Source, clause: Statement) -> Iterator[Statement]:
    """The `if` and `elif` that have to fail before an `else` or `elif` is reached."""
    for above in _clauses_above(source, clause):
        if above.word in ("if", "elif"):
            yield above
        if above.word == "if":
            return


def asks(source: Source, test: ast.expr) -> bool:
    """Say whether a test looks for something that may not be there.

    It calls `hasattr`, is about `TYPE_CHECKING`, or names what depends on the version or on an import that may fail.
    """
    for node in ast.walk(test):
        if isinstance(node, ast.Name) and (node.id in ("hasattr", "TYPE_CHECKING") or _depends(source, node.id)):
            return True
        if isinstance(node, ast.Attribute) and (node.attr == "TYPE_CHECKING" or _depends(source, f".{node.attr}")):
            return True
    return False


def _depends(source: Source, name: str) -> bool:
    """Say whether what binds a name looks at the version, or stands where that was looked at."""
    if _TELLING_NAME.search(name):
        return True
    for statement in source.binding(name):
        if not statement.is_function and "version_info" in statement.text:
            return True
        if any("version_info" in header.text for header in source.parents(statement) if not header.is_function):
            return True
        if any("ImportError" in clause.text for _, clause in handlers_around(source, statement)):
            return True
    return False


def behind_imports(source: Source) -> Position | None:
    """The beginning of the line behind the imports at the top of a module; None where there is no such line."""
    last = None
    for statement in source.statements:
        if statement.indent or (statement.word and not statement.is_import and not _is_text(statement)):
            break
        if statement.is_import:
            last = statement
    if last is None or last.line + len(last.lines) >= len(source.lines):
        return None
    return Position(last.line + len(last.lines), 0)


def _is_text(statement: Statement) -> bool:
    """Say whether a statement is a docstring."""
    return any(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in statement.tree)


def coroutine_function(source: Source, statement: Statement) -> Statement | None:
    """The `async def` that a statement runs in directly."""
    function = scopes.function_of(source, statement)
    return function if function is not None and function.word == "async def" else None
