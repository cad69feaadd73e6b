"""What inference has to be told about asyncio: the analysis names no function and no class itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FormParameter:
    """A parameter and its annotation; `starred` counts its stars."""

    name: str
    annotation: str | None
    starred: int
    keyword_only: bool


@dataclass(frozen=True, slots=True)
class Form:
    """How a public name behaves in an expression.

    Annotations are Python source in which asyncio's own classes need no prefix.
    """

    is_class: bool = False
    is_module: bool = False
    is_coroutine_function: bool = False
    is_callable: bool = False
    parameters: tuple[FormParameter, ...] = ()
    returns: str | None = None
    type_parameters: tuple[str, ...] = ()
    enters: str | None = None
    iterates: str | None = None
    awaits: str | None = None


class Knowledge(Protocol):
    """The public names of asyncio."""

    def public(self, path: str) -> str | None:
        """The public name of a dotted path as code has it: `asyncio.tasks.gather` is `asyncio.gather`."""
        ...

    def stand_in(self, path: str) -> str | None:
        """The public class that documents the objects of a class of asyncio that is not public."""
        ...

    def member(self, owner: str, name: str) -> str | None:
        """The public name that documents an attribute of a class or module, inherited ones included."""
        ...

    def annotated(self, name: str) -> str | None:
        """The public name of a class as annotations of the reference write it, without a prefix."""
        ...

    def form(self, name: str) -> Form | None:
        """How a public name behaves; None for what has no entry."""
        ...

    def derives(self, name: str, base: str) -> bool:
        """Say whether a public class is `base` or inherits from it."""
        ...

    def conventional(self, name: str) -> str | None:
        """The public class that a variable of this name holds by convention."""
        ...
