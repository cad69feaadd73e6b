"""The language server: one handler per request, each translates in, calls one function, translates out."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from asyncio_lsp.analysis.inference import Question
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features import completion, hover, inlay_hints, recipes, signature_help
from asyncio_lsp.features.library import Library
from asyncio_lsp.server import ahead, convert, diagnostics
from asyncio_lsp.server import settings as settings_
from asyncio_lsp.server.answers import Answers
from asyncio_lsp.server.client import Client
from asyncio_lsp.server.documents import Documents
from asyncio_lsp.server.protocol import Answer, Encoded, Protocol
from asyncio_lsp.server.settings import SECTION, Settings
from asyncio_lsp.workspace.target import target_of

log = logging.getLogger(__name__)
_TARGET_SECONDS = 2.0
_SETTLED_SECONDS = 2.0
_PATIENCE_SECONDS = 0.4
_WATCHED = ("**/*.py", "**/pyproject.toml", "**/setup.cfg", "**/.python-version")
_TRIGGERS = types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[")", "="])
_LABELS = types.ServerCompletionItemOptions(label_details_support=True)
_COMPLETION = types.CompletionOptions(trigger_characters=["."], resolve_provider=True, completion_item=_LABELS)
_DIAGNOSTICS = types.DiagnosticOptions(
    inter_file_dependencies=True, workspace_diagnostics=False, identifier="asyncio-lsp"
)
_ACTIONS = types.CodeActionOptions(
    [types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite, diagnostics.FIX_ALL]
)
_PYTHON: list[types.DocumentFilter] = [types.TextDocumentFilterLanguage(language="python")]


class AsyncioServer(LanguageServer):
    """The state of one connection."""

    def __init__(self, content: Path, version: str) -> None:
        super().__init__("asyncio-lsp", version, protocol_cls=Protocol)
        self.protocol: Protocol
        self.project = Project()
        self.library = Library(Catalog(content), self.project)
        self.documents = Documents(self.project)
        self.client = Client()
        self.settings = Settings()
        self.roots: tuple[Path, ...] = ()
        self._reported: set[str] = set()
        self._registered: set[str] = set()
        self.answers = Answers()
        self.asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jedi")
        self._asking = 0
        self.python = ""
        """What the command line says of the target."""
        self._epoch = 0
        """Grows when the target of a document changes."""
        self._targets: WeakKeyDictionary[Source, tuple[float, Target]] = WeakKeyDictionary()
        self.initial: object = None
        """The settings that came with the first request."""
        self.settled = asyncio.Event()
        """Set once the client has said all settings."""
        self._pushes: dict[str, asyncio.Future[None]] = {}
        self.reading: asyncio.Future[None] | None = None
        self._ahead: asyncio.Future[None] | None = None
        self.direct: Mapping[str, Callable[[AsyncioServer, Any], Answer]] = {}
        """The handlers of requests that are called without ceremony."""

    def answered(
        self,
        params: types.SignatureHelpParams | types.CompletionParams,
        work: Callable[[AsyncioServer, Source, Position], Answer],
    ) -> Answer:
        """The answer at the position of a request; null for a document that is not open."""
        source = self.documents.get(params.text_document.uri)
        if source is None:
            return None
        return self.answer(source, convert.position(source, params.position, self.documents.encoding), work)

    def answer(
        self, source: Source, place: Position, work: Callable[[AsyncioServer, Source, Position], Answer]
    ) -> Answer:
        """The answer at a place of a document, from memory where nothing has changed."""
        known = self._targets.get(source)
        if known is not None and time.monotonic() - known[0] > _TARGET_SECONDS:
            self.target(source)
        stamp = (self.project.revision, id(self.settings), self._epoch)
        answer: Answer = self.answers.once(stamp, (work, source, place), lambda: work(self, source, place))
        return answer

    def changed(self, uri: str) -> None:
        """Follow a change of a document with diagnostics, where the client does not ask for them."""
        if self.client.pulls_diagnostics:
            return
        waiting = self._pushes.get(uri)
        if waiting is not None:
            waiting.cancel()
        self._pushes[uri] = asyncio.ensure_future(diagnostics.push_later(self, uri))

    def closed(self, uri: str) -> None:
        """Take the diagnostics of a closed document away."""
        waiting = self._pushes.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def files_changed(self) -> None:
        """Forget what modules and configuration files on disk said."""
        self.project.edited()
        self._targets.clear()
        for uri in self.documents.uris:
            self.changed(uri)

    async def ask(self, work: Callable[[], hover.Hover | None]) -> hover.Hover | None:
        """Let Jedi work in its thread."""
        self._asking += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.asking, work)
        finally:
            self._asking -= 1

    @property
    def is_asking(self) -> bool:
        """Say whether Jedi is at work."""
        return self._asking > 0

    def look_ahead(self, source: Source, line: int, reach: int) -> None:
        """Work out hovers up to `reach` lines around a line while nothing is asked; an older wish is given up."""
        if self._ahead is not None:
            self._ahead.cancel()
        places = ahead.positions_around(self.library, source, line, reach)
        hovers = (self.answer(source, place, _hover) for place in places)
        self._ahead = asyncio.ensure_future(ahead.work_out(hovers))

    def started(self, params: types.InitializeParams, capabilities: types.ServerCapabilities) -> None:
        """Note who is there; switches that can be registered later are not announced now."""
        self.client = Client.of(params.capabilities)
        self.documents.encoding = convert.Encoding(capabilities.position_encoding or "utf-16")
        self.rooted([folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""])
        self.initial = params.initialization_options
        self.configure(self.initial)
        if self.client.hover_dynamic:
            capabilities.hover_provider = None
        if self.client.signature_dynamic:
            capabilities.signature_help_provider = None
        if capabilities.completion_provider is not None:
            capabilities.completion_provider.resolve_provider = self.client.resolves_documentation
        if self.client.completion_dynamic:
            capabilities.completion_provider = None
        if self.client.inlay_dynamic:
            capabilities.inlay_hint_provider = None

    def rooted(self, uris: list[str]) -> None:
        """Take over the folders of the workspace."""
        self.roots = tuple(Path(path) for uri in uris if uri and (path := to_fs_path(uri)))
        self.project.roots = tuple(str(root) for root in self.roots)

    def configure(self, raw: object) -> None:
        """Follow the settings; what cannot be followed is said once."""
        self.settings, problems = settings_.read(raw)
        self._targets.clear()
        logging.getLogger().setLevel(self.settings.log_level.upper())
        for problem in problems:
            self.complain(problem)

    def switches(self) -> dict[str, tuple[bool, bool, object]]:
        """Per method: whether it can be registered at any time, whether it is on, and its options."""
        hover_options = types.HoverRegistrationOptions(_PYTHON)
        help_options = types.SignatureHelpRegistrationOptions(
            _PYTHON,
            trigger_characters=_TRIGGERS.trigger_characters,
            retrigger_characters=_TRIGGERS.retrigger_characters,
        )
        completion_options = types.CompletionRegistrationOptions(
            _PYTHON,
            trigger_characters=_COMPLETION.trigger_characters,
            resolve_provider=self.client.resolves_documentation,
            completion_item=_LABELS,
        )
        client, settings = self.client, self.settings
        return {
            types.TEXT_DOCUMENT_HOVER: (client.hover_dynamic, settings.hover_enabled, hover_options),
            types.TEXT_DOCUMENT_SIGNATURE_HELP: (
                client.signature_dynamic,
                settings.signatureHelp_enabled,
                help_options,
            ),
            types.TEXT_DOCUMENT_COMPLETION: (
                client.completion_dynamic,
                settings.completion_enabled,
                completion_options,
            ),
            types.TEXT_DOCUMENT_INLAY_HINT: (
                client.inlay_dynamic,
                settings.inlayHints_enabled,
                types.InlayHintRegistrationOptions(document_selector=_PYTHON),
            ),
        }

    async def register(self) -> None:
        """Register what is on and unregister what is off, where the client allows it."""
        switches = {method: (on, options) for method, (dynamic, on, options) in self.switches().items() if dynamic}
        wanted = {method for method, (on, _) in switches.items() if on}
        new, old = sorted(wanted - self._registered), sorted(self._registered - wanted)
        self._registered = wanted
        if old:
            gone = [types.Unregistration(method, method) for method in old]
            await self.client_unregister_capability_async(types.UnregistrationParams(gone))
        if new:
            come = [types.Registration(method, method, switches[method][1]) for method in new]
            await self.client_register_capability_async(types.RegistrationParams(come))

    def target(self, source: Source) -> Target:
        """The versions of Python that a document has to work on."""
        now = time.monotonic()
        known = self._targets.get(source)
        if known is None or now - known[0] > _TARGET_SECONDS:
            before, known = known, (now, self._target(source))
            self._targets[source] = known
            if before is not None and before[1] != known[1]:
                self._epoch += 1
        return known[1]

    def _target(self, source: Source) -> Target:
        path = Path(source.path) if source.path else None
        try:
            return target_of(path, setting=self.settings.python or self.python or None, roots=self.roots)
        except ValueError as error:
            self.complain(f"setting {SECTION}.python: {error}; it is ignored")
            return target_of(path, roots=self.roots)

    def complain(self, problem: str) -> None:
        """Tell the user of a problem with the settings, once."""
        if problem not in self._reported:
            self._reported.add(problem)
            log.warning("%s", problem)
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, problem))

    def report_server_error(self, error: Exception, source: object) -> None:
        """A failed request has been answered and logged; nobody wants a window about it."""


def make_server(content: Path, version: str, *, python: str = "") -> AsyncioServer:
    """Make a server that answers from the entries below `content`, for `python` unless the settings say more."""
    server = AsyncioServer(content, version)
    server.python = python
    server.feature(types.INITIALIZED)(on_initialized)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(on_configuration)
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(on_watched_files)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(on_folders)
    server.feature(types.TEXT_DOCUMENT_HOVER)(on_hover)
    server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, _TRIGGERS)(on_signature_help)
    server.feature(types.TEXT_DOCUMENT_COMPLETION, _COMPLETION)(on_completion)
    server.direct = {
        types.TEXT_DOCUMENT_HOVER: on_hover,
        types.TEXT_DOCUMENT_SIGNATURE_HELP: on_signature_help,
        types.TEXT_DOCUMENT_COMPLETION: on_completion,
    }
    server.feature(types.COMPLETION_ITEM_RESOLVE)(on_resolve)
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(on_inlay_hint)
    server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, _DIAGNOSTICS)(on_diagnostic)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, _ACTIONS)(on_code_action)
    return server


async def on_initialized(server: AsyncioServer, _params: types.InitializedParams) -> None:
    """Ask for the settings, and register what they switch on."""
    server.reading = asyncio.ensure_future(_warm_up(server))
    await _pull(server)
    server.settled.set()
    await server.register()
    registrations = []
    if server.client.configuration_dynamic:
        options: object = {"section": SECTION}
        registrations.append(types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
    if server.client.watches_files:
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(each) for each in _WATCHED])
        registrations.append(types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if registrations:
        await server.client_register_capability_async(types.RegistrationParams(registrations))


async def _warm_up(server: AsyncioServer) -> None:
    """Read all entries in pauses, and show that in a client that wants to know."""
    token = str(uuid.uuid4())
    if server.client.shows_progress:
        await server.work_done_progress.create_async(token)
        server.work_done_progress.begin(token, types.WorkDoneProgressBegin("asyncio reference", message="reading"))
    await ahead.read_entries(server.library.catalog)
    if server.client.shows_progress:
        server.work_done_progress.end(token, types.WorkDoneProgressEnd())


def on_watched_files(server: AsyncioServer, _params: types.DidChangeWatchedFilesParams) -> None:
    """Forget what was concluded from files that changed on disk."""
    server.files_changed()


def on_folders(server: AsyncioServer, _params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Follow folders that come and go."""
    server.rooted([folder.uri for folder in server.workspace.folders.values()])
    server.files_changed()


