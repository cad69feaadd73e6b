"""Reads the Markdown files that hold test cases.

A heading of level two opens a case and says what is true; prose explains why.
A block fenced by ``` is a file: its info string is a language and, when it is not the file under test, a file name.
A block fenced by ~~~ is the expected answer; its info string says to which question.
`$0` in the file under test is the cursor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

_CASE = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_BLOCK = re.compile(r"^(?P<fence>```+|~~~+)(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=fence) *$", re.MULTILINE | re.DOTALL)
CURSOR = "$0"


@dataclass(frozen=True)
class Case:
    """One case: its files by name (the one under test is `main.py`), and the expected answers by question."""

    title: str
    path: Path
    line: int
    files: dict[str, str]
    expected: dict[str, str]

    @property
    def source(self) -> str:
        """The file under test without the cursor."""
        return self.files["main.py"].replace(CURSOR, "")

    @property
    def cursor(self) -> tuple[int, int]:
        """Line and column of the cursor, from 0, in code points."""
        before, mark, _ = self.files["main.py"].partition(CURSOR)
        if not mark:
            raise AssertionError(f"{self.path}:{self.line}: the case has no {CURSOR}")
        return before.count("\n"), len(before.rpartition("\n")[2])


def read(path: Path, *, marked: bool = False) -> list[Case]:
    """All cases of a file; one without an expected answer is an error, unless marks in the file may be the answer."""
    text = path.read_text(encoding="utf-8")
    marks = list(_CASE.finditer(_without_blocks(text)))
    cases = []
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        part = text[mark.end() : after.start() if after else len(text)]
        files: dict[str, str] = {}
        expected: dict[str, str] = {}
        for block in _BLOCK.finditer(part):
            words = block["info"].split()
            if block["fence"].startswith("~"):
                expected[" ".join(words)] = block["text"]
            else:
                files[words[1] if len(words) > 1 else "main.py"] = block["text"]
        line = text[: mark.start()].count("\n") + 1
        if not expected and not marked:
            raise AssertionError(f"{path}:{line}: the case {mark[1]!r} expects nothing")
        cases.append(Case(mark[1], path, line, files, expected))
    return cases


def _without_blocks(text: str) -> str:
    """The text with blocks blanked out, so that headings inside them do not count."""
    return _BLOCK.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)


def every(folder: str, *, marked: bool = False) -> pytest.MarkDecorator:
    """Parametrize a test with all cases of a folder of `tests`; `marked` as for `read`."""
    paths = sorted(Path(__file__).parent.joinpath(folder).glob("*.md"))
    cases = [case for path in paths if path.name != "README.md" for case in read(path, marked=marked)]
    assert cases, f"no cases in {folder}"
    return pytest.mark.parametrize("case", cases, ids=[f"{case.path.stem}: {case.title}" for case in cases])
