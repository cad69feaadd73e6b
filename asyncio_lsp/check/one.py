"""One file after the other, in whatever process: read, look, mend, and tell."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from asyncio_lsp.analysis.evaluate import ROOT
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.check.document import Document, UnfitError, UnreadableError, read
from asyncio_lsp.check.fixing import Look, Mended, mended
from asyncio_lsp.check.report import Related, Remedy, Replacement, Report, Reported, region
from asyncio_lsp.features import markup
from asyncio_lsp.features.library import Library
from asyncio_lsp.features.notes.engine import notes_in
from asyncio_lsp.features.notes.finding import Finding
from asyncio_lsp.features.notes.selection import Selection

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A file to check, for which versions, against which notes, and whether to work out what fixes would make of it."""

    path: Path
    shown: str
    target: Target
    selection: Selection
    fix: bool


@cache
def library(content: Path, root: str) -> Library:
    """The entries below `content`, read once in each process, and the workspace `root`."""
    return Library(Catalog(content), Project((root,)))


def check(shared: Library, job: Job) -> Report:
    """Check a file; what goes wrong with it, whatever it is, is told in its report."""
    try:
        document = read(job.path)
        return _report(shared, job, document)
    except UnreadableError as error:
        return Report(job.shown, problem=str(error))
    except Exception as error:  # One file that nobody thought of must not cost the others their check.
        log.debug("%s", job.path, exc_info=True)
        return Report(job.shown, problem=f"cannot be checked: {type(error).__name__}: {' '.join(str(error).split())}")


def _report(shared: Library, job: Job, document: Document) -> Report:
    def look(document: Document) -> list[Finding]:
        return _findings(shared, job, document)

    result, remark, data = Mended(document, 0, look(document)), None, None
    if job.fix and any(fix.safe for finding in result.findings for fix in finding.fixes):
        try:
            result, data = _mended(job, result, look)
        except UnfitError as error:
            remark = f"not fixed: {error}"
    report = Report(job.shown, tuple(_reported(shared, job, result.document, result.findings)), remark=remark)
    if data is None:
        return report
    return replace(
        report, fixed=result.count, before=document.marked_text, after=result.document.marked_text, data=data
    )


def _mended(job: Job, found: Mended, look: Look) -> tuple[Mended, bytes | None]:
    """Fix what can be fixed safely: what is left then, and what the file has to hold, None for no change.

    Raises UnfitError for a file that must not be written.
    """
    document = found.document
    problem = document.problem()
    if problem is not None:
        raise UnfitError(f"it does not parse: {problem}")
    if document.data() != job.path.read_bytes():
        raise UnfitError(f"its encoding {document.encoding} does not give the same bytes again")
    result = mended(document, found.findings, look)
    return result, result.document.data() if result.document != document else None


def _findings(shared: Library, job: Job, document: Document) -> list[Finding]:
    """The findings that are wanted.

    What other files made known is forgotten before and after: the answer is the same in whatever order they come.
    """
    if ROOT not in document.text:
        return []  # As the engine would find out after reading every line.
    source = Source(document.text, str(job.path))
    shared.project.opened(source)
    try:
        return [finding for finding in notes_in(shared, source, job.target) if finding in job.selection]
    finally:
        shared.project.closed(source)


def _reported(shared: Library, job: Job, document: Document, findings: Iterable[Finding]) -> Iterable[Reported]:
    lines = document.lines
    for found in findings:
        entry = shared.catalog.find(found.symbol)
        yield Reported(
            found.id,
            found.severity,
            region(lines, found.span),
            found.message,
            found.symbol or None,
            markup.documentation(entry.facts.docs, entry.facts, job.target) if entry else None,
            lines[found.span.start.line],
            tuple(Related(region(lines, span), text) for span, text in found.related),
            tuple(
                Remedy(
                    fix.title,
                    fix.safe,
                    tuple(Replacement(region(lines, edit.span), document.new_text(edit)) for edit in fix.edits),
                )
                for fix in found.fixes
            ),
        )
