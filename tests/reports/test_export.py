"""Reports as CSV, JSON and text: what programs and people get."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.export import csv_cell, cut, table_lines, text_lines, width_of
from smtpauth_tui.reports.values import Cell, Column, Report, Table, Tone

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
REPORT = Report(
    name="x",
    title="X",
    help="",
    records=None,  # type: ignore[arg-type]
    fields=lambda row: {"name": row},
    names=lambda query: ("name",),
    columns=(Column("name", "Name"), Column("count", "Count", numeric=True)),
    cells=lambda row: (Cell(row), Cell("1,234")),
)


async def each(rows: Iterable[Any]) -> AsyncIterator[Any]:
    for row in rows:
        yield row


@given(TEXTS)
def test_text_of_a_csv_is_no_formula_and_no_command(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([csv_cell(text), 5])
    ((shown, number),) = csv.reader(io.StringIO(out.getvalue()))
    assert number == "5"
    assert not shown.lstrip(' "').startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"))
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("value", "shown"), [(5, 5), (-5, -5), (1.5, 1.5), (None, ""), ("ana@shop.example", "ana@shop.example")]
)
def test_numbers_stay_numbers(value: object, shown: object) -> None:
    assert csv_cell(value) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("ana", 3, "ana"),
        ("anabel", 4, "ana…"),
        ("日本語", 4, "日…"),
        ("日本語", 6, "日本語"),
        ("", 0, ""),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
    ],
)
def test_cut(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown
    assert width_of(shown) <= max(width, 0)


@given(TEXTS, st.integers(1, 30))
def test_cut_text_is_never_wider(text: str, width: int) -> None:
    assert width_of(cut(text, width)) <= width


async def test_columns_stand_below_one_another() -> None:
    names = ["ana@shop.example", "日本@shop.example", "\x1b[31mred", "e\u0301"]
    lines = [line async for line in text_lines(REPORT, each(names), colour=False, width=None, limit=None)]
    assert len({width_of(line) for line in lines}) == 1
    assert lines[0].startswith("Name")
    assert lines[0].endswith("Count")
    assert all(line.isprintable() for line in lines)


async def test_first_column_gives_way_on_a_narrow_terminal() -> None:
    lines = [line async for line in text_lines(REPORT, each(["x" * 200]), colour=False, width=30, limit=None)]
    assert max(map(width_of, lines)) == 30


async def test_report_of_more_rows_than_are_measured_is_whole() -> None:
    names = [f"user{number}" for number in range(2500)]
    lines = [line async for line in text_lines(REPORT, each(names), colour=False, width=None, limit=None)]
    assert [line.split()[0] for line in lines[2:]] == names


async def test_no_rows_no_table() -> None:
    assert [line async for line in text_lines(REPORT, each([]), colour=False, width=None, limit=None)] == []


def test_colour_is_around_the_text_and_ends_with_it() -> None:
    table = Table((Column("a", "A"),), ((Cell("bad\x1b[0m", Tone.BAD),), (Cell("plain"),)))
    assert list(table_lines(table, colour=True))[2:] == ["\x1b[31mbad\\x1b[0m\x1b[0m", "plain"]


async def test_text_for_a_pipe_is_never_cut_and_a_number_nowhere() -> None:
    names = [*["x"] * 1500, "a-longer-name@shop.example"]
    lines = [line async for line in text_lines(REPORT, each(names), colour=False, width=None, limit=None)]
    assert lines[-1].startswith(names[-1])
    lines = [line async for line in text_lines(REPORT, each(names), colour=False, width=80, limit=None)]
    assert lines[-1].endswith("1,234")
