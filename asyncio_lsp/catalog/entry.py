"""What an entry is made of: these classes are the schema of the front matter in `content/`.

Field names here are the keys there; `content/README.md` explains them to writers.
Texts are Markdown in one line, without a heading.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from asyncio_lsp.catalog import snippets
from asyncio_lsp.catalog.declaration import Declaration, Kind
from asyncio_lsp.catalog.version import Lifetime, Target, Version


class Use(StrEnum):
    """How a name is used; the order of an entry's list is the order of the hover."""

    AWAIT = "await"
    ASYNC_WITH = "async with"
    WITH = "with"
    ASYNC_FOR = "async for"
    FOR = "for"
    CALL = "call"
    DECORATE = "decorate"
    SUBCLASS = "subclass"
    ANNOTATE = "annotate"
    EXCEPT = "except"
    READ = "read"
    CALLBACK = "callback"


class Trait(StrEnum):
    """What notes have to know of a name."""

    KEEP_RESULT = "keep-result"
    """What it returns is lost when nobody keeps it."""
    NEEDS_LOOP = "needs-loop"
    """It raises RuntimeError where no loop runs."""
    IMPLICIT_LOOP = "implicit-loop"
    """Where no loop runs it falls back on one that was set, and fails when there is none."""
    SETS_LOOP = "sets-loop"
    """It makes a loop the current one of its thread."""
    RUNS_LOOP = "runs-loop"
    """It raises RuntimeError where a loop runs already."""
    DEADLINE = "deadline"
    """A context manager that cancels its block and raises TimeoutError when the block is left."""
    CANCELLATION = "cancellation"
    """The exception that cancels."""
    UNCANCELS = "uncancels"
    """It takes a request to cancel back."""
    TIMEOUT_ERROR = "timeout-error"
    """Another name of the builtin TimeoutError, and another class in old versions."""
    BLOCKING_RESULT = "blocking-result"
    """Asking its result for the value blocks the thread."""


class Takes(StrEnum):
    """What notes have to know of a parameter."""

    COROUTINE = "coroutine"
    """A coroutine, not the function that makes one."""
    CALLABLE = "callable"
    """A function, not its result."""
    FACTORY = "factory"
    """A function that makes something, never the thing made."""
    SPREAD = "spread"
    """Awaitables as arguments of their own, not in a list."""
    TASKS = "tasks"
    """Tasks and futures, no coroutines."""
    KEPT = "kept"
    """Something that the caller keeps a reference to."""


@dataclass(frozen=True)
class ParameterFacts(Lifetime):
    """What is known of one parameter beyond its declaration."""

    text: str = field(kw_only=True)
    documented: str | None = None
    """Its name in the Python documentation, where the code has another."""
    through: str | None = None
    """The `**name` parameter that it travels through in the versions whose signature does not list it."""
    values: tuple[str, ...] = ()
    """All values that make sense, as code."""
    takes: tuple[Takes, ...] = ()


@dataclass(frozen=True)
class Raise(Lifetime):
    """An error and the condition that raises it: "`when` …"."""

    error: str = field(kw_only=True)
    when: str = field(kw_only=True)


@dataclass(frozen=True)
class Fact(Lifetime):
    """Something that people get wrong; the first ones reach the hover."""

    text: str = field(kw_only=True)


@dataclass(frozen=True)
class Change:
    """What a version changed for those who used the name before."""

    version: Version
    text: str


@dataclass(frozen=True)
class ExampleFacts(Lifetime):
    """Where the example runs, when that is less than where the name exists."""

    platforms: str | None = None


@dataclass(frozen=True)
class FrontMatter(Lifetime):
    """The typed part of a content file."""

    declaration: str = field(kw_only=True)
    docs: str | None = None
    """Page and anchor below docs.python.org/3.N/."""
    use: tuple[Use, ...] = ()
    """Left out when the declaration says it: `async def` is awaited, other callables are called."""
    use_since: dict[Use, Version] = field(default_factory=dict)
    """The versions from which some of the uses work, when that is later than the name itself."""
    traits: tuple[Trait, ...] = ()
    bases: tuple[str, ...] = ()
    """Base classes that have entries; their members are answered too."""
    platforms: str | None = None
    """Where it exists, as the Python documentation names it ("Unix", "Windows"); None is everywhere."""
    removal_planned: Version | None = None
    replacement: str | None = None
    """What to use instead of a deprecated or removed name."""
    replacement_code: str | None = None
    """A dotted name of another module that can be written in its place, whatever stands around it."""
    thread_safe: bool = False
    returns: str | None = None
    """What the result is: for a coroutine function, of the `await`."""
    cancellation: str | None = None
    """What happens when the code that waits here is cancelled."""
    enters: str | None = None
    """Annotation of what `as` binds in `with` or `async with`; "Self" is the object itself."""
    iterates: str | None = None
    """Annotation of what `for` or `async for` binds."""
    awaits: str | None = None
    """Annotation of what awaiting an object of this class gives."""
    parameters: dict[str, ParameterFacts] = field(default_factory=dict)
    raises: tuple[Raise, ...] = ()
    facts: tuple[Fact, ...] = ()
    changed: tuple[Change, ...] = ()
    example: ExampleFacts = field(default_factory=ExampleFacts)
    see: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """The schema of `resolution.toml`: how code speaks of the classes that have entries."""

    implementations: dict[str, str] = field(default_factory=dict)
    """Classes of asyncio that are not public, and the public one that documents their objects."""
    in_practice: dict[str, str] = field(default_factory=dict)
    """Abstract classes, and the class that their objects have in practice."""
    variables: dict[str, str] = field(default_factory=dict)
    """Names of variables, and the class whose objects they hold by convention."""


