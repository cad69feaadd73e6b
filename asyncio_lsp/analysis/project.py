"""The files of the workspace, read from disk when an import leads there."""

from __future__ import annotations

import time
import tokenize
from pathlib import Path

from asyncio_lsp.analysis.source import Source

_KEPT = 200
_LOOKED_UP_SECONDS = 5.0
"""How long the folders of virtual environments are believed to be the same."""
_LARGEST = 2_000_000


class Project:
    """Open documents and the modules that they import.

    `roots` are the folders of the workspace. Files are read, never executed.
    """

    def __init__(self, roots: tuple[str, ...] = ()) -> None:
        self.roots = roots
        self.revision = 0
        """Grows with every change of an open document."""
        self._open: dict[str, Source] = {}
        self._read: dict[str, tuple[float, Source | None]] = {}
        self._environments: tuple[float, list[Path]] = (-_LOOKED_UP_SECONDS, [])

    def opened(self, source: Source) -> None:
        """From now on an open document stands for the file of its path."""
        self.revision += 1
        if source.path is not None:
            self._open[source.path] = source

    def edited(self) -> None:
        """An open document changed."""
        self.revision += 1

    def closed(self, source: Source) -> None:
        """The file on disk counts again."""
        self.revision += 1
        if source.path is not None:
            self._open.pop(source.path, None)

    def module(self, importer: Source, dotted: str) -> Source | None:
        """The source of a module as `importer` names it, with the dots of a relative import."""
        if importer.path is None:
            return None
        name = dotted.lstrip(".")
        parts = name.split(".") if name else []
        for folder in self._folders(Path(importer.path), len(dotted) - len(name)):
            found = self._locate(folder, parts)
            if found is not None:
                return found
        return self._beside(Path(importer.path), parts) if name == dotted else None

    def _beside(self, path: Path, parts: list[str]) -> Source | None:
        """A module of a package of which only an inner folder is here: the importer's own names it."""
        for index in range(1, len(parts) - 1):
            if parts[index] == path.parent.name:
                return self._locate(path.parent, parts[index + 1 :])
        return None

    def _folders(self, path: Path, dots: int) -> list[Path]:
        """Where a module's name starts to be looked up."""
        if dots:
            return [path.parents[dots - 1]] if dots <= len(path.parents) else []
        package = path.parent
        while (package / "__init__.py").exists() and package.parent != package:
            package = package.parent
        folders = [package, *(Path(root) for root in self.roots), *(Path(root, "src") for root in self.roots)]
        return list(dict.fromkeys([*folders, *self._environment_folders()]))

    def _environment_folders(self) -> list[Path]:
        now = time.monotonic()
        if now - self._environments[0] >= _LOOKED_UP_SECONDS:
            found = [folder for root in self.roots for folder in environment_folders(Path(root))]
            self._environments = (now, found)
        return self._environments[1]

    def _locate(self, folder: Path, parts: list[str]) -> Source | None:
        base = folder.joinpath(*parts)
        candidates = [base / "__init__.py"] if not parts else [base.with_name(f"{base.name}.py"), base / "__init__.py"]
        candidates += [path.with_suffix(".pyi") for path in candidates]
        for path in candidates:
            found = self._source(path)
            if found is not None:
                return found
        return None

    def _source(self, path: Path) -> Source | None:
        key = str(path)
        if key in self._open:
            return self._open[key]
        try:
            status = path.stat()
        except OSError:
            return None
        known = self._read.get(key)
        if known is None or known[0] != status.st_mtime:
            known = self._read[key] = (status.st_mtime, _load(path, status.st_size))
            while len(self._read) > _KEPT:
                del self._read[next(iter(self._read))]
        return known[1]


def environment_folders(root: Path) -> list[Path]:
    """The folders with the packages of the virtual environments below a folder of the workspace."""
    patterns = [
        f"{name}/{inner}" for name in (".venv", "venv") for inner in ("lib/python3*/site-packages", "Lib/site-packages")
    ]
    return [folder for pattern in patterns for folder in sorted(root.glob(pattern))]


def _load(path: Path, size: int) -> Source | None:
    """Read a file as Python would; one that cannot be read answers nothing."""
    if size > _LARGEST or not path.is_file():
        return None
    try:
        with tokenize.open(path) as file:
            return Source(file.read(), str(path))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None
