"""Every feature answers at every place of every program of the cases and of the reference: it never fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.version import NEWEST, Target
from asyncio_lsp.features.completion import completion
from asyncio_lsp.features.hover import hover
from asyncio_lsp.features.library import Library
from asyncio_lsp.features.signature_help import signature_help
from asyncio_lsp.workspace.target import parse_target
from tests.cases import read

ROOT = Path(__file__).parent.parent
_EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EVERY = 3


@cache
def _catalog() -> Catalog:
    return Catalog(ROOT / "content")


@cache
def _target() -> Target:
    return parse_target(str(NEWEST), "test")


def _programs(folder: str) -> list[str]:
    return [case.source for path in sorted((ROOT / "tests" / folder).glob("*.md")) for case in read(path)]


def _examples(folder: str) -> list[str]:
    paths = sorted((ROOT / "content" / folder).glob("*.md"))
    texts = [found[1] for path in paths for found in _EXAMPLE.finditer(path.read_text(encoding="utf-8"))]
    return [text if "import asyncio" in text else f"import asyncio\n\n{text}" for text in texts]


def _opened(text: str) -> tuple[Library, Source]:
    project = Project()
    source = Source(text, "/made/up/main.py")
    project.opened(source)
    return Library(_catalog(), project), source


def _positions(source: Source) -> Iterator[Position]:
    for line, text in enumerate(source.lines):
        for column in range(line % _EVERY, len(text) + 1, _EVERY):
            yield Position(line, column)


def _ask_everywhere(text: str) -> int:
    library, source = _opened(text)
    answers = 0
    for position in _positions(source):
        for feature in (hover, signature_help, completion):
            answers += feature(library, source, position, _target()) is not None
    return answers


@pytest.mark.parametrize("folder", ["resolution", "hover", "signature_help", "completion"])
def test_cases(folder: str) -> None:
    programs = _programs(folder)
    assert programs
    assert sum(map(_ask_everywhere, programs)) > len(programs)


_FOLDERS = sorted(path.name for path in (ROOT / "content").iterdir() if path.is_dir() and _examples(path.name))


@pytest.mark.parametrize("folder", _FOLDERS)
def test_examples(folder: str) -> None:
    assert sum(map(_ask_everywhere, _examples(folder))) > 0
