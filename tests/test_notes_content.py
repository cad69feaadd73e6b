"""The notes: all of them, in shape, with the placeholders that their conditions fill in, and what they read of entries.

`pytest tests/test_notes_content.py -k wrong-with` checks one note.
"""

from __future__ import annotations

import ast
import asyncio
import asyncio.subprocess  # An attribute of asyncio only once it is imported.
import concurrent.futures
import re
import string
import sys
import warnings
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.declaration import Kind, Passing
from asyncio_lsp.catalog.entry import Entry, FrontMatter, NotePage, Takes, Trait, Use
from asyncio_lsp.catalog.reader import read_note
from asyncio_lsp.catalog.version import Version, exactly

CONTENT = Path(__file__).parent.parent / "content"
NOTES = CONTENT / "notes"
CATALOG = Catalog(CONTENT)
RUNNING = Version(sys.version_info.minor, sys.version_info.micro)

PLACEHOLDERS = {
    "not-awaited": {"default": {"call"}},
    "result-discarded": {"default": {"call"}},
    "no-running-loop": {"module": {"name"}, "function": {"name", "function"}},
    "loop-already-running": {"default": {"name"}},
    "argument-not-called": {"default": {"name", "argument"}},
    "argument-called": {"default": {"name", "argument"}},
    "list-not-unpacked": {"default": {"name", "argument"}},
    "coroutines-to-wait": {"removed": {"name"}, "deprecated": {"name"}},
    "wrong-with": {"async": {"name"}, "sync": {"name"}, "await-async": {"name"}, "await-sync": {"name"}},
    "wrong-for": {"async": {"name"}, "sync": {"name"}, "version": {"name", "since", "python"}},
    "timeout-caught-inside": {"default": {"manager", "line"}},
    "enclosing-timeout": {"default": {"manager", "line"}},
    "enclosing-task-group": {"default": {"group", "line"}},
    "cancellation-swallowed": {"default": {"caught"}},
    "timeout-error-alias": {"missed": {"name", "python"}, "alias": {"name"}},
    "blocks-the-loop": {"result": {"call"}, "call": {"call"}},
    "shield-not-kept": {"default": {"argument"}},
    "needs-python": {"default": {"name", "since", "python"}},
    "parameter-needs-python": {"default": {"parameter", "since", "python"}},
    "removed": {"default": {"name", "removed", "replacement"}, "plain": {"name", "removed"}},
    "parameter-removed": {"default": {"name", "parameter", "removed"}},
    "deprecated": {
        "default": {"name", "deprecated", "planned", "replacement"},
        "plain": {"name", "deprecated", "planned"},
    },
    "unknown-parameter": {"near": {"name", "parameter", "near"}, "default": {"name", "parameter"}},
    "loop-implicit": {"unsure": {"name", "python"}, "warns": {"name", "python"}, "fails": {"name", "python"}},
    "unknown-note-id": {"default": {"id"}},
}
"""The ids that users see, their variants, and what the conditions fill in."""

PARTLY_DOUBLED = {
    "cancellation-swallowed",  # flake8-async alone reports it: no type checker, no Ruff rule.
    "needs-python",  # A type checker sees one version at a time, and by default not the oldest.
    "parameter-needs-python",
    "removed",
    "parameter-removed",
    "deprecated",  # Off by default in the type checkers, and without the names that are only deprecated later.
}
"""Reported by default although other tools may report the same."""
HOVER_ONLY = {"enclosing-timeout"}
"""Never reported."""
FIXES = {
    "add-await",
    "async-for",
    "async-with",
    "builtin-timeout-error",
    "call-it",
    "catch-alias",
    "do-not-call",
    "drop-await",
    "group-create-task",
    "keep-reference",
    "move-except-out",
    "plain-for",
    "plain-with",
    "re-raise",
    "rename-parameter",
    "replace",
    "time.sleep",
    "unpack",
    "wrap-in-tasks",
}
"""The quick fixes that code knows how to make."""
SECTIONS = ["Instead of", "Write", "When it stays silent"]
PROTOCOLS = {
    Use.AWAIT: "__await__",
    Use.ASYNC_WITH: "__aenter__",
    Use.WITH: "__enter__",
    Use.ASYNC_FOR: "__aiter__",
    Use.FOR: "__iter__",
}
CLASSES = [entry.name for name in CATALOG.names if (entry := CATALOG.find(name)) and entry.kind is Kind.CLASS]

every_note = pytest.mark.parametrize("note", PLACEHOLDERS)


def test_all_there() -> None:
    assert {path.stem for path in NOTES.iterdir()} == set(PLACEHOLDERS)
    assert set(CATALOG.notes) == set(PLACEHOLDERS)


@every_note
def test_messages(note: str) -> None:
    """A variant for each that the condition can choose, with what it can fill in, in one short line."""
    messages = _page(note).facts.messages
    fields = {
        key: {field for _, field, _, _ in string.Formatter().parse(text) if field} for key, text in messages.items()
    }
    assert fields == PLACEHOLDERS[note]
    for text in messages.values():
        assert len(text) <= 160, f"{len(text)} characters: {text}"
        assert re.fullmatch(r"[A-Z`][^\n]*[.]", text), text


