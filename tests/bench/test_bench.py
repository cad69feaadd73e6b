"""The benchmark measures what it says: its programs, its judgement of answers, its arithmetic. Nothing is timed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.catalog.catalog import Catalog
from asyncio_lsp.cli import content_folder
from asyncio_lsp.features import hover
from asyncio_lsp.features.library import Library
from asyncio_lsp.workspace.target import target_of
from tests.bench.__main__ import main
from tests.bench.program import program
from tests.bench.report import HEADING, quantile, save
from tests.bench.rows import ROWS


@pytest.mark.parametrize("lines", [100, 200, 2_000])
def test_a_program_is_valid_and_as_long_as_wanted(lines: int) -> None:
    code = program(lines)
    ast.parse(code.text)
    assert code.text.count("\n") == lines
    assert code == program(lines)
    assert min(map(len, (code.imported, code.through_instance, code.foreign, code.typing))) >= 5


def test_marks_are_where_the_names_are() -> None:
    rows = program(300).text.split("\n")
    for mark in program(300).marks:
        before, name = (
            rows[mark.position.line][: mark.position.column],
            rows[mark.position.line][mark.position.column :],
        )
        assert name.startswith(mark.written)
        assert before.isascii()
        assert mark.through_instance == (before.endswith(".") and not before.endswith("asyncio."))


def test_a_typed_digit_keeps_the_program_valid() -> None:
    code = program(300)
    rows = code.text.split("\n")
    for line, column in code.typing:
        rows[line] = rows[line][:column] + "7" + rows[line][column:]
    ast.parse("\n".join(rows))
    assert not {place.line for place in code.typing} & {mark.position.line for mark in code.marks}


def test_marks_mean_what_they_say() -> None:
    code = program(300)
    library = Library(Catalog(content_folder()), Project())
    source = Source(code.text)
    for mark in code.marks:
        answer = hover.hover(library, source, mark.position, target_of(None))
        assert (answer.symbol if answer else "") == mark.name


def test_a_row_is_measured_and_put_into_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"# Kept\n\n{HEADING}\n\nolder\n", encoding="utf-8")
    assert main(["--rounds", "1", "--only", "hover-again", "--out", str(file)]) == 0
    head, _, run = file.read_text(encoding="utf-8").partition(f"\n{HEADING}\n")
    assert head == "# Kept\n"
    assert f"{HEADING}\n{run}" == capsys.readouterr().out
    (row,) = (line for line in run.splitlines() if line.startswith("| `"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "`hover-again`"
    assert int(cells[2]) == 200
    assert all(float(cell) > 0 for cell in cells[3:])


def test_a_wrong_answer_is_no_measurement(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tests.bench.rows._names", lambda _hover, _mark: False)
    assert main(["--rounds", "1", "--only", "hover-again", "--out", str(tmp_path / "table.md")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "the answer is wrong" in printed.err
    assert not list(tmp_path.iterdir())


def test_quantiles() -> None:
    assert quantile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.5
    assert quantile([float(number) for number in range(101)], 0.99) == 99.0
    assert quantile([7.0], 0.99) == 7.0


def test_a_new_file_holds_the_report_alone(tmp_path: Path) -> None:
    save(f"{HEADING}\n\ntable\n", tmp_path / "table.md")
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == f"{HEADING}\n\ntable\n"


def test_the_guide_has_the_last_run_of_every_row() -> None:
    guide = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    run = guide.partition(f"\n{HEADING}\n")[2]
    assert [row.name for row in ROWS if f"| `{row.name}` |" not in run] == []
