"""Answers that were given before, as the text that was sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any

from asyncio_lsp.server.protocol import Encoded

_TRUSTED_SECONDS = 60.0
_KEPT = 5_000


class Answers:
    """Remembers answers as long as nothing that they depend on has changed.

    Documents and settings announce their changes; modules on disk may not,
    so nothing is believed for longer than a minute.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}
        self._stamp: object = None
        self._since = 0.0
        self._lists: dict[int, tuple[object, Encoded]] = {}

    def once(self, stamp: Hashable, key: Hashable, work: Callable[[], Any]) -> Any:
        """The answer to `key`, worked out when there is none for this `stamp` yet."""
        now = time.monotonic()
        if stamp != self._stamp or now - self._since > _TRUSTED_SECONDS or len(self._known) > _KEPT:
            self._known.clear()
            self._stamp, self._since = stamp, now
        if key not in self._known:
            self._known[key] = work()
        return self._known[key]

    def once_for(self, subject: object, work: Callable[[], Encoded]) -> Encoded:
        """The text made from an object that never changes; it is recognized by its identity."""
        known = self._lists.get(id(subject))
        if known is None or known[0] is not subject:
            if len(self._lists) > _KEPT:
                self._lists.clear()
            known = self._lists[id(subject)] = (subject, work())
        return known[1]
