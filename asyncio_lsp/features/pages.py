"""Whole pages: one entry, one topic, the list of entries, the reference as one document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.declaration import Kind
from asyncio_lsp.catalog.entry import Entry, Page
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features import markup

_FUNCTIONS = (Kind.FUNCTION, Kind.COROUTINE_FUNCTION)
_CLASSES = (Kind.CLASS, Kind.EXCEPTION)


def entry_page(entry: Entry, catalog: Catalog, target: Target, *, level: int = 1) -> str:
    """Everything about an entry as Markdown; its heading has the given level."""
    head = f"{'#' * level} {entry.name}"
    parts = [head, markup.signature(entry, target), f"{markup.how_to_use(entry)}{entry.summary}"]
    parts += [_lines(markup.availability(entry, target)), entry.description]
    for title, text in _sections(entry, catalog, target):
        parts.append(f"{'#' * (level + 1)} {title}\n\n{text}")
    parts.append(markup.footer(entry, target))
    return "\n\n".join(part for part in parts if part) + "\n"


def _sections(entry: Entry, catalog: Catalog, target: Target) -> Iterator[tuple[str, str]]:
    facts = entry.facts
    declared = entry.declaration_for(target).parameters
    if declared:
        rows = [
            f"- `{each.text()}`: {markup.parameter(each, facts.parameters[each.name], target)}" for each in declared
        ]
        yield "Parameters", "\n".join(rows)
    if facts.returns:
        yield "Result", facts.returns
    raises = [each for each in facts.raises if each.overlaps(target)]
    if raises:
        yield "Errors", "\n".join(f"- {markup.raised(each, target)}" for each in raises)
    if facts.cancellation:
        yield "Cancellation", facts.cancellation
    if facts.thread_safe:
        yield "Threads", "Any thread may call it."
    told = markup.facts(entry, target)
    if told:
        yield "What people get wrong", "\n".join(f"- {text}" for text in told)
    for section in entry.sections:
        yield section.title, section.text
    if entry.example is not None and entry.example.lifetime.overlaps(target):
        output = f"\n\n```text\n{entry.example.output}```" if entry.example.output else ""
        yield "Example", f"```python\n{entry.example.program}```{output}"
    members = (
        [each for each in catalog.members(entry.name) if each.facts.overlaps(target)] if entry.kind in _CLASSES else []
    )
    if members:
        yield "Members", "\n".join(f"- `{markup.short(each.name)}`: {each.summary}" for each in members)
    history = _history(entry)
    if history:
        yield "History", "\n".join(f"- {line}" for line in history)


def _history(entry: Entry) -> list[str]:
    """What every version did, oldest first."""
    facts = entry.facts
    rows = [(change.version, change.text) for change in facts.changed]
    rows += [(life.since, f"`{name}` is new.") for name, life in facts.parameters.items() if life.since]
    rows += [(life.removed, f"`{name}` is removed.") for name, life in facts.parameters.items() if life.removed]
    rows += [
        (version, text)
        for version, text in ((facts.since, "New."), (facts.deprecated, "Deprecated."), (facts.removed, "Removed."))
        if version
    ]
    return [f"{version}: {text}" for version, text in sorted(rows, key=lambda row: row[0]) if version]


def topic_page(page: Page, *, level: int = 1) -> str:
    """A topic as Markdown."""
    parts = [f"{'#' * level} {page.facts.title}", page.summary, page.description]
    parts += [f"{'#' * (level + 1)} {section.title}\n\n{section.text}" for section in page.sections]
    if page.facts.see:
        parts.append("See " + ", ".join(f"`{markup.short(name)}`" for name in page.facts.see) + ".")
    return "\n\n".join(part for part in parts if part) + "\n"


def listing(catalog: Catalog) -> list[Entry]:
    """All entries, sorted by name."""
    return list(catalog.entries())


def as_data(entry: Entry, target: Target) -> dict[str, Any]:
    """An entry as plain data for JSON."""
    facts = entry.facts
    declared = entry.declaration_for(target)
    return {
        "name": entry.name,
        "kind": str(entry.kind),
        "summary": entry.summary,
        "signature": [text for _, text in declared.items()],
        "returns": declared.returns,
        "use": [str(use) for use in entry.use],
        "since": _text(facts.since),
        "deprecated": _text(facts.deprecated),
        "removed": _text(facts.removed),
        "removal_planned": _text(facts.removal_planned),
        "parameters": {each.name: facts.parameters[each.name].text for each in declared.parameters},
        "facts": markup.facts(entry, target),
        "see": list(facts.see),
        "docs": markup.documentation(facts.docs, facts, target),
    }


def _text(version: object | None) -> str | None:
    return None if version is None else str(version)


def export(catalog: Catalog, target: Target) -> str:
    """The whole reference: topics, function index, class index, deprecated and removed names, then every entry."""
    entries = [entry for entry in catalog.entries() if entry.facts.overlaps(target)]
    topics = [topic_page(page, level=2) for page in catalog.topics.values()]
    pages = [entry_page(entry, catalog, target, level=2) for entry in entries]
    anchors = _anchors([*_INDEXES, *topics, *pages])
    listed = [
        f"- [{page.facts.title}](#{anchors[page.facts.title]}): {page.summary}" for page in catalog.topics.values()
    ]
    parts = [
        f"# asyncio reference for Python {target}",
        f"{_INDEXES[0]}\n\n" + "\n".join(listed),
        f"{_INDEXES[1]}\n\n" + _function_index(entries, anchors),
        f"{_INDEXES[2]}\n\n" + _class_index(entries, catalog, target, anchors),
        f"{_INDEXES[3]}\n\n" + _deprecated(entries, target, anchors),
        *topics,
        *pages,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


_INDEXES = ("## Topics", "## Function index", "## Class index", "## Deprecated and removed")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _anchors(parts: list[str]) -> dict[str, str]:
    """The anchor that GitHub gives each heading: the same one again gets a number."""
    anchors: dict[str, str] = {}
    given: dict[str, int] = {}
    for part in parts:
        for heading in _HEADING.findall(_CODE.sub("", part)):
            slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            number = given.get(slug, 0)
            given[slug] = number + 1
            anchors.setdefault(heading, f"{slug}-{number}" if number else slug)
    return anchors


def _function_index(entries: list[Entry], anchors: dict[str, str]) -> str:
    rows = [f"| {_linked(entry, anchors)} | {entry.summary} |" for entry in entries if entry.kind in _FUNCTIONS]
    return "\n".join(["| function | what it does |", "|---|---|", *rows])


def _class_index(entries: list[Entry], catalog: Catalog, target: Target, anchors: dict[str, str]) -> str:
    rows = []
    for entry in entries:
        if entry.kind in _CLASSES:
            own = [
                each
                for each in catalog.members(entry.name)
                if each.parent == entry.name and each.facts.overlaps(target)
            ]
            methods = ", ".join(f"`{each.name.rpartition('.')[2]}`" for each in own)
            rows.append(f"| {_linked(entry, anchors)} | {entry.summary} | {methods} |")
    return "\n".join(["| class | what it is | members |", "|---|---|---|", *rows])


def _deprecated(entries: list[Entry], target: Target, anchors: dict[str, str]) -> str:
    rows = []
    for entry in entries:
        facts = entry.facts
        if facts.deprecated_in(target) or facts.missing_from(target):
            gone = (
                f"removed in {facts.removed}"
                if facts.removed
                else f"removal planned for {facts.removal_planned}"
                if facts.removal_planned
                else ""
            )
            rows.append(
                f"| {_linked(entry, anchors)} | {_text(facts.deprecated) or ''} | {gone} | {facts.replacement or ''} |"
            )
    return "\n".join(["| name | deprecated since | removal | use instead |", "|---|---|---|---|", *rows])


def _linked(entry: Entry, anchors: dict[str, str]) -> str:
    return f"[`{entry.name}`](#{anchors[entry.name]})"


def _lines(lines: list[str]) -> str:
    return "  \n".join(lines)
