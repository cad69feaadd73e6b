"""The server as editors meet it, in three ways.

Editors: pytest-lsp's clients at the other end of the installed command, one for each encoding of positions.
Sessions: a client in the process of the server that speaks plain JSON, one capability at a time.
Conversations: bytes to a process and back, where exit statuses and what lands on stderr matter.

`$0` in a text is the cursor.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import re
import shutil
import subprocess
import sysconfig
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any, Self, TypeAlias

import pytest
import pytest_asyncio
from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.io_ import run_async
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from asyncio_lsp.analysis.text import split_lines
from asyncio_lsp.server.app import make_server

Json: TypeAlias = dict[str, Any]

COMMAND = str(Path(sysconfig.get_path("scripts"), "asyncio-lsp"))
CONTENT = Path(__file__).parent.parent / "content"
PATIENCE = 30  # Seconds until a test that waits for the server gives up.

HOVER = "textDocument/hover"
SIGNATURE_HELP = "textDocument/signatureHelp"
COMPLETION = "textDocument/completion"
RESOLVE = "completionItem/resolve"
FEATURES = [HOVER, SIGNATURE_HELP, COMPLETION]

# What errors say.
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002

in_a_loop = pytest.mark.asyncio
pytestmark = pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning")


# Positions: the tests count on their own.

UNITS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode()),
    "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf-32": len,
}


def place(before: str, encoding: str = "utf-16") -> Json:
    """Find the position behind a text, as a client that counts in an encoding writes it."""
    lines = re.split(r"\r\n|\n|\r", before)
    return {"line": len(lines) - 1, "character": UNITS[encoding](lines[-1])}


def marked(text: str, encoding: str = "utf-16") -> tuple[str, Json]:
    """Take the cursor out of a text: the text without it, and its position."""
    before, cursor, after = text.partition("$0")
    assert cursor, f"no cursor in {text!r}"
    return before + after, place(before, encoding)


def stretch(text: str, part: str, encoding: str = "utf-16") -> Json:
    """Find the range of the last occurrence of a part of a text."""
    start = text.rindex(part)
    return {"start": place(text[:start], encoding), "end": place(text[: start + len(part)], encoding)}


# Editors.

WHOLE = ""  # Stands for the whole document in the place of the part to replace.


@dataclass
class Editor:
    """An editor at the other end of a pipe, with documents that it numbers itself."""

    name: str
    encoding: str
    client: LanguageClient
    greeting: types.InitializeResult
    registered: set[str]
    news: asyncio.Event
    """Set when something has been registered."""
    texts: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def open(self, text: str) -> str:
        """Open a document and return its URI."""
        uri = f"file:///somewhere/{next(self.numbers)}.py"
        document = types.TextDocumentItem(uri, types.LanguageKind.Python, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))
        self.texts[uri] = text
        return uri

    def edit(self, uri: str, *changes: tuple[str, str]) -> str:
        """Replace parts of a document, all in one notification, and return its text."""
        events: list[types.TextDocumentContentChangeEvent] = []
        for part, new in changes:
            text = self.texts[uri]
            if part == WHOLE:
                events.append(types.TextDocumentContentChangeWholeDocument(new))
                self.texts[uri] = new
                continue
            assert part in text
            range_ = get_converter().structure(stretch(text, part, self.encoding), types.Range)
            events.append(types.TextDocumentContentChangePartial(range_, new))
            self.texts[uri] = new.join(text.rsplit(part, 1))
        document = types.VersionedTextDocumentIdentifier(2, uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, events))
        return self.texts[uri]

    def at(self, uri: str, before: str) -> tuple[types.TextDocumentIdentifier, types.Position]:
        """Point behind a text that the document begins with."""
        assert self.texts[uri].startswith(before)
        return types.TextDocumentIdentifier(uri), types.Position(**place(before, self.encoding))

    def cursor(self, text: str) -> tuple[types.TextDocumentIdentifier, types.Position]:
        """Open a text with a cursor, and point there."""
        uri = self.open(text.replace("$0", "", 1))
        return self.at(uri, text.partition("$0")[0])

    def range(self, text: str, part: str) -> types.Range:
        """Find the last occurrence of a part of a text in the editor's units."""
        return get_converter().structure(stretch(text.replace("$0", ""), part, self.encoding), types.Range)


