"""Findings as a SARIF 2.1.0 log, for code scanning."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from asyncio_lsp.analysis.evaluate import ROOT
from asyncio_lsp.analysis.text import Span
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.entry import NotePage, Severity
from asyncio_lsp.catalog.version import OLDEST, Target
from asyncio_lsp.check.formats import from_here
from asyncio_lsp.check.report import Related, Remedy, Report, Reported
from asyncio_lsp.features import markup
from asyncio_lsp.features.plain import plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.HINT: "note"}


def as_sarif(
    reports: Sequence[Report], problems: Sequence[str], rules: Iterable[str], catalog: Catalog, version: str
) -> dict[str, Any]:
    """The log of one run: the rules that counted, the findings, and a notification for each of the `problems`.

    Regions count from 1 in UTF-16 code units, paths from the current folder.
    """
    pages = [catalog.notes[rule] for rule in sorted(rules)]
    indexes = {page.id: index for index, page in enumerate(pages)}
    home = _home(catalog)
    driver = {"name": "asyncio-lsp", "version": version, "rules": [_rule(page, home) for page in pages]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "invocations": [
            {
                "executionSuccessful": not problems,
                "toolExecutionNotifications": [{"level": "error", "message": {"text": text}} for text in problems],
            }
        ],
        "results": [_result(report.shown, found, indexes[found.id]) for report in reports for found in report.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _home(catalog: Catalog) -> str | None:
    """The page of the module that everything is about."""
    entry = catalog.find(ROOT)
    every = Target(OLDEST, None, "all versions")
    return markup.documentation(entry.facts.docs, entry.facts, every) if entry else None


def _rule(page: NotePage, home: str | None) -> dict[str, Any]:
    text = "\n\n".join([page.summary, page.description, *(f"## {each.title}\n\n{each.text}" for each in page.sections)])
    rule = {
        "id": page.id,
        "shortDescription": {"text": plain(page.summary)},
        "fullDescription": {"text": plain(page.description or page.summary)},
        "help": {"text": plain(text), "markdown": text},
        "defaultConfiguration": {"enabled": bool(page.facts.default), "level": _LEVELS[page.facts.severity]},
    }
    return {**rule, "helpUri": home} if home else rule


def _result(path: str, found: Reported, index: int) -> dict[str, Any]:
    message = {"text": found.message}
    properties = {"symbol": found.symbol, "url": found.url}
    if found.symbol and found.url:
        message["markdown"] = f"{found.message} [{found.symbol}]({found.url})"
    result = {
        "ruleId": found.id,
        "ruleIndex": index,
        "level": _LEVELS[found.severity],
        "message": message,
        "locations": [{"physicalLocation": _location(path, found.region.units)}],
        "relatedLocations": [_related(path, each) for each in found.related],
        "fixes": [_fix(path, fix) for fix in found.fixes if fix.replacements],
        "properties": {name: value for name, value in properties.items() if value},
    }
    return {name: value for name, value in result.items() if value or name == "ruleIndex"}


def _related(path: str, related: Related) -> dict[str, Any]:
    return {"physicalLocation": _location(path, related.region.units), "message": {"text": related.message}}


def _fix(path: str, fix: Remedy) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(each.region.units), "insertedContent": {"text": each.text}}
        for each in fix.replacements
    ]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
    }


def _location(path: str, units: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(path), "region": _region(units)}


def _region(units: Span) -> dict[str, int]:
    (line, column), (end_line, end_column) = units
    return {"startLine": line + 1, "startColumn": column + 1, "endLine": end_line + 1, "endColumn": end_column + 1}


def _artifact(path: str) -> dict[str, str]:
    here = from_here(path)
    uri = quote(os.fsencode(here))
    if PurePosixPath(here).is_absolute():
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}
