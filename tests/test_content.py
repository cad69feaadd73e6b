"""Every entry and page: readable, in shape, true to the recorded interpreters and to the running one; its code runs.

`pytest tests/test_content.py -k "asyncio.gather]"` checks one entry. The code runs on every Python that is found
(`ASYNCIO_LSP_PYTHONS=running` leaves the running one), each in a process of its own; `ASYNCIO_LSP_ONLY` limits it to
the names in it, separated by commas.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import indent

import pytest

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.declaration import Kind
from asyncio_lsp.catalog.entry import Entry, Page, Recipe, Section, Surroundings
from asyncio_lsp.catalog.reader import read_entry, read_page, read_recipe
from asyncio_lsp.catalog.version import NEWEST, OLDEST, Lifetime, Target, Version, exactly
from asyncio_lsp.features import hover
from asyncio_lsp.features.plain import plain
from tests import running
from tests.recorded import (
    VERSIONS,
    Recorded,
    availability,
    comparable,
    differences,
    present,
    reasons,
    records,
    signature,
)

ROOT = Path(__file__).parent.parent
CONTENT = ROOT / "content"
CATALOG = Catalog(CONTENT)
PAGES = sorted(
    str(path.relative_to(CONTENT)) for folder in ("topics", "language") for path in CONTENT.glob(f"{folder}/*.md")
)
RECIPES = sorted(path.stem for path in CONTENT.glob("recipes/*.md"))
RANGE = Target(OLDEST, None, "test")
PLATFORMS = {"linux", "darwin", "win32"}

every_name = pytest.mark.parametrize("name", CATALOG.names)
every_page = pytest.mark.parametrize("page", PAGES)
every_recipe = pytest.mark.parametrize("slug", RECIPES)


@every_name
def test_schema(name: str) -> None:
    """The file can be read; the error lists every problem of the file."""
    path = next(CONTENT.rglob(f"{name}.md"))
    parent = name.rpartition(".")[0]
    read_entry(path, member="." in parent and records()[parent]["kind"] != "module")


@every_name
def test_shape(name: str) -> None:
    """What every reader may rely on."""
    entry = _entry(name)
    problems = []
    if "\n" in entry.summary or not re.fullmatch(r"[A-Z`].*[^.]\.", entry.summary) or len(entry.summary) > 110:
        problems.append(f"summary: one sentence of at most 110 characters on one line, not {entry.summary!r}")
    if not entry.facts.facts:
        problems.append("facts: at least one, beyond what the signature says")
    if entry.declaration.callable and entry.declaration.returns not in (None, "None") and not entry.facts.returns:
        problems.append("returns: what is it?")
    problems += [f"{place}: one line" for place, text in _lines(entry) if "\n" in text]
    problems += _style([*_lines(entry), *_prose(entry)])
    problems += _code(entry.sections)
    if entry.example and len(entry.example.visible.splitlines()) > 8:
        problems.append("Example: more than eight visible lines")
    if entry.example and max(map(len, entry.example.visible.splitlines())) > 80:
        problems.append("Example: visible lines are at most 80 characters")
    assert not problems, "\n".join(problems)


@every_name
def test_links(name: str) -> None:
    """Related names and base classes have entries; the documentation anchor is the recorded one."""
    entry = _entry(name)
    assert [other for other in entry.facts.see if other not in _linkable()] == []
    assert [base for base in entry.facts.bases if _entry(base).kind not in (Kind.CLASS, Kind.EXCEPTION)] == []
    assert entry.facts.docs == records()[name].get("doc_anchor")


def test_coverage() -> None:
    """Every name that the Python documentation has is here, and no name that Python does not have."""
    assert [name for name, record in records().items() if record.get("documented") and name not in CATALOG] == []
    assert [name for name in CATALOG.names if name not in records()] == []


@pytest.mark.parametrize(
    ("kinds", "share"),
    [
        ({Kind.FUNCTION, Kind.COROUTINE_FUNCTION, Kind.CLASS, Kind.EXCEPTION}, 0.95),
        ({Kind.METHOD, Kind.COROUTINE_METHOD}, 0.6),
    ],
)
def test_share_of_examples(kinds: set[Kind], share: float) -> None:
    entries = [_entry(name) for name in CATALOG.names if _entry(name).kind in kinds]
    without = [entry.name for entry in entries if entry.example is None]
    assert len(without) <= (1 - share) * len(entries), without


@every_name
def test_hover(name: str) -> None:
    """The hover has something to say, and stays within its limits, whatever the project supports."""
    problems = []
    for target in (*(exactly(Version(minor), "test") for minor in (9, 11, 13, 15)), RANGE):
        text = hover.entry_markdown(_entry(name), target, hover.Detail.NORMAL)
        if text.count("\n") >= hover.LINES or len(text) > hover.CHARACTERS:
            problems.append(f"{target}: {text.count(chr(10)) + 1} lines, {len(text)} characters")
        if target.last == NEWEST and _words(text) < 25:
            problems.append(f"{target}: only {_words(text)} words")
    assert problems == []


@every_name
def test_lifetime(name: str) -> None:
    """When the name came, was deprecated and goes is as recorded."""
    facts, record = _entry(name).facts, records()[name]
    given = [facts.since, facts.deprecated, facts.removed, facts.removal_planned]
    recorded = [record.get(key) for key in ("added", "deprecated", "removed", "removal_planned")]
    assert [version and str(version) for version in given] == recorded


@every_name
def test_platforms(name: str) -> None:
    """Where the name exists is as recorded, and where the example runs is known."""
    facts = _entry(name).facts
    if name not in reasons("platforms"):
        assert facts.platforms == availability(records()[name])
    assert facts.example.platforms in {None, *PLATFORMS}


def test_every_reason_is_about_an_entry() -> None:
    for table in ("differences", "platforms", "unreadable"):
        assert [name for name in reasons(table) if name not in CATALOG] == []


@every_name
def test_declaration(name: str) -> None:
    """Cut to each version, the declaration has the recorded parameters."""
    problems = []
    for version in VERSIONS:
        wanted = signature(records()[name], version)
        if present(records()[name], version) and wanted is not None and _entry(name).declaration.callable:
            problems += _differences(_entry(name), Version(version.minor, 99), wanted)
    assert not problems, "\n".join(problems)


@every_name
def test_running_existence(name: str) -> None:
    """The running Python has the name exactly when the entry says so."""
    entry = _entry(name)
    if _is_here(entry.facts.platforms):
        assert running.has(name) == _exists(entry.facts, running.VERSION)
    else:
        assert not running.has(name) or "win32" in records()[name].get("present", {"win32": []})


@every_name
def test_running_declaration(name: str) -> None:
    """Cut to the running version, the declaration has the parameters of the running Python."""
    entry = _entry(name)
    if not entry.declaration.callable or not running.has(name):
        return
    try:
        wanted = running.signature(name)
    except (TypeError, ValueError):
        assert name in reasons("unreadable")
        return
    problems = _differences(entry, running.VERSION, wanted)
    assert not problems, "\n".join(problems)


@every_name
def test_running_bases(name: str) -> None:
    """The base classes of an entry are base classes in the running Python."""
    found = running.find(name)
    if inspect.isclass(found):
        bases = {base: running.find(base) for base in _entry(name).facts.bases}
        assert [base for base, each in bases.items() if inspect.isclass(each) and not issubclass(found, each)] == []


@every_name
def test_changes(name: str) -> None:
    """Every recorded change since 3.9 is told, and none is invented."""
    entry, record = _entry(name), records()[name]
    recorded = {Version.parse(version) for version, _ in record.get("changed", [])}
    told = {change.version for change in entry.facts.changed}
    lives = [*entry.facts.parameters.values(), *entry.facts.facts, *entry.facts.raises, entry.facts]
    known = told | {version for life in lives for version in (life.since, life.deprecated, life.removed) if version}
    assert sorted(map(str, told - recorded)) == [], "told, but not recorded"
    missing = {version for version in recorded - known if version >= OLDEST}
    assert sorted(map(str, missing)) == [], "recorded, but not told"


@every_name
def test_own_words(name: str) -> None:
    """No run of eight words of an entry stands in the running Python's asyncio."""
    entry = _entry(name)
    facts = entry.facts
    texts = [entry.summary, facts.returns, facts.cancellation, facts.replacement]
    texts += [text for _, text in (*_lines(entry), *_prose(entry))]
    texts += [each.when for each in facts.raises]
    assert _copied(texts) == []


