"""The syntax of LSP snippets, as far as the content uses it: `${1:default}`, `${1|one,two|}`, `$1` again, `$0`."""

from __future__ import annotations

import re

_STOP = re.compile(
    r"""
      \\ (?P<escaped> [\\$}] )
    | \$\{ (?P<number> \d+ ) (?: : (?P<default> (?:\\.|[^\\}])* ) | \| (?P<choices> (?:\\.|[^\\|])* ) \| )? \}
    | \$ (?P<again> \d+ )
    """,
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\([\\$},|])")


def expanded(snippet: str) -> str:
    """The text of a snippet with the default of each tab stop, and the first one of its choices.

    A stop that is named again repeats its default; one that never has any is nothing.
    """
    defaults: dict[str, str] = {}
    for stop in _STOP.finditer(snippet):
        default = _default(stop)
        if default is not None:
            defaults.setdefault(stop["number"], default)
    return _STOP.sub(lambda stop: stop["escaped"] or defaults.get(stop["number"] or stop["again"], ""), snippet)


def _default(stop: re.Match[str]) -> str | None:
    if stop["choices"] is not None:
        return _ESCAPED.sub(r"\1", re.split(r"(?<!\\),", stop["choices"])[0])
    return None if stop["default"] is None else _ESCAPED.sub(r"\1", stop["default"])
