"""What every feature needs: the entries, and the files of the workspace."""

from __future__ import annotations

import time
from functools import cached_property

from asyncio_lsp.analysis.evaluate import ROOT, Evaluator
from asyncio_lsp.analysis.inference import Inference, Question, question_at
from asyncio_lsp.analysis.lexer import TokenKind
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.features.knowledge import CatalogKnowledge

_TRUSTED_SECONDS = 60.0
_TELLING_WORDS = ("with", "async with", "for", "async for", "except", "from")


class Library:
    """The catalog and the workspace that questions are about."""

    def __init__(self, catalog: Catalog, project: Project) -> None:
        self.catalog = catalog
        self.project = project
        self._knowledge = CatalogKnowledge(catalog)
        self._evaluator = Evaluator(self._knowledge, project)
        self._made = (-1, 0.0)
        self._short_names = frozenset(name.rpartition(".")[2] for name in catalog.names)

    def evaluator(self) -> Evaluator:
        """An evaluator for one question: what earlier ones found out counts until something is edited.

        Files that nobody has open may change on disk, so nothing is believed for longer than a minute.
        """
        revision, now = self.project.revision, time.monotonic()
        if self._made[0] != revision or now - self._made[1] > _TRUSTED_SECONDS:
            self._evaluator = Evaluator(self._knowledge, self.project)
            self._made = (revision, now)
        self._evaluator.begin()
        return self._evaluator

    @cached_property
    def inference(self) -> Inference:
        """What Jedi is asked through; for one thread at a time."""
        return Inference(self._knowledge, self.project.roots)

    def question(self, source: Source, position: Position) -> Question | None:
        """What would have to be asked to explain a position; None where asking leads nowhere."""
        question = question_at(self.evaluator(), source, position) if self.uses_asyncio(source) else None
        if question is None:
            return None
        word = source.lines[question.span.start.line][question.span.start.column : question.span.end.column]
        return question if word in self._short_names else None

    def speaks_of(self, source: Source, word: str) -> bool:
        """Say whether a word of a document may stand for a public name: quickly, and never too seldom."""
        return word in self._short_names or any(found.is_import for found in source.binding(word))

    def uses_asyncio(self, source: Source) -> bool:
        """Say whether a document imports asyncio anywhere."""
        return bool(source.binding(f"import {ROOT}"))

    def may_earn_notes(self, source: Source, statement: Statement) -> bool:
        """Say whether a look at the syntax of a statement can be worth it: quickly, and never too seldom."""
        if statement.word in _TELLING_WORDS:
            return True
        return any(
            token.kind is TokenKind.NAME and (token.text == "await" or self.speaks_of(source, token.text))
            for token in statement.tokens
        )
