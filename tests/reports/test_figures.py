"""Numbers, shares and times as people read them, and the sums below the charts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.query import Period
from smtpauth_tui.reports.arithmetic import apportioned, buckets_of, counts_of, fitted, top_of_scale
from smtpauth_tui.reports.figures import ago, compact, local, number, percent, plural, share, short_period, utc
from smtpauth_tui.reports.values import Chart, Role, Series

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (950, "950"), (1200, "1.2k"), (1000, "1k"), (12_345, "12k"), (3_400_000, "3.4M"), (2_000_000_000, "2G")],
)
def test_compact(count: int, shown: str) -> None:
    assert compact(count) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "0%(0)"),
        (0, 10, "0%(0)"),
        (1, 1000, "<1%(1)"),
        (999, 1000, ">99%(999)"),
        (1000, 1000, "100%(1,000)"),
        (472, 889, "53%(472)"),
    ],
)
def test_share_never_says_nothing_for_little_or_all_for_nearly_all(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown


def test_small_words() -> None:
    assert (number(12345), percent(472, 889), percent(1, 0)) == ("12,345", "53.09 %", "0.00 %")
    assert (plural(1, "message"), plural(2, "message"), plural(2, "address", "addresses")) == (
        "1 message",
        "2 messages",
        "2 addresses",
    )


def test_times() -> None:
    moment = int(NOW.timestamp())
    assert (utc(None), utc(moment)) == (None, "2026-11-23T12:00:00Z")
    assert (local(None, ZoneInfo("UTC")), local(moment, ZoneInfo("Asia/Kolkata"))) == ("never", "2026-11-23 17:30")
    said = [ago(moment - seconds, NOW) for seconds in (-5, 59, 60, 5399, 5400, 2 * 86400 - 1, 2 * 86400)]
    assert said == ["just now", "just now", "1 min ago", "89 min ago", "1 h ago", "47 h ago", "2 days ago"]
    assert ago(None, NOW) == "never"


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2026, 11, 17), date(2026, 11, 23), "17–23 Nov 2026"),
        (date(2026, 10, 28), date(2026, 11, 3), "28 Oct – 3 Nov 2026"),
        (date(2025, 12, 28), date(2026, 1, 3), "28 Dec 2025 – 3 Jan 2026"),
        (date(2026, 11, 17), date(2026, 11, 17), "17 Nov 2026"),
    ],
)
def test_short_period(first: date, last: date, shown: str) -> None:
    assert short_period(Period(first=first, last=last)) == shown


@given(st.lists(st.integers(0, 10**9), max_size=8), st.integers(0, 60))
def test_cells_are_shared_out_whole_and_nothing_that_is_there_vanishes(counts: list[int], cells: int) -> None:
    given_cells = apportioned(counts, cells)
    assert len(given_cells) == len(counts)
    assert sum(given_cells) == (cells if any(counts) else 0)
    assert all(cell == 0 for count, cell in zip(counts, given_cells, strict=True) if not count)
    if sum(1 for count in counts if count) <= cells:
        assert all(cell for count, cell in zip(counts, given_cells, strict=True) if count)


@given(st.integers(0, 10**12))
def test_top_of_scale_is_round_and_not_far_above(count: int) -> None:
    top = top_of_scale(count)
    assert max(count, 1) <= top <= max(2 * count, 1)
    assert top <= 2 or top_of_scale(top) == top


@given(st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(1, 400), st.integers(1, 120))
def test_chart_that_is_fitted_keeps_its_sums_and_its_days(first: date, days: int, columns: int) -> None:
    period = Period(first=first, last=first + timedelta(days=days - 1))
    counts = tuple(number % 5 for number in range(days))
    chart = fitted(Chart("x", buckets_of(period), (Series("a", Role.FIRST, counts),)), columns)
    assert len(chart.buckets) <= columns
    assert sum(chart.series[0].counts) == sum(counts)
    assert (chart.buckets[0].first, chart.buckets[-1].last) == (period.first, period.last)
    for before, after in zip(chart.buckets, chart.buckets[1:], strict=False):
        assert after.first == before.last + timedelta(days=1)
        assert len(chart.buckets) == days or after.first.weekday() == 0


def test_days_without_a_count_have_none() -> None:
    day = date(2026, 11, 17)
    assert counts_of({day: 3}, Period(first=day, last=day + timedelta(days=1))) == (3, 0)
