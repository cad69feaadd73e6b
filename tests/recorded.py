"""The recorded facts in `facts/asyncio.json`: what real interpreters from 3.9 to 3.15 have.

A record holds what differs from "a function, present everywhere from 3.9 to 3.15";
`signatures` are rows of first version, last version and parameter list without `self`.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from asyncio_lsp.catalog.declaration import Parameter, parse
from asyncio_lsp.catalog.version import NEWEST, OLDEST, Version

FOLDER = Path(__file__).parent / "facts"
VERSIONS = tuple(Version(minor) for minor in range(OLDEST.minor, NEWEST.minor + 1))


@cache
def records() -> dict[str, dict[str, Any]]:
    """All records by qualified name."""
    loaded: dict[str, dict[str, Any]] = json.loads((FOLDER / "asyncio.json").read_text(encoding="utf-8"))
    return loaded


@cache
def reasons(table: str) -> dict[str, Any]:
    """Why entries are not as a test expects: of `platforms` and `unreadable` by name, of `differences` as below."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{table}.json").read_text(encoding="utf-8"))
    return loaded


def differences() -> dict[str, dict[str, str]]:
    """Per entry: version to the reason why its declaration differs from the record there."""
    return reasons("differences")


def present(record: dict[str, Any], version: Version) -> bool:
    """Say whether the name exists in that version on some platform."""
    spans = record.get("present") or {"unix": [["3.9", "3.15"]]}
    return any(
        Version.parse(first) <= version <= Version.parse(last) for rows in spans.values() for first, last in rows
    )


def availability(record: dict[str, Any]) -> str | None:
    """Where the name exists, in the words of entries: as it is documented, else as it was found; None is everywhere."""
    documented: str | None = record.get("availability")
    found = {"unix": "Unix", "win32": "Windows"}
    spans = record.get("present") or found
    return documented or (found[next(iter(spans))] if len(spans) == 1 else None)


@dataclass(frozen=True)
class Recorded:
    """A parameter as an interpreter has it, in the form in which two can be compared."""

    name: str
    passing: str
    default: str | None


def signature(record: dict[str, Any], version: Version) -> list[Recorded] | None:
    """The recorded parameters in that version; what a real loop takes wins over the abstract class."""
    rows = record.get("implementation_signatures") or record.get("signatures") or []
    for first, last, text in rows:
        if Version.parse(first) <= version <= Version.parse(last):
            return recorded(text)
    return None


def recorded(text: str) -> list[Recorded]:
    """Read a parameter list such as `(fut, timeout, *, loop=None)`."""
    quoted = re.sub(r"<[^<>]*(?:<[^<>]*>[^<>]*)?>", lambda found: repr(found[0]), text.rpartition(")")[0] + ")")
    return [comparable(parameter) for parameter in parse(f"def f{quoted}", member=False).parameters]


def comparable(parameter: Parameter) -> Recorded:
    """Reduce a declared parameter to what an interpreter can confirm."""
    default = None if parameter.default is None else ast.unparse(ast.parse(parameter.default, mode="eval"))
    return Recorded(parameter.name, parameter.passing, default)
