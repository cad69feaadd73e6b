"""What `isinstance` says about an expression whose type is not known otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import reading
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import Row, Value, choice

if TYPE_CHECKING:
    from asyncio_lsp.analysis.evaluate import Evaluator
    from asyncio_lsp.analysis.place import Place

_LOOKED_AT = 40
_LEAVING = ("return", "raise", "continue", "break")


def narrowed(evaluator: Evaluator, node: ast.expr, place: Place) -> Value | None:
    """The value that a check in force at a place gives an expression; None when there is none."""
    text: str | None = None
    for statement in _checks(place.source, place.statement):
        text = text or ast.unparse(node)
        for call in _isinstance_calls(statement):
            if ast.unparse(call.args[0]) == text:
                classes = evaluator.value(call.args[1], place.at(statement))
                parts = classes.items if isinstance(classes, Row) else (classes,)
                return choice(reading.instance(evaluator, part) for part in parts)
    return None


def _checks(source: Source, use: Statement) -> Iterator[Statement]:
    """The statements whose checks hold at a use, nearest first."""
    if "isinstance(" in use.text:
        yield use
    for header in source.parents(use):
        if "isinstance(" in header.text and header.word in ("if", "elif", "while") and " not " not in header.text:
            yield header
        if header.is_function:
            break
    index = source.index_at(use.line)
    for above in source.statements[max(0, index - _LOOKED_AT) : index][::-1]:
        if "isinstance(" in above.text and above.indent <= use.indent and _holds_below(source, above):
            yield above
        if above.word and above.indent < use.indent and above.is_function:
            return


def _holds_below(source: Source, check: Statement) -> bool:
    """Say whether what follows a statement is only reached when its check is true."""
    if check.word == "assert":
        return True
    if check.word != "if" or "not isinstance(" not in check.text:
        return False
    inside = list(source.block(check))
    return bool(inside) and inside[-1].word in _LEAVING


def _isinstance_calls(statement: Statement) -> Iterator[ast.Call]:
    for tree in statement.tree:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
                if len(node.args) == 2:
                    yield node
