"""Dates and periods as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from smtpauth_tui.entered import EnteredQuery
from smtpauth_tui.errors import UsageError
from smtpauth_tui.query import Period, make_period, parse_day, parse_span

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        ("now", TODAY),
        (" Today ", TODAY),
        ("yesterday", date(2026, 11, 22)),
        ("2026-11-17", date(2026, 11, 17)),
        ("2026-1-2", date(2026, 1, 2)),
        ("2024-02-29", date(2024, 2, 29)),
        ("-7d", date(2026, 11, 16)),
        ("−7d", date(2026, 11, 16)),
        ("7d", date(2026, 11, 16)),
        ("-2w", date(2026, 11, 9)),
        ("-2weeks", date(2026, 11, 9)),
        ("-1 month", date(2026, 10, 24)),
        ("-1Y", date(2025, 11, 23)),
        ("-0d", TODAY),
    ],
)
def test_day(text: str, day: date) -> None:
    assert parse_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "17.11.2026",
        "11/17/2026",
        "2026-02-29",
        "2026-13-01",
        "0000-01-01",
        "-99999y",
        "-7",
        "7",
        "-7x",
        "--7d",
        "2026-11-17T00:00",
        "-７d",
        "9" * 5000,
    ],
)
def test_what_is_no_day_is_told_with_what_would_be(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_day(text, TODAY)
    assert told.value.hint
    assert told.value.exit_status == 2


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_a_usage_error(text: str) -> None:
    try:
        assert isinstance(parse_day(text, TODAY), date)
    except UsageError:
        pass
    try:
        assert parse_span(text) >= 1
    except UsageError:
        pass


@pytest.mark.parametrize(("text", "days"), [("7d", 7), ("30", 30), ("2w", 14), ("90 days", 90), ("1y", 365), ("1d", 1)])
def test_span(text: str, days: int) -> None:
    assert parse_span(text) == days


@pytest.mark.parametrize("text", ["", "0", "0d", "d", "a week", "1.5d", "99999y", "9" * 5000])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(UsageError, match="not a number of days"):
        parse_span(text)


def test_period_is_the_last_7_days_today_included() -> None:
    period = make_period(TODAY)
    assert (period.first, period.last, period.days) == (date(2026, 11, 17), TODAY, 7)
    assert list(period.each()) == [date(2026, 11, 17) + timedelta(days=number) for number in range(7)]


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ({"start": "2026-11-01"}, date(2026, 11, 1), TODAY),
        ({"end": "2026-11-10"}, date(2026, 11, 4), date(2026, 11, 10)),
        ({"start": "-1d", "end": "today"}, date(2026, 11, 22), TODAY),
        ({"start": "today", "end": "today"}, TODAY, TODAY),
        ({"last": "1d"}, TODAY, TODAY),
        ({"last": "90d"}, date(2026, 8, 26), TODAY),
        ({"last": "7d", "end": "yesterday"}, date(2026, 11, 16), date(2026, 11, 22)),
        ({"last": "1d", "end": "2026-11-10"}, date(2026, 11, 10), date(2026, 11, 10)),
    ],
)
def test_period_of_words(words: dict[str, str], first: date, last: date) -> None:
    period = make_period(TODAY, **words)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "words",
    [
        {"start": "today", "end": "yesterday"},
        {"last": "7d", "start": "today"},
        {"last": "7d", "start": "-7d", "end": "today"},
        {"last": "7d", "end": "0001-01-03"},
        {"end": "0001-01-03"},
        {"last": "never"},
    ],
)
def test_words_that_are_no_period(words: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        make_period(TODAY, **words)


def test_a_period_is_in_order_and_a_query_is_checked_where_it_enters() -> None:
    with pytest.raises(ValueError, match="after the end date"):
        Period(first=TODAY, last=date(2026, 11, 22))
    for words in ({"search": "x" * 1001}, {"sender": "\ud800"}, {"order": "colour"}, {"colour": "red"}):
        with pytest.raises(ValidationError):
            EnteredQuery(**{"period": make_period(TODAY), **words})
    assert str(make_period(TODAY, last="1d")) == "2026-11-23"
    assert str(make_period(TODAY)) == "2026-11-17 – 2026-11-23"
