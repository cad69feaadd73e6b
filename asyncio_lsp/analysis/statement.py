"""One logical line: what opens it, which names it may bind, and its syntax tree when somebody asks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from asyncio_lsp.analysis.lexer import OPENERS, Token, TokenKind, indentation, tokens
from asyncio_lsp.analysis.text import Position, Span

_WORD = re.compile(r"\s*(async\s+(?:def|for|with)|[^\W\d]\w*|@|[^\s#])?")
_HEADERS = frozenset(
    "def class if elif else for while with try except finally match case".split()
    + ["async def", "async for", "async with"]
)
_SHIFTS = {"@": (0, 1), "elif": (0, 2), "except": (1, 0), "finally": (1, 0), "try": (0, -1), "case": (1, -1)}
"""By the first word: the lines and the columns of its first line by which `tree` differs from the text."""


class Statement:
    """A logical line of a document.

    `line` is where it begins now (it moves with edits above it), `word` its first word
    ("" for a line that holds no code), `indent` the width of its leading white space.
    """

    __slots__ = ("line", "lines", "word", "indent", "binds", "__dict__")

    def __init__(self, line: int, lines: tuple[str, ...]) -> None:
        self.line = line
        self.lines = lines
        found = _WORD.match(lines[0])
        word = (found and found[1]) or ""
        self.word = " ".join(word.split()) if word.startswith("async") else word
        self.indent = indentation(lines[0])
        self.binds = frozenset(_bound(self.word, self.text)) if self.word else frozenset()

    @property
    def text(self) -> str:
        """Its lines as they stand, joined by `\\n`."""
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)

    @property
    def is_header(self) -> bool:
        """Say whether a block follows it."""
        return self.word in _HEADERS

    @property
    def is_import(self) -> bool:
        """Say whether it is an import statement."""
        return self.word in ("import", "from")

    @property
    def is_function(self) -> bool:
        """Say whether it opens the body of a function."""
        return self.word in ("def", "async def")

    @cached_property
    def tokens(self) -> list[Token]:
        """Its tokens; their offsets count from the start of `text`."""
        return tokens(self.text)

    @cached_property
    def tree(self) -> list[ast.stmt]:
        """Its syntax: a list because of `;`, empty for what cannot be read even with closing brackets added.

        `else`, `try` and `finally` hold nothing but what stands behind their colon;
        `elif` reads as `if`, `case` as a whole `match`, a decorator as an expression.
        """
        return _parsed(self.word, self.text.lstrip(" \t\f"), self._closers())

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that it binds, as its syntax has it: those of `binds` that are right."""
        return frozenset(name for node in self.tree for inner in ast.walk(node) for name in bound_names(inner))

    def offset(self, position: Position) -> int:
        """The offset in `text` of a position in the document."""
        row = position.line - self.line
        return sum(len(line) + 1 for line in self.lines[:row]) + position.column

    def position(self, offset: int) -> Position:
        """The position in the document of an offset in `text`."""
        row = 0
        for line in self.lines[:-1]:
            if offset <= len(line):
                break
            offset -= len(line) + 1
            row += 1
        return Position(self.line + row, offset)

    def span(self, start: int, end: int) -> Span:
        """The positions in the document of two offsets in `text`."""
        return Span(self.position(start), self.position(end))

    def node_span(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias | ast.ExceptHandler) -> Span:
        """The positions in the document of a piece of `tree`."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(self._node_position(node.lineno, node.col_offset), self._node_position(end_line, end_column))

    def _node_position(self, line: int, column: int) -> Position:
        """Undo what was done to make the statement stand alone; syntax counts bytes of UTF-8."""
        lines_before, columns_before = _SHIFTS.get(self.word, (0, 0))
        row = min(max(line - 1 - lines_before, 0), len(self.lines) - 1)
        text = self.lines[row]
        if row == 0:
            column += columns_before + len(text) - len(text.lstrip(" \t\f"))
        if not text.isascii():
            column = len(text.encode()[:column].decode("utf-8", "ignore"))
        return Position(self.line + row, min(column, len(text)))

    def _closers(self) -> str:
        open_ = []
        for token in self.tokens:
            if token.kind is TokenKind.OPERATOR:
                if token.text in OPENERS:
                    open_.append(OPENERS[token.text])
                elif open_ and token.text == open_[-1]:
                    open_.pop()
        return "".join(reversed(open_))


def walk(tree: list[ast.stmt]) -> Iterator[ast.AST]:
    """All syntax of a statement."""
    for statement in tree:
        yield from ast.walk(statement)


def bound_names(node: ast.AST) -> Iterator[str]:
    """The names that one piece of syntax binds, `.name` for an attribute."""
    match node:
        case ast.Import():
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        case ast.ImportFrom():
            yield from (alias.asname or alias.name for alias in node.names)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign():
            yield from (name for target in node.targets for name in target_names(target))
        case ast.AnnAssign() | ast.For() | ast.AsyncFor() | ast.NamedExpr():
            yield from target_names(node.target)
        case ast.With() | ast.AsyncWith():
            yield from (name for item in node.items if item.optional_vars for name in target_names(item.optional_vars))
        case ast.ExceptHandler() if node.name:
            yield node.name
        case ast.Global() | ast.Nonlocal():
            yield from (f"global {name}" for name in node.names)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" | "appendleft")):
            yield f"{name}+"


def target_names(target: ast.expr) -> Iterator[str]:
    """The names in the target of an assignment."""
    match target:
        case ast.Name():
            yield target.id
        case ast.Attribute():
            yield f".{target.attr}"
        case ast.Starred():
            yield from target_names(target.value)
        case ast.Tuple() | ast.List():
            for part in target.elts:
                yield from target_names(part)


def _parsed(word: str, text: str, closers: str) -> list[ast.stmt]:
    text = text.rstrip()
    attempts = [text] if not closers else [f"{text}\n{closers}", f"{text}\n_{closers}"]
    for attempt in attempts:
        for form in _forms(word, attempt, broken=bool(closers)):
            try:
                return _unwrapped(word, ast.parse(form).body)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return []


def _forms(word: str, text: str, *, broken: bool) -> list[str]:
    """The ways to make a statement stand alone; each keeps every line where it was."""
    if word == "@":
        return [text[1:]]
    if word not in _HEADERS:
        return [text]
    if word == "elif":
        text = text[2:]
    bodies = [text + "\n pass", text] + ([text + ":\n pass"] if broken or not text.endswith(":") else [])
    if word in ("except", "finally"):
        return ["try: pass\n" + body for body in bodies]
    if word in ("else", "try"):
        return [f"if 1{body[len(word) :]}" for body in bodies]
    if word == "case":
        return ["match _:\n " + body.replace("\n pass", "\n  pass") for body in bodies]
    return bodies


def _unwrapped(word: str, body: list[ast.stmt]) -> list[ast.stmt]:
    if word in ("else", "try") and body and isinstance(body[0], ast.If):
        return body[0].body
    return body


_MODULE = re.compile(r"(?:\bimport|^\s*from|,)\s+([^\W\d]\w*)", re.MULTILINE)
_NAME = re.compile(r"[^\W\d]\w*")
_DEFINED = re.compile(r"(?:async\s+)?(?:def|class)\s+([^\W\d]\w*)")
_IMPORTED = re.compile(r"(?:\bas\s+)?([^\W\d][\w]*|\*)(?:\.[\w.]+)?\s*(?=,|\)|;|#|$|\n)", re.MULTILINE)
_TARGETS = re.compile(r"[^=:#]*?(?::[^=]+?)?=(?!=)", re.DOTALL)
_WALRUS = re.compile(r"([^\W\d]\w*)\s*:=")
_AS = re.compile(r"\bas\s+([^\n:]*)")
_ASSIGNED = re.compile(r"\.?[^\W\d]\w*+(?!\.|\()")


def _bound(word: str, text: str) -> set[str]:
    """The names that a statement may bind: never too few, sometimes too many."""
    if word in ("def", "async def", "class"):
        found = _DEFINED.search(text)
        names = {found[1]} if found else set()
    elif word in ("import", "from"):
        names = set(_IMPORTED.findall(text.partition("import")[2] if word == "from" else text))
        if word == "import":
            names = {part.split(" as ")[-1].strip().split(".")[0] for part in text.strip()[6:].split("#")[0].split(",")}
        names |= {f"import {module}" for module in _MODULE.findall(text)}
    elif word in ("for", "async for"):
        names = set(_ASSIGNED.findall(text.partition(" in ")[0]))
    elif word in ("with", "async with", "except"):
        names = {name for target in _AS.findall(text) for name in _ASSIGNED.findall(target)}
    elif word in ("global", "nonlocal"):
        names = {f"global {name}" for name in _NAME.findall(text)[1:]}
    elif word in _HEADERS:
        names = set()
    else:
        names = _assigned(text)
    if ":=" in text:
        names.update(_WALRUS.findall(text))
    if word not in ("def", "async def", "class", "import", "from") and ".append(" in text or ".add(" in text:
        names.update(f"{name}+" for name in _ADDED.findall(text))
    return names


_ADDED = re.compile(r"([^\W\d]\w*)\.(?:append|add|appendleft)\(")


def _assigned(text: str) -> set[str]:
    if "=" not in text and ":" not in text:
        return set()
    found = _TARGETS.match(text)
    if found is None:
        return set(_ASSIGNED.findall(text.partition(":")[0])) if ":" in text else set()
    names = set()
    while found is not None:
        if found[0].count("(") != found[0].count(")"):
            break
        names.update(_ASSIGNED.findall(found[0].partition(":")[0] if ":" in found[0] else found[0]))
        found = _TARGETS.match(text, found.end())
    return names
