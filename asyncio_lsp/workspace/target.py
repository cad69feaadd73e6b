"""Decides which versions of Python a file targets: from a setting, the project's files or the selected interpreter.

Files are read, never executed.
"""

from __future__ import annotations

import ast
import configparser
import logging
import os
import re
import stat
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from asyncio_lsp.catalog.version import NEWEST, OLDEST, Target, Version, exactly

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version as Release

log = logging.getLogger(__name__)

_Reader: TypeAlias = Callable[[Path], Iterable[tuple[str, object]]]
"""Gives what a file says, best first: the key, or nothing where files of its kind have none, and the value or None."""

_RANGE = re.compile(r"(3(?:\.[0-9]+){1,2})\s*-\s*(3(?:\.[0-9]+){1,2})")
_CLAUSE = re.compile(r"(?P<operator>===?|~=|!=|<=|>=|[<>=^~])?\s*(?P<version>[^\s,<>=!~^|]+)")
_RELEASE = re.compile(r"3\.[0-9]{1,2}(?:\.[0-9]{1,2})?(?![0-9])")
_PINNED = re.compile(rf"(?:c?python[-@]?)?({_RELEASE.pattern})|([<>=!~^].*)")
_EXECUTABLE = re.compile(r"python(3\.[0-9]{1,2})[a-z]*(?:\.exe)?")

_MANY = 1_000_000  # Stands for "and all later ones" in the place of a minor or a patch number.
_LONGEST = 500  # Characters of a requirement; the time to read one grows with the square of its clauses.
_LARGEST = 500_000  # Bytes of a file; what is larger is not a project's configuration.

_cache: dict[Path, tuple[tuple[int, int], Target | None]] = {}


def target_of(
    path: Path | None, *, setting: str | None = None, interpreter: str | None = None, roots: Sequence[Path] = ()
) -> Target:
    """Decide for the file or folder `path`, or for the first of the `roots` that knows when there is no file.

    `setting` is what the user demands, `interpreter` the path of an executable or of a virtual environment.
    The search goes upwards to the outermost of the `roots` that holds the file, else to the root of the file system.
    Raises ValueError for a `setting` that `parse_target` refuses; a file that is no use is logged once and passed over.
    """
    if setting is not None and setting.strip():
        return parse_target(setting, "setting: python")
    found = _from_files(_folders(path, roots))
    if found is None and interpreter:
        found = _from_interpreter(interpreter)
    return found or exactly(NEWEST, "newest documented Python")


def parse_target(text: str, source: str) -> Target:
    """Read `3.12`, `3.12.1`, `3.9-3.14`, a PEP 440 specifier set or a Poetry constraint; `source` says who wrote it.

    The target begins at 3.9 or later, and is open when 3.x has no upper bound; versions left out in between are lost.
    Raises ValueError, in one line, for anything else and for what holds no documented version.
    """
    alternatives = _alternatives(text)
    held = sorted(
        release
        for release in _candidates(alternatives)
        if any(alternative.contains(release, prereleases=True) for alternative in alternatives)
    )
    if not held or held[0].minor > NEWEST.minor:
        raise ValueError(f"{text!r} holds no Python from {OLDEST} to {NEWEST}")
    return Target(Version(held[0].minor, held[0].micro), _newest(held[-1]), source)


def _newest(release: Release) -> Version | None:
    if release.minor == _MANY:
        return None
    return Version(release.minor, 0 if release.micro == _MANY else release.micro)


def _alternatives(text: str) -> list[SpecifierSet]:
    """Rewrite each part between `||` as PEP 440."""
    if len(text) > _LONGEST:
        raise ValueError(f"a Python version of {len(text)} characters is too long")
    try:
        return [_specifiers(part) for part in re.split(r"\|\|?", text)]
    except ValueError as error:
        raise ValueError(f"{text!r} is not a Python version or range like 3.12, 3.9-3.14 or >=3.10,<3.14") from error


def _specifiers(text: str) -> SpecifierSet:
    from packaging.specifiers import SpecifierSet

    bounded = _RANGE.sub(r">=\1,<=\2", text)
    # What is no clause stays where it is, for packaging to refuse.
    clauses, count = _CLAUSE.subn(lambda clause: f"{_pep440(clause['operator'], clause['version'])},", bounded)
    if not count:
        raise ValueError("no clause")
    return SpecifierSet(clauses)


