"""Conditions on blocks: `with`, `for` and `except`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from asyncio_lsp.analysis import blocks
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import External, Symbol, Value, options
from asyncio_lsp.catalog.entry import Entry, Severity, Trait, Use
from asyncio_lsp.catalog.version import Version
from asyncio_lsp.features.notes.arguments import matched
from asyncio_lsp.features.notes.finding import Edit, Finding, Fix
from asyncio_lsp.features.notes.scene import Scene, Spot
from asyncio_lsp.features.notes.texts import filled, finding, fix_title, short, written

_SAME_CLASS_SINCE = Version(11)
_TIMEOUT, _BASE = "TimeoutError", "OSError"
_LIMIT = "timeout"
"""What a parameter is called that limits the time."""
_ROOTS = ("BaseException",)
_LEAVING = ("pass", "return", "break", "continue")
"""Statements that `raise` can stand for at the end of a handler."""


def on_with(scene: Scene, node: ast.With | ast.AsyncWith, spot: Spot) -> Iterator[Finding | None]:
    """`with` for an asynchronous context manager, and the reverse."""
    asynchronous = isinstance(node, ast.AsyncWith)
    for item in node.items:
        entry = scene.class_of(item.context_expr, spot)
        wrong = _wrong_with(entry, asynchronous=asynchronous) if entry is not None else None
        if entry is None or wrong is None:
            continue
        made = item.context_expr
        callee = made.func if isinstance(made, ast.Call) else made
        yield finding(
            scene,
            "wrong-with",
            scene.name_span(callee),
            (scene.entry(callee, spot) or entry).name,
            wrong,
            severity=Severity.ERROR,
            fixes=_with_fix(scene, node, asynchronous=asynchronous),
            name=scene.text(made),
        )


def _wrong_with(entry: Entry, *, asynchronous: bool) -> str | None:
    if Use.ASYNC_WITH in entry.use and Use.WITH not in entry.use and not asynchronous:
        return "async"
    if Use.WITH in entry.use and Use.ASYNC_WITH not in entry.use and asynchronous:
        return "sync"
    return None


def _with_fix(scene: Scene, node: ast.With | ast.AsyncWith, *, asynchronous: bool) -> tuple[Fix, ...]:
    start = scene.span(node).start
    if asynchronous:
        title = fix_title(scene, "wrong-with", "plain-with")
        if title is None or len(node.items) > 1:
            return ()
        return (Fix(title, (_without_async(scene, start),), safe=True),)
    title = fix_title(scene, "wrong-with", "async-with")
    if title is None or scene.coroutine is None or len(node.items) > 1:
        return ()
    return (Fix(title, (Edit(Span(start, start), "async "),), safe=True),)


def on_for(scene: Scene, node: ast.For | ast.AsyncFor, spot: Spot) -> Iterator[Finding | None]:
    """`for` over what only `async for` can loop over, and the reverse."""
    asynchronous = isinstance(node, ast.AsyncFor)
    made = scene.entry(node.iter.func, spot) if isinstance(node.iter, ast.Call) else None
    if made is not None and asynchronous and Use.ASYNC_FOR in made.facts.use_since and scene.narrowed is not None:
        since = made.facts.use_since[Use.ASYNC_FOR]
        if since > scene.narrowed.oldest:
            severity = Severity.ERROR if since.feature > scene.narrowed.last else Severity.WARNING
            yield _for(scene, node, made.name, "version", severity, since)
        return
    entry = scene.class_of(node.iter, spot)
    if entry is not None and not asynchronous and Use.ASYNC_FOR in entry.use and Use.FOR not in entry.use:
        yield _for(scene, node, entry.name, "async", Severity.ERROR)
    elif asynchronous and isinstance(node.iter, ast.List | ast.Tuple | ast.Set | ast.ListComp):
        yield _for(scene, node, "", "sync", Severity.ERROR)


def _for(
    scene: Scene,
    node: ast.For | ast.AsyncFor,
    symbol: str,
    variant: str,
    severity: Severity,
    since: Version | None = None,
) -> Finding | None:
    callee = node.iter.func if isinstance(node.iter, ast.Call) else node.iter
    return finding(
        scene,
        "wrong-for",
        scene.name_span(callee),
        symbol,
        variant,
        severity=severity,
        fixes=_for_fix(scene, node, variant),
        name=scene.text(node.iter),
        since=since,
        python=scene.narrowed,
    )


def _for_fix(scene: Scene, node: ast.For | ast.AsyncFor, variant: str) -> tuple[Fix, ...]:
    start = scene.span(node).start
    if variant == "async" and scene.coroutine is not None and (title := fix_title(scene, "wrong-for", "async-for")):
        return (Fix(title, (Edit(Span(start, start), "async "),), safe=True),)
    if variant == "sync" and (title := fix_title(scene, "wrong-for", "plain-for")):
        return (Fix(title, (_without_async(scene, start),), safe=True),)
    return ()


def _without_async(scene: Scene, start: Position) -> Edit:
    """Take `async` and the white space behind it away."""
    word = scene.source.lines[start.line][start.column :]
    width = len(word) - len(word.removeprefix("async").lstrip())
    return Edit(Span(start, start._replace(column=start.column + width)), "")


def on_except(scene: Scene) -> Iterator[Finding | None]:
    """What an `except` earns."""
    kinds = blocks.caught(scene.statement)
    opening = blocks.opening(scene.source, scene.statement)
    if kinds is None or opening is None or opening.word != "try":
        return
    body = [each for each in scene.source.block(opening) if each.line < scene.statement.line]
    yield timeout_caught_inside(scene, kinds, body)
    yield timeout_missed(scene, kinds, body)
    yield cancellation_swallowed(scene, kinds, body)


def timeout_caught_inside(scene: Scene, kinds: list[ast.expr], body: list[Statement]) -> Finding | None:
    """`except TimeoutError` inside the block whose end raises it."""
    if scene.coroutine is None or not any(_is_timeout(scene, kind) for kind in kinds):
        return None
    if not _awaits(body) or any(_raises_timeout(entry, or_base=True) for entry in _called(scene, body)):
        return None
    for header, item, _ in scene.managers():
        manager = scene.manager_entry(header, item)
        if manager is not None and Trait.DEADLINE in manager.facts.traits:
            kind = next(each for each in kinds if _is_timeout(scene, each))
            return finding(
                scene,
                "timeout-caught-inside",
                scene.span(kind),
                manager.name,
                fixes=_moved_out(scene, header),
                related=((header.node_span(item.context_expr), "the deadline is set here"),),
                manager=scene.text(item.context_expr),
                line=header.line + 1,
            )
    return None


def _moved_out(scene: Scene, header: Statement) -> tuple[Fix, ...]:
    """Turn `with: try: … except: …` inside out, where the block holds nothing else and every line can move."""
    title = fix_title(scene, "timeout-caught-inside", "move-except-out")
    source, clause = scene.source, scene.statement
    inside = [each for each in source.block(header) if source.parents(each)[0] is header]
    if title is None or len(inside) != 2 or inside[1] is not clause or len(header.lines) > 1:
        return ()
    opening = inside[0]
    outer, inner = _blank(header), _blank(opening)
    rows = range(clause.line, source.end_of_block(clause))
    moved = [row for row in rows if source.lines[row].startswith(inner)]
    if opening.text.strip() != "try:" or header.body_start is not None or not inner.startswith(outer):
        return ()
    if any('"""' in source.lines[row] or "'''" in source.lines[row] for row in rows):
        return ()  # A string over several lines would change.
    edits = [
        Edit(Span(Position(header.line, 0), Position(header.line, len(outer))), f"{outer}try:\n{inner}"),
        Edit(Span(Position(opening.line, 0), Position(opening.line + 1, 0)), ""),
    ]
    between = range(header.line + 1, opening.line)
    edits += [
        Edit(Span(Position(row, 0), Position(row, 0)), inner.removeprefix(outer))
        for row in between
        if source.lines[row].strip()
    ]
    edits += [Edit(Span(Position(row, len(outer)), Position(row, len(inner))), "") for row in moved]
    return (Fix(title, tuple(edits)),)


