"""The year, the zone and the hour that comes twice: what a stamp without them means."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.formats.postfix import queue_id_time
from smtpauth_tui.formats.stamps import Sighting, Yearless, YearlessClock, Years, iso_utc, latest_day, years_of

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def seen(*days: str) -> list[Sighting]:
    return [Sighting(Yearless(MONTHS.index(day[:3]) + 1, int(day[4:]), "09:00:00")) for day in days]


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "latest", "first"),
    [
        (["Nov 01", "Nov 20"], at(2026, 11, 23), 2026),
        (["Dec 30", "Dec 31", "Jan 01", "Jan 02"], at(2026, 1, 3), 2025),
        (["Dec 30", "Dec 31"], at(2026, 1, 3), 2025),
        (["Nov 24"], at(2026, 11, 24), 2026),
        (["Nov 25"], at(2026, 11, 24), 2025),
        (["Nov 01", "Feb 01", "May 01", "Nov 01", "Jan 10"], at(2026, 1, 11), 2024),
        (["Feb 28", "Feb 29", "Mar 01"], at(2026, 3, 2), 2026),
        (["Feb 28", "Feb 29"], at(2026, 11, 24), 2024),
        (["Jan 02", "Dec 31", "Jan 02"], at(2026, 1, 3), 2026),
    ],
)
def test_year_is_the_newest_that_puts_the_last_stamp_not_after_the_file(
    days: list[str], latest: datetime, first: int
) -> None:
    assert years_of(seen(*days), latest).first == first


def test_given_year_is_the_newest_of_the_file() -> None:
    assert years_of(seen("Nov 01", "Dec 31", "Jan 01"), at(2026, 11, 23), 2020) == Years(2019, date(2020, 12, 31))


def test_file_without_stamps_has_the_year_of_the_file() -> None:
    assert years_of([], at(2026, 11, 23)).first == 2026


def test_id_that_carries_its_time_settles_the_year() -> None:
    when = int(at(2019, 1, 1, 8).timestamp())
    assert years_of([*seen("Dec 30"), *[Sighting(seen("Jan 01")[0].stamp, when)]], at(2026, 11, 23)).first == 2018


def test_id_whose_time_does_not_fit_its_line_settles_nothing() -> None:
    when = int(at(2019, 6, 1).timestamp())
    assert years_of([Sighting(seen("Jan 01")[0].stamp, when)], at(2026, 11, 23)).first == 2026


def test_latest_is_the_files_change_and_a_day_or_the_present_where_that_lies_ahead() -> None:
    assert latest_day(at(2026, 11, 23), at(2020, 5, 5)) == at(2020, 5, 6)
    assert latest_day(at(2026, 11, 23), at(2030, 5, 5)) == at(2026, 11, 24)
    assert latest_day(at(2026, 11, 23), None) == at(2026, 11, 24)


def utc(clock: YearlessClock, text: str) -> str:
    month, day, time = text.split()
    return datetime.fromtimestamp(clock.utc(MONTHS.index(month) + 1, int(day), time), UTC).strftime("%Y-%m-%d %H:%M:%S")


def test_year_turns_once_and_a_late_line_stays_in_the_old_one() -> None:
    clock = YearlessClock(ZoneInfo("UTC"), 2025)
    assert [
        utc(clock, text)[:10] for text in ("Dec 31 23:59:59", "Jan 1 00:00:00", "Dec 31 23:59:58", "Jan 1 00:00:01")
    ] == [
        "2025-12-31",
        "2026-01-01",
        "2025-12-31",
        "2026-01-01",
    ]


def test_stamps_never_run_ahead_of_the_file() -> None:
    clock = YearlessClock(ZoneInfo("UTC"), 2026, date(2026, 11, 24))
    assert [utc(clock, text)[:10] for text in ("Nov 1 00:00:00", "Jan 5 00:00:00", "Nov 2 00:00:00")] == [
        "2026-11-01",
        "2026-01-05",
        "2026-11-02",
    ]


def test_leap_day_is_read_in_a_leap_year_only() -> None:
    assert utc(YearlessClock(ZoneInfo("UTC"), 2024), "Feb 29 12:00:00") == "2024-02-29 12:00:00"
    with pytest.raises(ValueError, match="day"):
        utc(YearlessClock(ZoneInfo("UTC"), 2026), "Feb 29 12:00:00")


def test_hour_that_comes_twice_counts_the_second_time_when_stamps_run_back() -> None:
    clock = YearlessClock(ZoneInfo("Europe/Berlin"), 2026)
    texts = (
        "Oct 25 01:59:59",
        "Oct 25 02:10:00",
        "Oct 25 02:50:00",
        "Oct 25 02:00:01",
        "Oct 25 02:50:00",
        "Oct 25 03:00:00",
    )
    assert [utc(clock, text)[11:] for text in texts] == [
        "23:59:59",
        "00:10:00",
        "00:50:00",
        "01:00:01",
        "01:50:00",
        "02:00:00",
    ]


def test_line_a_little_out_of_order_in_the_first_pass_stays_there() -> None:
    clock = YearlessClock(ZoneInfo("Europe/Berlin"), 2026)
    assert [utc(clock, text)[11:] for text in ("Oct 25 02:10:03", "Oct 25 02:10:01", "Oct 25 02:09:59")] == [
        "00:10:03",
        "00:10:01",
        "00:09:59",
    ]


def test_hour_that_summer_time_leaves_out_is_read_all_the_same() -> None:
    clock = YearlessClock(ZoneInfo("Europe/Berlin"), 2026)
    assert utc(clock, "Mar 29 02:30:00")[:10] == "2026-03-29"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Kolkata", "2026-11-16 03:30:00"),
        ("Asia/Kathmandu", "2026-11-16 03:15:00"),
        ("Australia/Lord_Howe", "2026-11-15 22:00:00"),
        ("Pacific/Kiritimati", "2026-11-15 19:00:00"),
    ],
)
def test_zone_with_odd_offset(zone: str, shown: str) -> None:
    assert utc(YearlessClock(ZoneInfo(zone), 2026), "Nov 16 09:00:00") == shown


def test_lord_howe_repeats_half_an_hour() -> None:
    clock = YearlessClock(ZoneInfo("Australia/Lord_Howe"), 2026)
    texts = ("Apr 5 01:35:00", "Apr 5 01:55:00", "Apr 5 01:30:00", "Apr 5 02:00:00")
    assert [utc(clock, text)[11:] for text in texts] == ["14:35:00", "14:55:00", "15:00:00", "15:30:00"]


def test_stamps_of_1970_east_of_greenwich() -> None:
    assert utc(YearlessClock(ZoneInfo("Asia/Tokyo"), 1970), "Jan 1 00:00:00") == "1969-12-31 15:00:00"


@pytest.mark.parametrize(
    ("stamp", "second"),
    [
        ("1970-01-01T00:00:01Z", 1),
        ("1970-01-01T01:00:01.999999+01:00", 1),
        ("1970-01-01T01:00:01+0100", 1),
        ("1970-01-01T05:30:00+05:30", 0),
    ],
)
def test_full_stamp(stamp: str, second: int) -> None:
    assert iso_utc(stamp) == second


def test_full_stamp_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        iso_utc("1970-01-01T00:00:01")


def long_id(seconds: int, microseconds: int = 7) -> str:
    digits = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
    text = ""
    for _ in range(4):
        microseconds, digit = divmod(microseconds, 52)
        text = digits[digit] + text
    while seconds:
        seconds, digit = divmod(seconds, 52)
        text = digits[digit] + text
    return f"{text}zYqR"


def test_long_queue_id_carries_its_time() -> None:
    assert queue_id_time(long_id(1_794_373_206)) == 1_794_373_206


@pytest.mark.parametrize("queue_id", ["A25A325AB0A", "", "z", "noqueue", "z" * 40, "y" * 39 + "z", "4jTFqj4v8XaNYqR"])
def test_other_word_carries_no_time(queue_id: str) -> None:
    assert queue_id_time(queue_id) is None
