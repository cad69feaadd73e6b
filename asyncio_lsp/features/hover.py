"""The documentation of the name at a position."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from asyncio_lsp.analysis.inference import Question
from asyncio_lsp.analysis.resolve import Reference, keyword_at, reference_at
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.catalog.entry import Entry, ParameterFacts
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features import markup
from asyncio_lsp.features.library import Library
from asyncio_lsp.features.notes.engine import notes_at

LINES = 20
CHARACTERS = 1200
_VERSION_NOTES = frozenset(("needs-python", "removed", "deprecated", "parameter-needs-python", "parameter-removed"))
"""Notes that say what the lines about availability would say."""


class Detail(StrEnum):
    """How much a hover says."""

    SHORT = "short"
    NORMAL = "normal"
    FULL = "full"


@dataclass(frozen=True)
class Note:
    """What this place in the code earns; `severity` is error, warning, info or hint."""

    id: str
    severity: str
    message: str


@dataclass(frozen=True)
class Hover:
    """An answer, and everything that it was made from."""

    symbol: str
    kind: str
    span: Span
    parameter: str | None
    notes: tuple[Note, ...]
    markdown: str


def hover(
    library: Library,
    source: Source,
    position: Position,
    target: Target,
    detail: Detail = Detail.NORMAL,
    *,
    keywords: bool = True,
) -> Hover | None:
    """Explain the name at a position as the target has it; `keywords` of the language too, if wanted."""
    reference = reference_at(library.evaluator(), source, position)
    if reference is None:
        return keyword_hover(library, source, position, target) if keywords else None
    return explain(library, source, reference, target, detail)


def inferred_hover(
    library: Library, question: Question, target: Target, detail: Detail = Detail.NORMAL
) -> Hover | None:
    """Explain an attribute that only Jedi can find, however long that takes."""
    name = library.inference.answer(question)
    source = Source(question.text, question.path)
    return explain(library, source, Reference(name, question.span), target, detail) if name else None


def explain(library: Library, source: Source, reference: Reference, target: Target, detail: Detail) -> Hover | None:
    """Explain what was found at a position."""
    entry = library.catalog.find(reference.name)
    if entry is None:
        return None
    found = notes_at(library, source, reference.span, entry, target) if library.uses_asyncio(source) else []
    notes = tuple(Note(each.id, str(each.severity), each.message) for each in found)
    if reference.parameter is None:
        text = entry_markdown(entry, target, detail, notes, guessed=reference.guessed)
        return Hover(entry.name, str(entry.kind), reference.span, None, notes, text)
    return _parameter_hover(entry, reference, target, notes)


def keyword_hover(library: Library, source: Source, position: Position, target: Target) -> Hover | None:
    """Explain a keyword such as `await`, in a file that uses asyncio."""
    found = keyword_at(source, position)
    if found is None:
        return None
    text, span = found
    page = library.catalog.keywords.get(text)
    if page is None:
        return None
    lines = [f"`{page.facts.title}`: {page.summary}", "", *(f"- {each.text}" for each in page.facts.facts)]
    if page.example:
        lines += ["", f"```python\n{page.example.visible}\n```"]
    lines += ["", markup.page_footer(page, target)]
    return Hover(text, "keyword", span, None, (), _joined(lines))


def _parameter_hover(entry: Entry, reference: Reference, target: Target, notes: tuple[Note, ...]) -> Hover | None:
    parameter = next((each for each in entry.declaration.parameters if each.name == reference.parameter), None)
    if parameter is None:
        return None
    facts = entry.facts.parameters[parameter.name]
    text = facts.text
    if facts.documented:
        text += f" The Python documentation calls it `{facts.documented}`."
    lines = [f"```python\n{entry.name}(…, {parameter.text()})\n```", f"**`{parameter.name}`**: {text}"]
    if facts.values:
        lines.append("Values: " + ", ".join(f"`{value}`" for value in facts.values) + ".")
    if not {note.id for note in notes} & _VERSION_NOTES:
        lines += _parameter_versions(facts, target)
    lines += _noted(notes)
    lines += ["", markup.footer(entry, target)]
    return Hover(entry.name, str(entry.kind), reference.span, parameter.name, notes, _joined(lines))


def _parameter_versions(facts: ParameterFacts, target: Target) -> list[str]:
    lines = []
    if (since := facts.missing_before(target)) is not None:
        lines.append(f"**New in {since}**; this project supports {target}.")
    if (removed := facts.missing_from(target)) is not None:
        lines.append(f"**Removed in {removed}**; this project supports {target}.")
    elif (deprecated := facts.deprecated_in(target)) is not None:
        lines.append(f"**Deprecated** since {deprecated}.")
    return lines


@lru_cache(maxsize=1000)
def entry_markdown(
    entry: Entry, target: Target, detail: Detail, notes: tuple[Note, ...] = (), *, guessed: bool = False
) -> str:
    """Lay an entry out for a hover, leaving out what does not fit the limits of the detail."""
    head = [markup.signature(entry, target), f"{markup.how_to_use(entry)}{entry.summary}"]
    if guessed:
        head.append("(A guess by the variable's name: nothing in the code says what it is.)")
    said = {note.id for note in notes}
    head += _paragraph([] if said & _VERSION_NOTES else markup.availability(entry, target))
    head += _noted(notes)
    if detail is Detail.SHORT:
        return _joined([*head, "", markup.footer(entry, target)])
    if detail is Detail.FULL:
        bullets = _bullets(entry, target, full=True)
        description = ["", entry.description] if entry.description else []
        sections = [line for section in entry.sections for line in ("", f"### {section.title}", "", section.text)]
        return _joined(
            [*head, *description, "", *bullets, *_example(entry, target), *sections, "", markup.footer(entry, target)]
        )
    bullets = _bullets(entry, target, full=False)
    example = _example(entry, target)
    kept = len(bullets)
    while True:
        more = kept < len(bullets) or bool(entry.example and not example)
        text = _joined([*head, "", *bullets[:kept], *example, "", markup.footer(entry, target, more=more)])
        if len(text) <= CHARACTERS and text.count("\n") < LINES:
            return text
        if kept > 2:
            kept -= 1
        elif example:
            example, kept = [], len(bullets)
        elif kept:
            kept -= 1
        else:
            return text


def _bullets(entry: Entry, target: Target, *, full: bool) -> list[str]:
    """Facts, cancellation and result, in the order in which they are given up from the end."""
    facts = markup.facts(entry, target)
    lines = facts if full else facts[:3]
    if entry.facts.cancellation:
        lines = [*lines[:1], f"Cancellation: {entry.facts.cancellation}", *lines[1:]]
    if entry.facts.returns:
        lines.append(f"Result: {entry.facts.returns}")
    lines += markup.changes(entry, target)[: None if full else 2]
    return [f"- {line}" for line in lines]


def _example(entry: Entry, target: Target) -> list[str]:
    example = entry.example
    if example is None or not example.lifetime.overlaps(target):
        return []
    return ["", f"```python\n{example.visible}\n```"]


def _noted(notes: tuple[Note, ...]) -> list[str]:
    return (
        ["", *(f"**Here:** {note.message}  " for note in notes[:-1]), f"**Here:** {notes[-1].message}"] if notes else []
    )


def _paragraph(lines: list[str]) -> list[str]:
    return ["", " ".join(lines)] if lines else []


def _joined(lines: list[str]) -> str:
    text = "\n".join(lines).strip("\n")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text
