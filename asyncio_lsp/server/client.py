"""What the client can show: each answer looks at exactly the capability that gates it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types


@dataclass(frozen=True)
class Client:
    """The capabilities that answers depend on; the defaults are those of a client that says nothing."""

    hover_markdown: bool = False
    hover_dynamic: bool = False
    completion_format: types.MarkupKind | None = None
    completion_dynamic: bool = False
    snippets: bool = False
    insert_text_mode: bool = False
    label_details: bool = False
    deprecated_tag: bool = False
    deprecated_flag: bool = False
    resolves_documentation: bool = False
    signature_format: types.MarkupKind | None = None
    signature_dynamic: bool = False
    label_offsets: bool = False
    active_parameter_in_signature: bool = False
    no_active_parameter: bool = False
    inlay_dynamic: bool = False
    pulls_diagnostics: bool = False
    diagnostic_links: bool = False
    diagnostic_related: bool = False
    diagnostic_tags: bool = False
    code_action_literals: bool = False
    preferred_actions: bool = False
    watches_files: bool = False
    shows_progress: bool = False
    configuration: bool = False
    configuration_dynamic: bool = False

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities) -> Client:
        """Read the capabilities of an `initialize` request."""
        document = capabilities.text_document or types.TextDocumentClientCapabilities()
        workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
        hover = document.hover or types.HoverClientCapabilities()
        completion = document.completion or types.CompletionClientCapabilities()
        item = completion.completion_item or types.ClientCompletionItemOptions()
        help_ = document.signature_help or types.SignatureHelpClientCapabilities()
        signature = help_.signature_information or types.ClientSignatureInformationOptions()
        parameter = signature.parameter_information
        published = document.publish_diagnostics or types.PublishDiagnosticsClientCapabilities()
        pulled = document.diagnostic or types.DiagnosticClientCapabilities()
        actions = document.code_action or types.CodeActionClientCapabilities()
        watched = workspace.did_change_watched_files
        window = capabilities.window or types.WindowClientCapabilities()
        changed = workspace.did_change_configuration
        return cls(
            hover_markdown=_markdown(hover.content_format),
            hover_dynamic=bool(hover.dynamic_registration),
            completion_format=_format(item.documentation_format),
            completion_dynamic=bool(completion.dynamic_registration),
            snippets=bool(item.snippet_support),
            insert_text_mode=_has(item.insert_text_mode_support, types.InsertTextMode.AdjustIndentation),
            label_details=bool(item.label_details_support),
            deprecated_tag=_has(item.tag_support, types.CompletionItemTag.Deprecated),
            deprecated_flag=bool(item.deprecated_support),
            resolves_documentation=bool(item.resolve_support and "documentation" in item.resolve_support.properties),
            signature_format=_format(signature.documentation_format),
            signature_dynamic=bool(help_.dynamic_registration),
            label_offsets=bool(parameter and parameter.label_offset_support),
            active_parameter_in_signature=bool(signature.active_parameter_support),
            no_active_parameter=bool(signature.no_active_parameter_support),
            inlay_dynamic=bool(document.inlay_hint and document.inlay_hint.dynamic_registration),
            pulls_diagnostics=document.diagnostic is not None,
            diagnostic_links=bool(published.code_description_support or pulled.code_description_support),
            diagnostic_related=bool(published.related_information or pulled.related_information),
            diagnostic_tags=bool(published.tag_support or pulled.tag_support),
            code_action_literals=bool(actions.code_action_literal_support),
            preferred_actions=bool(actions.is_preferred_support),
            watches_files=bool(watched and watched.dynamic_registration),
            shows_progress=bool(window.work_done_progress),
            configuration=bool(workspace.configuration),
            configuration_dynamic=bool(changed and changed.dynamic_registration),
        )


def _markdown(formats: Sequence[types.MarkupKind] | None) -> bool:
    """Say whether the client prefers Markdown; one that lists nothing gets plain text."""
    return bool(formats) and formats is not None and formats[0] is types.MarkupKind.Markdown


def _format(formats: Sequence[types.MarkupKind] | None) -> types.MarkupKind | None:
    """The format that the client prefers; None for one that may know only plain strings."""
    return formats[0] if formats else None


def _has(
    support: types.ClientCompletionItemInsertTextModeOptions | types.CompletionItemTagOptions | None,
    value: types.InsertTextMode | types.CompletionItemTag,
) -> bool:
    return support is not None and value in support.value_set
