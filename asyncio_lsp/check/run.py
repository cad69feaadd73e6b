"""`asyncio-lsp check`: find the files, check them in as many processes as are worth it, print, mend."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path

from asyncio_lsp import __version__
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.check import one, screen, text
from asyncio_lsp.check.config import TABLE, Config, ConfigError
from asyncio_lsp.check.files import Listed, Listing, find
from asyncio_lsp.check.formats import as_github, as_json
from asyncio_lsp.check.report import Report
from asyncio_lsp.check.sarif import as_sarif
from asyncio_lsp.features.notes.selection import Selection, selected
from asyncio_lsp.workspace.target import target_of

CLEAN, FOUND, UNUSABLE = 0, 1, 2

WORTH_PROCESSES = 1_000_000
"""Bytes of code from which on starting processes takes less time than it saves; also where a wait needs a bar."""
_CHUNK = 8  # Files that a process takes at a time.
_MOST = 32  # Processes; Windows cannot wait for more than 61.


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


@dataclass(frozen=True)
class Wish:
    """What a person asked for; `select` and `ignore` are note ids."""

    paths: tuple[str, ...]
    format: Format = Format.TEXT
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    python: Target | None = None
    fix: bool = False
    diff: bool = False


class UsageError(Exception):
    """A wish that cannot be fulfilled; the text is the one line for the user."""


def check(wish: Wish, content: Path) -> int:
    """Check what was asked for against the notes below `content`, print it, and return the exit status.

    Findings go to standard output; the summary and what could not be checked go to standard error, a line each.
    Raises UsageError, before anything is printed.
    """
    catalog = one.library(content, str(Path.cwd())).catalog
    try:
        listing = find(wish.paths)
        jobs = _jobs(wish, listing.files, catalog)
    except ConfigError as error:
        raise UsageError(str(error)) from error
    size = sum(file.size for file in listing.files)
    with screen.progress(len(jobs), worth=size >= WORTH_PROCESSES) as advance:
        reports = _reports(jobs, content, _processes(size), advance)
    if wish.fix:
        reports = [_written(job, report) for job, report in zip(jobs, reports, strict=True)]
    return _told(wish, listing, jobs, reports, catalog)


# What to do


def _jobs(wish: Wish, files: Iterable[Listed], catalog: Catalog) -> list[one.Job]:
    _known("--select", wish.select, catalog)
    _known("--ignore", wish.ignore, catalog)
    selections: dict[Config, Selection] = {}
    jobs = []
    for file in files:
        if file.config not in selections:
            selections[file.config] = _selection(wish, file.config, catalog)
        target = wish.python or target_of(file.path)
        jobs.append(one.Job(file.path, file.shown, target, selections[file.config], wish.fix or wish.diff))
    return jobs


def _selection(wish: Wish, config: Config, catalog: Catalog) -> Selection:
    """The notes that count: `--select` replaces what the project sets, `--ignore` adds to it."""
    _known(f"{config.path}: {TABLE}.select", config.select, catalog)
    _known(f"{config.path}: {TABLE}.ignore", config.ignore, catalog)
    if wish.select is not None:
        return selected(catalog, wish.select, wish.ignore)
    return selected(catalog, config.select, (*config.ignore, *wish.ignore))


def _known(where: str, ids: Iterable[str] | None, catalog: Catalog) -> None:
    try:
        selected(catalog, ids, ())
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from error


# Doing it


def _processes(size: int) -> int:
    """How many processes that much code is worth."""
    if size < WORTH_PROCESSES:
        return 1
    processors: int | None = getattr(os, "process_cpu_count", os.cpu_count)()
    return min(processors or 1, _MOST)


def _reports(jobs: Sequence[one.Job], content: Path, processes: int, advance: Callable[[int], object]) -> list[Report]:
    """Check the files; the reports are in the order of the jobs, and the same in one process and in many."""
    pool = _pool(min(processes, len(jobs)))
    if pool is None:
        return list(_one_by_one(jobs, content, advance))
    root = str(Path.cwd())
    chunks = [jobs[start : start + _CHUNK] for start in range(0, len(jobs), _CHUNK)]
    try:
        with _deaf():
            futures = [pool.submit(_chunk, content, root, chunk) for chunk in chunks]
    except (BrokenExecutor, OSError):  # The processes cannot be started here.
        pool.shutdown(wait=False, cancel_futures=True)
        return list(_one_by_one(jobs, content, advance))
    sizes = dict(zip(futures, map(len, chunks), strict=True))
    try:
        for future in as_completed(futures):
            advance(sizes[future])
    finally:
        for future in futures:
            future.cancel()  # After an interruption some still wait.
        pool.shutdown(wait=False)
    return [report for future, chunk in zip(futures, chunks, strict=True) for report in _outcome(future, chunk)]


def _pool(processes: int) -> ProcessPoolExecutor | None:
    """Processes to check in; None where one is enough, or where the system does not let processes speak."""
    if processes <= 1:
        return None
    try:
        return ProcessPoolExecutor(processes, get_context("spawn"), _start_process)
    except (ImportError, NotImplementedError, OSError):
        return None


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Let Ctrl-C wait; in processes that are started here it waits for ever, and cannot catch them half awake."""
    if hasattr(signal, "pthread_sigmask"):  # Not on Windows.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    else:
        yield


