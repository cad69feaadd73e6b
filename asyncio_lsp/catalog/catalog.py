"""All entries, found by name and read when first asked for."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from asyncio_lsp.catalog.declaration import Kind
from asyncio_lsp.catalog.entry import Entry, NotePage, Page, Recipe, Refactoring, Resolution
from asyncio_lsp.catalog.reader import (
    ContentError,
    read_entry,
    read_note,
    read_page,
    read_recipe,
    read_refactorings,
    read_resolution,
)

log = logging.getLogger(__name__)
_ROOT_MODULE = "asyncio"
T = TypeVar("T")


class Catalog:
    """The entries below a folder.

    A file that cannot be used is logged once, in one line, and then counts as absent.
    """

    def __init__(self, root: Path) -> None:
        """Look up which files there are below `root`; none is read yet."""
        self.root = root
        self._paths = dict(_files(root))
        self._entries: dict[str, Entry | None] = {}

    @cached_property
    def resolution(self) -> Resolution:
        """What finding the symbols of code needs to know beside the entries."""
        return self._resolution()

    @cached_property
    def names(self) -> list[str]:
        """The public names that have an entry, sorted."""
        return sorted(self._paths)

    def find(self, name: str) -> Entry | None:
        """The entry of exactly this public name."""
        if name not in self._entries:
            self._entries[name] = self._read(name) if name in self._paths else None
        return self._entries[name]

    def __contains__(self, name: str) -> bool:
        return name in self._paths

    def entries(self) -> Iterator[Entry]:
        """All entries, sorted by name."""
        for name in self.names:
            entry = self.find(name)
            if entry is not None:
                yield entry

    @cached_property
    def topics(self) -> dict[str, Page]:
        """The pages that explain how the names work together, by the names of their files."""
        return self._all("topics", read_page)

    @cached_property
    def keywords(self) -> dict[str, Page]:
        """The pages about keywords of the language, by the keyword."""
        return {page.facts.title: page for page in self._all("language", read_page).values()}

    @cached_property
    def notes(self) -> dict[str, NotePage]:
        """The notes by their ids."""
        return self._all("notes", read_note)

    @cached_property
    def recipes(self) -> dict[str, Recipe]:
        """The recipes by the names of their files."""
        return self._all("recipes", read_recipe)

    @cached_property
    def refactorings(self) -> tuple[Refactoring, ...]:
        """What calls can be rewritten to on request."""
        try:
            return read_refactorings(self.root / "refactorings.toml")
        except ContentError as error:
            log.error("%s", str(error).replace("\n", "; "))
            return ()

    def member(self, owner: str, name: str) -> Entry | None:
        """The entry of an attribute of a class or module, inherited ones included."""
        for ancestor in self.ancestors(owner):
            entry = self.find(f"{ancestor}.{name}")
            if entry is not None:
                return entry
        return None

    def ancestors(self, owner: str) -> list[str]:
        """The class and its documented bases, in the order in which attributes are looked up."""
        out: list[str] = []
        waiting = [owner]
        while waiting:
            name = waiting.pop(0)
            if name in out:
                continue
            out.append(name)
            entry = self.find(name)
            waiting += entry.facts.bases if entry else ()
        return out

    def members(self, owner: str) -> list[Entry]:
        """The entries of all attributes of a class or module, own ones first, each name once."""
        out: dict[str, Entry] = {}
        for ancestor in self.ancestors(owner):
            prefix = f"{ancestor}."
            for name in self.names:
                short = name.removeprefix(prefix)
                if short != name and "." not in short and short not in out:
                    entry = self.find(name)
                    if entry is not None:
                        out[short] = entry
        return list(out.values())

    def lookup(self, text: str) -> Entry | None:
        """Find what a person typed: `asyncio.gather`, `gather` or `Queue.get`."""
        if text in self._paths:
            return self.find(text)
        qualified = f"{_ROOT_MODULE}.{text}"
        owner, _, name = qualified.rpartition(".")
        found = self.find(qualified) or self.member(owner, name)
        if found is not None:
            return found
        suffixed = [known for known in self.names if known.endswith(f".{text}")]
        return self.find(suffixed[0]) if len(suffixed) == 1 else None

    def nearest(self, text: str) -> list[str]:
        """Names that a person may have meant, best first, at most three."""
        spelled = {name.removeprefix(f"{_ROOT_MODULE}.").lower(): name for name in self.names}
        wanted = text.removeprefix(f"{_ROOT_MODULE}.").lower()
        close = difflib.get_close_matches(wanted, spelled, n=3, cutoff=0.6)
        if not close:
            close = [name for name in spelled if name.rpartition(".")[2] == wanted.rpartition(".")[2]][:3]
        return [spelled[name] for name in close]

    def _all(self, folder: str, read: Callable[[Path], T]) -> dict[str, T]:
        pages = {}
        for path in sorted((self.root / folder).glob("*.md")):
            try:
                pages[path.stem] = read(path)
            except ContentError as error:
                log.error("%s", str(error).replace("\n", "; "))
        return pages

    def _resolution(self) -> Resolution:
        path = self.root / "resolution.toml"
        try:
            return read_resolution(path)
        except ContentError as error:
            log.error("%s", str(error).replace("\n", "; "))
            return Resolution()

    def _read(self, name: str) -> Entry | None:
        try:
            return read_entry(self._paths[name], member=self._is_member(name))
        except ContentError as error:
            log.error("%s", str(error).replace("\n", "; "))
            return None

    def _is_member(self, name: str) -> bool:
        parent = name.rpartition(".")[0]
        if "." not in parent:
            return False
        if parent in self._paths:
            owner = self.find(parent)
            return owner is None or owner.kind is not Kind.MODULE
        return True


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of each entry: the files whose names start with the module's."""
    for folder, _, files in os.walk(root):
        for file in files:
            if file.endswith(".md") and file.split(".")[0] == _ROOT_MODULE:
                yield file.removesuffix(".md"), Path(folder, file)
