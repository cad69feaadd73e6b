"""One logical line: what opens it, which names it may bind, and its syntax tree when somebody asks."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from asyncio_lsp.analysis import binding, parsing
from asyncio_lsp.analysis.lexer import Token, TokenKind, indentation, tokens
from asyncio_lsp.analysis.rows import header_colon, statements_of
from asyncio_lsp.analysis.text import Position, Span

_WORD = re.compile(r"\s*(?:lazy\s+(?=(?:from|import)\b))?(async\s+(?:def|for|with)|[^\W\d]\w*|@|[^\s#])?")
_KEYWORD = {
    "match": re.compile(
        r"\s*match\b(?!\s*(?:[=,:)]|\.(?!\.\.)|(?:in|is|and|or|if|not\s+in)\b|\W=)).*:\s*(?:#.*)?$", re.DOTALL
    ),
    "case": re.compile(r"\s*case\b(?!\s*(?:[=,:)]|\.(?!\.\.)|(?:in|is|and|or|if|not\s+in)\b|\W=)).*:", re.DOTALL),
    "type": re.compile(r"\s*type\s+[^\W\d]\w*\s*[=\[]"),
}
"""What a statement looks like that begins with a word which is a keyword only there."""


class Statement:
    """A logical line of a document.

    `line` is where it begins now (it moves with edits above it), `word` its first word
    ("" for a line that holds no code), `keyword` the same unless that is a name which is a keyword elsewhere
    (`match = 1`), `indent` the width of its leading white space, `binds` the names that it may bind.
    """

    __slots__ = ("__dict__", "binds", "indent", "keyword", "line", "lines", "word")

    def __init__(self, line: int, lines: tuple[str, ...]) -> None:
        self.line = line
        self.lines = lines
        found = _WORD.match(lines[0])
        word = (found and found[1]) or ""
        self.word = " ".join(word.split()) if word.startswith("async") else word
        known = _KEYWORD.get(word)
        self.keyword = self.word if known is None or known.match(self.text) else ""
        self.indent = indentation(lines[0])
        self.binds = frozenset(binding.may_bind(self.keyword, self.text)) if word else frozenset()

    @property
    def text(self) -> str:
        r"""Its lines as they stand, joined by `\n`."""
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)

    @property
    def is_header(self) -> bool:
        """Say whether a block follows it."""
        return self.keyword in binding.HEADERS

    @property
    def is_import(self) -> bool:
        """Say whether it is an import statement."""
        return self.word in ("import", "from")

    @property
    def is_function(self) -> bool:
        """Say whether it opens the body of a function."""
        return self.word in ("def", "async def")

    @cached_property
    def tokens(self) -> list[Token]:
        """Its tokens; their offsets count from the start of `text`."""
        row = tokens(self.text)
        return row[1:] if row[:1] and row[0].text == "lazy" and self.is_import else row

    @cached_property
    def tree(self) -> list[ast.stmt]:
        """Its syntax: a list because of `;`, empty for what cannot be read even with closing brackets added.

        `else`, `try` and `finally` hold nothing but what stands behind their colon;
        `elif` reads as `if`, `case` as a whole `match`, a decorator as an expression.
        """
        return parsing.parsed(self.keyword, self.text, self.tokens)

    @cached_property
    def binders(self) -> list[ast.AST]:
        """The pieces of its syntax that bind names where it stands."""
        return binding.binders(self.tree)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that it binds, as its syntax has it: those of `binds` that are right."""
        return frozenset(name for node in self.binders for name in binding.bound_names(node))

    @cached_property
    def type_parameters(self) -> dict[str, ast.expr | None]:
        """The type parameters in the brackets of a definition, and their bounds."""
        return parsing.type_parameters(self.keyword, self.text, self.tokens)

    @cached_property
    def body_start(self) -> int | None:
        """The offset of a body that stands on the line of its header."""
        if not self.is_header or self.text.endswith(":"):
            return None
        colon = header_colon(self.tokens)
        behind = self.tokens[colon + 1 :] if colon is not None else []
        return behind[0].start if behind and behind[0].kind is not TokenKind.COMMENT else None

    def part(self, index: int) -> tuple[int, int]:
        """The header or the statement between semicolons that holds a token, as the range of its tokens' indices."""
        start, end = 0, len(self.tokens)
        if self.body_start is not None:
            colon = header_colon(self.tokens) or 0
            start, end = (0, colon + 1) if index <= colon else (colon + 1, end)
        if ";" in self.text:
            parts = statements_of(self.tokens[:end], start)
            return next((part for part in parts if part[0] <= index < part[1]), (start, end))
        return start, end

    def offset(self, position: Position) -> int:
        """The offset in `text` of a position in the document."""
        row = position.line - self.line
        return sum(len(line) + 1 for line in self.lines[:row]) + position.column

    def position(self, offset: int) -> Position:
        """The position in the document of an offset in `text`."""
        row = 0
        for line in self.lines[:-1]:
            if offset <= len(line):
                break
            offset -= len(line) + 1
            row += 1
        return Position(self.line + row, offset)

    def span(self, start: int, end: int) -> Span:
        """The positions in the document of two offsets in `text`."""
        return Span(self.position(start), self.position(end))

    def node_span(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias | ast.ExceptHandler) -> Span:
        """The positions in the document of a piece of `tree`."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(self._node_position(node.lineno, node.col_offset), self._node_position(end_line, end_column))

    def _node_position(self, line: int, column: int) -> Position:
        """Undo what was done to make the statement stand alone; syntax counts bytes of UTF-8."""
        lines_before, columns_before = parsing.SHIFTS.get(self.keyword, (0, 0))
        row = min(max(line - 1 - lines_before, 0), len(self.lines) - 1)
        text = self.lines[row]
        if row == 0:
            column += columns_before + len(text) - len(text.lstrip(" \t\f"))
        if not text.isascii():
            column = len(text.encode()[:column].decode("utf-8", "ignore"))
        return Position(self.line + row, min(column, len(text)))
