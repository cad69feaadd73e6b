"""All that a condition may look at: a statement, the symbols in it, and what surrounds it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from asyncio_lsp.analysis import blocks, scopes
from asyncio_lsp.analysis.evaluate import Evaluator
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import AsyncioModule, Instance, Symbol, Value, options
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.entry import Entry, Trait
from asyncio_lsp.catalog.version import Target, Version

_SUPPRESSING = ("suppress(",)
_EXPECTING = ("assertRaises", "assertWarns", ".raises(", ".warns(", ".deprecated_call(")
"""How unittest and pytest say that code has to fail or to warn."""


_DEEPEST = 60


@dataclass(frozen=True)
class Spot:
    """A piece of syntax, the place it stands in, and the syntax around it, innermost first."""

    node: ast.AST
    place: Place
    around: tuple[ast.AST, ...]

    @property
    def parent(self) -> ast.AST | None:
        """The syntax directly around it."""
        return self.around[0] if self.around else None

    @property
    def is_annotation(self) -> bool:
        """Say whether it stands in an annotation."""
        inner: ast.AST = self.node
        for outer in self.around:
            if isinstance(outer, ast.arg | ast.AnnAssign) and inner is outer.annotation:
                return True
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and inner is outer.returns:
                return True
            inner = outer
        return False


@dataclass(frozen=True)
class Scene:
    """One statement of a document and the versions it has to work on."""

    catalog: Catalog
    evaluator: Evaluator
    source: Source
    statement: Statement
    target: Target

    # Syntax

    @cached_property
    def spots(self) -> list[Spot]:
        """All syntax of the statement, outermost first; what is nested too deep is left out."""
        place = Place(self.source, self.statement)
        waiting = [Spot(node, place, ()) for node in reversed(self.statement.tree)]
        found = []
        while waiting:
            spot = waiting.pop()
            found.append(spot)
            if len(spot.around) < _DEEPEST:
                waiting += reversed(list(self._inside(spot)))
        return found

    def _inside(self, spot: Spot) -> Iterator[Spot]:
        place = spot.place
        if isinstance(spot.node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda):
            place = self.evaluator.inside(spot.node, place)
        for child in ast.iter_child_nodes(spot.node):
            yield Spot(child, place, (spot.node, *spot.around))

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias | ast.ExceptHandler) -> Span:
        """Where a piece of syntax stands."""
        return self.statement.node_span(node)

    def name_span(self, node: ast.expr) -> Span:
        """Where the last identifier of a dotted name stands."""
        span = self.span(node)
        if isinstance(node, ast.Attribute):
            return Span(Position(span.end.line, max(0, span.end.column - len(node.attr))), span.end)
        return span

    def text(self, node: ast.expr) -> str:
        """The reader's own code, shortened to one line."""
        text = ast.unparse(node)
        return text if len(text) <= 40 else text[:37] + "…"

    def source_text(self, node: ast.expr) -> str:
        """A piece of syntax exactly as it is written, with all its lines."""
        (first, column), (last, end) = self.span(node)
        lines = self.source.lines[first : last + 1]
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][column:]
        return "\n".join(lines)

    @property
    def blank(self) -> str:
        """The white space before the statement."""
        first = self.statement.lines[0]
        return first[: len(first) - len(first.lstrip())]

    @property
    def stands_alone(self) -> bool:
        """Say whether the statement has its lines for itself, so that others can be written before and behind it."""
        return len(self.statement.tree) == 1 and not self.statement.is_header

    # Symbols

    def spelled(self, name: str, place: Place) -> str | None:
        """How code at a place can write a public name; None where nothing imports it."""
        root, _, rest = name.partition(".")
        module = self.evaluator.name(root, place)
        if isinstance(module, AsyncioModule) and module.path == root:
            return name
        found = self.evaluator.name(rest, place)
        return rest if isinstance(found, Symbol) and found.name == name else None

    def free_name(self, wanted: str) -> str:
        """A name for a variable that the document does not use yet."""
        words = {word for number in range(len(self.source.lines)) for word, _ in self.source.words(number)}
        numbered = (f"{wanted}_{number}" for number in range(2, len(words) + 3))
        return next(name for name in (wanted, *numbered) if name not in words)

    def value(self, node: ast.expr, spot: Spot) -> Value:
        """What an expression gives."""
        return self.evaluator.value(node, spot.place)

    def entry(self, node: ast.expr, spot: Spot) -> Entry | None:
        """The entry of the public name that an expression stands for; None for a guess, or one of several."""
        names = {_public_name(option) for option in options(self.named(node, spot))}
        name = names.pop() if len(names) == 1 else None
        return self.catalog.find(name) if name is not None else None

    def class_of(self, node: ast.expr, spot: Spot) -> Entry | None:
        """The entry of the public class that an object surely belongs to; None for a guess, or one of several."""
        if "type: ignore" in self.statement.text:
            return None  # The reader says that the types are not what they seem.
        found = options(self.value(node, spot))
        names = {option.cls for option in found if isinstance(option, Instance) and not option.guessed}
        return self.catalog.find(names.pop()) if len(names) == len(found) == 1 else None

    def named(self, node: ast.expr, spot: Spot) -> Value:
        """What a name stands for, before a property is read."""
        if isinstance(node, ast.Attribute):
            return self.evaluator.attribute(self.value(node.value, spot), node.attr)
        return self.value(node, spot)

    # Surroundings

    @cached_property
    def coroutine(self) -> Statement | None:
        """The `async def` that the statement runs in directly."""
        return blocks.coroutine_function(self.source, self.statement)

    @cached_property
    def function(self) -> Statement | None:
        """The function that the statement stands in."""
        return scopes.function_of(self.source, self.statement)

    @cached_property
    def narrowed(self) -> Target | None:
        """The target that is left where checks of the Python version surround the statement; None for none."""
        oldest, newest = self.target.oldest, self.target.newest
        for check in blocks.version_checks(self.source, self.statement):
            version = Version(check.minor)
            if check.or_later and version > oldest:
                oldest = version
            elif not check.or_later and (newest is None or version <= newest.feature):
                newest = Version(check.minor - 1)
        if newest is not None and newest.feature < oldest.feature:
            return None
        return replace(self.target, oldest=oldest, newest=newest)

    @cached_property
    def asked_for(self) -> bool:
        """Say whether the statement runs only where a test found that it can.

        That is `hasattr`, `TYPE_CHECKING`, or something that depends on the version or on an import that may fail.
        """
        own = [self.statement] if self.statement.word in ("if", "elif", "while", "assert") else []
        tests = []
        for header in self.source.parents(self.statement):
            if header.word in ("if", "elif", "while"):
                tests.append(header)
            if header.word in ("else", "elif"):
                tests += blocks.tests_above(self.source, header)
        return any(blocks.asks_for_something(self.source, header) for header in (*own, *tests)) or any(
            isinstance(node, ast.IfExp) and blocks.asks(self.source, node.test)
            for tree in self.statement.tree
            for node in ast.walk(tree)
        )

    def caught_around(self, *names: str) -> bool:
        """Say whether the statement stands in a `try`, or a `with suppress`, that catches one of these builtins."""
        for _, clause in blocks.handlers_around(self.source, self.statement):
            kinds = blocks.caught(clause)
            if kinds is not None and any(isinstance(kind, ast.Name) and kind.id in names for kind in kinds):
                return True
        return any(
            word in header.text and any(name in header.text for name in names)
            for header in self._with_headers
            for word in _SUPPRESSING
        )

    @property
    def meant_to_fail(self) -> bool:
        """Say whether a test expects the statement to fail or to warn."""
        return any(word in header.text for header in (self.statement, *self._with_headers) for word in _EXPECTING)

    @property
    def warnings_are_handled(self) -> bool:
        """Say whether the reader knows about the warnings: they are caught here."""
        return any("catch_warnings(" in header.text for header in self._with_headers)

    @cached_property
    def _with_headers(self) -> list[Statement]:
        return [header for header in self.source.parents(self.statement) if header.word in ("with", "async with")]

    def managers(self) -> Iterator[tuple[Statement, ast.withitem, Value]]:
        """The context managers whose blocks the statement runs in, within its function, innermost first."""
        for header in self.source.parents(self.statement):
            if header.is_function:
                return
            if header.word not in ("with", "async with"):
                continue
            place = Place(self.source, header)
            for node in header.tree:
                if isinstance(node, ast.With | ast.AsyncWith):
                    for item in reversed(node.items):
                        yield header, item, self.evaluator.value(item.context_expr, place)

    def manager_entry(self, header: Statement, item: ast.withitem) -> Entry | None:
        """The entry of the function or class that made a context manager."""
        node = item.context_expr
        if not isinstance(node, ast.Call):
            return None
        return self.entry(node.func, Spot(node, Place(self.source, header), ()))

    @cached_property
    def in_lambda_free_code(self) -> bool:
        """Say whether the statement holds no lambda, whose body runs at another time."""
        return "lambda" not in self.statement.text

    @cached_property
    def evaluates_annotations(self) -> bool:
        """Say whether annotations here are evaluated when the program runs."""
        if self.function is not None and not self.statement.is_function:
            return False
        return not any("annotations" in each.binds for each in self.source.binding("annotations") if each.is_import)

    @cached_property
    def loop_is_near(self) -> bool:
        """Say whether the function around is known to run inside a loop, or cannot be judged."""
        function = self.function
        if function is None:
            return self._awaits_at_module_level
        if any(header.word == "async def" for header in self.source.parents(self.statement)):
            return True
        owner = scopes.class_of(self.source, function)
        if owner is not None and self._has_asyncio_base(owner):
            return True
        return self._handed_to_asyncio(function) or self._only_coroutines_call(function)

    @cached_property
    def has_foreign_base(self) -> bool:
        """Say whether the function is a method of a class with a base that nothing is known of."""
        owner = scopes.class_of(self.source, self.function) if self.function is not None else None
        node = scopes.definition(owner) if owner is not None else None
        bases = node.bases if isinstance(node, ast.ClassDef) else []
        return any(not (isinstance(base, ast.Name) and base.id == "object") for base in bases)

    def _has_asyncio_base(self, owner: Statement) -> bool:
        node = scopes.definition(owner)
        place = Place(self.source, owner)
        bases = node.bases if isinstance(node, ast.ClassDef) else []
        return any(self.entry(base, Spot(base, place, ())) is not None for base in bases)

    @property
    def _awaits_at_module_level(self) -> bool:
        """Say whether the file is meant for a console or a notebook, whose loop runs all the time."""
        return any(
            scopes.function_of(self.source, statement) is None
            and any(isinstance(node, ast.Await) for tree in statement.tree for node in ast.walk(tree))
            for statement in self.source.statements
            if "await " in statement.text
        )

    def _handed_to_asyncio(self, function: Statement) -> bool:
        """Say whether a function is an argument somewhere: then somebody else decides when it runs."""
        node = scopes.definition(function)
        if node is None:
            return True
        return any(use == "argument" for _, use in self._uses(node.name))

    def _only_coroutines_call(self, function: Statement) -> bool:
        node = scopes.definition(function)
        if node is None:
            return True
        calls = [statement for statement, use in self._uses(node.name) if use == "call"]
        return bool(calls) and all(blocks.coroutine_function(self.source, statement) for statement in calls)

    def _uses(self, name: str) -> Iterator[tuple[Statement, str]]:
        """Where a function of the file is called or handed on."""
        for statement in self.source.statements:
            if name not in statement.text or not statement.word:
                continue
            for tree in statement.tree:
                for node in ast.walk(tree):
                    if isinstance(node, ast.Call) and _is_named(node.func, name):
                        yield statement, "call"
                    if any(_is_named(value, name) for value in _held(node)):
                        yield statement, "argument"

    def sets_loop(self) -> bool:
        """Say whether the function around makes a loop the current one before the statement."""
        return any(
            Trait.SETS_LOOP in entry.facts.traits for line, entry in self._loop_calls if line < self.statement.line
        )

    def runs_loop(self) -> bool:
        """Say whether the function around runs a loop itself, so that none runs before."""
        return any(Trait.RUNS_LOOP in entry.facts.traits for _, entry in self._loop_calls)

    @cached_property
    def _loop_calls(self) -> list[tuple[int, Entry]]:
        """The calls of the function around, or of the module's own code, that concern loops, with their lines."""
        found = []
        for statement in self.source.statements:
            text = statement.text
            if ("loop" in text or "run" in text) and scopes.function_of(self.source, statement) is self.function:
                scene = replace(self, statement=statement)
                calls = ((spot, spot.node.func) for spot in scene.spots if isinstance(spot.node, ast.Call))
                found += [(statement.line, entry) for spot, name in calls if (entry := scene.entry(name, spot))]
        return found


def _held(node: ast.AST) -> list[ast.expr]:
    """What a piece of syntax hands on as it is."""
    match node:
        case ast.Call():
            return [*node.args, *(keyword.value for keyword in node.keywords)]
        case ast.Return(value=ast.expr() as value) | ast.Assign(value=value):
            return [value]
        case ast.Dict(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            return values
    return []


def _public_name(value: Value) -> str | None:
    """The name of the entry that a value stands for; None for a guess and for everything else."""
    if isinstance(value, Symbol) and not (value.receiver and value.receiver.guessed):
        return value.name
    return value.path if isinstance(value, AsyncioModule) else None


def _is_named(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)
