"""What can be written at a position: the attributes of the expression before a dot, or the names of an import."""

from __future__ import annotations

import keyword
from dataclasses import dataclass

from asyncio_lsp.analysis import resolve, user_classes
from asyncio_lsp.analysis.evaluate import Evaluator
from asyncio_lsp.analysis.lexer import Token, TokenKind
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import (
    UNKNOWN,
    AsyncioModule,
    Instance,
    Symbol,
    UserClass,
    UserInstance,
    Value,
    options,
)


@dataclass(frozen=True)
class Members:
    """The public classes and modules whose attributes fit, and the span of what is already written."""

    owners: tuple[str, ...]
    written: Span
    importing: bool = False
    called: bool = False
    """Whether an opening bracket already follows."""


def members_at(evaluator: Evaluator, source: Source, position: Position) -> Members | None:
    """Find what asyncio offers at a position; None where it offers nothing."""
    position = source.clamp(position)
    statement = source.statement_at(position.line)
    if not statement.word:
        return None
    offset = statement.offset(position)
    row = [token for token in statement.tokens if token.start < offset]
    if row and row[-1].end > offset and row[-1].kind is not TokenKind.NAME:
        return None
    if row and row[-1].kind is TokenKind.COMMENT:
        return None
    start = offset
    if row and row[-1].kind is TokenKind.NAME and row[-1].end >= offset:
        start = row.pop().start
    place = Place(source, statement)
    following = next((token.text for token in statement.tokens if token.start >= offset), "")
    written, called = statement.span(start, offset), following == "("
    if statement.word == "from":
        return _imported(evaluator, place, row, written)
    if not row or row[-1].text != ".":
        return None
    if statement.word == "import":
        module = "".join(token.text for token in row[1:-1])
        value = evaluator.module(module, source)
        return Members((value.path,), written, importing=True) if isinstance(value, AsyncioModule) else None
    owner = _owner(evaluator, place, row, statement)
    owners = tuple(name for option in options(owner) for name in _owners(evaluator, option))
    return Members(owners, written, called=called) if owners else None


def _imported(evaluator: Evaluator, place: Place, row: list[Token], written: Span) -> Members | None:
    texts = [token.text for token in row]
    if "import" not in texts:
        return None
    boundary = texts.index("import")
    if texts[-1] not in ("import", "(", ","):
        return None
    value = evaluator.module("".join(texts[1:boundary]), place.source)
    return Members((value.path,), written, importing=True) if isinstance(value, AsyncioModule) else None


def _owner(evaluator: Evaluator, place: Place, row: list[Token], statement: Statement) -> Value:
    last = len(row) - 2
    if last < 0:
        return UNKNOWN
    token = row[last]
    if token.kind is TokenKind.NAME and keyword.iskeyword(token.text):
        return UNKNOWN
    return resolve.receiver(evaluator, place, row, last)


def _owners(evaluator: Evaluator, value: Value) -> list[str]:
    match value:
        case AsyncioModule():
            return [value.path]
        case Instance():
            return [value.cls]
        case Symbol():
            form = evaluator.knowledge.form(value.name)
            return [value.name] if form is not None and form.is_class else []
        case UserInstance():
            return [name for base in user_classes.bases(evaluator, value.cls) for name in _owners(evaluator, base)]
        case UserClass():
            return [name for base in user_classes.bases(evaluator, value) for name in _owners(evaluator, base)]
    return []
