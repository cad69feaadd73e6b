"""Imports point one way: analysis and catalog know nothing of each other, and only the server knows the protocol."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "asyncio_lsp"
OURS = "asyncio_lsp"

# What the modules of a folder, or a module beside the folders, may import beside the standard library and themselves.
WALLS = {
    "analysis": {"jedi", "parso"},
    "catalog": {"cattrs"},
    "workspace": {"asyncio_lsp.catalog", "packaging"},
    "features": {"asyncio_lsp.analysis", "asyncio_lsp.catalog"},
    "server": {"asyncio_lsp", "lsprotocol", "pygls"},
    "check": {
        "asyncio_lsp.__version__",
        "asyncio_lsp.analysis",
        "asyncio_lsp.catalog",
        "asyncio_lsp.features",
        "asyncio_lsp.workspace",
        "pathspec",
        "rich",
    },
    "cli": {"asyncio_lsp", "rich"},
    "__main__": {"asyncio_lsp.cli"},
    "__init__": set(),
}
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in MODULES} - {PACKAGE})


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(PACKAGE)) for path in MODULES])
def test_wall(path: Path) -> None:
    place = path.relative_to(PACKAGE).with_suffix("").parts
    assert list(_beyond_the_wall(path.read_text(encoding="utf-8"), place)) == []


def test_every_folder_has_a_wall() -> None:
    assert {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in MODULES} == set(WALLS)


@pytest.mark.parametrize("folder", FOLDERS, ids=[str(folder.relative_to(PACKAGE)) for folder in FOLDERS])
def test_init_says_what_the_folder_is_and_nothing_else(folder: Path) -> None:
    body = ast.parse((folder / "__init__.py").read_text(encoding="utf-8")).body
    assert len(body) == 1
    assert ast.get_docstring(ast.Module(body, []))


def test_the_command_line_loads_only_what_it_needs() -> None:
    """A `hover` or a `show` must not wait for the protocol, Jedi, the terminal's colours or processes."""
    heavy = ["pygls", "lsprotocol", "jedi", "rich", "pathspec", "concurrent.futures.process"]
    program = f"import sys, asyncio_lsp.cli; print(*[name for name in {heavy} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


@pytest.mark.parametrize(
    ("place", "code", "beyond"),
    [
        (("analysis", "made_up"), "import asyncio_lsp.catalog", ["asyncio_lsp.catalog"]),
        (("analysis", "made_up"), "from asyncio_lsp.features import hover", ["asyncio_lsp.features.hover"]),
        (("analysis", "made_up"), "import cattrs", ["cattrs"]),
        (("analysis", "made_up"), "import jedi.api, parso, os.path\nfrom asyncio_lsp.analysis import text", []),
        (("catalog", "made_up"), "from asyncio_lsp.analysis import text", ["asyncio_lsp.analysis.text"]),
        (("catalog", "made_up"), "import jedi", ["jedi"]),
        (("catalog", "made_up"), "def f():\n    from cattrs import Converter", []),
        (("workspace", "made_up"), "from asyncio_lsp.analysis import text", ["asyncio_lsp.analysis.text"]),
        (("workspace", "made_up"), "import tomllib\nfrom packaging.version import Version", []),
        (("features", "made_up"), "from lsprotocol import types", ["lsprotocol.types"]),
        (("features", "made_up"), "import parso", ["parso"]),
        (("features", "made_up"), "import asyncio_lsp.workspace.target", ["asyncio_lsp.workspace.target"]),
        (("features", "made_up"), "from asyncio_lsp.analysis import text\nfrom asyncio_lsp.catalog import entry", []),
        (("server", "made_up"), "import jedi", ["jedi"]),
        (("server", "made_up"), "import rich", ["rich"]),
        (("server", "made_up"), "import asyncio_lsp.workspace.target, lsprotocol, pygls.uris", []),
        (("check", "made_up"), "from asyncio_lsp.server import convert", ["asyncio_lsp.server.convert"]),
        (("check", "made_up"), "import asyncio_lsp.cli", ["asyncio_lsp.cli"]),
        (("check", "made_up"), "import rich.console, pathspec, asyncio_lsp.workspace.target", []),
        (("cli",), "from pygls.lsp.server import LanguageServer", ["pygls.lsp.server.LanguageServer"]),
        (("cli",), "import lsprotocol", ["lsprotocol"]),
        (("cli",), "def f():\n    from asyncio_lsp.server.app import make_server\n    from rich import print", []),
        (("__main__",), "from asyncio_lsp.server import app", ["asyncio_lsp.server.app"]),
        (("__main__",), "import sys\nfrom asyncio_lsp.cli import main", []),
        (("__init__",), "from asyncio_lsp.cli import main", ["asyncio_lsp.cli.main"]),
        # No way around the wall.
        (("features", "made_up"), "from ..server import client", ["asyncio_lsp.server.client"]),
        (("features", "made_up"), "from .. import server", ["asyncio_lsp.server"]),
        (("features", "made_up"), "from asyncio_lsp import server", ["asyncio_lsp.server"]),
        (("features", "made_up"), "from asyncio_lsp import analysis, server", ["asyncio_lsp.server"]),
        (("features", "made_up"), "from . import markup\nfrom .markup import facts", []),
        (("features", "made_up"), "if TYPE_CHECKING:\n    import pygls", ["pygls"]),
        (("features", "made_up"), "try:\n    import pygls\nexcept ImportError:\n    pass", ["pygls"]),
        (("features", "made_up"), "def f():\n    import pygls", ["pygls"]),
        (("features", "made_up"), "importlib.import_module('pygls')", ["import_module"]),
        (("features", "made_up"), "from importlib import import_module as load", ["importlib.import_module"]),
        (("features", "made_up"), "__import__('pygls')", ["__import__"]),
        (("features", "made_up"), "import asyncio_lsp.features_of_another", ["asyncio_lsp.features_of_another"]),
    ],
)
def test_the_walls_hold(place: tuple[str, ...], code: str, beyond: list[str]) -> None:
    assert list(_beyond_the_wall(code, place)) == beyond


def _beyond_the_wall(code: str, place: tuple[str, ...]) -> Iterator[str]:
    """Find what a module imports that its wall keeps out; its place is its path in the package, part by part."""
    allowed = {*WALLS[place[0]], f"{OURS}.{place[0]}", *sys.stdlib_module_names}
    for node in ast.walk(ast.parse(code)):
        for name in _imported(node, place):
            inside = any(name == each or name.startswith(f"{each}.") for each in allowed)
            if not inside or name in ("import_module", "__import__", "importlib.import_module"):
                yield name


def _imported(node: ast.AST, place: tuple[str, ...]) -> list[str]:
    """List the dotted names that a piece of syntax imports, those of a relative import in full."""
    match node:
        case ast.Import(names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module, names, level):
            origin = [OURS, *place][:-level] if level else []
            return [".".join([*origin, *([module] if module else []), alias.name]) for alias in names]
        case ast.Attribute(attr="import_module"):
            return ["import_module"]
        case ast.Name(id="__import__"):
            return ["__import__"]
    return []
