"""A document as its logical lines, kept up to date edit by edit.

An edit costs what it touches: only the logical lines around it are read again, whatever the length of the file.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from operator import attrgetter

from asyncio_lsp.analysis.lexer import statement_height
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position, split_lines

_WORD = re.compile(r"[^\W\d]\w*")
_line_of = attrgetter("line")


class Source:
    """The text of one document; `path` is where it lies on disk, None for one that was never saved."""

    def __init__(self, text: str, path: str | None = None) -> None:
        self.path = path
        self.lines = split_lines(text)
        self.revision = 0
        self.statements: list[Statement] = []
        self._binding: dict[str, list[Statement]] = {}
        self._parents: dict[Statement, tuple[Statement, ...]] = {}
        self._ends: dict[Statement, int] = {}
        self._resplit(0, 0, len(self.lines), 0)

    @property
    def text(self) -> str:
        """The whole text, its lines joined by line feeds."""
        return "\n".join(self.lines)

    def clamp(self, position: Position) -> Position:
        """The nearest position that exists."""
        line = min(max(position.line, 0), len(self.lines) - 1)
        column = min(max(position.column, 0), len(self.lines[line])) if position.line == line else len(self.lines[line])
        return Position(line, column)

    def word_start(self, position: Position) -> Position:
        """The beginning of the identifier around a position, or the position itself."""
        position = self.clamp(position)
        text, column = self.lines[position.line], position.column
        while column > 0 and (text[column - 1].isalnum() or text[column - 1] == "_"):
            column -= 1
        return Position(position.line, column)

    def words(self, line: int) -> Iterator[tuple[str, Position]]:
        """The identifiers of a line of code and where they begin."""
        for found in _WORD.finditer(self.lines[line]):
            yield found[0], Position(line, found.start())

    def edit(self, start: Position, end: Position, text: str) -> None:
        """Replace the text between two positions."""
        start, end = self.clamp(start), self.clamp(end)
        new = split_lines(text)
        new[0] = self.lines[start.line][: start.column] + new[0]
        new[-1] += self.lines[end.line][end.column :]
        removed = end.line - start.line + 1
        self.lines[start.line : end.line + 1] = new
        first = max(0, self.index_at(start.line) - 1)
        self._resplit(first, start.line, start.line + len(new), len(new) - removed)

    def index_at(self, line: int) -> int:
        """The index of the statement that covers a line."""
        return max(0, bisect.bisect_right(self.statements, line, key=_line_of) - 1)

    def statement_at(self, line: int) -> Statement:
        """The statement that covers a line."""
        return self.statements[self.index_at(line)]

    def binding(self, name: str) -> list[Statement]:
        """The statements that may bind a name (`.name` for an attribute), in no order."""
        return self._binding.get(name, [])

    def parents(self, statement: Statement) -> tuple[Statement, ...]:
        """The headers of the blocks that a statement stands in, innermost first."""
        known = self._parents.get(statement)
        if known is None:
            known = self._parents[statement] = tuple(self._headers(statement))
        return known

    def end_of_block(self, header: Statement) -> int:
        """The line behind the block that a header opens."""
        known = self._ends.get(header)
        if known is None:
            known = self._ends[header] = self._block_end(header)
        return known

    def block(self, header: Statement) -> Iterator[Statement]:
        """The statements of the block that a header opens, nested ones included."""
        end = self.end_of_block(header)
        for index in range(self.index_at(header.line) + 1, len(self.statements)):
            statement = self.statements[index]
            if statement.line >= end:
                return
            if statement.word:
                yield statement

    def _headers(self, statement: Statement) -> Iterator[Statement]:
        indent = statement.indent
        index = self.index_at(statement.line)
        if not statement.word:
            indent = self._indent_of_blank(index)
        while indent > 0 and index > 0:
            index -= 1
            above = self.statements[index]
            if above.word and above.indent < indent:
                indent = above.indent
                if above.is_header:
                    yield above

    def _indent_of_blank(self, index: int) -> int:
        """A blank line belongs to the block of the statement above, unless it is indented less."""
        own = self.statements[index].indent
        while index > 0:
            index -= 1
            above = self.statements[index]
            if above.word:
                inside = above.indent + 1 if above.is_header else above.indent
                return min(inside, own) if own else inside
        return 0

    def _block_end(self, header: Statement) -> int:
        index = self.index_at(header.line) + 1
        end = header.line + len(header.lines)
        while index < len(self.statements):
            statement = self.statements[index]
            if statement.word and statement.indent <= header.indent:
                return end
            end = statement.line + len(statement.lines)
            index += 1
        return end

    def _resplit(self, first: int, dirty_from: int, dirty_to: int, shift: int) -> None:
        """Read the logical lines again from statement `first` until one begins where an old one did.

        Lines `dirty_from` to `dirty_to` are new; the old statements behind them moved by `shift` lines.
        """
        old = self.statements
        line = old[first].line if old else 0
        new: list[Statement] = []
        resume = first
        while line < len(self.lines):
            while resume < len(old) and (old[resume].line + shift < line or old[resume].line < dirty_from):
                resume += 1
            while resume < len(old) and old[resume].line + shift < dirty_to:
                resume += 1
            if line >= dirty_to and resume < len(old) and old[resume].line + shift == line:
                break
            height = statement_height(self.lines, line)
            new.append(Statement(line, tuple(self.lines[line : line + height])))
            line += height
        else:
            resume = len(old)
        self._replace(first, resume, new, shift)

    def _replace(self, first: int, resume: int, new: list[Statement], shift: int) -> None:
        for statement in self.statements[first:resume]:
            for name in statement.binds:
                self._binding[name].remove(statement)
        if shift:
            for statement in self.statements[resume:]:
                statement.line += shift
        self.statements[first:resume] = new
        for statement in new:
            for name in statement.binds:
                self._binding.setdefault(name, []).append(statement)
        self._parents.clear()
        self._ends.clear()
        self.revision += 1