UTF_32 = types.ClientCapabilities(
    general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf32]),
    text_document=types.TextDocumentClientCapabilities(
        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(documentation_format=[types.MarkupKind.Markdown])
        ),
        signature_help=types.SignatureHelpClientCapabilities(
            signature_information=types.ClientSignatureInformationOptions(
                documentation_format=[types.MarkupKind.Markdown]
            )
        ),
    ),
)
EDITORS: dict[str, tuple[list[str], types.ClientCapabilities, str]] = {
    "Neovim": (["serve"], client_capabilities("neovim"), "utf-8"),
    "VS Code": (["--stdio"], client_capabilities("visual-studio-code"), "utf-16"),
    "counts code points": ([], UTF_32, "utf-32"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(EDITORS))
async def editor(request: pytest.FixtureRequest) -> AsyncIterator[Editor]:
    """An editor that all tests of it share; at the end the server must have left in peace."""
    arguments, capabilities, encoding = EDITORS[request.param]
    client = await ClientServerConfig([COMMAND, *arguments]).start()
    assert isinstance(client, LanguageClient)
    registered: set[str] = set()
    news = asyncio.Event()

    def register(params: types.RegistrationParams) -> None:
        registered.update(each.method for each in params.registrations)
        news.set()

    client.feature(types.CLIENT_REGISTER_CAPABILITY)(register)
    greeting = await client.initialize_session(types.InitializeParams(capabilities))
    yield Editor(request.param, encoding, client, greeting, registered, news)
    await client.shutdown_session()
    assert client._server is not None  # noqa: SLF001  # pytest-lsp offers the process nowhere else.
    assert client._server.returncode == 0  # noqa: SLF001
    await client.stop()  # type: ignore[no-untyped-call]  # pytest-lsp left the types out.


with_editors = pytest.mark.asyncio(loop_scope="module")
LINES = {
    "plain": "    await asyncio.",
    "a tab": "\tawait asyncio.",
    "an emoji": '    "\N{GRINNING FACE}"; await asyncio.',
    "a tab and an emoji": '\t"\t\N{GRINNING FACE}\t"; await asyncio.',
    "letters of two and three bytes": '    "é€"; await asyncio.',
    "a letter beyond the first plane": "    \N{MATHEMATICAL SCRIPT CAPITAL X} = await asyncio.",
    "a family and a combining accent": '    "\U0001f469\u200d\U0001f469\u200d\U0001f467e\u0301"; await asyncio.',
}
with_lines = pytest.mark.parametrize("line", LINES.values(), ids=LINES)


@with_editors
async def test_it_says_who_it_is(editor: Editor) -> None:
    info, capabilities = editor.greeting.server_info, editor.greeting.capabilities
    assert info == types.ServerInfo("asyncio-lsp", version("asyncio-lsp"))
    assert capabilities.position_encoding == editor.encoding
    assert isinstance(capabilities.text_document_sync, types.TextDocumentSyncOptions)
    assert capabilities.text_document_sync.open_close
    assert capabilities.text_document_sync.change == types.TextDocumentSyncKind.Incremental


@with_editors
async def test_each_feature_is_announced_once(editor: Editor) -> None:
    """At the start, or later where the client can be told later."""
    dynamic = {"Neovim": {HOVER}, "VS Code": set(FEATURES), "counts code points": set[str]()}[editor.name]
    capabilities = editor.greeting.capabilities
    providers = {
        HOVER: capabilities.hover_provider,
        SIGNATURE_HELP: capabilities.signature_help_provider,
        COMPLETION: capabilities.completion_provider,
    }
    assert {method for method, provider in providers.items() if provider} == set(FEATURES) - dynamic
    async with asyncio.timeout(PATIENCE):
        while not dynamic <= editor.registered:
            await editor.news.wait()
            editor.news.clear()
    await editor.client.text_document_hover_async(types.HoverParams(*editor.cursor("$0")))
    assert editor.registered & set(FEATURES) == dynamic


@with_lines
@with_editors
async def test_hover_counts_like_the_editor(editor: Editor, line: str) -> None:
    text = f"import asyncio\n\nasync def main():\n{line}ga$0ther(work())\n"
    answer = await editor.client.text_document_hover_async(types.HoverParams(*editor.cursor(text)))
    assert answer is not None
    assert isinstance(answer.contents, types.MarkupContent)
    assert answer.contents.value.startswith("```python\nasyncio.gather(")
    assert answer.range == editor.range(text, "gather")


@with_lines
@with_editors
async def test_signature_help_counts_like_the_editor(editor: Editor, line: str) -> None:
    for argument, active in (('"\N{GRINNING FACE}"$0, 1', 0), ('"\N{GRINNING FACE}", $01', 1)):
        text = f"import asyncio\n\nasync def main():\n{line}wait_for({argument})\n"
        params = types.SignatureHelpParams(*editor.cursor(text))
        answer = await editor.client.text_document_signature_help_async(params)
        assert answer is not None
        assert answer.active_parameter == active
        assert answer.signatures[0].label.startswith("wait_for(fut")


@with_lines
@with_editors
async def test_completion_counts_like_the_editor(editor: Editor, line: str) -> None:
    text = f"import asyncio\n\nasync def main():\n{line}gat$0\n"
    answer = await editor.client.text_document_completion_async(types.CompletionParams(*editor.cursor(text)))
    assert isinstance(answer, types.CompletionList)
    [item] = [item for item in answer.items if item.label == "gather(…)"]
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.range == editor.range(text, "gat")
    resolved = await editor.client.completion_item_resolve_async(item)
    assert resolved.label == item.label
    assert resolved.text_edit == item.text_edit
    assert "Run awaitables concurrently" in str(resolved.documentation)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@with_editors
async def test_every_line_end_ends_a_line(editor: Editor, end: str) -> None:
    """And nothing else does, whatever Python's `splitlines` thinks."""
    lines = [
        "import asyncio",
        '"\N{GRINNING FACE}\f\v\x1c\u2028\x85"',
        "async def main():",
        "    await asyncio.sle$0ep(1)",
        "",
    ]
    text = end.join(lines)
    uri = editor.open(text.replace("$0", ""))
    before = text.partition("$0")[0]
    answer = await editor.client.text_document_hover_async(types.HoverParams(*editor.at(uri, before)))
    assert answer is not None
    assert answer.range == editor.range(text, "sleep")
    text = editor.edit(uri, (f"{end}    await", f"{end}    await asyncio.gather(){end}    await"))
    answer = await editor.client.text_document_hover_async(
        types.HoverParams(*editor.at(uri, text[: text.index("gather")]))
    )
    assert answer is not None
    assert answer.range == editor.range(text, "gather")


START = "import asyncio\n\n\nasync def main():\n    text = ''\n    await asyncio.sleep(1)  # end\n"
EDITS: dict[str, tuple[list[list[tuple[str, str]]], str]] = {
    "a word": ([[("sleep", "gather")]], "gather"),
    "typing": ([[("sleep", "g")], [(".g", ".ga")], [("ga", "gat")], [("gat", "gather")]], "gather"),
    "the whole document": ([[(WHOLE, "from asyncio import wait\nwait")]], "wait"),
    "several changes at once": ([[("sleep(1)", "sleep(2)"), ("sleep", "gath"), ("gath", "gather")]], "gather"),
    "the whole document, then a part": ([[(WHOLE, "import asyncio\nasyncio.sleep"), ("sleep", "gather")]], "gather"),
    "a part, then the whole document": ([[("sleep", "gather"), (WHOLE, "import asyncio\nasyncio.run")]], "run"),
    "deleting over lines": ([[("\n\nasync def main():\n    text = ''\n    await ", "")]], "sleep"),
    "joining lines": ([[("\n    await", "; await")]], "sleep"),
    "lines above": ([[("import asyncio\n", "'''\N{GRINNING FACE}\n'''\nimport asyncio\n\n")]], "sleep"),
    "emoji in front": ([[("text = ''\n    ", "text = '\N{GRINNING FACE}'; ")], [("sleep", "gather")]], "gather"),
    "emoji behind emoji": (
        [[("''\n    ", "'\N{GRINNING FACE}'; ")], [("'; ", "\N{GRINNING FACE}\tx'; ")], [("x'; ", "'; ")]],
        "sleep",
    ),
    "a comment": ([[("  # end", "")], [("await", "# await")], [("# await", "await")]], "sleep"),
    "opening a string and closing it": ([[("text = ''", "text = '''")], [("text = '''", "text = ''")]], "sleep"),
    "another name for the module": (
        [[("import asyncio", "import asyncio as aio"), ("await asyncio", "await aio")]],
        "sleep",
    ),
    "at the end": ([[("# end\n", "# end\n    asyncio.gather")]], "gather"),
    "nothing left, then all again": ([[(START, "")], [(WHOLE, START)]], "sleep"),
    "an undone change": ([[("asyncio.sleep", "")], [("await ", "await asyncio.sleep")]], "sleep"),
    "CRLF pasted": ([[("    text = ''\n", "    text = ''\r\n    more = ''\r\n")]], "sleep"),
}


@pytest.mark.parametrize(("notifications", "name"), EDITS.values(), ids=EDITS)
@with_editors
async def test_edits_between_requests(editor: Editor, notifications: list[list[tuple[str, str]]], name: str) -> None:
    uri = editor.open(START)
    for changes in notifications:
        text = editor.edit(uri, *changes)
        # What is read now must not be in the way later.
        await editor.client.text_document_hover_async(types.HoverParams(*editor.at(uri, text[: text.find(".") + 2])))
    before = text[: text.rindex(name) + 1]
    answer = await editor.client.text_document_hover_async(types.HoverParams(*editor.at(uri, before)))
    assert answer is not None
    assert answer.range == editor.range(text, name)
    assert f"asyncio.{name}(" in str(answer.contents)


@with_editors
async def test_what_the_server_notes_down_is_what_the_editor_has(editor: Editor) -> None:
    """Random edits; then the edited document answers as one that is opened afresh."""
    dice = random.Random(editor.encoding)
    pieces = [
        "\n",
        "\r\n",
        "    ",
        "\t",
        "asyncio.sleep",
        "(",
        ")",
        '"',
        "'''",
        "#",
        "\N{GRINNING FACE}",
        "é",
        "async def f():\n",
        ", ",
    ]
    uri = editor.open(START)
    for _ in range(25):
        for _ in range(3):
            text = editor.texts[uri]
            start = dice.randrange(len(text) + 1)
            old = text[start : start + dice.choice([0, 0, 1, 2, 30])]
            if text[start - 1 : start + 1] == "\r\n" or text[start + len(old) - 1 : start + len(old) + 1] == "\r\n":
                continue  # No editor puts a cursor there.
            new = "".join(dice.choices(pieces, k=dice.choice([0, 1, 2])))
            range_ = types.Range(
                types.Position(**place(text[:start], editor.encoding)),
                types.Position(**place(text[: start + len(old)], editor.encoding)),
            )
            change = types.TextDocumentContentChangePartial(range_, new)
            document = types.VersionedTextDocumentIdentifier(2, uri)
            editor.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
            editor.texts[uri] = text[:start] + new + text[start + len(old) :]
        text = editor.texts[uri]
        afresh = editor.open(text)
        for mark in re.finditer(r"asyncio|sleep|\(", text):
            edited, fresh = [
                await editor.client.text_document_hover_async(types.HoverParams(*editor.at(each, text[: mark.start()])))
                for each in (uri, afresh)
            ]
            assert edited == fresh, (text, mark)


# Sessions.


class Session:
    """A client in the process of the server; what it is asked and told is kept."""

    def __init__(
        self,
        capabilities: Json | None = None,
        *,
        content: Path = CONTENT,
        configuration: object = None,
        **greeting: object,
    ) -> None:
        self.server = make_server(content, "0")
        self.capabilities: Json = {}
        self.configuration = configuration
        """What the user set, as the answer to `workspace/configuration`; an exception is answered as an error."""
        self.asked: list[Json] = []
        self.told: list[Json] = []
        self._greeting = {"processId": None, "rootUri": None, "capabilities": capabilities or {}, **greeting}
        self._numbers = count(1)
        self._input = asyncio.StreamReader()
        self._waiting: dict[object, asyncio.Future[Json]] = {}
        self._level = logging.getLogger().level

    async def __aenter__(self) -> Self:
        self.server.protocol.set_writer(self)
        server = self.server
        loop = run_async(Event(), self._input, server.protocol, error_handler=server.report_server_error)
        self._serving = asyncio.create_task(loop)
        self.capabilities = (await self.ask("initialize", self._greeting))["result"]["capabilities"]
        self.tell("initialized", {})
        await self.settled()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._input.feed_eof()
        await self._serving
        self.server.shutdown()  # type: ignore[no-untyped-call]  # pygls left the types out.
        logging.getLogger().setLevel(self._level)

    async def ask(self, method: str, params: object) -> Json:
        """Make a request and return the whole reply."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.send({"id": number, "method": method, "params": params})
        async with asyncio.timeout(PATIENCE):
            return await self._waiting[number]

    def tell(self, method: str, params: object) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def send(self, message: Json) -> None:
        """Send a message."""
        self._input.feed_data(frame(message))

    async def settled(self) -> None:
        """Let everything happen that can; it all happens in this loop."""
        for _ in range(200):
            await asyncio.sleep(0)

    def open(self, text: str, uri: str | None = None) -> str:
        """Open a document, with a URI of its own when none is given."""
        uri = uri if uri is not None else f"file:///somewhere/{next(self._numbers)}.py"
        self.tell(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}}
        )
        return uri

    async def at(self, method: str, text: str, uri: str | None = None) -> Any:
        """Open a text with a cursor, and ask there."""
        plain, position = marked(text)
        return await self.there(method, self.open(plain, uri), position)

    async def there(self, method: str, uri: str, position: Json, **more: object) -> Any:
        """Ask at a position of an open document; an error fails the test."""
        reply = await self.ask(method, {"textDocument": {"uri": uri}, "position": position, **more})
        assert "error" not in reply, reply
        return reply["result"]

    async def offers(self, text: str) -> dict[str, Json]:
        """Complete at the cursor: the items by their labels."""
        answer = await self.at(COMPLETION, text)
        return {item["label"]: item for item in answer["items"]} if answer else {}

    @property
    def complaints(self) -> list[str]:
        """What was written into the client's log."""
        return [each["params"]["message"] for each in self.told if each["method"] == "window/logMessage"]

    def registrations(self) -> set[str]:
        """What is registered now."""
        known: set[str] = set()
        for message in self.asked:
            if message["method"] == "client/registerCapability":
                new = [each["method"] for each in message["params"]["registrations"]]
                assert not known & set(new), f"registered twice: {new}"
                known |= set(new)
            if message["method"] == "client/unregisterCapability":
                known -= {each["method"] for each in message["params"]["unregisterations"]}
        return known

    def write(self, data: bytes) -> None:
        """Take what the server sends, and answer it."""
        for message in unframed(data):
            if "method" not in message:
                self._waiting[message["id"]].set_result(message)
            elif "id" in message:
                self.asked.append(message)
                asyncio.get_running_loop().call_soon(self.send, {"id": message["id"], **self._reply(message)})
            else:
                self.told.append(message)

    def close(self) -> None:
        """Do nothing: there is no pipe."""

    def _reply(self, message: Json) -> Json:
        if message["method"] != "workspace/configuration":
            return {"result": None}
        if isinstance(self.configuration, Exception):
            return {"error": {"code": INTERNAL_ERROR, "message": str(self.configuration)}}
        return {"result": [self.configuration for _ in message["params"]["items"]]}


def frame(message: Json | bytes) -> bytes:
    """Write a message as it goes over a pipe."""
    body = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def unframed(data: bytes) -> Iterator[Json]:
    """Read messages until the end; a byte that belongs to none is an error."""
    header = re.compile(rb"Content-Length: (\d+)\r\n(?:Content-Type: [^\r\n]*\r\n)?\r\n")
    while data:
        match = header.match(data)
        assert match, f"not a message: {data[:200]!r}"
        end = match.end() + int(match[1])
        assert len(data) >= end, "the last message is cut off"
        yield json.loads(data[match.end() : end])
        data = data[end:]


def feature(**capabilities: object) -> Json:
    """Make the capabilities of a client that has these below `textDocument`, and nothing else."""
    return {"textDocument": capabilities}


def item(**capabilities: object) -> Json:
    """Make the capabilities of a client that has these below `completionItem`, and nothing else."""
    return feature(completion={"completionItem": capabilities})


def signature(**capabilities: object) -> Json:
    """Make the capabilities of a client that has these below `signatureInformation`, and nothing else."""
    return feature(signatureHelp={"signatureInformation": capabilities})


GATHER = "import asyncio\nasyncio.gat$0her()\n"
ARGUMENT = "import asyncio\nasyncio.sleep($01)\n"
SURPLUS = "import asyncio\nasyncio.sleep(1, 2, $03)\n"
MEMBER = "import asyncio\nasyncio.gat$0"
# A client that names no format knows documentation as a string only; in a hover a string would be Markdown.
FORMATS = {
    "none named": (None, "string"),
    "an empty list": ([], "string"),
    "Markdown": (["markdown"], "markdown"),
    "Markdown rather than plain text": (["markdown", "plaintext"], "markdown"),
    "plain text rather than Markdown": (["plaintext", "markdown"], "plaintext"),
    "plain text": (["plaintext"], "plaintext"),
}
with_formats = pytest.mark.parametrize(("formats", "kind"), FORMATS.values(), ids=FORMATS)


@with_formats
@in_a_loop
async def test_hover_is_laid_out_as_the_client_can_show_it(formats: list[str] | None, kind: str) -> None:
    async with Session(feature(hover={"contentFormat": formats} if formats is not None else {})) as session:
        hover = await session.at(HOVER, GATHER)
        check_text(hover["contents"], "plaintext" if kind == "string" else kind, "asyncio.gather(")


@with_formats
@in_a_loop
async def test_signature_help_is_laid_out_as_the_client_can_show_it(formats: list[str] | None, kind: str) -> None:
    async with Session(signature(**({"documentationFormat": formats} if formats is not None else {}))) as session:
        answer = await session.at(SIGNATURE_HELP, "import asyncio\nasyncio.gather($0)\n")
        check_text(answer["signatures"][0]["documentation"], kind, "Await it.", code="**Await it.**")
        check_text(answer["signatures"][0]["parameters"][0]["documentation"], kind, "aws", code="`*aws`")


@with_formats
@in_a_loop
async def test_completion_is_laid_out_as_the_client_can_show_it(formats: list[str] | None, kind: str) -> None:
    named = {"documentationFormat": formats} if formats is not None else {}
    for lazily in ({}, {"resolveSupport": {"properties": ["documentation"]}}):
        async with Session(item(**named, **lazily)) as session:
            offer = (await session.offers(MEMBER))["gather(…)"]
            resolved = (await session.ask(RESOLVE, offer))["result"]
            check_text(resolved["documentation"], kind, "asyncio.gather(")


def check_text(content: Json | str, kind: str, expected: str, code: str = "```python\n") -> None:
    """Check a text and its kind, which is `string` for one that has none."""
    text, given = (content, "string") if isinstance(content, str) else (content["value"], content["kind"])
    assert given == kind
    assert expected in text
    if kind == "markdown":
        assert code in text
    else:
        assert not re.search(r"\*\*[^*]|`|\]\(http", text), text


@in_a_loop
async def test_a_format_of_one_feature_says_nothing_of_the_others() -> None:
    async with Session(feature(hover={"contentFormat": ["markdown"]})) as session:
        check_text((await session.at(HOVER, GATHER))["contents"], "markdown", "asyncio.gather")
        answer = await session.at(SIGNATURE_HELP, ARGUMENT)
        check_text(answer["signatures"][0]["documentation"], "string", "Await it.")
        check_text((await session.offers(MEMBER))["gather(…)"]["documentation"], "string", "asyncio.gather")


@in_a_loop
async def test_markdown_asks_for_nothing_that_the_client_did_not_offer() -> None:
    """No HTML without `allowedTags`, no `command:` links, no icons, and never a heading of level one."""
    async with Session(item(documentationFormat=["markdown"])) as session:
        offers = await session.offers("import asyncio\nasyncio.$0")
        assert len(offers) > 50
        for label, offer in offers.items():
            prose = re.sub(r"```.*?```|`[^`\n]*`", "", offer["documentation"]["value"], flags=re.DOTALL)
            assert not re.search(r"</?\w+[^>]*>|\]\(command:|\$\(\w|^# ", prose, re.MULTILINE), label


@in_a_loop
async def test_a_client_without_capabilities_gets_plain_answers_and_no_questions() -> None:
    async with Session({}) as session:
        assert {"hoverProvider", "signatureHelpProvider", "completionProvider"} <= session.capabilities.keys()
        hover = await session.at(HOVER, GATHER)
        assert hover["range"] == stretch(GATHER.replace("$0", ""), "gather")
        help_ = await session.at(SIGNATURE_HELP, ARGUMENT)
        assert [type(each["label"]) for each in help_["signatures"][0]["parameters"]] == [str, str]
        offer = (await session.offers(MEMBER))["gather(…)"]
        assert offer["textEdit"] == {"newText": "gather()", "range": stretch(MEMBER.replace("$0", ""), "gat")}
        gated = {"labelDetails", "tags", "deprecated", "preselect", "commitCharacters", "insertTextMode", "command"}
        assert not gated & offer.keys()
        assert "documentation" in offer
        assert session.asked == []
        assert session.told == []


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-32", "utf-8", "utf-16"], "utf-32"),
        (["klingon", "utf-16"], "utf-16"),
    ],
    ids=str,
)
@in_a_loop
async def test_the_client_chooses_how_positions_count(offered: list[str] | None, chosen: str) -> None:
    general: Json = {} if offered is None else {"general": {"positionEncodings": offered}}
    text = 'import asyncio\n"\N{GRINNING FACE}"; asyncio.gat$0her()\n'
    async with Session(general) as session:
        assert session.capabilities["positionEncoding"] == chosen
        plain, position = marked(text, chosen)
        hover = await session.there(HOVER, session.open(plain), position)
        assert hover["range"] == stretch(plain, "gather", chosen)


