"""What code earns: the notes at their places, their fixes, and that they are told of everywhere.

The cases lie in `notes`, one file for each note id, and in `refactorings`; `tests/cases.py` says how they are read.
A comment `# note: [id]` ends the line where a note is expected; several ids are separated by commas, and a severity
may follow. The comments are taken out before the file is looked at. Lines without one earn nothing.
A file whose layout matters is fenced as `text`, because Ruff formats what is fenced as `python`.

An `options` block may set `python` (else `>=3.9`) and `ids`, the notes that are compared (else that of the file);
blocks with a file name lie beside the file under test. Expected blocks: `messages` lists them; `notes TARGET` lists
lines, ids and severities for one more target; `fixed TITLE` is the file after a fix; `hover` is asked at `$0`,
and so is `offered`, the titles of the refactorings there, and `rewritten TITLE`, the file after one of them.
"""

from __future__ import annotations

import ast
import itertools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features import hover
from asyncio_lsp.features.library import Library
from asyncio_lsp.features.notes import refactorings
from asyncio_lsp.features.notes.engine import notes_in
from asyncio_lsp.features.notes.finding import Finding, Fix
from asyncio_lsp.workspace.target import parse_target
from tests.cases import CURSOR, Case, every, read

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "notes"
CODE = ROOT / "asyncio_lsp" / "features" / "notes"
CATALOG = Catalog(ROOT / "content")
IDS = sorted(CATALOG.notes)
VERSIONED = (
    "coroutines-to-wait",
    "deprecated",
    "loop-implicit",
    "needs-python",
    "parameter-needs-python",
    "parameter-removed",
    "removed",
    "timeout-error-alias",
    "wrong-for",
)
"""The notes that depend on the target."""
_MARK = re.compile(r" *# note: \[(?P<ids>[\w, -]+)\](?: (?P<severity>\w+))?$", re.MULTILINE)
_MARKER = "<!-- notes -->"


@every("notes", marked=True)
def test_notes(case: Case, tmp_path: Path) -> None:
    asked = _asked(case, tmp_path)
    found = _found(asked, asked.target)
    if not any(question.startswith("notes ") for question in case.expected):
        assert _placed(found, with_severity=_with_severity(case)) == sorted(_expected(case))
    _check(case, asked, found)


@every("refactorings")
def test_refactorings(case: Case, tmp_path: Path) -> None:
    _check(case, _asked(case, tmp_path), [])


@pytest.mark.parametrize("note", IDS)
def test_enough_cases(note: str) -> None:
    """Eight that fire and eight that look alike; what depends on the target is asked for three targets at once."""
    cases = read(FOLDER / f"{note}.md", marked=True)
    firing = [case for case in cases if _fires(case, note)]
    silent = [case for case in cases if not _expected(case) and not _by_target(case)]
    assert len(firing) >= 8, len(firing)
    assert len(silent) >= 8, len(silent)
    assert len({tuple(case.files.items()) for case in cases}) == len(cases), "two cases have the same file"
    if note in VERSIONED:
        answers = [tuple(_by_target(case).values()) for case in cases if len(_by_target(case)) >= 3]
        assert any(len(set(each)) >= 2 for each in answers)


def _fires(case: Case, note: str) -> bool:
    marked = any(note == each for _, each, _ in _expected(case))
    return marked or any(f": {note} " in answer for answer in _by_target(case).values())


def _by_target(case: Case) -> dict[str, str]:
    return {question: answer for question, answer in case.expected.items() if question.startswith("notes ")}


# That they are told of everywhere


def test_ids_in_code() -> None:
    """Code and content know the same ids."""
    in_code = {
        argument.value
        for path in CODE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "finding"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value in IDS
    }
    assert in_code | {"unknown-note-id"} == set(IDS)


def test_ids_in_cases() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(IDS)


def test_every_fix_is_applied_in_a_case() -> None:
    """Every title of a quick fix has a case that applies it."""
    applied = {
        (path.stem, question.removeprefix("fixed "))
        for path in FOLDER.glob("*.md")
        for case in read(path, marked=True)
        for question in case.expected
        if question.startswith("fixed ")
    }
    titles = {(note, title) for note, page in CATALOG.notes.items() for title in page.facts.fixes.values()}
    assert titles - applied == set()


def test_ids_in_changelog() -> None:
    text = ROOT.joinpath("CHANGELOG.md").read_text(encoding="utf-8")
    assert [note for note in IDS if f"`{note}`" not in text] == []


def test_table_in_readme() -> None:
    """The table in the README is this one; `python -m tests.test_notes` writes it."""
    text = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    assert text.split(_MARKER)[1:2] == [f"\n\n{table()}\n\n"]


