"""The skeleton of a new entry is an entry as soon as its writer has filled in the types and the texts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from asyncio_lsp.catalog.entry import Entry
from asyncio_lsp.catalog.reader import ContentError, read_entry
from asyncio_lsp.catalog.version import Version, exactly
from tests import skeleton
from tests.recorded import VERSIONS, comparable, present, records, signature


def test_every_skeleton_is_an_entry_that_says_what_is_recorded(tmp_path: Path) -> None:
    problems = []
    for name, record in records().items():
        try:
            entry = _entry(name, tmp_path)
        except ContentError as error:
            problems.append(str(error))
            continue
        given = [entry.facts.since, entry.facts.deprecated, entry.facts.removed, entry.facts.docs]
        recorded = [record.get(key) for key in ("added", "deprecated", "removed", "doc_anchor")]
        if [each and str(each) for each in given] != recorded:
            problems.append(f"{name}: {given} is not {recorded}")
        problems += [
            f"{name}: other parameters in {version}" for version in VERSIONS if not _as_recorded(entry, version)
        ]
    assert problems == []


def _entry(name: str, folder: Path) -> Entry:
    path = folder / f"{name}.md"
    path.write_text(_filled(skeleton.skeleton(name)), encoding="utf-8")
    parent = name.rpartition(".")[0]
    return read_entry(path, member="." in parent and records()[parent]["kind"] != "module")


def _filled(text: str) -> str:
    """Do the writer's part."""
    return re.sub(r"\bTEXT\b", "What a writer writes", re.sub(r"\bTYPE\b", "object", text))


def _as_recorded(entry: Entry, version: Version) -> bool:
    """Say whether the version has the parameters of its record; defaults change, and the newest one is written."""
    record = records()[entry.name]
    wanted = signature(record, version)
    if wanted is None or not present(record, version):
        return True
    declared = [comparable(each) for each in entry.declaration_for(exactly(version, "test")).parameters]
    return [(each.name, each.passing) for each in declared] == [(each.name, each.passing) for each in wanted]


def test_the_skeleton_is_printed() -> None:
    result = _run("asyncio.Queue.get")
    assert (result.returncode, result.stdout, result.stderr) == (0, skeleton.skeleton("asyncio.Queue.get"), "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["asyncio.Queue.gett"], "nothing is recorded of 'asyncio.Queue.gett'; did you mean asyncio.Queue.get or "),
        (["gather"], "nothing is recorded of 'gather'; did you mean asyncio.gather"),
        (["zzzz"], "nothing is recorded of 'zzzz'\n"),
        ([], "give one name, for instance asyncio.Queue.get\n"),
        (["asyncio.run", "asyncio.wait"], "give one name, for instance asyncio.Queue.get\n"),
    ],
)
def test_what_is_not_recorded_is_answered_in_one_line(arguments: list[str], message: str) -> None:
    result = _run(*arguments)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(f"skeleton: {message}")


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.skeleton", *arguments]
    return subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False)
