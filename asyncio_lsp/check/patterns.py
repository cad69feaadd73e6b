"""Patterns of `.gitignore` files and of the setting `exclude`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

GITIGNORE = ".gitignore"


class Patterns:
    """Lines in the syntax of `.gitignore` that count for what lies below a folder; the last one that fits decides."""

    def __init__(self, folder: Path, lines: Iterable[str]) -> None:
        """Raise ValueError for a line that is no pattern."""
        self._folder = folder
        self._spec = GitIgnoreSpec.from_lines(checked(line) for line in lines)

    def verdict(self, path: Path, *, is_folder: bool) -> bool | None:
        """Whether the path is left out; None when no line speaks of it or it lies elsewhere."""
        if self._folder not in path.parents:
            return None
        inside = path.relative_to(self._folder).as_posix()
        return self._spec.check_file(f"{inside}/" if is_folder else inside).include


def checked(line: str) -> str:
    """A line that is a pattern, a comment or empty; raises ValueError for any other."""
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error) as error:
        raise ValueError(f"{line!r} is not a pattern as in {GITIGNORE}") from error
    return line


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
    """The patterns of the folders around a folder, up to the top of its repository, outermost first.

    They do not count for a folder that they leave out themselves: who names it wants it.
    """
    found: list[Patterns] = []
    inner = folder
    for outer in folder.parents:
        if (inner / ".git").exists():
            break
        patterns = gitignore(outer)
        if patterns is not None:
            found.insert(0, patterns)
        inner = outer
    around = [folder, *folder.parents]
    return [] if any(ignored(found, each, is_folder=True) for each in around if each != each.parent) else found


def _is_pattern(line: str) -> bool:
    try:
        checked(line)
    except ValueError:
        return False
    return True
