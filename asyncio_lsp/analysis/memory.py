"""Answers that are worked out once, whatever the order of the questions.

An answer that leads back to a question still being worked out is cut there, and depends on where the work began.
Such an answer counts only while that work goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from asyncio_lsp.analysis.values import UNKNOWN, Value

_BOUND = object()
"""Stands for the bound on the work, which cuts what is behind it."""


@dataclass
class Memory:
    """The answers to questions, each known by a key."""

    _known: dict[object, Value] = field(default_factory=dict)
    _passing: dict[object, tuple[Value, frozenset[object]]] = field(default_factory=dict)
    """Answers that were cut, and the open questions that cut them."""
    _open: set[object] = field(default_factory=set)
    _cuts: set[object] = field(default_factory=set)
    """What cut the answer that is being worked out."""

    @property
    def depth(self) -> int:
        """How many questions are open."""
        return len(self._open)

    def begin(self) -> None:
        """Forget what is open and what was cut."""
        self._passing.clear()
        self._open.clear()
        self._cuts.clear()

    def cut(self) -> None:
        """Say that the answer being worked out is cut by the bound on the work."""
        self._cuts.add(_BOUND)

    def once(self, key: object, work: Callable[[], Value]) -> Value:
        """Answer a question once; one that leads back to itself is unknown."""
        if key in self._known:
            return self._known[key]
        if key in self._open:
            self._cuts.add(key)
            return UNKNOWN
        passing = self._passing.get(key)
        if passing is not None:
            self._cuts |= passing[1]
            return passing[0]
        around, self._cuts = self._cuts, set()
        self._open.add(key)
        try:
            value = work()
        finally:
            self._open.discard(key)
            cuts, self._cuts = self._cuts, around
        self._keep(key, value, cuts)
        return value

    def _keep(self, key: object, value: Value, cuts: set[object]) -> None:
        """Keep an answer for good, for as long as the questions are open that cut it, or not at all."""
        if not cuts:
            self._known[key] = value
            return
        if key in cuts:
            cuts.discard(key)
            self._passing = {each: kept for each, kept in self._passing.items() if key not in kept[1]}
        if cuts and _BOUND not in cuts:
            self._passing[key] = (value, frozenset(cuts))
        self._cuts |= cuts