async def on_configuration(server: AsyncioServer, params: types.DidChangeConfigurationParams) -> None:
    """Follow changed settings, pushed or to be asked for."""
    if server.client.configuration:
        await _pull(server)
    else:
        server.configure(params.settings)
    await server.register()
    for uri in server.documents.uris:
        server.changed(uri)


async def _pull(server: AsyncioServer) -> None:
    if server.client.configuration:
        asked = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        try:
            answers = await server.workspace_configuration_async(asked)
        except JsonRpcException as error:
            log.warning("the client does not tell the settings: %s", error)
            return
        given = answers[0] if answers else None
        server.configure(server.initial if given is None else given)


def on_hover(server: AsyncioServer, params: types.HoverParams) -> Answer:
    """Documentation of the name at a position."""
    source = server.documents.get(params.text_document.uri)
    if source is None or not server.settings.hover_enabled:
        return None
    place = source.word_start(convert.position(source, params.position, server.documents.encoding))
    known = server.answer(source, place, _hover)
    if known is not None:
        return known
    asked = server.answer(source, place, _inferred_hover)
    return asyncio.ensure_future(_in_time(asked)) if isinstance(asked, Awaitable) else asked


def _hover(server: AsyncioServer, source: Source, place: Position) -> Encoded | None:
    detail, keywords = hover.Detail(server.settings.hover_detail), server.settings.hover_keywords
    answer = hover.hover(server.library, source, place, server.target(source), detail, keywords=keywords)
    return _encoded_hover(server, source, answer)


