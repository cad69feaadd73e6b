"""Every entry: readable, in shape, true to the recorded interpreters and to the running one, and its example runs.

`pytest tests/test_content.py -k "asyncio.gather"` checks one entry.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.entry import Entry
from asyncio_lsp.catalog.reader import read_entry
from asyncio_lsp.catalog.version import NEWEST, OLDEST, Target, Version, exactly
from tests.recorded import VERSIONS, comparable, differences, present, records, signature

ROOT = Path(__file__).parent.parent
CONTENT = ROOT / "content"
CATALOG = Catalog(CONTENT)
EVERY = Target(OLDEST, None, "test")

every_name = pytest.mark.parametrize("name", CATALOG.names)


@every_name
def test_schema(name: str) -> None:
    """The file can be read; the error lists every problem of the file."""
    path = next(CONTENT.rglob(f"{name}.md"))
    parent = name.rpartition(".")[0]
    read_entry(path, member="." in parent and records()[parent]["kind"] != "module")


@every_name
def test_shape(name: str) -> None:
    """What every reader may rely on."""
    entry = _entry(name)
    problems = []
    if "\n" in entry.summary or not re.fullmatch(r"[A-Z`].*[^.]\.", entry.summary) or len(entry.summary) > 110:
        problems.append(f"summary: one sentence of at most 110 characters on one line, not {entry.summary!r}")
    if not entry.facts.facts:
        problems.append("facts: at least one, beyond what the signature says")
    if entry.declaration.callable and entry.declaration.returns not in (None, "None") and not entry.facts.returns:
        problems.append("returns: what is it?")
    texts = [("description", entry.description), *((f"section {section.title}", section.text) for section in entry.sections)]
    texts += [(f"parameters.{key}", facts.text) for key, facts in entry.facts.parameters.items()]
    texts += [("facts", fact.text) for fact in entry.facts.facts]
    texts += [("changed", change.text) for change in entry.facts.changed]
    for place, text in texts:
        if place != "description" and not place.startswith("section") and "\n" in text:
            problems.append(f"{place}: one line")
        if re.search(r"\b(simply|just|basically|obviously|easily|note that|in order to)\b", text, re.IGNORECASE):
            problems.append(f"{place}: filler word in {text!r}")
        if "\u2014" in text or "\u2013" in text:
            problems.append(f"{place}: no dashes, write a new sentence")
    if entry.example and len(entry.example.visible.splitlines()) > 8:
        problems.append("Example: more than eight visible lines")
    if entry.example and max(map(len, entry.example.visible.splitlines())) > 80:
        problems.append("Example: visible lines are at most 80 characters")
    assert not problems, "\n".join(problems)


@every_name
def test_links(name: str) -> None:
    """Related names have entries; the documentation anchor is the recorded one."""
    entry = _entry(name)
    linked = [*entry.facts.see, *entry.facts.bases]
    assert [other for other in linked if other not in CATALOG and not (CONTENT / "topics" / f"{other}.md").exists()] == []
    assert entry.facts.docs == records()[name].get("doc_anchor")


@every_name
def test_lifetime(name: str) -> None:
    """When the name came, was deprecated and goes is as recorded."""
    facts, record = _entry(name).facts, records()[name]
    given = [facts.since, facts.deprecated, facts.removed, facts.removal_planned]
    recorded = [record.get(key) for key in ("added", "deprecated", "removed", "removal_planned")]
    assert [version and str(version) for version in given] == recorded


@every_name
def test_declaration(name: str) -> None:
    """Cut to each version, the declaration has the recorded parameters."""
    entry, record = _entry(name), records()[name]
    problems = []
    for version in VERSIONS:
        wanted = signature(record, version)
        if not present(record, version) or wanted is None or not entry.declaration.callable:
            continue
        target = exactly(Version(version.minor, 99), "test")
        declared = entry.declaration_for(target).parameters
        through = {parameter.name for parameter in wanted if parameter.passing == "variadic keyword"}
        expected = {parameter.name for parameter in wanted}
        got = [
            comparable(parameter)
            for parameter in declared
            if parameter.name in expected or entry.facts.parameters[parameter.name].through not in through
        ]
        if got != wanted and str(version) not in differences().get(name, {}):
            problems.append(f"{version}:\n  declared {got}\n  recorded {wanted}")
    assert not problems, "\n".join(problems)


@every_name
def test_changes(name: str) -> None:
    """Every recorded change since 3.9 is told, and none is invented."""
    entry, record = _entry(name), records()[name]
    recorded = {Version.parse(version) for version, _ in record.get("changed", [])}
    told = {change.version for change in entry.facts.changed}
    lives = [*entry.facts.parameters.values(), *entry.facts.facts, *entry.facts.raises, entry.facts]
    known = told | {version for life in lives for version in (life.since, life.deprecated, life.removed) if version}
    assert sorted(map(str, told - recorded)) == [], "told, but not recorded"
    missing = {version for version in recorded - known if version >= OLDEST}
    assert sorted(map(str, missing)) == [], "recorded, but not told"


@every_name
def test_own_words(name: str) -> None:
    """No run of eight words of an entry stands in the running Python's asyncio."""
    entry = _entry(name)
    facts = entry.facts
    texts = [entry.summary, entry.description, facts.returns, facts.cancellation, facts.replacement]
    texts += [section.text for section in entry.sections]
    texts += [each.text for each in (*facts.parameters.values(), *facts.facts, *facts.changed)]
    texts += [each.when for each in facts.raises]
    copied = [run for text in texts if text for run in _runs(text) if run in _foreign_runs()]
    assert copied == []


