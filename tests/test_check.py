"""What `asyncio-lsp check` finds, prints and mends.

Most tests speak of a small content folder of their own, so that they stay when entries and notes are rewritten.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from asyncio_lsp import cli
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.catalog.entry import Severity
from asyncio_lsp.check import fixing, formats, one, run, screen, text
from asyncio_lsp.check.document import Document, read
from asyncio_lsp.check.files import find
from asyncio_lsp.check.report import Related, Remedy, Report, Reported, region
from asyncio_lsp.features.notes import engine
from asyncio_lsp.features.notes.finding import Edit, Finding, Fix

CONTENT = {
    "resolution.toml": "",
    "asyncio.sleep.md": """+++
declaration = "async def sleep(delay: float) -> None"
docs = "library/asyncio-task.html#asyncio.sleep"

[parameters.delay]
text = "Seconds."
+++
Pause.
""",
    "asyncio.gather.md": """+++
declaration = "def gather(*aws: Awaitable[T]) -> Future[list[T]]"
docs = "library/asyncio-task.html#asyncio.gather"
use = ["await"]
since = "3.11"

[parameters.aws]
text = "What to run."
takes = ["spread"]
+++
Run them all.
""",
    "notes/not-awaited.md": """+++
severity = "warning"
default = ["default"]

[messages]
default = "Await `{call}`."

[fixes]
add-await = "Add await"
+++
It is dropped.

Nobody runs it.

## Write

```python
await asyncio.sleep(1)
```
""",
    "notes/list-not-unpacked.md": """+++
severity = "error"

[messages]
default = "Unpack `{argument}`."

[fixes]
unpack = "Unpack with *"
+++
It takes them one by one.
""",
}
SLEEP = "import asyncio\n\nasync def f():\n    asyncio.sleep(1)\n"
CLEAN = "import asyncio\n\nasync def f():\n    await asyncio.sleep(1)\n"
SYNTAX_ERROR = SLEEP + "def broken(:\n"


@dataclass(frozen=True)
class Answer:
    """What the command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)

    @property
    def found(self) -> list[tuple[str, str]]:
        """File and id of each finding."""
        return [(each["path"], each["id"]) for each in self.json]


Check = Callable[..., Answer]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A content folder with two entries and two notes; `list-not-unpacked` is only reported when asked for."""
    folder = tmp_path_factory.mktemp("content")
    for name, page in CONTENT.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(page, encoding="utf-8")
    return folder


@pytest.fixture
def check(content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """The command in a folder of its own; standard error is lines of the command's, and no failure is silent."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "content_folder", lambda: content)

    def call(*arguments: str | Path) -> Answer:
        try:
            status: object = cli.main(["check", *map(str, arguments)])
        except SystemExit as leaving:
            status = leaving.code
        out, err = capsys.readouterr()
        assert isinstance(status, int)
        assert all(re.match(r"asyncio-lsp( check)?: \S", line) for line in err.splitlines()), err
        assert err or status == 0
        return Answer(status, out, err)

    return call