@in_a_loop
async def test_label_offsets_count_in_utf_16_whatever_positions_count_in(tmp_path: Path) -> None:
    content = _copied(tmp_path)
    entry = content / "tasks" / "asyncio.sleep.md"
    text = entry.read_text(encoding="utf-8").replace("delay: float", 'delay: str = "\N{GRINNING FACE}"', 1)
    _rewrite(entry, text.encode())
    capabilities = signature(parameterInformation={"labelOffsetSupport": True})
    capabilities["general"] = {"positionEncodings": ["utf-8"]}
    async with Session(capabilities, content=content) as session:
        [answer] = (await session.at(SIGNATURE_HELP, ARGUMENT))["signatures"]
        label = answer["label"].encode("utf-16-le")
        parts = [
            label[2 * start : 2 * end].decode("utf-16-le")
            for start, end in (each["label"] for each in answer["parameters"])
        ]
        assert parts == ["delay: str = '\N{GRINNING FACE}'", "result: T = None"]


@in_a_loop
async def test_labels_are_strings_without_support_for_offsets() -> None:
    async with Session(signature()) as session:
        [answer] = (await session.at(SIGNATURE_HELP, ARGUMENT))["signatures"]
        assert [each["label"] for each in answer["parameters"]] == ["delay: float", "result: T = None"]
        assert all(each["label"] in answer["label"] for each in answer["parameters"])


