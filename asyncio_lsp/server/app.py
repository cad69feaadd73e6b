"""The language server: one handler per request, each translates in, calls one function, translates out."""

from __future__ import annotations

import logging
from collections.abc import Generator
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.uris import to_fs_path

from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features import completion, hover, signature_help
from asyncio_lsp.features.library import Library
from asyncio_lsp.server import convert
from asyncio_lsp.server import settings as settings_
from asyncio_lsp.server.client import Client
from asyncio_lsp.server.documents import Documents
from asyncio_lsp.server.settings import SECTION, Settings
from asyncio_lsp.workspace.target import target_of

log = logging.getLogger(__name__)
_TRIGGERS = types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[")", "="])
_COMPLETION = types.CompletionOptions(trigger_characters=["."], resolve_provider=True)
_PYTHON: list[types.DocumentFilter] = [types.TextDocumentFilterLanguage(language="python")]


class Protocol(LanguageServerProtocol):
    """The protocol of pygls with documents of our own."""

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
        self._server.documents.open(params.text_document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply edits."""
        if self._server.documents.change(params.text_document.uri, list(params.content_changes)) is None:
            log.warning("a change of %s, which is not open, is ignored", params.text_document.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forget a document."""
        self._server.documents.close(params.text_document.uri)


class AsyncioServer(LanguageServer):
    """The state of one connection."""

    def __init__(self, content: Path, version: str) -> None:
        super().__init__("asyncio-lsp", version, protocol_cls=Protocol)
        self.project = Project()
        self.library = Library(Catalog(content), self.project)
        self.documents = Documents(self.project)
        self.client = Client()
        self.settings = Settings()
        self.roots: tuple[Path, ...] = ()
        self._reported: set[str] = set()
        self._registered: set[str] = set()

    def started(self, params: types.InitializeParams, capabilities: types.ServerCapabilities) -> None:
        """Note who is there; switches that can be registered later are not announced now."""
        self.client = Client.of(params.capabilities)
        self.documents.encoding = convert.Encoding(capabilities.position_encoding or "utf-16")
        folders = [folder.uri for folder in params.workspace_folders or ()] or ([params.root_uri] if params.root_uri else [])
        self.roots = tuple(Path(path) for uri in folders if (path := to_fs_path(uri)))
        self.project.roots = tuple(str(root) for root in self.roots)
        self.configure(params.initialization_options)
        if self.client.hover_dynamic:
            capabilities.hover_provider = None
        if self.client.signature_dynamic:
            capabilities.signature_help_provider = None
        if self.client.completion_dynamic:
            capabilities.completion_provider = None

    def configure(self, raw: object) -> None:
        """Follow the settings; what cannot be followed is said once."""
        self.settings, problems = settings_.read(raw)
        logging.getLogger().setLevel(self.settings.log_level.upper())
        for problem in problems:
            self._complain(problem)

    def switches(self) -> dict[str, tuple[bool, bool, object]]:
        """Per method: whether it can be registered at any time, whether it is on, and its options."""
        hover_options = types.HoverRegistrationOptions(_PYTHON)
        help_options = types.SignatureHelpRegistrationOptions(
            _PYTHON, trigger_characters=_TRIGGERS.trigger_characters, retrigger_characters=_TRIGGERS.retrigger_characters
        )
        completion_options = types.CompletionRegistrationOptions(
            _PYTHON, trigger_characters=_COMPLETION.trigger_characters, resolve_provider=True
        )
        client, settings = self.client, self.settings
        return {
            types.TEXT_DOCUMENT_HOVER: (client.hover_dynamic, settings.hover_enabled, hover_options),
            types.TEXT_DOCUMENT_SIGNATURE_HELP: (client.signature_dynamic, settings.signatureHelp_enabled, help_options),
            types.TEXT_DOCUMENT_COMPLETION: (client.completion_dynamic, settings.completion_enabled, completion_options),
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
        path = Path(source.path) if source.path else None
        try:
            return target_of(path, setting=self.settings.python or None, roots=self.roots)
        except ValueError as error:
            self._complain(f"setting {SECTION}.python: {error}; it is ignored")
            return target_of(path, roots=self.roots)

    def _complain(self, problem: str) -> None:
        if problem not in self._reported:
            self._reported.add(problem)
            log.warning("%s", problem)
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, problem))

    def report_server_error(self, error: Exception, source: object) -> None:
        """A failed request has been answered and logged; nobody wants a window about it."""


