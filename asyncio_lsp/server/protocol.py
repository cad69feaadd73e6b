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
from pygls.exceptions import JsonRpcException
from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCRequestMessage

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


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that cannot be understood; `id` is None for a notification."""

    id: str | int | None
    reason: str


Answer = Encoded | Awaitable[Encoded | None] | None


class Protocol(LanguageServerProtocol):
    """Where messages come in and go out."""

    _server: AsyncioServer

    def __init__(self, server: AsyncioServer, converter: Any) -> None:
        super().__init__(server, converter)
        self._asked: dict[str | int, asyncio.Future[Any]] = {}
        """The requests whose answers take their time."""

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

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Check a message against the types of the protocol; one that does not fit is refused, not lost."""
        if "jsonrpc" not in data or "method" not in data:
            return super().structure_message(data)
        method, msg_id = data["method"], data.get("id")
        kind = self.get_message_type(method) or (JsonRPCNotification if msg_id is None else JsonRPCRequestMessage)
        try:
            return self._converter.structure(data, kind)
        except Exception as error:  # noqa: BLE001  # cattrs raises whatever a constructor raises.
            log.warning("%s is ill-formed: %s", method, type(error).__name__)
            return Refused(msg_id, f"{method} is ill-formed")

    def handle_message(self, message: Any) -> None:
        """Pass a message to its handler; a request out of turn is answered by an error."""
        if isinstance(message, Refused):
            if message.id is not None:
                self._refuse(message.id, types.ErrorCodes.InvalidParams, message.reason)
            return
        msg_id = getattr(message, "id", None)
        if msg_id is not None and hasattr(message, "method"):
            if self._shutdown:
                self._refuse(msg_id, types.ErrorCodes.InvalidRequest, "the server is shutting down")
                return
            if self._workspace is None and message.method != types.INITIALIZE:
                self._refuse(msg_id, types.ErrorCodes.ServerNotInitialized, "the server is not initialized")
                return
            if message.method in self._server.direct:
                self._handle_request(msg_id, message.method, message.params)
                return
        super().handle_message(message)

    def _refuse(self, msg_id: str | int, code: types.ErrorCodes | types.LSPErrorCodes, reason: str) -> None:
        self._send_response(msg_id, None, types.ResponseError(code.value, reason))

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Answer what is still being worked on before saying goodbye."""
        for msg_id in list(self._asked):
            del self._asked[msg_id]
            self._refuse(msg_id, types.LSPErrorCodes.RequestCancelled, "the server is shutting down")
        yield from super().lsp_shutdown(*args)

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
            self._asked[msg_id] = waiting
            self._request_futures[msg_id] = waiting  # type: ignore[assignment]  # pygls keeps both kinds of futures.
            waiting.add_done_callback(partial(self._send_asked, msg_id))
        else:
            self._send_response(msg_id, result)

    def _send_asked(self, msg_id: str | int, future: asyncio.Future[Any]) -> None:
        """Send an answer that took its time, unless it was refused meanwhile."""
        if self._asked.pop(msg_id, None) is not None:
            self._send_handler_result(future, msg_id=msg_id)
        elif not future.cancelled():
            future.exception()

    def _send_handler_result(self, future: Any, *, msg_id: str | int) -> None:
        """Send an answer; that there is none any more is an answer too, and nothing to report."""
        error = None if future.cancelled() else future.exception()
        if isinstance(error, JsonRpcException):
            self._request_futures.pop(msg_id, None)
            self._send_response(msg_id, None, error.to_response_error())
        else:
            super()._send_handler_result(future, msg_id=msg_id)

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
    except SystemExit as leaving:
        if server.is_asking:  # Python would wait for the thread, which may take seconds and has nobody to tell.
            os._exit(leaving.code if isinstance(leaving.code, int) else 0)
        raise
    except BrokenPipeError:
        log.error("the client is gone")
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


def _quiet(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say nothing of what is cancelled because the server ends."""
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


async def _serve(server: AsyncioServer) -> None:
    asyncio.get_running_loop().set_exception_handler(_quiet)
    reader = await _pipe_reader() or StdinAsyncReader(sys.stdin.buffer, None)
    try:
        await run_async(Event(), reader, server.protocol, log, server.report_server_error)
    except asyncio.IncompleteReadError:
        log.warning("the client left in the middle of a message")


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