# What a client shows for an argument that fits no parameter: null where it knows null, else an index that is too large.
ACTIVE = {
    "knows neither": ({}, 2, "left out"),
    "knows null": ({"noActiveParameterSupport": True}, None, "left out"),
    "looks into the signature": ({"activeParameterSupport": True}, 2, 2),
    "knows both": ({"activeParameterSupport": True, "noActiveParameterSupport": True}, None, None),
}


@pytest.mark.parametrize(("capabilities", "active", "inside"), ACTIVE.values(), ids=ACTIVE)
@in_a_loop
async def test_the_active_parameter(capabilities: Json, active: int | None, inside: object) -> None:
    async with Session(signature(**capabilities)) as session:
        answer = await session.at(SIGNATURE_HELP, SURPLUS)
        assert answer["activeParameter"] == active  # Left out it would mean the first one.
        assert answer["activeSignature"] == 0
        assert answer["signatures"][0].get("activeParameter", "left out") == inside
        answer = await session.at(SIGNATURE_HELP, "import asyncio\nasyncio.sleep(1, $02)\n")
        assert answer["activeParameter"] == 1
        expected = 1 if "activeParameterSupport" in capabilities else "left out"
        assert answer["signatures"][0].get("activeParameter", "left out") == expected


@in_a_loop
async def test_context_is_read_but_never_required() -> None:
    async with Session({}) as session:
        text, position = marked(ARGUMENT)
        uri = session.open(text)
        once = await session.there(SIGNATURE_HELP, uri, position)
        context = {"triggerKind": 2, "triggerCharacter": "(", "isRetrigger": True, "activeSignatureHelp": once}
        assert await session.there(SIGNATURE_HELP, uri, position, context=context) == once
        text, position = marked(MEMBER)
        uri = session.open(text)
        once = await session.there(COMPLETION, uri, position)
        for context in ({"triggerKind": 2, "triggerCharacter": "."}, {"triggerKind": 3}):
            assert await session.there(COMPLETION, uri, position, context=context) == once


# `iscoroutinefunction` is deprecated in the newest Python.
DEPRECATED = {
    "neither": ({}, {}),
    "the flag": ({"deprecatedSupport": True}, {"deprecated": True}),
    "the tag": ({"tagSupport": {"valueSet": [1]}}, {"tags": [1]}),
    "both": ({"tagSupport": {"valueSet": [1]}, "deprecatedSupport": True}, {"tags": [1]}),
    "other tags": ({"tagSupport": {"valueSet": []}, "deprecatedSupport": True}, {"deprecated": True}),
}


