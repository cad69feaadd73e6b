"""Real Neovim with its own LSP client, and keys typed into its own main loop.

Each file in `neovim` is what one user does; `driver.lua` is the user's hands and eyes. The configuration is that of
`editors/neovim/README.md`, with the section that is called like the scenario if there is one, and everything that
Neovim writes goes to temporary folders.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

SCENARIOS = Path(__file__).parent / "neovim"
DRIVER = SCENARIOS / "driver.lua"
FOLDER = Path(__file__).parents[1] / "editors/neovim"
PLACEHOLDER = "~/asyncio-lsp/editors/neovim"
PATIENCE = 10.0  # Seconds.

PROGRAM = '''"""Ask several shops for a price at once."""

import asyncio
from collections.abc import Sequence


class Shop:
    def __init__(self, name: str) -> None:
        self.name = name
        self.orders: asyncio.Queue[str] = asyncio.Queue(maxsize=10)

    async def price(self, article: str) -> float:
        await self.orders.put(article)
        await asyncio.sleep(0.1)
        return float(len(article))


async def compare(shops: Sequence[Shop], article: str) -> list[float]:
    async with asyncio.timeout(2.5):
        return await asyncio.gather(*(shop.price(article) for shop in shops), return_exceptions=False)


async def main() -> None:
    prices = await compare([Shop("north"), Shop("south")], "pears")
    print(min(prices))


asyncio.run(main())
'''


@pytest.mark.parametrize("scenario", sorted(set(SCENARIOS.glob("*.lua")) - {DRIVER}), ids=lambda path: path.stem)
def test_neovim(scenario: Path, tmp_path: Path) -> None:
    """The scenario comes to its end, and no server outlives Neovim."""
    project = _project(tmp_path / "shop")
    _configure(tmp_path / "config/nvim", "set-up", "completion", scenario.stem)
    played = subprocess.run(
        [
            _installed("nvim"),
            "--headless",
            *("--cmd", f"set columns=100 lines=60 noswapfile | let g:scenario = '{scenario}'"),
            *("--cmd", f"let g:version = '{version('asyncio-lsp')}'"),
            *("-S", DRIVER, "main.py"),
        ],
        cwd=project,
        env=_environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    servers = [int(process) for process in played.stdout.split()]
    assert servers, "the scenario has started no server"
    deadline = time.monotonic() + PATIENCE
    while left := [process for process in servers if _runs(process)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.02)


def _project(folder: Path) -> Path:
    """Write a program that supports Python 3.10."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nrequires-python = ">=3.10"\n')
    (folder / "main.py").write_text(PROGRAM)
    return folder


def _configure(folder: Path, *sections: str) -> None:
    """Write what these sections of the README tell users to write; the others are files beside it."""
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert PLACEHOLDER in readme
    (folder / "readme").mkdir(parents=True)
    for section in readme.split("\n## ")[1:]:
        name = section.partition("\n")[0].lower().replace(" ", "-")
        code = "".join(re.findall(r"^```lua\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
        (folder / f"readme/{name}.lua").write_text(code.replace(PLACEHOLDER, str(FOLDER)), encoding="utf-8")
    lines = [f"vim.cmd.runtime('readme/{section}.lua')\n" for section in dict.fromkeys(sections)]
    (folder / "init.lua").write_text("".join(lines), encoding="utf-8")


def _installed(program: str) -> Path:
    """Find a program of the environment that runs the tests."""
    path = Path(sys.executable).with_name(program)
    assert path.exists(), f"{path} is missing: pip install -e '.[test]' brings it"
    return path


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's, and only the programs of this environment."""
    folders = {f"XDG_{kind}_HOME": folder / kind.lower() for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    nowhere = {f"XDG_{kind}_DIRS": folder / "nowhere" for kind in ("CONFIG", "DATA")}
    paths = {"HOME": folder, "PATH": _installed("asyncio-lsp").parent, **folders, **nowhere}
    return {"LANG": "C.UTF-8", **{name: str(path) for name, path in paths.items()}}


def _runs(process: int) -> bool:
    """Say whether a process runs; one that has ended and that nobody has collected does not."""
    try:
        os.kill(process, 0)
        return not Path("/proc").is_dir() or ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
