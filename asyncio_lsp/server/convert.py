"""Our types to those of the protocol and back.

Columns of the protocol count units of the negotiated encoding; ours count code points.
"""

from __future__ import annotations

import re

from lsprotocol import types

from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.catalog.declaration import Kind
from asyncio_lsp.catalog.entry import Severity
from asyncio_lsp.catalog.version import NEWEST, Target, Version, exactly
from asyncio_lsp.features.completion import Completion, Offer
from asyncio_lsp.features.hover import Hover
from asyncio_lsp.features.imports import NewLines
from asyncio_lsp.features.inlay_hints import InlayHint
from asyncio_lsp.features.notes.finding import Finding, Fix
from asyncio_lsp.features.plain import plain
from asyncio_lsp.features.signature_help import SignatureHelp
from asyncio_lsp.server.client import Client

Encoding = types.PositionEncodingKind
_ITEM_KINDS = {
    Kind.FUNCTION: types.CompletionItemKind.Function,
    Kind.COROUTINE_FUNCTION: types.CompletionItemKind.Function,
    Kind.METHOD: types.CompletionItemKind.Method,
    Kind.COROUTINE_METHOD: types.CompletionItemKind.Method,
    Kind.CLASS: types.CompletionItemKind.Class,
    Kind.EXCEPTION: types.CompletionItemKind.Class,
    Kind.PROPERTY: types.CompletionItemKind.Property,
    Kind.CONSTANT: types.CompletionItemKind.Constant,
    Kind.MODULE: types.CompletionItemKind.Module,
}


def position(source: Source, given: types.Position, encoding: Encoding) -> Position:
    """A position of the client; one outside the text becomes the nearest inside."""
    if given.line >= len(source.lines):
        return source.clamp(Position(given.line, 0))
    return Position(given.line, code_points(source.lines[given.line], given.character, encoding))


def code_points(line: str, units: int, encoding: Encoding) -> int:
    """How many code points the first `units` units of a line are; at most all."""
    if encoding is Encoding.Utf32 or line.isascii():
        return min(units, len(line))
    return len(_encoded(line, encoding)[: units * _width(encoding)].decode(_codec(encoding), "ignore"))


def units(line: str, columns: int, encoding: Encoding) -> int:
    """How many units of the encoding the first `columns` code points of a line are."""
    if encoding is Encoding.Utf32 or line.isascii():
        return columns
    return len(_encoded(line[:columns], encoding)) // _width(encoding)


def _encoded(text: str, encoding: Encoding) -> bytes:
    return text.encode(_codec(encoding), "surrogatepass")


def _codec(encoding: Encoding) -> str:
    return "utf-8" if encoding is Encoding.Utf8 else "utf-16-le"


def _width(encoding: Encoding) -> int:
    return 1 if encoding is Encoding.Utf8 else 2


def range_(source: Source, span: Span, encoding: Encoding) -> types.Range:
    """A range of the client."""
    start, end = (types.Position(place.line, units(source.lines[place.line], place.column, encoding)) for place in span)
    return types.Range(start, end)


def inlay_hint(source: Source, hint: InlayHint, encoding: Encoding) -> types.InlayHint:
    """A hint as the client shows it."""
    line, column = hint.place
    place = types.Position(line, units(source.lines[line], column, encoding))
    return types.InlayHint(place, hint.text, types.InlayHintKind.Type)


def markup(markdown: str, *, shows_markdown: bool) -> types.MarkupContent:
    """A text as the client can show it."""
    if shows_markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    return types.MarkupContent(types.MarkupKind.PlainText, plain(markdown))


def documentation(markdown: str, shown: types.MarkupKind | None) -> types.MarkupContent | str:
    """A text in the format that the client prefers, a plain string where it prefers none."""
    if shown is None:
        return plain(markdown)
    return markup(markdown, shows_markdown=shown is types.MarkupKind.Markdown)


def hover(source: Source, answer: Hover, client: Client, encoding: Encoding) -> types.Hover:
    """A hover with the range of the name."""
    text = markup(answer.markdown, shows_markdown=client.hover_markdown)
    return types.Hover(text, range_(source, answer.span, encoding))


def signature_help(answer: SignatureHelp, client: Client) -> types.SignatureHelp:
    """One signature; without the newer capabilities, "no active parameter" is an index behind the last one."""
    active: int | None = answer.active
    if active is None and not client.no_active_parameter:
        active = len(answer.parameters)
    signature = types.SignatureInformation(
        answer.label,
        documentation(answer.documentation, client.signature_format),
        [_parameter(answer, index, client) for index in range(len(answer.parameters))],
        active if client.active_parameter_in_signature else None,
    )
    return types.SignatureHelp([signature], active_signature=0, active_parameter=active)