def _inferred_hover(server: AsyncioServer, source: Source, place: Position) -> Awaitable[Encoded | None] | None:
    """What Jedi finds, in a thread of its own while other requests are answered."""
    question = server.library.question(source, place)
    if question is None:
        return None
    return asyncio.ensure_future(_asked(server, source, question))


async def _in_time(answer: Awaitable[Encoded | None]) -> Encoded | None:
    """The answer if it comes while a user would wait for it; it is kept for the next time in any case."""
    done, _ = await asyncio.wait([asyncio.ensure_future(answer)], timeout=_PATIENCE_SECONDS)
    return next(iter(done)).result() if done else None


async def _asked(server: AsyncioServer, source: Source, question: Question) -> Encoded | None:
    detail, target, revision = hover.Detail(server.settings.hover_detail), server.target(source), source.revision
    work = functools.partial(hover.inferred_hover, server.library, question, target, detail)
    answer = await server.ask(work)
    if source.revision != revision:
        raise JsonRpcException("the document changed meanwhile", types.LSPErrorCodes.ContentModified.value)
    return _encoded_hover(server, source, answer)


def _encoded_hover(server: AsyncioServer, source: Source, answer: hover.Hover | None) -> Encoded | None:
    if answer is None:
        return None
    return server.protocol.encode(convert.hover(source, answer, server.client, server.documents.encoding))


