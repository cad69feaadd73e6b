"""What an expression can be, as far as it matters for finding asyncio's names."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio_lsp.analysis.source import Source
    from asyncio_lsp.analysis.statement import Statement


class Value:
    """Any of the classes below."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unknown(Value):
    """Nothing is known: it may be asyncio's."""


@dataclass(frozen=True, slots=True)
class Other(Value):
    """Known, and certainly not asyncio's: a string, a number, None."""


@dataclass(frozen=True, slots=True)
class External(Value):
    """A name of a module whose source is not looked at: `typing.cast`, `builtins.list`."""

    path: str


@dataclass(frozen=True, slots=True)
class ExternalInstance(Value):
    """An object of a class of such a module."""

    path: str


def is_standard(path: str) -> bool:
    """Say whether a dotted path belongs to the standard library, which hands out nothing of asyncio's."""
    return path.partition(".")[0] in sys.stdlib_module_names


@dataclass(frozen=True, slots=True)
class AsyncioModule(Value):
    """The package or one of its modules."""

    path: str


@dataclass(frozen=True, slots=True)
class Symbol(Value):
    """A public name of asyncio; a method knows the object that it was taken from."""

    name: str
    receiver: Instance | None = None


@dataclass(frozen=True, slots=True)
class Hidden(Value):
    """A class of asyncio that is not public; its objects behave like those of the public class `cls`."""

    cls: str


@dataclass(frozen=True, slots=True)
class Solved(Value):
    """A type variable: in an annotation it stands for this very value."""

    value: Value


@dataclass(frozen=True, slots=True)
class Instance(Value):
    """An object of a public class, with what its type parameters stand for."""

    cls: str
    arguments: tuple[Value, ...] = ()
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Coroutine(Value):
    """Something that gives `result` when awaited."""

    result: Value


@dataclass(frozen=True, slots=True)
class Items(Value):
    """An iterable of `element`."""

    element: Value


@dataclass(frozen=True, slots=True)
class Row(Value):
    """A tuple whose items are known one by one."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Mapping(Value):
    """A mapping to `element`."""

    element: Value
    key: Value = Unknown()


@dataclass(frozen=True, slots=True)
class Function(Value):
    """A callable of which only the result is known."""

    result: Value


@dataclass(frozen=True, slots=True)
class Manager(Value):
    """A context manager that enters `result`."""

    result: Value


@dataclass(frozen=True, slots=True)
class ContainerMethod(Value):
    """A method of a list, a set or a dict, taken from it."""

    owner: Items | Row | Mapping
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class UserModule(Value):
    """A module of the workspace."""

    source: Source


@dataclass(frozen=True, slots=True)
class UserClass(Value):
    """A class that the workspace defines."""

    source: Source
    statement: Statement
    arguments: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class UserInstance(Value):
    """An object of such a class."""

    cls: UserClass


@dataclass(frozen=True, slots=True)
class UserFunction(Value):
    """A function that the workspace defines, and the object that it was taken from."""

    source: Source
    statement: Statement
    owner: UserInstance | UserClass | None = None


@dataclass(frozen=True, slots=True)
class Parents(Value):
    """What `super()` gives in a class."""

    instance: UserInstance


@dataclass(frozen=True, slots=True)
class Choice(Value):
    """One of several values."""

    options: tuple[Value, ...]


UNKNOWN = Unknown()
OTHER = Other()


def choice(options: Iterable[Value]) -> Value:
    """Join what a name may be; what is unknown or nothing in particular gives way to what is known."""
    flat: list[Value] = []
    for option in options:
        for part in option.options if isinstance(option, Choice) else (option,):
            if part not in flat:
                flat.append(part)
    telling = [part for part in flat if not isinstance(part, Unknown | Other)]
    if not telling:
        return flat[0] if flat and UNKNOWN not in flat else UNKNOWN
    return telling[0] if len(telling) == 1 else Choice(tuple(telling))


def options(value: Value) -> tuple[Value, ...]:
    """The values that a value may be."""
    return value.options if isinstance(value, Choice) else (value,)
