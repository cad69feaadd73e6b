"""Findings from the texts of the content."""

from __future__ import annotations

import re

from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.text import Span
from asyncio_lsp.catalog.entry import Severity
from asyncio_lsp.features.notes.finding import Finding, Fix
from asyncio_lsp.features.notes.scene import Scene

_NAME = re.compile(r"<([\w.]+)>")


def finding(
    scene: Scene,
    note: str,
    span: Span,
    symbol: str,
    variant: str = "default",
    *,
    severity: Severity | None = None,
    fixes: tuple[Fix, ...] = (),
    related: tuple[tuple[Span, str], ...] = (),
    hover_only: bool = False,
    gone: bool = False,
    also: tuple[Span, ...] = (),
    **values: object,
) -> Finding | None:
    """Fill in the message of a note; None when the content has no such note."""
    page = scene.catalog.notes.get(note)
    if page is None or variant not in page.facts.messages:
        return None
    text = page.facts.messages[variant].format_map(values)
    return Finding(
        note, severity or page.facts.severity, span, text, symbol, fixes, related, hover_only, also, variant, gone
    )


def fix_title(scene: Scene, note: str, key: str) -> str | None:
    """The title of a quick fix as a menu shows it."""
    page = scene.catalog.notes.get(note)
    return page.facts.fixes.get(key) if page else None


def written(scene: Scene, note: str, key: str) -> str:
    """What a quick fix writes, with `{…}` to be filled in; empty when the content does not say."""
    page = scene.catalog.notes.get(note)
    return page.facts.writes.get(key, "") if page else ""


def filled(scene: Scene, code: str, place: Place) -> str:
    """Code with the public names in `<…>` as the document can write them; empty where it cannot write one."""
    names = set(_NAME.findall(code))
    for name in names:
        spelled = scene.spelled(name, place)
        if spelled is None:
            return ""
        code = code.replace(f"<{name}>", spelled)
    return code


def short(name: str) -> str:
    """A public name as code writes it: methods without their class's package."""
    return name if name.count(".") <= 1 else name.partition(".")[2]
