"""Other ways to write a call, offered on request: the content says which, this says where they are right."""

from __future__ import annotations

import ast
import re

from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import Coroutine, options
from asyncio_lsp.catalog.entry import Entry, Refactoring, Result, Where
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features.library import Library
from asyncio_lsp.features.notes.arguments import matched
from asyncio_lsp.features.notes.finding import Edit, Fix
from asyncio_lsp.features.notes.scene import Scene, Spot
from asyncio_lsp.features.notes.texts import filled

_NAMED = re.compile(r"<([\w.]+)>")
_NEW = re.compile(r"\{new (\w+)\}")
_EACH = re.compile(r"\{\*(\w+)\}")
_TIGHT = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)
_LATER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def refactorings_at(library: Library, source: Source, span: Span, target: Target) -> list[Fix]:
    """What the call whose name, or whose `await`, touches a span can be rewritten to; none of them is safe."""
    statement = source.statement_at(span.start.line)
    if not statement.word or not library.uses_asyncio(source):
        return []
    scene = Scene(library.catalog, library.evaluator(), source, statement, target)
    if scene.narrowed is None:
        return []
    out = []
    for spot in scene.spots:
        if isinstance(spot.node, ast.Call) and _touches(scene, spot.node, spot, span):
            entry = scene.entry(spot.node.func, spot)
            for refactoring in library.catalog.refactorings:
                if entry is not None and refactoring.call == entry.name:
                    edits = _edits(scene, spot.node, spot, entry, refactoring)
                    out += [Fix(refactoring.title, edits)] if edits else []
    return out


def _touches(scene: Scene, call: ast.Call, spot: Spot, span: Span) -> bool:
    start = scene.span(spot.parent if isinstance(spot.parent, ast.Await) else call).start
    return start <= span.end and span.start <= scene.span(call.func).end


def _edits(scene: Scene, call: ast.Call, spot: Spot, entry: Entry, refactoring: Refactoring) -> tuple[Edit, ...]:
    """The edits, or none where something speaks against it."""
    if any(isinstance(node, _LATER) for node in spot.around):
        return ()
    if (scene.coroutine is not None) != (refactoring.where is Where.COROUTINE) or not _is_there(scene, refactoring):
        return ()
    given = _given(scene, call, entry, spot, refactoring)
    code = filled(scene, refactoring.code, spot.place)
    if given is None or not code or not _fits_receiver(scene, call, spot, refactoring):
        return ()
    if refactoring.callee:
        return (Edit(scene.span(call.func), code),)
    if refactoring.expression:
        return (Edit(scene.span(call), code.format_map({name: texts[0] for name, texts in given.items()})),)
    return _statement(scene, call, spot, code, given, refactoring)


def _is_there(scene: Scene, refactoring: Refactoring) -> bool:
    """Say whether every Python of the target has the names that would be written."""
    entries = [scene.catalog.find(name) for name in _NAMED.findall(refactoring.code)]
    return all(entry and scene.narrowed and entry.facts.covers(scene.narrowed) for entry in entries)


def _given(
    scene: Scene, call: ast.Call, entry: Entry, spot: Spot, refactoring: Refactoring
) -> dict[str, list[str]] | None:
    """The source of the arguments by parameter; None where they are others than the refactoring knows."""
    given: dict[str, list[str]] = {}
    arguments = list(matched(call, entry))
    if len(arguments) != len(call.args) + len(call.keywords) or not arguments:
        return None
    for parameter, argument in arguments:
        if isinstance(argument, ast.Starred):
            return None
        if not refactoring.callee and f"{parameter.name}}}" not in refactoring.code:
            return None
        values = options(scene.value(argument, spot))
        if parameter.name in refactoring.coroutines and not all(isinstance(value, Coroutine) for value in values):
            return None
        text = scene.source_text(argument)
        given.setdefault(parameter.name, []).append(text if isinstance(argument, _TIGHT) else f"({text})")
    named = set(re.findall(r"\{\*?(\w+)\}", refactoring.code)) - {"before"}
    if named - given.keys() or (refactoring.callee and "loop" in given):
        return None
    return given


def _fits_receiver(scene: Scene, call: ast.Call, spot: Spot, refactoring: Refactoring) -> bool:
    """Say whether the object of the method comes from where the refactoring wants it, and is lost without harm."""
    if refactoring.receiver is None:
        made = call.func.value if isinstance(call.func, ast.Attribute) else None
        return made is None or not any(isinstance(node, ast.Await | ast.NamedExpr) for node in ast.walk(made))
    if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Call):
        return False
    made = call.func.value
    entry = scene.entry(made.func, spot)
    return entry is not None and entry.name == refactoring.receiver and not made.args and not made.keywords


def _statement(
    scene: Scene, call: ast.Call, spot: Spot, code: str, given: dict[str, list[str]], refactoring: Refactoring
) -> tuple[Edit, ...]:
    """Replace the whole statement, which has to be the awaited call, perhaps assigned or returned."""
    outer = spot.around[1] if len(spot.around) > 1 else None
    if not scene.stands_alone or not isinstance(spot.parent, ast.Await) or outer is not scene.statement.tree[0]:
        return ()
    if not isinstance(outer, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
        return ()
    if refactoring.result is Result.UNUSED and not isinstance(outer, ast.Expr):
        return ()
    whole, awaited = scene.span(outer), scene.span(spot.parent)
    if scene.span(call).end != whole.end or whole.start.line != awaited.start.line:
        return ()
    before = scene.source.lines[whole.start.line][whole.start.column : awaited.start.column]
    for wanted in _NEW.findall(code):
        code = code.replace(f"{{new {wanted}}}", scene.free_name(wanted))
    values = {"before": before, **{name: texts[0] for name, texts in given.items()}}
    lines: list[str] = []
    for line in code.strip("\n").split("\n"):
        repeated = _EACH.search(line)
        each = given[repeated[1]] if repeated else [""]
        bare = _EACH.sub("{each}", line)
        lines += [bare.format_map({**values, "each": text}) for text in each]
    if not _parses(lines):
        return ()
    unit = "\t" if "\t" in scene.blank else "    "
    text = f"\n{scene.blank}".join(line.replace("    ", unit, 1) if line.startswith("    ") else line for line in lines)
    return (Edit(Span(Position(whole.start.line, whole.start.column), whole.end), text),)


def _parses(lines: list[str]) -> bool:
    try:
        ast.parse("async def _():\n" + "\n".join(f" {line}" for line in lines))
    except SyntaxError:
        return False
    return True
