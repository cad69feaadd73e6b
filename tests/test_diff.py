"""What `asyncio-lsp diff` answers.

The cases lie in `diff`. Each lays its own small catalog out: blocks with a file name are its entries, and the
`arguments` block is the rest of the command line. `~~~answer` is printed with exit status 0; `~~~error N` is the
one line on standard error with exit status N, and then nothing is printed.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from asyncio_lsp import cli
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import Version
from asyncio_lsp.features.diff import Group, Move, Row, diff
from tests.cases import Case, every
from tests.conftest import Update

CATALOG = Catalog(cli.content_folder())


@every("diff")
def test_diff(
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    update: Update | None,
) -> None:
    for name, text in case.files.items():
        if name.endswith(".md"):
            (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(cli, "content_folder", lambda: tmp_path)
    actual = _answer(shlex.split(case.files["arguments"]), capsys)
    if update is None:
        assert actual == case.expected
        return
    for question in case.expected:
        update(case, question, actual[question])


def _answer(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What the command prints, by the questions of the cases."""
    status = cli.main(["diff", *arguments])
    out, err = capsys.readouterr()
    answers = {"answer": out, f"error {status}": err}
    return {question: text for question, text in answers.items() if text}


def test_json_is_printed_also_where_nothing_changed(capsys: pytest.CaptureFixture[str]) -> None:
    answers = _answer(["3.9", "3.10", "TaskGroup", "--json"], capsys)
    assert json.loads(answers.pop("answer")) == {
        "from": "3.9", "to": "3.10", "new": [], "changed": [], "deprecated": [], "removed": [],
    }  # fmt: skip
    assert list(answers) == ["error 1"]


# What a team meets that moves from 3.11 to 3.14, in the real entries.


def test_eager_start_is_new() -> None:
    assert _found(Group.NEW, "asyncio.TaskGroup.create_task", "eager_start") == [Version(14)]


def test_child_watchers_are_removed() -> None:
    removed = {row.name for row in _move() if row.group is Group.REMOVED and row.version == Version(14)}
    watchers = {name for name in CATALOG.names if "child_watcher" in name or name.endswith("ChildWatcher")}
    assert len(watchers) >= 8
    assert watchers <= removed


def test_policies_are_deprecated() -> None:
    texts = {row.name: row.text for row in _move() if row.group is Group.DEPRECATED}
    for name in ("AbstractEventLoopPolicy", "DefaultEventLoopPolicy", "get_event_loop_policy", "set_event_loop_policy"):
        assert texts[f"asyncio.{name}"].startswith("To be removed in 3.16. Use ")


def test_get_event_loop_raises() -> None:
    rows = [row for row in _move() if row.group is Group.CHANGED and row.name == "asyncio.get_event_loop"]
    assert any(row.version == Version(14) and "RuntimeError" in row.text for row in rows)


def test_what_is_there_before_and_after_is_not_told() -> None:
    """`TaskGroup` came with 3.11 and is told to those who come from 3.10 alone."""
    assert _found(Group.NEW, "asyncio.TaskGroup", None) == []
    assert _found(Group.NEW, "asyncio.TaskGroup", None, before="3.10") == [Version(11)]


def _found(group: Group, name: str, parameter: str | None, *, before: str = "3.11") -> list[Version]:
    rows = [row for row in _move(before) if (row.group, row.name, row.parameter) == (group, name, parameter)]
    return [row.version for row in rows]


def _move(before: str = "3.11") -> list[Row]:
    return diff(CATALOG, Move(before, "3.14"))
