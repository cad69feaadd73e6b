"""Conditions on names that some of the supported versions do not have."""

from __future__ import annotations

from asyncio_lsp.analysis.evaluate import ROOT
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.catalog.declaration import Kind
from asyncio_lsp.catalog.entry import Entry, Severity, Trait
from asyncio_lsp.catalog.version import Version
from asyncio_lsp.features.notes.finding import Edit, Finding, Fix
from asyncio_lsp.features.notes.scene import Scene
from asyncio_lsp.features.notes.texts import finding, fix_title, short

_SAME_CLASS_SINCE = Version(11)


def on_name(scene: Scene, entry: Entry, span: Span, whole: Span) -> Finding | None:
    """What the name itself earns; `whole` is the dotted name as it is written."""
    target = scene.narrowed
    if target is None or scene.caught_around("ImportError", "ModuleNotFoundError", "AttributeError"):
        return None
    if scene.asked_for:
        return None
    facts = entry.facts
    parent = scene.catalog.find(entry.parent)
    if parent is not None and parent.kind is Kind.CLASS and not parent.facts.covers(target):
        return None  # Where there is no class there are no methods: the class has the note.
    if (since := facts.missing_before(target)) is not None:
        severity = Severity.ERROR if since.feature > target.last else Severity.WARNING
        return finding(
            scene,
            "needs-python",
            span,
            entry.name,
            severity=severity,
            name=short(entry.name),
            since=since,
            python=target,
        )
    if (removed := facts.missing_from(target)) is not None:
        severity = Severity.ERROR if removed <= target.oldest else Severity.WARNING
        return finding(
            scene,
            "removed",
            span,
            entry.name,
            "default" if facts.replacement else "plain",
            severity=severity,
            name=short(entry.name),
            removed=removed,
            replacement=facts.replacement,
            gone=True,
        )
    if parent is not None and parent.kind is Kind.CLASS and parent.facts.deprecated_in(target) is not None:
        return None
    if (deprecated := facts.deprecated_in(target)) is not None and not scene.warnings_are_handled:
        planned = f", to be removed in {facts.removal_planned}" if facts.removal_planned else ""
        return finding(
            scene,
            "deprecated",
            span,
            entry.name,
            "default" if facts.replacement else "plain",
            severity=Severity.HINT,
            fixes=_replaced(scene, entry, span, whole),
            name=short(entry.name),
            deprecated=deprecated,
            planned=planned,
            replacement=facts.replacement,
            gone=True,
        )
    if Trait.TIMEOUT_ERROR in facts.traits and target.oldest >= _SAME_CLASS_SINCE:
        title = fix_title(scene, "timeout-error-alias", "builtin-timeout-error")
        builtin = entry.name.rpartition(".")[2]
        free = whole != span and not scene.source.binding(builtin)  # A name of the file would hide the builtin.
        fixes = (Fix(title, (Edit(whole, builtin),), safe=True),) if title and free else ()
        return finding(
            scene,
            "timeout-error-alias",
            span,
            entry.name,
            "alias",
            severity=Severity.HINT,
            fixes=fixes,
            name=short(entry.name),
        )
    return None


def _replaced(scene: Scene, entry: Entry, span: Span, whole: Span) -> tuple[Fix, ...]:
    """Write the name that can stand in its place, and import its module behind the import of the old one."""
    title, code = fix_title(scene, "deprecated", "replace"), entry.facts.replacement_code
    if title is None or code is None or whole == span:
        return ()
    module = code.rpartition(".")[0]
    value = scene.evaluator.name(module, Place(scene.source, scene.statement))
    edits = [Edit(whole, code)]
    if scene.source.binding(module):
        return (Fix(title, tuple(edits)),) if getattr(value, "path", "") == module else ()
    line = min((each.line for each in scene.source.binding(f"import {ROOT}") if not each.indent), default=None)
    if line is None:
        return ()
    end = Position(line, len(scene.source.lines[line]))
    first = scene.source.statement_at(line)
    if len(first.lines) > 1 or len(first.tree) != 1:
        return ()
    return (Fix(title, (Edit(Span(end, end), f"\nimport {module}"), *edits)),)