@every_note
def test_body(note: str) -> None:
    """A summary in one sentence, why it matters, wrong and right code that parses, and where it says nothing."""
    page = _page(note)
    assert re.fullmatch(r"[A-Z`][^\n]{,108}[^.]\.", page.summary), page.summary
    assert page.description
    assert [section.title for section in page.sections] == SECTIONS
    programs = [re.findall(r"```python\n(.*?)```", section.text, re.DOTALL) for section in page.sections]
    assert [len(blocks) for blocks in programs] == [1, 1, 0]
    wrong, right = programs[0][0], programs[1][0]
    assert wrong != right
    for program in (wrong, right):
        assert ast.parse(program).body
        assert max(map(len, program.splitlines())) <= 80
    assert re.fullmatch(r"(- [A-Z`].*\.\n?)+", page.sections[2].text)


@every_note
def test_wording(note: str) -> None:
    text = NOTES.joinpath(f"{note}.md").read_text(encoding="utf-8")
    assert (
        re.findall(r"\b(?:simply|just|basically|obviously|easily|note that|in order to)\b", text, re.IGNORECASE) == []
    )
    assert "\u2014" not in text
    assert "\u2013" not in text


@every_note
def test_default(note: str) -> None:
    """By default only what no type checker and no Ruff rule reports; a page names every rule that it doubles."""
    page = _page(note)
    reported, doubled = bool(page.facts.default), bool(page.facts.doubles)
    if note in PARTLY_DOUBLED:
        assert (reported, doubled) == (True, True)
    elif note in HOVER_ONLY:
        assert (reported, doubled) == (False, False)
    else:
        assert reported != doubled
    assert [rule for rule in page.facts.doubles if f"`{rule}`" not in page.description] == []


@every_note
def test_fixes(note: str) -> None:
    """Known quick fixes, with titles that a menu can show: no Markdown, no full stop."""
    fixes = _page(note).facts.fixes
    assert set(fixes) <= FIXES
    assert [title for title in fixes.values() if not re.fullmatch(r"[A-Z][^`\n]{,58}[^`\n.]", title)] == []


def test_every_fix_has_a_title() -> None:
    assert {key for page in CATALOG.notes.values() for key in page.facts.fixes} == FIXES


def test_replacements_fit() -> None:
    """The messages about deprecated and removed names stay short with the longest replacement."""
    texts = CATALOG.notes["deprecated"].facts.messages | CATALOG.notes["removed"].facts.messages
    for name in CATALOG.names:
        entry = CATALOG.find(name)
        if entry is not None and entry.facts.replacement:
            values = {"deprecated": "3.14", "removed": "3.14", "planned": ", to be removed in 3.16"}
            filled = texts["default"].format(name=name, replacement=entry.facts.replacement, **values)
            assert len(filled) <= 240, filled


@pytest.mark.parametrize("name", CLASSES)
def test_protocols(name: str) -> None:
    """Notes on `with`, `for` and `await` read the uses of a class: they are what its objects can do."""
    entry = CATALOG.find(name)
    assert entry is not None
    if not entry.facts.covers(exactly(RUNNING, "test")):
        return
    found: object = asyncio
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    if found is None:
        assert entry.facts.platforms is not None, f"{name} is not there"
        return
    able = {use for use, method in PROTOCOLS.items() if hasattr(found, method)}
    if Use.AWAIT in able:
        able -= {Use.FOR}  # `__iter__` of an awaitable is for `yield from`; nobody loops over it.
    since = entry.facts.use_since
    claimed = {use for use in entry.facts.use if use in PROTOCOLS and since.get(use, RUNNING) <= RUNNING}
    assert claimed == able
    assert (entry.facts.awaits is not None) == (Use.AWAIT in able)
    assert (entry.facts.iterates is not None) == bool(able & {Use.FOR, Use.ASYNC_FOR})


def test_as_completed_by_version() -> None:
    entry = CATALOG.find("asyncio.as_completed")
    assert entry is not None
    assert entry.facts.use_since == {Use.ASYNC_FOR: Version(13)}

    async def both() -> set[Use]:
        iterator = asyncio.as_completed([asyncio.sleep(0)])
        for each in iterator:
            await each
        return {use for use in (Use.FOR, Use.ASYNC_FOR) if hasattr(iterator, PROTOCOLS[use])}

    assert asyncio.run(both()) == {use for use in entry.facts.use if entry.facts.use_since.get(use, RUNNING) <= RUNNING}


LOOP_TRAITS = {Trait.NEEDS_LOOP: "no running event loop", Trait.IMPLICIT_LOOP: "There is no current event loop"}
"""What the RuntimeError says where no loop runs and none is set."""
LOOP_NAMES = [
    entry.name
    for name in CATALOG.names
    if (entry := CATALOG.find(name)) and entry.kind in (Kind.FUNCTION, Kind.CLASS) and entry.parent == "asyncio"
]


