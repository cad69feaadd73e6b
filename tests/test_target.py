"""Which Python a file targets.

The cases lie in `target`. Files are laid out as they are named, the file that is asked about is the one called
`main.py`; `~~~log` holds every warning, so a case without one warns of nothing.
An `options` block may set `setting`, `interpreter`, `roots`, `links` (symbolic links) and `unsaved` (no file).
"""

from __future__ import annotations

import json
import os
import timeit
import tomllib
from pathlib import Path

import pytest

from asyncio_lsp.catalog.version import Target
from asyncio_lsp.workspace.target import parse_target, target_of
from tests.cases import Case, every


@every("target")
def test_target(case: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    if "parsed" in case.expected:
        assert _parsed(case.expected["parsed"]) == case.expected["parsed"]
    else:
        assert _answer(case, tmp_path, caplog) == case.expected


def test_a_change_of_the_file_is_followed(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    answers: list[str] = []
    for time, bound in enumerate((">=3.10", ">=3.11")):
        project.write_text(f'[project]\nrequires-python = "{bound}"\n')
        os.utime(project, (time, time))
        answers.append(str(target_of(tmp_path / "main.py", roots=[tmp_path])))
    project.unlink()
    answers.append(str(target_of(tmp_path / "main.py", roots=[tmp_path])))
    assert answers == ["3.10+", "3.11+", "3.15"]


def test_a_broken_file_is_logged_once_for_each_change(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("[project")
    for time in (1, 1, 2, 2):
        os.utime(project, (time, time))
        target_of(tmp_path / "main.py", roots=[tmp_path])
    assert len(caplog.messages) == 2


@pytest.mark.parametrize(
    ("file", "expected", "problem"),
    [
        (("pyproject.toml", b'\xef\xbb\xbf[project]\nrequires-python = ">=3.12"'), "3.12+", None),
        (("pyproject.toml", b"\xff\xfe"), "3.15", "codec can't decode"),
        (("pyproject.toml", b"a = " + b"[" * 100_000), "3.15", "cannot be read"),
        (("pyproject.toml", b'project.requires-python = "' + b">=3.9," * 100 + b'"'), "3.15", "too long"),
        (("setup.cfg", b"\xff"), "3.15", "codec can't decode"),
        (("setup.py", b"\0"), "3.15", "null bytes"),
        (("setup.py", b"# coding: latin-1\n'\xe9'\nsetup(python_requires='>=3.12')"), "3.12+", None),
        (("setup.py", b"# coding: klingon\n"), "3.15", "klingon"),
        (("setup.py", b"x = " + b"-" * 100_000 + b"1"), "3.15", "cannot be read"),
        (("setup.py", b"'\\d'; setup(python_requires='>=3.12')"), "3.12+", None),
        (("setup.py", b"#" * 600_000), "3.15", "larger than 500,000 bytes"),
        ((".python-version", b"3.12.1\r\n"), "3.12.1", None),
        ((".python-version", b"\xff3.12"), "3.15", "codec can't decode"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_bytes_that_do_not_fit_into_markdown(
    file: tuple[str, bytes], expected: str, problem: str | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name, content = file
    (tmp_path / name).write_bytes(content)
    assert str(target_of(tmp_path / "main.py", roots=[tmp_path])) == expected
    assert len(caplog.messages) == (problem is not None)
    assert (problem or "") in caplog.text
    assert all("\n" not in message for message in caplog.messages)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    assert str(target_of(tmp_path / "main.py", roots=[tmp_path])) == "3.15"


def test_nothing_is_executed(tmp_path: Path) -> None:
    """Both would leave a file behind; the interpreter has no version in its name, so only running it would tell."""
    (tmp_path / "bin").mkdir()
    interpreter = tmp_path / "bin/python"
    interpreter.write_text(f"#!/bin/sh\necho 3.12.1\ntouch {tmp_path}/ran\n")
    interpreter.chmod(0o755)
    (tmp_path / "setup.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nsetup(python_requires='>=' + '3.9')\n")
    found = target_of(tmp_path / "main.py", interpreter=str(interpreter), roots=[tmp_path])
    assert found.source == "newest documented Python"
    assert not (tmp_path / "ran").exists()


def test_a_folder_asks_for_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.10"\n')
    folder = tmp_path / "member"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.12"\n')
    assert [str(target_of(path, roots=[tmp_path])) for path in (folder, folder / "..")] == ["3.12+", "3.10+"]


def test_a_folder_that_the_path_leaves_again_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "member").mkdir()
    (tmp_path / "member/pyproject.toml").write_text('[project]\nrequires-python = ">=3.12"\n')
    assert str(target_of(tmp_path / "member/../main.py", roots=[tmp_path])) == "3.15"


def test_a_thousand_questions_cost_little(tmp_path: Path) -> None:
    folder = tmp_path / "a/b/c/d"
    folder.mkdir(parents=True)
    (tmp_path / ".python-version").write_text("3.12\n")
    took = timeit.timeit(lambda: target_of(folder / "main.py", roots=[tmp_path]), number=1000)
    assert took < 1, "the files are read again"


def _answer(case: Case, folder: Path, caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """Answer what the case expects, with `folder` left out of every text."""
    options = tomllib.loads(case.files.get("options", ""))
    _lay_out(case, folder, options.get("links", {}))
    interpreter = options.get("interpreter")
    answer: dict[str, str] = {}
    try:
        target = target_of(
            None if options.get("unsaved") else _main(case, folder),
            setting=options.get("setting"),
            interpreter=str(folder / interpreter) if interpreter else None,
            roots=[folder / root for root in options.get("roots", ["."])],
        )
        answer["target"] = _shown(target)
    except ValueError as error:
        answer["error"] = f"{error}\n"
    if caplog.messages:
        answer["log"] = "".join(f"{message}\n" for message in caplog.messages)
    return {question: text.replace(f"{folder}{os.sep}", "") for question, text in answer.items()}


def _lay_out(case: Case, folder: Path, links: dict[str, str]) -> None:
    for name, text in case.files.items():
        if name != "options":
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name, aim in links.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(folder / aim)


def _main(case: Case, folder: Path) -> Path:
    return folder / next((name for name in case.files if Path(name).name == "main.py"), "main.py")


def _shown(target: Target) -> str:
    return f"min: {target.oldest}\nmax: {target.newest or 'none'}\nsource: {target.source}\n"


def _parsed(lines: str) -> str:
    """Fill in the right side of the lines `requirement => min to max`; a requirement may be a JSON string."""
    out: list[str] = []
    for line in lines.splitlines():
        text = line.partition("=> ")[0].rstrip()
        try:
            target = parse_target(json.loads(text) if text.startswith('"') else text, "test")
            answer = f"{target.oldest} to {target.newest or 'none'}"
        except ValueError as error:
            answer = f"error: {error}"
        out.append(f"{line.partition('=> ')[0]}=> {answer}\n")
    return "".join(out)
