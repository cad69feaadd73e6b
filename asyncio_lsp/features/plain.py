"""Markdown as plain text, for clients that show nothing else."""

from __future__ import annotations

import re

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`([^`]+)`")
_HEADING = re.compile(r"^#+ +")


def plain(markdown: str) -> str:
    """Take the marks out of Markdown as this package writes it; code blocks stay as they are."""
    lines, in_code = [], False
    for line in markdown.split("\n"):
        if line.startswith("```"):
            in_code = not in_code
        else:
            lines.append(line if in_code else _line(line))
    return "\n".join(lines)


def _line(line: str) -> str:
    line = _HEADING.sub("", line)
    pieces = re.split(r"(`[^`]+`)", line)
    for index in range(0, len(pieces), 2):
        pieces[index] = _BOLD.sub(r"\1", pieces[index])
    return _CODE.sub(r"\1", _BOLD.sub(r"\1", _LINK.sub(r"\1: \2", "".join(pieces))))
