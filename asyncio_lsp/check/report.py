"""What is told of a file: plain data that goes from process to process and into every format."""

from __future__ import annotations

from dataclasses import dataclass

from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.catalog.entry import Severity


@dataclass(frozen=True)
class Region:
    """A stretch of a file, in lines and columns from 0: `span` counts code points, `units` UTF-16 code units."""

    span: Span
    units: Span


@dataclass(frozen=True)
class Related:
    """Another place that the finding is about."""

    region: Region
    message: str


@dataclass(frozen=True)
class Replacement:
    """New text for a region, its line ends those of the file."""

    region: Region
    text: str


@dataclass(frozen=True)
class Remedy:
    """A fix; `--fix` applies the safe ones."""

    title: str
    safe: bool
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True)
class Reported:
    """A finding with all that is printed of it; `symbol` and `url` are None for what has no entry."""

    id: str
    severity: Severity
    region: Region
    message: str
    symbol: str | None
    url: str | None
    line: str
    """The first line of the region."""
    related: tuple[Related, ...]
    fixes: tuple[Remedy, ...]

    @property
    def mended(self) -> bool:
        """Whether `--fix` would mend it."""
        return any(fix.safe for fix in self.fixes)


@dataclass(frozen=True)
class Report:
    """A file that was checked; `shown` is its path as it is printed."""

    shown: str
    findings: tuple[Reported, ...] = ()
    problem: str | None = None
    """Why it could not be checked, in one line."""
    remark: str | None = None
    """Why it was checked but not mended, in one line."""
    fixed: int = 0
    """How many fixes were applied."""
    before: str = ""
    after: str = ""
    """The text without and with the fixes, where there are any, with the byte order mark."""
    data: bytes | None = None
    """What the file has to hold for the fixes; None for no change."""


def region(lines: list[str], span: Span) -> Region:
    """The region of a span; `lines` are those of the file."""
    start, end = (Position(place.line, utf16(lines[place.line][: place.column])) for place in span)
    return Region(span, Span(start, end))


def utf16(text: str) -> int:
    """How many UTF-16 code units a text is."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
