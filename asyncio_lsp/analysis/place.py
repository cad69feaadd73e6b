"""Where an expression stands."""

from __future__ import annotations

from dataclasses import dataclass, replace

from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import Value


@dataclass(frozen=True)
class Place:
    """Where an expression stands, and what comprehensions around it bind."""

    source: Source
    statement: Statement
    local: tuple[tuple[str, Value], ...] = ()

    def at(self, statement: Statement) -> Place:
        """The same file at another statement."""
        return Place(self.source, statement)

    def binding(self, names: dict[str, Value]) -> Place:
        """The same place with more local names."""
        return replace(self, local=(*names.items(), *self.local))