def table() -> str:
    """All notes as a Markdown table: what they report, and by default or beside which rules."""
    rows = ["| id | reports | by default |", "|---|---|---|"]
    for note in IDS:
        page = CATALOG.notes[note]
        rules = ", ".join(f"`{rule}`" for rule in page.facts.doubles)
        default = "yes" if page.facts.default else f"no: {rules}" if rules else "hover only"
        if page.facts.default and page.facts.messages.keys() - set(page.facts.default):
            default = "in part"
        rows.append(f"| `{note}` | {page.summary} | {default} |")
    return "\n".join(rows)


# Asking


@dataclass(frozen=True)
class Asked:
    """A file, where the cursor is in it, the notes in question and the target."""

    library: Library
    source: Source
    position: Position
    ids: tuple[str, ...]
    target: Target


def _asked(case: Case, folder: Path) -> Asked:
    """What a case asks, with its other files in a folder."""
    options = tomllib.loads(case.files.get("options", ""))
    assert options.keys() <= {"python", "ids"}
    for name in case.files.keys() - {"main.py", "options"}:
        folder.joinpath(name).write_text(case.files[name], encoding="utf-8")
    project = Project((str(folder),))
    source = Source(_MARK.sub("", case.source), str(folder / "main.py"))
    project.opened(source)
    ids = options.get("ids", [case.path.stem])
    assert case.path.parent != FOLDER or set(ids) <= set(IDS), ids
    target = parse_target(options.get("python", ">=3.9"), "test")
    position = Position(*case.cursor) if CURSOR in case.files["main.py"] else Position(0, 0)
    return Asked(Library(CATALOG, project), source, position, tuple(ids), target)


def _found(asked: Asked, target: Target) -> list[Finding]:
    return [finding for finding in notes_in(asked.library, asked.source, target) if finding.id in asked.ids]


def _placed(found: list[Finding], *, with_severity: bool) -> list[tuple[int, str, str]]:
    return sorted(
        (finding.span.start.line + 1, finding.id, str(finding.severity) if with_severity else "") for finding in found
    )


def _expected(case: Case) -> list[tuple[int, str, str]]:
    """Line, id and severity of each mark."""
    out = []
    for number, line in enumerate(case.source.split("\n"), 1):
        if (mark := _MARK.search(line)) is not None:
            out += [(number, each.strip(), mark["severity"] or "") for each in mark["ids"].split(",")]
    return out


def _with_severity(case: Case) -> bool:
    """Say whether the marks name severities: all of them or none."""
    named = {bool(severity) for _, _, severity in _expected(case)}
    assert len(named) <= 1, "some marks have a severity and some have none"
    return named == {True}


def _check(case: Case, asked: Asked, found: list[Finding]) -> None:
    """Ask what the expected blocks ask."""
    for question, expected in case.expected.items():
        subject, _, rest = question.partition(" ")
        match subject:
            case "messages":
                assert [finding.message for finding in found] == expected.splitlines()
            case "notes":
                placed = _placed(_found(asked, parse_target(rest, "test")), with_severity=True)
                lines = [f"{line}: {note} {severity}" for line, note, severity in placed]
                assert (lines or ["none"]) == expected.splitlines(), rest
            case "fixed":
                fixes = [fix for finding in found for fix in finding.fixes]
                assert _applied(asked.source, fixes, rest) == expected
            case "fixes":
                titles = [fix.title for finding in found for fix in finding.fixes]
                assert (titles or ["none"]) == expected.splitlines()
            case "hover":
                assert rest in ("contains", "lacks")
                shown = hover.hover(asked.library, asked.source, asked.position, asked.target)
                for line in expected.splitlines():
                    assert shown is not None
                    assert (line in shown.markdown) == (rest == "contains"), shown.markdown
            case "rewritten":
                assert _applied(asked.source, _refactorings(asked), rest) == expected
            case "offered":
                titles = [fix.title for fix in _refactorings(asked)]
                assert (titles or ["none"]) == expected.splitlines()
            case _:
                raise AssertionError(question)


def _refactorings(asked: Asked) -> list[Fix]:
    return refactorings.refactorings_at(asked.library, asked.source, Span(asked.position, asked.position), asked.target)


def _applied(source: Source, fixes: list[Fix], title: str) -> str:
    """The text after the first fix of this title; it parses."""
    fix = next((fix for fix in fixes if fix.title == title), None)
    assert fix is not None, [fix.title for fix in fixes]
    edits = sorted(fix.edits, key=lambda edit: edit.span)
    assert all(edit.span.end <= after.span.start for edit, after in itertools.pairwise(edits)), "overlap"
    lines = source.lines.copy()
    for edit in reversed(edits):
        (first, column), (last, end) = edit.span
        lines[first : last + 1] = (lines[first][:column] + edit.text + lines[last][end:]).split("\n")
    text = "\n".join(lines)
    ast.parse(text)
    return text


if __name__ == "__main__":
    readme = ROOT / "README.md"
    before, _, *rest = readme.read_text(encoding="utf-8").split(_MARKER)
    readme.write_text(f"{before}{_MARKER}\n\n{table()}\n\n{_MARKER}{''.join(rest[-1:])}", encoding="utf-8")