def _pep440(operator: str | None, version: str) -> str:
    from packaging.version import Version as Release

    if operator == "^":
        return f">={version},<{Release(version).major + 1}"
    if operator == "~":
        release = Release(version)
        below = f"{release.major}.{release.minor + 1}" if len(release.release) > 1 else f"{release.major + 1}"
        return f">={version},<{below}"
    if operator is None and version == "*":
        return ">=3"
    return f"{'==' if operator in (None, '=') else operator}{version}"


def _candidates(alternatives: Iterable[SpecifierSet]) -> set[Release]:
    """List what can be first or last in a range: the releases at its bounds, and the ends of each minor."""
    from packaging.version import Version as Release

    ends = {(minor, micro) for minor in range(OLDEST.minor, NEWEST.minor + 1) for micro in (0, _MANY)}
    ends.add((_MANY, 0))
    previews: set[Release] = set()
    for bound in _bounds(alternatives):
        minor, micro = bound.minor, bound.micro
        ends |= {(minor, micro - 1), (minor, micro), (minor, micro + 1)}
        ends |= {(near, micro) for near in (minor - 1, minor) for micro in (0, _MANY)}
        if bound.is_prerelease and minor >= OLDEST.minor:
            previews.add(bound)
    return previews | {Release(f"3.{minor}.{micro}") for minor, micro in ends if minor >= OLDEST.minor and micro >= 0}


def _bounds(alternatives: Iterable[SpecifierSet]) -> Iterator[Release]:
    from packaging.version import InvalidVersion
    from packaging.version import Version as Release

    for alternative in alternatives:
        for specifier in alternative:
            try:
                release = Release(specifier.version.removesuffix(".*"))
            except InvalidVersion:  # `===` takes any text.
                continue
            if release.major == 3:
                yield release


def _folders(path: Path | None, roots: Sequence[Path]) -> list[Path]:
    """Where the files that decide may be, nearest first."""
    tops = [_absolute(root) for root in roots]
    if path is None:
        return tops
    start = _absolute(path)
    folders = [*start.parents]
    if _is_folder(start):
        folders.insert(0, start)
    last = max((folders.index(top) for top in tops if top in folders), default=len(folders))
    return folders[: last + 1]


def _absolute(path: Path) -> Path:
    """Take `..` out, but leave symbolic links: a file belongs to the project it is opened in."""
    return Path(os.path.normpath(path.absolute()))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # Before Python 3.14, where looking is forbidden.
        return False


def _from_files(folders: Sequence[Path]) -> Target | None:
    """Ask the files: each kind in all folders before the next kind."""
    kinds: tuple[dict[str, _Reader], ...] = (
        {"pyproject.toml": _pyproject},
        {"setup.cfg": _setup_cfg, "setup.py": _setup_py},
        {".python-version": _python_version},
    )
    for kind in kinds:
        for folder in folders:
            for name, reader in kind.items():
                found = _read(folder / name, reader)
                if found is not None:
                    return found
    return None


def _from_interpreter(interpreter: str) -> Target | None:
    """Ask the files around an interpreter, those of its virtual environment first."""
    path = _absolute(Path(interpreter))
    home = path if _is_folder(path) else path.parent.parent
    real = Path(os.path.realpath(path))
    places: tuple[tuple[Path, _Reader], ...] = (
        (home / "pyvenv.cfg", _pyvenv),
        (real, _executable),
        (path, _executable),
        (home / "lib", _library),
        (real.parent.parent / "lib", _library),
    )
    for place, reader in places:
        found = _read(place, reader)
        if found is not None:
            return replace(found, source=f"interpreter: {interpreter}")
    return None


