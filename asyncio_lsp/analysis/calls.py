"""The call that a position stands in, however broken the code around it is."""

from __future__ import annotations

from dataclasses import dataclass

from asyncio_lsp.analysis import resolve, rows
from asyncio_lsp.analysis.evaluate import Evaluator
from asyncio_lsp.analysis.lexer import Token, TokenKind
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.quoted import Row, row_at
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
    if not statement.word:
        return None
    offset = statement.offset(position)
    around: Row | None = row_at(statement, offset)[0]
    while around is not None:
        row = [token for token in around.tokens if token.start < offset]
        opener = _open_call(row)
        if opener is not None:
            place = resolve.place_of(evaluator, Place(source, statement), around, opener)
            return None if rows.is_definition(row, opener) else _call(evaluator, place, row, opener)
        around = around.outer
    return None


def _open_call(row: list[Token]) -> int | None:
    """The bracket of the innermost call or definition that is open at the end of a row of tokens."""
    for opener in rows.openers(row, len(row)):
        if (
            row[opener].text == "("
            and opener
            and (rows.is_identifier(row[opener - 1]) or rows.is_closer(row[opener - 1]))
        ):
            return opener
    return None


def _call(evaluator: Evaluator, place: Place, row: list[Token], opener: int) -> Call | None:
    if rows.is_closer(row[opener - 1]):
        value = resolve.receiver(evaluator, place, row, opener - 1)
    else:
        value = resolve.expression(evaluator, place, row, opener - 1)
    names = [option.name for option in options(value) if isinstance(option, Symbol)]
    return Call(min(names), tuple(_arguments(row[opener + 1 :]))) if names else None


def _arguments(row: list[Token]) -> list[Argument]:
    """Divide the tokens behind an opening bracket at its own commas."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in row:
        if token.kind is TokenKind.COMMENT:
            continue
        if token.kind is TokenKind.OPERATOR:
            depth += rows.shift(token)
            if token.text == "," and depth == 0 and not _in_lambda(parts[-1]):
                parts.append([])
                continue
        parts[-1].append(token)
    return [_argument(part) for part in parts]


def _in_lambda(part: list[Token]) -> bool:
    """Say whether the parameters of a lambda are not over at the end of a part."""
    texts = [part[index].text for index in rows.level(part, 0, len(part))]
    return texts.count("lambda") > texts.count(":")


def _argument(part: list[Token]) -> Argument:
    if not part:
        return Argument(empty=True)
    if part[0].text in ("*", "**"):
        return Argument(stars=len(part[0].text))
    if len(part) > 1 and part[0].kind is TokenKind.NAME and part[1].text == "=":
        return Argument(keyword=part[0].text)
    return Argument()
