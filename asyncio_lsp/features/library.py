"""What every feature needs: the entries, and the files of the workspace."""

from __future__ import annotations

from asyncio_lsp.analysis.evaluate import Evaluator
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.features.knowledge import CatalogKnowledge


class Library:
    """The catalog and the workspace that questions are about."""

    def __init__(self, catalog: Catalog, project: Project) -> None:
        self.catalog = catalog
        self.project = project
        self._knowledge = CatalogKnowledge(catalog)

    def evaluator(self) -> Evaluator:
        """A fresh evaluator for one question."""
        return Evaluator(self._knowledge, self.project)