def _parameter(answer: SignatureHelp, index: int, client: Client) -> types.ParameterInformation:
    parameter = answer.parameters[index]
    label: str | tuple[int, int] = answer.label[parameter.start : parameter.end]
    if client.label_offsets:
        offsets = (parameter.start, parameter.end)
        start, end = (units(answer.label, offset, Encoding.Utf16) for offset in offsets)
        label = (start, end)
    return types.ParameterInformation(label, documentation(parameter.text, client.signature_format))


def completion(
    answer: Completion, written: types.Range, client: Client, target: Target, *, snippets: bool
) -> types.CompletionList:
    """A complete list of items that replace what is written: typing on asks for nothing."""
    items = [_item(offer, written, client, snippets=snippets) for offer in answer.offers]
    for item, offer in zip(items, answer.offers, strict=True):
        item.data = {"name": offer.name, "python": [str(target.oldest), str(target.newest or "")]}
    return types.CompletionList(is_incomplete=False, items=items)


def name_of_item(item: types.CompletionItem) -> str | None:
    """The entry that an item of ours stands for."""
    match item.data:
        case {"name": str(name)}:
            return name
    return None


def target_of_item(item: types.CompletionItem) -> Target:
    """The target that the list of an item was made for."""
    match item.data:
        case {"python": [str(oldest), str(newest)]}:
            return Target(Version.parse(oldest), Version.parse(newest) if newest else None, "item")
    return exactly(NEWEST, "item")


def _item(offer: Offer, written: types.Range, client: Client, *, snippets: bool) -> types.CompletionItem:
    as_snippet = snippets and client.snippets and offer.snippet is not None
    adjust = client.insert_text_mode and "\n" in offer.plain
    text = offer.snippet if as_snippet and offer.snippet is not None else offer.plain
    if not as_snippet and not adjust:
        text = _LINE_START.sub(offer.indent, text)
    details = types.CompletionItemLabelDetails(description=offer.version) if offer.version else None
    return types.CompletionItem(
        label=offer.label,
        label_details=details if client.label_details else None,
        kind=_ITEM_KINDS[offer.kind] if offer.kind else types.CompletionItemKind.Snippet,
        tags=[types.CompletionItemTag.Deprecated] if offer.deprecated and client.deprecated_tag else None,
        deprecated=True if offer.deprecated and client.deprecated_flag and not client.deprecated_tag else None,
        detail=f"{offer.version} {offer.detail}" if offer.version and not client.label_details else offer.detail,
        sort_text=offer.sort,
        filter_text=offer.filter,
        insert_text_format=types.InsertTextFormat.Snippet if as_snippet else types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AdjustIndentation if adjust else None,
        text_edit=types.TextEdit(written, text),
        additional_text_edits=[_above(each) for each in offer.above] or None,
    )


_LINE_START = re.compile(r"(?<=\n)(?!\n|$)")
"""Where the lines behind the first one begin, but for empty ones."""


def _above(lines: NewLines) -> types.TextEdit:
    place = types.Position(lines.line, 0)
    return types.TextEdit(types.Range(place, place), lines.text)


_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
SOURCE = "asyncio-lsp"


def diagnostic(
    source: Source, uri: str, found: Finding, link: str | None, client: Client, encoding: Encoding
) -> types.Diagnostic:
    """A finding as the client can show it."""
    related = [
        types.DiagnosticRelatedInformation(types.Location(uri, range_(source, span, encoding)), text)
        for span, text in found.related
    ]
    return types.Diagnostic(
        range_(source, found.span, encoding),
        found.message,
        _SEVERITIES[found.severity],
        found.id,
        types.CodeDescription(link) if link and client.diagnostic_links else None,
        SOURCE,
        [types.DiagnosticTag.Deprecated] if found.gone and client.diagnostic_tags else None,
        related if related and client.diagnostic_related else None,
    )


def code_action(
    source: Source, uri: str, fix: Fix, diagnostics: list[types.Diagnostic], encoding: Encoding
) -> types.CodeAction:
    """A quick fix of a finding; a safe one is the preferred one."""
    edits = [types.TextEdit(range_(source, edit.span, encoding), edit.text) for edit in fix.edits]
    return types.CodeAction(
        fix.title,
        types.CodeActionKind.QuickFix,
        diagnostics or None,
        is_preferred=True if fix.safe else None,
        edit=types.WorkspaceEdit({uri: edits}),
    )
