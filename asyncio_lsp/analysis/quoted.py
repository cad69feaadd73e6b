"""Code in strings: the fields of f-strings, and annotations in quotes."""

from __future__ import annotations

import keyword
from dataclasses import dataclass

from asyncio_lsp.analysis import strings
from asyncio_lsp.analysis.lexer import CLOSERS, OPENERS, Token, TokenKind, tokens
from asyncio_lsp.analysis.rows import opener
from asyncio_lsp.analysis.statement import Statement


@dataclass(frozen=True)
class Row:
    """The tokens around an offset: of the whole statement, or of the code in a string.

    `outer` is the row that holds the string and `index` the string's index in it.
    """

    tokens: list[Token]
    outer: Row | None = None
    index: int = 0


def row_at(statement: Statement, offset: int) -> tuple[Row, bool]:
    """The innermost row of code around an offset, and whether the offset lies in the text of one of its strings."""
    row = Row(statement.tokens)
    while (index := _string_at(row.tokens, offset)) is not None:
        inner = _inside(row, index, offset)
        if inner is None:
            return row, True
        row = Row(inner, row, index)
    return row, False


def _string_at(row: list[Token], offset: int) -> int | None:
    """The index of the string that an offset lies in, or that is still open there."""
    for index, token in enumerate(row):
        if token.start >= offset:
            return None
        if token.kind is TokenKind.STRING and offset <= token.end:
            return index if offset < token.end or strings.content(token.text)[1] == len(token.text) else None
    return None


def _inside(row: Row, index: int, offset: int) -> list[Token] | None:
    """The tokens in a string around an offset: those of a field, or of an annotation."""
    token = row.tokens[index]
    if strings.is_formatted(strings.quotes(token.text)[0]):
        for start, end in strings.fields(token.text):
            if start <= offset - token.start <= end:
                return _shifted(token, start, end)
        return None
    if row.outer is not None or not _annotates(row.tokens, index):
        return None
    return _shifted(token, *strings.content(token.text))


def _shifted(token: Token, start: int, end: int) -> list[Token]:
    by = token.start + start
    return [Token(inner.kind, inner.text, inner.start + by) for inner in tokens(token.text[start:end])]


def _annotates(row: list[Token], index: int) -> bool:
    """Say whether a string stands in an annotation: behind `:` or `->`, or inside brackets of one, or in a cast."""
    depth = 0
    for place in range(index - 1, -1, -1):
        text = row[place].text
        if text in CLOSERS:
            depth += 1
        elif text in OPENERS:
            if depth == 0:
                before = row[place - 1].text if place else ""
                if text == "[" and before.isidentifier():
                    continue
                return text == "(" and before == "cast" and place == index - 1
            depth -= 1
        elif depth == 0:
            if text == "->":
                return True
            if text == ":":
                return _annotation_colon(row, place)
            if text == "," and _in_subscript(row, place):
                continue
            if text in ("=", ",") or keyword.iskeyword(text):
                return False
    return False


def _in_subscript(row: list[Token], index: int) -> bool:
    opened = opener(row, index)
    return opened is not None and row[opened].text == "["


def _annotation_colon(row: list[Token], index: int) -> bool:
    """Say whether a colon follows the name of a parameter, a variable or an attribute."""
    opened = opener(row, index)
    if opened is None:
        return row[0].text not in ("if", "while", "for", "with", "class", "elif", "else", "except", "lambda")
    return row[opened].text == "(" and any(token.text == "def" for token in row[:opened])
