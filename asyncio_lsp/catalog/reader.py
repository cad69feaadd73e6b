"""One content file becomes one Entry, or an error that lists everything wrong with the file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import GenericAlias
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from asyncio_lsp.catalog.declaration import Declaration, parse
from asyncio_lsp.catalog.entry import (
    Entry,
    Example,
    ExampleFacts,
    FrontMatter,
    NoteFacts,
    NotePage,
    Page,
    PageFacts,
    Recipe,
    RecipeFacts,
    Refactoring,
    Refactorings,
    Resolution,
    Section,
)
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
    return _table(path, Resolution)


def read_refactorings(path: Path) -> tuple[Refactoring, ...]:
    """Read `refactorings.toml`; raises ContentError."""
    return _table(path, Refactorings).refactorings


def _table(path: Path, schema: type[T]) -> T:
    """Read a file that is all TOML."""
    try:
        return structured(tomllib.loads(path.read_text(encoding="utf-8")), schema)
    except SchemaError as error:
        raise ContentError(path, error.problems) from error
    except (OSError, ValueError) as error:
        raise ContentError(path, [str(error)]) from error


def read_page(path: Path) -> Page:
    """Read a page about a topic or a keyword; raises ContentError."""
    raw, body, problems = _divided(path)
    facts = _checked(raw, PageFacts, problems)
    summary, description, sections, example = _body(body, ExampleFacts(), problems)
    if problems or facts is None:
        raise ContentError(path, problems)
    return Page(path.stem, facts, summary, description, sections, example)


def read_note(path: Path) -> NotePage:
    """Read a note; raises ContentError."""
    raw, body, problems = _divided(path)
    facts = _checked(raw, NoteFacts, problems)
    summary, description, sections = _lead(*sectioned(body), problems)
    if problems or facts is None:
        raise ContentError(path, problems)
    return NotePage(path.stem, facts, summary, description, sections)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; raises ContentError."""
    raw, body, problems = _divided(path)
    facts = _checked(raw, RecipeFacts, problems)
    summary, description, sections, example = _body(body, ExampleFacts(), problems)
    block = _BLOCK.fullmatch(description)
    if block is None or block[1] != "python":
        problems.append("body: a ```python block with the snippet follows the summary, and nothing else")
    if example is None or sections:
        problems.append("body: the only section is the Example")
    if problems or facts is None or block is None or example is None:
        raise ContentError(path, problems)
    return Recipe(path.stem, facts, summary, block[2].removesuffix("\n"), example)


def read_entry(path: Path, *, member: bool) -> Entry:
    """Read the entry whose public name is the file's name; `member` says that its parent is a class.

    Raises ContentError.
    """
    name = path.name.removesuffix(".md")
    raw, body, problems = _divided(path)
    facts = _checked(raw, FrontMatter, problems)
    declaration = _declared(raw, name, problems, member=member)
    summary, description, sections, example = _body(body, facts.example if facts else ExampleFacts(), problems)
    if problems or facts is None or declaration is None:
        raise ContentError(path, problems)
    return Entry(name, declaration, facts, summary, description, sections, example)


