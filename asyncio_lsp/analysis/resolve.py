"""The asyncio name at a position."""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass

from asyncio_lsp.analysis import local, rows, scopes
from asyncio_lsp.analysis.evaluate import ROOT, Evaluator
from asyncio_lsp.analysis.lexer import Token, TokenKind
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.quoted import Row, row_at
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import UNKNOWN, AsyncioModule, Symbol, Value, options


@dataclass(frozen=True)
class Reference:
    """A public name, where it stands, and the keyword argument of it when one is meant."""

    name: str
    span: Span
    parameter: str | None = None
    guessed: bool = False


def reference_at(evaluator: Evaluator, source: Source, position: Position) -> Reference | None:
    """Find the asyncio name that the identifier at a position stands for."""
    position = source.clamp(position)
    statement = source.statement_at(position.line)
    if not statement.word:
        return None
    row, index = identifier_at(statement, statement.offset(position))
    if index is None:
        return None
    token = row.tokens[index]
    value, parameter = _meaning(evaluator, place_of(evaluator, Place(source, statement), row, index), row, index)
    name = _single_name(value)
    if name is None:
        return None
    return Reference(name, statement.span(token.start, token.end), parameter, _is_guess(value))


def identifier_at(statement: Statement, offset: int) -> tuple[Row, int | None]:
    """The innermost row of code around an offset, and the index of the identifier there."""
    row, in_text = row_at(statement, offset)
    index = None if in_text else rows.token_at(row.tokens, offset)
    return row, index if index is not None and rows.is_identifier(row.tokens[index]) else None


def place_of(evaluator: Evaluator, place: Place, row: Row, index: int) -> Place:
    """The place with what the code around a row binds for it: a function on one line, and around a string."""
    statement = place.statement
    if row.outer is not None:
        place = place_of(evaluator, place, row.outer, row.index)
        return local.place(evaluator, place, row.outer.tokens, row.index)
    if statement.is_function and statement.body_start is not None and row.tokens[index].start >= statement.body_start:
        return evaluator.inside(scopes.definition(statement), place)
    return place


def keyword_at(source: Source, position: Position) -> tuple[str, Span] | None:
    """The asynchronous keyword at a position, `async` with the word behind it, in a file that uses asyncio."""
    if not source.binding(f"import {ROOT}"):
        return None
    position = source.clamp(position)
    statement = source.statement_at(position.line)
    row = statement.tokens
    index = rows.token_at(row, statement.offset(position))
    if index is None or row[index].kind is not TokenKind.NAME:
        return None
    if row[index].text == "await":
        return "await", statement.span(row[index].start, row[index].end)
    if index and row[index - 1].text == "async":
        index -= 1
    if row[index].text == "async" and index + 1 < len(row):
        return f"async {row[index + 1].text}", statement.span(row[index].start, row[index + 1].end)
    return None


def _single_name(value: Value) -> str | None:
    names = {
        option.name if isinstance(option, Symbol) else option.path
        for option in options(value)
        if isinstance(option, Symbol | AsyncioModule)
    }
    return min(names, default=None)


def _is_guess(value: Value) -> bool:
    return all(
        isinstance(option, Symbol) and option.receiver is not None and option.receiver.guessed
        for option in options(value)
    )


# What an identifier means


def _meaning(evaluator: Evaluator, place: Place, around: Row, index: int) -> tuple[Value, str | None]:
    """The value of an identifier, and the keyword argument that it is the name of."""
    row = around.tokens
    if around.outer is None:
        start, end = place.statement.part(index)
        row, index = row[start:end], index - start
    before = row[index - 1].text if index else ""
    if row[0].text in ("import", "from"):
        return _imported(evaluator, place, row, index), None
    if before in ("def", "class") or row[0].text in ("global", "nonlocal") or _is_parameter(row, index):
        return UNKNOWN, None
    called = _call_of_keyword(row, index)
    if called is not None:
        if called == _DEFINITION:
            return UNKNOWN, None
        return expression(evaluator, place, row, called), row[index].text
    if before == ".":
        return expression(evaluator, place, row, index), None
    return _bare(evaluator, local.place(evaluator, place, row, index), row[index].text), None