@every_name
def test_example(name: str) -> None:
    """The example prints what it says on every Python in its range that can be found."""
    entry = _entry(name)
    if entry.example is None:
        return
    ran = 0
    for version, results in _example_results().items():
        if name not in results:
            continue
        status, output, errors = results[name]
        assert (status, output) == (0, entry.example.output), f"on {version}: {errors}"
        assert errors == "", f"on {version}: {errors}"
        ran += 1
    runnable = any(_runs_on(entry, version) for version in _interpreters())
    assert ran or not runnable


def _entry(name: str) -> Entry:
    entry = CATALOG.find(name)
    assert entry is not None, f"{name} cannot be read; see test_schema"
    return entry


def _runs_on(entry: Entry, version: Version) -> bool:
    assert entry.example is not None
    life = entry.example.lifetime
    target = exactly(version, "test")
    here = life.platforms is None or sys.platform.startswith(life.platforms.lower())
    return here and life.covers(target) and entry.facts.covers(target)


@cache
def _interpreters() -> dict[Version, str]:
    """The running interpreter, and in the full run the other ones that the machine has."""
    found = {Version(sys.version_info.minor, sys.version_info.micro): sys.executable}
    if os.environ.get("ASYNCIO_LSP_PYTHONS", "all") == "all":
        folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
        folders += sorted(Path.home().glob(".pyenv/versions/3.*/bin"))
        for minor in range(OLDEST.minor, NEWEST.minor + 1):
            for folder in folders:
                program = folder / f"python3.{minor}"
                if program.exists() and "shims" not in folder.parts:
                    exact = subprocess.run([program, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"], capture_output=True, text=True)
                    if exact.returncode == 0:
                        found.setdefault(Version.parse(exact.stdout), str(program))
                        break
    return found


@cache
def _example_results() -> dict[Version, dict[str, tuple[int, str, str]]]:
    """What each example did, in one process per interpreter; all interpreters at once."""
    running = {}
    for version, program in _interpreters().items():
        entries = [entry for name in CATALOG.names if (entry := CATALOG.find(name)) and entry.example and _runs_on(entry, version)]
        wanted = os.environ.get("ASYNCIO_LSP_ONLY")
        entries = [entry for entry in entries if not wanted or entry.name in wanted.split(",")]
        process = subprocess.Popen(
            [program, "-W", "error", Path(__file__).with_name("run_examples.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        assert process.stdin
        process.stdin.write(json.dumps([entry.example.program for entry in entries if entry.example]))
        process.stdin.close()
        running[version] = (entries, process)
    out = {}
    for version, (entries, process) in running.items():
        assert process.stdout
        results = json.load(process.stdout)
        process.wait()
        out[version] = {entry.name: tuple(result) for entry, result in zip(entries, results, strict=True)}
    return out


@cache
def _foreign_runs() -> set[str]:
    """The eight-word runs of the running Python's asyncio package, its docstrings included."""
    import asyncio

    folder = Path(asyncio.__file__).parent
    return {run for path in folder.glob("*.py") for run in _runs(path.read_text(encoding="utf-8"))}


def _runs(text: str) -> list[str]:
    words = re.findall(r"[a-z0-9_]+", text.lower())
    return [" ".join(words[start : start + 8]) for start in range(len(words) - 7)]
