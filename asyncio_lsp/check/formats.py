"""Findings for programs: JSON and the commands of GitHub's workflows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.catalog.entry import Severity
from asyncio_lsp.check.report import Report, Reported
from asyncio_lsp.check.text import one_line, place


def as_json(reports: Sequence[Report]) -> str:
    """A list with an object for each finding; ranges are those of the Language Server Protocol, in UTF-16."""
    return json.dumps([_data(report.shown, found) for report in reports for found in report.findings], indent=2)


def _data(path: str, found: Reported) -> dict[str, Any]:
    return {
        "path": path,
        "range": _range(found.region.units),
        "id": found.id,
        "severity": found.severity,
        "message": found.message,
        "symbol": found.symbol,
        "url": found.url,
        "fixes": [fix.title for fix in found.fixes],
    }


def _range(units: Span) -> dict[str, dict[str, int]]:
    def position(place: Position) -> dict[str, int]:
        return {"line": place.line, "character": place.column}

    return {"start": position(units.start), "end": position(units.end)}


_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
    Severity.HINT: "notice",
}


def as_github(reports: Sequence[Report]) -> Iterator[str]:
    """A workflow command for each finding; lines and columns count from 1, paths from the current folder."""
    for report in reports:
        path = from_here(report.shown)
        for found in report.findings:
            start, end = found.region.span
            properties = {
                "title": f"asyncio-lsp ({found.id})",
                "file": path,
                "line": start.line + 1,
                "col": start.column + 1,
                "endLine": end.line + 1,
                "endColumn": end.column + 1,
            }
            told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
            message = _message("\n".join(_texts(path, found)))
            yield f"::{_COMMANDS[found.severity]} {told}::{message}"


def _texts(path: str, found: Reported) -> Iterator[str]:
    yield f"{place(path, found.region.span.start)}: {found.id}: {one_line(found.message)}"
    for related in found.related:
        yield f"{place(path, related.region.span.start)}: {one_line(related.message)}"
    for fix in found.fixes:
        yield f"help: {one_line(fix.title)}"


def _message(text: str) -> str:
    """The text behind `::`, where line ends would end the command and `%` begins an escape."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A value before `::`, where in addition `:` and `,` mean something."""
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def from_here(shown: str) -> str:
    """A path relative to the current folder if it lies below, with `/` between its parts."""
    path, here = Path(os.path.normpath(Path(shown).absolute())), Path.cwd()
    return (path.relative_to(here) if here in path.parents else path).as_posix()
