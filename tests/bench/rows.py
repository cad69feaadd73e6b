"""What is measured: every row takes sample after sample from one server."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from typing import Any, TypeAlias

from asyncio_lsp.analysis.text import Position
from tests.bench.client import Document, Session
from tests.bench.program import Mark, Program, program

Samples: TypeAlias = Generator[float, None, None]
"""Seconds, or MiB. What happens between two samples is not measured; before the first one stands READY.

No sampler may leave its server at work when it gives a sample: that would be in the way of the other server.
"""

READY = 0.0

_STARTS = 3
_TRIES = 500
_PAUSE = 0.02
_METHODS = ("signatureHelp", "hover", "completion")
_program = cache(program)


class WrongAnswer(Exception):  # noqa: N818 - It says what is wrong.
    """The time of a wrong answer is worth nothing; the text is one line."""


@dataclass(frozen=True)
class Row:
    """A line of the table; where `null` is right, the floor answers `null` as well."""

    name: str
    title: str
    sample: Callable[[Server], Samples]
    null: bool = False
    unit: str = "ms"


@dataclass(frozen=True)
class Server:
    """How to start a server in `folder`; `judged` says that its answers have to be right."""

    command: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    judged: bool

    def start(self, home: Path | None = None) -> Session:
        """Start it with its caches below `home`, by default the folder, where they stay."""
        caches = {"HOME": "", "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"}
        places = {name: str((home or self.folder) / path) for name, path in caches.items()}
        return Session(self.command, self.folder, self.environment | places)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Start it, and wait until it is ready for questions."""
        with self.start() as session:
            session.initialize()
            for method in _METHODS:
                session.wait_for(f"textDocument/{method}")
            yield session

    def judge(self, question: str, *, right: bool) -> None:
        """Stop the benchmark when an answer is wrong."""
        if self.judged and not right:
            raise WrongAnswer(f"{question}: the answer is wrong")


# Start-up


def _first_answer(server: Server) -> Samples:
    yield READY
    for _ in range(_STARTS):
        with server.start() as session:
            seconds = session.initialize().received - session.started
        yield seconds


def _first_hover(server: Server, *, name: str, cold: bool = False) -> Samples:
    """From the start to the first right hover, the wait until hovers are offered included."""
    code = _program(200)
    mark = next(mark for mark in code.known if mark.name == name)
    yield READY
    for _ in range(_STARTS):
        with tempfile.TemporaryDirectory() as empty, server.start(Path(empty) if cold else None) as session:
            session.initialize()
            document = Document(session, "start.py", code.text)
            session.wait_for("textDocument/hover")
            seconds = _first_right(server, document, mark) - session.started
        yield seconds


def _first_right(server: Server, document: Document, mark: Mark) -> float:
    """When the first right hover came; one that comes too early to be right is no mistake."""
    for _ in range(_TRIES):
        answer = document.ask("hover", mark.position)
        if not server.judged or _names(answer.result, mark):
            return answer.received
    raise WrongAnswer(f"hover on {mark.name}: no right answer in {_TRIES}")


def _first_null(server: Server) -> Samples:
    """From the answer to `initialize` to the first answer about code outside asyncio."""
    yield READY
    for _ in range(_STARTS):
        yield _nulls(server)[0]


def _null_second(server: Server) -> Samples:
    """Answers about code outside asyncio in the second that follows the answer to `initialize`."""
    yield READY
    yield from _nulls(server)[1:]


def _nulls(server: Server) -> list[float]:
    code = _program(200)
    seconds = []
    with server.start() as session:
        begun = start = session.initialize().received
        document = Document(session, "null.py", code.text)
        for mark, method in zip(cycle(code.foreign), islice(cycle(_METHODS), round(1 / _PAUSE))):
            session.wait_for(f"textDocument/{method}")
            seconds.append(_ask_outside(server, document, mark, method) - start)
            sleep(max(0.0, begun + len(seconds) * _PAUSE - perf_counter()))
            start = perf_counter()
    return seconds


def _ask_outside(server: Server, document: Document, mark: Mark, method: str) -> float:
    """Ask about a method that is not asyncio's: on its name, behind its `(`, or behind the dot before it."""
    line, column = mark.position
    place = Position(line, column + len(mark.written) + 1) if method == "signatureHelp" else mark.position
    answer = document.ask(method, place, {"signatureHelp": "(", "completion": "."}.get(method))
    server.judge(f"{method} at {mark.written} in line {line + 1}", right=answer.result is None)
    return answer.received


# Hover


