"""The parser: edits leave what a fresh reading finds, and statements are those of Python's own parser."""

from __future__ import annotations

import ast
import asyncio
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position, Span

_ASYNCIO = sorted(Path(asyncio.__file__).parent.glob("*.py"))
_TYPED = (
    *("", "x", " ", "(", ")", "[", "{", "\n", "\n    foo(\n", "x = 1\ny = 2", "#", "\\", ";", ":", ".", ","),
    *('"', "'", '"""', 'f"{', "if x:\n    y = 1", "def f(a):", "@x\n", "lambda x: ", "import a, b\n", "type X = int"),
)


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _state(source: Source) -> tuple[list[tuple[int, tuple[str, ...]]], dict[str, list[int]]]:
    """The statements of a source and where each name may be bound."""
    bound: dict[str, list[int]] = {}
    for statement in source.statements:
        for name in statement.binds:
            bound[name] = sorted(each.line for each in source.binding(name))
    return [(statement.line, statement.lines) for statement in source.statements], bound


def _edit(source: Source, rng: random.Random, near: int) -> int:
    """Type something, half of the time near a line, and say where."""
    first = rng.randrange(len(source.lines))
    if rng.random() < 0.5:
        first = min(max(near + rng.randint(-2, 2), 0), len(source.lines) - 1)
    last = min(first + rng.choice((0, 0, 0, 1, 3)), len(source.lines) - 1)
    start = Position(first, rng.choice((0, rng.randint(0, len(source.lines[first])))))
    end = rng.choice((start, Position(last, rng.randint(0, len(source.lines[last])))))
    source.edit(min(start, end), max(start, end), rng.choice(_TYPED))
    return first


@pytest.mark.parametrize("path", _ASYNCIO, ids=lambda path: path.name)
def test_edits_leave_what_a_fresh_reading_finds(path: Path) -> None:
    rng = random.Random(path.name)
    source = Source(_text(path))
    line = 0
    for _ in range(25):
        before = _state(source)[1]
        line = _edit(source, rng, line)
        fresh = Source(source.text)
        assert _state(source) == _state(fresh)
        assert [name for name in before if source.binding(name) and not fresh.binding(name)] == []
        for statement, other in zip(source.statements[::7], fresh.statements[::7], strict=True):
            assert _lines(source.parents(statement)) == _lines(fresh.parents(other))
            assert source.end_of_block(statement) == fresh.end_of_block(other)


def _lines(statements: tuple[Statement, ...]) -> list[int]:
    return [statement.line for statement in statements]


@pytest.mark.parametrize("path", _ASYNCIO, ids=lambda path: path.name)
def test_statements_of_asyncio_are_those_of_python(path: Path) -> None:
    text = _text(path)
    source = Source(text)
    code = [statement for statement in source.statements if statement.word]
    assert [statement.text for statement in code if not statement.tree] == []
    begun = {statement.line for statement in code if statement.word not in ("else", "finally")}
    assert begun == {source.statement_at(line).line for line in _beginnings(ast.parse(text))}
    assert begun - set(_beginnings(ast.parse(text))) == set()


@pytest.mark.parametrize("path", _ASYNCIO, ids=lambda path: path.name)
def test_simple_statements_of_asyncio_end_where_pythons_do(path: Path) -> None:
    source = Source(_text(path))
    ends: dict[int, int] = {}
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            ends[source.statement_at(node.lineno - 1).line] = node.end_lineno or node.lineno
    assert ends
    for statement in source.statements:
        if statement.line in ends:
            assert statement.line + len(statement.lines) == ends[statement.line], statement.text


@pytest.mark.parametrize("path", _ASYNCIO, ids=lambda path: path.name)
def test_names_of_asyncio_are_found_where_they_stand(path: Path) -> None:
    for statement in Source(_text(path)).statements:
        assert statement.names <= statement.binds
        _assert_spans(statement)


