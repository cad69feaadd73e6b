"""The names that statements bind: quickly from the text, exactly from the syntax.

`.name` stands for an attribute, `name+` for a container that something is put into, `[name` for a type parameter,
`global name` for a declaration, `import name` for a module, and `isinstance()` for a check that somebody makes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from asyncio_lsp.analysis.lexer import tokens
from asyncio_lsp.analysis.rows import header_colon, statements_of

HEADERS = frozenset(
    (
        *("def", "class", "if", "elif", "else", "for", "while", "with", "try", "except", "finally", "match", "case"),
        *("async def", "async for", "async with"),
    )
)
CHECK = "isinstance()"
PUT = {"append": 0, "add": 0, "appendleft": 0, "insert": 1, "setdefault": 1}
"""The methods that put something into a container, and the index of the argument that they put there."""


def walk(tree: list[ast.stmt]) -> Iterator[ast.AST]:
    """All syntax of a statement."""
    for statement in tree:
        yield from ast.walk(statement)


def binders(tree: list[ast.stmt]) -> list[ast.AST]:
    """The pieces of syntax that bind names where a statement stands: not in a body on the line of a definition."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(tree)
    while waiting:
        node = waiting.pop()
        if isinstance(node, _BINDERS):
            found.append(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting += [child for child in ast.iter_child_nodes(node) if child not in node.body]
        else:
            waiting += ast.iter_child_nodes(node)
    return found


_BINDERS = (
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign),
    *(ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.NamedExpr, ast.ExceptHandler, ast.Global, ast.Nonlocal),
    *(ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Call),
)


def bound_names(node: ast.AST) -> Iterator[str]:
    """The names that one piece of syntax binds."""
    match node:
        case ast.Import():
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        case ast.ImportFrom():
            yield from (alias.asname or alias.name for alias in node.names)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign():
            yield from (name for target in node.targets for name in target_names(target))
            for target in node.targets:
                if isinstance(target, ast.Subscript):
                    yield from _container(target.value)
        case ast.AnnAssign() | ast.For() | ast.AsyncFor() | ast.NamedExpr():
            yield from target_names(node.target)
        case ast.With() | ast.AsyncWith():
            yield from (name for item in node.items if item.optional_vars for name in target_names(item.optional_vars))
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.Global() | ast.Nonlocal():
            yield from (f"global {name}" for name in node.names)
        case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in PUT:
            yield from _container(owner)


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


def _container(owner: ast.expr) -> Iterator[str]:
    if isinstance(owner, ast.Name | ast.Attribute):
        yield from (f"{name}+" for name in target_names(owner))


_MODULE = re.compile(r"(?:\bimport|^\s*(?:lazy\s+)?from|,)\s+([^\W\d]\w*)", re.MULTILINE)
_NAME = re.compile(r"[^\W\d]\w*")
_DEFINED = re.compile(r"(?:async\s+)?(?:def|class)\s+([^\W\d]\w*)")
_TYPED = re.compile(r"\s*(?:async\s+)?(?:def|class|type)\s+[^\W\d]\w*\s*\[")
_IMPORTED = re.compile(r"(?:\bas\s+)?([^\W\d][\w]*|\*)(?:\.[\w.]+)?\s*(?=,|\)|;|#|$|\n)", re.MULTILINE)
_TARGETS = re.compile(r"[^=:#]*?(?::[^=]+?)?=(?!=)", re.DOTALL)
_WALRUS = re.compile(r"([^\W\d]\w*)\s*:=")
_AS = re.compile(r"\bas\s+([^:]*)")
_ASSIGNED = re.compile(r"\.?[^\W\d]\w*+(?!\.|\()")
_CAPTURED = re.compile(r"(?<![\w.])[^\W\d]\w*")
_PUT = re.compile(rf"(\.?[^\W\d]\w*)\s*\.(?:{'|'.join(PUT)})\s*\(")
_KEPT = re.compile(r"(\.?[^\W\d]\w*)\s*\[")


def may_bind(word: str, text: str) -> set[str]:
    """The names that a statement with this first word may bind: never too few, sometimes too many."""
    if ";" in text or (word in HEADERS and not text.rstrip().endswith(":")):
        return {name for part_word, part in _parts(word, text) for name in _may_bind(part_word, part)}
    return _may_bind(word, text)


def _parts(word: str, text: str) -> Iterator[tuple[str, str]]:
    """The statements of a logical line, each with its first word."""
    row = tokens(text)
    start = 0
    if word in HEADERS:
        colon = header_colon(row)
        yield word, text if colon is None else text[: row[colon].end]
        if colon is None or word in ("def", "async def", "class"):
            return
        start = colon + 1
    for first, end in statements_of(row, start):
        yield row[first].text, text[row[first].start : row[end - 1].end]


def _may_bind(word: str, text: str) -> set[str]:
    bound = _bound_by_word(word, text)
    if ":=" in text:
        bound.update(_WALRUS.findall(text))
    if "isinstance(" in text:
        bound.add(CHECK)
    if ".app" in text or ".add" in text or ".ins" in text or ".set" in text:
        bound.update(f"{name}+" for name in _PUT.findall(text))
    return bound


def _bound_by_word(word: str, text: str) -> set[str]:
    if word not in _OWN:
        return _assigned(text)
    if word in ("def", "async def", "class"):
        found = _DEFINED.search(text)
        bound = {found[1]} if found else set()
        return bound if "[" not in text else bound | _type_parameters(text)
    if word in ("import", "from"):
        return _imported(word, text)
    if word in ("for", "async for"):
        return set(_ASSIGNED.findall(text.partition(" in ")[0]))
    if word in ("with", "async with", "except"):
        return {name for target in _AS.findall(text) for name in _ASSIGNED.findall(target)}
    if word in ("global", "nonlocal"):
        return {f"global {name}" for name in _NAME.findall(text)[1:]}
    if word == "case":
        return set(_CAPTURED.findall(text))
    return _assigned(text) | _type_parameters(text) if word == "type" else set()


_OWN = HEADERS.union(("import", "from", "global", "nonlocal", "type"))
"""The words whose statements bind names in other ways than by assignment, or none."""


def _imported(word: str, text: str) -> set[str]:
    if word == "import":
        parts = text.strip().removeprefix("lazy").lstrip()[6:].split("#")[0].split(",")
        bound = {part.split(" as ")[-1].strip().split(".")[0] for part in parts}
    else:
        bound = set(_IMPORTED.findall(text.partition("import")[2]))
    for module in _MODULE.findall(text):
        bound.add(f"import {module}")
    return bound


def _type_parameters(text: str) -> set[str]:
    found = _TYPED.match(text)
    return {f"[{name}" for name in _NAME.findall(text, found.end())} if found else set()


def _assigned(text: str) -> set[str]:
    if "=" not in text and ":" not in text:
        return set()
    found = _TARGETS.match(text)
    if found is None:
        return set(_ASSIGNED.findall(text.partition(":")[0])) if ":" in text else set()
    bound: set[str] = set()
    while found is not None:
        if found[0].count("(") != found[0].count(")"):
            break
        target = found[0].partition(":")[0] if ":" in found[0] else found[0]
        if target.count("[") != target.count("]"):
            target = found[0]
        bound.update(_ASSIGNED.findall(target))
        if "[" in target:
            bound.update(f"{name}+" for name in _KEPT.findall(target))
        found = _TARGETS.match(text, found.end())
    return bound