@pytest.mark.parametrize("name", LOOP_NAMES)
def test_loop_traits(name: str) -> None:
    """What a call does without a running loop is what the traits say; a thread of its own has no loop set."""
    entry = CATALOG.find(name)
    assert entry is not None
    claimed = {trait for trait in LOOP_TRAITS if trait in entry.facts.traits}
    call = getattr(asyncio, name.rpartition(".")[2], None)
    if call is None or not entry.facts.covers(exactly(RUNNING, "test")):
        return
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(_loop_traits, entry, call).result() == claimed


def _loop_traits(entry: Entry, call: Callable[..., object]) -> set[Trait]:
    """Call it where no loop is set, then where one is."""
    loop = asyncio.new_event_loop()
    try:
        without = _refusal(entry, call, loop)
        asyncio.set_event_loop(loop)
        with_set = _refusal(entry, call, loop)
        loop.run_until_complete(asyncio.sleep(0.001))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    found = {trait for trait, text in LOOP_TRAITS.items() if text in without}
    return found if (Trait.NEEDS_LOOP in found) == (without == with_set) else set()


def _refusal(entry: Entry, call: Callable[..., object], loop: asyncio.AbstractEventLoop) -> str:
    """The message of the RuntimeError, or nothing."""
    work: list[Coroutine[object, object, None]] = []

    def coroutine() -> Coroutine[object, object, None]:
        work.append(asyncio.sleep(0))
        return work[-1]

    makers: dict[str, Callable[[], object]] = {
        "Awaitable[T]": coroutine,
        "Coroutine[Any, Any, T]": coroutine,
        "Iterable[Awaitable[T]]": lambda: [coroutine()],
        "concurrent.futures.Future[T]": concurrent.futures.Future,
        "StreamReader": lambda: asyncio.StreamReader(loop=loop),
        "float | None": lambda: 1.0,
    }
    wanted = [each for each in entry.declaration.parameters if each.required or each.passing is Passing.VARIADIC]
    if not all(parameter.annotation in makers for parameter in wanted):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made = call(*(makers[parameter.annotation or ""]() for parameter in wanted))
            if isinstance(made, Iterator):  # Before 3.13 `as_completed` starts with its first step.
                loop.run_until_complete(next(made))
        if isinstance(made, asyncio.AbstractEventLoop) and made is not loop:
            made.close()
    except RuntimeError as error:
        for each in work:
            each.close()
        return str(error)
    except NotImplementedError:  # An abstract class, or something of another platform.
        pass
    return ""


def test_runs_loop() -> None:
    """What runs a loop raises RuntimeError where one runs."""
    ways: dict[str, Callable[[Coroutine[object, object, None]], object]] = {
        "asyncio.run": asyncio.run,
        "asyncio.Runner.run": lambda work: asyncio.Runner().run(work),
        "asyncio.AbstractEventLoop.run_until_complete": lambda work: asyncio.get_running_loop().run_until_complete(
            work
        ),
        "asyncio.AbstractEventLoop.run_forever": lambda _: asyncio.get_running_loop().run_forever(),
    }
    assert set(ways) == {name for name in CATALOG.names if Trait.RUNS_LOOP in _facts(name).traits}

    async def main() -> None:
        for way in ways.values():
            work = asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="running"):
                way(work)
            work.close()

    asyncio.run(main())


def test_vocabulary_in_use() -> None:
    """Every trait is had by some name, and every kind of argument taken by some parameter."""
    facts = [_facts(name) for name in CATALOG.names]
    assert {trait for each in facts for trait in each.traits} == set(Trait)
    assert {takes for each in facts for parameter in each.parameters.values() for takes in parameter.takes} == set(
        Takes
    )


@pytest.mark.parametrize("name", CATALOG.names)
def test_takes(name: str) -> None:
    """What a parameter takes agrees with its annotation."""
    wrong = []
    entry = CATALOG.find(name)
    assert entry is not None
    for parameter in entry.declaration.parameters:
        annotation = parameter.annotation or ""
        takes = entry.facts.parameters[parameter.name].takes
        if (Takes.COROUTINE in takes) != bool(re.match(r"(Awaitable|Coroutine)\[", annotation)):
            wrong.append(f"{parameter.name}: {annotation} takes {takes}")
        if (Takes.CALLABLE in takes or Takes.FACTORY in takes) != annotation.startswith("Callable["):
            wrong.append(f"{parameter.name}: {annotation} takes {takes}")
        if Takes.SPREAD in takes and parameter.passing is not Passing.VARIADIC:
            wrong.append(f"{parameter.name}: not variadic, takes {takes}")
    assert wrong == []


def _facts(name: str) -> FrontMatter:
    entry = CATALOG.find(name)
    assert entry is not None
    return entry.facts


def _page(note: str) -> NotePage:
    """The note, or an error that lists everything wrong with its file."""
    return read_note(NOTES / f"{note}.md")
