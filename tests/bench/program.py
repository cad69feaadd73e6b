"""Generates the code that is measured on: ordinary asyncio programs of any length, the same in every run.

In the templates below `<asyncio.gather>` is a name that stands as it is documented, `<get:asyncio.Queue.get>` is
`get` and means the documented name behind the colon, `<append:>` is a name that asyncio has nothing to say about,
and `<|>` is where somebody types a digit. `$` is the number of the block.
Whatever stands before one of these in its line is ASCII, so that columns are the same in every encoding.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from operator import attrgetter
from random import Random

from asyncio_lsp.analysis.text import Position


@dataclass(frozen=True)
class Mark:
    """A name in a program: where it begins, and the documented name that it means, "" for none of asyncio's."""

    position: Position
    written: str
    name: str
    through_instance: bool


@dataclass(frozen=True)
class Program:
    """A module; `typing` are places for a digit, `blank` is an empty line in its last coroutine function."""

    text: str
    marks: tuple[Mark, ...]
    typing: tuple[Position, ...]
    blank: int

    @cached_property
    def known(self) -> list[Mark]:
        """Asyncio's names, in a shuffled order that is always the same, like that of the following."""
        return _shuffled(mark for mark in self.marks if mark.name)

    @cached_property
    def imported(self) -> list[Mark]:
        """Asyncio's names that an import leads to."""
        return [mark for mark in self.known if not mark.through_instance]

    @cached_property
    def through_instance(self) -> list[Mark]:
        """Attributes of asyncio's objects."""
        return [mark for mark in self.known if mark.through_instance]

    @cached_property
    def foreign(self) -> list[Mark]:
        """Names that are not asyncio's."""
        return _shuffled(mark for mark in self.marks if not mark.name)

    def typing_before(self, mark: Mark) -> Position:
        """Where somebody types who then looks at a name: the nearest place above it."""
        return self.typing[max(0, bisect_right(self.typing, mark.position.line, key=attrgetter("line")) - 1)]


def program(lines: int) -> Program:
    """Generate a module of exactly so many lines; 100 is about the least."""
    parts = [_HEAD]
    left = lines - _HEAD.count("\n") - _TAIL.count("\n")
    for number in count():
        block = _BLOCKS[number % len(_BLOCKS)].replace("$", str(number))
        if block.count("\n") > left:
            break
        parts.append(block)
        left -= block.count("\n")
    parts += [f"LIMIT_{number} = {number}\n" for number in range(left)]
    return _read("".join([*parts, _TAIL]))


def _read(template: str) -> Program:
    """Take the marks out of a template."""
    marks: list[Mark] = []
    typing: list[Position] = []
    rows = template.split("\n")
    for line, row in enumerate(rows):
        text, taken = "", 0
        for found in _MARK.finditer(row):
            text += row[taken : found.start()]
            taken = found.end()
            column = len(text)
            if found["typing"]:
                typing.append(Position(line, column))
                continue
            written = found["written"]
            through_instance = text.endswith(".")
            text += written
            name = found["name"] if found["name"] is not None else written
            last = column + written.rfind(".") + 1
            marks.append(Mark(Position(line, last), written.rpartition(".")[2], name, through_instance))
        rows[line] = text + row[taken:]
    blank = max(index for index, row in enumerate(rows) if row == _BLANK)
    rows[blank] = ""
    return Program("\n".join(rows), tuple(marks), tuple(typing), blank)


def _shuffled(marks: Iterable[Mark]) -> list[Mark]:
    out = list(marks)
    Random(1).shuffle(out)
    return out


_MARK = re.compile(r"<(?:(?P<typing>\|)|(?P<written>\w+)(?=:):(?P<name>[\w.]*)|(?P<whole>asyncio\.[\w.]+))>")
