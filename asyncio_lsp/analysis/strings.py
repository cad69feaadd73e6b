"""Where string literals end, and where the fields of f-strings lie in them.

A field may hold strings with the quotes of the f-string around it, as Python allows since 3.12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_QUOTES = re.compile(r"""(?P<prefix>[rRbBuUfFtT]{0,2})(?P<opening>"{3}|'{3}|"|')""")
_PLAIN = {
    '"': re.compile(r'"(?:\\.|[^"\\\n])*"'),
    "'": re.compile(r"'(?:\\.|[^'\\\n])*'"),
    '"""': re.compile(r'"{3}(?:\\.|[^\\])*?"{3}', re.DOTALL),
    "'''": re.compile(r"'{3}(?:\\.|[^\\])*?'{3}", re.DOTALL),
}


def quotes(text: str) -> tuple[str, str]:
    """The prefix of a string literal and its opening quotes."""
    found = _QUOTES.match(text)
    return (found["prefix"], found["opening"]) if found else ("", "")


def is_formatted(prefix: str) -> bool:
    """Say whether a string with this prefix has fields."""
    return not {"f", "F", "t", "T"}.isdisjoint(prefix)


def content(text: str) -> tuple[int, int]:
    """The offsets of what stands between the quotes of a string literal, closed or not."""
    prefix, opening = quotes(text)
    start, end = len(prefix) + len(opening), len(text)
    return start, end - len(opening) if text.endswith(opening) and end >= start + len(opening) else end


def formatted_end(text: str, start: int) -> int | None:
    """The offset behind the f-string whose opening quotes are at `start`; None where it does not end."""
    return _Formatted(text, quotes(text[start : start + 3])[1]).end(start)


def fields(text: str) -> list[tuple[int, int]]:
    """The offsets of the expressions in an f-string, those of format specifications included; the last may be open."""
    prefix, opening = quotes(text)
    formatted = _Formatted(text, opening)
    if formatted.end(len(prefix)) is None and formatted.opened is not None:
        return [*formatted.fields, (formatted.opened, content(text)[1])]
    return formatted.fields


@dataclass
class _Formatted:
    """A walk through an f-string; `opened` is where the field starts that the walk is in."""

    text: str
    closing: str
    fields: list[tuple[int, int]] = field(default_factory=list)
    opened: int | None = None

    def end(self, start: int) -> int | None:
        """The offset behind the closing quotes."""
        return self._literal(start + len(self.closing), self.closing)

    def _literal(self, place: int | None, until: str) -> int | None:
        """The offset behind a literal part: of the whole string, or of a format specification."""
        while place is not None and place < len(self.text):
            if self.text.startswith(until, place):
                return place + len(until)
            character = self.text[place]
            if character == "\\" or (self.text.startswith(("{{", "}}"), place) and until == self.closing):
                place += 2
            elif character == "{":
                place = self._field(place + 1)
            elif self._is_line_end(character) or (until != self.closing and self.text.startswith(self.closing, place)):
                return None
            else:
                place += 1
        return None

    def _field(self, start: int) -> int | None:
        """The offset behind the bracket that closes a field."""
        self.opened = start
        place, depth = start, 0
        while place < len(self.text):
            character = self.text[place]
            if character in "\"'":
                end = _string_end(self.text, place)
                if end is None:
                    return None
                place = end
                continue
            if depth == 0 and (character in "}:" or (character == "!" and self.text[place + 1 : place + 2] != "=")):
                return self._behind(start, place)
            if self._is_line_end(character):
                return None
            depth += (character in "([{") - (character in ")]}")
            place += 1
        return None

    def _behind(self, start: int, end: int) -> int | None:
        """The offset behind the field whose expression ends here, with its conversion and specification."""
        self.fields.append((start, end))
        self.opened = None
        while end < len(self.text) and (self.text[end] == "!" or self.text[end].isalnum()):
            end += 1
        if self.text.startswith("}", end):
            return end + 1
        return self._literal(end + 1, "}") if self.text.startswith(":", end) else None

    def _is_line_end(self, character: str) -> bool:
        return character == "\n" and len(self.closing) == 1


def _string_end(text: str, start: int) -> int | None:
    """The offset behind a string in a field, given that of its opening quotes."""
    if start and text[start - 1] in "fFtTrR" and is_formatted(text[max(0, start - 2) : start]):
        return formatted_end(text, start)
    found = _PLAIN[quotes(text[start : start + 3])[1]].match(text, start)
    return found.end() if found else None
