"""Notes as diagnostics, pushed or pulled, and the quick fixes that mend them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.features import markup
from asyncio_lsp.features.notes.engine import note_steps, notes_in
from asyncio_lsp.features.notes.finding import Finding
from asyncio_lsp.features.notes.refactorings import refactorings_at
from asyncio_lsp.features.notes.selection import Selection, selected
from asyncio_lsp.server import ahead, convert

if TYPE_CHECKING:
    from asyncio_lsp.server.app import AsyncioServer

_QUIET_SECONDS = 0.12
FIX_ALL = "source.fixAll.asyncio-lsp"
OF_OTHERS = {
    "RUF006": "result-discarded",
    "ASYNC251": "blocks-the-loop",
    "reportUnusedCoroutine": "not-awaited",
    "unused-coroutine": "not-awaited",
    "UP041": "timeout-error-alias",
}


def wanted(server: AsyncioServer, source: Source) -> list[Finding]:
    """The findings of a document that the settings ask for."""
    if not server.settings.diagnostics_enabled:
        return []
    selection = _selected(server)
    return [found for found in notes_in(server.library, source, server.target(source)) if found in selection]


async def wanted_in_slices(server: AsyncioServer, source: Source) -> list[Finding] | None:
    """The same, while other requests are answered in between; None when the document changed meanwhile."""
    if not server.settings.diagnostics_enabled:
        return []
    selection, revision, found = _selected(server), source.revision, []
    steps = note_steps(server.library, source, server.target(source))
    async for findings in ahead.in_slices(steps):
        if source.revision != revision:
            return None
        found += [each for each in findings if each in selection]
    return sorted(found, key=lambda each: (each.span, each.id))


def _selected(server: AsyncioServer) -> Selection:
    settings, catalog = server.settings, server.library.catalog
    try:
        return selected(catalog, settings.diagnostics_select, settings.diagnostics_ignore)
    except ValueError as error:
        server.complain(f"setting diagnostics.select or diagnostics.ignore: {error}; the default is used")
        return selected(catalog, None, ())


def _diagnostic(server: AsyncioServer, uri: str, source: Source, found: Finding) -> types.Diagnostic:
    entry = server.library.catalog.find(found.symbol)
    link = markup.documentation(entry.facts.docs, entry.facts, server.target(source)) if entry else None
    return convert.diagnostic(source, uri, found, link, server.client, server.documents.encoding)


async def push_later(server: AsyncioServer, uri: str) -> None:
    """Publish the diagnostics of a document once typing has paused."""
    await asyncio.sleep(_QUIET_SECONDS)
    source = server.documents.get(uri)
    found = await wanted_in_slices(server, source) if source is not None else None
    if source is not None and found is not None:
        shown = [_diagnostic(server, uri, source, each) for each in found]
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown))


async def pulled(
    server: AsyncioServer, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport:
    """The diagnostics of a document for a client that asks."""
    uri = params.text_document.uri
    source = server.documents.get(uri)
    found = await wanted_in_slices(server, source) if source is not None else []
    if source is None:
        return types.RelatedFullDocumentDiagnosticReport([])
    if found is None:
        raise JsonRpcException("the document changed meanwhile", types.LSPErrorCodes.ContentModified.value)
    return types.RelatedFullDocumentDiagnosticReport([_diagnostic(server, uri, source, each) for each in found])


def actions(server: AsyncioServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The quick fixes of what was found in a range, also for what other tools reported there."""
    uri = params.text_document.uri
    source = server.documents.get(uri)
    if source is None or not server.client.code_action_literals:
        return []
    encoding = server.documents.encoding
    start, end = (convert.position(source, each, encoding) for each in (params.range.start, params.range.end))
    every = notes_in(server.library, source, server.target(source))
    reported = {str(each.code): each for each in params.context.diagnostics if each.code is not None}
    shown = {found.id for found in wanted(server, source)} | {OF_OTHERS[code] for code in reported if code in OF_OTHERS}
    out = []
    for found in every:
        if found.id in shown and _touches(found.span, start, end):
            related = [each for code, each in reported.items() if code == found.id or OF_OTHERS.get(code) == found.id]
            out += [convert.code_action(source, uri, fix, related, encoding) for fix in found.fixes]
    out += _rewritings(server, source, uri, params, Span(start, end))
    return out + _fix_all(server, source, uri, params, every)


def _rewritings(
    server: AsyncioServer, source: Source, uri: str, params: types.CodeActionParams, span: Span
) -> list[types.CodeAction]:
    """What the call at a range can be rewritten to, unless the client asks for other kinds alone."""
    kind = types.CodeActionKind.RefactorRewrite
    only = [str(getattr(each, "value", each)) for each in params.context.only or ()]
    if only and not any(kind.value == each or kind.value.startswith(f"{each}.") for each in only):
        return []
    encoding = server.documents.encoding
    out = []
    for fix in refactorings_at(server.library, source, span, server.target(source)):
        edits = [types.TextEdit(convert.range_(source, edit.span, encoding), edit.text) for edit in fix.edits]
        out.append(types.CodeAction(fix.title, kind, edit=types.WorkspaceEdit({uri: edits})))
    return out


def _fix_all(
    server: AsyncioServer, source: Source, uri: str, params: types.CodeActionParams, every: list[Finding]
) -> list[types.CodeAction]:
    if not any(
        str(kind.value if isinstance(kind, types.CodeActionKind) else kind) == FIX_ALL
        for kind in params.context.only or ()
    ):
        return []
    selection = _selected(server)
    edits = [edit for found in every if found in selection for fix in found.fixes[:1] if fix.safe for edit in fix.edits]
    if not edits:
        return []
    changes = [
        types.TextEdit(convert.range_(source, edit.span, server.documents.encoding), edit.text) for edit in edits
    ]
    return [types.CodeAction("Fix all asyncio problems", FIX_ALL, edit=types.WorkspaceEdit({uri: changes}))]


def _touches(span: Span, start: Position, end: Position) -> bool:
    return span.start <= end and start <= span.end
