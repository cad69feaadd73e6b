"""What the README shows is what a user gets."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.server.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = Path(sys.executable).with_name("asyncio-lsp")


def part(name: str) -> str:
    """What stands between the marks of a generated part."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", README, re.DOTALL)
    assert found is not None, f"the README has no part {name!r}"
    return found[1].strip()


def test_the_hover_is_real() -> None:
    """The hover in the README is what the README's command prints."""
    command = next(line for line in README.splitlines() if "asyncio-lsp hover tests/" in line)
    arguments = command.partition("asyncio-lsp ")[2].split()
    printed = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=True, cwd=ROOT)
    shown = part("hover").removeprefix("````markdown\n").removesuffix("\n````")
    assert shown == printed.stdout.strip()


def test_the_table_of_what_it_covers() -> None:
    """The table counts the entries."""
    assert part("covers") == covers()


def covers() -> str:
    """The table, from the content."""
    catalog = Catalog(ROOT / "content")
    kinds = Counter(str(entry.kind) for entry in catalog.entries())
    rows = [f"| {kind} | {kinds[kind]} |" for kind in sorted(kinds, key=lambda kind: -kinds[kind])]
    rows += [f"| topic page | {len(catalog.topics)} |", f"| keyword | {len(catalog.keywords)} |"]
    rows += [f"| note | {len(catalog.notes)} |"]
    return "\n".join(["| entries | |", "|---|---:|", *rows])


@pytest.mark.parametrize("field", Settings.__dataclass_fields__)
def test_every_setting_is_told(field: str) -> None:
    """The table of settings has each of them."""
    assert f"| `{field.replace('_', '.', 1)}` |" in README
