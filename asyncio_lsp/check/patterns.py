"""Patterns of `.gitignore` files and of the setting `exclude`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from pathspec import GitIgnoreSpec, RegexPattern

GITIGNORE = ".gitignore"


class Patterns:
    """Lines in the syntax of `.gitignore` that count for what lies below a folder; the last one that fits decides."""

    def __init__(self, folder: Path, lines: Iterable[str]) -> None:
        """Raise ValueError for a line that is no pattern."""
        self._folder = folder
        self._patterns = [pattern for line in lines if (pattern := parsed(line)) is not None]

    def verdict(self, path: Path, *, is_folder: bool) -> bool | None:
        """Whether the path is left out; None when no line speaks of it or it lies elsewhere.

        The folders around it must not be left out: as for git, a line speaks of a path, not of what lies below it.
        """
        if self._folder not in path.parents:
            return None
        inside = path.relative_to(self._folder).as_posix()
        for pattern in reversed(self._patterns):
            if _fits(pattern, inside, is_folder=is_folder):
                return pattern.leaves_out
        return None


class Pattern(NamedTuple):
    """A line: whether it leaves out what it fits, and the expression of pathspec for what it fits."""

    leaves_out: bool
    regex: re.Pattern[str]


_SLASH = "ps_d"  # The name of the group in which pathspec finds the slash behind a folder.


def _fits(pattern: Pattern, path: str, *, is_folder: bool) -> bool:
    """Say whether a pattern fits the path itself: pathspec lets it fit everything below what it fits as well."""
    found = pattern.regex.search(path)
    if found is not None and found.groupdict().get(_SLASH) is None:
        return True
    if not is_folder or _SLASH not in pattern.regex.groupindex:
        return False
    return any(found.end(_SLASH) == len(path) + 1 for found in pattern.regex.finditer(f"{path}/"))


def parsed(line: str) -> Pattern | None:
    """The pattern in a line, None in one that is empty or a comment; raises ValueError for what is none of these."""
    try:
        [found] = GitIgnoreSpec.from_lines([line]).patterns
    except (ValueError, re.error) as error:
        raise ValueError(f"{line!r} is not a pattern as in {GITIGNORE}") from error
    if not isinstance(found, RegexPattern) or found.regex is None or found.include is None:
        return None
    return Pattern(found.include, found.regex)


def ignored(stack: Sequence[Patterns], path: Path, *, is_folder: bool) -> bool:
    """Whether the innermost patterns that speak of a path leave it out; `stack` begins with the outermost."""
    for patterns in reversed(stack):
        verdict = patterns.verdict(path, is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False


def gitignore(folder: Path) -> Patterns | None:
    """The patterns of a folder's `.gitignore`, None without one; lines that git would not understand do not count.

    Raises OSError for a file that cannot be read.
    """
    path = folder / GITIGNORE
    if not path.is_file():
        return None
    lines = path.read_bytes().decode("utf-8-sig", "surrogateescape").splitlines()
    return Patterns(folder, filter(_is_pattern, lines))


def outer_gitignores(folder: Path) -> list[Patterns]:
    """The patterns of the folders around a folder, up to the top of its repository, outermost first."""
    found: list[Patterns] = []
    inner = folder
    for outer in folder.parents:
        if (inner / ".git").exists():
            break
        patterns = gitignore(outer)
        if patterns is not None:
            found.insert(0, patterns)
        inner = outer
    return found


def _is_pattern(line: str) -> bool:
    try:
        parsed(line)
    except ValueError:
        return False
    return True
