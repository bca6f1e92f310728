"""The roll-up counts exactly the facts, in the days of the store's zone, however they came."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.model import AuthFailure, Submission, TlsVersion, auth_kind
from smtpauth_tui.store import dictionaries
from smtpauth_tui.store.codes import AUTH_CODES
from smtpauth_tui.store.days import DayFinder, number_of
from smtpauth_tui.store.dictionaries import OTHER_NAMES
from smtpauth_tui.store.writer import Writer
from tests.logs import asked, contents
from tests.store.facts import DAY, NOON, fill, refused, sent, source_of

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo"]
)
# around both changes of the clocks in Berlin, Cairo and Lord Howe of 2026, and New Year
MOMENTS = st.one_of(
    st.integers(NOON - 2 * DAY, NOON + 2 * DAY),
    st.sampled_from([1774746000, 1792890000, 1777582800, 1791406800, 1775311200, 1798761600]).flatmap(
        lambda moment: st.integers(moment - 7200, moment + 7200)
    ),
)
NAMES = st.one_of(
    st.sampled_from(["ana@shop.example", "Ana@Shop.example", "", "scanner", "ß@straße.example", "x@y@z.example"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)


@st.composite
def many_sent(draw: Callable[..., object]) -> list[Submission]:
    moments: list[int] = draw(st.lists(MOMENTS, max_size=25))  # type: ignore[assignment]
    return [
        sent(
            f"Q{number}",
            moment,
            account=draw(NAMES),  # type: ignore[arg-type]
            sender=draw(NAMES),  # type: ignore[arg-type]
            tls=draw(st.sampled_from(TlsVersion)),  # type: ignore[arg-type]
            mechanism=draw(st.sampled_from(["PLAIN", "xoauth2", "XCLIENT", ""])),  # type: ignore[arg-type]
            recipients=draw(st.integers(0, 999_999_999)),  # type: ignore[arg-type]
            size=draw(st.integers(0, 10**12)),  # type: ignore[arg-type]
        )
        for number, moment in enumerate(moments)
    ]


@st.composite
def many_refused(draw: Callable[..., object]) -> list[AuthFailure]:
    moments: list[int] = draw(st.lists(MOMENTS, max_size=12, unique=True))  # type: ignore[assignment]
    return [refused(draw(st.one_of(st.none(), NAMES)), moment) for moment in moments]  # type: ignore[arg-type]


def counted_anew(facts: list[Submission], zone: str) -> list[tuple[object, ...]]:
    """What the roll-up should be, counted from the facts in plain Python."""
    groups: dict[tuple[int, str, str, int, int], list[Submission]] = {}
    codes = {TlsVersion.NONE: 0, TlsVersion.SSL3: 3, TlsVersion.UNKNOWN: 99}
    for one in facts:
        day = number_of(datetime.fromtimestamp(one.time, UTC).astimezone(ZoneInfo(zone)).date())
        tls = codes[one.tls] if one.tls in codes else int(one.tls.value.replace(".", ""))
        auth = AUTH_CODES[auth_kind(one.mechanism)]
        groups.setdefault((day, one.sender.casefold(), one.account.casefold(), tls, auth), []).append(one)
    return sorted(
        (
            *key,
            len(group),
            sum(one.recipients for one in group),
            sum(one.size for one in group),
            min(one.time for one in group),
            max(one.time for one in group),
        )
        for key, group in groups.items()
    )


@settings(max_examples=60, deadline=None)
@given(many_sent(), many_refused(), ZONES, st.randoms(use_true_random=False), st.lists(st.integers(0, 25), max_size=3))
def test_rollup_is_the_facts_counted(
    tmp_path_factory: pytest.TempPathFactory,
    facts: list[Submission],
    failures: list[AuthFailure],
    zone: str,
    random: object,
    cuts: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("rollup")
    random.shuffle(shuffled := list(facts))  # type: ignore[attr-defined]
    fill(folder / "one.db", facts, failures, zone)
    writer = Writer(folder / "many.db", zone)
    places = [0, *sorted(min(cut, len(facts)) for cut in cuts), len(facts)]
    for start, end in pairwise(places):
        writer.begin()
        writer.add(shuffled[start:end], failures, source_of(writer, f"/log/{start}"))
        writer.commit()
    writer.close()
    assert contents(folder / "one.db")["days"] == counted_anew(facts, zone)
    assert contents(folder / "many.db") == contents(folder / "one.db")
    assert sum(row[3] for row in contents(folder / "one.db")["failure_days"]) == len(failures)


@settings(max_examples=30, deadline=None)
@given(many_sent(), many_refused(), ZONES, ZONES)
def test_store_that_changed_its_zone_is_like_a_new_one_in_that_zone(
    tmp_path_factory: pytest.TempPathFactory,
    facts: list[Submission],
    failures: list[AuthFailure],
    before: str,
    after: str,
) -> None:
    folder = tmp_path_factory.mktemp("zone")
    fill(folder / "old.db", facts, failures, before)
    writer = Writer(folder / "old.db", "UTC")
    writer.rezone(after)
    writer.close()
    fill(folder / "new.db", facts, failures, after)
    assert contents(folder / "old.db") == contents(folder / "new.db")
    assert asked(folder / "old.db", "SELECT value FROM setting WHERE name = 'timezone'") == [(after,)]


@settings(max_examples=40, deadline=None)
@given(many_sent(), ZONES, st.data())
def test_filling_in_tls_keeps_the_rollup_right(
    tmp_path_factory: pytest.TempPathFactory, facts: list[Submission], zone: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("fill")
    forgotten = [data.draw(st.booleans()) for _ in facts]
    fill(
        folder / "a.db",
        [one._replace(tls=TlsVersion.UNKNOWN if lost else one.tls) for one, lost in zip(facts, forgotten, strict=True)],
        zone=zone,
    )
    added = fill(folder / "a.db", facts, zone=zone)
    assert (added.submissions, added.already_known) == (0, len(facts))
    assert contents(folder / "a.db")["days"] == counted_anew(facts, zone)


def test_transaction_that_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "store.db", "UTC")
    writer.begin()
    writer.add([sent("A1")], [refused("x")], source_of(writer))
    writer.commit(keep=False)
    writer.begin()
    writer.add([sent("A2", account="bo@shop.example")], [refused("y")], source_of(writer))
    writer.commit()
    writer.close()
    found = contents(tmp_path / "store.db")
    assert [row[1] for row in found["submissions"]] == ["A2"]
    assert [row[2] for row in found["failures"]] == ["y"]
    assert [row[1] for row in found["days"]] == ["bo@shop.example"]


def test_made_up_names_are_kept_up_to_a_number_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "MOST_TRIED_NAMES", 5)
    db = tmp_path / "store.db"
    fill(db, [], [refused(f"name{number}", NOON + number) for number in range(8)])
    fill(db, [], [refused(f"name{number}", NOON + 100 + number) for number in range(8)])
    found = dict(asked(db, "SELECT text, sum(failures) FROM daily_failure JOIN tried_name ON id = name GROUP BY name"))
    assert found == {**{f"name{number}": 2 for number in range(5)}, OTHER_NAMES: 6}
    at_once = [refused(f"made up {number}", NOON + 200) for number in range(10)]
    assert fill(db, [], at_once).auth_failures == 10
    assert fill(db, [], at_once).auth_failures == 0


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "2026-03-29"),
        ("Africa/Cairo", datetime(2026, 4, 23, 22, 0, tzinfo=UTC), "2026-04-24"),
        ("Asia/Kathmandu", datetime(2026, 11, 15, 18, 15, tzinfo=UTC), "2026-11-16"),
        ("Pacific/Apia", datetime(2011, 12, 30, 10, 0, tzinfo=UTC), "2011-12-31"),
    ],
)
def test_day_begins_at_its_first_second(zone: str, moment: datetime, day: str) -> None:
    finder = DayFinder(ZoneInfo(zone))
    number = finder.number(int(moment.timestamp()))
    assert number == number_of(datetime.fromisoformat(day).date())
    assert finder.number(int(moment.timestamp()) - 1) < number
    assert finder.bounds(number)[0] == int(moment.timestamp())


def test_made_up_names_of_a_day_leave_room_for_those_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "MOST_NAMES_A_DAY", 3)
    db = tmp_path / "store.db"
    flood = [refused(f"name{number}", NOON + number) for number in range(8)]
    for part in (flood[:2], flood[2:5], flood[5:]):  # an import each minute
        fill(db, [], part)
    later = [refused(f"name{number}", NOON + 86_400 + number) for number in (7, 6, 5, 4, 3)]
    assert fill(db, [], later).auth_failures == 5
    found = dict(asked(db, "SELECT text, sum(failures) FROM daily_failure JOIN tried_name ON id = name GROUP BY name"))
    assert found == {"name0": 1, "name1": 1, "name2": 1, "name7": 1, "name6": 1, "name5": 1, OTHER_NAMES: 7}
    assert fill(db, [], flood).auth_failures == 0, "names that got a row of their own on the day after"
    assert fill(db, [], later).auth_failures == 0
