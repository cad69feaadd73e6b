"""What the parameters of a function of the workspace hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import calling, scopes, user_classes
from asyncio_lsp.analysis.binding import walk
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.scopes import FunctionSyntax
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import (
    OTHER,
    UNKNOWN,
    External,
    Items,
    Mapping,
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


def parameter(evaluator: Evaluator, name: str, function: Statement, source: Source) -> Value | None:
    """What the parameter of this name holds; None where a function has none."""
    node = scopes.definition(function)
    if not isinstance(node, FunctionSyntax):
        return None
    for index, (argument, _) in enumerate(scopes.parameters(node)):
        if argument.arg == name:
            return _at(evaluator, node, index, Place(source, function))
    return None


def held(evaluator: Evaluator, place: Place) -> dict[str, Value]:
    """The parameters of the function that a header opens, with what they hold."""
    node = scopes.definition(place.statement)
    if not isinstance(node, FunctionSyntax):
        return {}
    return {
        argument.arg: _at(evaluator, node, index, place) for index, (argument, _) in enumerate(scopes.parameters(node))
    }


def _at(evaluator: Evaluator, node: FunctionSyntax, index: int, place: Place) -> Value:
    key = (place.source, "parameter", index, place.statement)
    return evaluator.once(key, lambda: _value(evaluator, node, index, place))


def _value(evaluator: Evaluator, node: FunctionSyntax, index: int, place: Place) -> Value:
    argument, stars = list(scopes.parameters(node))[index]
    if argument.annotation is not None:
        value = evaluator.annotation(argument.annotation, place)
        return (value, Items(value), Mapping(value))[stars]
    owner = scopes.class_of(place.source, place.statement)
    if owner is not None and index == 0 and not stars and not user_classes.decorated(place, "staticmethod"):
        cls = UserClass(place.source, owner)
        return cls if user_classes.decorated(place, "classmethod") else UserInstance(cls)
    default = _default(node.args, argument)
    value = choice([evaluator.value(default, place)]) if default is not None else UNKNOWN
    if value not in (UNKNOWN, OTHER) or stars:
        return value
    found = UNKNOWN if owner is None else _of_overridden(evaluator, node, index, Place(place.source, owner))
    if found == UNKNOWN:
        found = _as_callback(evaluator, node, index, place)
    return value if found == UNKNOWN else found


def _default(arguments: ast.arguments, wanted: ast.arg) -> ast.expr | None:
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        if argument is wanted:
            return default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if argument is wanted:
            return keyword_default
    return None


def _of_overridden(evaluator: Evaluator, node: FunctionSyntax, index: int, owner: Place) -> Value:
    """What a parameter holds by the method of a base class that its method overrides."""
    instance = UserInstance(UserClass(owner.source, owner.statement))
    found = []
    for option in options(user_classes.inherited(evaluator, instance, node.name)):
        if isinstance(option, Symbol):
            form = evaluator.knowledge.form(option.name)
            if form is not None and index <= len(form.parameters):
                text = form.parameters[index - 1].annotation
                found.append(evaluator.form_annotation(text, {}, option.receiver) if text else UNKNOWN)
        elif isinstance(option, UserFunction):
            other = scopes.definition(option.statement)
            if isinstance(other, FunctionSyntax) and index < len(list(scopes.parameters(other))):
                found.append(_at(evaluator, other, index, Place(option.source, option.statement)))
    return choice(found)


def _as_callback(evaluator: Evaluator, node: FunctionSyntax, index: int, place: Place) -> Value:
    """What asyncio calls a function with that the file hands to it."""
    if not evaluator.speaks_of_asyncio(place.source):
        return UNKNOWN
    found = []
    for statement in _mentions(place.source, node.name):
        there = place.at(statement)
        for call in walk(statement.tree):
            if isinstance(call, ast.Call):
                for position, before, function in _handed_over(evaluator, call, node.name, there):
                    if function.statement is place.statement:
                        behind = call.args[position + 1 :] if isinstance(position, int) else []
                        called = evaluator.value(call.func, there)
                        handed = calling.callback_arguments(evaluator, called, position, behind, there)
                        at = index - before - _is_bound(function)
                        found.append(handed[at] if 0 <= at < len(handed) else UNKNOWN)
    return choice(found)


def _mentions(source: Source, name: str) -> Iterator[Statement]:
    for statement in source.statements:
        if statement.word and not statement.is_function and any(name in line for line in statement.lines):
            yield statement


def _handed_over(
    evaluator: Evaluator, call: ast.Call, name: str, place: Place
) -> Iterator[tuple[int | str, int, UserFunction]]:
    """The functions of this name among the arguments of a call.

    Each with its index or keyword, and how many arguments `partial` gives it.
    """
    arguments: list[tuple[int | str, ast.expr]] = [
        *enumerate(call.args),
        *((keyword.arg or "", keyword.value) for keyword in call.keywords),
    ]
    for position, argument in arguments:
        function, before = argument, 0
        if isinstance(argument, ast.Call) and argument.args:
            if evaluator.value(argument.func, place) != External("functools.partial"):
                continue
            function, before = argument.args[0], len(argument.args) - 1
        if _is_named(function, name):
            for option in options(evaluator.value(function, place)):
                if isinstance(option, UserFunction):
                    yield position, before, option


def _is_bound(function: UserFunction) -> bool:
    """Say whether a function is called with its object besides the arguments."""
    place = Place(function.source, function.statement)
    if isinstance(function.owner, UserInstance):
        return not user_classes.decorated(place, "staticmethod")
    return function.owner is not None and user_classes.decorated(place, "classmethod")


def _is_named(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)