class Where(StrEnum):
    """Where a refactoring is offered."""

    COROUTINE = "coroutine"
    """Directly inside an `async def`."""
    OUTSIDE = "outside"
    """Anywhere else."""


class Result(StrEnum):
    """What may become of the result of a call that a refactoring rewrites."""

    USED = "used"
    UNUSED = "unused"


@dataclass(frozen=True)
class Refactoring:
    """A way to write a call of a public name otherwise; `refactorings.toml` explains the fields."""

    call: str
    title: str
    where: Where
    callee: str | None = None
    expression: str | None = None
    statement: str | None = None
    receiver: str | None = None
    coroutines: tuple[str, ...] = ()
    result: Result = Result.USED

    @property
    def code(self) -> str:
        """What it writes, whatever that stands for."""
        return self.callee or self.expression or self.statement or ""


@dataclass(frozen=True)
class Refactorings:
    """The schema of `refactorings.toml`."""

    refactorings: tuple[Refactoring, ...] = ()


@dataclass(frozen=True)
class Example:
    """A program that runs, the part of it worth showing, and what it prints."""

    program: str
    visible: str
    output: str
    lifetime: ExampleFacts


@dataclass(frozen=True)
class Section:
    """A part of the page that the hover leaves out."""

    title: str
    text: str


@dataclass(frozen=True, eq=False)
class Entry:
    """The documentation of one public name; two entries are equal when they are the same object."""

    name: str
    declaration: Declaration
    facts: FrontMatter
    summary: str
    description: str
    sections: tuple[Section, ...]
    example: Example | None

    @property
    def kind(self) -> Kind:
        """What the name is."""
        return self.declaration.kind

    @property
    def parent(self) -> str:
        """The class or module that the name belongs to."""
        return self.name.rpartition(".")[0]

    @property
    def use(self) -> tuple[Use, ...]:
        """How the name is used."""
        if self.facts.use:
            return self.facts.use
        if self.kind in (Kind.COROUTINE_FUNCTION, Kind.COROUTINE_METHOD):
            return (Use.AWAIT,)
        if self.kind is Kind.EXCEPTION:
            return (Use.EXCEPT,)
        return (Use.CALL,) if self.declaration.callable else (Use.READ,)

    def declaration_for(self, target: Target) -> Declaration:
        """Cut the declaration to the parameters of the newest version of the target that has the name."""
        facts = self.facts.parameters
        newest = self._newest(target)
        return self.declaration.cut({name for name in facts if facts[name].exists_in(newest)})

    def declaration_until(self, target: Target) -> Declaration:
        """The same, and the parameters that are newer than the target still in their places."""
        facts = self.facts.parameters
        newest = self._newest(target)
        kept = {name for name, life in facts.items() if life.exists_in(newest) or (life.since or newest) > newest}
        return self.declaration.cut(kept)

    def _newest(self, target: Target) -> Version:
        removed = self.facts.removed
        if removed is None or removed.feature > target.last:
            return target.last
        return Version(removed.minor - 1)


@dataclass(frozen=True)
class PageFacts:
    """The typed part of a page about a topic or a keyword."""

    title: str
    docs: str | None = None
    see: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page about a topic or a keyword; `slug` is the file's name."""

    slug: str
    facts: PageFacts
    summary: str
    description: str
    sections: tuple[Section, ...]
    example: Example | None


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    HINT = "hint"


@dataclass(frozen=True)
class NoteFacts:
    """The typed part of a note: the front matter of a file in `notes/`.

    The file's name is the note's id and the condition that earns it; `{…}` in messages are filled in by the condition.
    """

    severity: Severity
    messages: dict[str, str]
    """By the variant of the condition; most have only `default`."""
    default: tuple[str, ...] = ()
    """The variants that are reported without being asked for: what no type checker and no Ruff rule reports."""
    doubles: tuple[str, ...] = ()
    """Rules of other tools that report the same, as their documentation names them."""
    calls: tuple[str, ...] = ()
    """Callables outside asyncio that the condition is about."""
    fixes: dict[str, str] = field(default_factory=dict)
    """Titles of the quick fixes by what they do."""
    writes: dict[str, str] = field(default_factory=dict)
    """Code that they write, with public names of asyncio in `<…>` and what the place gives in `{…}`."""


@dataclass(frozen=True)
class NotePage:
    """A note and the page that explains it."""

    id: str
    facts: NoteFacts
    summary: str
    description: str
    sections: tuple[Section, ...]


class Surroundings(StrEnum):
    """Where a recipe can stand."""

    MODULE = "module"
    """At the outermost level: programs and definitions."""
    COROUTINE = "coroutine"
    """In an `async def`."""
    FUNCTION = "function"
    """In a `def`, where no event loop is held up."""


@dataclass(frozen=True)
class RecipeFacts(Lifetime):
    """The typed part of a recipe.

    `removed` is the version from which another recipe is the better one; the code still runs there.
    """

    title: str = field(kw_only=True)
    words: tuple[str, ...] = ()
    """What people call it, beside the words of the title."""
    imports: tuple[str, ...] = ("asyncio",)
    """The modules that it names in full."""
    needs: Surroundings = field(kw_only=True)


@dataclass(frozen=True)
class Recipe:
    """Code to insert for a whole idiom; `slug` is the file's name."""

    slug: str
    facts: RecipeFacts
    summary: str
    snippet: str
    """In the syntax of LSP snippets, indented by four spaces."""
    example: Example
    """A program with a line `# recipe` where the code goes, and what it prints then."""

    @property
    def code(self) -> str:
        """The snippet with its defaults filled in."""
        return snippets.expanded(self.snippet)

    def fits(self, target: Target) -> bool:
        """Say whether it runs on every version of a target, and no other recipe is better on all of them."""
        return self.facts.exists_in(target.oldest)
