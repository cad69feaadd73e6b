"""Conditions on names that some of the supported versions do not have."""

from __future__ import annotations

from asyncio_lsp.analysis.text import Span
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
    facts = entry.facts
    parent = scene.catalog.find(entry.parent)
    if parent is not None and parent is not entry and parent.facts.missing_before(target):
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
    if (deprecated := facts.deprecated_in(target)) is not None:
        planned = f", to be removed in {facts.removal_planned}" if facts.removal_planned else ""
        return finding(
            scene,
            "deprecated",
            span,
            entry.name,
            "default" if facts.replacement else "plain",
            severity=Severity.HINT,
            name=short(entry.name),
            deprecated=deprecated,
            planned=planned,
            replacement=facts.replacement,
            gone=True,
        )
    if Trait.TIMEOUT_ERROR in facts.traits and target.oldest >= _SAME_CLASS_SINCE:
        title = fix_title(scene, "timeout-error-alias", "builtin-timeout-error")
        builtin = entry.name.rpartition(".")[2]
        fixes = (Fix(title, (Edit(whole, builtin),), safe=True),) if title and whole != span else ()
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
