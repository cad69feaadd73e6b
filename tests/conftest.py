"""`pytest --update` writes the actual answers into the Markdown cases; read the diff before you keep it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases import Case

Update = Callable[[Case, str, str], None]
"""Takes a case, a question of it and the actual answer."""

_UPDATES = pytest.StashKey[dict[Path, list[tuple[int, str, str]]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expected blocks with the actual answers")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("update") and config.getoption("numprocesses", default=None):
        raise pytest.UsageError("--update rewrites files from one process: leave out -n")
    updates: dict[Path, list[tuple[int, str, str]]] = defaultdict(list)
    config.stash[_UPDATES] = updates


@pytest.fixture
def update(request: pytest.FixtureRequest) -> Update | None:
    """Write an answer into the file of its case; None without `--update`.

    Files are written when all tests have run, because the lines of the cases count in the files as they were read.
    """
    if not request.config.getoption("update"):
        return None
    updates = request.config.stash[_UPDATES]
    return lambda case, question, answer: updates[case.path].append((case.line, question, answer))


def pytest_sessionfinish(session: pytest.Session) -> None:
    for path, updates in session.config.stash[_UPDATES].items():
        text = path.read_text(encoding="utf-8")
        for line, question, answer in sorted(updates, reverse=True):
            text = with_answer(text, line, question, answer)
        path.write_text(text, encoding="utf-8")


def with_answer(text: str, line: int, question: str, answer: str) -> str:
    """Replace the first `~~~question` block behind the heading on `line`, which counts from 1."""
    lines = text.split("\n")
    start = next(index for index in range(line, len(lines)) if _asks(lines[index], question))
    fence = lines[start][: len(lines[start]) - len(lines[start].lstrip("~"))]
    end = next(index for index in range(start + 1, len(lines)) if lines[index].rstrip(" ") == fence)
    return "\n".join([*lines[: start + 1], *answer.splitlines(), *lines[end:]])


def _asks(line: str, question: str) -> bool:
    return line.startswith("~~~") and " ".join(line.lstrip("~").split()) == question
