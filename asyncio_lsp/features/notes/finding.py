"""A note at a place, and what would mend it."""

from __future__ import annotations

from dataclasses import dataclass

from asyncio_lsp.analysis.text import Span
from asyncio_lsp.catalog.entry import Severity


@dataclass(frozen=True)
class Edit:
    """Replace the text of a span."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """A way to mend what was found; a safe one never changes what working code does."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


@dataclass(frozen=True)
class Finding:
    """A note about a name; `span` is the name's, or the keyword's, or that of an `except` or a `with`."""

    id: str
    severity: Severity
    span: Span
    message: str
    symbol: str
    fixes: tuple[Fix, ...] = ()
    related: tuple[tuple[Span, str], ...] = ()
    hover_only: bool = False
    also: tuple[Span, ...] = ()
    """Other places whose hover shows it, such as the keyword of the argument."""
    variant: str = "default"
    gone: bool = False
    """Whether it is about something deprecated or removed."""
