"""The command line: the same answers outside the editor.

Exit status: 0 answered, 1 nothing there, 2 usage error or unreadable input.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import re
import sys
import tokenize
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from asyncio_lsp import __version__
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.entry import Entry
from asyncio_lsp.catalog.version import OLDEST, Target, Version
from asyncio_lsp.features import diff, hover, pages
from asyncio_lsp.features.library import Library
from asyncio_lsp.workspace.target import parse_target, target_of

ANSWERED, NOTHING, UNUSABLE = 0, 1, 2


class UnusableError(Exception):
    """Input that cannot be used; its text is the one line for the user."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    _open_streams()
    _log_to_stderr()
    warnings.simplefilter("ignore")  # Parsing the user's code must not print what Python thinks of its escapes.
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except UnusableError as error:
        print(f"asyncio-lsp: {error}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        _drop_output()
        return ANSWERED
    except OSError as error:
        _drop_output()
        print(f"asyncio-lsp: the output cannot be written: {error.strerror}", file=sys.stderr)
        return UNUSABLE
    return status


def _run(given: list[str]) -> int:
    """Run the command that the arguments name; without one, serve a pipe and help a person."""
    if not given and sys.stdin is not None and not sys.stdin.isatty():
        given = ["serve"]
    elif given and given[0].startswith("--") and given[0] not in ("--help", "--version"):
        given = ["serve", *given]
    parser = _parser()
    if not given:
        parser.print_help()
        return ANSWERED
    try:
        options = parser.parse_args(given)
    except SystemExit as leaving:  # After printing help, or a usage error.
        sys.stdout.flush()
        return leaving.code if isinstance(leaving.code, int) else ANSWERED
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _open_streams() -> None:
    """Give streams that the shell closed something to write to, and let none fail on a letter."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # It stays open to the end.
        with contextlib.suppress(AttributeError):  # What tests put there may lack it.
            getattr(sys, name).reconfigure(errors="replace")


def _drop_output() -> None:
    """Let what is left in the buffer go nowhere, so that Python does not complain about it at the end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _OneLine(logging.Formatter):
    """One line a problem; where an exception came from is told at level debug only."""

    def format(self, record: logging.LogRecord) -> str:
        if logging.getLogger().level > logging.DEBUG and record.exc_info:
            error = record.exc_info[1]
            record.msg, record.args = f"{record.getMessage()}: {type(error).__name__}: {error}", ()
            record.exc_info = record.exc_text = None
        return super().format(record).replace("\n", " | ")


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("asyncio-lsp: %(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="asyncio-lsp", description="asyncio documentation for editors and terminals")
    parser.add_argument("--version", action="version", version=f"asyncio-lsp {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    serve = commands.add_parser("serve", help="serve the Language Server Protocol on standard input and output")
    serve.add_argument("--stdio", action="store_true", help="the default; accepted because editors append it")
    serve.add_argument("--tcp", metavar="[HOST:]PORT", help="serve one client on a TCP port instead, for debugging")
    serve.add_argument("--python", metavar="VERSION", help="what files target when the client's settings do not say")
    serve.set_defaults(run=_serve)
    command = commands.add_parser("hover", help="what the editor would show at a position")
    command.add_argument("place", metavar="FILE:LINE:COL", help="line and column count from 1, columns in code points")
    command.add_argument("--detail", choices=[str(detail) for detail in hover.Detail], default="normal")
    _add_common(command, _hover)
    command = commands.add_parser("show", help="the whole page of an entry or a topic")
    command.add_argument("name", metavar="NAME", help="gather, asyncio.gather, Queue.get, cancellation")
    _add_common(command, _show)
    command = commands.add_parser("list", help="every entry with its summary")
    command.add_argument("--kind", help="function, coroutine, class, method, property, exception, constant or module")
    command.add_argument("--since", metavar="3.N", help="only what came with this version or later")
    command.add_argument("--deprecated", action="store_true", help="only what is deprecated or removed")
    _add_common(command, _list)
    command = commands.add_parser(
        "diff", help="what appeared, changed, was deprecated or went away between two versions"
    )
    command.add_argument("before", metavar="OLD", help="3.N: every patch release of it; 3.N.M: exactly that one")
    command.add_argument("after", metavar="NEW", help="a newer one")
    command.add_argument("name", metavar="NAME", nargs="?", help="only this entry and its members")
    _add_common(command, _diff)
    command = commands.add_parser("check", help="the notes of files and folders, for a terminal or CI")
    command.add_argument("paths", metavar="PATH", nargs="+", help="files, and folders with what lies below them")
    command.add_argument("--format", choices=["text", "json", "github", "sarif"], default="text")
    command.add_argument(
        "--select", metavar="IDS", help="note ids, separated by commas, or ALL; default: from the project"
    )
    command.add_argument("--ignore", metavar="IDS", help="note ids to leave out")
    mending = command.add_mutually_exclusive_group()
    mending.add_argument("--fix", action="store_true", help="apply the safe fixes")
    mending.add_argument("--diff", action="store_true", help="print what --fix would change, and change nothing")
    _add_common(command, _check, as_json=False)
    command = commands.add_parser("export", help="the whole reference as one Markdown document")
    _add_common(command, _export, as_json=False)
    return parser


def _add_common(
    command: argparse.ArgumentParser, run: Callable[[argparse.Namespace], int], *, as_json: bool = True
) -> None:
    command.add_argument("--python", metavar="VERSION", help="3.N, 3.N-3.M or '>=3.N,<3.M'; default: from the project")
    if as_json:
        command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def content_folder() -> Path:
    """Where the entries are: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "content", package.parent / "content"):
        if folder.is_dir():
            return folder
    raise UnusableError(f"the installation is incomplete: there is no content folder in {package}")


def _catalog() -> Catalog:
    return Catalog(content_folder())


def _target(options: argparse.Namespace, path: Path | None = None) -> Target:
    try:
        if options.python:
            return parse_target(options.python, "--python")
        return target_of(path or Path.cwd() / "_.py")
    except ValueError as error:
        raise UnusableError(f"--python: {error}") from error


def _serve(options: argparse.Namespace) -> int:
    from asyncio_lsp.server.app import make_server
    from asyncio_lsp.server.protocol import serve_stdio, serve_tcp

    logging.getLogger("pygls").setLevel(logging.ERROR)
    if options.python:
        _target(options)  # A mistake is said now, not in the client's log.
    server = make_server(content_folder(), __version__, python=options.python or "")
    if not options.tcp:
        if sys.stdin is None:
            raise UnusableError("standard input is closed: there is nobody to serve")
        serve_stdio(server)
        return ANSWERED
    host, _, port = options.tcp.rpartition(":")
    if not port.isdecimal() or len(port) > 5 or int(port) > 65535:
        raise UnusableError(f"--tcp: {options.tcp!r} is not HOST:PORT")
    try:
        return serve_tcp(server, host or "127.0.0.1", int(port))
    except OSError as error:
        raise UnusableError(f"--tcp: {options.tcp}: {error.strerror}") from error


_PLACE = re.compile(r"(?P<path>.+):(?P<line>\d{1,9}):(?P<column>\d{1,9})")
_TOO_FAR = re.compile(r".+:\d+:\d+")


def _hover(options: argparse.Namespace) -> int:
    place = _PLACE.fullmatch(options.place)
    if place is None and _TOO_FAR.fullmatch(options.place):
        raise UnusableError("there is no such position: no file has so many lines or columns")
    if place is None:
        raise UnusableError(f"{options.place!r} is not FILE:LINE:COL")
    path = Path(place["path"]).absolute()
    source = _source(path)
    position = Position(int(place["line"]) - 1, int(place["column"]) - 1)
    if position.line >= len(source.lines) or position.column > len(source.lines[position.line]) or min(position) < 0:
        raise UnusableError(f"{options.place}: there is no such position; the file has {len(source.lines)} lines")
    target = _target(options, path)
    library = Library(_catalog(), Project((str(Path.cwd()),)))
    library.project.opened(source)
    detail = hover.Detail(options.detail)
    answer = hover.hover(library, source, position, target, detail)
    if answer is None and (question := library.question(source, position)) is not None:
        answer = hover.inferred_hover(library, question, target, detail)
    if options.json:
        print(json.dumps(_hover_data(source, answer, target) if answer else None))
    elif answer is not None:
        _print_markdown(answer.markdown)
    if answer is None:
        print(f"asyncio-lsp: nothing of asyncio at {options.place}", file=sys.stderr)
    return ANSWERED if answer else NOTHING


def _hover_data(source: Source, answer: hover.Hover, target: Target) -> dict[str, Any]:
    return {
        "symbol": answer.symbol,
        "kind": answer.kind,
        "range": {
            name: {
                "line": place.line,
                "character": len(source.lines[place.line][: place.column].encode("utf-16-le")) // 2,
            }
            for name, place in zip(("start", "end"), answer.span, strict=True)
        },
        "python": {
            "min": str(target.oldest),
            "max": str(target.newest) if target.newest else None,
            "source": target.source,
        },
        "parameter": answer.parameter,
        "notes": [{"id": note.id, "severity": note.severity, "message": note.message} for note in answer.notes],
        "markdown": answer.markdown,
    }


def _source(path: Path) -> Source:
    try:
        with tokenize.open(path) as file:
            return Source(file.read(), str(path))
    except (OSError, UnicodeDecodeError, SyntaxError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnusableError(f"{path}: cannot be read: {reason}") from error


def _show(options: argparse.Namespace) -> int:
    catalog, target = _catalog(), _target(options)
    entry = catalog.lookup(options.name)
    if entry is not None:
        if options.json:
            print(json.dumps(pages.as_data(entry, target)))
        else:
            _print_markdown(pages.entry_page(entry, catalog, target))
        return ANSWERED
    page = catalog.topics.get(options.name.lower()) or catalog.keywords.get(options.name.lower())
    if page is not None:
        text = pages.topic_page(page)
        if options.json:
            print(json.dumps({"name": page.slug, "kind": "topic", "markdown": text}))
        else:
            _print_markdown(text)
        return ANSWERED
    return _unknown(
        options.name,
        [*catalog.nearest(options.name), *(slug for slug in catalog.topics if options.name.lower() in slug)],
    )


def _unknown(name: str, near: Sequence[str]) -> int:
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    print(f"asyncio-lsp: there is no entry {name!r}{hint}", file=sys.stderr)
    return NOTHING


def _list(options: argparse.Namespace) -> int:
    target = _target(options) if options.python else Target(OLDEST, None, "all versions")
    try:
        since = Version.parse(options.since) if options.since else None
    except ValueError as error:
        raise UnusableError(f"--since: {error}") from error
    every = pages.listing(_catalog())
    kinds = {word for entry in every for word in (str(entry.kind), *str(entry.kind).split())}
    if options.kind and options.kind not in kinds:
        raise UnusableError(f"--kind: there is no kind {options.kind!r}, but {', '.join(sorted(kinds))}")
    entries = [entry for entry in every if _listed(entry, options, since, target)]
    if options.json:
        print(json.dumps([pages.as_data(entry, target) for entry in entries]))
    else:
        _print_list(entries)
    if not entries:
        print("asyncio-lsp: no entry is like that", file=sys.stderr)
    return ANSWERED if entries else NOTHING


def _listed(entry: Entry, options: argparse.Namespace, since: Version | None, target: Target) -> bool:
    facts = entry.facts
    if not facts.overlaps(target):
        return False
    if options.kind and options.kind not in (str(entry.kind), *str(entry.kind).split()):
        return False
    if since is not None and (facts.since is None or facts.since < since):
        return False
    return not options.deprecated or facts.deprecated is not None or facts.removed is not None


def _print_list(entries: list[Entry]) -> None:
    if not sys.stdout.isatty():
        for entry in entries:
            print(f"{entry.name}  {entry.summary}")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for entry in entries:
        table.add_row(f"[bold cyan]{entry.name}[/]", entry.summary.replace("[", r"\["))
    Console().print(table)


def _diff(options: argparse.Namespace) -> int:
    try:
        move = diff.Move(options.before, options.after)
    except ValueError as error:
        raise UnusableError(f"diff: {error}") from error
    if options.python:
        _target(options)  # Nothing depends on it here, but what is no version is a mistake everywhere.
    catalog = _catalog()
    entry = catalog.lookup(options.name) if options.name else None
    if options.name and entry is None:
        return _unknown(options.name, catalog.nearest(options.name))
    rows = diff.diff(catalog, move, entry)
    if options.json:
        print(json.dumps(diff.as_data(rows, move)))
    elif rows:
        _print_markdown(diff.page(rows, move, entry))
    if not rows:
        about = entry.name if entry else "asyncio"
        print(f"asyncio-lsp: nothing of {about} changed from {move.before} to {move.after}", file=sys.stderr)
    return ANSWERED if rows else NOTHING


def _check(options: argparse.Namespace) -> int:
    from asyncio_lsp.check.run import Format, UsageError, Wish, check

    if options.diff and options.format != Format.TEXT:
        raise UnusableError("--diff: a diff has a format of its own, leave out --format")
    select = None if options.select is None else _ids(options.select)
    if select == ():
        raise UnusableError("--select: there is no id in it")
    python = _target(options) if options.python else None
    paths, form, ignore = tuple(options.paths), Format(options.format), _ids(options.ignore or "")
    try:
        return check(Wish(paths, form, select, ignore, python, options.fix, options.diff), content_folder())
    except UsageError as error:
        raise UnusableError(str(error)) from error
    except KeyboardInterrupt as error:
        raise UnusableError("interrupted") from error


def _ids(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _export(options: argparse.Namespace) -> int:
    target = _target(options) if options.python else Target(OLDEST, None, "all versions")
    _print_markdown(pages.export(_catalog(), target))
    return ANSWERED


def _print_markdown(text: str) -> None:
    """Print Markdown: coloured and wrapped on a terminal, as it is in a pipe."""
    if not sys.stdout.isatty():
        with contextlib.suppress(AttributeError):
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # A replaced stdout may lack it.
        print(text.rstrip("\n"))
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text, code_theme="ansi_dark"))
