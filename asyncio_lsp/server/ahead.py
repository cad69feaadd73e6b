"""Work done before it is asked for, in slices that no request waits long for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.features.library import Library

_SLICE_SECONDS = 0.001
_PAUSE_SECONDS = 0.004
_QUIET_SECONDS = 0.1


async def read_entries(catalog: Catalog) -> None:
    """Read all entries, one after the other, so that no request has to."""
    await asyncio.sleep(_QUIET_SECONDS)
    for name in catalog.names:
        catalog.find(name)
        await asyncio.sleep(_PAUSE_SECONDS)


async def in_slices(steps: Iterator[object]) -> None:
    """Take the steps of some work while nobody wants anything else."""
    await asyncio.sleep(_QUIET_SECONDS)
    done = object()
    while True:
        end = time.perf_counter() + _SLICE_SECONDS
        while time.perf_counter() < end:
            if next(steps, done) is done:
                return
        await asyncio.sleep(_PAUSE_SECONDS)


def positions_around(library: Library, source: Source, line: int, reach: int) -> Iterator[Position]:
    """Where asyncio's names may stand, from the nearest line to those `reach` lines away."""
    for distance in range(reach + 1):
        for near in dict.fromkeys((line - distance, line + distance)):
            if 0 <= near < len(source.lines):
                yield from (start for word, start in source.words(near) if library.speaks_of(source, word))
