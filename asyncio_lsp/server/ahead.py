"""Work done before it is asked for, in slices that no request waits long for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.features.library import Library

T = TypeVar("T")
_SLICE_SECONDS = 0.001
_PAUSE_SECONDS = 0.004
_QUIET_SECONDS = 0.1


async def read_entries(catalog: Catalog) -> None:
    """Read all entries, one after the other, so that no request has to."""
    await asyncio.sleep(_QUIET_SECONDS)
    for name in catalog.names:
        catalog.find(name)
        await asyncio.sleep(_PAUSE_SECONDS)


async def in_slices(steps: Iterator[T]) -> AsyncIterator[T]:
    """Take the steps of some work a millisecond at a time, so that requests are answered in between."""
    end = time.perf_counter() + _SLICE_SECONDS
    for step in steps:
        yield step
        if time.perf_counter() > end:
            await asyncio.sleep(_PAUSE_SECONDS)
            end = time.perf_counter() + _SLICE_SECONDS


async def work_out(steps: Iterator[object]) -> None:
    """Take all steps of some work once it has been quiet for a while."""
    await asyncio.sleep(_QUIET_SECONDS)
    async for _ in in_slices(steps):
        pass


def positions_around(library: Library, source: Source, line: int, reach: int) -> Iterator[Position]:
    """Where asyncio's names may stand, from the nearest line to those `reach` lines away."""
    for distance in range(reach + 1):
        for near in dict.fromkeys((line - distance, line + distance)):
            if 0 <= near < len(source.lines):
                yield from (start for word, start in source.words(near) if library.speaks_of(source, word))
