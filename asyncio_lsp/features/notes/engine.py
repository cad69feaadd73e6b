"""The notes of a statement and of a document."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from asyncio_lsp.analysis import bound
from asyncio_lsp.analysis.evaluate import ROOT
from asyncio_lsp.analysis.lexer import TokenKind
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Span
from asyncio_lsp.analysis.values import AsyncioModule, Symbol, options
from asyncio_lsp.catalog.entry import Entry
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features.library import Library
from asyncio_lsp.features.notes import arguments, calls, suites, versions
from asyncio_lsp.features.notes.finding import Finding
from asyncio_lsp.features.notes.scene import Scene, Spot

_SILENT = re.compile(r"#.*?\b(?:noqa:\s*(?P<noqa>[\w, -]+)|asyncio-lsp:\s*ignore\[(?P<ignore>[^\]]*)\])")
_IGNORE = "asyncio-lsp:"
UNKNOWN_ID = "unknown-note-id"


def notes_in(library: Library, source: Source, target: Target) -> list[Finding]:
    """All notes of a document that uses asyncio, in the order of their places; silenced ones are left out."""
    found = [finding for findings in note_steps(library, source, target) for finding in findings]
    return sorted(found, key=lambda finding: (finding.span, finding.id))


def note_steps(library: Library, source: Source, target: Target) -> Iterator[list[Finding]]:
    """The notes of a document statement by statement, for those who do other things in between."""
    if not library.uses_asyncio(source):
        return
    for statement in list(source.statements):
        if _IGNORE in statement.text or (statement.word and library.may_earn_notes(source, statement)):
            yield list(silenced(library, statement, notes_of(library, source, statement, target)))


def notes_of(library: Library, source: Source, statement: Statement, target: Target) -> list[Finding]:
    """The notes of one statement."""
    scene = Scene(library.catalog, library.evaluator(), source, statement, target)
    if scene.narrowed is None or scene.meant_to_fail:
        return []
    return list(dict.fromkeys(finding for finding in _found(library, scene) if finding is not None))


def notes_at(library: Library, source: Source, span: Span, entry: Entry, target: Target) -> list[Finding]:
    """The notes that the hover of a name shows: about its call, and about the name itself however it was imported."""
    statement = source.statement_at(span.start.line)
    scene = Scene(library.catalog, library.evaluator(), source, statement, target)
    if scene.narrowed is None:
        return []
    about = [*_found(library, scene, span), versions.on_name(scene, entry, span, span)]
    found = {finding.id: finding for finding in about if finding is not None and span in (finding.span, *finding.also)}
    return list(found.values())


def _found(library: Library, scene: Scene, focus: Span | None = None) -> Iterator[Finding | None]:
    for spot in scene.spots:
        if focus is not None and not _concerns(scene, spot.node, focus):
            continue
        match spot.node:
            case ast.Call() as call:
                if _speaks(library, scene, call.func):
                    entry = scene.entry(call.func, spot)
                    if entry is not None:
                        yield from calls.on_call(scene, call, entry, spot)
                        yield from arguments.on_arguments(scene, call, entry, spot)
                yield calls.blocks_the_loop(scene, call, spot)
            case ast.Await() as awaited:
                yield calls.wrong_await(scene, awaited, spot)
            case ast.With() | ast.AsyncWith() as node:
                yield from suites.on_with(scene, node, spot)
            case ast.For() | ast.AsyncFor() as loop:
                yield from suites.on_for(scene, loop, spot)
            case ast.Attribute() as name if _speaks(library, scene, name):
                if not spot.is_annotation or scene.evaluates_annotations:
                    yield _on_reference(scene, name, spot)
            case ast.ImportFrom() as node:
                yield from _on_import(scene, node)
    if scene.statement.word == "except":
        yield from suites.on_except(scene)


def _concerns(scene: Scene, node: ast.AST, focus: Span) -> bool:
    """Say whether notes on a piece of syntax can be about the name at `focus`."""
    if isinstance(node, ast.Attribute):
        return scene.name_span(node) == focus
    if isinstance(node, ast.Call):
        keywords = (scene.span(keyword).start for keyword in node.keywords)
        return scene.name_span(node.func) == focus or focus.start in keywords
    return isinstance(node, ast.stmt | ast.Await)


def _speaks(library: Library, scene: Scene, node: ast.expr) -> bool:
    """Say whether the last identifier of a name may be a public one."""
    word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return bool(word) and library.speaks_of(scene.source, word)


def _on_reference(scene: Scene, node: ast.Attribute, spot: Spot) -> Finding | None:
    entry = scene.entry(node, spot)
    if entry is None:
        return None
    return versions.on_name(scene, entry, scene.name_span(node), scene.span(node))


def _on_import(scene: Scene, node: ast.ImportFrom) -> Iterator[Finding | None]:
    module = bound.module_name(node)
    if module.partition(".")[0] != ROOT:
        return  # What another module hands on is that module's to choose.
    for alias in node.names:
        value = scene.evaluator.imported(module, alias.name, scene.source)
        for option in options(value):
            if isinstance(option, Symbol | AsyncioModule):
                entry = scene.catalog.find(option.name if isinstance(option, Symbol) else option.path)
                start = scene.span(alias).start
                span = Span(start, start._replace(column=start.column + len(alias.name)))
                if entry is not None:
                    yield versions.on_name(scene, entry, span, span)


def silenced(library: Library, statement: Statement, found: list[Finding]) -> Iterator[Finding]:
    """Leave out what comments of the statement silence, and report ids in them that do not exist."""
    if not found and _IGNORE not in statement.text:
        return
    by_line: dict[int, set[str]] = {}
    for token in statement.tokens:
        if token.kind is TokenKind.COMMENT and (comment := _SILENT.match(token.text)) is not None:
            span = statement.span(token.start, token.end)
            ids = {each.strip() for each in (comment["noqa"] or comment["ignore"]).split(",") if each.strip()}
            by_line.setdefault(span.start.line, set()).update(ids)
            if comment["ignore"] is not None:
                page = library.catalog.notes.get(UNKNOWN_ID)
                for unknown in sorted(ids - library.catalog.notes.keys()):
                    if page is not None:
                        text = page.facts.messages["default"].format(id=unknown)
                        yield Finding(UNKNOWN_ID, page.facts.severity, span, text, "")
    for finding in found:
        if finding.id not in by_line.get(finding.span.start.line, set()):
            yield finding
