"""Under which name a module is known at a statement, and where a file would import it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from asyncio_lsp.analysis import scopes
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement


class NewLines(NamedTuple):
    r"""Whole lines, each with its `\n`, to write above a line."""

    line: int
    text: str


def local_name(source: Source, statement: Statement, module: str) -> str | None:
    """The name under which a module is imported where a statement sees it; None when it is not."""
    visible = list(scopes.visible_scopes(source, statement))
    for found in source.binding(f"import {module.partition('.')[0]}"):
        if scopes.scope_of(source, found) in visible and not _for_types_only(source, found):
            name = _name_given(found, module)
            if name is not None:
                return name
    return None


def is_taken(source: Source, statement: Statement, module: str) -> bool:
    """Say whether the name of a module means something else where a statement sees it."""
    for scope in scopes.visible_scopes(source, statement):
        if scope is not None and scope.is_function and scopes.has_parameter(scope, module):
            return True
        if any(_name_given(found, module) is None for found in scopes.bindings(source, module, scope)):
            return True
    return False


def _name_given(statement: Statement, module: str) -> str | None:
    """The name that an import gives to a module itself."""
    for alias in (each for node in statement.tree if isinstance(node, ast.Import) for each in node.names):
        if alias.name == module:
            return alias.asname or module
        if alias.name.startswith(f"{module}.") and alias.asname is None:
            return module
    return None


def is_heading(statement: Statement) -> bool:
    """Say whether a statement is an import or nothing but a string: what files begin with."""
    return statement.is_import or _is_text(statement)


def placed(source: Source, statement: Statement, modules: Iterable[str]) -> tuple[tuple[NewLines, ...], str]:
    """The lines that import modules for a statement, in the place and order that the file has for them.

    Gives lines above other lines, and the text for what belongs right above the statement itself.
    """
    merged: dict[int, str] = {}
    for line, text in _lines(source, statement, sorted(modules)):
        merged[line] = merged.get(line, "") + text
    here = merged.pop(statement.line, "")
    here += "\n\n" if here and not here.endswith("\n\n") else ""
    return tuple(NewLines(line, text) for line, text in sorted(merged.items())), here


def _lines(source: Source, statement: Statement, modules: list[str]) -> Iterator[NewLines]:
    """Beside the imports of the standard library, if the file has any, else where they would be."""
    group = next((each for each in _groups(source, statement) if any(map(_is_standard, each))), None)
    if group is not None:
        yield from (NewLines(_line_in(group, module), f"import {module}\n") for module in modules)
    elif modules:
        yield _in_a_new_group(source, statement, modules)


def _line_in(group: list[Statement], module: str) -> int:
    """The line of a group that an import goes above: `import` in front of `from`, unless the group mixes them."""
    words = [each.word for each in group]
    changes = sum(before != after for before, after in pairwise(words))
    alike = group if changes > 1 else [each for each in group if each.word == "import"]
    behind = next((each for each in alike if _module(each).lower() > module), None)
    if behind is not None:
        return behind.line
    return alike[-1].line + len(alike[-1].lines) if alike else group[0].line


def _in_a_new_group(source: Source, statement: Statement, modules: list[str]) -> NewLines:
    """Behind the docstring and `__future__`, with a blank line around, and two in front of a definition."""
    end = _end_of_head(source)
    following = next((each for each in source.statements if each.line >= end and each.text.strip()), statement)
    before = "\n" if end and following.line == end else ""
    code = next((each for each in source.statements if each.line >= end and each.word), statement)
    defines = code is statement or code.is_function or code.word in ("class", "@")
    after = "\n\n" if defines else "\n"
    return NewLines(following.line, before + "".join(f"import {module}\n" for module in modules) + after)


def _end_of_head(source: Source) -> int:
    """The line behind the `__future__` imports, else behind the docstring, else behind the comment of the file."""
    end = _end_of_comment(source.lines)
    for number, statement in enumerate(each for each in source.statements if each.word):
        if not (_is_future(statement) or (number == 0 and _is_text(statement))):
            break
        end = statement.line + len(statement.lines)
    return end


def _end_of_comment(lines: list[str]) -> int:
    """The line behind the comment that a file begins with, unless that is about the code right below it."""
    end = next((line for line, text in enumerate(lines) if not text.startswith("#")), len(lines))
    is_apart = end == len(lines) or not lines[end].strip()
    return end if is_apart or lines[0].startswith("#!") else 0


def _groups(source: Source, statement: Statement) -> list[list[Statement]]:
    """The module's imports above a statement and above the first definition; a blank line or a comment divides them."""
    groups: list[list[Statement]] = []
    for each in source.statements:
        if each.is_function or each.word == "class" or each.line >= statement.line:
            break
        if each.is_import and each.indent == 0 and not _is_future(each):
            last = groups[-1][-1] if groups else None
            if last is not None and last.line + len(last.lines) == each.line:
                groups[-1].append(each)
            else:
                groups.append([each])
    return groups


def _module(statement: Statement) -> str:
    """The first module of an import, with the dots of a relative one."""
    row = [token.text for token in statement.tokens[1:]]
    end = next((index for index, text in enumerate(row) if text in ("import", "as", ",", ";")), len(row))
    return "".join(row[:end])


def _is_standard(statement: Statement) -> bool:
    return _module(statement).partition(".")[0] in sys.stdlib_module_names


def _is_future(statement: Statement) -> bool:
    return statement.word == "from" and _module(statement) == "__future__"


def _is_text(statement: Statement) -> bool:
    match statement.tree:
        case [ast.Expr(ast.Constant(str()))]:
            return True
    return False


def _for_types_only(source: Source, statement: Statement) -> bool:
    return any("TYPE_CHECKING" in header.text for header in source.parents(statement))
