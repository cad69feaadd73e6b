"""What a call gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import annotation, reading, scopes, user_classes
from asyncio_lsp.analysis.binding import walk
from asyncio_lsp.analysis.knowledge import Form
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.scopes import FunctionSyntax
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import (
    OTHER,
    UNKNOWN,
    ContainerMethod,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Hidden,
    Instance,
    Items,
    Manager,
    Mapping,
    Parents,
    Row,
    Solved,
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

_NO_ARGUMENTS = ast.Call(ast.Name("_"), [], [])
_NOWHERE = Source("")


def called(evaluator: Evaluator, node: ast.Call, place: Place) -> Value:
    called = evaluator.value(node.func, place)
    if called == External("builtins.super"):
        return _super(place)
    return choice(_called(evaluator, option, node, place) for option in options(called))


def _called(evaluator: Evaluator, called: Value, node: ast.Call, place: Place) -> Value:
    match called:
        case Symbol():
            return _symbol_called(evaluator, called, node, place)
        case UserClass():
            return UserInstance(called)
        case Hidden():
            return Instance(called.cls)
        case UserFunction():
            return _user_called(evaluator, called)
        case Function():
            return called.result
        case ContainerMethod():
            return _container_called(called)
        case External():
            return _external_called(evaluator, called.path, node, place)
    return UNKNOWN


def result_of(evaluator: Evaluator, value: Value) -> Value:
    """What calling the value gives, whatever the arguments."""
    return choice(
        _called(evaluator, option, _NO_ARGUMENTS, Place(_NOWHERE, _NOWHERE.statements[0])) for option in options(value)
    )


def _symbol_called(evaluator: Evaluator, called: Symbol, node: ast.Call, place: Place) -> Value:
    form = evaluator.knowledge.form(called.name)
    if form is None:
        return UNKNOWN
    if form.is_class:
        return Instance(called.name, _bound_arguments(evaluator, form, node, place))
    known = receiver_arguments(evaluator, called)
    known |= _inferred(evaluator, form, node, place)
    result = evaluator.form_annotation(form.returns, known, called.receiver)
    return Coroutine(result) if form.is_coroutine_function else result


def _bound_arguments(evaluator: Evaluator, form: Form, node: ast.Call, place: Place) -> tuple[Value, ...]:
    """What the type parameters of a class stand for in `Task(coro)`."""
    inferred = _inferred(evaluator, form, node, place)
    return tuple(inferred.get(parameter, UNKNOWN) for parameter in form.type_parameters)


def receiver_arguments(evaluator: Evaluator, called: Symbol) -> dict[str, Value]:
    receiver = called.receiver
    if receiver is None:
        return {}
    form = evaluator.knowledge.form(receiver.cls)
    return dict(zip(form.type_parameters, receiver.arguments, strict=False)) if form else {}


def _inferred(evaluator: Evaluator, form: Form, node: ast.Call, place: Place) -> dict[str, Value]:
    """What the type variables of a signature stand for in a call."""
    known: dict[str, Value] = {}
    positional = [parameter for parameter in form.parameters if not parameter.keyword_only and parameter.starred < 2]
    for index, argument in enumerate(node.args):
        if not positional:
            break
        parameter = positional[min(index, len(positional) - 1)]
        if index >= len(positional) and not parameter.starred:
            break
        value = evaluator.value(argument, place)
        if isinstance(argument, ast.Starred):
            value = reading.element(evaluator, value)
        annotation.unify(evaluator, parameter.annotation, value, known)
    named = {parameter.name: parameter for parameter in form.parameters}
    for keyword in node.keywords:
        if keyword.arg in named:
            annotation.unify(evaluator, named[keyword.arg].annotation, evaluator.value(keyword.value, place), known)
    return known


def callback_arguments(
    evaluator: Evaluator, called: Value, position: int | str, behind: Sequence[ast.expr], place: Place
) -> list[Value]:
    """What an argument of a call is itself called with, by the annotation of the reference.

    `position` is its index or its keyword, `behind` are the positional arguments that follow it at a place.
    """
    for option in options(called):
        form = evaluator.knowledge.form(option.name) if isinstance(option, Symbol) else None
        at = None if form is None else _parameter_index(form, position)
        if form is None or at is None or not isinstance(option, Symbol):
            continue
        match _callable_arguments(form.parameters[at].annotation):
            case ast.List(elts=arguments):
                known = receiver_arguments(evaluator, option)
                texts = [ast.unparse(argument) for argument in arguments]
                return [evaluator.form_annotation(text, known, option.receiver) for text in texts]
            case ast.Constant() if any(parameter.starred == 1 for parameter in form.parameters[at + 1 :]):
                return [evaluator.value(argument, place) for argument in behind]
    return []


def _parameter_index(form: Form, position: int | str) -> int | None:
    if isinstance(position, str):
        return next((at for at, parameter in enumerate(form.parameters) if parameter.name == position), None)
    return position if position < len(form.parameters) else None


def _callable_arguments(text: str | None) -> ast.expr | None:
    """What stands for the arguments in `Callable[…, result]`, which may be one of several types."""
    for node in ast.walk(annotation.parsed(text or "")):
        match node:
            case ast.Subscript(value=ast.Name(id="Callable"), slice=ast.Tuple(elts=[arguments, *_])):
                return arguments
    return None


def _user_called(evaluator: Evaluator, function: UserFunction) -> Value:
    node = scopes.definition(function.statement)
    place = Place(function.source, function.statement)
    result = returned(evaluator, function)
    if user_classes.decorated(place, "asynccontextmanager", "contextmanager"):
        return Manager(reading.element(evaluator, result))
    if isinstance(node, ast.AsyncFunctionDef) and not _generates(function):
        return Coroutine(result)
    return result


def _generates(function: UserFunction) -> bool:
    return any("yield" in text for _, text in _body(function))


def returned(evaluator: Evaluator, function: UserFunction) -> Value:
    """What a function returns: by its annotation, else by its `return` statements."""
    node = scopes.definition(function.statement)
    if not isinstance(node, FunctionSyntax):
        return UNKNOWN
    place = Place(function.source, function.statement)
    if node.returns is not None:
        return evaluator.annotation(node.returns, place.binding(_solved(function)))
    return evaluator.once(
        (function.source, function.statement, "returned"), lambda: _return_values(evaluator, function)
    )


def _solved(function: UserFunction) -> dict[str, Value]:
    """What `Self` and the type variables of its class stand for in a method."""
    owner = function.owner
    if not isinstance(owner, UserInstance):
        return {}
    solved: dict[str, Value] = {"Self": Solved(owner)}
    node = scopes.definition(owner.cls.statement)
    solved.update(zip(owner.cls.statement.type_parameters, map(Solved, owner.cls.arguments), strict=False))
    if owner.cls.arguments and isinstance(node, ast.ClassDef):
        for base in node.bases:
            if isinstance(base, ast.Subscript):
                inner = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
                names = [part.id for part in inner if isinstance(part, ast.Name)]
                solved.update(zip(names, map(Solved, owner.cls.arguments), strict=False))
    return solved


def _return_values(evaluator: Evaluator, function: UserFunction) -> Value:
    values: list[Value] = []
    for statement, _ in _body(function):
        place = Place(function.source, statement)
        if statement.is_function:
            place = evaluator.inside(scopes.definition(statement), place)
        for node in walk(statement.tree):
            if isinstance(node, ast.Return):
                values.append(evaluator.value(node.value, place) if node.value else OTHER)
            elif isinstance(node, ast.Yield):
                values.append(Items(evaluator.value(node.value, place)))
    if values:
        return choice(values)
    return UNKNOWN if _is_stub(function) else OTHER


def _is_stub(function: UserFunction) -> bool:
    """Say whether a function only says that others have to define it."""
    return any("NotImplementedError" in text or text.partition("#")[0].strip() == "pass" for _, text in _body(function))


def _body(function: UserFunction) -> Iterator[tuple[Statement, str]]:
    """The statements of a function and their text; its header where a body stands on the same line."""
    header = function.statement
    if header.body_start is not None:
        yield header, header.text[header.body_start :]
    for statement in function.source.block(header):
        if not statement.is_function and scopes.function_of(function.source, statement) is header:
            yield statement, statement.text


def _super(place: Place) -> Value:
    header = place.statement
    function = header if header.is_function else scopes.function_of(place.source, header)
    while function is not None:
        owner = scopes.class_of(place.source, function)
        if owner is not None:
            return Parents(UserInstance(UserClass(place.source, owner)))
        function = scopes.function_of(place.source, function)
    return UNKNOWN


def _external_called(evaluator: Evaluator, path: str, node: ast.Call, place: Place) -> Value:
    """The few functions of other modules that hand on what they get."""
    arguments = node.args
    match path.rpartition(".")[2]:
        case "TypeVar":
            bound = next((keyword.value for keyword in node.keywords if keyword.arg == "bound"), None)
            return Solved(evaluator.annotation(bound, place) if bound is not None else UNKNOWN)
        case "cast" if len(arguments) == 2:
            return evaluator.annotation(arguments[0], place)
        case "next" | "choice" | "min" | "max" if arguments:
            return reading.element(evaluator, evaluator.value(arguments[0], place))
        case "list" | "set" | "frozenset" | "sorted" | "reversed" | "iter" | "deque" | "chain" | "tuple" | "WeakSet":
            return Items(choice(reading.element(evaluator, evaluator.value(argument, place)) for argument in arguments))
        case "filter" if len(arguments) == 2:
            return Items(reading.element(evaluator, evaluator.value(arguments[1], place)))
        case "map" if len(arguments) == 2:
            return Items(result_of(evaluator, evaluator.value(arguments[0], place)))
        case "enumerate" if arguments:
            return Items(Row((OTHER, reading.element(evaluator, evaluator.value(arguments[0], place)))))
        case "zip":
            return Items(
                Row(tuple(reading.element(evaluator, evaluator.value(argument, place)) for argument in arguments))
            )
        case "partial" if arguments:
            return Function(result_of(evaluator, evaluator.value(arguments[0], place)))
        case "dict" | "OrderedDict" | "WeakValueDictionary" | "WeakKeyDictionary":
            return Mapping(UNKNOWN)
        case "defaultdict" if arguments:
            return Mapping(result_of(evaluator, evaluator.value(arguments[0], place)))
        case "copy":
            return evaluator.value(arguments[0], place) if arguments else UNKNOWN
    return ExternalInstance(path)


def _container_called(method: ContainerMethod) -> Value:
    owner = method.owner
    match owner, method.name:
        case Mapping(), "get" | "pop" | "setdefault":
            return owner.element
        case Mapping(), "values":
            return Items(owner.element)
        case Mapping(), "keys":
            return Items(owner.key)
        case Mapping(), "items":
            return Items(Row((owner.key, owner.element)))
        case Mapping(), "popitem":
            return Row((owner.key, owner.element))
        case Items(), "pop" | "popleft" | "get" | "get_nowait":
            return owner.element
        case _, "copy" | "union" | "difference" | "intersection":
            return owner
    return OTHER
