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
    """Generate a module of exactly so many lines, 80 at least."""
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
    rows = template.removesuffix("\n").split("\n")
    blank = rows.index(_BLANK)
    rows[blank] = ""
    for line, row in enumerate(rows):
        text, taken = "", 0
        for found in _MARK.finditer(row):
            text += row[taken : found.start()]
            taken = found.end()
            if found["written"] is None:
                typing.append(Position(line, len(text)))
                continue
            place = Position(line, len(text) + found["written"].rfind(".") + 1)
            name = found["written"] if found["name"] is None else found["name"]
            marks.append(Mark(place, found["written"].rpartition(".")[2], name, text.endswith(".")))
            text += found["written"]
        rows[line] = text + row[taken:]
    return Program("\n".join(rows) + "\n", tuple(marks), tuple(typing), blank)


def _shuffled(marks: Iterable[Mark]) -> list[Mark]:
    out = list(marks)
    Random(1).shuffle(out)
    return out


_MARK = re.compile(r"<(?:\||(?P<written>[\w.]+)(?::(?P<name>[\w.]*))?)>")
_BLANK = "    # Here somebody types a call."

_HEAD = '''"""A service that collects, counts and serves: generated to measure language servers."""

from __future__ import annotations

import asyncio
import logging
from asyncio import <StreamReader:asyncio.StreamReader>, <StreamWriter:asyncio.StreamWriter>
from collections import Counter
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

'''

_TAIL = f"""

async def last(delay: float) -> float:
    rest = delay / 2<|>
{_BLANK}
    await <asyncio.sleep>(rest)
    return rest


if __name__ == "__main__":
    <asyncio.run>(last(1.0))
"""

