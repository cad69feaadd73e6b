"""The classes that the workspace defines: their attributes and their bases."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from asyncio_lsp.analysis import bound, calling, filling, scopes
from asyncio_lsp.analysis.binding import walk
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.scopes import FunctionSyntax
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import (
    UNKNOWN,
    Hidden,
    Instance,
    Symbol,
    UserClass,
    UserFunction,
    UserInstance,
    Value,
    choice,
    options,
)

if TYPE_CHECKING:
    from asyncio_lsp.analysis.evaluate import Evaluator


def attribute(evaluator: Evaluator, cls: UserClass, name: str, owner: UserInstance | UserClass) -> Value:
    """An attribute of a class of the workspace or of its bases."""
    inside, assigned = scopes.bindings(cls.source, name, cls.statement), _assignments(cls, f".{name}")
    if inside or assigned:
        key = (cls.source, cls.statement, "attribute", name)
        own = evaluator.once(key, lambda: _own_attribute(evaluator, cls, name, inside, assigned))
        if inside or own != UNKNOWN:
            return _taken_from(evaluator, owner, own)
    inherited = (cls.source, cls.statement, "bases", name, owner)
    return evaluator.once(
        inherited, lambda: choice(_base_attribute(evaluator, base, name, owner) for base in bases(evaluator, cls))
    )


def _base_attribute(evaluator: Evaluator, base: Value, name: str, owner: UserInstance | UserClass) -> Value:
    if isinstance(base, UserClass):
        return attribute(evaluator, base, name, owner)
    if isinstance(base, Symbol):
        found = evaluator.knowledge.member(base.name, name)
        return Symbol(found, Instance(base.name)) if found else UNKNOWN
    return UNKNOWN


def inherited(evaluator: Evaluator, instance: UserInstance, name: str) -> Value:
    """An attribute that the bases of a class have."""
    return choice(_base_attribute(evaluator, base, name, instance) for base in bases(evaluator, instance.cls))


def bases(evaluator: Evaluator, cls: UserClass) -> list[Value]:
    """The base classes, as values."""
    node = scopes.definition(cls.statement)
    if not isinstance(node, ast.ClassDef):
        return []
    place = Place(cls.source, cls.statement)
    out = []
    for base in node.bases:
        value = evaluator.value(base.value if isinstance(base, ast.Subscript) else base, place)
        out += [Symbol(option.cls) if isinstance(option, Hidden) else option for option in options(value)]
    return out


_Class = TypeVar("_Class", UserClass, Symbol)


def ancestors(evaluator: Evaluator, value: Value, sort: type[_Class]) -> Iterator[_Class]:
    """The classes of one sort that a class, or the class of an object, is or derives from, nearest first."""
    waiting = [
        Symbol(value.cls) if isinstance(value, Instance) else value.cls if isinstance(value, UserInstance) else value
    ]
    seen: list[Value] = []
    while waiting:
        cls = waiting.pop(0)
        if cls in seen:
            continue
        seen.append(cls)
        if isinstance(cls, sort):
            yield cls
        if isinstance(cls, UserClass):
            waiting += bases(evaluator, cls)


def _assignments(cls: UserClass, key: str) -> list[Statement]:
    """The statements in the methods of a class that bind an attribute of their object, or fill what it holds."""
    source, name = cls.source, key.strip(".+")
    return [
        statement
        for statement in source.binding(key)
        if cls.statement.line < statement.line < source.end_of_block(cls.statement)
        and (method := _method_around(statement, cls)) is not None
        and _speaks_of_attribute(statement, method, name)
    ]


def _own_attribute(
    evaluator: Evaluator, cls: UserClass, name: str, inside: list[Statement], assigned: list[Statement]
) -> Value:
    declared = _declared(evaluator, cls, name, inside, assigned)
    if declared is None and not inside:
        declared = _declared_by_bases(evaluator, cls, name, [cls])
    value = declared
    if value is None:
        keyed = [(name, statement) for statement in inside] + [(f".{name}", statement) for statement in assigned]
        value = choice(bound.given(evaluator, key, Place(cls.source, statement)) for key, statement in keyed)
    if filling.is_empty(value):
        return filling.filled(evaluator, value, f".{name}", cls.source, _assignments(cls, f".{name}+"))
    return value


def _declared(
    evaluator: Evaluator, cls: UserClass, name: str, inside: list[Statement], assigned: list[Statement]
) -> Value | None:
    """The annotation of an attribute."""
    for key, statements in ((name, inside), (f".{name}", assigned)):
        for statement in statements:
            found = bound.declared(evaluator, key, Place(cls.source, statement))
            if found is not None:
                return found
    return None


def _declared_by_bases(evaluator: Evaluator, cls: UserClass, name: str, seen: list[UserClass]) -> Value | None:
    """The annotation of an attribute in the nearest base class of the workspace that has one."""
    for base in bases(evaluator, cls):
        if not isinstance(base, UserClass) or base in seen:
            continue
        inside, assigned = scopes.bindings(base.source, name, base.statement), _assignments(base, f".{name}")
        found = _declared(evaluator, base, name, inside, assigned)
        if found is None:
            found = _declared_by_bases(evaluator, base, name, [*seen, base])
        if found is not None:
            return found
    return None


def _method_around(statement: Statement, cls: UserClass) -> FunctionSyntax | None:
    function = scopes.function_of(cls.source, statement)
    while function is not None:
        if scopes.class_of(cls.source, function) is cls.statement:
            node = scopes.definition(function)
            return node if isinstance(node, FunctionSyntax) else None
        function = scopes.function_of(cls.source, function)
    return None


def _taken_from(evaluator: Evaluator, owner: UserInstance | UserClass, value: Value) -> Value:
    """Bind functions to the object; a property is what its function returns."""
    taken = []
    for option in options(value):
        if isinstance(option, UserFunction) and option.owner is None:
            place = Place(option.source, option.statement)
            if decorated(place, "property", "cached_property"):
                taken.append(calling.returned(evaluator, option))
                continue
            taken.append(replace(option, owner=owner))
        else:
            taken.append(option)
    return choice(taken)


def decorated(place: Place, *names: str) -> bool:
    """Say whether a definition has a decorator of one of these names."""
    for decorator in scopes.decorators(place.source, place.statement):
        for node in decorator.tree:
            if isinstance(node, ast.Expr) and _last_name(node.value) in names:
                return True
    return False


def _speaks_of_attribute(statement: Statement, method: FunctionSyntax, name: str) -> bool:
    """Say whether `self.name` is in a statement, whatever the method calls `self`."""
    first = next(scopes.parameters(method), None)
    if first is None:
        return False
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == first[0].arg
        for node in walk(statement.tree)
    )


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
