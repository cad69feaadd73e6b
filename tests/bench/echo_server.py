"""The floor: a bare pygls server with constant answers.

It keeps the documents as pygls does by default and looks at nothing;
with the argument `null` it answers `null`, as a server does that has nothing to say.
"""

from __future__ import annotations

import sys

from lsprotocol import types
from pygls.lsp.server import LanguageServer

_TEXT = types.MarkupContent(
    types.MarkupKind.Markdown,
    "```python\nasyncio.wait_for(fut, timeout) -> T\n```\n**Await it.** "
    + "Wait for an awaitable, but no longer than so many seconds. " * 12,
)
_HOVER = types.Hover(_TEXT)
_HELP = types.SignatureHelp(
    [
        types.SignatureInformation(
            "wait_for(fut, timeout) -> T",
            _TEXT,
            [types.ParameterInformation((9, 12)), types.ParameterInformation((14, 21))],
        )
    ],
    active_signature=0,
    active_parameter=0,
)
_ITEMS = types.CompletionList(
    is_incomplete=False,
    items=[
        types.CompletionItem(f"gather_{number}(…)", kind=types.CompletionItemKind.Function, detail="Run awaitables.")
        for number in range(100)
    ],
)


def make_server(*, null: bool) -> LanguageServer:
    """Make the server; `null` makes it answer `null`."""
    sync = types.TextDocumentSyncKind.Incremental
    server = LanguageServer("echo", "1", text_document_sync_kind=sync)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(_params: types.HoverParams) -> types.Hover | None:
        return None if null else _HOVER

    @server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpOptions(["(", ","]))
    def signature_help(_params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        return None if null else _HELP

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=["."]))
    def completion(_params: types.CompletionParams) -> types.CompletionList | None:
        return None if null else _ITEMS

    return server


if __name__ == "__main__":
    make_server(null=sys.argv[1:] == ["null"]).start_io()
