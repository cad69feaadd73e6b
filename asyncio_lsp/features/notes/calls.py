"""Conditions on calls of asyncio's functions: what becomes of the result, and where they are called."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from asyncio_lsp.analysis import blocks, scopes
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import Coroutine, Instance, Value, options
from asyncio_lsp.catalog.declaration import Kind
from asyncio_lsp.catalog.entry import Entry, Severity, Trait, Use
from asyncio_lsp.catalog.version import Version
from asyncio_lsp.features.notes.arguments import matched
from asyncio_lsp.features.notes.finding import Edit, Finding, Fix
from asyncio_lsp.features.notes.scene import Scene, Spot
from asyncio_lsp.features.notes.texts import filled, finding, fix_title, short, written

_COROUTINES = (Kind.COROUTINE_FUNCTION, Kind.COROUTINE_METHOD)
_WARNS, _FAILS = Version(12), Version(14)


def on_call(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Iterator[Finding | None]:
    """What a call of a public name earns."""
    yield not_awaited(scene, call, entry, spot)
    yield result_discarded(scene, call, entry, spot)
    yield no_running_loop(scene, call, entry, spot)
    yield loop_already_running(scene, call, entry, spot)
    yield loop_implicit(scene, call, entry, spot)
    yield enclosing_task_group(scene, call, entry, spot)
    yield enclosing_timeout(scene, call, entry, spot)


def not_awaited(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Finding | None:
    """A coroutine is made and dropped."""
    if entry.kind not in _COROUTINES or not isinstance(spot.parent, ast.Expr):
        return None
    fixes: tuple[Fix, ...] = ()
    title = fix_title(scene, "not-awaited", "add-await")
    if title and scene.coroutine is not None:
        start = scene.span(call).start
        fixes = (Fix(title, (Edit(_empty(start), "await "),), safe=True),)
    return finding(scene, "not-awaited", scene.name_span(call.func), entry.name, fixes=fixes, call=scene.text(call))


def result_discarded(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Finding | None:
    """A task is made and nobody keeps it."""
    if Trait.KEEP_RESULT not in entry.facts.traits or not isinstance(spot.parent, ast.Expr):
        return None
    if _given_futures(scene, call, entry, spot):
        return None
    fixes = _kept(scene, call)
    return finding(
        scene, "result-discarded", scene.name_span(call.func), entry.name, fixes=fixes, call=scene.text(call.func)
    )


def _kept(scene: Scene, call: ast.Call) -> tuple[Fix, ...]:
    """Keep the task in a set of the module until it is done."""
    title = fix_title(scene, "result-discarded", "keep-reference")
    opening = blocks.behind_imports(scene.source)
    if title is None or not scene.stands_alone or scene.function is None or opening is None:
        return ()
    names = {each: scene.free_name(written(scene, "result-discarded", each)) for each in ("task", "tasks")}
    before, after, declared = (
        written(scene, "result-discarded", key).format_map(names) for key in ("before", "after", "module")
    )
    span = scene.span(call)
    lines = "".join(f"\n{scene.blank}{line}" for line in after.split("\n"))
    edits = (
        Edit(_empty(opening), f"{declared}\n"),
        Edit(_empty(span.start), before),
        Edit(_empty(span.end), lines),
    )
    return (Fix(title, edits),)


def no_running_loop(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Finding | None:
    """Something that needs a running loop where none is known to run."""
    if Trait.NEEDS_LOOP not in entry.facts.traits or _runs_later(spot) or scene.loop_is_near:
        return None
    if _gives_loop(call, entry):
        return None
    if scene.caught_around("RuntimeError", "Exception"):
        return None
    name, span = short(entry.name), scene.name_span(call.func)
    if scene.function is None:
        return finding(scene, "no-running-loop", span, entry.name, "module", name=name)
    function = _function_name(scene)
    return finding(
        scene, "no-running-loop", span, entry.name, "function", severity=Severity.INFO, name=name, function=function
    )


def loop_already_running(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Finding | None:
    """Something that runs a loop, directly inside a coroutine function."""
    if Trait.RUNS_LOOP not in entry.facts.traits or scene.coroutine is None or _runs_later(spot):
        return None
    return finding(scene, "loop-already-running", scene.name_span(call.func), entry.name, name=short(entry.name))


def loop_implicit(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Finding | None:
    """Something that falls back on a loop that nobody made."""
    target = scene.narrowed
    if Trait.IMPLICIT_LOOP not in entry.facts.traits or target is None or target.last < _WARNS or _runs_later(spot):
        return None
    if scene.loop_is_near or scene.sets_loop() or _gives_loop(call, entry) or _given_futures(scene, call, entry, spot):
        return None
    if scene.caught_around("RuntimeError", "Exception"):
        return None
    surely = (scene.function is None or scene.runs_loop()) and not _may_be_given_futures(scene, call, entry, spot)
    surely = surely and not scene.has_foreign_base
    if not surely:
        variant, severity = "unsure", Severity.INFO
    elif target.last < _FAILS:
        variant, severity = "warns", Severity.INFO
    else:
        variant, severity = "fails", Severity.ERROR if target.oldest >= _FAILS else Severity.WARNING
    span = scene.name_span(call.func)
    return finding(
        scene, "loop-implicit", span, entry.name, variant, severity=severity, name=short(entry.name), python=target
    )


def _gives_loop(call: ast.Call, entry: Entry) -> bool:
    """Say whether a call says which loop is meant."""
    return any(parameter.name == "loop" for parameter, _ in matched(call, entry))


def _given_futures(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> bool:
    """Say whether an argument is a future, which knows its loop."""
    for value in _awaitables(scene, call, entry, spot):
        if isinstance(value, Instance) and (known := scene.catalog.find(value.cls)) and known.facts.awaits:
            return True
    return False


def _may_be_given_futures(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> bool:
    """Say whether nothing is known of an argument that can be a future."""
    return any(not isinstance(value, Coroutine) for value in _awaitables(scene, call, entry, spot))


def _awaitables(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Iterator[Value]:
    """What the parameters for awaitables are given, one by one where a collection is given."""
    for parameter, argument in matched(call, entry):
        annotation = parameter.annotation or ""
        if not re.search(r"\b(Awaitable|Coroutine|Future|Task)\b", annotation):
            continue
        several = isinstance(argument, ast.Starred) or annotation.startswith("Iterable")
        inner = argument.value if isinstance(argument, ast.Starred) else argument
        for option in options(scene.value(inner, spot)):
            yield from options(scene.evaluator.element(option)) if several else (option,)


def enclosing_task_group(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Finding | None:
    """A function where the method of the same name of an open context manager was meant."""
    if Trait.KEEP_RESULT not in entry.facts.traits or entry.kind is not Kind.FUNCTION or _runs_later(spot):
        return None
    word = entry.name.rpartition(".")[2]
    for header, item, value in scene.managers():
        if not isinstance(item.optional_vars, ast.Name):
            continue
        for option in options(value):
            if isinstance(option, Instance) and scene.catalog.find(f"{option.cls}.{word}"):
                group = item.optional_vars.id
                fixes: tuple[Fix, ...] = ()
                title = fix_title(scene, "enclosing-task-group", "group-create-task")
                if title:
                    fixes = (Fix(title, (Edit(scene.span(call.func), f"{group}.{word}"),)),)
                return finding(
                    scene,
                    "enclosing-task-group",
                    scene.name_span(call.func),
                    entry.name,
                    severity=Severity.INFO,
                    fixes=fixes,
                    related=((header.node_span(item.context_expr), group),),
                    group=group,
                    line=header.line + 1,
                )
    return None


def enclosing_timeout(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Finding | None:
    """An await whose deadline is set by a block around it."""
    if not isinstance(spot.parent, ast.Await):
        return None
    for header, item, _ in scene.managers():
        manager = scene.manager_entry(header, item)
        if manager is not None and Trait.DEADLINE in manager.facts.traits:
            return finding(
                scene,
                "enclosing-timeout",
                scene.name_span(call.func),
                entry.name,
                severity=Severity.INFO,
                hover_only=True,
                manager=scene.text(item.context_expr),
                line=header.line + 1,
            )
    return None


def blocks_the_loop(scene: Scene, call: ast.Call, spot: Spot) -> Finding | None:
    """A call that blocks the thread, in a coroutine function."""
    page = scene.catalog.notes.get("blocks-the-loop")
    if page is None or scene.coroutine is None or _runs_later(spot):
        return None
    value = scene.value(call.func, spot)
    paths = {getattr(option, "path", "") for option in options(value)}
    listed = paths & set(page.facts.calls)
    if listed and not isinstance(spot.parent, ast.Await):
        name = min(listed)
        fixes = _waiting(scene, call, spot, name)
        return finding(
            scene, "blocks-the-loop", scene.span(call.func), name, "call", fixes=fixes, call=scene.text(call)
        )
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("result", "exception"):
        maker = _maker(scene, call.func.value, spot)
        if maker is not None and Trait.BLOCKING_RESULT in maker.facts.traits:
            return finding(
                scene, "blocks-the-loop", scene.name_span(call.func), maker.name, "result", call=scene.text(call)
            )
    return None


def _waiting(scene: Scene, call: ast.Call, spot: Spot, name: str) -> tuple[Fix, ...]:
    """Call what waits in its place, where nobody looks at the result."""
    title = fix_title(scene, "blocks-the-loop", name)
    code = filled(scene, written(scene, "blocks-the-loop", name), spot.place)
    if title is None or not code or not isinstance(spot.parent, ast.Expr):
        return ()
    return (Fix(title, (Edit(scene.span(call.func), code),)),)


def _maker(scene: Scene, node: ast.expr, spot: Spot) -> Entry | None:
    """The entry of the function whose result an expression is: called here, or when the variable was bound."""
    if isinstance(node, ast.Call):
        return scene.entry(node.func, spot)
    if not isinstance(node, ast.Name) or scene.function is None:
        return None
    bound = scopes.bindings(scene.source, node.id, scene.function)
    if len(bound) != 1 or _may_be_done(scene, node.id):
        return None
    for tree in bound[0].tree:
        if isinstance(tree, ast.Assign) and isinstance(tree.value, ast.Call):
            return scene.entry(tree.value.func, Spot(tree, spot.place.at(bound[0]), ()))
    return None


def _may_be_done(scene: Scene, name: str) -> bool:
    """Say whether the function waits for a variable, or asks about it, before the statement."""
    assert scene.function is not None
    for statement in scene.source.block(scene.function):
        if statement.line >= scene.statement.line:
            return False
        for tree in statement.tree:
            for node in ast.walk(tree):
                inner = node.value if isinstance(node, ast.Await | ast.Attribute) else None
                if inner is not None and any(
                    isinstance(each, ast.Name) and each.id == name for each in ast.walk(inner)
                ):
                    return True
    return False


def wrong_await(scene: Scene, node: ast.Await, spot: Spot) -> Finding | None:
    """`await` on something that is entered instead."""
    entry = scene.class_of(node.value, spot)
    if entry is None or entry.facts.awaits is not None or Use.AWAIT in entry.use:
        return None
    variant = "await-async" if Use.ASYNC_WITH in entry.use else "await-sync" if Use.WITH in entry.use else ""
    if not variant:
        return None
    made = scene.entry(node.value.func, spot) if isinstance(node.value, ast.Call) else None
    return finding(
        scene,
        "wrong-with",
        scene.name_span(node.value.func) if isinstance(node.value, ast.Call) else scene.span(node.value),
        (made or entry).name,
        variant,
        severity=Severity.ERROR,
        fixes=_entered(scene, node, spot, variant),
        name=scene.text(node.value),
    )


def _entered(scene: Scene, node: ast.Await, spot: Spot, variant: str) -> tuple[Fix, ...]:
    """Take `await` away where the right kind of `with` already stands before it."""
    title = fix_title(scene, "wrong-with", "drop-await")
    kind = ast.AsyncWith if variant == "await-async" else ast.With
    if title is None or not isinstance(spot.parent, ast.withitem) or not isinstance(spot.around[1], kind):
        return ()
    return (Fix(title, (Edit(Span(scene.span(node).start, scene.span(node.value).start), ""),), safe=True),)


def _runs_later(spot: Spot) -> bool:
    """Say whether a lambda stands around: its body runs when somebody calls it."""
    return any(isinstance(node, ast.Lambda) for node in spot.around)


def _function_name(scene: Scene) -> str:
    node = scopes.definition(scene.function) if scene.function is not None else None
    return node.name if node is not None else ""


def _empty(start: Position) -> Span:
    return Span(start, start)