def _is_parameter(row: list[Token], index: int) -> bool:
    """Say whether a name is that of a parameter, or of a type parameter, in a definition."""
    opener = rows.opener(row, index)
    if opener is None or not rows.is_definition(row, opener):
        return False
    return row[0].text != "class" and row[index - 1].text in ("(", "[", ",", "*", "**")


def _bare(evaluator: Evaluator, place: Place, name: str) -> Value:
    """A name stands for asyncio's only where it was imported or is another name for it."""
    for known, _ in place.local:
        if known == name:
            return UNKNOWN
    value = evaluator.name(name, place)
    if any(isinstance(option, Symbol | AsyncioModule) for option in options(value)) and _is_alias(place, name):
        return value
    return UNKNOWN


def _is_alias(place: Place, name: str) -> bool:
    """Say whether a name is bound by imports and by assignments of a dotted name, not as a parameter or a loop's."""
    for scope in scopes.visible_scopes(place.source, place.statement):
        found = scopes.bindings(place.source, name, scope)
        if scope is not None and not found and scopes.has_parameter(scope, name):
            return False
        if found:
            return any(_names_something(statement) for statement in found)
    return bool(place.source.binding("*"))


def _names_something(statement: Statement) -> bool:
    for node in statement.tree:
        if isinstance(node, ast.Import | ast.ImportFrom):
            return True
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Name | ast.Attribute):
            return True
        for child in ast.walk(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                return True
    return False


def _imported(evaluator: Evaluator, place: Place, row: list[Token], index: int) -> Value:
    """An identifier of an import statement."""
    texts = [token.text for token in row]
    if texts[0] == "from" and "import" in texts:
        boundary = texts.index("import")
        module = "".join(texts[1:boundary])
        if index < boundary:
            if texts[1] == ".":
                return UNKNOWN
            return evaluator.module("".join(texts[1 : index + 1]), place.source)
        name = texts[index - 2] if texts[index - 1] == "as" else texts[index]
        return evaluator.imported(module, name, place.source)
    start = index
    if texts[index - 1] == "as":
        start = index = index - 2
    while start > 1 and texts[start - 1] == ".":
        start -= 2
    return evaluator.module("".join(texts[start : index + 1]), place.source)


_DEFINITION = -1


def _call_of_keyword(row: list[Token], index: int) -> int | None:
    """The index of the last name of the callee when an identifier names a keyword argument."""
    if index + 1 >= len(row) or row[index + 1].text != "=" or not index or row[index - 1].text not in ("(", ","):
        return None
    opener = rows.opener(row, index)
    if opener is None or row[opener].text != "(" or opener == 0:
        return None
    callee = row[opener - 1]
    if callee.kind is not TokenKind.NAME or keyword.iskeyword(callee.text):
        return _DEFINITION
    if opener >= 2 and row[opener - 2].text in ("def", "class"):
        return _DEFINITION
    return opener - 1


def expression(evaluator: Evaluator, place: Place, row: list[Token], index: int) -> Value:
    """The value of the dotted expression that ends with a token, a property not yet read."""
    node = _parsed(row, rows.primary_start(row, index), index)
    place = local.place(evaluator, place, row, index)
    if isinstance(node, ast.Attribute):
        owner = evaluator.value(node.value, place)
        return evaluator.attribute(owner, node.attr)
    return evaluator.value(node, place) if node is not None else UNKNOWN


def receiver(evaluator: Evaluator, place: Place, row: list[Token], index: int) -> Value:
    """The value of the expression whose last token has this index; it stands before a dot."""
    node = _parsed(row, rows.primary_start([*row[: index + 1], _DOT, Token(TokenKind.NAME, "_", 0)], index + 2), index)
    return evaluator.value(node, local.place(evaluator, place, row, index)) if node is not None else UNKNOWN


_DOT = Token(TokenKind.OPERATOR, ".", 0)


def _parsed(row: list[Token], start: int, end: int) -> ast.expr | None:
    text = " ".join(token.text for token in row[start : end + 1] if token.kind is not TokenKind.COMMENT)
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
