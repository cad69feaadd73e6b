"""What terminals show, with Rich."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from asyncio_lsp.check.text import Line


def show(lines: Iterable[Line]) -> None:
    """Print lines in colours, wrapped at words."""
    console = Console(highlight=False)
    for line in lines:
        console.print(Text.assemble(*line))


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], object]]:
    """Show a bar on standard error; gives what is called with the number of files that are done."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Checking", total=total)
        yield lambda count: bar.advance(task, count)
