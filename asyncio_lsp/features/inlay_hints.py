"""What variables hold that an asyncio call was assigned to, said behind their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.analysis.values import Coroutine, Instance, Row, Value
from asyncio_lsp.catalog.declaration import Kind
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features.library import Library
from asyncio_lsp.features.notes.scene import Scene, Spot

_COROUTINE = "coroutine: await it"
_OPTIONAL = " | None"
_OBVIOUS = (Kind.CLASS, Kind.EXCEPTION)
"""What calls of these give is written at the call."""


@dataclass(frozen=True)
class InlayHint:
    """A text to show at a place, which is no part of the document."""

    place: Position
    text: str


def inlay_hints(library: Library, source: Source, target: Target, first: int, last: int) -> list[InlayHint]:
    """The hints on the lines from `first` to `last`, both counted from 0 and included, in their order."""
    if not library.uses_asyncio(source):
        return []
    statements = [each for each in source.statements if first <= each.line <= last and "=" in each.text]
    return [hint for each in statements for hint in _of_statement(library, source, each, target)]


def _of_statement(library: Library, source: Source, statement: Statement, target: Target) -> Iterator[InlayHint]:
    for node in statement.tree:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if not isinstance(call, ast.Call):
            continue
        scene = Scene(library.catalog, library.evaluator(), source, statement, target)
        spot = Spot(node.value, Place(source, statement), (node,))
        entry = scene.entry(call.func, spot)
        if entry is not None and entry.kind not in _OBVIOUS:
            optional = (entry.declaration.returns or "").endswith(_OPTIONAL)
            for hint in _of_target(scene, node.targets[0], scene.value(node.value, spot)):
                yield replace(hint, text=hint.text + _OPTIONAL) if optional else hint


def _of_target(scene: Scene, target: ast.expr, value: Value) -> Iterator[InlayHint]:
    if isinstance(target, ast.Tuple) and isinstance(value, Row) and len(target.elts) == len(value.items):
        for each, item in zip(target.elts, value.items, strict=True):
            yield from _of_target(scene, each, item)
    elif isinstance(target, ast.Name) and (text := _text(value)) is not None:
        yield InlayHint(scene.span(target).end, f": {text}")


def _text(value: Value) -> str | None:
    if isinstance(value, Coroutine):
        return _COROUTINE
    if isinstance(value, Instance) and not value.guessed:
        return value.cls.rpartition(".")[2]
    return None
