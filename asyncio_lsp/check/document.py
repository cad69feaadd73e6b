"""A file as bytes on disk and as text, so that what an edit does not touch stays as it is to the last byte."""

from __future__ import annotations

import ast
import codecs
import io
import re
import stat
import tokenize
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from asyncio_lsp.analysis.text import split_lines
from asyncio_lsp.features.notes.finding import Edit

_LINE_END = re.compile(r"\r\n|\n|\r")


class UnreadableError(Exception):
    """A file that cannot be read; the text says why, in one line and without the path."""


class UnfitError(Exception):
    """A file that must not be written; the text says why, as above."""


@dataclass(frozen=True)
class Document:
    """The text of a file with its line ends, without its byte order mark; `encoding` is a name that Python knows."""

    text: str
    encoding: str = "utf-8"
    marked: bool = False
    """Whether the file begins with the byte order mark of UTF-8."""

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return split_lines(self.text)

    @property
    def marked_text(self) -> str:
        """The text with the byte order mark, where the file has one."""
        return f"\ufeff{self.text}" if self.marked else self.text

    def edited(self, edits: Iterable[Edit]) -> Document:
        """Apply edits that do not overlap; new lines end like the line that they begin in."""
        starts = [0, *(found.end() for found in _LINE_END.finditer(self.text))]
        text = self.text
        for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
            start, end = (starts[place.line] + place.column for place in edit.span)
            text = text[:start] + self.new_text(edit) + text[end:]
        return replace(self, text=text)

    def new_text(self, edit: Edit) -> str:
        """The text of an edit with line ends like that of the line it begins in; the last line is like the first."""
        if "\n" not in edit.text:
            return edit.text
        ends = _LINE_END.findall(self.text) or ["\n"]
        line = edit.span.start.line
        return edit.text.replace("\n", ends[line] if line < len(ends) else ends[0])

    def problem(self) -> str | None:
        """Why the running Python does not parse it; None when it does."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python prints them for odd escapes.
            try:
                ast.parse(self.text)
            except SyntaxError as error:
                return f"line {error.lineno}: {error.msg}"
            except (ValueError, RecursionError, MemoryError) as error:
                return f"{error}" or type(error).__name__
        return None

    def data(self) -> bytes:
        """The file's bytes; raises UnfitError for letters that its encoding does not have."""
        try:
            encoded = self.text.encode(self.encoding)
        except ValueError as error:
            raise UnfitError(f"its encoding {self.encoding} has no {self._lost(error)}") from error
        return codecs.BOM_UTF8 + encoded if self.marked else encoded

    def _lost(self, error: ValueError) -> str:
        return ascii(error.object[error.start : error.end]) if isinstance(error, UnicodeEncodeError) else str(error)


def read(path: Path) -> Document:
    """Read a file as Python would, by its byte order mark or its coding comment; raises UnreadableError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableError("is not a regular file")  # Reading a pipe could wait for ever.
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        marked = encoding == "utf-8-sig"
        text = data.decode("utf-8-sig" if marked else encoding)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from error
    except (SyntaxError, LookupError, ValueError) as error:  # The first two for encodings that do not exist.
        raise UnreadableError(f"cannot be read: {error}") from error
    return Document(text, "utf-8" if marked else encoding, marked)
