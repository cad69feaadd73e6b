"""Which notes are wanted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.features.notes.finding import Finding

ALL = "ALL"


@dataclass(frozen=True)
class Selection:
    """Note ids and, of other notes, single variants."""

    ids: frozenset[str]
    variants: frozenset[tuple[str, str]] = frozenset()

    def __contains__(self, finding: Finding) -> bool:
        """Say whether a finding is wanted as a diagnostic."""
        wanted = finding.id in self.ids or (finding.id, finding.variant) in self.variants
        return wanted and not finding.hover_only


def selected(catalog: Catalog, select: Iterable[str] | None, ignore: Iterable[str]) -> Selection:
    """The notes that are reported: those of `select`, by default those that no other tool reports, without `ignore`.

    `ALL` stands for every id. A ValueError, in one line, names an id that does not exist, and the nearest one.
    """
    every = frozenset(catalog.notes)
    ignored = _expanded(ignore, every)
    if select is not None:
        return Selection(_expanded(select, every) - ignored)
    defaults = ((note, variant) for note, page in catalog.notes.items() for variant in page.facts.default)
    return Selection(frozenset(), frozenset(each for each in defaults if each[0] not in ignored))


def _expanded(ids: Iterable[str], every: frozenset[str]) -> frozenset[str]:
    out: set[str] = set()
    for note in ids:
        if note == ALL:
            out |= every
        elif note in every:
            out.add(note)
        else:
            near = difflib.get_close_matches(note, every, n=1)
            raise ValueError(f"there is no note {note!r}" + (f"; did you mean {near[0]}?" if near else ""))
    return frozenset(out)
