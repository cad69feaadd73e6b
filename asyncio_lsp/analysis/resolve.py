"""The asyncio name at a position."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterator
from dataclasses import dataclass

from asyncio_lsp.analysis import calling, scopes
from asyncio_lsp.analysis.evaluate import ROOT, Evaluator
from asyncio_lsp.analysis.lexer import CLOSERS, OPENERS, Token, TokenKind, tokens
from asyncio_lsp.analysis.place import Place
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
    offset = statement.offset(position)
    found = token_at(statement.tokens, offset)
    if found is None:
        return None
    index, row = found
    if row[index].kind is TokenKind.STRING:
        inner = _inside_string(row, index, offset)
        if inner is None:
            return None
        row = inner
        found = token_at(row, offset)
        if found is None or row[found[0]].kind is TokenKind.STRING:
            return None
        index = found[0]
    token = row[index]
    if token.kind is not TokenKind.NAME or keyword.iskeyword(token.text):
        return None
    value, parameter = _meaning(evaluator, Place(source, statement), row, index)
    name = _single_name(value)
    if name is None:
        return None
    return Reference(name, statement.span(token.start, token.end), parameter, _is_guess(value))


def keyword_at(source: Source, position: Position) -> tuple[str, Span] | None:
    """The asynchronous keyword at a position, `async` with the word behind it, in a file that uses asyncio."""
    if not source.binding(f"import {ROOT}"):
        return None
    position = source.clamp(position)
    statement = source.statement_at(position.line)
    row = statement.tokens
    found = token_at(row, statement.offset(position))
    if found is None or row[found[0]].kind is not TokenKind.NAME:
        return None
    index = found[0]
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
    return sorted(names)[0] if names else None


def _is_guess(value: Value) -> bool:
    return all(
        isinstance(option, Symbol) and option.receiver is not None and option.receiver.guessed
        for option in options(value)
    )


def token_at(row: list[Token], offset: int) -> tuple[int, list[Token]] | None:
    """The token that an offset lies in; between two, the one that begins there."""
    best = None
    for index, token in enumerate(row):
        if token.start <= offset < token.end:
            return index, row
        if offset == token.end and token.kind is TokenKind.NAME:
            best = index
    return (best, row) if best is not None else None


# Strings


def _inside_string(row: list[Token], index: int, offset: int) -> list[Token] | None:
    """The tokens in a string around an offset: those of an annotation, or of a field of an f-string."""
    token = row[index]
    quote = _quotes(token.text)
    if quote is None:
        return None
    prefix, opening = quote
    start, end = len(prefix) + len(opening), len(token.text)
    if token.text.endswith(opening) and end >= start + len(opening):
        end -= len(opening)
    if "f" in prefix.lower() or "t" in prefix.lower():
        return _field(token, start, end, offset)
    if not _annotates(row, index):
        return None
    return _shifted(tokens(token.text[start:end]), token.start + start)


def _quotes(text: str) -> tuple[str, str] | None:
    start = next((place for place, character in enumerate(text) if character in "\"'"), None)
    if start is None:
        return None
    opening = text[start : start + 3] if text[start : start + 3] in ('"""', "'''") else text[start]
    return text[:start], opening


def _shifted(row: list[Token], by: int) -> list[Token]:
    return [Token(token.kind, token.text, token.start + by) for token in row]


def _field(token: Token, start: int, end: int, offset: int) -> list[Token] | None:
    """The tokens of the `{…}` that holds the offset."""
    depth, opened = 0, 0
    place = start
    while place < end:
        character = token.text[place]
        if character == "{" and depth == 0 and token.text[place + 1 : place + 2] == "{":
            place += 1
        elif character in "{[(":
            depth += 1
            if depth == 1:
                opened = place + 1
        elif character in "}])" and depth:
            depth -= 1
            if depth == 0 and opened <= offset - token.start <= place:
                return _shifted(tokens(token.text[opened:place]), token.start + opened)
        place += 1
    return None


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
            if text in ("=", ",") or keyword.iskeyword(text):
                if text == "," and _in_subscript(row, place):
                    continue
                return False
    return False


def _in_subscript(row: list[Token], index: int) -> bool:
    opener = _opener(row, index)
    return opener is not None and row[opener].text == "["


def _annotation_colon(row: list[Token], index: int) -> bool:
    """Say whether a colon follows the name of a parameter, a variable or an attribute."""
    opener = _opener(row, index)
    if opener is None:
        return row[0].text not in ("if", "while", "for", "with", "class", "elif", "else", "except", "lambda")
    return row[opener].text == "(" and any(token.text == "def" for token in row[:opener])


# What an identifier means


def _meaning(evaluator: Evaluator, place: Place, row: list[Token], index: int) -> tuple[Value, str | None]:
    """The value of an identifier, and the keyword argument that it is the name of."""
    statement = place.statement
    before = row[index - 1].text if index else ""
    if statement.word in ("import", "from"):
        return _imported(evaluator, place, row, index), None
    if before in ("def", "class", "global", "nonlocal") or statement.word in ("global", "nonlocal"):
        return UNKNOWN, None
    called = _call_of_keyword(row, index)
    if called is not None:
        if called == _DEFINITION:
            return UNKNOWN, None
        return expression(evaluator, place, row, called), row[index].text
    if before == ".":
        return expression(evaluator, place, row, index), None
    return _bare(evaluator, _local(evaluator, place, row, index), row[index].text), None


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
        if scope is not None and scope.is_function and not found:
            node = scopes.definition(scope)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                if any(argument.arg == name for argument, _ in scopes.parameters(node)):
                    return False
        if found:
            return any(_names_something(statement, name) for statement in found)
    return bool(place.source.binding("*"))


