"""What the features answer.

The cases lie in `resolution`, `hover`, `signature_help`, `completion` and `inlay_hints`;
`tests/cases.py` says how they are read.
The questions that a `~~~` block can ask are the functions at the end of this file; behind a question,
`contains`, `lacks` and `starts` ask for a part of the answer.

An `options` block may set `python` (else the newest), `detail` (of hovers), `first` and `last` (lines),
`path` (where `main.py` lies) and `line_end`. Blocks with a file name lie beside it in the workspace.
"""

from __future__ import annotations

import re
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.resolve import reference_at
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import NEWEST, Target
from asyncio_lsp.features import completion, hover, inlay_hints, signature_help
from asyncio_lsp.features.library import Library
from asyncio_lsp.features.plain import plain
from asyncio_lsp.workspace.target import parse_target
from tests.cases import Case, every
from tests.conftest import Update, with_answer

NONE = "none\n"
_PARTS = ("contains", "lacks", "starts")
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


@every("resolution")
def test_resolution(case: Case, update: Update | None) -> None:
    check(case, update)


@every("hover")
def test_hover(case: Case, update: Update | None) -> None:
    check(case, update)


@every("signature_help")
def test_signature_help(case: Case, update: Update | None) -> None:
    check(case, update)


@every("completion")
def test_completion(case: Case, update: Update | None) -> None:
    check(case, update)


@every("inlay_hints")
def test_inlay_hints(case: Case, update: Update | None) -> None:
    check(case, update)


@cache
def _catalog() -> Catalog:
    return Catalog(Path(__file__).parent.parent / "content")


@pytest.mark.parametrize("name", _catalog().names)
@pytest.mark.parametrize("python", ["3.15", ">=3.9"])
def test_every_name_is_found_and_its_hover_stays_within_the_limits(name: str, python: str) -> None:
    """20 lines and 1,200 characters, heading and blank lines included."""
    code = f"import asyncio, asyncio.subprocess\n{name}$0\n"
    case = Case(name, Path(), 0, {"main.py": code, "options": f'python = "{python}"'}, {})
    text = answer(case, "hover").rstrip("\n")
    assert answer(case, "entry") == f"{name}\n"
    assert text.count("\n") < 20
    assert len(text) <= 1200
    assert not re.search(r"^# ", _CODE.sub("", text), re.MULTILINE), "a level-one heading"


def test_update_rewrites_the_block_of_the_question_alone() -> None:
    before = "## one\n~~~entry\na\n~~~\n## two\n~~~hover  contains\nb\n~~~\n~~~entry\nc\nd\n~~~\n"
    assert with_answer(before, 5, "entry", "e\n") == before.replace("c\nd\n", "e\n")
    assert with_answer(before, 5, "hover contains", "e\nf\n") == before.replace("b\n", "e\nf\n")
    assert with_answer(before, 1, "entry", "") == before.replace("a\n", "")


def check(case: Case, update: Update | None) -> None:
    """Compare what the case expects; with `update`, write whole answers down instead."""
    for question, expected in case.expected.items():
        words = question.split()
        part = next((word for word in words if word in _PARTS), None)
        actual = answer(case, " ".join(word for word in words if word != part))
        if part is not None:
            _check_part(part, expected, actual, whole_lines=words[0] == "completion")
        elif update is None:
            assert actual == expected, question
        elif actual != expected:
            update(case, question, actual)


def _check_part(part: str, expected: str, actual: str, *, whole_lines: bool) -> None:
    wanted = expected.splitlines()
    assert wanted, "nothing is asked for"
    assert actual != NONE
    if part == "starts":
        assert actual.startswith(expected.rstrip("\n")), actual
        return
    there = [line for line in wanted if line in (actual.splitlines() if whole_lines else actual)]
    assert there == (wanted if part == "contains" else []), actual


def answer(case: Case, question: str) -> str:
    """Answer one question about the cursor of a case; "none" where there is nothing to say.

    Only this and the questions below call the features.
    """
    options = tomllib.loads(case.files.get("options", ""))
    subject, *words = question.split()
    with tempfile.TemporaryDirectory() as folder:
        for name in case.files.keys() - {"main.py", "options"}:
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_text(case.files[name], encoding="utf-8")
        project = Project((folder,))
        text = case.source.replace("\n", options.get("line_end", "\n"))
        source = Source(text, str(Path(folder, options.get("path", "main.py"))))
        project.opened(source)
        target = parse_target(options.get("python", str(NEWEST)), "test")
        asked = Asked(Library(_catalog(), project), source, Position(*case.cursor), target)
        detail = hover.Detail(options.get("detail", "normal"))
        answers: dict[str, Callable[[], str | None]] = {
            "entry": lambda: _entry(asked),
            "hover": lambda: _hover(asked, detail),
            "range": lambda: _range(asked),
            "plain": lambda: _plain(asked, detail),
            "signature": lambda: _signature(asked),
            "documentation": lambda: _documentation(asked, *words),
            "parameter": lambda: _parameter(asked),
            "completion": lambda: _completion(asked),
            "inlay": lambda: _inlay(asked, options.get("first", 0), options.get("last", 10**6)),
            "inserted": lambda: _inserted(asked, words),
            "offer": lambda: _offer(asked, " ".join(words)),
        }
        given = answers[subject]()
    return NONE if given is None else f"{given}\n"


