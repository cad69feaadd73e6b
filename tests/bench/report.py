"""The measured samples as a Markdown table."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TypeAlias

from tests.bench.rows import Row

HEADING = "## Last run"

Pair: TypeAlias = tuple[float, float]
"""The samples of the server and of the floor that were taken one after the other."""


def report(measured: Mapping[Row, Sequence[Pair]], rounds: int) -> str:
    """Lay out the samples of each row, and say where and when they were taken."""
    timed = {row: pairs for row, pairs in measured.items() if row.unit == "ms"}
    resident = {row: pairs for row, pairs in measured.items() if row.unit == "MiB"}
    tables = [_times(timed)] if timed else []
    tables += [_sizes(resident)] if resident else []
    return "\n\n".join([HEADING, _circumstances(rounds), *tables]) + "\n"


def save(text: str, path: Path) -> None:
    """Put a report into a file, in the place of the one that its end holds; the rest of the file stays."""
    before = path.read_text(encoding="utf-8").partition(f"\n{HEADING}\n")[0] + "\n" if path.exists() else ""
    path.write_text(before + text, encoding="utf-8")


def quantile(samples: Sequence[float], share: float) -> float:
    """Find the value that a share of the samples does not exceed, between the two nearest ones."""
    ordered = sorted(samples)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _times(measured: Mapping[Row, Sequence[Pair]]) -> str:
    head = "| row | what, in ms | samples | p50 | p99 | floor p50 | floor p99 | ratio p50 | ratio p99 |"
    return "\n".join([head, "|---|---|" + "---:|" * 7, *(_time(row, pairs) for row, pairs in measured.items())])


def _time(row: Row, pairs: Sequence[Pair]) -> str:
    server, floor = zip(*pairs, strict=True)
    p50, p99, floor_p50, floor_p99 = (
        1000 * quantile(samples, share) for samples in (server, floor) for share in (0.5, 0.99)
    )
    cells = [*map(_short, (p50, p99, floor_p50, floor_p99)), f"{p50 / floor_p50:.2f}", f"{p99 / floor_p99:.2f}"]
    return f"| `{row.name}` | {row.title} | {len(pairs)} | {' | '.join(cells)} |"


def _sizes(measured: Mapping[Row, Sequence[Pair]]) -> str:
    head = "| row | resident size, in MiB | samples | median | floor median | ratio |"
    return "\n".join([head, "|---|---|" + "---:|" * 4, *(_size(row, pairs) for row, pairs in measured.items())])


def _size(row: Row, pairs: Sequence[Pair]) -> str:
    server, floor = (median(samples) for samples in zip(*pairs, strict=True))
    cells = [_short(server), _short(floor), f"{server / floor:.2f}"]
    return f"| `{row.name}` | {row.title} | {len(pairs)} | {' | '.join(cells)} |"


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def _circumstances(rounds: int) -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{platform.system()} on {platform.machine()}, {_processor()}, {os.cpu_count()} CPUs"
    return f"{datetime.now(UTC).date()}, {python}, {machine}, {rounds} rounds."


def _processor() -> str:
    """Name the processor where Linux says it."""
    try:
        information = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    return information.partition("model name")[2].partition("\n")[0].strip(" \t:") or "unknown processor"
