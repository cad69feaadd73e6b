"""`[tool.asyncio-lsp]` in `pyproject.toml`."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from asyncio_lsp.check.patterns import Patterns, parsed
from asyncio_lsp.workspace.target import parse_target

NAME = "pyproject.toml"
TABLE = "tool.asyncio-lsp"


class ConfigError(Exception):
    """A setting that cannot be followed; the text is one line and names the file and the key."""


@dataclass(frozen=True)
class Config:
    """What a project sets; `python` is read again by whoever decides about targets, and only checked here."""

    python: str | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    path: Path | None = None
    """Where it is written; None when nothing is set."""

    def excludes(self) -> Patterns | None:
        """What `exclude` leaves out, below the folder of the file."""
        return Patterns(self.path.parent, self.exclude) if self.path and self.exclude else None


DEFAULT = Config()
_KEYS = [each.name for each in fields(Config) if each.name != "path"]


class Configs:
    """The settings of folders: those of the nearest `pyproject.toml` upwards that has the table."""

    def __init__(self) -> None:
        self._known: dict[Path, Config] = {}

    def of(self, folder: Path) -> Config:
        """The settings for the files of a folder, an absolute path; raises ConfigError."""
        known = self._known.get(folder)
        if known is None:
            known = read(folder / NAME)
            if known is None:
                known = self.of(folder.parent) if folder.parent != folder else DEFAULT
            self._known[folder] = known
        return known


def read(path: Path) -> Config | None:
    """The settings of a file; None when there is none, or it has no such table. Raises ConfigError."""
    try:
        if not path.is_file():
            return None
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
    tools = document.get("tool")
    table = tools.get("asyncio-lsp") if isinstance(tools, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {TABLE} is not a table")
    return Config(path=path, **{key: _value(f"{path}: {TABLE}", key, value) for key, value in table.items()})


def _value(place: str, key: str, value: object) -> Any:
    """Check a value of the table at `place`; lists become tuples."""
    if key not in _KEYS:
        near = difflib.get_close_matches(key, _KEYS, n=1)
        raise ConfigError(f"{place}: there is no key {key!r}; did you mean {' or '.join(near or _KEYS)}?")
    if key == "python":
        if not isinstance(value, str):
            raise ConfigError(f"{place}.{key}: expected text, not {value!r}")
        _followed(f"{place}.{key}", lambda: parse_target(value, NAME))
        return value
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ConfigError(f"{place}.{key}: expected a list of texts, not {value!r}")
    if key == "exclude":
        for pattern in value:
            _followed(f"{place}.{key}", partial(parsed, pattern))
    return tuple(value)


def _followed(place: str, follow: Callable[[], object]) -> None:
    try:
        follow()
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from error
