"""What `isinstance` says about an expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeGuard

from asyncio_lsp.analysis import reading, scopes, user_classes
from asyncio_lsp.analysis.binding import CHECK, walk
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import (
    UNKNOWN,
    ExternalInstance,
    Instance,
    Items,
    Mapping,
    Row,
    Symbol,
    UserClass,
    UserInstance,
    Value,
    choice,
    options,
)

if TYPE_CHECKING:
    from asyncio_lsp.analysis.evaluate import Evaluator
    from asyncio_lsp.analysis.place import Place

_LOOKED_AT = 40
_LEAVING = ("return", "raise", "continue", "break")


def cut(evaluator: Evaluator, value: Value, node: ast.Name | ast.Attribute, place: Place) -> Value:
    """What is left of a known value of an expression behind the checks in force at a place."""
    for statement in place.source.binding(CHECK):
        for test in _holding(place.source, statement, place.statement, node):
            classes = evaluator.value(test.args[1], place.at(statement))
            parts = classes.items if isinstance(classes, Row) else options(classes)
            value = _common(evaluator, value, choice(reading.instance(evaluator, part) for part in parts))
    return value


def narrowed(evaluator: Evaluator, node: ast.expr, place: Place) -> Value | None:
    """The value that a check in force at a place gives an expression of which nothing else is known.

    None when there is none.
    """
    if not place.source.binding(CHECK):
        return None
    text: str | None = None
    for statement in _checks(place.source, place.statement):
        text = text or ast.unparse(node)
        for call in _isinstance_calls(statement):
            if ast.unparse(call.args[0]) == text:
                classes = evaluator.value(call.args[1], place.at(statement))
                parts = classes.items if isinstance(classes, Row) else (classes,)
                return choice(reading.instance(evaluator, part) for part in parts)
    return None


def _checks(source: Source, use: Statement) -> Iterator[Statement]:
    """The statements whose checks hold at a use, nearest first."""
    if "isinstance(" in use.text:
        yield use
    for header in source.parents(use):
        if "isinstance(" in header.text and header.word in ("if", "elif", "while") and " not " not in header.text:
            yield header
        if header.is_function:
            break
    index = source.index_at(use.line)
    for above in source.statements[max(0, index - _LOOKED_AT) : index][::-1]:
        if "isinstance(" in above.text and above.indent <= use.indent and _holds_below(source, above):
            yield above
        if above.word and above.indent < use.indent and above.is_function:
            return


def _holds_below(source: Source, check: Statement) -> bool:
    """Say whether what follows a statement is only reached when its check is true."""
    if check.word == "assert":
        return True
    if check.word != "if" or "not isinstance(" not in check.text:
        return False
    inside = list(source.block(check))
    return bool(inside) and inside[-1].word in _LEAVING


def _isinstance_calls(statement: Statement) -> Iterator[ast.Call]:
    for node in walk(statement.tree):
        if _is_check(node):
            yield node


def _is_check(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "isinstance"
        and len(node.args) == 2
    )


# Known values


def _holding(source: Source, check: Statement, use: Statement, node: ast.Name | ast.Attribute) -> Iterator[ast.Call]:
    """The checks of an expression in a statement that are surely true at a use of it."""
    name = node.id if isinstance(node, ast.Name) else node.attr
    if check.line >= use.line or name not in check.text:
        return
    around = source.parents(use)
    inside = check in around and check.word in ("if", "elif", "while")
    if not inside and (not set(around).issuperset(source.parents(check)) or not _holds_below(source, check)):
        return
    if scopes.function_of(source, check) is not scopes.function_of(source, use):
        return
    rebound = name if isinstance(node, ast.Name) else f".{name}"
    if any(check.line < statement.line < use.line for statement in source.binding(rebound)):
        return
    for tree in check.tree:
        if isinstance(tree, ast.If | ast.While | ast.Assert):
            for part in _parts(tree.test, ast.And) if inside or check.word == "assert" else _denied(tree.test):
                if _is_check(part) and ast.unparse(part.args[0]) == ast.unparse(node):
                    yield part


def _parts(test: ast.expr, operator: type[ast.boolop]) -> list[ast.expr]:
    """The operands of `and` or `or`."""
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, operator) else [test]


def _denied(test: ast.expr) -> Iterator[ast.expr]:
    """What is true where a test is false."""
    for part in _parts(test, ast.Or):
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not):
            yield part.operand


def _common(evaluator: Evaluator, value: Value, checked: Value) -> Value:
    """The options of a value that pass a check, each as the narrower of the two."""
    if UNKNOWN in options(checked):
        return value
    left = []
    for option in options(value):
        for kind in options(checked):
            if _is_kind(evaluator, option, kind):
                left.append(option)
            elif _is_kind(evaluator, kind, option):
                left.append(kind)
    if left:
        return choice(left)
    return checked if len(options(value)) > 1 else value


def _is_kind(evaluator: Evaluator, value: Value, kind: Value) -> bool:
    """Say whether an object is one of a class; a class of another module may be the base of anything."""
    if isinstance(kind, ExternalInstance):
        return value == kind or isinstance(value, Items | Row | Mapping) or not kind.path.startswith("builtins.")
    if isinstance(kind, UserInstance):
        return any(cls.statement is kind.cls.statement for cls in user_classes.ancestors(evaluator, value, UserClass))
    if isinstance(kind, Instance):
        names = {cls.name for cls in user_classes.ancestors(evaluator, value, Symbol)}
        return any(name == kind.cls or evaluator.knowledge.derives(name, kind.cls) for name in names)
    return False