@pytest.mark.parametrize(("capabilities", "shown"), DEPRECATED.values(), ids=DEPRECATED)
@in_a_loop
async def test_a_deprecated_name_is_marked_as_the_client_can_show_it(capabilities: Json, shown: Json) -> None:
    async with Session(item(**capabilities)) as session:
        offers = await session.offers("import asyncio\nasyncio.$0")
        old, current = offers["iscoroutinefunction(…)"], offers["gather(…)"]
        assert {key: old[key] for key in ("tags", "deprecated") if key in old} == shown
        assert not {"tags", "deprecated"} & current.keys()
        assert old["sortText"] > max(current["sortText"], offers["wait_for(…)"]["sortText"])


@pytest.mark.parametrize("supported", [False, True])
@in_a_loop
async def test_the_version_stands_where_the_client_can_show_it(*, supported: bool) -> None:
    options = {"python": ">=3.9"}
    async with Session(item(labelDetailsSupport=supported), initializationOptions=options) as session:
        offers = await session.offers("import asyncio\nasyncio.$0")
        offer = offers["timeout(…)"]
        assert offer.get("labelDetails") == ({"description": "3.11+"} if supported else None)
        assert offer["detail"].startswith("3.11+") != supported
        assert "labelDetails" not in offers["gather(…)"]
        assert offers["gather(…)"]["detail"].startswith("asyncio ")
        announced = session.capabilities["completionProvider"].get("completionItem", {})
        assert announced.get("labelDetailsSupport") is True  # What it resolves has them too.


@pytest.mark.parametrize("supported", [False, True])
@in_a_loop
async def test_snippets_are_for_clients_that_have_them(*, supported: bool) -> None:
    async with Session(item(snippetSupport=supported)) as session:
        offers = await session.offers("import asyncio\nasyncio.$0")
        inserted = {label: offer["textEdit"]["newText"] for label, offer in offers.items()}
        assert inserted["sleep(…)"] == ("sleep(${1:delay})$0" if supported else "sleep()")
        assert inserted["gather(…)"] == ("gather(${1:*coros_or_futures})$0" if supported else "gather()")
        for label, offer in offers.items():
            assert offer["insertTextFormat"] == (2 if "$" in inserted[label] else 1)
            if not supported:
                compile(f"asyncio.{inserted[label]}", label, "eval")
        imported = (await session.offers("from asyncio import gat$0"))["gather"]
        assert (imported["textEdit"]["newText"], imported["insertTextFormat"]) == ("gather", 1)
        called = await session.offers("import asyncio\nasyncio.sle$0(1)")
        assert called["sleep(…)"]["textEdit"]["newText"] == "sleep"


@pytest.mark.parametrize(
    ("capabilities", "lazily"),
    [
        ({}, False),
        ({"resolveSupport": {"properties": []}}, False),
        ({"resolveSupport": {"properties": ["additionalTextEdits", "command"]}}, False),
        ({"resolveSupport": {"properties": ["detail", "documentation"]}}, True),
    ],
    ids=["nothing", "an empty list", "other properties", "documentation"],
)
@in_a_loop
async def test_documentation_waits_for_clients_that_come_back_for_it(capabilities: Json, *, lazily: bool) -> None:
    async with Session(item(documentationFormat=["markdown"], **capabilities)) as session:
        offer = (await session.offers(MEMBER))["gather(…)"]
        assert ("documentation" in offer) != lazily
        resolved = (await session.ask(RESOLVE, offer))["result"]
        assert {**offer, "documentation": resolved["documentation"]} == resolved
        check_text(resolved["documentation"], "markdown", "asyncio.gather(")


@in_a_loop
async def test_resolving_speaks_of_the_python_that_the_list_was_made_for() -> None:
    for python, expected in (("3.12", "docs.python.org/3.12/"), (">=3.9", "New in 3.11")):
        options = {"python": python}
        async with Session(
            item(resolveSupport={"properties": ["documentation"]}), initializationOptions=options
        ) as session:
            offer = (await session.offers("import asyncio\nasyncio.tim$0"))["timeout(…)"]
            assert expected in (await session.ask(RESOLVE, offer))["result"]["documentation"]


@pytest.mark.parametrize("data", [None, {}, {"name": "asyncio.no_such_name"}, {"name": 1}, "text", [1]], ids=str)
@in_a_loop
async def test_an_item_of_somebody_else_comes_back_as_it_is(data: object) -> None:
    async with Session({}) as session:
        offer = {"label": "gather", **({} if data is None else {"data": data})}
        assert (await session.ask(RESOLVE, offer)).get("result") == offer


@in_a_loop
async def test_the_list_uses_nothing_that_clients_need_not_know() -> None:
    async with Session(item(insertReplaceSupport=True, snippetSupport=True)) as session:
        answer = await session.at(COMPLETION, MEMBER)
        assert answer["isIncomplete"] is False
        assert "itemDefaults" not in answer
        for offer in answer["items"]:
            assert not {"preselect", "commitCharacters", "insertTextMode"} & offer.keys()


@in_a_loop
async def test_labels_never_repeat_what_the_other_server_lists() -> None:
    async with Session(item(snippetSupport=True)) as session:
        for text in ("import asyncio\nasyncio.$0", "import asyncio\nasyncio.Queue().$0"):
            offers = await session.offers(text)
            assert [label for label in offers if label.isidentifier()] == []
            assert {offer["filterText"] for offer in offers.values()} == set(
                re.findall(r"^\w+", "\n".join(offers), re.MULTILINE)
            )
        assert "gather" in await session.offers("from asyncio import $0")


# Registration.

NAMES = {HOVER: "hover", SIGNATURE_HELP: "signatureHelp", COMPLETION: "completion"}
with_features = pytest.mark.parametrize("method", FEATURES, ids=NAMES.values())


@with_features
@in_a_loop
async def test_what_can_be_registered_later_is_not_announced_now(method: str) -> None:
    dynamic = feature(**{NAMES[method]: {"dynamicRegistration": True}})
    async with Session(dynamic) as session:
        announced = {name for name in NAMES.values() if session.capabilities.get(f"{name}Provider")}
        assert announced == set(NAMES.values()) - {NAMES[method]}
        assert session.registrations() == {method}
        [message] = session.asked
        options = message["params"]["registrations"][0]["registerOptions"]
        assert options["documentSelector"] == [{"language": "python"}]
        triggers = {HOVER: set(), SIGNATURE_HELP: {"(", ","}, COMPLETION: {"."}}[method]
        assert triggers <= set(options.get("triggerCharacters", []))
        assert not options.get("resolveProvider", False), "nobody said that offers are resolved"


@with_features
@in_a_loop
async def test_a_switch_registers_and_unregisters(method: str) -> None:
    capabilities = feature(**{name: {"dynamicRegistration": True} for name in NAMES.values()})
    capabilities["workspace"] = {"configuration": True}
    off, on = ({NAMES[method]: {"enabled": state}} for state in (False, True))
    async with Session(capabilities, configuration=off) as session:
        assert session.registrations() == set(FEATURES) - {method}
        for configuration, registered in ((on, set(FEATURES)), (off, set(FEATURES) - {method}), ({}, set(FEATURES))):
            session.configuration = configuration
            session.tell("workspace/didChangeConfiguration", {"settings": None})
            await session.settled()
            assert session.registrations() == registered


@with_features
@in_a_loop
async def test_a_switch_works_where_nothing_can_be_registered(method: str) -> None:
    text = {HOVER: GATHER, SIGNATURE_HELP: ARGUMENT, COMPLETION: MEMBER}
    async with Session({}, initializationOptions={NAMES[method]: {"enabled": False}}) as session:
        assert session.asked == []
        assert {each for each in FEATURES if await session.at(each, text[each]) is None} == {method}
        settings = {"asyncio-lsp": {NAMES[method]: {"enabled": True}}}
        session.tell("workspace/didChangeConfiguration", {"settings": settings})
        await session.settled()
        assert await session.at(method, text[method]) is not None


