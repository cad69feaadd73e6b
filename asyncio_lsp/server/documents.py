"""The documents that the client has open."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path

from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.server import convert


class Documents:
    """Open documents by URI, kept up to date change by change."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sources: dict[str, Source] = {}
        self.encoding = types.PositionEncodingKind.Utf16

    def get(self, uri: str) -> Source | None:
        """The document of a URI, None for one that is not open."""
        return self._sources.get(uri) or self._sources.get(unquote(uri))

    def open(self, document: types.TextDocumentItem) -> Source:
        """Take over a document from the client."""
        return self._put(document.uri, document.text)

    def change(self, uri: str, changes: Sequence[types.TextDocumentContentChangeEvent]) -> tuple[Source, int] | None:
        """Apply edits in their order: the document and the line of the last one, None for one that is not open."""
        line = 0
        for change in changes:
            source = self.get(uri)
            if isinstance(change, types.TextDocumentContentChangeWholeDocument):
                self._put(uri, change.text)
            elif source is not None:
                start = convert.position(source, change.range.start, self.encoding)
                end = convert.position(source, change.range.end, self.encoding)
                source.edit(start, end, change.text)
                self._project.edited()
                line = start.line
        source = self.get(uri)
        return (source, line) if source is not None else None

    def close(self, uri: str) -> None:
        """Let the file on disk count again."""
        source = self._sources.pop(unquote(uri), None)
        if source is not None:
            self._project.closed(source)

    @property
    def uris(self) -> list[str]:
        """The URIs of all open documents."""
        return list(self._sources)

    def _put(self, uri: str, text: str) -> Source:
        source = Source(text, to_fs_path(uri))
        self._sources[unquote(uri)] = source
        self._project.opened(source)
        return source
