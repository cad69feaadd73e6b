"""The command line: what it prints, where, with which exit status, and what it says of mistakes.

Most tests call the command in this process; those about pipes, terminals and processes start it.
What `diff` finds is tested in `test_diff.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import random
import re
import signal
import socket
import subprocess
import sys
import termios
import time
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import pytest

from asyncio_lsp import cli
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import Version
from tests.test_server import BYE, COMMAND, CONTENT, PATIENCE, frame, hello, hovered, marked, unframed

CATALOG = Catalog(CONTENT)


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)


class Caller:
    """Calls the command in this process."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str | Path) -> Answer:
        """Call it and take what it prints; one line comes with every failure, and none with an answer."""
        try:
            status: object = cli.main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            status = leaving.code
        out, err = self._capture.readouterr()
        assert isinstance(status, int)
        assert err.count("\n") == (status != 0), err
        assert not err or re.match(r"asyncio-lsp( \w+)?: \S", err)
        return Answer(status, out, err)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The command, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Caller(capsys)


def written(folder: Path, text: str | bytes, name: str = "main.py") -> str:
    """Write a file with a cursor in it; the cursor as the command wants it."""
    content = text if isinstance(text, bytes) else text.encode()
    before, _, after = content.partition(b"$0")
    (folder / name).write_bytes(before + after)
    lines = re.split("\r\n|\r|\n", before.decode("utf-8-sig", "replace"))
    return f"{folder / name}:{len(lines)}:{len(lines[-1]) + 1}"


GATHER = "import asyncio\nasyncio.gat$0her(1)\n"

# Mistakes.

USAGE = [
    "nonsense",
    "--nonsense",
    "hover",
    "hover main.py",
    "hover main.py:1",
    "hover main.py:one:1",
    "hover main.py:1:-1",
    "hover :1:1",
    "hover main.py:1:1 more",
    "hover main.py:1:1 --python",
    "hover main.py:1:1 --detail long",
    "show",
    "show gather sleep",
    "list more",
    "list --since",
    "list --since 2",
    "list --since tomorrow",
    "list --kind nonsense",
    "diff",
    "diff 3.9",
    "diff 3.9 snake",
    "diff 3.14 3.9",
    "check",
    "check main.py --format nonsense",
    "check main.py --select nonsense",
    "export --json",
    "serve more",
    "serve --tcp",
    "serve --tcp nowhere",
    "serve --tcp 127.0.0.1:port",
    "serve --tcp 127.0.0.1:99999",
    "--tcp nowhere",
]


@pytest.mark.parametrize("line", USAGE)
def test_a_usage_error_is_one_line(line: str, call: Caller, tmp_path: Path) -> None:
    written(tmp_path, GATHER)
    answer = call(*line.split())
    assert (answer.status, answer.out) == (2, "")


@pytest.mark.parametrize(
    "python", ["snake", "2.7", "3", "3.8", "3.99", "4.0", "3.14-3.9", ">=3.14,<3.10", "=>3.9", "3." + "9" * 5000]
)
@pytest.mark.parametrize(
    "command",
    ["hover", "show gather", "list", "diff 3.9 3.10", "check main.py", "export"],
    ids=lambda line: line.split()[0],
)
def test_a_python_that_is_none_is_a_usage_error(command: str, python: str, call: Caller, tmp_path: Path) -> None:
    place = [written(tmp_path, GATHER)] if command == "hover" else []
    answer = call(*command.split(), *place, "--python", python)
    assert (answer.status, answer.out) == (2, "")
    assert "--python" in answer.err


