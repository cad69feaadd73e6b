"""Declarations as entries write them: read once, cut to a target, printed.

A declaration is one line of Python with a word in front that says what is declared:

    def gather(*coros_or_futures: Awaitable[T], return_exceptions: bool = False) -> Future[list[T]]
    async def sleep(delay: float, result: T = None) -> T
    class Queue[T](maxsize: int = 0)
    exception LimitOverrunError(message: str, consumed: int)
    module subprocess
    pid: int
    FIRST_COMPLETED: str = "FIRST_COMPLETED"

Methods are declared without `self`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is declared; a function of a class is a method, a value of a class a property."""

    FUNCTION = "function"
    COROUTINE_FUNCTION = "coroutine function"
    METHOD = "method"
    COROUTINE_METHOD = "coroutine method"
    CLASS = "class"
    EXCEPTION = "exception"
    PROPERTY = "property"
    CONSTANT = "constant"
    MODULE = "module"


CALLABLES = frozenset(Kind) - {Kind.PROPERTY, Kind.CONSTANT, Kind.MODULE}


class Passing(StrEnum):
    """How an argument reaches a parameter."""

    POSITIONAL_ONLY = "positional only"
    POSITIONAL = "positional or keyword"
    VARIADIC = "variadic"
    KEYWORD_ONLY = "keyword only"
    VARIADIC_KEYWORD = "variadic keyword"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `annotation` and `default` are Python source, None when absent."""

    name: str
    passing: Passing
    annotation: str | None
    default: str | None

    @property
    def required(self) -> bool:
        """Say whether every call has to give it."""
        return self.default is None and self.passing not in (Passing.VARIADIC, Passing.VARIADIC_KEYWORD)

    @property
    def starred(self) -> str:
        """The name with the stars of `*args` and `**kwargs`."""
        return {Passing.VARIADIC: "*", Passing.VARIADIC_KEYWORD: "**"}.get(self.passing, "") + self.name

    def text(self, *, annotated: bool = True) -> str:
        """Print it as in a signature."""
        annotation = f": {self.annotation}" if annotated and self.annotation else ""
        if self.default is None:
            return self.starred + annotation
        return f"{self.starred}{annotation} = {self.default}" if annotation else f"{self.starred}={self.default}"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a name is; `returns` is the annotation of the result or of the value."""

    name: str
    kind: Kind
    parameters: tuple[Parameter, ...]
    returns: str | None
    value: str | None
    type_parameters: tuple[str, ...]

    @property
    def callable(self) -> bool:
        """Say whether it is called with arguments."""
        return self.kind in CALLABLES

    def cut(self, kept: Container[str]) -> Declaration:
        """Leave only the parameters with these names."""
        parameters = tuple(parameter for parameter in self.parameters if parameter.name in kept)
        return Declaration(self.name, self.kind, parameters, self.returns, self.value, self.type_parameters)

    def items(self, *, annotated: bool = True) -> list[tuple[Parameter | None, str]]:
        """Print what stands between the parentheses; the markers `/` and `*` come with no parameter."""
        out: list[tuple[Parameter | None, str]] = []
        previous: Parameter | None = None
        for parameter in self.parameters:
            if previous and previous.passing is Passing.POSITIONAL_ONLY is not parameter.passing:
                out.append((None, "/"))
            if parameter.passing is Passing.KEYWORD_ONLY and not _opens_keywords(previous):
                out.append((None, "*"))
            out.append((parameter, parameter.text(annotated=annotated)))
            previous = parameter
        if previous and previous.passing is Passing.POSITIONAL_ONLY:
            out.append((None, "/"))
        return out

    @property
    def result(self) -> str:
        """The arrow and what it points at, or nothing."""
        return f" -> {self.returns}" if self.returns else ""


def _opens_keywords(previous: Parameter | None) -> bool:
    return previous is not None and previous.passing in (Passing.VARIADIC, Passing.KEYWORD_ONLY)


_HEAD = re.compile(r"(async def|def|class|exception)\s+(\w+)\s*(?:\[([^\]]*)\])?")
_FUNCTION_KINDS = {
    ("def", False): Kind.FUNCTION,
    ("def", True): Kind.METHOD,
    ("async def", False): Kind.COROUTINE_FUNCTION,
    ("async def", True): Kind.COROUTINE_METHOD,
    ("class", False): Kind.CLASS,
    ("exception", False): Kind.EXCEPTION,
}


def parse(text: str, *, member: bool) -> Declaration:
    """Read a declaration; `member` says that the name belongs to a class.

    A ValueError says what could not be read.
    """
    text = text.strip()
    if text.startswith("module "):
        return Declaration(text.removeprefix("module ").strip(), Kind.MODULE, (), None, None, ())
    head = _HEAD.match(text)
    if head is None:
        return _value(text, member=member)
    word, name, generics = head.groups()
    rest = text[head.end() :]
    function = _statement(f"def {name}{rest if rest.startswith('(') else '()' + rest}: ...")
    if not isinstance(function, ast.FunctionDef):
        raise ValueError(f"a declaration is one definition: {text!r}")
    kind = _FUNCTION_KINDS.get((word, member))
    if kind is None:
        raise ValueError(f"a member cannot be declared with {word!r}")
    parameters = tuple(_parameters(function.args))
    returns = ast.unparse(function.returns) if function.returns else None
    type_parameters = tuple(part.strip() for part in generics.split(",")) if generics else ()
    return Declaration(name, kind, parameters, returns, None, type_parameters)


def _value(text: str, *, member: bool) -> Declaration:
    statement = _statement(text)
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        raise ValueError(f"not a declaration: {text!r}")
    kind = Kind.PROPERTY if member else Kind.CONSTANT
    value = ast.unparse(statement.value) if statement.value else None
    return Declaration(statement.target.id, kind, (), ast.unparse(statement.annotation), value, ())


def _statement(text: str) -> ast.stmt:
    try:
        statements = ast.parse(text).body
    except SyntaxError as error:
        raise ValueError(f"not Python: {error.msg}: {text!r}") from error
    if len(statements) != 1:
        raise ValueError(f"a declaration is one statement: {text!r}")
    return statements[0]


def _parameters(arguments: ast.arguments) -> list[Parameter]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(positional) - len(arguments.defaults)), *arguments.defaults]
    out = []
    for index, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
        passing = Passing.POSITIONAL_ONLY if index < len(arguments.posonlyargs) else Passing.POSITIONAL
        out.append(_parameter(argument, passing, default))
    if arguments.vararg:
        out.append(_parameter(arguments.vararg, Passing.VARIADIC, None))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        out.append(_parameter(argument, Passing.KEYWORD_ONLY, default))
    if arguments.kwarg:
        out.append(_parameter(arguments.kwarg, Passing.VARIADIC_KEYWORD, None))
    return out


def _parameter(argument: ast.arg, passing: Passing, default: ast.expr | None) -> Parameter:
    annotation = ast.unparse(argument.annotation) if argument.annotation else None
    return Parameter(argument.arg, passing, annotation, ast.unparse(default) if default else None)