INLAY_HINT = "textDocument/inlayHint"


@in_a_loop
async def test_inlay_hints_are_off_until_they_are_switched_on() -> None:
    capabilities = feature(inlayHint={"dynamicRegistration": True})
    async with Session(capabilities) as session:
        assert "inlayHintProvider" not in session.capabilities
        assert INLAY_HINT not in session.registrations()
        session.tell(
            "workspace/didChangeConfiguration", {"settings": {"asyncio-lsp": {"inlayHints": {"enabled": True}}}}
        )
        await session.settled()
        assert INLAY_HINT in session.registrations()


@in_a_loop
async def test_inlay_hints_stand_where_the_client_counts() -> None:
    start, end = {"line": 0, "character": 0}, {"line": 9, "character": 0}
    for enabled in (True, False):
        async with Session({}, initializationOptions={"inlayHints": {"enabled": enabled}}) as session:
            assert session.capabilities["inlayHintProvider"]
            uri = session.open("import asyncio\n'😀'; later = asyncio.sleep(1)\n")
            reply = await session.ask(INLAY_HINT, {"textDocument": {"uri": uri}, "range": {"start": start, "end": end}})
            place = {"line": 1, "character": 11}
            hint = {"position": place, "label": ": coroutine: await it", "kind": 1}
            assert reply["result"] == ([hint] if enabled else [])


# Documents and positions.


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "file:///c%3A/some/a%20b.py",
        "file:///c:/some/a.py",
        "file://host/share/a.py",
        "vscode-notebook-cell:/some/a.ipynb#W0sZmlsZQ%3D%3D",
        "git:/some/a.py?%7B%22ref%22%3A%22HEAD%22%7D",
        "inmemory:\N{GRINNING FACE}",
    ],
)
@in_a_loop
async def test_any_uri_names_a_document(uri: str) -> None:
    async with Session({}) as session:
        assert (await session.at(HOVER, GATHER, uri))["contents"]["value"].startswith("asyncio.gather")
        assert (await session.at(SIGNATURE_HELP, ARGUMENT, uri))["signatures"]
        assert (await session.at(COMPLETION, MEMBER, uri))["items"]
        session.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert await session.there(HOVER, uri, marked(GATHER)[1]) is None


@with_features
@in_a_loop
async def test_a_document_that_is_not_open_has_no_answers(method: str) -> None:
    async with Session({}) as session:
        for uri in ("file:///nowhere.py", Path(__file__).as_uri(), "untitled:x", "", "no uri at all"):
            assert await session.there(method, uri, {"line": 0, "character": 0}) is None
        session.tell("textDocument/didClose", {"textDocument": {"uri": "file:///nowhere.py"}})
        change = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"}
        session.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": "file:///nowhere.py", "version": 1}, "contentChanges": [change]},
        )
        assert await session.at(HOVER, GATHER)


@in_a_loop
async def test_a_document_answers_to_each_spelling_of_its_uri() -> None:
    async with Session({}) as session:
        text, position = marked(GATHER)
        session.open(text, "file:///c%3A/some/a%20b.py")
        assert await session.there(HOVER, "file:///c:/some/a%20b.py", position)


@pytest.mark.parametrize("text", ["", "\n", "\r\n", " ", "\t\n", "\ufeff", "#", "\\"], ids=repr)
@in_a_loop
async def test_a_document_with_nothing_in_it_has_no_answers(text: str) -> None:
    async with Session({}) as session:
        uri = session.open(text)
        for method in FEATURES:
            for line, character in ((0, 0), (0, 1), (1, 0), (5, 5)):
                assert await session.there(method, uri, {"line": line, "character": character}) is None


@in_a_loop
async def test_a_position_outside_is_the_nearest_inside() -> None:
    async with Session({}) as session:
        text = "import asyncio\nasyncio.gather\nasyncio.sleep"
        uri = session.open(text)
        inside = await session.there(HOVER, uri, {"line": 1, "character": len("asyncio.gather")})
        last = await session.there(HOVER, uri, {"line": 2, "character": len("asyncio.sleep")})
        assert inside["contents"]["value"].startswith("asyncio.gather")
        for character in (15, 999, 2**31 - 1):
            assert await session.there(HOVER, uri, {"line": 1, "character": character}) == inside
        for line in (3, 999, 2**31 - 1):
            assert await session.there(HOVER, uri, {"line": line, "character": 0}) in (None, last)
        for method in FEATURES:
            await session.there(method, uri, {"line": 2**31 - 1, "character": 2**31 - 1})
        far = {"line": 2**31 - 1, "character": 0}
        change = {"range": {"start": far, "end": far}, "text": "()\nasyncio.gather"}
        session.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]})
        hover = await session.there(HOVER, uri, {"line": 3, "character": 10})
        assert hover["contents"]["value"].startswith("asyncio.gather")


# What people have on their screens while they type, and what is in it at the cursor.
UNPARSABLE = {
    "a call that is not closed": ("import asyncio\nasync def f():\n    await asyncio.gat$0her(\n\ndef g(:\n", "gather"),
    "a header that is not closed": ("import asyncio\nasync def f(:\n    await asyncio.sle$0ep(1)\n", "sleep"),
    "a bracket that is not closed above": (
        "import asyncio\nx = [1,\nasync def f():\n    await asyncio.sle$0ep(1)\n",
        "sleep",
    ),
    "a string that is not closed above": ('import asyncio\nx = "abc\nasyncio.ga$0ther()\n', "gather"),
    "a docstring that is not closed above": ('import asyncio\n"""abc\nasyncio.ga$0ther()\n', None),
    "tabs and spaces": ("import asyncio\nif 1:\n\tx = 1\n        asyncio.ga$0ther()\n", "gather"),
    "conflict marks": ("<<<<<<< HEAD\nimport asyncio\n=======\n>>>>>>> x\nasyncio.ga$0ther()\n", "gather"),
    "Python 2": ('import asyncio\nprint "x"\nasyncio.sle$0ep(1)\n', "sleep"),
    "an import that is not finished": ("import asyncio\nfrom asyncio import\nasyncio.sle$0ep(1)\n", "sleep"),
    "a null byte": ("import asyncio\n\0\nasyncio.sle$0ep(1)\n", "sleep"),
    "half a surrogate pair": ("import asyncio\n'\ud83d'\nasyncio.sle$0ep(1)\n", "sleep"),
    "a line continued at the end": ("import asyncio\nasyncio.sle$0ep(1) \\", "sleep"),
    "other closers": ("import asyncio\n)]}\nasyncio.sle$0ep(1)\n", "sleep"),
    "keywords as names": ("import asyncio\nasync = await\nasyncio.sle$0ep(1)\n", "sleep"),
}


@pytest.mark.parametrize(("text", "name"), UNPARSABLE.values(), ids=UNPARSABLE)
@in_a_loop
async def test_a_document_that_does_not_parse(text: str, name: str | None) -> None:
    async with Session({}) as session:
        plain, position = marked(text)
        uri = session.open(plain)
        hover = await session.there(HOVER, uri, position)
        assert (hover and hover["contents"]["value"].partition("(")[0]) == (name and f"asyncio.{name}")
        for number, line in enumerate(split_lines(plain)):
            for character in range(len(line) + 2):
                for method in FEATURES:
                    await session.there(method, uri, {"line": number, "character": character})


