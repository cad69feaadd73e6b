"""What reading, entering, iterating and awaiting a value gives."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import calling, user_classes
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.values import (
    UNKNOWN,
    Coroutine,
    External,
    ExternalInstance,
    Hidden,
    Instance,
    Items,
    Manager,
    Mapping,
    Row,
    Symbol,
    UserClass,
    UserFunction,
    UserInstance,
    Value,
    choice,
    is_standard,
    options,
)

if TYPE_CHECKING:
    from asyncio_lsp.analysis.evaluate import Evaluator

ENTERING = ("__enter__", "__aenter__")


def read(evaluator: Evaluator, value: Value) -> Value:
    """Read a property: a value of asyncio that is no callable gives what its annotation says."""
    return choice(_read(evaluator, option) for option in options(value))


def _read(evaluator: Evaluator, value: Value) -> Value:
    if isinstance(value, Symbol):
        form = evaluator.knowledge.form(value.name)
        if form is not None and not form.is_callable and not form.is_class:
            return evaluator.form_annotation(form.returns, calling.receiver_arguments(evaluator, value), value.receiver)
    return value


def instance(evaluator: Evaluator, value: Value) -> Value:
    """An object of a class."""
    return choice(_instantiated(evaluator, option) for option in options(value))


def _instantiated(evaluator: Evaluator, value: Value) -> Value:
    match value:
        case Symbol():
            form = evaluator.knowledge.form(value.name)
            return Instance(value.name) if form is not None and form.is_class else UNKNOWN
        case Hidden():
            return Instance(value.cls)
        case UserClass():
            return UserInstance(value)
        case External():
            return ExternalInstance(value.path)
    return UNKNOWN


def entered(evaluator: Evaluator, value: Value) -> Value:
    """What `as` binds in a `with` of the value."""
    return choice(_entered(evaluator, option) for option in options(value))


def _entered(evaluator: Evaluator, value: Value) -> Value:
    match value:
        case ExternalInstance(path) if is_standard(path):
            return value
        case Manager():
            return value.result
        case Instance():
            form = evaluator.knowledge.form(value.cls)
            return evaluator.form_annotation(form.enters, _arguments(evaluator, value), value) if form else UNKNOWN
        case UserInstance():
            for name in ENTERING:
                method = user_classes.attribute(evaluator, value.cls, name, value)
                if isinstance(method, UserFunction):
                    return calling.returned(evaluator, method)
                if isinstance(method, Symbol):
                    return value
            inherited = user_classes.ancestors(evaluator, value, Symbol)
            return choice(_entered(evaluator, Instance(base.name)) for base in inherited)
        case Coroutine():
            return entered(evaluator, value.result)
    return UNKNOWN


def _arguments(evaluator: Evaluator, instance: Instance) -> dict[str, Value]:
    form = evaluator.knowledge.form(instance.cls)
    return dict(zip(form.type_parameters, instance.arguments, strict=False)) if form else {}


def iterated(evaluator: Evaluator, node: ast.expr, place: Place, *, is_async: bool) -> Value:
    """What a loop over an expression binds.

    A function of asyncio that hands on what it is given does so in an `async for`: a loop without makes new objects.
    """
    if is_async and isinstance(node, ast.Call) and node.args:
        for option in options(evaluator.value(node.func, place)):
            form = evaluator.knowledge.form(option.name) if isinstance(option, Symbol) else None
            if form is not None and not form.is_class and form.iterates is not None:
                return choice(_handed_on(element(evaluator, evaluator.value(node.args[0], place))))
    return element(evaluator, evaluator.value(node, place))


def _handed_on(value: Value) -> list[Value]:
    """What is handed on as it is: coroutines are not."""
    return [option for option in options(value) if not isinstance(option, Coroutine)]


def element(evaluator: Evaluator, value: Value) -> Value:
    """What a loop over the value binds."""
    return choice(_element(evaluator, option) for option in options(value))


def _element(evaluator: Evaluator, value: Value) -> Value:
    match value:
        case ExternalInstance(path) if is_standard(path):
            return value
        case Items():
            return value.element
        case Row():
            return choice(value.items)
        case Mapping():
            return value.key
        case Instance():
            form = evaluator.knowledge.form(value.cls)
            return evaluator.form_annotation(form.iterates, _arguments(evaluator, value), value) if form else UNKNOWN
        case UserInstance():
            for name in ("__next__", "__anext__"):
                method = user_classes.attribute(evaluator, value.cls, name, value)
                if isinstance(method, UserFunction):
                    return calling.returned(evaluator, method)
            for name in ("__iter__", "__aiter__"):
                method = user_classes.attribute(evaluator, value.cls, name, value)
                if isinstance(method, UserFunction):
                    key = ("element", value.cls.source, value.cls.statement)
                    return evaluator.once(key, partial(_element_of_result, evaluator, method))
    return UNKNOWN


def _element_of_result(evaluator: Evaluator, method: UserFunction) -> Value:
    return element(evaluator, calling.returned(evaluator, method))


def item(evaluator: Evaluator, value: Value, index: int) -> Value:
    """What unpacking binds to the target at an index."""
    found = []
    for option in options(value):
        if isinstance(option, Row):
            found.append(option.items[index] if -len(option.items) <= index < len(option.items) else UNKNOWN)
        else:
            found.append(_element(evaluator, option))
    return choice(found)


def awaited(evaluator: Evaluator, value: Value) -> Value:
    """What awaiting the value gives."""
    return choice(_awaited(evaluator, option) for option in options(value))


def _awaited(evaluator: Evaluator, value: Value) -> Value:
    match value:
        case ExternalInstance(path) if is_standard(path):
            return value
        case Coroutine():
            return value.result
        case Manager():
            return value.result
        case Instance():
            form = evaluator.knowledge.form(value.cls)
            return evaluator.form_annotation(form.awaits, _arguments(evaluator, value), value) if form else UNKNOWN
        case UserInstance():
            method = user_classes.attribute(evaluator, value.cls, "__await__", value)
            if isinstance(method, UserFunction):
                return UNKNOWN
            inherited = user_classes.ancestors(evaluator, value, Symbol)
            return choice(_awaited(evaluator, Instance(base.name)) for base in inherited)
    return UNKNOWN


def subscripted(evaluator: Evaluator, node: ast.Subscript, place: Place) -> Value:
    owner = evaluator.value(node.value, place)
    found: list[Value] = []
    for option in options(owner):
        match option:
            case Symbol() | UserClass():
                found.append(option)
            case Mapping():
                found.append(option.element)
            case Row() if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
                found.append(item(evaluator, option, node.slice.value))
            case Items() | Row():
                found.append(option if isinstance(node.slice, ast.Slice) else _element(evaluator, option))
            case External():
                found.append(option)
            case _:
                found.append(UNKNOWN)
    return choice(found)
