"""The protocol of pygls with documents of our own and a shorter way for requests.

What is shortened, within pygls' own extension points:

- standard input is read by the event loop itself instead of through a thread per header line;
- a plain function that answers a request is called at once, without a future around it;
- an answer that was encoded before is sent as it is.

Every message that comes in is still checked against the types of the protocol.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
import sys
from collections.abc import Awaitable, Generator
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async
from pygls.protocol import LanguageServerProtocol, lsp_method

if TYPE_CHECKING:
    from asyncio_lsp.server.app import AsyncioServer

log = logging.getLogger(__name__)
_LARGEST_HEADER = 1 << 20
_REACH_OPENED, _REACH_EDITED = 4_000, 400
"""How many lines away hovers are worked out ahead."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """The result of a request as JSON text."""

    text: str


Answer = Encoded | Awaitable[Encoded | None] | None


class Protocol(LanguageServerProtocol):
    """Where messages come in and go out."""

    _server: AsyncioServer

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Leave out what will be registered once the settings are known."""
        result = yield from super().lsp_initialize(params)
        self._server.started(params, result.capabilities)
        return result

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take over a document."""
        source = self._server.documents.open(params.text_document)
        self._server.look_ahead(source, 0, _REACH_OPENED)
        self._server.changed(params.text_document.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply edits."""
        changed = self._server.documents.change(params.text_document.uri, params.content_changes)
        if changed is None:
            log.warning("a change of %s, which is not open, is ignored", params.text_document.uri)
        else:
            self._server.look_ahead(*changed, _REACH_EDITED)
            self._server.changed(params.text_document.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forget a document."""
        self._server.documents.close(params.text_document.uri)
        self._server.closed(params.text_document.uri)

    def encode(self, result: object) -> Encoded:
        """Turn a result into JSON text that can be sent many times."""
        return Encoded(json.dumps(result, default=self._serialize_message))

    def _handle_request(self, msg_id: str | int, method_name: str, params: Any) -> None:
        """Call a plain handler at once; everything else, errors included, goes pygls' way."""
        handler = self._server.direct.get(method_name)
        if handler is None:
            super()._handle_request(msg_id, method_name, params)
            return
        try:
            result = handler(self._server, params)
        except Exception:  # noqa: BLE001  # pygls calls it again and answers with the error.
            super()._handle_request(msg_id, method_name, params)
            return
        if isinstance(result, asyncio.Future):
            waiting = asyncio.shield(result)  # Another request may wait for the same answer.
            self._request_futures[msg_id] = waiting  # type: ignore[assignment]  # pygls keeps both kinds of futures.
            waiting.add_done_callback(partial(self._send_handler_result, msg_id=msg_id))
        else:
            self._send_response(msg_id, result)

    def _send_response(self, msg_id: str | int, result: Any | None = None, error: Any | None = None) -> None:
        if error is not None or not isinstance(result, Encoded | None) or self.writer is None:
            super()._send_response(msg_id, result, error)
            return
        self._result_types.pop(msg_id, None)
        text = result.text if result is not None else "null"
        body = f'{{"id": {json.dumps(msg_id)}, "jsonrpc": "2.0", "result": {text}}}'.encode()
        self.writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


def serve_stdio(server: AsyncioServer) -> None:
    """Serve on standard input and output until the client leaves."""
    server.protocol.set_writer(StdoutWriter(sys.stdout.buffer))
    try:
        asyncio.run(_serve(server))
    except BrokenPipeError:
        log.error("the client is gone")  # noqa: TRY400  # Where it happened says nothing about why.
    except KeyboardInterrupt:
        pass


def serve_tcp(server: AsyncioServer, host: str, port: int) -> int:
    """Serve the first client that connects, until it leaves, and give the exit status; an OSError says why not."""
    try:
        return asyncio.run(_serve_tcp(server, host, port))
    except KeyboardInterrupt:
        return 0


async def _serve_tcp(server: AsyncioServer, host: str, port: int) -> int:
    left: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.protocol.set_writer(writer)
        status = 0
        try:
            await run_async(Event(), reader, server.protocol, log, server.report_server_error)
        except SystemExit as leaving:  # So pygls leaves; it must not end the loop from inside a callback.
            status = leaving.code if isinstance(leaving.code, int) else 0
        except asyncio.CancelledError:
            return
        if not left.done():
            left.set_result(status)

    listening = await asyncio.start_server(connected, host, port)
    async with listening:
        return await left


async def _serve(server: AsyncioServer) -> None:
    reader = await _pipe_reader() or StdinAsyncReader(sys.stdin.buffer, None)
    await run_async(Event(), reader, server.protocol, log, server.report_server_error)


async def _pipe_reader() -> asyncio.StreamReader | None:
    """Let the event loop read standard input; None where it cannot, as on Windows and for files."""
    kind = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)):
        return None
    reader = asyncio.StreamReader(limit=_LARGEST_HEADER)
    try:
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    except (NotImplementedError, ValueError, OSError):
        return None
    return reader