def _blank(statement: Statement) -> str:
    """The white space before a statement."""
    first = statement.lines[0]
    return first[: len(first) - len(first.lstrip())]


def timeout_missed(scene: Scene, kinds: list[ast.expr], body: list[Statement]) -> Finding | None:
    """The builtin TimeoutError around a call that raises another class in old versions."""
    target = scene.narrowed
    if target is None or target.oldest >= _SAME_CLASS_SINCE or not _awaits(body):
        return None
    if not any(_is_builtin(scene, kind, _TIMEOUT) for kind in kinds) or any(_is_alias(scene, kind) for kind in kinds):
        return None
    if any(_is_alias(scene, each) for clause in _clauses(scene) for each in blocks.caught(clause) or ()):
        return None
    for entry in _called(scene, _not_caught_inside(scene, body)):
        if _raises_timeout(entry) and Trait.DEADLINE not in entry.facts.traits:
            kind = next(each for each in kinds if _is_builtin(scene, each, _TIMEOUT))
            return finding(
                scene,
                "timeout-error-alias",
                scene.span(kind),
                entry.name,
                "missed",
                severity=Severity.WARNING,
                fixes=_alias_fix(scene, kind),
                name=short(entry.name),
                python=target,
            )
    return None


def _clauses(scene: Scene) -> Iterator[Statement]:
    """The clauses of the `try` that the `except` belongs to."""
    opening = blocks.opening(scene.source, scene.statement)
    if opening is not None:
        yield from (each for each in blocks.clauses(scene.source, opening) if each.word == "except")