def _hover(server: Server, *, lines: int) -> Samples:
    """On names all over a file, of which nothing is known yet since an edit that came just before."""
    code = _program(lines)
    with server.session() as session:
        document = _opened(session, code)
        yield READY
        for mark in islice(cycle(code.known), 200):
            with _edited(document, code, mark):
                start = perf_counter()
                yield _ask_hover(server, document, mark) - start


def _hover_outside(server: Server) -> Samples:
    """On names that are not asyncio's, of which nothing is known yet since an edit that came just before."""
    code = _program(2_000)
    with server.session() as session:
        document = _opened(session, code)
        yield READY
        for mark in code.foreign[:200]:
            with _edited(document, code, mark):
                start = perf_counter()
                yield _ask_outside(server, document, mark, "hover") - start


def _hover_again(server: Server) -> Samples:
    """On names that were asked about just before: what the server remembers."""
    code = _program(2_000)
    with server.session() as session:
        document = _opened(session, code)
        yield READY
        for mark in code.known[:200]:
            _ask_hover(server, document, mark)
            start = perf_counter()
            yield _ask_hover(server, document, mark) - start


def _hover_pause(server: Server) -> Samples:
    """Up to half a second after an edit: what the server does meanwhile on its own may help or be in the way."""
    yield READY
    code, pauses = _program(2_000), Random(1)
    seconds = []
    with server.session() as session:
        document = _opened(session, code)
        for mark in code.known[:40]:
            with _edited(document, code, mark):
                sleep(pauses.uniform(0.0, 0.5))
                start = perf_counter()
                seconds.append(_ask_hover(server, document, mark) - start)
    yield from seconds


def _opened(session: Session, code: Program) -> Document:
    """Open a file, and let the server do what it does on its own then."""
    document = Document(session, "measured.py", code.text)
    session.rest()
    return document


@contextmanager
def _edited(document: Document, code: Program, mark: Mark) -> Iterator[None]:
    """Type a character above a name, wait until the server knows, and erase it in the end."""
    place = code.typing_before(mark)
    behind = document.insert(place, "7")
    _settle(document)
    yield
    document.edit(place, behind, "")


def _open(server: Server, *, lines: int) -> Samples:
    """From opening a file to the first hover in it, in a server that has answered for another one before."""
    yield READY
    code, other = _program(lines), _program(200)
    seconds = []
    with server.session() as session:
        _ask_hover(server, _opened(session, other), other.known[0])
        for number, mark in enumerate(code.known[:10]):
            start = perf_counter()
            document = Document(session, f"open{number}.py", code.text)
            seconds.append(_ask_hover(server, document, mark) - start)
            document.close()
    yield from seconds


def _edit(server: Server, *, lines: int, through_instance: bool) -> Samples:
    """From typing a character to the hover on a name further down, mostly in the same function."""
    code = _program(lines)
    marks = code.through_instance if through_instance else code.imported
    with server.session() as session:
        document = _opened(session, code)
        yield READY
        for mark in islice(cycle(marks), 60):
            place = code.typing_before(mark)
            _settle(document)
            start = perf_counter()
            behind = document.insert(place, "7")
            yield _ask_hover(server, document, mark) - start
            document.edit(place, behind, "")


def _ask_hover(server: Server, document: Document, mark: Mark) -> float:
    answer = document.ask("hover", mark.position)
    server.judge(f"hover on {mark.name} in line {mark.position.line + 1}", right=_names(answer.result, mark))
    return answer.received


def _names(hover: Any, mark: Mark) -> bool:
    """Say whether a hover is about the name that is meant."""
    return hover is not None and mark.name in hover["contents"]["value"]


def _settle(document: Document) -> None:
    """Wait until the server has done what it was told."""
    document.ask("hover", Position(0, 0))


# Typing a call


def _typed(server: Server, *, text: str, method: str, right: Callable[[Any], bool]) -> Samples:
    """From typing the last character of `text` on an empty line of 2,000 to the answer behind it."""
    code = _program(2_000)
    with server.session() as session:
        document = _opened(session, code)
        yield READY
        place = document.insert(Position(code.blank, 0), f"    {text[:-1]}")
        for _ in range(60):
            _settle(document)
            start = perf_counter()
            behind = document.insert(place, text[-1])
            answer = document.ask(method, behind, text[-1])
            yield answer.received - start
            server.judge(f"{method} behind {text}", right=right(answer.result))
            document.edit(place, behind, "")


def _is_null(answer: Any) -> bool:
    return answer is None


def _shows_timeout(answer: Any) -> bool:
    return answer is not None and "timeout" in answer["signatures"][0]["label"]