@dataclass(frozen=True)
class Asked:
    """A position, and what is needed to say something about it."""

    library: Library
    source: Source
    position: Position
    target: Target


# The questions


def _entry(asked: Asked) -> str | None:
    """Name the entry; `parameter: x` below it for a keyword argument, `guess` where it is one."""
    found = hover.hover(asked.library, asked.source, asked.position, asked.target)
    if found is None:
        return None
    lines = [found.symbol]
    if found.parameter:
        lines.append(f"parameter: {found.parameter}")
    reference = reference_at(asked.library.evaluator(), asked.source, asked.position)
    if reference is not None and reference.guessed:
        lines.append("guess")
    return "\n".join(lines)


def _hover(asked: Asked, detail: hover.Detail) -> str | None:
    """Give the Markdown of the hover."""
    found = hover.hover(asked.library, asked.source, asked.position, asked.target, detail)
    return found.markdown if found else None


def _range(asked: Asked) -> str | None:
    """Give the text that the hover is about."""
    found = hover.hover(asked.library, asked.source, asked.position, asked.target)
    if found is None:
        return None
    start, end = found.span
    assert start.line == end.line
    return asked.source.lines[start.line][start.column : end.column]


def _plain(asked: Asked, detail: hover.Detail) -> str | None:
    """Give the hover as plain text."""
    markdown = _hover(asked, detail)
    return None if markdown is None else plain(markdown)


def _inlay(asked: Asked, first: int, last: int) -> str | None:
    """List the lines that carry inlay hints, with the hints in their places."""
    hints = inlay_hints.inlay_hints(asked.library, asked.source, asked.target, first, last)
    lines = list(asked.source.lines)
    for hint in reversed(hints):
        line, column = hint.place
        lines[line] = f"{lines[line][:column]}{hint.text}{lines[line][column:]}"
    shown = [lines[number] for number in sorted({hint.place.line for hint in hints})]
    return "\n".join(shown) if shown else None


def _signature(asked: Asked) -> str | None:
    """List the parameters and markers below the public name and the result; the active one in « »."""
    found = _help(asked)
    if found is None:
        return None
    head = f"{found.entry.name.rpartition('.')[2]}("
    assert found.label.startswith(head)
    lines, end = [], len(head)
    for index, parameter in enumerate(found.parameters):
        marker = found.label[end : parameter.start].strip(", ")
        text = found.label[parameter.start : parameter.end]
        lines += [marker] if marker else []
        lines.append(f"«{text}»" if index == found.active else text)
        end = parameter.end
    marker, _, result = found.label[end:].partition(")")
    lines += [marker.strip(", ")] if marker else []
    return "\n".join([f"{found.entry.name}(){result}", *lines])


def _documentation(asked: Asked, name: str = "") -> str | None:
    """Give what stands below the signature; with a word, beside the offer that it finds."""
    if name:
        offer = _offered(asked, name)
        return completion.documentation(asked.library, offer.name, asked.target) if offer else None
    found = _help(asked)
    return found.documentation if found else None


def _parameter(asked: Asked) -> str | None:
    """Give the text of the active parameter."""
    found = _help(asked)
    return found.parameters[found.active].text if found and found.active is not None else None


def _help(asked: Asked) -> signature_help.SignatureHelp | None:
    return signature_help.signature_help(asked.library, asked.source, asked.position, asked.target)


def _completion(asked: Asked) -> str | None:
    """List the labels in their order."""
    offers = _offers(asked)
    return "\n".join(offer.label for offer in offers) if offers else None


def _inserted(asked: Asked, words: list[str]) -> str | None:
    """Choose the offer that these words find and give the line; `plain` before them is for clients without snippets."""
    as_text = words[:1] == ["plain"]
    offer = _offered(asked, " ".join(words[as_text:]))
    found = completion.completion(asked.library, asked.source, asked.position, asked.target)
    if offer is None or found is None:
        return None
    start, end = found.written
    line = asked.source.lines[start.line]
    return line[: start.column] + (offer.plain if as_text else offer.snippet or offer.plain) + line[end.column :]


def _offer(asked: Asked, wanted: str) -> str | None:
    """Give entry, label and version of the offer that these words find, and whether it is deprecated."""
    offer = _offered(asked, wanted)
    if offer is None:
        return None
    return "\n".join(
        [offer.name, f"label: {offer.label}", f"version: {offer.version}".rstrip(), *["deprecated"] * offer.deprecated]
    )


def _offered(asked: Asked, wanted: str) -> completion.Offer | None:
    found = [offer for offer in _offers(asked) if offer.filter == wanted]
    assert len(found) <= 1
    return found[0] if found else None


def _offers(asked: Asked) -> tuple[completion.Offer, ...]:
    found = completion.completion(asked.library, asked.source, asked.position, asked.target)
    return found.offers if found else ()
