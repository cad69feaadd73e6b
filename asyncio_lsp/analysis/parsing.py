"""The syntax of one statement, however broken, and whatever Python runs the server.

Syntax that is newer than that Python is written in older syntax of the same length, so that every column stays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from asyncio_lsp.analysis import strings
from asyncio_lsp.analysis.binding import HEADERS
from asyncio_lsp.analysis.lexer import OPENERS, Token, TokenKind
from asyncio_lsp.analysis.rows import closer

SHIFTS = {"elif": (0, 2), "except": (1, 0), "finally": (1, 0), "try": (0, -1), "case": (1, -1)}
"""By the first word: the lines and the columns of its first line by which the tree differs from the text."""
_NOTHING = "0;  "
"""Stands for a keyword that is left out."""
_DEFINITIONS = ("def", "async def", "class", "type")


def parsed(word: str, text: str, row: list[Token]) -> list[ast.stmt]:
    """Parse a statement, given its first word and its tokens; empty for what cannot be read at all."""
    text = _in_older_syntax(word, text, row).lstrip(" \t\f").rstrip()
    for attempt, broken in _attempts(word, text, row):
        for form in _forms(word, attempt, broken=broken):
            try:
                return _unwrapped(word, form, ast.parse(form).body)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return []


def type_parameters(word: str, text: str, row: list[Token]) -> dict[str, ast.expr | None]:
    """The type parameters of a definition and their bounds."""
    brackets = _type_brackets(row) if word in _DEFINITIONS else None
    if brackets is None:
        return {}
    inner = text[row[brackets[0]].end : row[brackets[1]].start]
    try:
        arguments = ast.parse(f"def _({inner}): pass").body[0].args  # type: ignore[attr-defined]  # It is a `def`.
    except (SyntaxError, ValueError):
        return {}
    return {node.arg: node.annotation for node in ast.walk(arguments) if isinstance(node, ast.arg)}


def _attempts(word: str, text: str, row: list[Token]) -> Iterator[tuple[str, bool]]:
    """Texts that may be what is meant, and whether brackets had to be closed for them."""
    closers = _closers(row)
    if closers:
        yield f"{text}\n{closers}", True
        yield f"{text}\n_{closers}", True
        if word in ("with", "async with"):
            yield re.sub(r"\s(\s*as\s)", r")\1", text, count=1), True
        return
    yield text, False
    rescued = _rescued(word, text)
    if rescued != text:
        yield rescued, False


def _closers(row: list[Token]) -> str:
    open_ = []
    for token in row:
        if token.kind is TokenKind.OPERATOR:
            if token.text in OPENERS:
                open_.append(OPENERS[token.text])
            elif open_ and token.text == open_[-1]:
                open_.pop()
    return "".join(reversed(open_))


def _forms(word: str, text: str, *, broken: bool) -> list[str]:
    """The ways to make a statement stand alone; each keeps every line where it was."""
    if word == "@":
        return [f"({text[1:]}\n)"]
    if word not in HEADERS:
        return [text]
    if word == "elif":
        text = text[2:]
    if word == "match":
        return [text + "\n case _: pass"]
    bodies = [text + "\n pass", text] + ([text + ":\n pass"] if broken or not text.endswith(":") else [])
    if word in ("except", "finally"):
        return ["try: pass\n" + body for body in bodies]
    if word in ("else", "try"):
        return [f"if 1{body[len(word) :]}" for body in bodies]
    if word == "case":
        return ["match _:\n " + body.replace("\n pass", "\n  pass") for body in bodies]
    return bodies


def _unwrapped(word: str, form: str, body: list[ast.stmt]) -> list[ast.stmt]:
    if word in ("else", "try") and body and isinstance(body[0], ast.If):
        return body[0].body
    return body[1:] if form.startswith(_NOTHING) else body


# Newer syntax


def _in_older_syntax(word: str, text: str, row: list[Token]) -> str:
    """Leave out type parameters, `type` and `lazy`: what they say is asked of the tokens."""
    if word == "type" or (word in ("import", "from") and text.lstrip(" \t\f").startswith("lazy")):
        text = re.sub(r"type|lazy", _NOTHING, text, count=1)
    brackets = _type_brackets(row) if word in _DEFINITIONS and "[" in text else None
    if brackets is None:
        return text
    start, end = row[brackets[0]].start, row[brackets[1]].end
    blank = re.sub(r"[^\n](?=\n)", r"\\", re.sub(r"[^\n]", " ", text[start:end]))
    return text[:start] + blank + text[end:]


def _type_brackets(row: list[Token]) -> tuple[int, int] | None:
    """The indices of the brackets around the type parameters of a definition."""
    first = 3 if row[0].text == "async" else 2
    if len(row) <= first or row[first].text != "[":
        return None
    last = closer(row, first)
    return (first, last) if last < len(row) else None


_STRING = re.compile(r"""(?<!\w)(?:[fFtT][rR]?|[rR][fFtT])(?=["'])""")
_SEVERAL = re.compile(r"except(\*?)\s([^()\n]+,[^()\n]+):")


def _rescued(word: str, text: str) -> str:
    """Exceptions without parentheses, and formatted strings with quotes and backslashes in their fields."""
    if word == "except":
        text = _SEVERAL.sub(lambda found: f"except{found[1]}({found[2]}):", text)
    if "{" not in text:
        return text
    for found in reversed(list(_STRING.finditer(text))):
        start, end = found.start(), strings.formatted_end(text, found.end())
        if end is not None:
            text = text[:start] + _simple(text[start:end]) + text[end:]
    return text


def _simple(text: str) -> str:
    """A formatted string in whose fields strings have other quotes than its own and no backslashes."""
    opening = strings.quotes(text)[1]
    other = "'" if opening[0] == '"' else '"'
    for start, end in strings.fields(text):
        text = text[:start] + _requoted(text[start:end], other) + text[end:]
    return re.sub(r"^([rR]?)[tT]", r"\1f", text)


_INNER = re.compile(r"""[rRbBuUfFtT]{0,2}("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")


def _requoted(text: str, quote: str) -> str:
    """The expression of a field with other quotes; what strings in it hold does not matter."""
    return _INNER.sub(lambda found: quote + re.sub(r"\W", "_", found[0][1:-1]) + quote, text)