def _lists_gather(answer: Any) -> bool:
    return answer is not None and any(item["label"].startswith("gather") for item in answer["items"])


# Memory


def _memory(server: Server, *, files: int) -> Samples:
    """So many open files of 200 lines and more, and hovers all over each, those outside asyncio included."""
    yield READY
    with server.session() as session:
        for number in range(files):
            code = _program(200 + number)
            document = Document(session, f"memory{number}.py", code.text)
            for mark in code.known[:10]:
                _ask_hover(server, document, mark)
            for mark in code.foreign[:10]:
                _ask_outside(server, document, mark, "hover")
        session.rest()
        yield session.resident()


def _memory_edited(server: Server, *, edits: int) -> Samples:
    """Characters and line ends typed and erased all over a file of 2,000 lines, with a hover now and then."""
    yield READY
    code = _program(2_000)
    with server.session() as session:
        document = Document(session, "memory.py", code.text)
        _ask_hover(server, document, code.known[0])
        for number, (mark, foreign) in enumerate(zip(cycle(code.known), islice(cycle(code.foreign), edits // 2))):
            place = code.typing_before(mark)
            behind = document.insert(place, "7" if number % 5 else "\n")
            if number % 20 == 1:
                _ask_hover(server, document, mark)
                _ask_outside(server, document, foreign, "hover")
            document.edit(place, behind, "")
        _settle(document)
        session.rest()
        yield session.resident()


def _open_row(lines: int) -> Row:
    return Row(f"open-{lines}", f"a file opened, then hover, {lines:,} lines", partial(_open, lines=lines))


def _edit_row(lines: int, way: str, how: str) -> Row:
    title = f"a character typed, then hover on a name {how}, {lines:,} lines"
    return Row(f"edit-{way}-{lines}", title, partial(_edit, lines=lines, through_instance=way == "instance"))


_SIGNATURE = partial(_typed, method="signatureHelp", text="await asyncio.wait_for(", right=_shows_timeout)
_NO_SIGNATURE = partial(_typed, method="signatureHelp", text="log.info(", right=_is_null)
_COMPLETION = partial(_typed, method="completion", text="asyncio.", right=_lists_gather)
_NO_COMPLETION = partial(_typed, method="completion", text="log.", right=_is_null)
_LENGTHS = (100, 2_000, 10_000)

_GATHER = partial(_first_hover, name="asyncio.gather")
_COLD = partial(_first_hover, name="asyncio.gather", cold=True)
_INSTANCE = partial(_first_hover, name="asyncio.Queue.get")

ROWS = (
    Row("start-answer", "start to the first answer", _first_answer),
    Row("start-cold", "start to the first right hover, empty cache folders", _COLD),
    Row("start-warm", "start to the first right hover, caches from the start before", _GATHER),
    Row("start-instance", "start to the first right hover through an instance", _INSTANCE),
    Row("null-first", "first answer to the first `null`", _first_null, null=True),
    Row("null-second", "`null` in the first second, a question every 20 ms", _null_second, null=True),
    Row("hover-200", "hover, nothing known since an edit, 200 lines", partial(_hover, lines=200)),
    Row("hover-2000", "hover, nothing known since an edit, 2,000 lines", partial(_hover, lines=2_000)),
    Row("hover-again", "hover at the same place again, 2,000 lines", _hover_again),
    Row("hover-pause", "hover up to half a second after an edit, 2,000 lines", _hover_pause),
    Row("hover-outside", "hover outside asyncio, nothing known since an edit, 2,000 lines", _hover_outside, null=True),
    *(_open_row(lines) for lines in _LENGTHS),
    *(_edit_row(lines, "import", "from an import") for lines in _LENGTHS),
    *(_edit_row(lines, "instance", "through an instance") for lines in _LENGTHS),
    Row("signature-inside", "`(` typed behind `asyncio.wait_for`, then signature help", _SIGNATURE),
    Row("signature-outside", "`(` typed outside asyncio, then signature help", _NO_SIGNATURE, null=True),
    Row("completion-inside", "`.` typed behind `asyncio`, then completion", _COMPLETION),
    Row("completion-outside", "`.` typed outside asyncio, then completion", _NO_COMPLETION, null=True),
    Row("memory-1", "one file open", partial(_memory, files=1), unit="MiB"),
    Row("memory-30", "30 files open", partial(_memory, files=30), unit="MiB"),
    Row("memory-edits", "2,000 lines after 10,000 edits", partial(_memory_edited, edits=10_000), unit="MiB"),
)
