"""Positions in a text, and its lines.

Lines and columns count from 0; columns count code points.
Lines end at a line feed, a carriage return or both, and nowhere else: editors count them so.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")


class Position(NamedTuple):
    """A place between two characters."""

    line: int
    column: int


class Span(NamedTuple):
    """The text between two positions."""

    start: Position
    end: Position


def split_lines(text: str) -> list[str]:
    """Divide a text into its lines, without their ends; there is always at least one."""
    if "\r" in text:
        return _LINE_END.split(text)
    return text.split("\n")