def on_signature_help(server: AsyncioServer, params: types.SignatureHelpParams) -> Answer:
    """The signature of the call around a position."""
    return server.answered(params, _signature_help) if server.settings.signatureHelp_enabled else None


def _signature_help(server: AsyncioServer, source: Source, place: Position) -> Encoded | None:
    answer = signature_help.signature_help(server.library, source, place, server.target(source))
    if answer is None:
        return None
    encoded = json.loads(server.protocol.encode(convert.signature_help(answer, server.client)).text)
    if not server.client.active_parameter_in_signature:
        del encoded["signatures"][0]["activeParameter"]  # Null would mean "none" to a client that knows it.
    return Encoded(json.dumps(encoded))


def on_completion(server: AsyncioServer, params: types.CompletionParams) -> Answer:
    """What asyncio offers at a position."""
    return server.answered(params, _completion) if server.settings.completion_enabled else None


def _completion(server: AsyncioServer, source: Source, place: Position) -> Encoded | None:
    target = server.target(source)
    answer = completion.completion(server.library, source, place, target)
    if answer is None:
        return _recipes(server, source, place, target)
    encoded = server.answers.once_for(answer.offers, lambda: _encoded_list(server, answer, _SOMEWHERE, target))
    written = convert.range_(source, answer.written, server.documents.encoding)
    return Encoded(encoded.text.replace(_ANYWHERE.text, server.protocol.encode(written).text))


def _recipes(server: AsyncioServer, source: Source, place: Position, target: Target) -> Encoded | None:
    if server.settings.completion_snippets != "recipes":
        return None
    answer = recipes.recipe_offers(server.library, source, place, target)
    if answer is None:
        return None
    written = convert.range_(source, answer.written, server.documents.encoding)
    return _encoded_list(server, answer, written, target)


_SOMEWHERE = types.Range(types.Position(2**31 - 1, 0), types.Position(2**31 - 1, 0))
_ANYWHERE = Encoded(json.dumps(get_converter().unstructure(_SOMEWHERE)))


def _encoded_list(
    server: AsyncioServer, answer: completion.Completion, written: types.Range, target: Target
) -> Encoded:
    """A list whose items replace a text; where `written` stands for any place, that is filled in when it is sent."""
    snippets = server.settings.completion_snippets != "off"
    items = convert.completion(answer, written, server.client, target, snippets=snippets)
    if not server.client.resolves_documentation:
        for item in items.items:
            _document(server, item, target)
    return server.protocol.encode(items)


async def on_diagnostic(
    server: AsyncioServer, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport:
    """The notes of a document, once it is known which ones are wanted."""
    with contextlib.suppress(asyncio.TimeoutError):  # A client that never answers gets the default ones.
        await asyncio.wait_for(server.settled.wait(), _SETTLED_SECONDS)
    return await diagnostics.pulled(server, params)


def on_code_action(server: AsyncioServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """What mends the notes in a range."""
    return diagnostics.actions(server, params)


def on_inlay_hint(server: AsyncioServer, params: types.InlayHintParams) -> list[types.InlayHint]:
    """What variables hold that an asyncio call was assigned to."""
    source = server.documents.get(params.text_document.uri)
    if source is None or not server.settings.inlayHints_enabled:
        return []
    first, last = params.range.start.line, params.range.end.line
    hints = inlay_hints.inlay_hints(server.library, source, server.target(source), first, last)
    return [convert.inlay_hint(source, hint, server.documents.encoding) for hint in hints]


def on_resolve(server: AsyncioServer, item: types.CompletionItem) -> types.CompletionItem:
    """Add the documentation of an offer."""
    _document(server, item, convert.target_of_item(item))
    return item


def _document(server: AsyncioServer, item: types.CompletionItem, target: Target) -> None:
    name = convert.name_of_item(item)
    if name is None:
        return
    text = recipes.documentation(server.library.catalog, name) or completion.documentation(server.library, name, target)
    if text is not None:
        item.documentation = convert.documentation(text, server.client.completion_format)
