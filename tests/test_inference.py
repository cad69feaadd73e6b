"""What inference answers, whatever was asked before."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

from asyncio_lsp.analysis.evaluate import Evaluator
from asyncio_lsp.analysis.memory import Memory
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.resolve import reference_at
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.analysis.values import OTHER, UNKNOWN, External, Value, choice
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.features.knowledge import CatalogKnowledge
from tests.cases import read

ROOT = Path(__file__).parent.parent

_CIRCLE = """\
import asyncio

def a():
    return b()

def b():
    return a() or asyncio.Queue()

a().get
b().get
"""
_LONGER = """\
import asyncio

class Node:
    def __init__(self, parent):
        self.parent = parent
        self.queue = self.found().queue
        self.first = self.last or self.queue

    def found(self):
        return self if self.queue else self.up()

    def up(self):
        self.last = self.first
        self.queue = asyncio.Queue()
        return self.found()

node = Node(None)
node.queue.get
node.first.get
node.last.get
node.up().last.get
node.found().first.get
"""
_RELATIVES = """\
import asyncio
from typing import Generic, Self, TypeVar

T = TypeVar("T")

class Root(Generic[T]):
    def me(self) -> Self: ...
    def held(self) -> T: ...

class Base(Root[T]): ...

class One(Base):
    inner = asyncio.Queue()

class Two(Base):
    inner = asyncio.Lock()

def f(first: Root[asyncio.Queue], second: Root[asyncio.Lock]):
    One().me().inner.get
    Two().me().inner.acquire
    first.held().get
    second.held().acquire
"""


@cache
def _knowledge() -> CatalogKnowledge:
    return CatalogKnowledge(Catalog(ROOT / "content"))


def _opened(text: str) -> tuple[Project, Source]:
    project = Project()
    source = Source(text, "/made/up/main.py")
    project.opened(source)
    return project, source


def _answers(text: str, order: list[Position]) -> dict[Position, str | None]:
    """The names at some positions, asked in this order of one evaluator."""
    project, source = _opened(text)
    evaluator = Evaluator(_knowledge(), project)
    answers = {}
    for position in order:
        evaluator.begin()
        found = reference_at(evaluator, source, position)
        answers[position] = found.name if found else None
    return answers


def _positions(text: str) -> list[Position]:
    source = Source(text)
    return [position for line in range(len(source.lines)) for _, position in source.words(line)]


@pytest.mark.parametrize("backwards", [False, True])
def test_functions_that_call_each_other(backwards: bool) -> None:  # noqa: FBT001  # It is a parameter of the test.
    order = [Position(8, 4), Position(9, 4)]
    found = _answers(_CIRCLE, order[::-1] if backwards else order)
    assert found == dict.fromkeys(order, "asyncio.Queue.get")


def test_relatives_are_told_apart() -> None:
    answers = _answers(_RELATIVES, _positions(_RELATIVES))
    found = [name for name in answers.values() if name and name.count(".") > 1]
    assert found == ["asyncio.Queue.get", "asyncio.Lock.acquire"] * 2


@pytest.mark.parametrize("text", [_CIRCLE, _LONGER, _RELATIVES], ids=["circle", "longer", "relatives"])
def test_the_order_of_questions_does_not_matter(text: str) -> None:
    positions = _positions(text)
    alone = {position: _answers(text, [position])[position] for position in positions}
    assert "asyncio.Queue.get" in alone.values()
    rng = random.Random(1)
    for _ in range(20):
        rng.shuffle(positions)
        assert _answers(text, positions) == alone


def test_the_order_of_questions_does_not_matter_in_the_cases() -> None:
    rng = random.Random(2)
    for path in sorted((ROOT / "tests" / "resolution").glob("*.md")):
        for case in read(path):
            positions = _positions(case.source)
            forwards = _answers(case.source, positions)
            rng.shuffle(positions)
            assert _answers(case.source, positions) == forwards, case.title


# The memory itself: `_Questions` are keys, each with what it is one of: names, or other questions.

_Questions = dict[str, list[str]]


class _Asked:
    """Answers questions through a memory and counts how often it works one out."""

    def __init__(self, questions: _Questions) -> None:
        self.questions = questions
        self.memory = Memory()
        self.worked_out: list[str] = []

    def value(self, key: str) -> Value:
        return self.memory.once(key, lambda: self._work(key))

    def _work(self, key: str) -> Value:
        self.worked_out.append(key)
        return choice(self.value(part) if part in self.questions else External(part) for part in self.questions[key])


def test_an_answer_is_worked_out_once() -> None:
    asked = _Asked({"a": ["b", "b"], "b": ["x"]})
    assert [asked.value("a"), asked.value("b"), asked.value("a")] == [External("x")] * 3
    assert asked.worked_out == ["a", "b"]


def test_an_answer_that_was_cut_counts_only_while_the_question_is_open() -> None:
    asked = _Asked({"a": ["b", "b", "x"], "b": ["a", "y"]})
    assert asked.value("b") == choice([External("x"), External("y")])
    assert asked.worked_out == ["b", "a"]
    assert asked.value("a") == choice([External("y"), External("x")])
    assert asked.worked_out == ["b", "a", "a", "b"]


def test_what_only_leads_into_a_circle_is_kept() -> None:
    asked = _Asked({"outer": ["a"], "a": ["b"], "b": ["a", "y"]})
    assert [asked.value("outer"), asked.value("outer")] == [External("y")] * 2
    assert asked.worked_out == ["outer", "a", "b"]


def test_what_the_bound_cut_is_not_kept() -> None:
    memory = Memory()

    def tired() -> Value:
        memory.cut()
        return UNKNOWN

    assert memory.once("a", lambda: memory.once("b", tired)) == UNKNOWN
    memory.begin()
    assert memory.once("b", lambda: OTHER) == OTHER
    assert memory.once("a", lambda: memory.once("b", tired)) == OTHER


def test_a_failure_leaves_no_question_open() -> None:
    memory = Memory()

    def fails() -> Value:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        memory.once("a", fails)
    assert memory.depth == 0
    assert memory.once("a", lambda: OTHER) == OTHER
