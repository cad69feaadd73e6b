"""How content files are read.

The cases lie in `reader`. Where the expected answer is `problems`, the block with a file name is an entry that cannot
be used. Else the block is an example: `visible` is what a hover shows of it, `program` is what runs.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.catalog.entry import Entry
from asyncio_lsp.catalog.reader import ContentError, read_entry, read_page, read_resolution
from tests.cases import Case, every
from tests.conftest import Update

_ENTRY = '+++\ndeclaration = """\ndef x(\n    a: int,\n)\n"""\n[parameters.a]\ntext = "One."\n+++\nDo it.\n\nMore.\n'
_EXAMPLE = "\n## Example\n\n```python\n{program}```\n\n```text\n1\n```\n"


@every("reader")
def test_reader(case: Case, tmp_path: Path, update: Update | None) -> None:
    for question, expected in case.expected.items():
        actual = _answer(case, question, tmp_path)
        if update is None:
            assert actual == expected
        elif actual != expected:
            update(case, question, actual)


def _answer(case: Case, question: str, folder: Path) -> str:
    if question != "problems":
        example = _read(folder, (_ENTRY + _EXAMPLE.format(program=case.files["main.py"])).encode()).example
        assert example
        return {"visible": f"{example.visible}\n", "program": example.program}[question]
    ((name, text),) = case.files.items()
    with pytest.raises(ContentError) as caught:
        _read(folder, text.encode(), name)
    assert str(caught.value) == "\n".join(f"{folder / name}: {problem}" for problem in caught.value.problems)
    return str(caught.value).replace(f"{folder / name}", name) + "\n"


def _read(folder: Path, content: bytes, name: str = "asyncio.x.md") -> Entry:
    path = folder / name
    path.write_bytes(content)
    return read_entry(path, member=name.count(".") > 2)


def test_line_ends_of_windows_change_nothing(tmp_path: Path) -> None:
    text = _ENTRY + "\n## Notes\n\nText.\n" + _EXAMPLE.format(program="# show\nprint(1)\n# hide\nprint(2)\n")
    entry = _read(tmp_path, text.encode())
    assert entry.example
    assert (entry.description, entry.example.output) == ("More.", "1\n")
    assert asdict(_read(tmp_path, text.replace("\n", "\r\n").encode())) == asdict(entry)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"asyncio\.x\.md: cannot be read: 'utf-8' codec can't decode byte 0xe9"):
        _read(tmp_path, _ENTRY.replace("More", "caf\u00e9").encode("latin-1"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"asyncio\.x\.md: cannot be read: .*No such file"):
        read_entry(tmp_path / "asyncio.x.md", member=False)


def test_a_broken_page_is_told_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text('+++\ntitel = "A"\nsee = "asyncio.run"\n+++\n\n## Section\n\nText.\n', encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_page(path)
    assert caught.value.problems == [
        "title: missing",
        "see: expected a list, not 'asyncio.run'",
        "titel: there is no such key",
        "body: the first paragraph is the summary; there is none",
    ]


def test_a_broken_resolution_is_told(tmp_path: Path) -> None:
    path = tmp_path / "resolution.toml"
    path.write_text("[variables]\nloop = 3\n[variable]\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_resolution(path)
    assert caught.value.problems == ["variables.loop: expected text, not 3", "variable: there is no such key"]


def test_a_broken_file_is_logged_once_in_one_line_and_counts_as_absent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "asyncio.x.md").write_text('+++\ndeclaration = 1\nsee = "x"\n+++\n', encoding="utf-8")
    (tmp_path / "asyncio.y.md").write_text('+++\ndeclaration = "def y()"\n+++\nDo it.\n', encoding="utf-8")
    catalog = Catalog(tmp_path)
    assert [entry.name for entry in catalog.entries()] == ["asyncio.y"]
    assert catalog.find("asyncio.x") is None
    (message,) = caplog.messages
    assert message.count("asyncio.x.md: ") == 3
    assert "\n" not in message
