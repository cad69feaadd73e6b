"""Which files are checked."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from asyncio_lsp.check.config import Config, Configs
from asyncio_lsp.check.patterns import Patterns, gitignore, ignored, outer_gitignores

_SUFFIXES = (".py", ".pyi")
_NOT_OURS = frozenset(
    [
        "__pycache__",
        "__pypackages__",
        "_build",
        "buck-out",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    ]
)
"""Folders of built, installed or environment files; so are those that begin with a dot or hold a `pyvenv.cfg`."""


@dataclass(frozen=True)
class Listed:
    """A file to check: where it is, and how its path is printed."""

    path: Path
    shown: str
    size: int
    config: Config


@dataclass(frozen=True)
class Listing:
    """The files, in the order of their paths, and a line for each that should be one of them and cannot."""

    files: list[Listed]
    problems: list[str]
    empty: list[str]
    """The given folders without a Python file."""


def find(given: Iterable[str]) -> Listing:
    """The named files, whatever they are called, and the Python files below the named folders; raises ConfigError.

    Below a folder, what `.gitignore` files and `exclude` leave out does not count, nor do hidden, environment and
    build folders, nor symbolic links to folders.
    """
    walk = _Walk()
    empty = [shown for shown in given if not walk.add(shown)]
    files = sorted(walk.files.values(), key=lambda file: file.path.parts)
    return Listing(files, walk.problems, empty)


@dataclass(frozen=True)
class _Folder:
    path: Path
    shown: str
    ignores: tuple[Patterns, ...]


@dataclass
class _Walk:
    files: dict[Path, Listed] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _met: int = 0
    """How many files and problems there were, files that were met twice included."""
    _configs: Configs = field(default_factory=Configs)
    _excludes: dict[Config, Patterns | None] = field(default_factory=dict)

    def add(self, given: str) -> bool:
        """Add what a person named; False for a folder that holds nothing to check."""
        if not given:  # Paths would take it for the current folder, which nobody means by an empty variable.
            self.problems.append("'' is not a path")
            return True
        path = Path(os.path.normpath(Path(given).absolute()))
        shown = os.path.normpath(given)
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except (OSError, ValueError) as error:
            self._problem(given, error)
            return True
        if not is_folder:
            self._file(path, shown)
            return True
        before = self._met
        try:
            outer = tuple(outer_gitignores(path))
        except OSError as error:
            self._problem(str(error.filename), error)
            outer = ()
        self._below(_Folder(path, "" if shown == os.curdir else shown, outer))
        return self._met > before

    def _below(self, top: _Folder) -> None:
        """Add the files of a folder and of those in it, however deep they lie."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                own = gitignore(folder.path)
                with os.scandir(folder.path) as entries:
                    found = list(entries)
            except OSError as error:
                self._problem(folder.shown or os.curdir, error)
                continue
            if folder is not top and any(entry.name == "pyvenv.cfg" for entry in found):
                continue
            ignores = (*folder.ignores, own) if own else folder.ignores
            for entry in found:
                path, shown = folder.path / entry.name, os.path.join(folder.shown, entry.name)  # noqa: PTH118  # Paths are printed as they were given.
                if entry.is_dir(follow_symlinks=False):
                    if not _is_foreign(entry.name) and not self._left_out(path, ignores, is_folder=True):
                        waiting.append(_Folder(path, shown, ignores))
                elif _is_python(entry) and not self._left_out(path, ignores, is_folder=False):
                    self._file(path, shown)

    def _left_out(self, path: Path, ignores: tuple[Patterns, ...], *, is_folder: bool) -> bool:
        if ignored(ignores, path, is_folder=is_folder):
            return True
        config = self._configs.of(path.parent)
        if config not in self._excludes:
            self._excludes[config] = config.excludes()
        excludes = self._excludes[config]
        return excludes is not None and excludes.verdict(path, is_folder=is_folder) is True

    def _file(self, path: Path, shown: str) -> None:
        self._met += 1
        if path in self.files:
            return
        try:
            size = path.stat().st_size
        except OSError as error:
            self._problem(shown, error)
            return
        self.files[path] = Listed(path, shown, size, self._configs.of(path.parent))

    def _problem(self, shown: str, error: OSError | ValueError) -> None:
        self._met += 1
        reason = error.strerror if isinstance(error, OSError) else error
        self.problems.append(f"{shown}: cannot be read: {reason}")


def _is_foreign(name: str) -> bool:
    return name.startswith(".") or name in _NOT_OURS


def _is_python(entry: os.DirEntry[str]) -> bool:
    """Say whether it is named like a file of Python's; links to folders are none."""
    return entry.name.endswith(_SUFFIXES) and not entry.is_dir()
