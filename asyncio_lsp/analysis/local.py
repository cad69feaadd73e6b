"""What comprehensions and lambdas around a token bind."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from asyncio_lsp.analysis import calling, resolve, rows
from asyncio_lsp.analysis.evaluate import Evaluator
from asyncio_lsp.analysis.lexer import OPENERS, Token, TokenKind
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.values import UNKNOWN, Value

_BEFORE_NAMES = ("lambda", ",", "*", "**")


def place(evaluator: Evaluator, around: Place, row: list[Token], index: int) -> Place:
    """The place with the names that comprehensions and lambdas around a token bind, outermost first."""
    for opener in (-1, *reversed(list(rows.openers(row, index)))):
        around = _comprehension(evaluator, around, row, opener, index) if opener >= 0 else around
        around = _lambdas(evaluator, around, row, opener, index)
    return around


def _comprehension(evaluator: Evaluator, around: Place, row: list[Token], opener: int, index: int) -> Place:
    closer = rows.closer(row, opener)
    level = [at for at in rows.level(row, opener + 1, closer) if row[at].kind is TokenKind.NAME]
    loop = next((at for at in level if row[at].text == "for"), None)
    if loop is None or _in_first_iterable(row, [at for at in level if at > loop], index, closer):
        return around
    inner = " ".join(token.text for token in row[opener + 1 : closer] if token.kind is not TokenKind.COMMENT)
    bracket = row[opener].text
    try:
        node = ast.parse(f"{bracket}{inner}{OPENERS[bracket]}", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return around
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return evaluator.inside(node, around)
    return around


def _in_first_iterable(row: list[Token], names: list[int], index: int, closer: int) -> bool:
    """Say whether a token stands in the iterable of the first `for`, given the names behind that."""
    start = next((at for at in names if row[at].text == "in"), closer)
    end = next((at for at in names if at > start and row[at].text in ("for", "async", "if")), closer)
    return start < index < end


@dataclass
class _Lambda:
    """A lambda: the indices of its keyword and of its colon, and which argument of a call it is."""

    start: int
    position: int
    colon: int | None = None


def _lambdas(evaluator: Evaluator, around: Place, row: list[Token], opener: int, index: int) -> Place:
    """The place with the parameters of the lambdas in a bracket: what their callers hand them, if that is known."""
    for found in _open_lambdas(row, opener + 1, index):
        if found.colon is not None:
            names = _names(row, found.start, found.colon)
            handed = _handed(evaluator, around, row, opener, found)
            around = around.binding(
                {name: handed[at] if at < len(handed) else UNKNOWN for at, name in enumerate(names)}
            )
        elif row[index - 1].text in _BEFORE_NAMES:
            around = around.binding({row[index].text: UNKNOWN})
    return around


def _open_lambdas(row: list[Token], start: int, index: int) -> list[_Lambda]:
    """The lambdas directly in a bracket that a token stands in, outermost first."""
    open_: list[_Lambda] = []
    position = 0
    for at in rows.level(row, start, index):
        text = row[at].text
        if text == "lambda":
            open_.append(_Lambda(at, position))
        elif text == ":" and open_ and open_[-1].colon is None:
            open_[-1].colon = at
        elif text in (",", ":", "for"):
            while open_ and open_[-1].colon is not None:
                open_.pop()
            position += text == "," and not open_
    return open_


def _names(row: list[Token], start: int, colon: int) -> list[str]:
    """The parameters of a lambda."""
    return [
        row[at].text
        for at in rows.level(row, start + 1, colon)
        if row[at].kind is TokenKind.NAME and row[at - 1].text in _BEFORE_NAMES
    ]


def _handed(evaluator: Evaluator, around: Place, row: list[Token], opener: int, found: _Lambda) -> list[Value]:
    """What the call around a lambda calls it with."""
    if opener < 1 or row[opener].text != "(" or row[opener - 1].kind is not TokenKind.NAME:
        return []
    position: int | str = found.position
    if row[found.start - 1].text == "=" and found.start - 2 > opener:
        position = row[found.start - 2].text
    called = resolve.expression(evaluator, around, row, opener - 1)
    return calling.callback_arguments(evaluator, called, position, (), around)
