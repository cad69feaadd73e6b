"""Whole idioms to insert where a statement begins, with the imports that they need."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from asyncio_lsp.analysis import scopes
from asyncio_lsp.analysis.evaluate import ROOT
from asyncio_lsp.analysis.lexer import TokenKind
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog import snippets
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.entry import Recipe, Surroundings
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features import imports
from asyncio_lsp.features.completion import Completion, Offer
from asyncio_lsp.features.library import Library

_PREFIX = "aio"
_FOLDER = "recipes/"
_BEHIND_ALL_NAMES = "~"
_INDENT = "    "


def recipe_offers(library: Library, source: Source, position: Position, target: Target) -> Completion | None:
    """List the recipes that the word before a position finds; None where no recipe can stand."""
    statement = _statement(source, source.clamp(position))
    if statement is None:
        return None
    surroundings = _surroundings(source, statement)
    if surroundings is None:
        return None
    word = statement.text.strip().lower()
    known = _speaks_of_asyncio(library, source, statement)
    offers = []
    for recipe in library.catalog.recipes.values():
        found = _found_by(recipe, word, by_its_words=known)
        if found and recipe.facts.needs is surroundings and recipe.fits(target):
            offer = _offer(recipe, found, source, statement)
            offers += [offer] if offer else []
    start = len(statement.text) - len(statement.text.lstrip())
    written = statement.span(start, start + len(word))
    return Completion(tuple(sorted(offers, key=lambda offer: offer.sort)), written) if offers else None


def documentation(catalog: Catalog, name: str) -> str | None:
    """The text beside the recipe of an offer, as Markdown; None when the name is not a recipe's."""
    recipe = catalog.recipes.get(name.removeprefix(_FOLDER)) if name.startswith(_FOLDER) else None
    return f"{recipe.summary}\n\n```python\n{recipe.code}\n```" if recipe else None


# Where


def _statement(source: Source, position: Position) -> Statement | None:
    """The statement of which nothing but a word is written, up to the position."""
    statement = source.statement_at(position.line)
    row = statement.tokens
    if len(row) != 1 or row[0].kind is not TokenKind.NAME or row[0].end != statement.offset(position):
        return None
    return None if any(True for _ in scopes.decorators(source, statement)) else statement


def _surroundings(source: Source, statement: Statement) -> Surroundings | None:
    """What a statement stands in; None for a class, and for a block of the module such as an `if`."""
    around = source.parents(statement)
    if not around:
        return Surroundings.MODULE if statement.indent == 0 else None
    scope = scopes.scope_of(source, statement)
    if scope is None or not scope.is_function:
        return None
    return Surroundings.COROUTINE if scope.word == "async def" else Surroundings.FUNCTION


def _speaks_of_asyncio(library: Library, source: Source, statement: Statement) -> bool:
    """Say whether recipes are near: elsewhere only their prefix finds them, and other words stay undisturbed."""
    if library.uses_asyncio(source) or any(header.word == "async def" for header in source.parents(statement)):
        return True
    return all(not other.word or other is statement or imports.is_heading(other) for other in source.statements)


def _found_by(recipe: Recipe, word: str, *, by_its_words: bool) -> str | None:
    """What typing is matched against when this much is typed: for some clients it has to begin with that."""
    words = _words(recipe)
    every = " ".join([_PREFIX, *words])
    if _PREFIX.startswith(word):
        return every
    candidates = [f"{_PREFIX}{each}" for each in words] + (words if by_its_words else [])
    found = next((each for each in candidates if each.startswith(word)), None)
    return f"{found} {every}" if found else None


def _words(recipe: Recipe) -> list[str]:
    """The words that find a recipe; those of the language begin other statements."""
    every = " ".join([recipe.facts.title, *recipe.facts.words]).lower().split()
    return list(dict.fromkeys(each for each in every if not keyword.iskeyword(each)))


# What


def _offer(recipe: Recipe, found: str, source: Source, statement: Statement) -> Offer | None:
    """The recipe as it is written in this file; None where a module's name means something else."""
    names = {module: imports.local_name(source, statement, module) for module in recipe.facts.imports}
    missing = [module for module, name in names.items() if name is None]
    if any(imports.is_taken(source, statement, module) for module in missing):
        return None
    above, here = imports.placed(source, statement, missing)
    snippet = here + _indented(_renamed(recipe.snippet, names), _indent_of(source))
    return Offer(
        name=f"{_FOLDER}{recipe.slug}",
        label=f"{ROOT}: {recipe.facts.title}",
        kind=None,
        detail=f"{ROOT} recipe",
        plain=snippets.expanded(snippet),
        snippet=snippet,
        filter=found,
        sort=f"{_BEHIND_ALL_NAMES}{recipe.facts.title.lower()}",
        version="",
        deprecated=False,
        above=above,
        indent=statement.lines[0][: len(statement.lines[0]) - len(statement.lines[0].lstrip())],
    )


def _renamed(snippet: str, names: dict[str, str | None]) -> str:
    for module, name in names.items():
        if name is not None and name != module:
            snippet = re.sub(rf"(?<![\w.]){re.escape(module)}(?=\.)", name, snippet)
    return snippet


def _indented(snippet: str, unit: str) -> str:
    """Write each level of indentation as the file does."""
    return re.sub(
        rf"^(?:{_INDENT})+", lambda blank: unit * (len(blank[0]) // len(_INDENT)), snippet, flags=re.MULTILINE
    )


def _indent_of(source: Source) -> str:
    return next(_units(source), _INDENT)


def _units(source: Source) -> Iterator[str]:
    """How the file indents the blocks that stand directly in the module."""
    for header, inner in zip(source.statements, source.statements[1:], strict=False):
        if header.is_header and header.indent == 0 and inner.word and inner.indent > 0:
            yield inner.lines[0][: len(inner.lines[0]) - len(inner.lines[0].lstrip())]