DEEP = {
    "brackets around": "import asyncio\n" + "(" * 700 + "asyncio.gather($0",
    "brackets inside": "import asyncio\nasyncio.gather($0" + "[" * 700,
    "signs": "import asyncio\nx = " + "-" * 700 + "asyncio.Queue()\nx.$0",
    "attributes": "import asyncio\nx = asyncio" + ".a" * 700 + "\nx.$0",
    "sums": "import asyncio\nx = " + "'' + " * 700 + "asyncio.Queue()\nx.$0",
    "calls": "import asyncio\nx = " + "f(" * 150 + "asyncio.Queue()" + ")" * 150 + "\nx.$0",
    "names of names": "import asyncio\n" + "".join(f"x{n} = x{n - 1}\n" for n in range(1, 700)) + "x699.$0",
    "names of themselves": "import asyncio\nx = y\ny = x.y\nclass A(A.B): B = A\nA.$0",
    "blocks": "import asyncio\n" + "".join(f"{' ' * n}if x:\n" for n in range(99)) + " " * 99 + "asyncio.gather($0)",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
@in_a_loop
async def test_depth_is_no_danger(text: str) -> None:
    """What cannot be followed to its end has no answer, and that is not an error."""
    async with Session({}) as session:
        for method in FEATURES:
            await session.at(method, text)
        assert await session.at(HOVER, GATHER)


@in_a_loop
async def test_a_folder_that_is_added_counts(tmp_path: Path) -> None:
    """The server announces that it wants to know of such changes."""
    library, project = tmp_path / "library", tmp_path / "project"
    library.mkdir()
    project.mkdir()
    (library / "things.py").write_text("import asyncio\nqueue = asyncio.Queue()\n", encoding="utf-8")
    folders = [{"uri": project.as_uri(), "name": "project"}]
    added = {"uri": library.as_uri(), "name": "library"}
    capabilities = {"workspace": {"workspaceFolders": True}}
    async with Session(capabilities, workspaceFolders=[*folders, added]) as session:
        uri = (project / "main.py").as_uri()
        assert await session.at(HOVER, "from things import queue\nqueue.g$0et()\n", uri)
    async with Session(capabilities, workspaceFolders=folders) as session:
        assert session.capabilities["workspace"]["workspaceFolders"]["changeNotifications"]
        text, position = marked("from things import queue\nqueue.g$0et()\n")
        uri = session.open(text, (project / "main.py").as_uri())
        assert await session.there(HOVER, uri, position) is None
        session.tell("workspace/didChangeWorkspaceFolders", {"event": {"added": [added], "removed": []}})
        assert (await session.there(HOVER, uri, position))["contents"]["value"].startswith("asyncio.Queue.get(")
        session.tell("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [added]}})
        assert await session.there(HOVER, uri, position) is None


# Content that is broken.

BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "no front matter": lambda _: b"Run awaitables.\n",
    "empty": lambda _: b"",
    "not TOML": lambda entry: entry.replace(b"declaration =", b"declaration", 1),
    "an unknown field": lambda entry: entry.replace(b"docs =", b"docz =", 1),
    "a field of another type": lambda entry: entry.replace(b'use = ["await"]', b"use = 3", 1),
    "not a declaration": lambda entry: entry.replace(b"def gather(", b"def gather((", 1),
    "the declaration of another name": lambda entry: entry.replace(b"def gather(", b"def gathr(", 1),
    "not UTF-8": lambda entry: entry + b"\xff",
    "several faults": lambda entry: entry.replace(b"docs =", b"docz =", 1).replace(b'use = ["await"]', b"use = 3", 1),
}


@pytest.mark.parametrize("breaking", BROKEN.values(), ids=BROKEN)
@in_a_loop
async def test_a_broken_entry_is_logged_once_and_the_others_work(
    breaking: Callable[[bytes], bytes], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = _copied(tmp_path)
    entry = content / "tasks" / "asyncio.gather.md"
    _rewrite(entry, breaking(entry.read_bytes()))
    async with Session({}, content=content) as session:
        for _ in range(2):
            assert await session.at(HOVER, GATHER) is None
            assert await session.at(SIGNATURE_HELP, "import asyncio\nasyncio.gather($0)") is None
            offers = await session.offers("import asyncio\nasyncio.$0")
            assert "gather(…)" not in offers
            assert "sleep(…)" in offers
            assert (await session.at(HOVER, ARGUMENT.replace("sleep($0", "sl$0eep(")))["contents"]
    [line] = [record.getMessage() for record in caplog.records]
    assert "asyncio.gather.md" in line
    assert "\n" not in line


@in_a_loop
async def test_broken_rules_of_resolution_are_logged_once_and_the_entries_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = _copied(tmp_path)
    _rewrite(content / "resolution.toml", b"[variables\n")
    async with Session({}, content=content) as session:
        for _ in range(2):
            assert await session.at(HOVER, GATHER)
            assert await session.at(HOVER, "async def f(loop):\n    loop.call_so$0on(print)\n") is None
    [line] = [record.getMessage() for record in caplog.records]
    assert "resolution.toml" in line
    assert "\n" not in line


def _copied(folder: Path) -> Path:
    """Copy the content; a link that is written to would change the original, so `_rewrite` takes it away first."""
    return Path(shutil.copytree(CONTENT, folder / "content", copy_function=os.symlink))


def _rewrite(path: Path, content: bytes) -> None:
    assert path.read_bytes() != content
    path.unlink()
    path.write_bytes(content)


# Mishaps.


@with_features
@in_a_loop
async def test_a_failing_handler_answers_with_an_error_and_the_next_request_works(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {HOVER: GATHER, SIGNATURE_HELP: ARGUMENT, COMPLETION: MEMBER}[method]
    async with Session({}) as session:
        plain, position = marked(text)
        question = {"textDocument": {"uri": session.open(plain)}, "position": position}
        with monkeypatch.context() as patched:
            patched.setattr(session.server.library, "evaluator", _fail)
            reply = await session.ask(method, question)
            assert reply["error"]["code"] == INTERNAL_ERROR
            assert "out of order" in reply["error"]["message"]
            assert "result" not in reply
        assert (await session.ask(method, question))["result"]
        assert session.told == []


def _fail() -> None:
    raise ZeroDivisionError("out of order")


@in_a_loop
async def test_unknown_methods_are_refused_and_unknown_notifications_ignored() -> None:
    async with Session({}) as session:
        params: Json = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 0, "character": 0}}
        for method in ("textDocument/declaration", "no/such/method", "$/secret", "hover", ""):
            assert (await session.ask(method, params))["error"]["code"] == METHOD_NOT_FOUND
            session.tell(method or "x", params)
        notifications: dict[str, Json] = {
            "$/cancelRequest": {"id": 12345},
            "$/setTrace": {"value": "verbose"},
            "$/progress": {"token": 1, "value": {}},
            "textDocument/didSave": {"textDocument": {"uri": "file:///a.py"}},
            "textDocument/willSave": {"textDocument": {"uri": "file:///a.py"}, "reason": 1},
            "workspace/didChangeWatchedFiles": {"changes": []},
        }
        for method, params in notifications.items():
            session.tell(method, params)
        session.send({"id": "never asked", "result": None})
        assert await session.at(HOVER, GATHER)
        assert session.told == []


@in_a_loop
async def test_a_client_that_refuses_what_it_is_asked_is_still_served() -> None:
    capabilities = feature(hover={"dynamicRegistration": True})
    capabilities["workspace"] = {"configuration": True}
    async with Session(capabilities, configuration=RuntimeError("no settings here")) as session:
        assert session.registrations() == {HOVER}
        assert await session.at(HOVER, GATHER)


# Conversations.


@dataclass(frozen=True)
class Talk:
    """What a server process answered and left behind; notifications and questions are not kept."""

    status: int
    replies: dict[object, Json]
    stderr: str


def talk(*messages: Json | bytes, arguments: tuple[str, ...] = ()) -> Talk:
    """Say everything at once, close the pipe, and read all that comes back."""
    spoken = b"".join(message if isinstance(message, bytes) else frame(message) for message in messages)
    done = subprocess.run([COMMAND, *arguments], input=spoken, capture_output=True, timeout=PATIENCE, check=False)
    replies = {message["id"]: message for message in unframed(done.stdout) if "method" not in message}
    return Talk(done.returncode, replies, done.stderr.decode())


def hello(**more: object) -> list[Json]:
    """Greet the server."""
    greeting = {"processId": None, "rootUri": None, "capabilities": {}, **more}
    return [
        {"id": "hello", "method": "initialize", "params": greeting},
        {"method": "initialized", "params": {}},
        opened(),
    ]


def opened() -> Json:
    """Open the document that `hovered` asks about."""
    document = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": marked(GATHER)[0]}
    return {"method": "textDocument/didOpen", "params": {"textDocument": document}}


def hovered(number: object) -> Json:
    """Ask for a hover that has an answer."""
    params = {"textDocument": {"uri": "file:///a.py"}, "position": marked(GATHER)[1]}
    return {"id": number, "method": HOVER, "params": params}


SHUTDOWN: Json = {"id": "bye", "method": "shutdown"}
EXIT: Json = {"method": "exit"}
BYE = [SHUTDOWN, EXIT]


def test_a_quiet_conversation_writes_nothing_but_protocol() -> None:
    done = talk(*hello(), hovered(1), *BYE)
    assert done.replies.keys() == {"hello", 1, "bye"}
    assert done.replies[1]["result"]["contents"]["value"].startswith("asyncio.gather")
    assert done.replies["bye"]["result"] is None
    assert (done.status, done.stderr) == (0, "")


def test_a_talkative_log_stays_out_of_the_protocol() -> None:
    """`talk` refuses every byte on stdout that belongs to no message."""
    settings = {"method": "workspace/didChangeConfiguration", "params": {"settings": {"log": {"level": "debug"}}}}
    done = talk(*hello(initializationOptions={"log": {"level": "debug"}}), settings, hovered(1), *BYE)
    assert done.replies[1]["result"]
    assert done.status == 0


def test_leaving_without_goodbye_is_a_failure() -> None:
    done = talk(*hello(), EXIT)
    assert (done.status, done.stderr) == (1, "")


def test_goodbye_in_the_middle_of_an_answer() -> None:
    """An attribute that only Jedi may know takes seconds; every request is answered all the same, if by an error."""
    text, position = marked("from elsewhere import thing\nthing().part.ge$0t()\n")
    document = {"uri": "file:///b.py", "languageId": "python", "version": 1, "text": text}
    question = {"textDocument": {"uri": "file:///b.py"}, "position": position}
    done = talk(
        *hello(),
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"id": "slow", "method": HOVER, "params": question},
        *BYE,
    )
    assert done.replies.keys() == {"hello", "slow", "bye"}
    assert (done.status, done.stderr) == (0, "")