@every_name
def test_example(name: str) -> None:
    """The example prints what it says on every Python in its range that can be found."""
    if _entry(name).example is not None:
        _check_program(name)


@every_page
def test_page(page: str) -> None:
    """A page can be read, is in shape, in our own words, and links to what exists."""
    read = read_page(CONTENT / page)
    texts = [("title", read.facts.title), ("summary", read.summary), *_prose(read)]
    texts += [("facts", fact.text) for fact in read.facts.facts]
    problems = _style(texts) + _code(read.sections)
    problems += [f"see: {other} does not exist" for other in read.facts.see if other not in _linkable()]
    problems += [f"copied: {run}" for run in _copied([text for _, text in texts])]
    if "\n" in read.summary or not re.fullmatch(r"[A-Z`].*[^.]\.", read.summary):
        problems.append(f"summary: one sentence on one line, not {read.summary!r}")
    assert not problems, "\n".join(problems)


@every_page
def test_page_programs(page: str) -> None:
    """The programs of a page print what it says on every Python that they are for and that can be found."""
    programs = [program.id for program in _programs() if program.id.startswith(f"{page}:")]
    assert programs, "a page shows code that runs"
    for program in programs:
        _check_program(program)


@every_recipe
def test_recipe(slug: str) -> None:
    """A recipe can be read, is in shape, and is complete: parsed on its oldest Python it names what it imports."""
    recipe = read_recipe(CONTENT / f"recipes/{slug}.md")
    problems = _style([("title", recipe.facts.title), ("summary", recipe.summary)])
    problems += [f"copied: {run}" for run in _copied([recipe.summary])]
    if "\n" in recipe.summary or not re.fullmatch(r"[A-Z`].*[^.]\.", recipe.summary) or len(recipe.summary) > 110:
        problems.append(f"summary: one sentence of at most 110 characters on one line, not {recipe.summary!r}")
    problems += [f"wider than 100 characters: {line}" for line in recipe.code.splitlines() if len(line) > 100]
    stops = [int(number) for number in re.findall(r"\$\{(\d+):", recipe.snippet)]
    if stops != list(range(1, len(stops) + 1)):
        problems.append(f"the stops with defaults are not counted from 1: {stops}")
    if set(re.findall(r"\$\{?(\d+)", recipe.snippet)) != set(map(str, stops)):
        problems.append("each stop has a default, and the end is the end of the code")
    oldest = recipe.facts.since or OLDEST
    nodes = list(ast.walk(ast.parse(recipe.code, feature_version=(3, oldest.minor))))
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    owners = {node.value.id for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}
    if set(recipe.facts.imports) != owners - bound & sys.stdlib_module_names:
        problems.append(f"imports: {sorted(owners - bound)}")
    if (recipe.facts.needs is Surroundings.COROUTINE) != _awaits_outside(recipe):
        problems.append(f"needs: not {recipe.facts.needs}")
    assert not problems, "\n".join(problems)


