"""The classes that the workspace defines: their attributes and their bases."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import calling, scopes
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.scopes import FunctionSyntax
from asyncio_lsp.analysis.statement import Statement, walk
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
    inside, assigned = _attribute_statements(evaluator, cls, name)
    if inside or assigned:
        key = (cls.source, cls.statement, "attribute", name)
        own = evaluator.once(key, lambda: _own_attribute(evaluator, cls, name, inside, assigned))
        if inside or own != UNKNOWN:
            return _taken_from(evaluator, owner, own)
    inherited = (cls.source, cls.statement, "bases", name, type(owner))
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


def _attribute_statements(evaluator: Evaluator, cls: UserClass, name: str) -> tuple[list[Statement], list[Statement]]:
    """The statements of a class that bind an attribute: in its body, and on `self` in its methods."""
    source = cls.source
    assigned = [
        statement
        for statement in source.binding(f".{name}")
        if cls.statement.line < statement.line < source.end_of_block(cls.statement)
        and (method := _method_around(evaluator, statement, cls)) is not None
        and _assigns_attribute(statement, method, name)
    ]
    return scopes.bindings(source, name, cls.statement), assigned


def _own_attribute(
    evaluator: Evaluator, cls: UserClass, name: str, inside: list[Statement], assigned: list[Statement]
) -> Value:
    keyed = [(name, statement) for statement in inside] + [(f".{name}", statement) for statement in assigned]
    for key, statement in keyed:
        declared = evaluator.declared(key, Place(cls.source, statement))
        if declared is not None:
            return declared
    return choice(evaluator.binding(key, Place(cls.source, statement)) for key, statement in keyed)


def _method_around(evaluator: Evaluator, statement: Statement, cls: UserClass) -> FunctionSyntax | None:
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
            if decorated(evaluator, place, "property", "cached_property"):
                taken.append(calling.returned(evaluator, option))
                continue
            option = replace(option, owner=owner)
        taken.append(option)
    return choice(taken)


def decorated(evaluator: Evaluator, place: Place, *names: str) -> bool:
    for decorator in scopes.decorators(place.source, place.statement):
        for node in decorator.tree:
            if isinstance(node, ast.Expr) and _last_name(node.value) in names:
                return True
    return False


def _assigns_attribute(statement: Statement, method: FunctionSyntax, name: str) -> bool:
    """Say whether a statement assigns `self.name`, whatever the method calls `self`."""
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
