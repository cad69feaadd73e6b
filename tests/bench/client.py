"""A language client that measures: synchronous, so that nothing but the server runs between question and answer."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Timer
from time import perf_counter, sleep
from types import TracebackType
from typing import Any, Self

from asyncio_lsp.analysis.text import Position

_PATIENCE = 300.0  # Seconds for a whole session; a server that hangs is ended.
_QUIET = 0.4  # Seconds without work, longer than the pauses of a server that works in slices.
_REST = 5.0  # Seconds.
_PROVIDERS = {
    "textDocument/hover": "hoverProvider",
    "textDocument/signatureHelp": "signatureHelpProvider",
    "textDocument/completion": "completionProvider",
}
# What a well-equipped editor says of itself.
_CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "workspaceFolders": True,
    },
    "textDocument": {
        "synchronization": {"dynamicRegistration": True, "didSave": True},
        "hover": {"dynamicRegistration": True, "contentFormat": ["markdown", "plaintext"]},
        "signatureHelp": {
            "dynamicRegistration": True,
            "contextSupport": True,
            "signatureInformation": {
                "documentationFormat": ["markdown", "plaintext"],
                "parameterInformation": {"labelOffsetSupport": True},
                "activeParameterSupport": True,
            },
        },
        "completion": {
            "dynamicRegistration": True,
            "contextSupport": True,
            "completionItem": {
                "snippetSupport": True,
                "documentationFormat": ["markdown", "plaintext"],
                "tagSupport": {"valueSet": [1]},
                "labelDetailsSupport": True,
                "resolveSupport": {"properties": ["documentation", "detail", "additionalTextEdits"]},
                "insertReplaceSupport": True,
                "insertTextModeSupport": {"valueSet": [1, 2]},
            },
            "completionList": {"itemDefaults": ["commitCharacters", "editRange", "insertTextFormat", "data"]},
        },
        "publishDiagnostics": {"relatedInformation": True, "tagSupport": {"valueSet": [1, 2]}},
    },
}


class SessionError(Exception):
    """A server that ended, hung, or answered with an error; the text is one line."""


@dataclass(frozen=True)
class Answer:
    """A result and when its last byte was read, on the clock of `perf_counter`, before it was decoded."""

    result: Any
    received: float


class Session:
    """One server process; `started` is when it was asked for, on the clock of `perf_counter`."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        """Start a server that works in `folder`, which is also its workspace."""
        self.folder = folder
        self._ids = count(1)
        self._ready: set[str] = set()
        self.started = perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, **environment},
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._buffer = bytearray()
        self._watch = Timer(_PATIENCE, self._process.kill)
        self._watch.daemon = True
        self._watch.start()

    def initialize(self) -> Answer:
        """Shake hands; what the server registers later may still be under way."""
        parameters = {
            "processId": os.getpid(),
            "rootUri": self.folder.as_uri(),
            "workspaceFolders": [{"uri": self.folder.as_uri(), "name": "bench"}],
            "capabilities": _CAPABILITIES,
        }
        answer = self.request("initialize", parameters)
        capabilities = answer.result["capabilities"]
        self._ready |= {method for method, provider in _PROVIDERS.items() if capabilities.get(provider)}
        self.notify("initialized", {})
        return answer

    def wait_for(self, method: str) -> None:
        """Wait until the server offers a method, as an editor does before it asks."""
        while method not in self._ready:
            self._handle(self._receive())

    def request(self, method: str, parameters: object) -> Answer:
        """Ask and wait for the answer; the server's own requests are answered meanwhile."""
        number = next(self._ids)
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
        while True:
            body = self._receive()
            received = perf_counter()
            message = self._handle(body)
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise SessionError(f"{method}: {message['error'].get('message')}")
                return Answer(message["result"], received)

    def notify(self, method: str, parameters: object) -> None:
        """Tell the server something."""
        self._send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def resident(self) -> float:
        """Read the resident size of the process from Linux's /proc, in MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def rest(self) -> None:
        """Wait until the server has stopped working on its own; without Linux's /proc, for as long as that may take."""
        statistics = Path(f"/proc/{self._process.pid}/stat")
        if not statistics.exists():
            sleep(_REST)
            return
        used, since, begun = 0, 0.0, perf_counter()
        while (now := perf_counter()) - since < _QUIET:
            fields = statistics.read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks = int(fields[11]) + int(fields[12])
            if ticks != used:
                used, since = ticks, now
            if now - begun > _PATIENCE:
                raise SessionError("the server never stops working")
            sleep(0.02)

    def close(self) -> None:
        """End the server: politely, then by force."""
        try:
            self.request("shutdown", None)
            self.notify("exit", None)
            self._process.wait(5)
        except (SessionError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        finally:
            self._watch.cancel()
            self._in.close()
            self._out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _handle(self, body: bytes) -> dict[str, Any]:
        """Decode a message, and answer it when the server asks something."""
        message: dict[str, Any] = json.loads(body)
        if "method" in message and "id" in message:
            parameters = message.get("params") or {}
            if message["method"] == "client/registerCapability":
                self._ready |= {each["method"] for each in parameters["registrations"]}
            asked = message["method"] == "workspace/configuration"
            result = [None] * len(parameters["items"]) if asked else None
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        return message

    def _send(self, message: object) -> None:
        body = json.dumps(message, separators=(",", ":")).encode()
        try:
            data = memoryview(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            while data:
                data = data[self._in.write(data) :]
        except OSError as error:
            raise SessionError(f"the server reads no more: {error}") from error

    def _receive(self) -> bytes:
        """Read one message."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._read()
        fields = dict(line.split(b": ", 1) for line in bytes(self._buffer[:end]).split(b"\r\n"))
        start, length = end + 4, int(fields[b"Content-Length"])
        while len(self._buffer) < start + length:
            self._read()
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return body

    def _read(self) -> None:
        data = self._out.read(1 << 18)
        if not data:
            raise SessionError(f"the server ended, or gave no answer for {_PATIENCE:.0f} seconds")
        self._buffer += data


class Document:
    """A text that is open in a session."""

    def __init__(self, session: Session, name: str, text: str) -> None:
        """Open it under a name in the workspace; it is not written to disk."""
        self.uri = (session.folder / name).as_uri()
        self._session = session
        self._version = count(2)
        item = {"uri": self.uri, "languageId": "python", "version": 1, "text": text}
        session.notify("textDocument/didOpen", {"textDocument": item})

    def edit(self, start: Position, end: Position, text: str) -> None:
        """Replace the text between two positions, in one incremental change."""
        change = {"range": {"start": _sent(start), "end": _sent(end)}, "text": text}
        document = {"uri": self.uri, "version": next(self._version)}
        self._session.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def insert(self, at: Position, text: str) -> Position:
        """Type something, and return the position behind it."""
        self.edit(at, at, text)
        *above, last = text.split("\n")
        return Position(at.line + len(above), len(last) if above else at.column + len(last))

    def close(self) -> None:
        """Close it in the editor."""
        self._session.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def ask(self, method: str, at: Position, trigger: str | None = None) -> Answer:
        """Ask for the hover, the signature help or the completion at a position; `trigger` is what was just typed."""
        parameters: dict[str, Any] = {"textDocument": {"uri": self.uri}, "position": _sent(at)}
        if trigger is not None:
            parameters["context"] = {"triggerKind": 2, "triggerCharacter": trigger, "isRetrigger": False}
        return self._session.request(f"textDocument/{method}", parameters)


def _sent(position: Position) -> dict[str, int]:
    return {"line": position.line, "character": position.column}
