"""Which notes are wanted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.features.notes.engine import UNKNOWN_ID

ALL = "ALL"


def selected(catalog: Catalog, select: Iterable[str] | None, ignore: Iterable[str]) -> frozenset[str]:
    """The ids that are reported: those of `select`, by default those that no other tool reports, without `ignore`.

    `ALL` stands for every id. A ValueError, in one line, names an id that does not exist, and the nearest one.
    """
    every = frozenset(catalog.notes) | {UNKNOWN_ID}
    if select is None:
        wanted = {note for note, page in catalog.notes.items() if page.facts.default} | {UNKNOWN_ID}
    else:
        wanted = _expanded(select, every)
    return frozenset(wanted - _expanded(ignore, every))


def _expanded(ids: Iterable[str], every: frozenset[str]) -> set[str]:
    out: set[str] = set()
    for note in ids:
        if note == ALL:
            out |= every
        elif note in every:
            out.add(note)
        else:
            near = difflib.get_close_matches(note, every, n=1)
            raise ValueError(f"there is no note {note!r}" + (f"; did you mean {near[0]}?" if near else ""))
    return out