def test_what_cannot_be_read_is_one_line(call: Caller, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    files = {
        "bytes.py": b"import asyncio\n'\xe9'\n$0",
        "cookie.py": b"# coding: klingon\n$0",
        "lies.py": b"# coding: ascii\n'\xe9'\n$0",
        "mark.py": b"\xef\xbb\xbf# coding: latin-1\n$0",
    }
    places = [
        f"{tmp_path}/nothing.py:1:1",
        f"{tmp_path}/folder:1:1",
        f"{tmp_path}/no/folder.py:1:1",
        f"{'a' * 5000}:1:1",
    ]
    places += [written(tmp_path, content, name) for name, content in files.items()]
    for place in places:
        answer = call("hover", place)
        assert (answer.status, answer.out) == (2, "")
        assert place.rpartition("/")[2].partition(":")[0][:200] in answer.err


@pytest.mark.parametrize(
    "place",
    ["0:1", "1:0", "4:1", "2:19", "999:1", "1:999", "9" * 5000 + ":1", "1:" + "9" * 5000],
    ids=lambda place: place[:9],
)
def test_a_position_outside_the_file_is_one_line(place: str, call: Caller, tmp_path: Path) -> None:
    written(tmp_path, "import asyncio\nasyncio.gather(1)$0\n")
    answer = call("hover", f"main.py:{place}")
    assert (answer.status, answer.out) == (2, "")


@pytest.mark.parametrize(
    "text", ["$0", "\n$0\n", "import$0 asyncio\n", "import asyncio\nprint$0(1)\n", "gat$0her()\n"], ids=repr
)
def test_nothing_to_say_is_one_line_and_status_1(text: str, call: Caller, tmp_path: Path) -> None:
    answer = call("hover", written(tmp_path, text))
    assert (answer.status, answer.out) == (1, "")


def test_nothing_to_say_is_null_in_json(call: Caller, tmp_path: Path) -> None:
    answer = call("hover", written(tmp_path, "import asyncio\nprint$0(1)\n"), "--json")
    assert (answer.status, answer.json) == (1, None)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("gathr", "asyncio.gather"),
        ("asyncio.gathr", "asyncio.gather"),
        ("Gather", "asyncio.gather"),
        ("Queue.gett", "asyncio.Queue.get"),
        ("TaskGruop", "asyncio.TaskGroup"),
        ("zzzzzzzz", ""),
        ("", ""),
        ("two\nlines", ""),
        ("\N{GRINNING FACE}", ""),
        ("a" * 5000, ""),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_an_unknown_name_is_one_line_that_suggests_the_nearest(name: str, near: str, call: Caller) -> None:
    for flags in ([], ["--json"]):
        answer = call("show", name, *flags)
        assert (answer.status, answer.out) == (1, "")
        assert near in answer.err


def test_a_filter_that_leaves_nothing_is_one_line(call: Caller) -> None:
    answer = call("list", "--kind", "module", "--since", "3.14")
    assert (answer.status, answer.out) == (1, "")


# hover


def test_hover_prints_what_the_editor_would_show(call: Caller, tmp_path: Path) -> None:
    place = written(tmp_path, GATHER)
    answer = call("hover", place)
    assert answer.status == 0
    assert answer.out.startswith("```python\nasyncio.gather(")
    assert call("hover", place, "--json").json["markdown"] == answer.out.rstrip("\n")
    assert call("hover", Path(place).name).out == answer.out


def test_hover_as_json(call: Caller, tmp_path: Path) -> None:
    answer = call("hover", written(tmp_path, GATHER), "--json", "--python", "3.12").json
    assert list(answer) == ["symbol", "kind", "range", "python", "parameter", "notes", "markdown"]
    assert answer["symbol"] == "asyncio.gather"
    assert answer["kind"] == "function"
    assert answer["range"] == {"start": {"line": 1, "character": 8}, "end": {"line": 1, "character": 14}}
    assert answer["python"].keys() == {"min", "max", "source"}
    assert answer["parameter"] is None
    assert isinstance(answer["notes"], list)
    assert answer["markdown"].startswith("```python\nasyncio.gather(")
    assert "docs.python.org/3.12/" in answer["markdown"]


def test_hover_on_a_keyword_argument_names_the_parameter(call: Caller, tmp_path: Path) -> None:
    answer = call(
        "hover", written(tmp_path, "import asyncio\nasyncio.gather(return_$0exceptions=True)\n"), "--json"
    ).json
    assert (answer["symbol"], answer["parameter"]) == ("asyncio.gather", "return_exceptions")
    assert answer["range"] == {"start": {"line": 1, "character": 15}, "end": {"line": 1, "character": 32}}


@pytest.mark.parametrize(
    ("content", "start"),
    [
        ('import asyncio\n"\N{GRINNING FACE}"; asyncio.gat$0her()\n'.encode(), (1, 14)),
        ('import asyncio\nif 1:\n\t"\t\N{GRINNING FACE}é"; asyncio.gat$0her()\n'.encode(), (2, 17)),
        (b"import asyncio\r\nasyncio.gat$0her()\r\n", (1, 8)),
        (b"import asyncio\rasyncio.gat$0her()\r", (1, 8)),
        (b"\xef\xbb\xbfimport asyncio; asyncio.gat$0her()\n", (0, 24)),
        (b"import asyncio\n'\x0c'; asyncio.gat$0her()\n", (1, 13)),
    ],
    ids=["emoji", "emoji and tabs", "CRLF", "CR", "byte order mark", "form feed"],
)
def test_columns_count_code_points_and_ranges_utf_16(
    content: bytes, start: tuple[int, int], call: Caller, tmp_path: Path
) -> None:
    answer = call("hover", written(tmp_path, content), "--json").json
    line, character = start
    assert answer["symbol"] == "asyncio.gather"
    assert answer["range"]["start"] == {"line": line, "character": character}
    assert answer["range"]["end"] == {"line": line, "character": character + len("gather")}


@pytest.mark.parametrize("cookie", ["latin-1", "cp1252", "utf-8"])
def test_a_file_is_read_in_the_encoding_it_names(cookie: str, call: Caller, tmp_path: Path) -> None:
    text = f"# -*- coding: {cookie} -*-\nimport asyncio\n'éé'; asyncio.gather()\n"
    (tmp_path / "main.py").write_bytes(text.encode(cookie))
    answer = call("hover", "main.py:3:15", "--json").json
    assert answer["symbol"] == "asyncio.gather"
    assert answer["range"]["start"] == {"line": 2, "character": 14}


def test_a_file_name_may_have_anything_in_it(call: Caller, tmp_path: Path) -> None:
    for name in ("a:1:2.py", "a b.py", "\N{GRINNING FACE}.py", "-.py", "no suffix"):
        assert call("hover", written(tmp_path, GATHER, name)).status == 0


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        ("3.12", ("3.12", "3.12")),
        ("3.9-3.14", ("3.9", "3.14")),
        (">=3.10,<3.14", ("3.10", "3.13")),
        (">=3.10", ("3.10", None)),
    ],
)
def test_the_flag_decides_the_python(
    python: str, expected: tuple[str, str | None], call: Caller, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.11"\n', encoding="utf-8")
    answer = call("hover", written(tmp_path, GATHER), "--json", "--python", python).json["python"]
    assert (answer["min"], answer["max"]) == expected
    assert "python" in answer["source"]


def test_else_the_project_of_the_file_does(call: Caller, tmp_path: Path) -> None:
    project = tmp_path / "elsewhere"
    (project / "package").mkdir(parents=True)
    (project / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.10"\n', encoding="utf-8")
    answer = call("hover", written(project / "package", GATHER), "--json").json
    assert answer["python"] == {"min": "3.10", "max": None, "source": "pyproject.toml: project.requires-python"}


def test_else_the_project_of_the_working_folder_does(call: Caller, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = "==3.12.*"\n', encoding="utf-8")
    assert "docs.python.org/3.12/" in call("show", "gather").out
    assert "docs.python.org/3.11/" in call("show", "gather", "--python", "3.11").out


# show


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("gather", "# asyncio.gather"),
        ("asyncio.gather", "# asyncio.gather"),
        ("Queue.get", "# asyncio.Queue.get"),
        ("asyncio.Queue.get", "# asyncio.Queue.get"),
        ("PriorityQueue.get", "# asyncio.Queue.get"),
        ("subprocess.Process", "# asyncio.subprocess.Process"),
        ("asyncio", "# asyncio"),
        ("cancellation", "# Cancellation"),
    ],
)
def test_show_prints_the_whole_page(name: str, heading: str, call: Caller) -> None:
    answer = call("show", name)
    assert answer.status == 0
    assert answer.out.split("\n", 1)[0] == heading


@pytest.mark.parametrize(
    "name", ["gather", "Queue.get", "TaskGroup", "QueueFull", "FIRST_COMPLETED", "Task.cancel", "cancellation"]
)
def test_show_as_json_is_an_object(name: str, call: Caller) -> None:
    answer = call("show", name, "--json").json
    assert isinstance(answer["kind"], str)
    assert answer["name"].rpartition(".")[2] == name.rpartition(".")[2]


def test_show_is_longer_than_hover_and_has_every_parameter(call: Caller, tmp_path: Path) -> None:
    page = call("show", "create_task", "--python", "3.14").out
    assert len(page) > len(call("hover", written(tmp_path, "import asyncio\nasyncio.create$0_task()\n")).out)
    assert [name for name in ("coro", "name", "context", "eager_start") if f"`{name}" not in page] == []


# list


def test_list_has_every_entry_with_its_summary(call: Caller) -> None:
    rows = [line.split(maxsplit=1) for line in call("list").out.splitlines()]
    assert rows == [[entry.name, entry.summary] for entry in CATALOG.entries()]
    answer = call("list", "--json").json
    assert [(each["name"], each["summary"]) for each in answer] == [(name, summary) for name, summary in rows]


@pytest.mark.parametrize("kind", ["function", "coroutine", "class", "method"])
def test_list_by_kind(kind: str, call: Caller) -> None:
    listed = {each["name"]: each["kind"] for each in call("list", "--kind", kind, "--json").json}
    assert listed == {entry.name: str(entry.kind) for entry in CATALOG.entries() if kind in str(entry.kind).split()}
    assert listed


def test_list_by_what_is_new(call: Caller) -> None:
    for since in ("3.11", "3.14"):
        listed = [each["name"] for each in call("list", "--since", since, "--json").json]
        assert listed == [
            entry.name for entry in CATALOG.entries() if entry.facts.since and entry.facts.since >= Version.parse(since)
        ]
        assert listed


def test_list_by_what_is_old(call: Caller) -> None:
    listed = {each["name"]: each for each in call("list", "--deprecated", "--json").json}
    assert "asyncio.iscoroutinefunction" in listed
    assert "asyncio.gather" not in listed
    assert [name for name, each in listed.items() if not (each["deprecated"] or each["removed"])] == []


def test_filters_work_together_and_with_the_python(call: Caller) -> None:
    assert "asyncio.TaskGroup " in call("list", "--kind", "class").out
    assert "asyncio.TaskGroup " not in call("list", "--kind", "class", "--python", "3.10").out
    names = [
        each["name"]
        for each in call("list", "--kind", "exception", "--since", "3.11", "--python", "3.9-3.12", "--json").json
    ]
    assert "asyncio.BrokenBarrierError" in names
    assert "asyncio.QueueShutDown" not in names


# export


@pytest.fixture(scope="module")
def exported() -> str:
    """The whole reference."""
    return subprocess.run([COMMAND, "export"], capture_output=True, check=True, env=environment()).stdout.decode()


def headings(document: str) -> list[str]:
    """The headings of a Markdown document, without those in code."""
    return re.findall(r"^#+ .*", re.sub(r"^```.*?^```", "", document, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)


def test_export_has_its_parts_in_their_order(exported: str) -> None:
    first, *others = headings(exported)
    assert first.startswith("# ")
    assert [heading for heading in others if heading.startswith("# ")] == []
    parts = [heading for heading in others if heading.startswith("## ")]
    names = [f"## {name}" for name in CATALOG.names]
    topics = [f"## {page.facts.title}" for page in CATALOG.topics.values()]
    assert parts == ["## Topics", "## Function index", "## Class index", "## Deprecated and removed", *topics, *names]


def test_export_indexes_lead_to_what_they_name(exported: str) -> None:
    """Anchors are made as GitHub makes them: without punctuation, in lower case, the second of a kind with a number."""
    anchors: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for heading in headings(exported):
        text = heading.lstrip("#").strip()
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        anchors[f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor] = text
        seen[anchor] += 1
    links = re.findall(r"\[`?([^\]`]+)`?\]\(#([^)]+)\)", exported)
    assert len(links) > 100
    assert [(text, anchors.get(anchor)) for text, anchor in links if anchors.get(anchor) != text] == []


def test_export_closes_every_fence(exported: str) -> None:
    assert exported.count("\n```") % 2 == 0
    assert exported.endswith("\n")
    assert not exported.endswith("\n\n")


def test_export_for_one_python(call: Caller) -> None:
    parts = headings(call("export", "--python", "3.10").out)
    assert "## asyncio.gather" in parts
    assert "## asyncio.TaskGroup" not in parts


# Processes, pipes and terminals.


def environment(**more: str) -> dict[str, str]:
    """The environment of a command: of ours, what does not decide how things are printed."""
    decides = {"PYTHONUNBUFFERED", "PYTHONIOENCODING", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM"}
    return {
        **{name: value for name, value in os.environ.items() if name not in decides},
        "TERM": "xterm-256color",
        **more,
    }


def run(*arguments: str, **more: Any) -> Answer:
    """Run the command, with pipes unless something else is said."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    done = subprocess.run([COMMAND, *arguments], timeout=PATIENCE, check=False, **{"env": environment(), **options})
    return Answer(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())


def terminal(*arguments: str, columns: int = 60, **variables: str) -> Answer:
    """Run the command on a terminal; everything it writes counts as output."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, columns))
    process = subprocess.Popen([COMMAND, *arguments], stdin=its, stdout=its, stderr=its, env=environment(**variables))
    os.close(its)
    out = b""
    try:
        while chunk := os.read(ours, 65536):
            out += chunk
    except OSError:  # So Linux says that the other end is closed.
        pass
    finally:
        os.close(ours)
    return Answer(process.wait(PATIENCE), out.decode().replace("\r\n", "\n"), "")


ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")
PRINTING = {
    "hover": ["hover", "main.py:2:10"],
    "show": ["show", "gather"],
    "list": ["list", "--since", "3.14"],
    "diff": ["diff", "3.11", "3.12", "gather"],
    "export": ["export"],
}
SHORT = ["hover", "show", "list", "diff"]
with_printing = pytest.mark.parametrize("arguments", PRINTING.values(), ids=PRINTING)
with_short = pytest.mark.parametrize("arguments", [PRINTING[name] for name in SHORT], ids=SHORT)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file, to work in."""
    written(tmp_path, GATHER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@with_printing
@pytest.mark.usefixtures("folder")
def test_in_a_pipe_output_is_plain_and_utf_8(arguments: list[str]) -> None:
    """Whatever the environment says of colours and encodings."""
    answer = run(*arguments, env=environment(FORCE_COLOR="1", COLUMNS="20", PYTHONIOENCODING="ascii"))
    assert (answer.status, answer.err) == (0, "")
    assert "\x1b" not in answer.out
    assert answer.out.isascii() == (arguments[0] in ("list", "diff"))
    assert max(map(len, answer.out.splitlines())) > 60


@with_short
@pytest.mark.usefixtures("folder")
def test_on_a_terminal_output_is_coloured_and_wrapped(arguments: list[str]) -> None:
    answer = terminal(*arguments)
    assert answer.status == 0
    assert "\x1b[" in answer.out
    text = ESCAPES.sub("", answer.out)
    assert "\x1b" not in text
    assert "asyncio" in text
    assert [line for line in text.splitlines() if len(line) > 60] == []
    assert "```" not in text


@pytest.mark.usefixtures("folder")
def test_on_a_terminal_json_is_json() -> None:
    for arguments in (PRINTING["hover"], PRINTING["list"]):
        answer = terminal(*arguments, "--json")
        assert "\x1b" not in answer.out
        assert answer.json


@pytest.mark.usefixtures("folder")
def test_a_terminal_that_cannot_show_everything_is_no_reason_to_fail() -> None:
    for arguments in (PRINTING["hover"], PRINTING["show"]):
        answer = terminal(*arguments, PYTHONIOENCODING="ascii")
        assert "Traceback" not in answer.out
        assert (answer.status, "gather" in answer.out) == (0, True)


@pytest.mark.parametrize("line", ["show gather", "show gather --json", "list", "export", "--help"])
def test_a_pipe_that_is_closed_is_left_in_silence(line: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert run(*line.split(), stdout=writer).err == ""
    finally:
        os.close(writer)


@pytest.mark.parametrize("redirection", [">&-", "<&-", ">/dev/full", "2>&-"])
def test_whatever_the_shell_connects_there_is_no_traceback(redirection: str) -> None:
    shell = ["sh", "-c", f'exec "$0" show gather {redirection}', COMMAND]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment())
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


def test_without_standard_input_there_is_nothing_to_serve() -> None:
    shell = ["sh", "-c", 'exec "$0" <&-', COMMAND]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment())
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


def test_on_a_terminal_alone_it_prints_a_short_help() -> None:
    answer = terminal(columns=80)
    assert answer.status == 0
    assert [
        name
        for name in ("serve", "hover", "show", "list", "diff", "check", "export")
        if not re.search(rf"\b{name}\b", answer.out)
    ] == []
    assert len(answer.out.splitlines()) <= 24


def test_version_and_help(call: Caller) -> None:
    assert call("--version").out == f"asyncio-lsp {version('asyncio-lsp')}\n"
    for arguments in (
        ["--help"],
        *([name, "--help"] for name in ("serve", "hover", "show", "list", "diff", "check", "export")),
    ):
        answer = call(*arguments)
        assert answer.status == 0
        assert answer.out.startswith("usage: asyncio-lsp")


def test_the_package_can_be_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "asyncio_lsp", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"asyncio-lsp {version('asyncio-lsp')}\n", "")


def test_a_project_file_that_is_broken_is_one_line_and_the_answer_comes(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project\n", encoding="utf-8")
    answer = run(*PRINTING["hover"])
    assert answer.status == 0
    assert answer.out.startswith("```python\nasyncio.gather(")
    [line] = answer.err.splitlines()
    assert "pyproject.toml" in line


def test_what_python_thinks_of_the_file_is_not_printed(folder: Path) -> None:
    written(folder, "import asyncio\nx = '\\d'\nasyncio.gat$0her(1 is 1)\n")
    answer = run("hover", "main.py:3:10")
    assert (answer.status, answer.err) == (0, "")


# serve


@pytest.mark.parametrize("arguments", [["serve", "--stdio"], []], ids=" ".join)
def test_serve_reads_files_too(arguments: list[str], tmp_path: Path) -> None:
    """And `--stdio` changes nothing."""
    said = tmp_path / "said"
    said.write_bytes(b"".join(map(frame, [*hello(), hovered(1), *BYE])))
    with said.open("rb") as file:
        answer = run(*arguments, stdin=file)
    replies = {message["id"]: message for message in unframed(answer.out.encode())}
    assert replies[1]["result"]
    assert (answer.status, answer.err) == (0, "")


def _free_port() -> int:
    """A port that is free, below those that the system gives away by itself: nobody takes it in the meantime."""
    while True:
        with (
            contextlib.suppress(OSError),
            socket.create_server(("127.0.0.1", random.randrange(10_000, 30_000))) as free,
        ):
            port: int = free.getsockname()[1]
            return port


class Server:
    """A server on a port, as someone starts it to look into it."""

    def __init__(self, address: str) -> None:
        self.port = _free_port()
        command = [COMMAND, "serve", "--tcp", address.format(self.port)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate()

    def connected(self, host: str = "127.0.0.1") -> socket.socket:
        """Connect as soon as somebody listens."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection((host, self.port), timeout=PATIENCE)
            except ConnectionRefusedError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def ended(self) -> Answer:
        """Wait for the end."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return Answer(self.process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize("address", ["localhost:{}", "{}"])
def test_tcp_serves_one_client_on_this_machine(address: str) -> None:
    with Server(address) as server:
        with server.connected() as client:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.2", server.port), timeout=PATIENCE)
            client.sendall(b"".join(map(frame, [*hello(), hovered(1), *BYE])))
            received = b""
            while chunk := client.recv(65536):
                received += chunk
        replies = {message["id"]: message for message in unframed(received)}
        assert replies[1]["result"]["range"]["start"] == {"line": 1, "character": marked(GATHER)[1]["character"] - 3}
        assert server.ended() == Answer(0, "", "")


def test_tcp_ends_in_silence_when_it_is_interrupted() -> None:
    with Server("127.0.0.1:{}") as server, server.connected() as client:
        client.sendall(frame(hello()[0]))
        assert client.recv(1)
        server.process.send_signal(signal.SIGINT)
        assert server.ended().err == ""


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = run("serve", "--tcp", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (answer.status, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1
