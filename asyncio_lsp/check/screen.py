"""The standard streams: coloured and wrapped on a terminal, plain UTF-8 in a pipe."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from asyncio_lsp.check.text import ROOM, Line


def open_for_everything() -> None:
    """Let a pipe take any letter, whatever the environment says of encodings."""
    if not sys.stdout.isatty():
        with contextlib.suppress(AttributeError):  # A replaced stdout may lack it.
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # As above.


def room() -> int:
    """How many cells a line can have."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else ROOM


def show(lines: Iterable[Line]) -> None:
    """Print lines."""
    if not sys.stdout.isatty():
        write("".join(piece for piece, _ in line) for line in lines)
        return
    from asyncio_lsp.check import terminal  # Loading Rich takes time that a pipe need not wait for.

    terminal.show(lines)


def write(lines: Iterable[str]) -> None:
    """Print lines as they are."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def tell(line: str) -> None:
    """Print a line to standard error."""
    sys.stderr.write(f"asyncio-lsp: {line}\n")


def progress(total: int, *, worth: bool) -> AbstractContextManager[Callable[[int], object]]:
    """Show a bar on a terminal where it is worth it; gives what is called with the number of files that are done."""
    if not worth or not sys.stderr.isatty():
        return contextlib.nullcontext(lambda _: None)
    from asyncio_lsp.check import terminal  # As above.

    return terminal.progress(total)