def _divided(path: Path) -> tuple[dict[str, object] | None, str, list[str]]:
    """The front matter of a file, None where it is no TOML, its body, and the list of problems to add to."""
    try:
        front, body = split(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(path, [f"cannot be read: {error}"]) from error
    except ValueError as error:
        raise ContentError(path, [str(error)]) from error
    try:
        return tomllib.loads(front), body, []
    except tomllib.TOMLDecodeError as error:
        return None, body, [f"front matter: {error}"]


def _checked(raw: dict[str, object] | None, schema: type[T], problems: list[str]) -> T | None:
    if raw is None:
        return None
    try:
        return structured(raw, schema)
    except SchemaError as error:
        problems += error.problems
        return None


def _declared(raw: dict[str, object] | None, name: str, problems: list[str], *, member: bool) -> Declaration | None:
    """Read the declaration and compare it with the parameters that are described."""
    text = raw.get("declaration") if raw else None
    if raw is None or not isinstance(text, str):
        return None  # Told already: the schema asks for it.
    try:
        declaration = parse(text, member=member)
    except ValueError as error:
        problems.append(f"declaration: {error}")
        return None
    if declaration.name != name.rpartition(".")[2]:
        problems.append(f"declaration: declares {declaration.name!r} in the file of {name!r}")
    described = raw.get("parameters", {})
    if isinstance(described, dict):
        declared = {parameter.name for parameter in declaration.parameters}
        problems += [f"parameters.{key}: not declared" for key in sorted(described.keys() - declared)]
        problems += [f"parameters.{key}: declared, but not described" for key in sorted(declared - described.keys())]
    return declaration


def _body(
    body: str, lifetime: ExampleFacts, problems: list[str]
) -> tuple[str, str, tuple[Section, ...], Example | None]:
    """Summary, description, sections and example of a body."""
    lead, sections = sectioned(body)
    example = None
    if "Example" in sections:
        try:
            example = _example(sections.pop("Example"), lifetime)
        except ValueError as error:
            problems.append(f"Example: {error}")
    return *_lead(lead, sections, problems), example


def _lead(lead: str, sections: dict[str, str], problems: list[str]) -> tuple[str, str, tuple[Section, ...]]:
    """Summary and description from what stands before the sections, and the sections."""
    summary, _, description = lead.partition("\n\n")
    if not summary:
        problems.append("body: the first paragraph is the summary; there is none")
    return summary, description.strip(), tuple(Section(title, text) for title, text in sections.items())


class SchemaError(ValueError):
    """Front matter with wrong keys or types."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def split(text: str) -> tuple[str, str]:
    """Divide a content file into front matter and body; a ValueError says that there is no front matter."""
    parts = re.split(r"^\+\+\+\n", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise ValueError("front matter: the file starts with TOML between two lines of +++")
    return parts[1], parts[2]


def structured(raw: dict[str, object], schema: type[T]) -> T:
    """Check TOML against a schema class; a SchemaError has a problem per wrong key."""
    from cattrs import BaseValidationError, transform_error

    try:
        return _converter().structure(raw, schema)
    except BaseValidationError as error:
        located = transform_error(error, format_exception=_message)
        raise SchemaError([problem for line in located for problem in _problems(line)]) from error


_UNKNOWN = "unknown keys: "


def _message(error: BaseException, _: type | None) -> str:
    """Say what is wrong with the value of a key."""
    from cattrs import ForbiddenExtraKeysError

    if isinstance(error, KeyError):
        return "missing"
    if isinstance(error, ForbiddenExtraKeysError):
        return _UNKNOWN + " ".join(sorted(error.extra_fields))
    return str(error)


def _problems(line: str) -> list[str]:
    """Turn `message @ $.parameters.x` into `parameters.x: message`; each unknown key becomes a problem of its own."""
    message, _, place = line.rpartition(" @ ")
    place = re.sub(r"\['([^']*)'\]", r".\1", place.removeprefix("$")).lstrip(".")
    if message.startswith(_UNKNOWN):
        keys = message.removeprefix(_UNKNOWN).split()
        return [f"{place}.{key}: there is no such key".lstrip(".") for key in keys]
    return [f"{place or 'front matter'}: {message}"]


@cache
def _converter() -> Converter:
    from cattrs import Converter
    from cattrs.cols import mapping_structure_factory
    from cattrs.gen import make_dict_structure_fn

    converter = Converter(forbid_extra_keys=True)

    def table(schema: Any, make: Callable[[Any, Converter], Callable[[Any, Any], Any]]) -> Callable[[Any, Any], Any]:
        structure = make(schema, converter)
        return lambda value, _: structure(_instance(value, dict, "a table"), schema)

    def items(value: object, schema: Any) -> object:
        wanted: Any = GenericAlias(list, get_args(schema)[:1])
        return tuple(converter.structure(_instance(value, list, "a list"), wanted))

    converter.register_structure_hook_factory(is_dataclass, lambda schema: table(schema, make_dict_structure_fn))
    converter.register_structure_hook_factory(_is(dict), lambda schema: table(schema, mapping_structure_factory))
    converter.register_structure_hook_func(_is(tuple), items)
    converter.register_structure_hook(Version, _version)
    converter.register_structure_hook(str, lambda value, _: _instance(value, str, "text"))
    converter.register_structure_hook(bool, lambda value, _: _instance(value, bool, "true or false"))
    converter.register_structure_hook(StrEnum, _word)
    return converter


def _is(generic: type) -> Callable[[Any], bool]:
    return lambda schema: get_origin(schema) is generic


def _version(value: object, _: type) -> Version:
    if not isinstance(value, str):
        raise TypeError(f'a version is a string like "3.13", not {value!r}')
    return Version.parse(value)


def _word(value: object, choice: type[StrEnum]) -> StrEnum:
    found = next((each for each in choice if each == value), None)
    if found is None:
        raise ValueError(f"expected one of {', '.join(choice)}, not {value!r}")
    return found


def _instance(value: object, wanted: type[T], described: str) -> T:
    if not isinstance(value, wanted):
        raise TypeError(f"expected {described}, not {value!r}")
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
    """The lines after each `# show` up to the next `# hide`, or all when nothing is marked.

    A region moves to the left as far as it can, but below a block that is shown it keeps its place in the block.
    A blank line parts it from the region before where the writer left one, or where a block ends.
    """
    if not any(line.strip() == _SHOW for line in lines):
        return "\n".join(lines)
    out: list[str] = []
    moved: dict[int, int] = {}
    for rows in _regions(lines):
        own = min(_indent(lines[row]) for row in rows if lines[row].strip())
        shift = min(own, moved.get(_opener(lines, rows[0]), own))
        if moved and _parted(lines, max(moved), rows[0]):
            out.append("")
        out += [lines[row][shift:] for row in rows]
        moved |= dict.fromkeys(rows, shift)
    return "\n".join(out)


def _regions(lines: list[str]) -> Iterator[range]:
    """The rows of each region that is to be shown, from the first one with text to the last."""
    marks = [row for row, line in enumerate(lines) if line.strip() in (_SHOW, _HIDE)]
    for mark, end in zip(marks, [*marks[1:], len(lines)], strict=True):
        written = [row for row in range(mark + 1, end) if lines[row].strip()]
        if lines[mark].strip() == _SHOW and written:
            yield range(written[0], written[-1] + 1)


def _parted(lines: list[str], last: int, first: int) -> bool:
    """Say whether a blank line belongs between the last row of a region and the first one of the next."""
    return not lines[last + 1].strip() or not lines[first - 1].strip() or _indent(lines[last]) > _indent(lines[first])


def _opener(lines: list[str], row: int) -> int:
    """The row that opens the block of a row; -1 at the outermost level."""
    inner = _indent(lines[row])
    return next((each for each in range(row - 1, -1, -1) if _is_code(lines[each]) and _indent(lines[each]) < inner), -1)


def _is_code(line: str) -> bool:
    return bool(line.strip()) and line.strip() not in (_SHOW, _HIDE)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
