"""Conditions on the arguments of calls of asyncio's functions."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from asyncio_lsp.analysis import scopes, user_classes
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import (
    Coroutine,
    ExternalInstance,
    Instance,
    Items,
    Mapping,
    Other,
    Row,
    Symbol,
    Unknown,
    UserClass,
    UserFunction,
    UserInstance,
    Value,
    options,
)
from asyncio_lsp.catalog.declaration import Kind, Parameter, Passing
from asyncio_lsp.catalog.entry import Entry, Severity, Takes, Trait
from asyncio_lsp.catalog.version import Version
from asyncio_lsp.features.notes.finding import Edit, Finding, Fix
from asyncio_lsp.features.notes.scene import Scene, Spot
from asyncio_lsp.features.notes.texts import filled, finding, fix_title, short, written

_COROUTINES = (Kind.COROUTINE_FUNCTION, Kind.COROUTINE_METHOD)
_DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.ListComp, ast.SetComp, ast.GeneratorExp)
_HARMLESS = ("staticmethod", "classmethod", "override", "typing.override", "final", "typing.final")
"""Decorators that leave a coroutine function what it is."""
_NOT_BY_KEYWORD = (Passing.VARIADIC, Passing.VARIADIC_KEYWORD, Passing.POSITIONAL_ONLY)
_REFUSED_SINCE = Version(11)
_MAKERS = ("partial", "getter", "caller", "wrap", "make", "get_", "create", "build", "bind", "decor", "Mock", "factory")


def on_arguments(scene: Scene, call: ast.Call, entry: Entry, spot: Spot) -> Iterator[Finding | None]:
    """What the arguments of a call of a public name earn."""
    for parameter, argument in matched(call, entry):
        takes = entry.facts.parameters[parameter.name].takes
        also = _keyword_span(scene, call, argument)
        if isinstance(argument, ast.Starred):
            continue
        if Takes.COROUTINE in takes:
            yield argument_not_called(scene, call, entry, argument, spot, also)
        if Takes.CALLABLE in takes or Takes.FACTORY in takes:
            yield argument_called(scene, call, entry, argument, spot, also, factory=Takes.FACTORY in takes)
        if Takes.SPREAD in takes:
            yield list_not_unpacked(scene, call, entry, argument, spot)
        if Takes.TASKS in takes:
            yield coroutines_to_wait(scene, call, entry, argument, spot, also)
        if Takes.KEPT in takes:
            yield shield_not_kept(scene, call, entry, argument, spot, also)
    yield from keywords(scene, call, entry)


def matched(call: ast.Call, entry: Entry) -> Iterator[tuple[Parameter, ast.expr]]:
    """Each argument with the parameter that it goes to, up to the first `*`."""
    positional = [
        each for each in entry.declaration.parameters if each.passing in (Passing.POSITIONAL, Passing.POSITIONAL_ONLY)
    ]
    variadic = next((each for each in entry.declaration.parameters if each.passing is Passing.VARIADIC), None)
    for index, argument in enumerate(call.args):
        parameter = positional[index] if index < len(positional) else variadic
        if parameter is None or (isinstance(argument, ast.Starred) and index < len(positional)):
            break
        yield parameter, argument
    named = {each.name: each for each in entry.declaration.parameters}
    for keyword in call.keywords:
        if keyword.arg in named:
            yield named[keyword.arg], keyword.value


def _keyword_span(scene: Scene, call: ast.Call, argument: ast.expr) -> tuple[Span, ...]:
    """Where the keyword of an argument stands."""
    for keyword in call.keywords:
        if keyword.value is argument and keyword.arg is not None:
            start = scene.span(keyword).start
            return (Span(start, start._replace(column=start.column + len(keyword.arg))),)
    return ()


def argument_not_called(
    scene: Scene, call: ast.Call, entry: Entry, argument: ast.expr, spot: Spot, also: tuple[Span, ...]
) -> Finding | None:
    """A coroutine function where a coroutine is wanted."""
    if not isinstance(argument, ast.Name | ast.Attribute):
        return None
    if not all(_is_coroutine_function(scene, option) for option in options(scene.value(argument, spot))):
        return None
    title = fix_title(scene, "argument-not-called", "call-it")
    fixes = (Fix(title, (Edit(Span(scene.span(argument).end, scene.span(argument).end), "()"),)),) if title else ()
    return finding(
        scene,
        "argument-not-called",
        scene.name_span(call.func),
        entry.name,
        fixes=fixes,
        name=short(entry.name),
        also=also,
        argument=scene.text(argument),
    )


def _is_coroutine_function(scene: Scene, value: Value) -> bool:
    if isinstance(value, UserFunction):
        if value.statement.word != "async def" or not isinstance(scene.evaluator.called(value), Coroutine):
            return False
        around = scopes.decorators(value.source, value.statement)
        return all(each.text.strip().removeprefix("@") in _HARMLESS for each in around)
    if isinstance(value, Symbol):
        found = scene.catalog.find(value.name)
        return found is not None and found.kind in _COROUTINES
    return False


def argument_called(
    scene: Scene, call: ast.Call, entry: Entry, argument: ast.expr, spot: Spot, also: tuple[Span, ...], *, factory: bool
) -> Finding | None:
    """A call where a function is wanted."""
    if not isinstance(argument, ast.Call):
        return None
    value = scene.value(argument, spot)
    if not all(_is_no_callable(scene, option, factory=factory) for option in options(value)):
        return None
    fixes: tuple[Fix, ...] = ()
    title = fix_title(scene, "argument-called", "do-not-call")
    if title and not argument.args and not argument.keywords:
        fixes = (Fix(title, (Edit(Span(scene.span(argument.func).end, scene.span(argument).end), ""),)),)
    return finding(
        scene,
        "argument-called",
        scene.name_span(call.func),
        entry.name,
        fixes=fixes,
        name=short(entry.name),
        also=also,
        argument=scene.text(argument),
    )


def _is_no_callable(scene: Scene, value: Value, *, factory: bool) -> bool:
    if isinstance(value, UserInstance):
        return isinstance(scene.evaluator.attribute(value, "__call__"), Unknown) and _is_whole(scene, value.cls)
    if isinstance(value, Coroutine | Items | Row | Mapping | Instance | Other):
        return True
    if isinstance(value, ExternalInstance):
        name = value.path.rpartition(".")[2]
        return name[:1].islower() and (factory or not any(part in name for part in _MAKERS))
    return False


def _is_whole(scene: Scene, cls: UserClass) -> bool:
    """Say whether all base classes of a class are known."""
    bases = user_classes.bases(scene.evaluator, cls)
    return all(isinstance(base, Symbol) or (isinstance(base, UserClass) and _is_whole(scene, base)) for base in bases)


def list_not_unpacked(scene: Scene, call: ast.Call, entry: Entry, argument: ast.expr, spot: Spot) -> Finding | None:
    """One list where each item has to be an argument."""
    if len(call.args) != 1:
        return None
    value = scene.value(argument, spot)
    if not isinstance(argument, _DISPLAYS) and not all(isinstance(option, Items | Row) for option in options(value)):
        return None
    fixes: tuple[Fix, ...] = ()
    title = fix_title(scene, "list-not-unpacked", "unpack")
    if title:
        span = scene.span(argument)
        edits: tuple[Edit, ...] = (Edit(Span(span.start, span.start), "*"),)
        if isinstance(argument, ast.GeneratorExp) and span.end == scene.span(call).end:
            inside = span.start._replace(column=span.start.column + 1)  # It uses the brackets of the call.
            edits = (Edit(Span(inside, inside), "*("), Edit(Span(span.end, span.end), ")"))
        fixes = (Fix(title, edits, safe=True),)
    return finding(
        scene,
        "list-not-unpacked",
        scene.name_span(call.func),
        entry.name,
        fixes=fixes,
        name=short(entry.name),
        argument=scene.text(argument),
    )


def coroutines_to_wait(
    scene: Scene, call: ast.Call, entry: Entry, argument: ast.expr, spot: Spot, also: tuple[Span, ...]
) -> Finding | None:
    """Coroutines where only tasks are taken."""
    target = scene.narrowed
    value = scene.value(argument, spot)
    elements = [option for each in options(value) for option in options(scene.evaluator.element(each))]
    if target is None or not elements or not all(isinstance(element, Coroutine) for element in elements):
        return None
    removed = target.oldest >= _REFUSED_SINCE
    return finding(
        scene,
        "coroutines-to-wait",
        scene.name_span(call.func),
        entry.name,
        "removed" if removed else "deprecated",
        severity=Severity.ERROR if removed else Severity.WARNING,
        fixes=_wrapping(scene, argument, spot),
        also=also,
        name=short(entry.name),
    )


def _wrapping(scene: Scene, argument: ast.expr, spot: Spot) -> tuple[Fix, ...]:
    """Make a task of each coroutine that is written in a display or a comprehension."""
    title = fix_title(scene, "coroutines-to-wait", "wrap-in-tasks")
    code = filled(scene, written(scene, "coroutines-to-wait", "wrap-in-tasks"), spot.place)
    match argument:
        case ast.List(elts=made) | ast.Set(elts=made) | ast.Tuple(elts=made):
            parts = made
        case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part):
            parts = [part]
        case _:
            return ()
    if not title or not code or scene.coroutine is None or not all(isinstance(part, ast.Call) for part in parts):
        return ()
    before, _, behind = code.partition("{coroutine}")
    edits = []
    for span in map(scene.span, parts):
        edits += [Edit(Span(span.start, span.start), before), Edit(Span(span.end, span.end), behind)]
    return (Fix(title, tuple(edits)),)


def shield_not_kept(
    scene: Scene, call: ast.Call, entry: Entry, argument: ast.expr, spot: Spot, also: tuple[Span, ...]
) -> Finding | None:
    """Something made on the spot that nobody else refers to."""
    if not isinstance(argument, ast.Call):
        return None
    made = scene.entry(argument.func, spot)
    fresh = made is not None and Trait.KEEP_RESULT in made.facts.traits
    if not fresh and not all(isinstance(option, Coroutine) for option in options(scene.value(argument, spot))):
        return None
    span = scene.name_span(call.func)
    fixes = _keeping(scene, argument, spot, fresh=fresh)
    return finding(scene, "shield-not-kept", span, entry.name, also=also, fixes=fixes, argument=scene.text(argument))


def _keeping(scene: Scene, argument: ast.Call, spot: Spot, *, fresh: bool) -> tuple[Fix, ...]:
    """Bind what is made on the spot to a variable in the line before."""
    title = fix_title(scene, "shield-not-kept", "keep-reference")
    key = "keep-task" if fresh else "keep-coroutine"
    code = filled(scene, written(scene, "shield-not-kept", key), spot.place)
    later = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.IfExp, ast.BoolOp)
    if not title or not code or scene.coroutine is None or not scene.stands_alone:
        return ()
    if any(isinstance(node, later) for node in spot.around):
        return ()
    name = scene.free_name(written(scene, "shield-not-kept", "name"))
    start = Position(scene.statement.line, len(scene.blank))
    line = code.format(name=name, made=scene.source_text(argument)) + f"\n{scene.blank}"
    return (Fix(title, (Edit(Span(start, start), line), Edit(scene.span(argument), name))),)


def keywords(scene: Scene, call: ast.Call, entry: Entry) -> Iterator[Finding | None]:
    """Keyword arguments that are too new, gone, or were never there."""
    target = scene.narrowed
    if target is None or not entry.declaration.callable or scene.caught_around("TypeError"):
        return
    open_ended = any(each.passing is Passing.VARIADIC_KEYWORD for each in entry.declaration_for(target).parameters)
    variadic = {each.name for each in entry.declaration.parameters if each.passing in _NOT_BY_KEYWORD}
    for keyword in call.keywords:
        if keyword.arg is None:
            continue
        facts = entry.facts.parameters.get(keyword.arg)
        start = scene.span(keyword).start
        span = Span(start, start._replace(column=start.column + len(keyword.arg)))
        if facts is None or keyword.arg in variadic:
            if not open_ended:
                yield _unknown(scene, entry, keyword.arg, span)
        elif scene.asked_for:
            continue
        elif (since := facts.missing_before(target)) is not None:
            severity = Severity.ERROR if since.feature > target.last else Severity.WARNING
            yield finding(
                scene,
                "parameter-needs-python",
                span,
                entry.name,
                severity=severity,
                name=short(entry.name),
                parameter=keyword.arg,
                since=since,
                python=target,
            )
        elif (removed := facts.missing_from(target)) is not None:
            severity = Severity.ERROR if removed <= target.oldest else Severity.WARNING
            yield finding(
                scene,
                "parameter-removed",
                span,
                entry.name,
                severity=severity,
                name=short(entry.name),
                parameter=keyword.arg,
                removed=removed,
                gone=True,
            )


def _unknown(scene: Scene, entry: Entry, word: str, span: Span) -> Finding | None:
    documented = {facts.documented: name for name, facts in entry.facts.parameters.items() if facts.documented}
    near = documented.get(word) or next(
        iter(difflib.get_close_matches(word, entry.facts.parameters, n=1, cutoff=0.7)), None
    )
    parameter = next((each for each in entry.declaration.parameters if each.name == near), None)
    if near is None or parameter is None or parameter.passing not in (Passing.POSITIONAL, Passing.KEYWORD_ONLY):
        return finding(scene, "unknown-parameter", span, entry.name, name=short(entry.name), parameter=word)
    title = fix_title(scene, "unknown-parameter", "rename-parameter")
    fixes = (Fix(title, (Edit(span, near),), safe=True),) if title else ()
    return finding(
        scene,
        "unknown-parameter",
        span,
        entry.name,
        "near",
        fixes=fixes,
        name=short(entry.name),
        parameter=word,
        near=near,
    )