GONE: dict[str, list[Json | bytes]] = {
    "before the greeting": [],
    "after shutdown": [*hello(), SHUTDOWN],
    "in the middle of a message": [*hello(), b"Content-Length: 99\r\n\r\n{"],
}


@pytest.mark.parametrize("said", GONE.values(), ids=GONE)
def test_the_server_leaves_when_the_client_is_gone(said: list[Json | bytes]) -> None:
    assert len(talk(*said).stderr.splitlines()) <= 1


@pytest.fixture(scope="module")
def out_of_turn() -> Talk:
    """Requests before the greeting and after shutdown."""
    return talk(hovered("early"), *hello(), hovered("in turn"), SHUTDOWN, hovered("late"), EXIT)


def test_a_request_before_the_greeting_is_refused(out_of_turn: Talk) -> None:
    assert out_of_turn.replies["early"].get("error", {}).get("code") == NOT_INITIALIZED
    assert out_of_turn.replies["in turn"]["result"]


def test_a_request_after_shutdown_is_refused(out_of_turn: Talk) -> None:
    assert "late" in out_of_turn.replies, "there is no answer at all"
    assert out_of_turn.replies["late"].get("error", {}).get("code") == INVALID_REQUEST
    assert out_of_turn.status == 0


def test_headers_may_say_what_the_content_is() -> None:
    kind = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n"
    length, _, body = frame(hovered("behind")).partition(b"\r\n\r\n")
    behind = length + b"\r\n" + kind + b"\r\n" + body
    done = talk(*hello(), behind, kind + frame(hovered("in front")), *BYE)
    assert done.replies["behind"]["result"]
    assert done.replies["in front"]["result"]


DOCUMENT = {"uri": "file:///a.py"}
ILL_FORMED: dict[str, Json] = {
    "no params": {"method": HOVER},
    "null": {"method": HOVER, "params": None},
    "a list": {"method": HOVER, "params": [1]},
    "an empty object": {"method": HOVER, "params": {}},
    "no position": {"method": HOVER, "params": {"textDocument": DOCUMENT}},
    "no document": {"method": SIGNATURE_HELP, "params": {"position": {"line": 0, "character": 0}}},
    "a negative line": {
        "method": HOVER,
        "params": {"textDocument": DOCUMENT, "position": {"line": -1, "character": 0}},
    },
    "a line in words": {
        "method": COMPLETION,
        "params": {"textDocument": DOCUMENT, "position": {"line": "one", "character": 0}},
    },
    "an item without a label": {"method": RESOLVE, "params": {"data": {"name": "asyncio.gather"}}},
}


@pytest.fixture(scope="module")
def misunderstandings() -> Talk:
    """Everything ill-formed, each followed by a proper request."""
    messages = (({"id": name, **message}, hovered(f"after {name}")) for name, message in ILL_FORMED.items())
    return talk(*hello(), *chain.from_iterable(messages), *BYE)


@pytest.mark.parametrize("name", ILL_FORMED)
def test_an_ill_formed_request_is_refused_and_the_next_one_works(name: str, misunderstandings: Talk) -> None:
    assert misunderstandings.replies[f"after {name}"]["result"]
    assert name in misunderstandings.replies, "there is no answer at all"
    assert misunderstandings.replies[name]["error"]["code"] == INVALID_PARAMS


def test_an_ill_formed_request_is_one_line_on_stderr_at_most(misunderstandings: Talk) -> None:
    assert len(misunderstandings.stderr.splitlines()) <= len(ILL_FORMED)
    assert misunderstandings.status == 0


NOISE = [b"{", b"", b"\xff", b"[]", b"1", b"null", b'"text"', b"{}", b'{"jsonrpc": "1.0", "id": 1}']


@pytest.fixture(scope="module")
def noise() -> Talk:
    """What is no message at all, each time followed by a proper request."""
    said: list[Json | bytes] = []
    for body in NOISE:
        said += [frame(body), hovered(f"after {body!r}")]
    return talk(*hello(), *said, *BYE)


@pytest.mark.parametrize("body", NOISE, ids=repr)
def test_after_what_is_no_message_the_next_request_works(body: bytes, noise: Talk) -> None:
    assert noise.replies[f"after {body!r}"]["result"]


def test_what_is_no_message_is_one_line_on_stderr_at_most(noise: Talk) -> None:
    assert len(noise.stderr.splitlines()) <= len(NOISE)
    assert noise.status == 0


def test_a_failing_handler_is_one_line_on_stderr() -> None:
    data = {"name": "asyncio.gather", "python": ["no", "version"]}
    done = talk(*hello(), {"id": 1, "method": RESOLVE, "params": {"label": "x", "data": data}}, hovered(2), *BYE)
    assert done.replies[1].keys() & {"error", "result"}
    assert done.replies[2]["result"]
    assert len(done.stderr.splitlines()) <= 1