_BLOCKS = (
    '''
class Collector$:
    """Workers that take jobs off a queue until it is empty."""

    def __init__(self, size: int = 10) -> None:
        self.queue: asyncio.Queue[str] = <asyncio.Queue>(maxsize=size)
        self.lock = <asyncio.Lock>()
        self.stopped = <asyncio.Event>()
        self.seen: Counter[str] = Counter()
        self.tasks: list[asyncio.Task[None]] = []

    async def work(self, name: str) -> None:
        rounds = <|>0
        while not self.stopped.<is_set:asyncio.Event.is_set>():
            job = await self.queue.<get:asyncio.Queue.get>()
            async with self.lock:
                self.seen[job.<strip:>()] += 1
            rounds += 1
            await <asyncio.sleep>(0)
            self.queue.<task_done:asyncio.Queue.task_done>()
        log.<info:>("%s stops after %d rounds", name, rounds)

    async def run(self, jobs: list[str]) -> int:
        number = 4<|>
        self.tasks = [<asyncio.create_task>(self.work(f"worker-{index}")) for index in range(number)]
        for job in jobs:
            await self.queue.<put:asyncio.Queue.put>(job)
        await self.queue.<join:asyncio.Queue.join>()
        self.stopped.<set:asyncio.Event.set>()
        for task in self.tasks:
            task.<cancel:asyncio.Task.cancel>()
        await <asyncio.gather>(*self.tasks, return_exceptions=True)
        return sum(self.seen.<values:>())

''',
    '''
class Bridge$:
    """Callbacks on one side, coroutines on the other."""

    def __init__(self, delay: float) -> None:
        self.loop = <asyncio.get_running_loop>()
        self.waiting: dict[int, asyncio.Future[bytes]] = {}
        self.delay = delay

    async def ask(self, key: int) -> bytes:
        tries = 3<|>
        future = self.loop.<create_future:asyncio.AbstractEventLoop.create_future>()
        self.waiting[key] = future
        timer = self.loop.<call_later:asyncio.AbstractEventLoop.call_later>(self.delay, self.give_up, key)
        try:
            return bytes(await <asyncio.shield>(future))
        finally:
            log.<debug:>("asked for %d, %d tries, until %f", key, tries, timer.<when:asyncio.TimerHandle.when>())
            timer.cancel()

    def give_up(self, key: int) -> None:
        future = self.waiting.<pop:>(key)
        if not future.<done:asyncio.Future.done>():
            future.<set_exception:asyncio.Future.set_exception>(LookupError(key))

    async def load(self, path: str) -> int:
        limit = 1000<|>

        def count() -> int:
            with open(path, "rb") as file:
                return len(file.<read:>(limit))

        size = await self.loop.<run_in_executor:asyncio.AbstractEventLoop.run_in_executor>(None, count)
        return min(size, limit)

''',
    '''
async def serve_$(host: str, port: int) -> None:
    """Answer each line with its length."""
    timeout = 30<|>

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        lines = <|>0
        try:
            while line := await <asyncio.wait_for>(reader.<readline:asyncio.StreamReader.readline>(), timeout):
                writer.<write:asyncio.StreamWriter.write>(b"%d\\n" % len(line))
                await writer.<drain:asyncio.StreamWriter.drain>()
                lines += 1
        except TimeoutError:
            log.<warning:>("nobody there after %d lines", lines)
        finally:
            writer.<close:asyncio.StreamWriter.close>()
            await writer.<wait_closed:asyncio.StreamWriter.wait_closed>()

    server = await <asyncio.start_server>(answer, host, port)
    async with server:
        await server.<serve_forever:asyncio.Server.serve_forever>()

''',
    '''
@dataclass
class Measure$:
    """Plain code between: no asyncio in it."""

    name: str
    values: list[float] = field(default_factory=list)

    def add(self, text: str) -> float:
        """Read a number such as `12 ms` or `7 µs`."""
        number, _, unit = text.<strip:>().partition(" ")
        factor = 1000<|>
        value = float(number) / (factor if unit == "ms" else 1)
        self.values.<append:>(value)
        return value

    def mean(self) -> float:
        if not self.values:
            return 0.0
        return sum(self.values) / len(self.values)


def report_$(measures: list[Measure$]) -> str:
    width = 12<|>
    rows = [f"{measure.name:<12} {measure.mean():8.3f}" for measure in measures]
    rows.<sort:>()
    return "\\n".<join:>(row[: width + 9] for row in rows)

''',
    '''
async def fetch_$(addresses: list[str], at_once: int = 8) -> dict[str, int]:
    """Read from many peers, a few at once."""
    semaphore = <asyncio.Semaphore>(at_once)
    sizes: dict[str, int] = {}

    async def one(address: str) -> None:
        port = 8080<|>
        async with semaphore, <asyncio.timeout>(10):
            reader, writer = await <asyncio.open_connection>(address, port)
            data = await reader.<read:asyncio.StreamReader.read>()
            writer.<close:asyncio.StreamWriter.close>()
            sizes[address] = len(data.<splitlines:>())

    async with <asyncio.TaskGroup>() as group:
        for address in addresses:
            task = group.<create_task:asyncio.TaskGroup.create_task>(one(address))
            task.<add_done_callback:asyncio.Task.add_done_callback>(lambda done: log.info("%s", done))
    total = <|>0
    for address, size in sizes.<items:>():
        total += size
    log.<info:>("%d bytes from %d peers", total, len(sizes))
    return sizes

''',
    '''
async def command_$(*arguments: str) -> str:
    """Run a program; what it prints is the answer."""
    patience = 5<|>
    pipe = asyncio.subprocess.PIPE
    process = await <asyncio.create_subprocess_exec>(*arguments, stdout=pipe)
    try:
        output, _ = await <asyncio.wait_for>(process.<communicate:asyncio.subprocess.Process.communicate>(), patience)
    except TimeoutError:
        process.<kill:asyncio.subprocess.Process.kill>()
        await process.<wait:asyncio.subprocess.Process.wait>()
        return ""
    return output.<decode:>("utf-8", "replace")


async def first_$(delays: list[float]) -> float:
    kept = 1<|>
    pending = {<asyncio.create_task>(asyncio.sleep(delay, delay)) for delay in delays}
    while pending:
        done, pending = await <asyncio.wait>(pending, return_when=<asyncio.FIRST_COMPLETED>)
        for task in done:
            return task.<result:asyncio.Task.result>() * kept
    return 0.0

''',
)