def _read(path: Path, reader: _Reader) -> Target | None:
    """Read a file or folder, again only when it has changed; None when it is absent or says nothing."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return None  # Reading a pipe could wait for ever.
    stamp = (status.st_mtime_ns, status.st_size)
    known = _cache.get(path)
    if known is None or known[0] != stamp:
        known = (stamp, _first(path, reader))
        _cache[path] = known
    return known[1]


def _first(path: Path, reader: _Reader) -> Target | None:
    """Find the first usable value; log what cannot be used, each problem in one line."""
    try:
        for key, value in reader(path):
            try:
                found = _parse_value(value, f"{path.name}: {key}" if key else path.name)
            except (TypeError, ValueError) as error:
                log.warning("%s: %s%s; ignored", path, f"{key}: " if key else "", error)
                continue
            if found is not None:
                return found
    except (OSError, ValueError, SyntaxError, configparser.Error, RecursionError, MemoryError) as error:
        log.warning("%s: cannot be read: %s; ignored", path, " ".join(str(error).split()) or type(error).__name__)
    return None


def _parse_value(value: object, source: str) -> Target | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a string")
    return parse_target(value, source) if value.strip() else None


def _pyproject(path: Path) -> Iterator[tuple[str, object]]:
    document: dict[str, object] = tomllib.loads(_text(path))
    yield "tool.asyncio-lsp.python", _value(document, "tool", "asyncio-lsp", "python")
    yield "project.requires-python", _value(document, "project", "requires-python")
    poetry = ("tool", "poetry", "dependencies", "python")
    yield ".".join(poetry), _value(document, *poetry, "version") or _value(document, *poetry)


def _value(document: object, *keys: str) -> object:
    """Follow the keys to their value; None where there is no such table."""
    for key in keys:
        if not isinstance(document, dict):
            return None
        document = cast("dict[str, object]", document).get(key)
    return document


def _setup_cfg(path: Path) -> Iterator[tuple[str, object]]:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(_text(path))
    for key in ("python_requires", "python-requires"):  # The second is what setuptools still reads.
        yield "options.python_requires", parser.get("options", key, fallback=None)


def _setup_py(path: Path) -> Iterator[tuple[str, object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python prints them for odd escapes.
        tree = ast.parse(_bytes(path))
    constants = _constants(tree)
    for value in _named(tree, "python_requires"):
        if isinstance(value, ast.Name):
            yield "python_requires", constants.get(value.id)
        elif isinstance(value, ast.Constant):
            yield "python_requires", value.value


def _named(tree: ast.Module, name: str) -> Iterator[ast.expr]:
    """Find the values of a keyword argument of any call (`setup`, or the `dict` for it) or of a dictionary's key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == name:
            yield node.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    yield value


def _constants(tree: ast.Module) -> dict[str, str]:
    """Collect the names that are assigned only once, and to a string."""
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    assigned = Counter(name.id for name in names if isinstance(name.ctx, ast.Store))
    constants: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(str(text))) if assigned[name] == 1:
                constants[name] = text
            case _:
                pass
    return constants


def _python_version(path: Path) -> Iterator[tuple[str, object]]:
    """Take all lines as one range: whoever pins several versions, as for tox, wants the code to run on each.

    Lines about other things, such as PyPy, `system` or the name of an environment, do not count.
    """
    lines = (_PINNED.match(line.strip()) for line in _text(path).splitlines())
    yield "", " || ".join(line[1] or line[2] for line in lines if line)


def _pyvenv(path: Path) -> Iterator[tuple[str, object]]:
    """Read the key of virtualenv and uv, `version_info`, or that of the standard library."""
    pairs = (line.partition("=") for line in _text(path).splitlines())
    values = {key.strip().lower(): value.strip() for key, _, value in pairs}
    for key in ("version_info", "version"):
        release = _RELEASE.match(values.get(key, ""))
        yield key, release and release[0]


def _executable(path: Path) -> Iterator[tuple[str, object]]:
    match = _EXECUTABLE.fullmatch(path.name)
    yield "", match and match[1]


def _library(path: Path) -> Iterator[tuple[str, object]]:
    """Look for the only `python3.N` folder; where there are several, nothing says which is meant."""
    matches = [match for entry in path.iterdir() if (match := _EXECUTABLE.fullmatch(entry.name))]
    if len(matches) == 1:
        yield "", matches[0][1]


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8-sig")


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"larger than {_LARGEST:,} bytes")
    return content