def _beginnings(tree: ast.Module) -> Iterator[int]:
    """The lines, from 0, where a statement, a decorator or an `except` begins."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            yield node.lineno - 1
            yield from (decorator.lineno - 1 for decorator in getattr(node, "decorator_list", ()))


def _assert_spans(statement: Statement) -> int:
    """Compare the text of every name in the syntax of a statement with the text where it is said to stand."""
    names = 0
    for tree in statement.tree:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id != "_":
                assert _written(statement, statement.node_span(node)) == node.id
                names += 1
    return names


def _written(statement: Statement, span: Span) -> str:
    (first, start), (last, end) = span
    assert first == last
    return statement.lines[first - statement.line][start:end]


# Syntax of all versions, whatever Python runs the tests: the names that each statement binds.
_SYNTAX = [
    ("type Jobs[T] = dict[str, T]", {"Jobs"}),
    ("    type Jobs = list[int]", {"Jobs"}),
    ("type = kind(a)", {"type"}),
    ("def first[T: (int, str), *Ts, **P](items: list[T]) -> T: return items[0]", {"first"}),
    ("async def first[T = int](items: list[T]) -> T:", {"first"}),
    ("def first[\n    T,\n](items: list[T]) -> T:", {"first"}),
    ("class Box[T](Generic[T], metaclass=Meta):", {"Box"}),
    ("lazy import asyncio", {"asyncio"}),
    ("lazy from asyncio import sleep as pause", {"pause"}),
    ("lazy = asyncio", {"lazy"}),
    ("except ValueError, OSError:", set()),
    ("except* ValueError, OSError:", set()),
    ("except (ValueError, OSError) as error:", {"error"}),
    ('text = f"{names["a"]} {other}"', {"text"}),
    ("text = f'{f'{inner}'} {other}'", {"text"}),
    ('text = f"{"\\n".join(names)}{other}"', {"text"}),
    ('text = f"{width:{other}}" + last', {"text"}),
    ('text = t"{names["a"]}" + other', {"text"}),
    ("match command, other:", set()),
    ("match = other.match(text)", {"match"}),
    ("case [first, *rest] if first:", {"first", "rest"}),
    ('case {"key": Point(x=x), **others} | None as whole:', {"x", "others", "whole"}),
    ("case = other", {"case"}),
    ("else: a = b", {"a"}),
    ("elif (a := b):", {"a"}),
    ("try: import a", {"a"}),
    ("finally: a = b", {"a"}),
    ("if a: from b import c", {"c"}),
    ("import a; b = a.c; d: int", {"a", "b", "d"}),
    ("def f(a): b = a; return b", {"f"}),
    ("with a as (b, *c), d(lambda: e) as f.g:", {"b", "c", ".g"}),
    ("self.tasks[a:c], b = c, d", {"b"}),
    ('self.tasks["a"] = b', {".tasks+"}),
    ("tasks.setdefault(a, b)", {"tasks+"}),
    ("@a(b)", set()),
]


@pytest.mark.parametrize(("text", "names"), _SYNTAX, ids=[text for text, _ in _SYNTAX])
def test_syntax_of_all_versions(text: str, names: set[str]) -> None:
    [statement] = Source(text).statements
    assert statement.names == names
    assert names <= statement.binds
    _assert_spans(statement)


def test_columns_stay_in_syntax_of_all_versions() -> None:
    assert sum(_assert_spans(Source(text).statements[0]) for text, _ in _SYNTAX) > 40


def test_columns_count_code_points() -> None:
    [statement] = Source("\tname = 'ä€😀' + other; last = f(name)").statements
    assert _assert_spans(statement) == 5


def test_type_parameters_have_bounds() -> None:
    [statement] = Source("def f[Q: asyncio.Queue, *Ts, T = int](queue: Q) -> T:").statements
    bounds = {name: bound and ast.unparse(bound) for name, bound in statement.type_parameters.items()}
    assert bounds == {"Q": "asyncio.Queue", "Ts": None, "T": None}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("print(f'{\"(\"}'\nx = 1", 2),
        ('print(f"{", (".join(x)}")\nx = 1', 2),
        ('print(f"{"#".join(x)}")\nx = 1', 2),
        ("text = 'a\\\nb('\nx = 1", 2),
        ("with a(b as c:\n    d()", 2),
        ("if (a and\n    b):\n    c", 2),
        ("for x in f(\n    a,\n):\n    b", 2),
        ("call(a,\ndef f(): pass", 2),
        ('x = """\n(\n"""\ny', 2),
        ("x = [1,\n     2]\ny", 2),
        ("x = {\n    1: 2,\n}", 1),
    ],
)
def test_where_a_statement_ends(text: str, count: int) -> None:
    assert len(Source(text).statements) == count
