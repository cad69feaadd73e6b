"""Measures the server against a bare pygls server: `python -m tests.bench`, see the README beside this file."""

from __future__ import annotations

import argparse
import gc
import site
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from tests.bench.client import SessionError
from tests.bench.report import Pair, report, save
from tests.bench.rows import READY, ROWS, Row, Server, WrongAnswer

_ECHO = Path(__file__).with_name("echo_server.py")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return the exit status: 1 when a server fails or answers wrongly."""
    options = _parser().parse_args(arguments)
    gc.disable()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measured = _measure(_chosen(options.only), options.rounds, Path(folder).resolve())
    except (SessionError, WrongAnswer) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    finally:
        gc.enable()
    text = report(measured, options.rounds)
    sys.stdout.write(text)
    if options.out:
        save(text, options.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often every row is measured (5)")
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        choices=sorted({name for row in ROWS for name in _names(row)}),
        help="only the row of this name, or the rows whose names begin with it: hover, edit-import; repeatable",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="put the table at the end of this file as well")
    return parser


def _names(row: Row) -> list[str]:
    """List what chooses a row: `edit-import-100`, `edit-import` and `edit`."""
    words = row.name.split("-")
    return ["-".join(words[:length]) for length in range(1, len(words) + 1)]


def _chosen(only: Sequence[str] | None) -> list[Row]:
    rows = [row for row in ROWS if only is None or set(only).intersection(_names(row))]
    return [row for row in rows if row.unit != "MiB" or Path("/proc/self/status").exists()]


def _measure(rows: Sequence[Row], rounds: int, folder: Path) -> dict[Row, list[Pair]]:
    """Take the samples of all rows, round after round, so that a busy spell of the machine does not hit one row."""
    python = sys.executable
    server = Server((python, "-m", "asyncio_lsp", "serve"), _environment(), folder, judged=True)
    echo = Server((python, str(_ECHO)), _environment(), folder, judged=False)
    null = Server((python, str(_ECHO), "null"), _environment(), folder, judged=False)
    for each in (server, echo):
        with each.session():
            pass  # Python has compiled the modules, and the system has read them.
    measured: dict[Row, list[Pair]] = {row: [] for row in rows}
    for turn in range(rounds):
        for row in rows:
            sys.stderr.write(f"round {turn + 1} of {rounds}: {row.name}\n")
            measured[row] += _interleaved(row, server, null if row.null else echo)
    return measured


def _environment() -> dict[str, str]:
    """Keep what is installed for the user where it is, although the servers get another home."""
    return {"PYTHONUSERBASE": site.getuserbase()}


def _interleaved(row: Row, server: Server, floor: Server) -> Iterator[Pair]:
    """Take one sample of each in turn; who is first changes from pair to pair."""
    with closing(row.sample(server)) as ours, closing(row.sample(floor)) as theirs:
        for each in (ours, theirs):
            assert next(each) == READY
        for number in count():
            samples = [next(each, None) for each in ((ours, theirs), (theirs, ours))[number % 2]]
            first, second = samples if number % 2 == 0 else reversed(samples)
            if first is None or second is None:
                return
            yield first, second


if __name__ == "__main__":
    sys.exit(main())
