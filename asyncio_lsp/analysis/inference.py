"""The last resort: what Jedi finds out about an expression that the files of the workspace do not decide.

Nothing is executed: Jedi reads the standard library of the interpreter that runs the server,
and the packages of the workspace's virtual environments as files.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asyncio_lsp.analysis import resolve
from asyncio_lsp.analysis.evaluate import ROOT, Evaluator
from asyncio_lsp.analysis.knowledge import Knowledge
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.project import environment_folders
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position, Span
from asyncio_lsp.analysis.values import External, ExternalInstance, Unknown, is_standard, options

if TYPE_CHECKING:
    from jedi import Script

log = logging.getLogger(__name__)
_LARGEST = 400_000


@dataclass(frozen=True)
class Question:
    """An attribute of an expression that is not understood, with all that answering needs."""

    text: str
    path: str | None
    position: Position
    span: Span


def question_at(evaluator: Evaluator, source: Source, position: Position) -> Question | None:
    """The attribute at a position, if it may be asyncio's and what it belongs to is not known."""
    position = source.clamp(position)
    statement = source.statement_at(position.line)
    if not statement.word or statement.is_import:
        return None
    around, index = resolve.identifier_at(statement, statement.offset(position))
    row = around.tokens
    if index is None or index < 2 or row[index - 1].text != ".":
        return None
    place = resolve.place_of(evaluator, Place(source, statement), around, index)
    owner = resolve.receiver(evaluator, place, row, index - 2)
    if not any(_is_open(option) for option in options(owner)):
        return None
    span = statement.span(row[index].start, row[index].end)
    return Question(source.text, source.path, span.start, span)


def _is_open(value: object) -> bool:
    if isinstance(value, External | ExternalInstance):
        return not is_standard(value.path)
    return isinstance(value, Unknown)


class Inference:
    """Answers questions one after the other, in whatever single thread calls it."""

    def __init__(self, knowledge: Knowledge, roots: tuple[str, ...]) -> None:
        self._knowledge = knowledge
        self._roots = roots
        self._known: tuple[tuple[str, str | None], Script] | None = None

    def answer(self, question: Question) -> str | None:
        """The public name that the attribute stands for."""
        if len(question.text) > _LARGEST:
            return None
        script = self._script(question)
        line, column = question.position.line + 1, question.position.column
        try:
            names = script.goto(line, column, follow_imports=True)
        except Exception:  # Jedi fails in many ways on code that it does not understand.
            log.debug("Jedi failed at line %d of %s", line, question.path, exc_info=True)
            return None
        found = [public for name in names if (public := self._public(name.full_name)) is not None]
        return found[0] if found else None

    def _public(self, path: str | None) -> str | None:
        """`_asyncio.Future.cancel` is `asyncio.Future.cancel`; a class that is not public is answered by another."""
        owner, _, name = (path or "").lstrip("_").rpartition(".")
        if owner.partition(".")[0] != ROOT:
            return None
        cls = self._knowledge.public(owner) or self._knowledge.stand_in(owner)
        return self._knowledge.member(cls, name) if cls else None

    def _script(self, question: Question) -> Script:
        """The script of a text; the last one is kept, because its caches are worth more than the text."""
        import jedi
        from jedi.api.environment import InterpreterEnvironment

        key = (question.text, question.path)
        if self._known is None or self._known[0] != key:
            root = self._roots[0] if self._roots else str(Path(question.path or ".").parent)
            folders = [str(folder) for each in self._roots for folder in environment_folders(Path(each))]
            project = jedi.Project(root, added_sys_path=folders, load_unsafe_extensions=False)
            environment = InterpreterEnvironment()
            script = jedi.Script(question.text, path=question.path, environment=environment, project=project)
            self._known = (key, script)
        # Jedi stops inferring in a scope after some hundred questions, and says nothing of it.
        self._known[1]._inference_state.reset_recursion_limitations()  # noqa: SLF001
        return self._known[1]
