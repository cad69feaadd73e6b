"""Findings for people, laid out like Ruff's."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.entry import Severity
from asyncio_lsp.check.fixing import difference
from asyncio_lsp.check.report import Report, Reported

Line: TypeAlias = list[tuple[str, str]]
"""Pieces of text, each with its style in the words of Rich."""

ROOM = 200
"""How many cells wide a source line gets where no terminal decides."""
_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.INFO: "bold blue",
    Severity.HINT: "bold cyan",
}
_FRAME = "blue"
_TAB = 4
_JOINER = "\u200d"  # It makes one emoji of several.


def lines(report: Report, room: int = ROOM) -> Iterator[Line]:
    """What is printed of a file's findings; the lines with source code are at most `room` cells wide."""
    for found in report.findings:
        yield from _finding(report.shown, found, room)
        yield []


def _finding(path: str, found: Reported, room: int) -> Iterator[Line]:
    style = _STYLES[found.severity]
    start = found.region.span.start
    number = str(start.line + 1)
    margin = " " * len(number)
    code, carets = excerpt(found, room - len(number) - 3)
    yield [
        (f"{place(path, start)}: ", "bold"),
        (f"{found.severity}[{found.id}]", style),
        (f": {one_line(found.message)}", ""),
    ]
    yield [(f"{margin} |", _FRAME)]
    yield [(f"{number} |", _FRAME), (f" {code}".rstrip(), "")]
    yield [(f"{margin} |", _FRAME), (f" {carets}", style)]
    for related in found.related:
        where = place(path, related.region.span.start)
        yield [(f"{margin} =", _FRAME), (" note", "bold"), (f": {where}: {one_line(related.message)}", "")]
    for fix in found.fixes:
        does = " (--fix does it)" if fix.safe else ""
        yield [(f"{margin} =", _FRAME), (" help", "bold"), (f": {one_line(fix.title)}{does}", "")]


_CHANGES = {"---": "bold", "+++": "bold", "@@": "cyan", "+": "green", "-": "red"}


def changes(report: Report) -> Iterator[Line]:
    """A unified diff of what fixes make of a file."""
    for line in difference(report.shown, report.before, report.after):
        style = next((style for start, style in _CHANGES.items() if line.startswith(start)), "")
        yield [(line, style)]


def place(path: str, start: Position) -> str:
    """A position as terminals and editors link it: line and column count from 1, columns in code points."""
    return f"{printable(path)}:{start.line + 1}:{start.column + 1}"


def one_line(text: str) -> str:
    """A text without line ends."""
    return " ".join(text.split())


def printable(text: str) -> str:
    """A text whose letters all show: what would move the cursor or turn the writing around is replaced."""
    return "".join(glyph if glyph.isprintable() or glyph == _JOINER else "\N{REPLACEMENT CHARACTER}" for glyph in text)


class _Glyph(NamedTuple):
    """A code point of a line as it is shown."""

    text: str
    cells: int


def excerpt(found: Reported, room: int) -> tuple[str, str]:
    """The first line of the finding's place and carets below the place, in `room` cells around where it begins."""
    (line, begin), (last, end) = found.region.span
    glyphs = _glyphs(found.line)
    first, behind = _window(glyphs, begin, room)
    left, right = "…" * (first > 0), "…" * (behind < len(glyphs))
    marked = glyphs[begin : min(end if last == line else len(glyphs), behind)]
    code = left + "".join(glyph.text for glyph in glyphs[first:behind]) + right
    return code, " " * (len(left) + _cells(glyphs[first:begin])) + "^" * max(_cells(marked), 1)


def _window(glyphs: Sequence[_Glyph], begin: int, room: int) -> tuple[int, int]:
    """The part of a line that fits, as two indexes: up to a third of the room is for what stands before `begin`."""
    if _cells(glyphs) <= room:
        return 0, len(glyphs)
    first = begin
    while first > 0 and _cells(glyphs[first - 1 : begin]) <= room // 3:
        first -= 1
    behind = first
    while behind < len(glyphs) and _cells(glyphs[first : behind + 1]) <= room - 2:
        behind += 1
    return first, behind


def _glyphs(line: str) -> list[_Glyph]:
    glyphs: list[_Glyph] = []
    for letter in line:
        if letter == "\t":
            cells = _TAB - _cells(glyphs) % _TAB
            glyphs.append(_Glyph(" " * cells, cells))
        else:
            glyphs.append(_Glyph(printable(letter), _width(letter)))
    return glyphs


def _cells(glyphs: Sequence[_Glyph]) -> int:
    return sum(glyph.cells for glyph in glyphs)


def _width(letter: str) -> int:
    """How many cells of a terminal a code point takes."""
    if letter == _JOINER or unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def summary(reports: Sequence[Report], *, diff: bool) -> str:
    """How many findings there are, in one line without an end; `diff` says that the fixes were only shown."""
    findings = [found for report in reports for found in report.findings]
    fixed = sum(report.fixed for report in reports)
    files = _counted(sum(report.problem is None for report in reports), "file")
    if findings:
        kinds = Counter(found.severity for found in findings)
        told = ", ".join(_counted(kinds[kind], kind) for kind in Severity if kinds[kind])
        told = (
            f"{_counted(len(findings), 'finding')} in {sum(bool(each.findings) for each in reports)} of {files}: {told}"
        )
    else:
        told = f"no findings in {files}"
    if fixed:
        return f"{fixed} {'would be ' * diff}fixed, leaving {told}"
    mendable = sum(found.mended for found in findings)
    return f"{told}; --fix mends {mendable}" if mendable else told


def _counted(number: int, noun: str) -> str:
    plural = "" if number == 1 or noun == Severity.INFO else "s"
    return f"{number} {noun}{plural}"
