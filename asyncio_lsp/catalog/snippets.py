"""The syntax of LSP snippets, as far as the content uses it: `${1:default}`, then `${1}` or `$1` again."""

from __future__ import annotations

import re

_STOP = re.compile(
    r"""
      \\ (?P<escaped> [\\$}] )
    | \$\{ (?P<number> \d+ ) (?: : (?P<default> (?:\\.|[^\\}])* ) )? \}
    | \$ (?P<again> \d+ )
    """,
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\([\\$}])")


def expanded(snippet: str) -> str:
    """The text of a snippet with the default of each tab stop; one that never has any is nothing."""
    stops = [stop for stop in _STOP.finditer(snippet) if stop["default"] is not None]
    defaults = {stop["number"]: _ESCAPED.sub(r"\1", stop["default"]) for stop in stops}
    return _STOP.sub(lambda stop: stop["escaped"] or defaults.get(stop["number"] or stop["again"], ""), snippet)