def _one_by_one(jobs: Iterable[one.Job], content: Path, advance: Callable[[int], object]) -> Iterator[Report]:
    for job in jobs:
        yield from _chunk(content, str(Path.cwd()), [job])
        advance(1)


def _chunk(content: Path, root: str, jobs: Iterable[one.Job]) -> list[Report]:
    shared = one.library(content, root)
    return [one.check(shared, job) for job in jobs]


def _start_process() -> None:
    """Behave in a process of the pool as in the first one: no warnings about the user's code.

    Ctrl-C is for that one: it lets the others finish what they are at, and takes nothing new in.
    """
    warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.WARNING, format="asyncio-lsp: %(levelname)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcome(future: Future[list[Report]], chunk: Iterable[one.Job]) -> list[Report]:
    """What a process told of its files; of one that died, that it did."""
    error = future.exception()
    if error is None:
        return future.result()
    return [Report(job.shown, problem=f"cannot be checked: {text.one_line(str(error))}") for job in chunk]


def _written(job: one.Job, report: Report) -> Report:
    if report.data is None:
        return report
    try:
        job.path.write_bytes(report.data)
    except OSError as error:
        return replace(report, problem=f"cannot be written: {error.strerror}", fixed=0)
    return report


# Telling


def _told(wish: Wish, listing: Listing, jobs: Sequence[one.Job], reports: Sequence[Report], catalog: Catalog) -> int:
    """Print everything and decide the exit status."""
    problems = [*listing.problems, *(f"{each.shown}: {each.problem}" for each in reports if each.problem)]
    found = any(each.findings for each in reports) or (wish.diff and any(each.fixed for each in reports))
    summary = text.summary(reports, diff=wish.diff)
    screen.open_for_everything()
    if wish.diff:
        screen.show(line for each in reports for line in text.changes(each))
    elif wish.format is Format.TEXT:
        screen.show(line for each in reports for line in text.lines(each, screen.room()))
        if not found:
            screen.write([summary])
    elif wish.format is Format.JSON:
        screen.write([as_json(reports)])
    elif wish.format is Format.GITHUB:
        screen.write(as_github(reports))
    else:
        rules = {rule for job in jobs for rule in _rules(job.selection)}
        screen.write([json.dumps(as_sarif(reports, problems, rules, catalog, __version__), indent=2)])
    sys.stdout.flush()
    remarks = [f"{each.shown}: {each.remark}" for each in reports if each.remark]
    empty = [f"{folder}: no Python file to check" for folder in listing.empty]
    for line in (*problems, *remarks, *empty, *([summary] if found else [])):
        screen.tell(text.printable(text.one_line(line)))
    if problems:
        return UNUSABLE
    return FOUND if found else CLEAN


def _rules(selection: Selection) -> set[str]:
    """The ids of which at least a variant is reported."""
    return {*selection.ids, *(rule for rule, _ in selection.variants)}
