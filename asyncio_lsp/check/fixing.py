"""Safe fixes, applied until none is left."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from asyncio_lsp.analysis.text import Span
from asyncio_lsp.check.document import Document
from asyncio_lsp.features.notes.finding import Edit, Finding, Fix

_ROUNDS = 20
"""A fix can uncover another one; two that undo each other must come to an end."""

Look = Callable[[Document], list[Finding]]


@dataclass(frozen=True)
class Mended:
    """A document after its fixes, how many there were, and what is left to find."""

    document: Document
    count: int
    findings: list[Finding]


def mended(document: Document, findings: list[Finding], look: Look) -> Mended:
    """Apply the safe fixes of the findings and of what `look` finds then, never one that breaks the syntax.

    The document itself has to parse.
    """
    count = 0
    for _ in range(_ROUNDS):
        better, applied = _round(document, findings)
        if better == document:
            break
        document, count = better, count + applied
        findings = look(document)
    return Mended(document, count, findings)


def _round(document: Document, findings: Iterable[Finding]) -> tuple[Document, int]:
    """Apply the fixes that do not get in each other's way; all together, or those that can be applied one by one."""
    fixes = _apart(fix for finding in findings for fix in _safe(finding))
    together = document.edited(edit for fix in fixes for edit in fix.edits)
    if together.problem() is None:
        return together, len(fixes)
    good: list[Fix] = []
    for fix in fixes:
        if document.edited(edit for each in (*good, fix) for edit in each.edits).problem() is None:
            good.append(fix)
    return document.edited(edit for fix in good for edit in fix.edits), len(good)


def _safe(finding: Finding) -> list[Fix]:
    """The fix that is applied: the first safe one."""
    return [fix for fix in finding.fixes if fix.safe and fix.edits][:1]


def _apart(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes in their order, without those that touch what an earlier one changes."""
    taken: list[Edit] = []
    chosen: list[Fix] = []
    for fix in dict.fromkeys(fixes):
        if not any(_touch(edit.span, other.span) for edit in fix.edits for other in taken):
            chosen.append(fix)
            taken += fix.edits
    return chosen


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def difference(path: str, before: str, after: str) -> Iterator[str]:
    """The lines of a unified diff between two texts of a file, without their ends; `patch -p0` applies it."""
    for line in difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), path, path):
        yield line.removesuffix("\n")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"
