"""A tokenizer that never fails, and the search for the end of a logical line.

Code under an editor's cursor is usually broken, so nothing here needs the rest of the file to be right:
an unclosed bracket ends where a statement begins that cannot stand inside brackets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from asyncio_lsp.analysis import strings

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = frozenset(OPENERS.values())


class TokenKind(Enum):
    """What a token is; `NEWLINE`s inside brackets do not appear."""

    NAME = "name"
    NUMBER = "number"
    STRING = "string"
    OPERATOR = "operator"
    COMMENT = "comment"


class Token(NamedTuple):
    """A token and the offsets of its text in the statement."""

    kind: TokenKind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.start + len(self.text)


_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n]* )
    | (?P<string> (?:[rRbBuUfFtT]{1,2}(?=['"]))?
        (?: \"{3} (?:\\.|[^\\])*? (?:\"{3}|\Z)
          | '{3} (?:\\.|[^\\])*? (?:'{3}|\Z)
          | " (?:\\.|\\\n|[^"\\\n])* (?:"|(?=\n)|\Z|\\)
          | ' (?:\\.|\\\n|[^'\\\n])* (?:'|(?=\n)|\Z|\\) ) )
    | (?P<number> \.?\d (?:[eE][+-]|[\w.])* )
    | (?P<name> [^\W\d]\w* )
    | (?P<operator> ->|:=|\*\*=?|//=?|>>=?|<<=?|\.\.\.|[-+*/%@&|^=<>!]=|[^\s\w\\] )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> list[Token]:
    """Divide the text of a statement into tokens; white space and line ends are left out."""
    if "{" not in text:
        return [Token(_KINDS[found.lastgroup], found[0], found.start()) for found in _TOKEN.finditer(text)]
    row: list[Token] = []
    place: int | None = 0
    while place is not None:
        place = _tokens_from(text, place, row)
    return row


_KINDS: dict[str | None, TokenKind] = {kind.value: kind for kind in TokenKind}


def _tokens_from(text: str, place: int, row: list[Token]) -> int | None:
    """Add tokens to a row, up to an f-string that holds its own quotes; give the place behind that."""
    for found in _TOKEN.finditer(text, place):
        kind, token, start = _KINDS[found.lastgroup], found[0], found.start()
        if kind is TokenKind.STRING and "{" in token:
            end = _formatted_end(text, start + len(strings.quotes(token)[0]), token)
            if end > found.end():
                row.append(Token(kind, text[start:end], start))
                return end
        row.append(Token(kind, token, start))
    return None


def _formatted_end(text: str, start: int, string: str) -> int:
    """The offset behind a string that opens at `start`, of which `string` ends at the first quote like its own."""
    end = start + len(string.lstrip("rRbBuUfFtT"))
    if text[start : start + 3] in _ENDS or string.count("{") == string.count("}"):
        return end
    if not strings.is_formatted(text[max(0, start - 2) : start]):
        return end
    return max(end, strings.formatted_end(text, start) or 0)


_MARKS = re.compile(r"""\#.* | \"{3} | '{3} | "(?:\\.|[^"\\])*"? | '(?:\\.|[^'\\])*'? | [()\[\]{}] | \\$""", re.VERBOSE)
_ENDS = {'"""': re.compile(r'(?:\\.|[^\\"]|"(?!""))*"""'), "'''": re.compile(r"(?:\\.|[^\\']|'(?!''))*'''")}
_REST = {'"': re.compile(r'(?:\\.|[^"\\])*"?'), "'": re.compile(r"(?:\\.|[^'\\])*'?")}
_STATEMENT_START = re.compile(
    r"(?:def|class|return|import|from|while|with|try|except|finally|raise|assert|del|global|nonlocal|pass|break"
    r"|continue|elif|async\s+(?:def|with))\b|@\w"
)
_STATEMENT_LIKE = re.compile(
    r"(?:await\b|(?:if|for|async\s+for)\b.*:\s*$|[\w.]+(?:\[[^\]]*\])?(?:\s*:[^=]+)?\s=\s|[\w.]+\()"
)
_HEADER = re.compile(r"\s*(?:async\s+)?(?:with|for|while|if|elif|except)\b[^\[{#]*:\s*$")


def statement_height(lines: Sequence[str], first: int) -> int:
    """Count the lines of the logical line that begins on line `first`."""
    depth, line = 0, first
    indent = indentation(lines[first])
    while True:
        text, column, joined = lines[line], 0, False
        while found := _MARKS.search(text, column):
            mark, column = found[0], found.end()
            if mark in _ENDS:
                while (end := _ENDS[mark].match(text, column)) is None:
                    line += 1
                    if line == len(lines):
                        return line - first
                    text, column = lines[line], 0
                column = end.end()
            elif mark in OPENERS:
                depth += 1
            elif mark in CLOSERS:
                depth = max(0, depth - 1)
            elif mark == "\\":
                joined = True
            elif mark[0] in _REST:
                if "{" in mark:
                    column = _formatted_end(text, found.start(), mark)
                while text[column:] == "\\" and line + 1 < len(lines) and not _is_closed(mark):
                    line += 1
                    text = lines[line]
                    mark, column = _continued(text, mark[0])
        line += 1
        if line >= len(lines) or not (depth or joined):
            return min(line, len(lines)) - first
        if depth and (_begins_statement(lines[line], indent) or (line == first + 1 and _is_header(text))):
            return line - first


def _is_closed(string: str) -> bool:
    """Say whether a string on one line ends with the quote that opens it."""
    return len(string) > 1 and string[-1] == string[0]


def _continued(text: str, quote: str) -> tuple[str, int]:
    """What a line adds to a string that the line above left open with a backslash, and where that ends."""
    found = _REST[quote].match(text)
    return (quote + found[0], found.end()) if found else (quote, 0)


def _begins_statement(text: str, indent: int) -> bool:
    """Say whether a line inside open brackets can only be a new statement, so that a bracket was left open."""
    stripped = text.lstrip()
    if _STATEMENT_START.match(stripped):
        return True
    return indentation(text) <= indent and _STATEMENT_LIKE.match(stripped) is not None


def _is_header(text: str) -> bool:
    """Say whether a line that leaves a parenthesis open can only be a whole header."""
    return _HEADER.match(text) is not None and "lambda" not in text


def indentation(text: str) -> int:
    """Measure the leading white space, with tabs to the next multiple of eight, as Python does."""
    blank = len(text) - len(text.lstrip(" \t\f"))
    return blank if "\t" not in text[:blank] else len(text[:blank].expandtabs(8))