def _not_caught_inside(scene: Scene, body: list[Statement]) -> list[Statement]:
    """The statements whose TimeoutError no `try` further inside takes."""
    opening = blocks.opening(scene.source, scene.statement)
    kept = []
    for statement in body:
        inner = (
            clause for header, clause in blocks.handlers_around(scene.source, statement) if _inside(header, opening)
        )
        if not any(_takes_timeout(scene, clause) for clause in inner):
            kept.append(statement)
    return kept


def _inside(header: Statement, opening: Statement | None) -> bool:
    return opening is not None and header.line > opening.line


def _takes_timeout(scene: Scene, clause: Statement) -> bool:
    kinds = blocks.caught(clause)
    return kinds is not None and (
        not kinds or any(_is_timeout(scene, kind) or _is_builtin(scene, kind, "Exception") for kind in kinds)
    )


def _alias_fix(scene: Scene, kind: ast.expr) -> tuple[Fix, ...]:
    title = fix_title(scene, "timeout-error-alias", "catch-alias")
    place = Place(scene.source, scene.statement)
    code = filled(scene, written(scene, "timeout-error-alias", "catch-alias"), place)
    return (Fix(title, (Edit(scene.span(kind), code),), safe=True),) if title and code else ()


def cancellation_swallowed(scene: Scene, kinds: list[ast.expr], body: list[Statement]) -> Finding | None:
    """An `except` that catches the cancellation of its own task and lets it go."""
    if scene.coroutine is None or not _awaits(body):
        return None
    kind = next((each for each in kinds if _is_cancellation(scene, each)), None)
    if kinds and kind is None:
        return None
    handler = list(scene.source.block(scene.statement))
    texts = [scene.statement.text, *(each.text for each in handler)]
    if any("raise" in text for text in texts) or _handled_before(scene, body) or _own_cancel(scene, body):
        return None
    if _goes_on_elsewhere(scene, handler) or _in_raising_handler(scene):
        return None
    span = scene.span(kind) if kind is not None else _word_span(scene.statement)
    fixes: tuple[Fix, ...] = ()
    title = fix_title(scene, "cancellation-swallowed", "re-raise")
    if title and handler:
        own = [each for each in handler if scene.source.parents(each)[0] is scene.statement]
        last, end = own[-1], handler[-1].position(len(handler[-1].text))
        if last.text.strip() in _LEAVING:
            fixes = (Fix(title, (Edit(last.node_span(last.tree[0]), "raise"),)),)
        elif last.word not in ("return", *_LEAVING):
            fixes = (Fix(title, (Edit(Span(end, end), f"\n{_blank(own[0])}raise"),)),)
    caught = scene.text(kind) if kind is not None else "except"
    symbol = (
        next(
            (
                found.name
                for found in [scene.entry(kind, Spot(kind, Place(scene.source, scene.statement), ()))]
                if found
            ),
            "",
        )
        if kind is not None
        else ""
    )
    return finding(scene, "cancellation-swallowed", span, symbol, fixes=fixes, caught=caught)


def _word_span(statement: Statement) -> Span:
    start = len(_blank(statement))
    return Span(Position(statement.line, start), Position(statement.line, start + len(statement.word)))


def _is_cancellation(scene: Scene, kind: ast.expr) -> bool:
    spot = Spot(kind, Place(scene.source, scene.statement), ())
    for option in options(scene.named(kind, spot)):
        if isinstance(option, Symbol):
            entry = scene.catalog.find(option.name)
            if entry is not None and Trait.CANCELLATION in entry.facts.traits:
                return True
    return any(_is_builtin(scene, kind, root) for root in _ROOTS)


def _handled_before(scene: Scene, body: list[Statement]) -> bool:
    """Say whether an earlier `except` of the same `try` already takes the cancellation."""
    opening = blocks.opening(scene.source, scene.statement)
    assert opening is not None
    for clause in blocks.clauses(scene.source, opening):
        if clause is scene.statement:
            return False
        kinds = blocks.caught(clause) if clause.word == "except" else None
        if kinds is not None and (not kinds or any(_is_cancellation(scene, kind) for kind in kinds)):
            return True
    return not body


