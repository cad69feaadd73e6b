"""One content file becomes one Entry, or an error that lists everything wrong with the file."""

from __future__ import annotations

import re
import textwrap
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from asyncio_lsp.catalog.declaration import parse
from asyncio_lsp.catalog.entry import Entry, Example, ExampleFacts, FrontMatter, Page, PageFacts, Resolution, Section
from asyncio_lsp.catalog.version import Version

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")


class ContentError(ValueError):
    """A content file that cannot be used; `problems` are lines of the form `key: what is wrong`."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.path = path
        self.problems = problems


def read_resolution(path: Path) -> Resolution:
    """Read `resolution.toml`; raises ContentError."""
    try:
        return structured(tomllib.loads(path.read_text(encoding="utf-8")), Resolution)
    except SchemaError as error:
        raise ContentError(path, error.problems) from error
    except (OSError, ValueError) as error:
        raise ContentError(path, [str(error)]) from error


def read_page(path: Path) -> Page:
    """Read a page about a topic or a keyword; raises ContentError."""
    facts, body = _front(path, PageFacts)
    summary, description, sections, example, problems = _body(body, ExampleFacts())
    if problems:
        raise ContentError(path, problems)
    return Page(path.stem, facts, summary, description, sections, example)


def read_entry(path: Path, *, member: bool) -> Entry:
    """Read the entry whose public name is the file's name; `member` says that its parent is a class.

    Raises ContentError.
    """
    name = path.name.removesuffix(".md")
    facts, body = _front(path, FrontMatter)
    try:
        declaration = parse(facts.declaration, member=member)
    except ValueError as error:
        raise ContentError(path, [f"declaration: {error}"]) from error
    summary, description, sections, example, problems = _body(body, facts.example)
    if declaration.name != name.rpartition(".")[2]:
        problems.append(f"declaration: declares {declaration.name!r} in the file of {name!r}")
    declared = {parameter.name for parameter in declaration.parameters}
    problems += [f"parameters.{key}: not declared" for key in facts.parameters.keys() - declared]
    problems += [f"parameters.{key}: declared, but not described" for key in declared - facts.parameters.keys()]
    if problems:
        raise ContentError(path, sorted(problems))
    return Entry(name, declaration, facts, summary, description, sections, example)


def _front(path: Path, schema: type[T]) -> tuple[T, str]:
    """The checked front matter of a file, and its body."""
    try:
        front, body = split(path.read_text(encoding="utf-8"))
        return structured(tomllib.loads(front), schema), body
    except tomllib.TOMLDecodeError as error:
        raise ContentError(path, [f"front matter: {error}"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(path, [f"cannot be read: {error}"]) from error
    except SchemaError as error:
        raise ContentError(path, error.problems) from error
    except ValueError as error:
        raise ContentError(path, [str(error)]) from error


def _body(body: str, lifetime: ExampleFacts) -> tuple[str, str, tuple[Section, ...], Example | None, list[str]]:
    """Summary, description, sections and example of a body, and what is wrong with it."""
    problems = []
    lead, sections = sectioned(body)
    summary, _, description = lead.partition("\n\n")
    if not summary:
        problems.append("body: the first paragraph is the summary; there is none")
    example = None
    if "Example" in sections:
        try:
            example = _example(sections.pop("Example"), lifetime)
        except ValueError as error:
            problems.append(f"Example: {error}")
    pages = tuple(Section(title, text) for title, text in sections.items())
    return summary, description.strip(), pages, example, problems


class SchemaError(ValueError):
    """Front matter with wrong keys or types."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def split(text: str) -> tuple[str, str]:
    """Divide a content file into front matter and body; a ValueError says that there is no front matter."""
    parts = re.split(r"^\+\+\+\n", text.replace("\r\n", "\n"), maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise ValueError("front matter: the file starts with TOML between two lines of +++")
    return parts[1], parts[2]


def structured(raw: dict[str, object], schema: type[T]) -> T:
    """Check TOML against a schema class; a SchemaError has a problem per wrong key."""
    from cattrs import BaseValidationError, transform_error

    try:
        return _converter().structure(raw, schema)
    except BaseValidationError as error:
        raise SchemaError([_located(problem) for problem in transform_error(error)]) from error


def _located(problem: str) -> str:
    """Turn `message @ $.parameters.x` into `parameters.x: message`."""
    message, _, place = problem.rpartition(" @ ")
    place = re.sub(r"\['([^']*)'\]", r".\1", place.removeprefix("$")).lstrip(".")
    return f"{place or 'front matter'}: {message or problem}"


@cache
def _converter() -> Converter:
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(Version, _version)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(bool, _bool)
    return converter


def _version(value: object, _: type) -> Version:
    if not isinstance(value, str):
        raise ValueError(f'a version is a string like "3.13", not {value!r}')
    return Version.parse(value)


def _text(value: object, _: type) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, not {value!r}")
    return value


def _bool(value: object, _: type) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, not {value!r}")
    return value


_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)


def sectioned(body: str) -> tuple[str, dict[str, str]]:
    """Divide Markdown at its level-two headings outside code: what stands before them, then title and text of each."""
    code = [(block.start(), block.end()) for block in _BLOCK.finditer(body)]
    marks = [mark for mark in _HEADING.finditer(body) if not any(start < mark.start() < end for start, end in code)]
    starts = [0, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), len(body)]
    parts = [body[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return parts[0], {mark[1]: text for mark, text in zip(marks, parts[1:], strict=True)}


_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHOW, _HIDE = "# show", "# hide"


def _example(text: str, lifetime: ExampleFacts) -> Example:
    blocks = dict(_BLOCK.findall(text))
    if "python" not in blocks or set(blocks) - {"python", "text"}:
        raise ValueError("an example is a ```python block and a ```text block with its output")
    lines = blocks["python"].rstrip("\n").split("\n")
    program = "\n".join(line for line in lines if line.strip() not in (_SHOW, _HIDE)) + "\n"
    return Example(program, _visible(lines), blocks.get("text", ""), lifetime)


def _visible(lines: list[str]) -> str:
    """The lines after each `# show` up to the next `# hide`, or all when nothing is marked."""
    marks = [line.strip() for line in lines]
    if _SHOW not in marks:
        return "\n".join(lines)
    kept, showing = [], False
    for line, mark in zip(lines, marks, strict=True):
        if mark in (_SHOW, _HIDE):
            showing = mark == _SHOW
        elif showing:
            kept.append(line)
    return textwrap.dedent("\n".join(kept)).strip("\n")
