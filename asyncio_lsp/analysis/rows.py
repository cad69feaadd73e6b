"""Rows of tokens: which token is at an offset, what is open around it, and where the parts of a line begin."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from asyncio_lsp.analysis.lexer import CLOSERS, OPENERS, Token, TokenKind


def token_at(row: list[Token], offset: int) -> int | None:
    """The index of the token that an offset lies in; between two it is a name, else the one that begins there."""
    ended = None
    for index, token in enumerate(row):
        if token.start <= offset < token.end:
            return ended if ended is not None and token.kind is TokenKind.OPERATOR else index
        if offset == token.end and token.kind is TokenKind.NAME:
            ended = index
    return ended


def shift(token: Token) -> int:
    """How many brackets more are open behind a token than before it."""
    if token.kind is not TokenKind.OPERATOR:
        return 0
    return (token.text in OPENERS) - (token.text in CLOSERS)


def opener(row: list[Token], index: int) -> int | None:
    """The index of the bracket that is open at a token."""
    depth = 0
    for place in range(index - 1, -1, -1):
        change = shift(row[place])
        if change > 0 and depth == 0:
            return place
        depth -= change
    return None


def openers(row: list[Token], index: int) -> Iterator[int]:
    """The brackets that are open at a token, innermost first."""
    found = opener(row, index)
    while found is not None:
        yield found
        found = opener(row, found)


def closer(row: list[Token], index: int) -> int:
    """The index of the bracket that closes another, or the length of the row."""
    depth = 0
    for place in range(index, len(row)):
        depth += shift(row[place])
        if depth == 0:
            return place
    return len(row)


def level(row: list[Token], start: int, end: int) -> Iterator[int]:
    """The indices from `start` to `end` of the tokens that stand in no bracket that is opened there."""
    depth = 0
    for index in range(start, end):
        change = shift(row[index])
        if depth == 0 and change <= 0:
            yield index
        depth = max(0, depth + change)


def header_colon(row: list[Token]) -> int | None:
    """The index of the colon that ends a header: none in brackets, and none of a lambda."""
    lambdas = 0
    for index in level(row, 0, len(row)):
        text = row[index].text
        lambdas += text == "lambda"
        if text == ":":
            if lambdas == 0:
                return index
            lambdas -= 1
    return None


def statements_of(row: list[Token], start: int) -> Iterator[tuple[int, int]]:
    """The parts between semicolons, as the indices of their first tokens and of the tokens behind them."""
    for index in [*(index for index in level(row, start, len(row)) if row[index].text == ";"), len(row)]:
        if index > start:
            yield start, index
        start = index + 1


def primary_start(row: list[Token], index: int) -> int:
    """The index of the first token of `a.b(c)[d].name`, given that of `name`."""
    start = index
    while start > 0 and row[start - 1].text == ".":
        start -= 2
        if start < 0:
            return 0
        while is_closer(row[start]):
            opened = opener(row, start)
            if opened is None:
                return start
            before = row[opened - 1] if opened else None
            if before is None or not (is_identifier(before) or is_closer(before)):
                start = opened
                break
            start = opened - 1
    return start


def is_definition(row: list[Token], index: int) -> bool:
    """Say whether a bracket holds the parameters, the type parameters or the bases of a definition."""
    if index and is_closer(row[index - 1]) and row[index - 1].text == "]":
        index = opener(row, index - 1) or 0
    return index > 1 and row[index - 2].text in ("def", "class")


def is_identifier(token: Token) -> bool:
    """Say whether a token is a name that is no keyword."""
    return token.kind is TokenKind.NAME and not keyword.iskeyword(token.text)


def is_closer(token: Token) -> bool:
    """Say whether a token is a closing bracket."""
    return token.kind is TokenKind.OPERATOR and token.text in CLOSERS