def _goes_on_elsewhere(scene: Scene, handler: list[Statement]) -> bool:
    """Say whether the handler keeps the error, or a flag that makes the function raise later, or takes it back."""
    if any(Trait.UNCANCELS in entry.facts.traits for entry in _called(scene, handler)):
        return True
    error = next((node.handlers[0].name for node in scene.statement.tree if isinstance(node, ast.Try)), None)
    flags = {"Cancelled"}
    for statement in handler:
        for tree in statement.tree:
            for node in ast.walk(tree):
                if isinstance(node, ast.Name) and node.id == error and not _is_logged(tree):
                    return True
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    flags.add(node.targets[0].id)
    return scene.function is not None and any(
        each.line > scene.statement.line and each.word == "raise" and _speaks_of(scene, each, flags)
        for each in scene.source.block(scene.function)
    )


def _is_logged(tree: ast.stmt) -> bool:
    """Say whether a statement only calls something: it keeps nothing, unless its name says so."""
    if not isinstance(tree, ast.Expr) or not isinstance(tree.value, ast.Call):
        return False
    name = ast.unparse(tree.value.func).rpartition(".")[2]
    return not re.search(r"set_|append|put|add|send|reject|fail", name)


def _speaks_of(scene: Scene, statement: Statement, words: set[str]) -> bool:
    """Say whether a statement or the test that it depends on contains one of some words."""
    parents = scene.source.parents(statement)
    text = statement.text + (parents[0].text if parents and parents[0].word in ("if", "elif") else "")
    return any(word in text for word in words)


def _in_raising_handler(scene: Scene) -> bool:
    """Say whether it stands in an `except` that raises in the end."""
    for header in scene.source.parents(scene.statement):
        if header.is_function:
            return False
        if header.word == "except" and any(each.word == "raise" for each in scene.source.block(header)):
            return True
    return False


def _own_cancel(scene: Scene, body: list[Statement]) -> bool:
    """Say whether the function cancelled what it awaits here."""
    awaited = {
        ast.unparse(node.value)
        for each in body
        for tree in each.tree
        for node in ast.walk(tree)
        if isinstance(node, ast.Await)
    }
    names = {text for text in awaited if text.replace(".", "").replace("_", "").isalnum()}
    function = scene.function
    if function is None:
        return False
    for statement in scene.source.block(function):
        if statement.line >= scene.statement.line:
            break
        if ".cancel(" in statement.text or ".cancel_scope" in statement.text:
            for tree in statement.tree:
                for node in ast.walk(tree):
                    if isinstance(node, ast.Attribute) and node.attr == "cancel":
                        receiver = ast.unparse(node.value)
                        if receiver in names or any(receiver in text for text in awaited):
                            return True
    return False


def _called(scene: Scene, body: list[Statement]) -> Iterator[Entry]:
    """The entries of the functions that some statements call."""
    for statement in body:
        place = Place(scene.source, statement)
        for tree in statement.tree:
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    entry = scene.entry(node.func, Spot(node, place, ()))
                    if entry is not None and not _waits_without_limit(node, entry):
                        yield entry


def _waits_without_limit(call: ast.Call, entry: Entry) -> bool:
    """Say whether a call leaves out its limit of time, or says that there is none."""
    given = {parameter.name: value for parameter, value in matched(call, entry)}
    limit = next((each for each in entry.declaration.parameters if each.name == _LIMIT and not each.required), None)
    value = given.get(_LIMIT)
    return limit is not None and (value is None or (isinstance(value, ast.Constant) and value.value is None))


def _awaits(body: list[Statement]) -> bool:
    """Say whether some statements wait, so that the coroutine can be cancelled there."""
    return any(
        isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (isinstance(node, ast.comprehension) and node.is_async)
        for statement in body
        for tree in statement.tree
        for node in ast.walk(tree)
    )


def _raises_timeout(entry: Entry, *, or_base: bool = False) -> bool:
    errors = (_TIMEOUT, _BASE) if or_base else (_TIMEOUT,)
    return any(each.error in errors for each in entry.facts.raises)


def _is_timeout(scene: Scene, kind: ast.expr) -> bool:
    return _is_builtin(scene, kind, _TIMEOUT) or _is_alias(scene, kind)


def _is_alias(scene: Scene, kind: ast.expr) -> bool:
    entry = scene.entry(kind, Spot(kind, Place(scene.source, scene.statement), ()))
    return entry is not None and Trait.TIMEOUT_ERROR in entry.facts.traits


def _is_builtin(scene: Scene, kind: ast.expr, name: str) -> bool:
    if not isinstance(kind, ast.Name) or kind.id != name:
        return False
    value: Value = scene.evaluator.name(name, Place(scene.source, scene.statement))
    return value == External(f"builtins.{name}")