def write(**files: str | bytes) -> None:
    """Write files below the current folder; `__` stands for `/` in a name, which ends in `.py` without a suffix."""
    for name, held in files.items():
        path = Path(name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(held.encode() if isinstance(held, str) else held)


# Which files


def test_folders_are_searched_recursively_for_python_files(check: Check) -> None:
    write(a=SLEEP, sub__b=SLEEP, sub__deep__c=SLEEP)
    Path("sub/d.pyi").write_text(SLEEP, encoding="utf-8")
    Path("sub/e.txt").write_text(SLEEP, encoding="utf-8")
    assert [path for path, _ in check(".", "--format", "json").found] == [
        "a.py",
        "sub/b.py",
        "sub/d.pyi",
        "sub/deep/c.py",
    ]


def test_paths_are_printed_as_they_were_given(check: Check, tmp_path: Path) -> None:
    write(sub__a=SLEEP)
    for given, shown in {
        "sub": "sub/a.py",
        "./sub/": "sub/a.py",
        "sub/../sub/a.py": "sub/a.py",
        str(tmp_path): f"{tmp_path}/sub/a.py",
    }.items():
        assert check(given, "--format", "json").found == [(shown, "not-awaited")]


@pytest.mark.parametrize(
    "folder",
    [
        ".git",
        ".hidden",
        ".venv",
        "venv",
        "build",
        "dist",
        "node_modules",
        "__pycache__",
        "__pypackages__",
        "site-packages",
    ],
)
def test_folders_of_others_are_left_out_unless_they_are_named(folder: str, check: Check) -> None:
    path = Path("src", folder, "inner", "a.py")
    path.parent.mkdir(parents=True)
    path.write_text(SLEEP, encoding="utf-8")
    write(src__b=CLEAN)
    assert check("src").status == 0
    assert check(path).status == 1
    assert check(path.parent.parent).status == 1


def test_a_virtual_environment_is_left_out_whatever_its_name(check: Check) -> None:
    write(src__tools__a=SLEEP, src__b=CLEAN)
    Path("src/tools/pyvenv.cfg").touch()
    assert check("src").status == 0
    assert check("src/tools").status == 1


def test_a_named_file_is_checked_whatever_it_is_called(check: Check) -> None:
    Path("script").write_text(SLEEP, encoding="utf-8")
    Path(".gitignore").write_text("*\n", encoding="utf-8")
    assert check("script", "--format", "json").found == [("script", "not-awaited")]


def test_a_file_that_is_named_twice_is_checked_once(check: Check) -> None:
    write(sub__a=SLEEP)
    answer = check("sub/a.py", "sub", "./sub/a.py", ".", "--format", "json")
    assert answer.found == [("sub/a.py", "not-awaited")]
    assert "no Python file" not in answer.err
    assert check("./sub", Path("sub").absolute(), "--format", "json").found == [("sub/a.py", "not-awaited")]


def test_links_lead_to_files_but_not_to_folders(check: Check, tmp_path: Path) -> None:
    """Folders could lead around in a circle."""
    write(sub__a=SLEEP)
    Path("link.py").symlink_to(tmp_path / "sub/a.py")
    Path("sub/circle").symlink_to(tmp_path)
    Path("sub/folder.py").symlink_to(tmp_path)
    assert [path for path, _ in check(".", "--format", "json").found] == ["link.py", "sub/a.py"]


def test_a_folder_may_be_called_like_a_file(check: Check) -> None:
    write(**{"package.py__a": SLEEP})
    assert check(".", "--format", "json").found == [("package.py/a.py", "not-awaited")]


def test_a_folder_without_python_is_told(check: Check) -> None:
    Path("empty").mkdir()
    answer = check("empty")
    assert (answer.status, answer.out) == (0, "no findings in 0 files\n")
    assert answer.err == "asyncio-lsp: empty: no Python file to check\n"


def test_exactly_the_files_are_found_that_git_does_not_ignore(check: Check) -> None:
    """Against git itself, with patterns at several levels, in trees made at random."""
    subprocess.run(["git", "init", "--quiet", "."], check=True)
    patterns = ["", "# a", "*", "**", "/**", "a", "a/", "/a", "a*", "?.py", "*.py", "[a-b].py", "b/c", "/b/*", "c/a.py"]
    patterns += [
        "**/c",
        "a/**",
        "**/a/**",
        "a/*/b",
        "a/**/b",
        "a//b",
        "/",
        "!",
        "!a",
        "!a/",
        "!/b/",
        "!*/",
        "!*.py",
        "!a/**",
    ]
    patterns += ["[z-a]", "a ", "a\\ ", "\\!a", "\\#a", "a\\"]
    dice = random.Random(1)
    names = ["a", "b", "c"]
    for _ in range(60):
        for child in Path().iterdir():
            if child.name != ".git":
                shutil.rmtree(child) if child.is_dir() else child.unlink()
        for _ in range(25):
            folder = Path(*dice.choices(names, k=dice.randint(0, 3)))
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{dice.choice(names)}.py").touch()
        for folder in [Path(), *(path for path in Path().rglob("[abc]") if path.is_dir())]:
            if dice.random() < 0.4:
                lines = "\n".join(dice.sample(patterns, k=dice.randint(1, 4)))
                (folder / ".gitignore").write_text(lines, encoding="utf-8")
        listed = subprocess.run(
            ["git", "ls-files", "--others", "--exclude-standard", "*.py"], capture_output=True, text=True, check=True
        ).stdout.split()
        found = [file.shown for file in find(["."]).files]
        assert found == sorted(listed, key=lambda path: Path(path).parts)
    assert check(".").status == 0


def test_patterns_above_the_named_folder_count(check: Check) -> None:
    write(src__a=SLEEP, src__made__b=SLEEP)
    Path(".gitignore").write_text("src/made/\n", encoding="utf-8")
    assert check("src", "--format", "json").found == [("src/a.py", "not-awaited")]
    assert check("src/made", "--format", "json").found == [("src/made/b.py", "not-awaited")]


def test_patterns_above_the_repository_do_not_count(check: Check) -> None:
    write(repository__src__a=SLEEP)
    Path("repository/.git").mkdir()
    Path(".gitignore").write_text("*.py\n", encoding="utf-8")
    assert check("repository/src").status == 1


# What cannot be read


UNREADABLE: dict[str, bytes] = {
    "bytes": b"import asyncio\n'\xe9'\n",
    "cookie": b"# coding: klingon\n",
    "no_text": b"# coding: rot13\n",
    "lies": b"# coding: ascii\n'\xe9'\n",
    "mark": b"\xef\xbb\xbf# coding: latin-1\n",
    "wide": SLEEP.encode("utf-16"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_one_line_and_the_rest_is_checked(name: str, check: Check) -> None:
    write(src__a=SLEEP)
    write(**{f"src__{name}": UNREADABLE[name]})
    answer = check("src", "--format", "json")
    assert (answer.status, answer.found) == (2, [("src/a.py", "not-awaited")])
    told = [line for line in answer.err.splitlines() if f"src/{name}.py" in line]
    assert len(told) == 1
    assert "cannot be read" in told[0]


def test_it_is_the_only_line_where_nothing_else_is_found(check: Check) -> None:
    write(a=UNREADABLE["bytes"], b=CLEAN)
    answer = check(".")
    assert (answer.status, answer.out) == (2, "no findings in 1 file\n")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("path", ["nothing.py", "no/folder", "a.py/b.py", "", "a" * 5000])
def test_a_path_that_does_not_exist_is_one_line_and_the_rest_is_checked(path: str, check: Check) -> None:
    write(a=SLEEP)
    answer = check(path, "a.py", "--format", "json")
    assert (answer.status, answer.found) == (2, [("a.py", "not-awaited")])
    assert answer.err.count("\n") == 2


def test_a_pipe_is_not_waited_for(check: Check) -> None:
    os.mkfifo("pipe.py")
    write(a=CLEAN)
    answer = check(".")
    assert answer.status == 2
    assert answer.err == "asyncio-lsp: pipe.py: is not a regular file\n"


def test_a_link_that_leads_nowhere_is_told(check: Check) -> None:
    Path("gone.py").symlink_to("nowhere.py")
    answer = check(".")
    assert answer.status == 2
    assert re.fullmatch(r"asyncio-lsp: gone\.py: cannot be read: .+\n", answer.err)


def test_a_folder_that_cannot_be_read_is_told(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    write(closed__a=SLEEP, open__b=SLEEP)
    scan = os.scandir

    def scandir(path: str | Path) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    answer = check(".", "--format", "json")
    assert (answer.status, answer.found) == (2, [("open/b.py", "not-awaited")])
    assert "asyncio-lsp: closed: cannot be read: Permission denied\n" in answer.err


def test_a_path_with_line_ends_in_it_is_told_in_one_line(check: Check) -> None:
    Path("two\nlines\x1b[2J.py").write_bytes(UNREADABLE["bytes"])
    answer = check(".")
    assert answer.status == 2
    assert answer.err.count("\n") == 1
    assert "\x1b" not in answer.err


def test_a_file_that_nobody_can_cope_with_does_not_stop_the_others(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(a=SLEEP, b=SLEEP, c=SLEEP)
    look = engine.notes_in

    def notes_in(*arguments: Any) -> list[Finding]:
        if arguments[1].path.endswith("b.py"):
            raise RecursionError("too\ndeep")
        return look(*arguments)

    monkeypatch.setattr("asyncio_lsp.check.one.notes_in", notes_in)
    answer = check(".", "--format", "json")
    assert (answer.status, [path for path, _ in answer.found]) == (2, ["a.py", "c.py"])
    assert "asyncio-lsp: b.py: cannot be checked: RecursionError: too deep\n" in answer.err


def test_a_process_that_dies_is_told_for_each_of_its_files() -> None:
    died: Future[list[Report]] = Future()
    died.set_exception(OSError("it was\nkilled"))
    job = one.Job(Path("a.py"), "a.py", None, None, fix=False)  # type: ignore[arg-type]  # Nobody looks at them.
    told = run._outcome(died, [job, replace(job, shown="b.py")])  # noqa: SLF001  # No process can be made to die in time.
    assert [(each.shown, each.problem) for each in told] == [
        ("a.py", "cannot be checked: it was killed"),
        ("b.py", "cannot be checked: it was killed"),
    ]


def test_a_syntax_error_hides_only_what_is_around_it(check: Check) -> None:
    write(a=SYNTAX_ERROR)
    assert check("a.py", "--format", "json").found == [("a.py", "not-awaited")]


# Settings


def configured(table: str, folder: str = ".", rest: str = "") -> None:
    """Write a `pyproject.toml`."""
    path = Path(folder, "pyproject.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{rest}\n[tool.asyncio-lsp]\n{table}\n", encoding="utf-8")


GATHER = "import asyncio\n\nasync def f(x):\n    asyncio.sleep(1)\n    await asyncio.gather([x, x])\n"
BOTH = ["not-awaited", "list-not-unpacked"]


@pytest.mark.parametrize(
    ("table", "flags", "ids"),
    [
        ("", "", ["not-awaited"]),
        ("", "--select ALL", BOTH),
        ("", "--select list-not-unpacked,not-awaited", BOTH),
        ("", "--select ALL --ignore not-awaited", ["list-not-unpacked"]),
        ("", "--ignore not-awaited", []),
        ("", "--ignore ALL", []),
        ('select = ["list-not-unpacked"]', "", ["list-not-unpacked"]),
        ('select = ["ALL"]', "", BOTH),
        ("select = []", "", []),
        ('select = ["ALL"]\nignore = ["not-awaited"]', "", ["list-not-unpacked"]),
        ('select = ["ALL"]\nignore = ["not-awaited"]', "--ignore list-not-unpacked", []),
        ('select = ["list-not-unpacked"]\nignore = ["not-awaited"]', "--select not-awaited", ["not-awaited"]),
    ],
)
def test_which_notes_count(table: str, flags: str, ids: list[str], check: Check) -> None:
    """`--select` replaces what the project says, `--ignore` adds to it."""
    write(a=GATHER)
    configured(table)
    answer = check("a.py", "--format", "json", *flags.split())
    assert [name for _, name in answer.found] == ids
    assert answer.status == bool(ids)


def test_the_nearest_file_with_the_table_counts(check: Check) -> None:
    write(a=GATHER, one__b=GATHER, one__two__c=GATHER)
    configured('select = ["list-not-unpacked"]')
    configured('ignore = ["ALL"]', "one/two")
    Path("one/pyproject.toml").write_text("[tool.other]\nselect = 3\n", encoding="utf-8")
    assert check(".", "--format", "json").found == [("a.py", "list-not-unpacked"), ("one/b.py", "list-not-unpacked")]


def test_exclude_is_relative_to_its_file_and_does_not_count_for_named_files(check: Check) -> None:
    write(project__a=SLEEP, project__old__b=SLEEP, project__new__old__c=SLEEP, project__new__made_d=SLEEP)
    configured('exclude = ["/old", "made_*.py"]', "project")
    shown = ["project/a.py", "project/new/old/c.py"]
    assert [path for path, _ in check(".", "--format", "json").found] == shown
    assert [path for path, _ in check("project", "--format", "json").found] == shown
    assert check("project/old/b.py").status == 1


def test_a_folder_that_is_left_out_need_not_have_settings_that_can_be_read(check: Check) -> None:
    write(a=SLEEP, cases__b=SLEEP)
    configured('exclude = ["cases"]')
    Path("cases/pyproject.toml").write_text("[", encoding="utf-8")
    assert check(".").status == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool.asyncio-lsp]\npython = 3.12\n", "tool.asyncio-lsp.python: expected text, not 3.12"),
        ("[tool.asyncio-lsp]\npython = 'snake'\n", "tool.asyncio-lsp.python: 'snake' is not a Python version"),
        ("[tool.asyncio-lsp]\nselect = 'ALL'\n", "tool.asyncio-lsp.select: expected a list of texts, not 'ALL'"),
        ("[tool.asyncio-lsp]\nignore = [1]\n", "tool.asyncio-lsp.ignore: expected a list of texts, not [1]"),
        ("[tool.asyncio-lsp]\nexclude = ['!']\n", "tool.asyncio-lsp.exclude: '!' is not a pattern"),
        ("[tool.asyncio-lsp]\nexclude = ['[z-a]']\n", "tool.asyncio-lsp.exclude: '[z-a]' is not a pattern"),
        ("[tool.asyncio-lsp]\nselct = []\n", "tool.asyncio-lsp: there is no key 'selct'; did you mean select?"),
        ("[tool.asyncio-lsp]\npath = 'x'\n", "tool.asyncio-lsp: there is no key 'path'"),
        ("[tool.asyncio-lsp.python]\nx = 1\n", "tool.asyncio-lsp.python: expected text"),
        ("[tool.asyncio-lsp]\nselect = ['not-awaite']\n", "'not-awaite'; did you mean not-awaited?"),
        ("[tool.asyncio-lsp]\nignore = ['zzz']\n", "tool.asyncio-lsp.ignore: there is no note 'zzz'"),
        ("[tool]\nasyncio-lsp = 1\n", "tool.asyncio-lsp is not a table"),
        ("[tool\n", "cannot be read"),
        ("\0", "cannot be read"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_followed_are_one_line(text: str, told: str, check: Check, tmp_path: Path) -> None:
    write(src__a=SLEEP)
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    for path in ("src", "src/a.py"):
        answer = check(path)
        assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert answer.err.startswith(f"asyncio-lsp: {tmp_path / 'pyproject.toml'}: ")
        assert told in answer.err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("", "PATH"),
        ("a.py --format yaml", "yaml"),
        ("a.py --select not-awaite", "--select: there is no note 'not-awaite'; did you mean not-awaited?"),
        ("a.py --ignore not-awaite,ALL", "--ignore: there is no note 'not-awaite'; did you mean not-awaited?"),
        ("a.py --select ,", "--select: there is no id in it"),
        ("nothing.py --select zzz", "--select: there is no note 'zzz'"),
        ("a.py --python snake", "--python: 'snake'"),
        ("a.py --fix --diff", "--fix"),
        ("a.py --diff --format json", "--diff"),
        ("a.py --json", "--json"),
    ],
)
def test_a_usage_error_is_one_line(flags: str, told: str, check: Check) -> None:
    write(a=SLEEP)
    answer = check(*flags.split())
    assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert told in answer.err


def test_each_file_has_the_target_of_its_project(check: Check) -> None:
    write(old__a=GATHER, new__b=GATHER)
    configured('python = "3.11"', "old")
    configured("", "new", '[project]\nrequires-python = ">=3.11,<3.14"')
    answer = check(".", "--select", "list-not-unpacked", "--format", "json")
    assert [each["url"].split("/")[3] for each in answer.json] == ["3.13", "3.11"]
    answer = check(".", "--select", "list-not-unpacked", "--format", "json", "--python", "3.12")
    assert [each["url"].split("/")[3] for each in answer.json] == ["3.12", "3.12"]


# What is printed


WIDE = "import asyncio\n\nasync def f(x):\n\ts = '😀漢e\u0301'; asyncio.sleep(1)\n"
WIDE += "\treturn await asyncio.gather([\n\t\tx])\n"


def test_text(check: Check) -> None:
    write(src__a=WIDE)
    answer = check("src", "--select", "ALL")
    assert answer.status == 1
    assert (
        answer.out
        == """\
src/a.py:4:22: warning[not-awaited]: Await `asyncio.sleep(1)`.
  |
4 |     s = '😀漢e\u0301'; asyncio.sleep(1)
  |                          ^^^^^
  = help: Add await (--fix does it)

src/a.py:5:23: error[list-not-unpacked]: Unpack `[x]`.
  |
5 |     return await asyncio.gather([
  |                          ^^^^^^
  = help: Unpack with * (--fix does it)

"""
    )
    assert answer.err == "asyncio-lsp: 2 findings in 1 of 1 file: 1 error, 1 warning; --fix mends 2\n"


def test_text_where_nothing_is_found(check: Check) -> None:
    write(a=CLEAN, b=CLEAN)
    assert check(".") == Answer(0, "no findings in 2 files\n", "")


def reported(line: str, start: int, end: int, **more: Any) -> Reported:
    """A finding on the first line of a file."""
    span = Span(Position(0, start), Position(0, end))
    message = more.pop("message", "Look\nhere.")
    fixes = more.pop("fixes", ())
    related = more.pop("related", ())
    return Reported("an-id", Severity.INFO, region([line], span), message, None, None, line, related, fixes)


def printed(found: Reported, path: str = "a.py", room: int = 60) -> str:
    """What is printed of a finding."""
    return "\n".join("".join(piece for piece, _ in line) for line in text.lines(Report(path, (found,)), room))


def test_text_tells_other_places_and_all_fixes() -> None:
    there = Related(region(["ab", "  cd"], Span(Position(1, 2), Position(1, 4))), "The deadline\nis set here.")
    fixes = (Remedy("Do this", True, ()), Remedy("Do that", False, ()))  # noqa: FBT003  # As it is written.
    assert (
        printed(reported("ab", 0, 2, related=(there,), fixes=fixes))
        == """\
a.py:1:1: info[an-id]: Look here.
  |
1 | ab
  | ^^
  = note: a.py:2:3: The deadline is set here.
  = help: Do this (--fix does it)
  = help: Do that
"""
    )


def test_a_long_line_is_cut_around_the_place_and_the_carets_stay_below_it() -> None:
    line = "\t" + "".join(f"漢{number:03};" for number in range(100))
    for room in (10, 40, 77):
        for start in (1, 8, 251, 494):
            found = reported(line, start, start + 4)
            code, carets = text.excerpt(found, room)
            shown = at_cells(code, carets.index("^"), carets.count("^")).rstrip("…")
            assert cells(code) <= room
            assert shown
            assert line[start : start + 4] == shown if room > 20 else line[start:].startswith(shown)


def cells(line: str) -> int:
    """How many cells of a terminal a text takes, counted in another way than the code does."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line
    )


def at_cells(line: str, first: int, count: int) -> str:
    """The text that stands in some cells."""
    return "".join(each for index, each in enumerate(line) if first <= cells(line[:index]) < first + count)


def test_what_would_confuse_a_terminal_is_replaced() -> None:
    shown = printed(reported("x = '\x1b[2J\u202e\x07'", 0, 1), "a\x1b[2J.py")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.splitlines()[2] == "1 | x = '\ufffd[2J\ufffd\ufffd'"


def test_tabs_reach_to_the_next_stop() -> None:
    assert printed(reported("ab\tc\td", 5, 6)).splitlines()[2:4] == ["1 | ab  c   d", "  |         ^"]


def test_a_place_behind_the_end_has_a_caret() -> None:
    assert printed(reported("ab", 2, 2)).splitlines()[3] == "  |   ^"


def test_json(check: Check) -> None:
    write(src__a=WIDE)
    assert check("src", "--format", "json", "--python", "3.12").json == [
        {
            "path": "src/a.py",
            "range": {"start": {"line": 3, "character": 22}, "end": {"line": 3, "character": 27}},
            "id": "not-awaited",
            "severity": "warning",
            "message": "Await `asyncio.sleep(1)`.",
            "symbol": "asyncio.sleep",
            "url": "https://docs.python.org/3.12/library/asyncio-task.html#asyncio.sleep",
            "fixes": ["Add await"],
        }
    ]


def test_json_where_nothing_is_found(check: Check) -> None:
    write(a=CLEAN)
    assert check(".", "--format", "json") == Answer(0, "[]\n", "")


def test_github(check: Check) -> None:
    write(src__a=WIDE)
    answer = check("src", "--format", "github")
    assert answer.out == (
        "::warning title=asyncio-lsp (not-awaited),file=src/a.py,line=4,col=22,endLine=4,endColumn=27"
        "::src/a.py:4:22: not-awaited: Await `asyncio.sleep(1)`.%0Ahelp: Add await\n"
    )


def test_github_gets_paths_from_the_current_folder(check: Check, tmp_path: Path) -> None:
    write(src__a=SLEEP)
    assert "file=src/a.py," in check(tmp_path, "--format", "github").out


AWKWARD = ["50%", "a:b,c;d=e", "%0A", "::error::x", "two\nlines\r\n", "%25%3A%2C", "😀", " x "]


@pytest.mark.parametrize("awkward", AWKWARD)
def test_github_commands_say_what_they_are_given(awkward: str) -> None:
    """Read as the runner reads them: one line, up to the second `::`, then at commas, then `%` and two digits."""
    fix = Remedy(awkward, True, ())  # noqa: FBT003  # As it is written.
    [command] = formats.as_github([Report(awkward, (reported("x", 0, 1, message=awkward, fixes=(fix,)),))])
    assert "\n" not in command
    assert "\r" not in command
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", command)
    assert match
    values = dict(each.split("=", 1) for each in match[2].split(","))
    given = {name: unescaped(value, {"%3A": ":", "%2C": ","}) for name, value in values.items()}
    assert given["file"] == os.path.normpath(awkward)
    assert given["line"] == "1"
    shown = " ".join(awkward.split())
    assert unescaped(match[3]).endswith(f":1:1: an-id: {shown}\nhelp: {shown}")


def unescaped(value: str, more: dict[str, str] | None = None) -> str:
    """Undo the escapes of workflow commands, `%25` last."""
    for escape, meant in {"%0D": "\r", "%0A": "\n", **(more or {}), "%25": "%"}.items():
        value = value.replace(escape, meant)
    return value


# SARIF


def sarif_schema() -> Any:
    """The official JSON schema of SARIF 2.1.0, out of the copy of SchemaStore that a package carries.

    The package would ask the network whether its copy is still fresh; here its cache is read as it was installed.
    """
    cache = distribution("schemastore").locate_file("schemastore/cache.sqlite")
    with contextlib.closing(sqlite3.connect(f"file:{cache}?mode=ro&immutable=1", uri=True)) as database:
        answers = [answer for (answer,) in database.execute("SELECT value FROM responses")]
    title = b'"title": "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"'
    [answer] = [answer for answer in answers if title in answer]
    schema, _ = json.JSONDecoder().raw_decode(answer[answer.index(b"{") :].decode("utf-8", "replace"))
    return schema


@pytest.fixture(scope="module")
def validator() -> Any:
    """What tells whether a log is valid."""
    schema = sarif_schema()
    assert schema["$id"].endswith("/sarif-schema-2.1.0.json")
    assert len(schema["definitions"]) > 40
    found = jsonschema.validators.validator_for(schema)
    return found(schema, format_checker=found.FORMAT_CHECKER)


def problems(validator: Any, log: object) -> list[str]:
    """What is wrong with a log."""
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(log)]


def test_sarif_is_valid(check: Check, validator: Any) -> None:
    write(src__a=WIDE, src__b=CLEAN, src__c=UNREADABLE["bytes"])
    log = check("src", "--select", "ALL", "--format", "sarif").json
    assert problems(validator, log) == []
    assert problems(validator, check("src/b.py", "--format", "sarif").json) == []
    # So that it is known to look everywhere:
    [result, _] = log["runs"][0]["results"]
    result["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"]["startLine"] = 0
    result["level"] = "hint"
    log["runs"][0]["tool"]["driver"]["rules"][0]["helpUrl"] = "x"
    assert len(problems(validator, log)) == 3


def test_sarif_is_valid_with_every_note_there_is(check: Check, validator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "content_folder", lambda: Path(__file__).parent.parent / "content")
    write(a=WIDE, b="import asyncio\nasyncio.get_event_loop().run_until_complete(asyncio.sleep(1))\n")
    log = check(".", "--select", "ALL", "--format", "sarif").json
    assert problems(validator, log) == []
    driver = log["runs"][0]["tool"]["driver"]
    assert {rule["id"] for rule in driver["rules"]} == {
        path.stem for path in Path(cli.content_folder(), "notes").glob("*.md")
    }
    assert all(rule["helpUri"].startswith("https://docs.python.org/3.") for rule in driver["rules"])


def test_sarif(check: Check) -> None:
    write(src__a=WIDE, src__c=UNREADABLE["bytes"])
    answer = check("src", "--select", "ALL", "--format", "sarif", "--python", "3.12")
    [log] = answer.json["runs"]
    assert (answer.status, answer.json["version"], log["columnKind"]) == (2, "2.1.0", "utf16CodeUnits")
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["list-not-unpacked", "not-awaited"]
    assert [rule["defaultConfiguration"] for rule in rules] == [
        {"enabled": False, "level": "error"},
        {"enabled": True, "level": "warning"},
    ]
    assert rules[1]["shortDescription"] == {"text": "It is dropped."}
    assert "```python\nawait asyncio.sleep(1)\n```" in rules[1]["help"]["markdown"]
    assert "```" not in rules[1]["help"]["text"]
    [told] = log["invocations"]
    assert told["executionSuccessful"] is False
    assert "src/c.py" in told["toolExecutionNotifications"][0]["message"]["text"]
    first, second = log["results"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("not-awaited", 1, "warning")
    assert (second["ruleId"], second["ruleIndex"], second["level"]) == ("list-not-unpacked", 0, "error")
    assert first["message"]["text"] == "Await `asyncio.sleep(1)`."
    assert first["properties"]["url"] == "https://docs.python.org/3.12/library/asyncio-task.html#asyncio.sleep"


def test_regions_of_sarif_lead_to_the_names_and_its_fixes_mend(check: Check) -> None:
    write(**{"src__a b%ü": WIDE.replace("\n", "\r\n")})
    answer = check("src", "--select", "ALL", "--format", "sarif")
    results = answer.json["runs"][0]["results"]
    uri = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "src/a%20b%25%C3%BC.py"
    path = Path(unquote(uri))
    file = path.read_bytes().decode()
    places = [result["locations"][0]["physicalLocation"]["region"] for result in results]
    assert ["".join(file[slice(*offsets(file, place))]) for place in places] == ["sleep", "gather"]
    edits = [
        (*offsets(file, each["deletedRegion"]), each["insertedContent"]["text"])
        for result in results
        for each in result["fixes"][0]["artifactChanges"][0]["replacements"]
    ]
    for start, end, new in sorted(edits, reverse=True):
        file = file[:start] + new + file[end:]
    assert check("src", "--select", "ALL", "--fix").status == 0
    assert path.read_bytes().decode() == file


def offsets(file: str, place: dict[str, int]) -> tuple[int, int]:
    """Where a region begins and ends in a file, counted in UTF-16 from 1."""
    rows = file.split("\n")

    def offset(row: int, units: int) -> int:
        before = rows[row - 1].encode("utf-16-le")[: 2 * (units - 1)].decode("utf-16-le")
        return sum(len(each) + 1 for each in rows[: row - 1]) + len(before)

    return offset(place["startLine"], place["startColumn"]), offset(place["endLine"], place["endColumn"])


def test_paths_of_sarif_outside_the_current_folder_are_whole(check: Check, tmp_path: Path) -> None:
    write(outside__a=SLEEP)
    Path("inside").mkdir()
    os.chdir("inside")
    [log] = check("../outside", "--format", "sarif").json["runs"]
    place = log["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": (tmp_path / "outside/a.py").as_uri()}


# Fixes


FILES: dict[str, tuple[bytes, bytes]] = {
    "line ends of Windows": (
        b"import asyncio\r\nasync def f():\r\n\tasyncio.sleep(1)\r\n\tasyncio.sleep(2)",
        b"import asyncio\r\nasync def f():\r\n\tawait asyncio.sleep(1)\r\n\tawait asyncio.sleep(2)",
    ),
    "line ends of all kinds": (
        b"import asyncio\rasync def f():\n\tasyncio.sleep(1)\r\n\tasyncio.sleep(2)\n",
        b"import asyncio\rasync def f():\n\tawait asyncio.sleep(1)\r\n\tawait asyncio.sleep(2)\n",
    ),
    "a byte order mark": (
        b"\xef\xbb\xbfimport asyncio\nasync def f():\n asyncio.sleep(1)\n",
        b"\xef\xbb\xbfimport asyncio\nasync def f():\n await asyncio.sleep(1)\n",
    ),
    "a coding comment": (
        b"# coding: latin-1\nimport asyncio\nasync def f():\n\t'\xe9'; asyncio.sleep(1) # \xe9\n",
        b"# coding: latin-1\nimport asyncio\nasync def f():\n\t'\xe9'; await asyncio.sleep(1) # \xe9\n",
    ),
    "letters beyond the first plane": (
        "import asyncio\nasync def f():\n\t'😀漢'; asyncio.sleep(1); '\u2028'; asyncio.sleep(2)\n".encode(),
        "import asyncio\nasync def f():\n\t'😀漢'; await asyncio.sleep(1); '\u2028'; await asyncio.sleep(2)\n".encode(),
    ),
    "form feeds and several lines": (
        b"import asyncio\n\x0casync def f(x):\n  asyncio.sleep(\n1)\n\x0c\n  await asyncio.gather(\n  [x,\n x])",
        b"import asyncio\n\x0casync def f(x):\n  await asyncio.sleep(\n1)\n\x0c\n  await asyncio.gather(\n  *[x,\n x])",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_fixes_change_nothing_else(name: str, check: Check) -> None:
    before, after = FILES[name]
    write(a=before)
    answer = check("a.py", "--select", "ALL", "--fix")
    assert Path("a.py").read_bytes() == after
    count = after.count(b"await asyncio.sleep") + after.count(b"*")
    assert (answer.status, answer.out) == (0, f"{count} fixed, leaving no findings in 1 file\n")
    assert check("a.py", "--select", "ALL", "--fix").out == "no findings in 1 file\n"


@pytest.mark.parametrize("name", FILES)
def test_a_diff_changes_nothing_and_says_the_same_as_the_fixes(name: str, check: Check) -> None:
    before, after = FILES[name]
    write(src__a=before)
    answer = check("src", "--select", "ALL", "--diff")
    assert answer.status == 1
    assert "would be fixed" in answer.err
    assert Path("src/a.py").read_bytes() == before
    assert answer.out.startswith("--- src/a.py\n+++ src/a.py\n@@ ")
    if name != "a coding comment":  # A diff is printed in UTF-8, and so are its files.
        subprocess.run(["git", "apply", "-p0", "--whitespace=nowarn", "-"], input=answer.out.encode(), check=True)
        assert Path("src/a.py").read_bytes() == after


def test_a_diff_where_nothing_can_be_fixed_is_empty(check: Check) -> None:
    write(a=SYNTAX_ERROR, b=CLEAN)
    assert check("b.py", "--diff") == Answer(0, "", "")
    answer = check("a.py", "--diff")
    assert (answer.status, answer.out) == (1, "")


def test_only_what_was_found_is_fixed_and_the_rest_is_told(check: Check) -> None:
    write(a=GATHER, b=CLEAN)
    answer = check(".", "--fix", "--format", "json")
    assert (answer.status, answer.found) == (0, [])
    assert Path("a.py").read_text(encoding="utf-8") == GATHER.replace("asyncio.sleep", "await asyncio.sleep")
    answer = check(".", "--select", "ALL", "--diff")
    assert answer.err == "asyncio-lsp: 1 would be fixed, leaving no findings in 2 files\n"


def test_unsafe_fixes_are_left_to_people(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "content_folder", lambda: Path(__file__).parent.parent / "content")
    write(a="import asyncio\n\nasync def f(g):\n    asyncio.create_task(g())\n    asyncio.sleep(1)\n")
    answer = check("a.py", "--select", "result-discarded,not-awaited", "--fix")
    assert answer.status == 1
    assert "= help: " in answer.out
    assert "(--fix does it)" not in answer.out
    assert answer.err == "asyncio-lsp: 1 fixed, leaving 1 finding in 1 of 1 file: 1 warning\n"
    assert Path("a.py").read_text(encoding="utf-8").splitlines()[3:] == [
        "    asyncio.create_task(g())",
        "    await asyncio.sleep(1)",
    ]


def test_files_without_a_fix_are_not_written(check: Check) -> None:
    write(a=CLEAN)
    Path("a.py").chmod(0o444)
    stamp = Path("a.py").stat()
    assert check(".", "--fix").status == 0
    assert Path("a.py").stat() == stamp


def test_the_mode_of_a_file_and_a_link_to_it_stay(check: Check) -> None:
    write(sub__a=SLEEP)
    Path("sub/a.py").chmod(0o755)
    Path("link.py").symlink_to("sub/a.py")
    assert check("link.py", "--fix").status == 0
    assert Path("link.py").is_symlink()
    assert Path("sub/a.py").stat().st_mode & 0o777 == 0o755
    assert "await" in Path("sub/a.py").read_text(encoding="utf-8")


def test_a_file_that_does_not_parse_is_not_written(check: Check) -> None:
    write(a=SYNTAX_ERROR, b=SLEEP)
    answer = check(".", "--fix", "--format", "json")
    assert (answer.status, answer.found) == (1, [("a.py", "not-awaited")])
    assert re.search(r"^asyncio-lsp: a\.py: not fixed: it does not parse: line 5: .", answer.err, re.MULTILINE)
    assert Path("a.py").read_text(encoding="utf-8") == SYNTAX_ERROR
    assert "await" in Path("b.py").read_text(encoding="utf-8")


def test_a_file_that_would_not_come_back_as_it_was_is_not_written(check: Check) -> None:
    """Of an encoding that has several spellings for one letter."""
    held = b"# coding: utf-7\nimport asyncio\nasync def f():\n    asyncio.sleep(1) # +AGE-\n"
    write(a=held)
    answer = check("a.py", "--fix")
    assert answer.status == 1
    assert "asyncio-lsp: a.py: not fixed: its encoding utf-7 does not give the same bytes again\n" in answer.err
    assert Path("a.py").read_bytes() == held


def test_a_file_that_cannot_be_written_is_told(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    write(a=SLEEP, b=SLEEP)
    put = Path.write_bytes

    def write_bytes(path: Path, data: bytes) -> int:
        if path.name == "a.py":
            raise PermissionError(13, "Permission denied")
        return put(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    answer = check(".", "--fix")
    assert answer.status == 2
    assert answer.err == "asyncio-lsp: a.py: cannot be written: Permission denied\n"
    assert "await" in Path("b.py").read_text(encoding="utf-8")


def found(*edits: tuple[int, int, str], safe: bool = True, line: int = 0) -> Finding:
    """A finding with a fix that replaces columns of a line."""
    spans = [Span(Position(line, start), Position(line, end)) for start, end, _ in edits]
    changes = tuple(Edit(span, new) for span, (_, _, new) in zip(spans, edits, strict=True))
    return Finding("an-id", Severity.HINT, spans[0], "", "", (Fix("Mend it", changes, safe=safe),))


def mend(before: str, *rounds: Sequence[Finding]) -> tuple[str, int]:
    """Apply fixes: those of the first round, then what is found then."""
    found_then = iter([*rounds[1:], []])
    result = fixing.mended(Document(before), list(rounds[0]), lambda _: list(next(found_then)))
    return result.document.text, result.count


def test_fixes_are_applied_until_there_is_none() -> None:
    assert mend("a = 1", [found((0, 1, "b"))], [found((4, 5, "2"))], [found((4, 5, "3"))]) == ("b = 3", 3)


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    def look(document: Document) -> list[Finding]:
        return [found((0, 1, "b" if document.text == "a" else "a"))]

    assert fixing.mended(Document("a"), look(Document("a")), look).document.text in ("a", "b")


def test_a_fix_that_breaks_the_syntax_is_left_out_alone() -> None:
    assert mend("a = 1", [found((0, 1, "b")), found((4, 5, ")")), found((2, 3, "+="))]) == ("b += 1", 2)


def test_fixes_that_touch_are_applied_one_after_the_other() -> None:
    """The first one wins; what the others are about is found again, at its new place."""
    assert mend("a = 1", [found((0, 1, "b")), found((1, 2, "")), found((0, 5, "x"))]) == ("b = 1", 1)
    assert mend("f(a)", [found((2, 2, "*"), (3, 3, ",")), found((3, 4, ", b)"))]) == ("f(*a,)", 1)
    assert mend("f(a)", [found((2, 2, "*")), found((2, 2, "*"))]) == ("f(*a)", 1)


def test_a_fix_is_applied_whole_or_not_at_all() -> None:
    assert mend("f(a, b)", [found((2, 3, "c")), found((0, 1, "g"), (2, 3, "d"))]) == ("f(c, b)", 1)


def test_unsafe_fixes_are_not_applied() -> None:
    assert mend("a = 1", [found((0, 1, "b"), safe=False)]) == ("a = 1", 0)


def test_new_lines_end_like_the_line_that_they_begin_in() -> None:
    edits = found((1, 1, "\n"), line=1).fixes[0].edits
    assert Document("a\nb\r\nc\rd").edited(edits).text == "a\nb\r\n\r\nc\rd"
    assert Document("a\r\nb").edited(edits).text == "a\r\nb\r\n"
    assert Document("ab").edited(found((1, 1, "\n")).fixes[0].edits).text == "a\nb"


def test_a_document_gives_the_bytes_that_it_was_read_from(tmp_path: Path) -> None:
    for before, _ in FILES.values():
        (tmp_path / "a.py").write_bytes(before)
        document = read(tmp_path / "a.py")
        assert document.data() == before
        assert document.problem() is None
        assert ast.dump(ast.parse(before)) == ast.dump(ast.parse(document.text))


# Processes, the terminal, and what surrounds the command


def test_many_processes_say_what_one_says(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        write(**{f"src__p{number % 7}__m{number:02}": GATHER + f"# {number}\n" * number, f"src__n{number}": CLEAN})
    write(
        src__broken=SYNTAX_ERROR,
        src__unreadable=UNREADABLE["bytes"],
        src__noqa=SLEEP.replace("(1)", "(1)  # noqa: not-awaited"),
    )
    alone = [check("src", "--select", "ALL", *flags) for flags in (["--format", "json"], ["--diff"])]
    monkeypatch.setattr(run, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 2, raising=False)
    monkeypatch.setattr(one, "check", None)  # This process checks nothing itself.
    assert [check("src", "--select", "ALL", *flags) for flags in (["--format", "json"], ["--diff"])] == alone
    assert (alone[0].status, len(alone[0].json), alone[1].out.count("+++ ")) == (2, 81, 40)
    answer = check("src", "--select", "ALL", "--fix", "--format", "json")
    assert (answer.status, answer.found) == (2, [("src/broken.py", "not-awaited")])
    assert "await asyncio.gather(*[x, x])" in Path("src/p3/m03.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "place", ["asyncio_lsp.check.run.ProcessPoolExecutor", "multiprocessing.context.SpawnProcess.start"]
)
def test_where_no_process_can_be_started_one_is_enough(
    place: str, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(place, refuse)
    monkeypatch.setattr(run, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 2, raising=False)
    write(a=SLEEP, b=SLEEP)
    assert check(".", "--format", "json").found == [("a.py", "not-awaited"), ("b.py", "not-awaited")]


class Terminal(io.StringIO):
    """What writes to it takes it for a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_long_run_shows_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with screen.progress(2, worth=True) as advance:
        advance(1)
    assert "Checking" in terminal.getvalue()
    assert "50%" in terminal.getvalue()


@pytest.mark.parametrize(("stream", "worth"), [(Terminal(), False), (io.StringIO(), True)])
def test_a_short_run_and_a_pipe_get_no_bar(stream: io.StringIO, worth: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001  # It is a case.
    monkeypatch.setattr(sys, "stderr", stream)
    with screen.progress(2, worth=worth) as advance:
        advance(1)
    assert stream.getvalue() == ""


def test_on_a_terminal_text_is_coloured_and_wrapped(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    write(a=WIDE.replace("s = ", "a_long_name = 1; another_long_name = "))
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    check("a.py")
    out = terminal.getvalue()
    assert "\x1b[1;33mwarning[not-awaited]" in out
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
    assert [line for line in plain if cells(line) > 40] == []
    code, carets = plain[-4], plain[-3]
    assert at_cells(code, carets.index("^"), carets.count("^")) == "sleep"


def test_notes_for_the_hover_alone_are_not_reported(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    write(a=SLEEP)
    look = engine.notes_in
    hovers = lambda *given: [replace(each, hover_only=True) for each in look(*given)]  # noqa: E731  # It is a phrase.
    monkeypatch.setattr("asyncio_lsp.check.one.notes_in", hovers)
    assert check("a.py", "--select", "ALL").status == 0


def test_a_comment_silences_a_line(check: Check) -> None:
    for comment in ("# noqa: not-awaited", "# asyncio-lsp: ignore[not-awaited]"):
        write(a=SLEEP.replace("(1)", f"(1)  {comment}"))
        assert check("a.py").status == 0
    write(a=SLEEP.replace("(1)", "(1)  # noqa: list-not-unpacked"))
    assert check("a.py").status == 1


def hooks() -> Iterator[dict[str, str]]:
    """The hooks for pre-commit: a list of flat mappings."""
    hook: dict[str, str] = {}
    for line in (Path(__file__).parent.parent / ".pre-commit-hooks.yaml").read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"(- |  )(\w+): (.+?)(?: #.*)?", line)
        assert match, line
        if match[1] == "- " and hook:
            yield hook
            hook = {}
        hook[match[2]] = match[3]
    yield hook


def test_the_hook_calls_the_command_with_files(check: Check) -> None:
    [hook] = hooks()
    assert {"id", "name", "entry", "language", "types_or"} <= hook.keys()
    assert hook["language"] == "python"
    program, *arguments = hook["entry"].split()
    assert program in distribution("asyncio-lsp").entry_points.names
    write(a=CLEAN, b=SLEEP)
    assert arguments == ["check"]
    assert check("a.py", "b.py").status == 1