def _names_something(statement: Statement, name: str) -> bool:
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
    opener = _opener(row, index)
    if opener is None or row[opener].text != "(" or opener == 0:
        return None
    callee = row[opener - 1]
    if callee.kind is not TokenKind.NAME or keyword.iskeyword(callee.text):
        return _DEFINITION
    if opener >= 2 and row[opener - 2].text in ("def", "class"):
        return _DEFINITION
    return opener - 1


def _opener(row: list[Token], index: int) -> int | None:
    """The index of the bracket that is open at a token."""
    depth = 0
    for place in range(index - 1, -1, -1):
        text = row[place].text
        if text in CLOSERS and row[place].kind is TokenKind.OPERATOR:
            depth += 1
        elif text in OPENERS and row[place].kind is TokenKind.OPERATOR:
            if depth == 0:
                return place
            depth -= 1
    return None


def expression(evaluator: Evaluator, place: Place, row: list[Token], index: int) -> Value:
    """The value of the dotted expression that ends with a token, a property not yet read."""
    node = _parsed(row, primary_start(row, index), index)
    place = _local(evaluator, place, row, index)
    if isinstance(node, ast.Attribute):
        owner = evaluator.value(node.value, place)
        return evaluator.attribute(owner, node.attr)
    return evaluator.value(node, place) if node is not None else UNKNOWN


def receiver(evaluator: Evaluator, place: Place, row: list[Token], index: int) -> Value:
    """The value of the expression whose last token has this index; it stands before a dot."""
    node = _parsed(row, primary_start([*row[: index + 1], _DOT, Token(TokenKind.NAME, "_", 0)], index + 2), index)
    return evaluator.value(node, _local(evaluator, place, row, index)) if node is not None else UNKNOWN


_DOT = Token(TokenKind.OPERATOR, ".", 0)


def primary_start(row: list[Token], index: int) -> int:
    """The index of the first token of `a.b(c)[d].name`, given that of `name`."""
    start = index
    while start > 0 and row[start - 1].text == ".":
        start -= 2
        if start < 0:
            return 0
        while row[start].text in CLOSERS and row[start].kind is TokenKind.OPERATOR:
            opener = _opener(row, start)
            if opener is None:
                return start
            before = row[opener - 1] if opener else None
            callee = before is not None and (
                (before.kind is TokenKind.NAME and not keyword.iskeyword(before.text))
                or (before.text in CLOSERS and before.kind is TokenKind.OPERATOR)
            )
            if not callee:
                start = opener
                break
            start = opener - 1
    return start


def _parsed(row: list[Token], start: int, end: int) -> ast.expr | None:
    text = " ".join(token.text for token in row[start : end + 1] if token.kind is not TokenKind.COMMENT)
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _local(evaluator: Evaluator, place: Place, row: list[Token], index: int) -> Place:
    """The place with the names that comprehensions and lambdas around a token bind, outermost first."""
    groups = list(_groups(row, index))
    for opener in reversed(groups):
        place = _comprehension(evaluator, place, row, opener)
        place = _lambda(evaluator, place, row, opener, index)
    if not groups:
        place = _lambda(evaluator, place, row, -1, index)
    return place


def _groups(row: list[Token], index: int) -> Iterator[int]:
    """The brackets that are open at a token, innermost first."""
    opener = _opener(row, index)
    while opener is not None:
        yield opener
        opener = _opener(row, opener)


def _comprehension(evaluator: Evaluator, place: Place, row: list[Token], opener: int) -> Place:
    closer = _closer(row, opener)
    if not any(token.text == "for" for token in row[opener:closer]):
        return place
    inner = " ".join(token.text for token in row[opener + 1 : closer] if token.kind is not TokenKind.COMMENT)
    bracket = row[opener].text
    try:
        node = ast.parse(f"{bracket}{inner}{OPENERS[bracket]}", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return place
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return evaluator.inside(node, place)
    return place


def _closer(row: list[Token], opener: int) -> int:
    depth = 0
    for index in range(opener, len(row)):
        if row[index].kind is TokenKind.OPERATOR:
            if row[index].text in OPENERS:
                depth += 1
            elif row[index].text in CLOSERS:
                depth -= 1
                if depth == 0:
                    return index
    return len(row)


def _lambda(evaluator: Evaluator, place: Place, row: list[Token], opener: int, index: int) -> Place:
    """The place with the parameters of a lambda in this bracket: what its caller hands them, if that is known."""
    depth, position = 0, 0
    for start in range(opener + 1, index):
        text = row[start].text
        if row[start].kind is TokenKind.OPERATOR:
            depth += (text in OPENERS) - (text in CLOSERS)
            position += text == "," and depth == 0
        if text == "lambda" and depth == 0:
            names = _lambda_names(row, start + 1, index)
            if names is not None:
                handed = _handed(evaluator, place, row, opener, position)
                return place.binding(
                    {name: handed[at] if at < len(handed) else UNKNOWN for at, name in enumerate(names)}
                )
    return place


def _lambda_names(row: list[Token], start: int, index: int) -> list[str] | None:
    """The parameters of a lambda; None when its body does not reach the token at `index`."""
    names: list[str] = []
    for token in row[start:index]:
        if token.text == ":":
            return names
        if token.kind is TokenKind.NAME:
            names.append(token.text)
    return None


def _handed(evaluator: Evaluator, place: Place, row: list[Token], opener: int, position: int) -> list[Value]:
    """What the call around a lambda calls it with."""
    if opener < 1 or row[opener].text != "(" or row[opener - 1].kind is not TokenKind.NAME:
        return []
    return calling.callback_arguments(evaluator, expression(evaluator, place, row, opener - 1), position)
