"""What can be written at a position: the attributes of the expression before a dot, or the names of an import."""

from __future__ import annotations

import keyword
from dataclasses import dataclass

from asyncio_lsp.analysis import resolve, user_classes
from asyncio_lsp.analysis.evaluate import Evaluator
from asyncio_lsp.analysis.lexer import Token, TokenKind
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.quoted import row_at
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import AsyncioModule, Symbol, Value, options


@dataclass(frozen=True)
class Members:
    """The public classes and modules whose attributes fit, and the span of what is already written."""

    owners: tuple[str, ...]
    written: Span
    importing: bool = False
    called: bool = False
    """Whether an opening bracket already follows."""
    modules: bool = False
    """Whether only modules fit."""


def members_at(evaluator: Evaluator, source: Source, position: Position) -> Members | None:
    """Find what asyncio offers at a position; None where it offers nothing."""
    position = source.clamp(position)
    statement = source.statement_at(position.line)
    if not statement.word:
        return None
    offset = statement.offset(position)
    around, in_text = row_at(statement, offset)
    row = [token for token in around.tokens if token.start < offset]
    if in_text or (row and row[-1].end > offset and row[-1].kind is not TokenKind.NAME):
        return None
    if not row or row[-1].kind is TokenKind.COMMENT:
        return None
    start = offset
    if row[-1].kind is TokenKind.NAME and row[-1].end >= offset:
        start = row.pop().start
    following = next((token.text for token in around.tokens if token.start >= offset), "")
    if not row:
        return None
    if around.outer is None:
        first, end = statement.part(len(row) - 1)
        row = row[first:end]
    written = statement.span(start, offset)
    if row[0].text in ("import", "from"):
        return _imported(evaluator, source, row, written)
    if row[-1].text != "." or len(row) < 2 or keyword.iskeyword(row[-2].text):
        return None
    place = resolve.place_of(evaluator, Place(source, statement), around, len(row) - 1)
    owner = resolve.receiver(evaluator, place, row, len(row) - 2)
    owners = tuple(name for option in options(owner) for name in _owners(evaluator, option))
    return Members(owners, written, called=following == "(") if owners else None


def _imported(evaluator: Evaluator, source: Source, row: list[Token], written: Span) -> Members | None:
    """What an import statement can name next: modules behind a dot, all names behind the second `import`."""
    texts = [token.text for token in row]
    modules = texts[-1] == "." and "import" not in texts[1:]
    if modules:
        start = next((at + 1 for at in range(len(texts) - 1, -1, -1) if texts[at] in ("import", "from", ",")), 0)
        module = "".join(texts[start:-1])
    elif texts[0] == "from" and texts[-1] in ("import", "(", ",") and "import" in texts:
        module = "".join(texts[1 : texts.index("import")])
    else:
        return None
    value = evaluator.module(module, source)
    if not isinstance(value, AsyncioModule):
        return None
    return Members((value.path,), written, importing=True, modules=modules)


def _owners(evaluator: Evaluator, value: Value) -> list[str]:
    if isinstance(value, AsyncioModule):
        return [value.path]
    return [cls.name for cls in user_classes.ancestors(evaluator, value, Symbol) if _is_class(evaluator, cls)]


def _is_class(evaluator: Evaluator, symbol: Symbol) -> bool:
    form = evaluator.knowledge.form(symbol.name)
    return form is not None and form.is_class
