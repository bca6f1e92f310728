"""Each cell of a chart belongs to the day and the series that it should, at every size."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui import charts
from smtpauth_tui.reports.arithmetic import apportioned, fitted, top_of_scale
from smtpauth_tui.reports.readout import readout
from smtpauth_tui.reports.values import Bucket, Chart, Role, Series

FIRST = date(2026, 8, 26)


@st.composite
def drawn(draw: st.DrawFn) -> Chart:
    days = draw(st.sampled_from([1, 2, 7, 30, 60, 90]))
    roles = draw(st.lists(st.sampled_from(Role), min_size=1, max_size=5, unique=True))
    count = st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 10**6))
    series = tuple(
        Series(role.value, role, tuple(draw(st.lists(count, min_size=days, max_size=days)))) for role in roles
    )
    buckets = tuple(Bucket(FIRST + timedelta(days=n), FIRST + timedelta(days=n)) for n in range(days))
    return Chart("", buckets, series, draw(st.booleans()))


@settings(max_examples=60, deadline=None)
@given(drawn(), st.sampled_from([(40, 8), (60, 10), (78, 15), (80, 24), (118, 28), (160, 40)]))
def test_every_cell_is_its_days_and_its_series(chart: Chart, size: tuple[int, int]) -> None:
    drawing = charts.draw(chart, *size)
    rows = size[1] - 2
    assert len(drawing.rows) == size[1]
    assert all(len(row) <= size[0] for row in drawing.rows)
    top = max(drawing.chart.sum_of(bucket) for bucket in range(len(drawing.chart.buckets)))
    for bucket in range(len(drawing.chart.buckets)):
        first, end = drawing.columns_of(bucket)
        columns = {
            tuple(charts.series_of(row[x]) for row in drawing.rows[:rows])
            for x in range(first, end - (drawing.per >= 3))
        }
        assert len(columns) == 1, "all columns of a day are alike"
        cells = [cell for cell in next(iter(columns)) if cell is not None]
        whole = drawing.chart.sum_of(bucket)
        assert bool(cells) is bool(whole)
        if whole:
            height = rows if chart.share else max(round(whole * rows / top_of_scale(top)), 1)
            assert len(cells) == min(height, rows)
            counts = [one.counts[bucket] for one in drawing.chart.series]
            assert all(counts[cell] for cell in cells), "no series shows that has nothing on that day"
        assert all(drawing.bucket_at(x) == bucket for x in range(first, end))
    assert drawing.bucket_at(drawing.left - 1) is None
    assert drawing.bucket_at(drawing.columns_of(len(drawing.chart.buckets) - 1)[1]) is None


def test_a_little_tls_1_0_shows_in_a_day_of_thousands() -> None:
    day = (Bucket(FIRST, FIRST),)
    chart = Chart(
        "", day, (Series("TLS 1.3", Role.TLS_1_3, (9_999,)), Series("TLS 1.0", Role.TLS_1_0, (1,))), share=True
    )
    drawing = charts.draw(chart, 40, 12)
    assert [charts.series_of(row[drawing.left]) for row in drawing.rows[:10]] == [1] + [0] * 9


@settings(deadline=None)
@given(drawn(), st.integers(1, 100))
def test_weeks_keep_every_message(chart: Chart, columns: int) -> None:
    fits = fitted(chart, columns)
    assert len(fits.buckets) <= max(columns, 1)
    assert [one.total for one in fits.series] == [one.total for one in chart.series]
    assert fits.buckets[0].first == chart.buckets[0].first
    assert fits.buckets[-1].last == chart.buckets[-1].last
    assert all(a.last + timedelta(days=1) == b.first for a, b in zip(fits.buckets, fits.buckets[1:], strict=False))
    for bucket in range(len(fits.buckets)):
        assert readout(fits, bucket).messages.partition(" ")[0] == f"{fits.sum_of(bucket):,}"


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.integers(1, 60), st.integers(0, 1))
def test_cells_are_shared_out_without_rest(counts: list[int], cells: int, least: int) -> None:
    given_out = apportioned(counts, cells, least)
    assert sum(given_out) == (
        cells if sum(counts) and (not least or sum(map(bool, counts)) < cells) else sum(given_out)
    )
    assert sum(given_out) <= cells
    assert all(not cell for cell, count in zip(given_out, counts, strict=True) if not count)
    if least and 0 < sum(map(bool, counts)) < cells:
        assert all(cell for cell, count in zip(given_out, counts, strict=True) if count)


def test_ascii_charts_are_ascii() -> None:
    day = (Bucket(FIRST, FIRST),)
    for role in Role:
        drawing = charts.draw(Chart("", day, (Series(role.value, role, (5,)),)), 40, 10)
        assert "".join(charts.as_text(drawing, ascii_only=True)).isascii()