def make_server(content: Path, version: str) -> AsyncioServer:
    """Make a server that answers from the entries below `content`."""
    server = AsyncioServer(content, version)
    server.feature(types.INITIALIZED)(on_initialized)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(on_configuration)
    server.feature(types.TEXT_DOCUMENT_HOVER)(on_hover)
    server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, _TRIGGERS)(on_signature_help)
    server.feature(types.TEXT_DOCUMENT_COMPLETION, _COMPLETION)(on_completion)
    server.feature(types.COMPLETION_ITEM_RESOLVE)(on_resolve)
    return server


async def on_initialized(server: AsyncioServer, _params: types.InitializedParams) -> None:
    """Ask for the settings, and register what they switch on."""
    if server.client.configuration_dynamic:
        registration = types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION})
        await server.client_register_capability_async(types.RegistrationParams([registration]))
    await _pull(server)
    await server.register()


async def on_configuration(server: AsyncioServer, params: types.DidChangeConfigurationParams) -> None:
    """Follow changed settings, pushed or to be asked for."""
    if server.client.configuration:
        await _pull(server)
    else:
        server.configure(params.settings)
    await server.register()


async def _pull(server: AsyncioServer) -> None:
    if server.client.configuration:
        asked = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        answers = await server.workspace_configuration_async(asked)
        if answers and answers[0] is not None:
            server.configure(answers[0])


def on_hover(server: AsyncioServer, params: types.HoverParams) -> types.Hover | None:
    """Documentation of the name at a position."""
    source = server.documents.get(params.text_document.uri)
    if source is None or not server.settings.hover_enabled:
        return None
    place = convert.position(source, params.position, server.documents.encoding)
    detail = hover.Detail(server.settings.hover_detail)
    keywords = server.settings.hover_keywords
    answer = hover.hover(server.library, source, place, server.target(source), detail, keywords=keywords)
    return convert.hover(source, answer, server.client, server.documents.encoding) if answer else None


def on_signature_help(server: AsyncioServer, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """The signature of the call around a position."""
    source = server.documents.get(params.text_document.uri)
    if source is None or not server.settings.signatureHelp_enabled:
        return None
    place = convert.position(source, params.position, server.documents.encoding)
    answer = signature_help.signature_help(server.library, source, place, server.target(source))
    return convert.signature_help(answer, server.client) if answer else None


def on_completion(server: AsyncioServer, params: types.CompletionParams) -> types.CompletionList | None:
    """What asyncio offers at a position."""
    source = server.documents.get(params.text_document.uri)
    if source is None or not server.settings.completion_enabled:
        return None
    place = convert.position(source, params.position, server.documents.encoding)
    target = server.target(source)
    answer = completion.completion(server.library, source, place, target)
    if answer is None:
        return None
    snippets = server.settings.completion_snippets != "off"
    items = convert.completion(source, answer, server.client, server.documents.encoding, target, snippets=snippets)
    if not server.client.resolves_documentation:
        for item in items.items:
            _document(server, item, target)
    return items


def on_resolve(server: AsyncioServer, item: types.CompletionItem) -> types.CompletionItem:
    """Add the documentation of an offer."""
    _document(server, item, convert.target_of_item(item))
    return item


def _document(server: AsyncioServer, item: types.CompletionItem, target: Target) -> None:
    name = convert.name_of_item(item)
    text = completion.documentation(server.library, name, target) if name else None
    if text is not None:
        item.documentation = convert.markup(text, shows_markdown=server.client.completion_markdown)
