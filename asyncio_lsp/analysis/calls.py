"""The call that a position stands in, however broken the code around it is."""

from __future__ import annotations

import keyword
from dataclasses import dataclass

from asyncio_lsp.analysis import resolve
from asyncio_lsp.analysis.evaluate import Evaluator
from asyncio_lsp.analysis.lexer import CLOSERS, OPENERS, Token, TokenKind
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.analysis.values import Symbol, options


@dataclass(frozen=True)
class Argument:
    """One argument as far as it is written; `stars` are those of `*args` and `**kwargs`."""

    keyword: str | None = None
    stars: int = 0
    empty: bool = False


@dataclass(frozen=True)
class Call:
    """An open call of a public name and its arguments up to the position; the last one is being written."""

    name: str
    arguments: tuple[Argument, ...]


def call_at(evaluator: Evaluator, source: Source, position: Position) -> Call | None:
    """Find the innermost call around a position, when it is a call of asyncio."""
    position = source.clamp(position)
    statement = source.statement_at(position.line)
    if not statement.word or statement.word in ("def", "async def", "class", "import", "from"):
        return None
    offset = statement.offset(position)
    row = [token for token in statement.tokens if token.start < offset]
    for opener in _open_brackets(row):
        if row[opener].text != "(" or not opener:
            continue
        callee = row[opener - 1]
        if callee.kind is TokenKind.NAME and not keyword.iskeyword(callee.text):
            value = resolve.expression(evaluator, Place(source, statement), row, opener - 1)
            names = sorted(option.name for option in options(value) if isinstance(option, Symbol))
            return Call(names[0], tuple(_arguments(row[opener + 1 :]))) if names else None
        if callee.text in CLOSERS:
            return None
    return None


def _open_brackets(row: list[Token]) -> list[int]:
    """The brackets still open at the end of a row of tokens, innermost first."""
    open_: list[int] = []
    for index, token in enumerate(row):
        if token.kind is TokenKind.OPERATOR:
            if token.text in OPENERS:
                open_.append(index)
            elif token.text in CLOSERS and open_:
                open_.pop()
    return open_[::-1]


def _arguments(row: list[Token]) -> list[Argument]:
    """Divide the tokens behind an opening bracket at its own commas."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in row:
        if token.kind is TokenKind.COMMENT:
            continue
        if token.kind is TokenKind.OPERATOR:
            depth += (token.text in OPENERS) - (token.text in CLOSERS)
            if token.text == "," and depth == 0 and not _in_lambda(parts[-1]):
                parts.append([])
                continue
        parts[-1].append(token)
    return [_argument(part) for part in parts]


def _in_lambda(part: list[Token]) -> bool:
    texts = [token.text for token in part]
    return "lambda" in texts and ":" not in texts[texts.index("lambda") :]


def _argument(part: list[Token]) -> Argument:
    if not part:
        return Argument(empty=True)
    if part[0].text in ("*", "**"):
        return Argument(stars=len(part[0].text))
    if len(part) > 1 and part[0].kind is TokenKind.NAME and part[1].text == "=":
        return Argument(keyword=part[0].text)
    return Argument()
