"""What asyncio offers at a position, and the documentation of one offer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from asyncio_lsp.analysis.members import members_at
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.declaration import Declaration, Kind, Parameter, Passing
from asyncio_lsp.catalog.entry import Entry
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features import markup
from asyncio_lsp.features.imports import NewLines
from asyncio_lsp.features.library import Library


@dataclass(frozen=True)
class Offer:
    """One thing to insert.

    `snippet` is in the syntax of LSP snippets, None where the plain text has nothing to fill in;
    `filter` is what typing is matched against; `name` is the entry's. A recipe has no `kind`.
    """

    name: str
    label: str
    kind: Kind | None
    detail: str
    plain: str
    snippet: str | None
    filter: str
    sort: str
    version: str
    deprecated: bool
    above: tuple[NewLines, ...] = ()
    """Imports to write elsewhere."""
    indent: str = ""
    """What the lines behind the first one begin with, for clients that do not see to that."""


@dataclass(frozen=True)
class Completion:
    """The offers, and the span of what is already written and gets replaced."""

    offers: tuple[Offer, ...]
    written: Span


def completion(library: Library, source: Source, position: Position, target: Target) -> Completion | None:
    """List what asyncio offers at a position; None where it has nothing to say."""
    found = members_at(library.evaluator(), source, position)
    if found is None:
        return None
    offers = _offers(library.catalog, found.owners, target, importing=found.importing, called=found.called)
    if found.modules:
        offers = tuple(offer for offer in offers if offer.kind is Kind.MODULE)
    return Completion(offers, found.written) if offers else None


@lru_cache(maxsize=200)
def _offers(
    catalog: Catalog, owners: tuple[str, ...], target: Target, *, importing: bool, called: bool
) -> tuple[Offer, ...]:
    """The offers of some classes or modules; they are the same at every place of a kind."""
    entries: dict[str, Entry] = {}
    for owner in owners:
        for entry in catalog.members(owner):
            entries.setdefault(entry.name.rpartition(".")[2], entry)
    offers = [
        _offer(entry, target, importing=importing, called=called)
        for entry in entries.values()
        if _offered(entry, target)
    ]
    return tuple(sorted(offers, key=lambda offer: offer.sort))


def documentation(library: Library, name: str, target: Target) -> str | None:
    """The text beside an offer, as Markdown."""
    entry = library.catalog.find(name)
    if entry is None:
        return None
    bullets = [f"- {text}" for text in markup.facts(entry, target)[:3]]
    parts = [
        markup.signature(entry, target),
        f"{markup.how_to_use(entry)}{entry.summary}",
        *markup.availability(entry, target),
        "\n".join(bullets),
        markup.footer(entry, target),
    ]
    return "\n\n".join(part for part in parts if part)


def _offered(entry: Entry, target: Target) -> bool:
    """Leave out what no version of the target has; what only some have is marked."""
    short = entry.name.rpartition(".")[2]
    return entry.facts.overlaps(target) and not short.startswith("_")


def _offer(entry: Entry, target: Target, *, importing: bool, called: bool) -> Offer:
    """The offer of an entry: in an import its bare name, before a bracket without brackets of its own."""
    short = entry.name.rpartition(".")[2]
    declaration = entry.declaration_for(target)
    deprecated = entry.facts.deprecated_in(target) is not None
    since = entry.facts.missing_before(target)
    call = _calls(entry) and not importing and not called
    return Offer(
        name=entry.name,
        label=short if importing else _label(short, declaration, call=_calls(entry)),
        kind=entry.kind,
        detail=f"asyncio {entry.kind}",
        plain=f"{short}()" if call else short,
        snippet=_snippet(short, declaration) if call else None,
        filter=short,
        sort=f"{2 if deprecated else 1 if since else 0}{short.lower()}",
        version=f"{since}+" if since else "",
        deprecated=deprecated,
    )


def _calls(entry: Entry) -> bool:
    return entry.declaration.callable and entry.kind is not Kind.EXCEPTION


def _label(short: str, declaration: Declaration, *, call: bool) -> str:
    """A label that no other server has: they list the bare name."""
    if call:
        return f"{short}(…)" if declaration.parameters else f"{short}()"
    return f"{short}: {declaration.returns or declaration.kind}"


def _snippet(short: str, declaration: Declaration) -> str:
    """The call with a tab stop for each argument that it cannot do without."""
    stops = [f"${{{number}:{_escaped(text)}}}" for number, text in enumerate(_needed(declaration), 1)]
    if stops:
        return f"{short}({', '.join(stops)})$0"
    return f"{short}($1)$0" if declaration.parameters else f"{short}()$0"


def _needed(declaration: Declaration) -> list[str]:
    return [parameter.name for parameter in declaration.parameters if _is_needed(parameter)] or [
        parameter.starred for parameter in declaration.parameters if parameter.passing is Passing.VARIADIC
    ]


def _is_needed(parameter: Parameter) -> bool:
    return parameter.required and parameter.passing is not Passing.KEYWORD_ONLY


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