def _awaits_outside(recipe: Recipe) -> bool:
    """Say whether the code of a recipe can only run in an `async def`."""
    compiled = compile(recipe.code, recipe.slug, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return bool(compiled.co_flags & inspect.CO_COROUTINE)


@every_recipe
def test_recipe_program(slug: str) -> None:
    """With its defaults the recipe does what its example says, on every Python that has what it names."""
    _check_program(f"recipes/{slug}.md")


@pytest.mark.parametrize("slug", [slug for slug in RECIPES if CATALOG.recipes[slug].facts.removed])
def test_recipe_for_older_versions(slug: str) -> None:
    """It ends where the better one begins, and says so in its name."""
    newer, _, last = slug.rpartition("-")
    removed = CATALOG.recipes[slug].facts.removed
    assert removed == CATALOG.recipes[newer].facts.since == Version(Version.parse(last).minor + 1)
    assert CATALOG.recipes[slug].facts.words == CATALOG.recipes[newer].facts.words


@pytest.mark.parametrize("minor", range(OLDEST.minor, NEWEST.minor + 1))
def test_recipes_of_a_version(minor: int) -> None:
    """Titles tell the recipes of a version apart."""
    titles = [each.facts.title for each in CATALOG.recipes.values() if each.fits(exactly(Version(minor), "test"))]
    assert len(titles) >= 22
    assert len(set(titles)) == len(titles)


def _entry(name: str) -> Entry:
    entry = CATALOG.find(name)
    assert entry is not None, f"{name} cannot be read; see test_schema"
    return entry


@cache
def _linkable() -> set[str]:
    """What `see` may name."""
    return {*CATALOG.names, *CATALOG.topics, *CATALOG.keywords}


def _lines(entry: Entry) -> list[tuple[str, str]]:
    """The texts of the typed fields that are Markdown in one line, each with its place."""
    facts = entry.facts
    texts = [(f"parameters.{key}", each.text) for key, each in facts.parameters.items()]
    texts += [("facts", fact.text) for fact in facts.facts]
    return [*texts, *(("changed", change.text) for change in facts.changed)]


def _prose(page: Entry | Page) -> list[tuple[str, str]]:
    """The texts of the body without code blocks, each with its place."""
    texts = [("description", page.description), *((f"section {each.title}", each.text) for each in page.sections)]
    return [(place, _BLOCK.sub("", text)) for place, text in texts]


_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILLER = re.compile(r"\b(simply|just|basically|obviously|easily|note that|in order to)\b", re.IGNORECASE)


def _style(texts: list[tuple[str, str]]) -> list[str]:
    problems = [f"{place}: filler word in {text!r}" for place, text in texts if _FILLER.search(text)]
    dashed = [place for place, text in texts if "\u2014" in text or "\u2013" in text]
    return problems + [f"{place}: no dashes, write a new sentence" for place in dashed]


def _code(sections: tuple[Section, ...]) -> list[str]:
    """Say which Python blocks of the sections are no Python."""
    problems = []
    for section in sections:
        for block in _BLOCK.finditer(section.text):
            try:
                ast.parse(block["text"] if block["language"] == "python" else "")
            except SyntaxError as error:
                problems.append(f"section {section.title}: {error}")
    return problems


def _words(markdown: str) -> int:
    """Count the words of prose in a hover: without code, and without the footer, which is its last line."""
    prose = plain(_BLOCK.sub("", markdown).rpartition("\n")[0])
    return sum(any(map(str.isalpha, word)) for word in prose.split())


def _differences(entry: Entry, version: Version, wanted: list[Recorded]) -> list[str]:
    """Compare the declaration as one release has it with what an interpreter has."""
    declared = entry.declaration_for(exactly(version, "test")).parameters
    through = {parameter.name for parameter in wanted if parameter.passing == "variadic keyword"}
    expected = {parameter.name for parameter in wanted}
    got = [
        comparable(parameter)
        for parameter in declared
        if parameter.name in expected or entry.facts.parameters[parameter.name].through not in through
    ]
    if got == wanted or str(version.feature) in differences().get(entry.name, {}):
        return []
    return [f"{version}:\n  declared {got}\n  recorded {wanted}"]


def _exists(life: Lifetime, version: Version) -> bool:
    return (life.since is None or life.since <= version) and (life.removed is None or life.removed > version)


def _is_here(platforms: str | None) -> bool:
    """Say whether what is for these platforms is for the running one."""
    if platforms in ("Unix", "Windows"):
        return (platforms == "Windows") == (sys.platform == "win32")
    return platforms not in PLATFORMS or sys.platform == platforms


@dataclass(frozen=True)
class Program:
    """A program of the content and what it prints; `life` and `platforms` say where it runs."""

    id: str
    text: str
    output: str
    life: Lifetime
    platforms: tuple[str | None, ...] = ()

    def runs_on(self, version: Version) -> bool:
        return all(map(_is_here, self.platforms)) and self.life.covers(exactly(version, "test"))


@cache
def _programs() -> list[Program]:
    """The examples of the entries by their names, recipes by their files, programs of the pages by file and line."""
    examples = [program for name in CATALOG.names if (entry := CATALOG.find(name)) for program in _example(entry)]
    recipes = [_recipe_program(recipe) for recipe in CATALOG.recipes.values()]
    return examples + recipes + [program for page in PAGES for program in _page_programs(page)]


def _example(entry: Entry) -> Iterator[Program]:
    if entry.example is not None:
        name, example = entry.facts, entry.example.lifetime
        since = max(filter(None, (name.since, example.since)), default=None)
        removed = min(filter(None, (name.removed, example.removed)), default=None)
        platforms = (name.platforms, example.platforms)
        yield Program(
            entry.name, entry.example.program, entry.example.output, Lifetime(since, None, removed), platforms
        )


_MARK = re.compile(r"^(?P<indent> *)# recipe\n", re.MULTILINE)


def _recipe_program(recipe: Recipe) -> Program:
    """The example with the code in the place of its mark; it still runs where another recipe is the better one."""
    assert len(_MARK.findall(recipe.example.program)) == 1, recipe.slug
    program = _MARK.sub(lambda mark: indent(recipe.code, mark["indent"]) + "\n", recipe.example.program)
    return Program(f"recipes/{recipe.slug}.md", program, recipe.example.output, Lifetime(recipe.facts.since))


_PROGRAM = re.compile(r"^```python\n(?P<text>.*?)^```\n\n```text\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)
_PYTHONS = re.compile(r"# Python (?P<first>3\.\d+)(?:\+| to (?P<last>3\.\d+))\n")


def _page_programs(page: str) -> Iterator[Program]:
    """Each Python block with its output in the next block; a first line `# Python 3.11+` says where it runs."""
    content = (CONTENT / page).read_text(encoding="utf-8")
    for block in _PROGRAM.finditer(content):
        pythons = _PYTHONS.match(block["text"])
        since = Version.parse(pythons["first"]) if pythons else None
        last = Version.parse(pythons["last"]) if pythons and pythons["last"] else None
        life = Lifetime(since, None, Version(last.minor + 1) if last else None)
        yield Program(f"{page}:{content.count(chr(10), 0, block.start()) + 1}", block["text"], block["output"], life)


def _check_program(name: str) -> None:
    """Compare what a program did on each Python with what the content says."""
    (program,) = (each for each in _programs() if each.id == name)
    results = {version: results[name] for version, results in _results().items() if name in results}
    assert set(results) == {version for version in _interpreters() if program.runs_on(version)}
    expected = (0, program.output, "")
    for version, first in results.items():
        result = first
        # Programs sleep for hundredths of a second: on a machine under load a task may overtake another one.
        for _ in range(2):
            if result != expected:
                (result,) = _answers(_started(_interpreters()[version], [program]))
        assert result == expected, f"{name} on {version}: {result[2]}"


@cache
def _interpreters() -> dict[Version, str]:
    """The running interpreter, and in the full run the other ones that the machine has."""
    found = {Version(sys.version_info.minor, sys.version_info.micro): sys.executable}
    if os.environ.get("ASYNCIO_LSP_PYTHONS", "all") == "all":
        folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
        folders += sorted(Path.home().glob(".pyenv/versions/3.*/bin"))
        for minor in range(OLDEST.minor, NEWEST.minor + 1):
            for folder in folders:
                program = folder / f"python3.{minor}"
                if program.exists() and "shims" not in folder.parts:
                    command = [str(program), "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]
                    exact = subprocess.run(command, capture_output=True, text=True, check=False)
                    if exact.returncode == 0:
                        found.setdefault(Version.parse(exact.stdout), str(program))
                        break
    return found


@cache
def _results() -> dict[Version, dict[str, Result]]:
    """What each program did, in one process per interpreter; all interpreters at once."""
    only = os.environ.get("ASYNCIO_LSP_ONLY")
    wanted = [program for program in _programs() if not only or program.id in only.split(",")]
    programs = {version: [each for each in wanted if each.runs_on(version)] for version in _interpreters()}
    processes = {version: _started(path, programs[version]) for version, path in _interpreters().items()}
    return {
        version: dict(zip((program.id for program in programs[version]), _answers(process), strict=True))
        for version, process in processes.items()
    }


Result = tuple[int, str, str]
"""Exit status, output and errors."""


def _started(interpreter: str, programs: list[Program]) -> subprocess.Popen[str]:
    command = [interpreter, "-W", "error", str(Path(__file__).with_name("run_examples.py"))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    with process.stdin:
        json.dump([program.text for program in programs], process.stdin)
    return process


def _answers(process: subprocess.Popen[str]) -> list[Result]:
    assert process.stdout
    with process.stdout:
        answers = json.load(process.stdout)
    assert process.wait() == 0
    return [(status, output, errors) for status, output, errors in answers]


def _copied(texts: list[str | None]) -> list[str]:
    """The runs of eight words that also stand in the running Python's asyncio."""
    return [run for text in texts if text for run in _runs(text) if run in _foreign_runs()]


@cache
def _foreign_runs() -> set[str]:
    """The eight-word runs of the running Python's asyncio package, its docstrings included."""
    folder = Path(asyncio.__file__).parent
    return {run for path in folder.glob("*.py") for run in _runs(path.read_text(encoding="utf-8"))}


def _runs(text: str) -> list[str]:
    words = re.findall(r"[a-z0-9_]+", text.lower())
    return [" ".join(words[start : start + 8]) for start in range(len(words) - 7)]
