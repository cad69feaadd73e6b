"""The catalog as the analysis sees it: how each public name behaves in an expression."""

from __future__ import annotations

from functools import cached_property

from asyncio_lsp.analysis.knowledge import Form, FormParameter
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.declaration import Kind, Parameter, Passing
from asyncio_lsp.catalog.entry import Entry

_COROUTINES = (Kind.COROUTINE_FUNCTION, Kind.COROUTINE_METHOD)
_CLASSES = (Kind.CLASS, Kind.EXCEPTION)


class CatalogKnowledge:
    """Answers the questions of inference from the entries."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._forms: dict[str, Form | None] = {}

    def public(self, path: str) -> str | None:
        """`asyncio.tasks.gather` is `asyncio.gather`; a path that has an entry is public as it stands."""
        if path in self._catalog:
            return path
        root, _, rest = path.partition(".")
        module, _, name = rest.partition(".")
        shorter = f"{root}.{name}"
        return shorter if name and not module[:1].isupper() and shorter in self._catalog else None

    def stand_in(self, path: str) -> str | None:
        """The class whose entry names the other one as its implementation."""
        return self._catalog.resolution.implementations.get(path.rpartition(".")[2])

    def member(self, owner: str, name: str) -> str | None:
        """The name of the entry that documents an attribute."""
        in_practice = self._catalog.resolution.in_practice.get(owner, owner)
        found = self._catalog.member(owner, name) or self._catalog.member(in_practice, name)
        return found.name if found else None

    def annotated(self, name: str) -> str | None:
        """Look a class up in the package and in its public modules."""
        for module in self._modules:
            if f"{module}.{name}" in self._catalog:
                return f"{module}.{name}"
        return None

    def form(self, name: str) -> Form | None:
        """The form of an entry."""
        if name not in self._forms:
            entry = self._catalog.find(name)
            self._forms[name] = _form(entry) if entry else None
        return self._forms[name]

    def derives(self, name: str, base: str) -> bool:
        """Look for a base among the ancestors."""
        return base in self._catalog.ancestors(name)

    def conventional(self, name: str) -> str | None:
        """The class whose entry claims a variable's name."""
        return self._catalog.resolution.variables.get(name)

    @cached_property
    def _owners(self) -> set[str]:
        """The names in the package that have members of their own."""
        return {name.split(".")[1] for name in self._catalog.names if name.count(".") >= 2}

    @cached_property
    def _modules(self) -> list[str]:
        named = [name for name in self._catalog.names if name.rpartition(".")[2].islower() and name.count(".") <= 1]
        return [name for name in named if name.count(".") == 0 or name.split(".")[1] in self._owners]


def _form(entry: Entry) -> Form:
    declaration, facts = entry.declaration, entry.facts
    return Form(
        is_class=entry.kind in _CLASSES,
        is_module=entry.kind is Kind.MODULE,
        is_coroutine_function=entry.kind in _COROUTINES,
        is_callable=declaration.callable,
        parameters=tuple(_parameter(parameter) for parameter in declaration.parameters),
        returns=declaration.returns,
        type_parameters=declaration.type_parameters,
        enters=facts.enters,
        iterates=facts.iterates,
        awaits=facts.awaits,
    )


def _parameter(parameter: Parameter) -> FormParameter:
    starred = {Passing.VARIADIC: 1, Passing.VARIADIC_KEYWORD: 2}.get(parameter.passing, 0)
    return FormParameter(parameter.name, parameter.annotation, starred, parameter.passing is Passing.KEYWORD_ONLY)
