"""What a move from one version of Python to a newer one brings, from the typed fields of the entries alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.entry import Entry
from asyncio_lsp.catalog.version import NEWEST, OLDEST, Lifetime, Version

_LAST_PATCH = 99  # A version without a patch number means its whole line, so what came with a patch is already there.


class Group(StrEnum):
    """What happened; the order is that of the answer."""

    NEW = "new"
    CHANGED = "changed"
    DEPRECATED = "deprecated"
    REMOVED = "removed"


@dataclass(frozen=True)
class Row:
    """One thing that happened to an entry or, where it is given, to a parameter, named with its stars.

    `text` is Markdown in one line; `version` is the release that did it.
    """

    group: Group
    name: str
    parameter: str | None
    version: Version
    text: str


@dataclass(frozen=True)
class Move:
    """From one release to a newer one; `before` and `after` are as the user wrote them, `3.13` or `3.13.2`."""

    before: str
    after: str

    def __post_init__(self) -> None:
        """Check both; a ValueError says in one line what is wrong."""
        for text in (self.before, self.after):
            if not OLDEST <= Version.parse(text).feature <= NEWEST:
                raise ValueError(f"Python {text} is not documented, {OLDEST} to {NEWEST} are")
        if self._release(self.before) >= self._release(self.after):
            raise ValueError(f"the older version comes first, and {self.before} is not older than {self.after}")

    def brings(self, version: Version | None) -> bool:
        """Say whether what this version did is met on the way."""
        return version is not None and self._release(self.before) < version <= self._release(self.after)

    def starts_with(self, life: Lifetime) -> bool:
        """Say whether something exists where the move starts."""
        return _exists(life, self._release(self.before))

    def ends_with(self, life: Lifetime) -> bool:
        """Say whether something exists where the move ends."""
        return _exists(life, self._release(self.after))

    @staticmethod
    def _release(text: str) -> Version:
        version = Version.parse(text)
        return version if text.count(".") > 1 else Version(version.minor, _LAST_PATCH)


def diff(catalog: Catalog, move: Move, entry: Entry | None = None) -> list[Row]:
    """List what a move brings, by group, name and version; `entry` limits it to that entry and its members."""
    entries = catalog.entries() if entry is None else _family(catalog, entry).values()
    rows = [row for each in entries for row in _rows(catalog, each, move)]
    order = list(Group)
    return sorted(rows, key=lambda row: (order.index(row.group), row.name, row.version, row.parameter or ""))


def as_data(rows: list[Row], move: Move) -> dict[str, Any]:
    """Lay the rows out as plain data for JSON: one list for each group."""
    groups = {str(group): [_row_data(row) for row in rows if row.group is group] for group in Group}
    return {"from": move.before, "to": move.after, **groups}


def page(rows: list[Row], move: Move, entry: Entry | None = None) -> str:
    """Lay the rows out as Markdown: the groups as sections, members under the class whose row says the same."""
    parts = [f"# {entry.name if entry else 'asyncio'} from Python {move.before} to {move.after}"]
    for group in Group:
        found = [row for row in rows if row.group is group]
        if found:
            parts.append(f"## {group.title()}\n\n" + "\n".join(_listed(found)))
    return "\n\n".join(parts) + "\n"


def _family(catalog: Catalog, entry: Entry) -> dict[str, Entry]:
    """An entry, its members and theirs, by name."""
    family = {entry.name: entry}
    for member in catalog.members(entry.name):
        family |= _family(catalog, member)
    return family


def _rows(catalog: Catalog, entry: Entry, move: Move) -> Iterator[Row]:
    life = _life(catalog, entry)
    was, remains = move.starts_with(life), move.ends_with(life)
    if remains and not was and life.since:
        yield Row(Group.NEW, entry.name, None, life.since, entry.summary)
    elif was and not remains and life.removed:
        yield Row(Group.REMOVED, entry.name, None, life.removed, _farewell(entry, life))
    elif was and remains:
        yield from _deprecation(entry, move)
        yield from _changes(entry, move)
        yield from _parameters(entry, move)


def _life(catalog: Catalog, entry: Entry) -> Lifetime:
    """The life of a name, which lies within that of its class."""
    facts, owner = entry.facts, catalog.find(entry.parent)
    if owner is None:
        return facts
    outer = _life(catalog, owner)
    since = max(filter(None, (facts.since, outer.since)), default=None)
    removed = min(filter(None, (facts.removed, outer.removed)), default=None)
    return Lifetime(since, facts.deprecated, removed)


def _deprecation(entry: Entry, move: Move) -> Iterator[Row]:
    facts = entry.facts
    if facts.deprecated and move.brings(facts.deprecated):
        planned = f"To be removed in {facts.removal_planned}." if facts.removal_planned else ""
        text = " ".join(part for part in (planned, _instead(entry)) if part) or entry.summary
        yield Row(Group.DEPRECATED, entry.name, None, facts.deprecated, text)


def _farewell(entry: Entry, life: Lifetime) -> str:
    warned = f"Deprecated since {life.deprecated}." if life.deprecated else ""
    return " ".join(part for part in (warned, _instead(entry)) if part) or entry.summary


def _instead(entry: Entry) -> str:
    return f"Use {entry.facts.replacement}." if entry.facts.replacement else ""


def _changes(entry: Entry, move: Move) -> Iterator[Row]:
    """What behaves differently: told changes, and the facts and errors that begin or end to be true."""
    facts = entry.facts
    told = [(change.version, change.text) for change in facts.changed if move.brings(change.version)]
    for fact in facts.facts:
        told += _turn(fact, move, fact.text, f"No longer true: {fact.text}")
    for error in facts.raises:
        clause = f"`{error.error}` when {error.when}."
        told += _turn(error, move, f"Raises {clause}", f"No longer raises {clause}")
    return (Row(Group.CHANGED, entry.name, None, version, text) for version, text in told)


def _turn(life: Lifetime, move: Move, begins: str, ends: str) -> list[tuple[Version, str]]:
    """The version and the text for something that exists at one end of a move only."""
    was, remains = move.starts_with(life), move.ends_with(life)
    if remains and not was and life.since:
        return [(life.since, begins)]
    return [(life.removed, ends)] if was and not remains and life.removed else []


def _parameters(entry: Entry, move: Move) -> Iterator[Row]:
    for parameter in entry.declaration.parameters:
        facts, name = entry.facts.parameters[parameter.name], parameter.starred
        was, remains = move.starts_with(facts), move.ends_with(facts)
        if remains and not was and facts.since:
            yield Row(Group.NEW, entry.name, name, facts.since, facts.text)
        elif was and not remains and facts.removed:
            yield Row(Group.REMOVED, entry.name, name, facts.removed, facts.text)
        elif was and remains and facts.deprecated and move.brings(facts.deprecated):
            yield Row(Group.DEPRECATED, entry.name, name, facts.deprecated, facts.text)


def _exists(life: Lifetime, release: Version) -> bool:
    since, removed = life.since, life.removed
    return (since is None or since <= release) and (removed is None or removed > release)


def _listed(rows: list[Row]) -> Iterator[str]:
    """The rows of one group as list items."""
    folding = {row.name: row.version for row in rows if row.parameter is None and row.group is not Group.CHANGED}
    for row in rows:
        if _folds(row, folding):
            continue
        parameter = f", parameter `{row.parameter}`" if row.parameter else ""
        yield f"- `{row.name}`{parameter} ({row.version}): {row.text}"
        if row.parameter is None and (members := _members(rows, row, folding)):
            yield f"  - {', '.join(members)}"


def _members(rows: list[Row], owner: Row, folding: dict[str, Version]) -> list[str]:
    """The members that share the row of their class, with their version where it is another."""
    found = [row for row in rows if _folds(row, folding) and row.name.startswith(f"{owner.name}.")]
    return [
        f"`{row.name.removeprefix(f'{owner.name}.')}`" + (f" ({row.version})" if row.version != owner.version else "")
        for row in found
    ]


def _folds(row: Row, folding: dict[str, Version]) -> bool:
    return row.parameter is None and row.name in folding and row.name.rpartition(".")[0] in folding


def _row_data(row: Row) -> dict[str, Any]:
    return {"name": row.name, "parameter": row.parameter, "version": str(row.version), "text": row.text}
