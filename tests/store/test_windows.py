"""What is counted ahead (the windows, the totals by day and domain) is what counting now would give."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.model import Submission, TlsVersion
from smtpauth_tui.query import Period, ReportQuery, SenderOrder
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.schema import APPLICATION_ID, steps
from smtpauth_tui.store.windows import SPANS
from smtpauth_tui.store.writer import Writer
from tests.store.facts import source_of

FIRST = date(2026, 8, 1)


def sent(number: int, day: int, who: int, tls: TlsVersion = TlsVersion.V1_3) -> Submission:
    time = int(datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC).timestamp()) + day * 86_400
    name = f"user{who}@d{who % 3}.example"
    return Submission(
        time, "mx1", "postfix", f"Q{number}", name, name, "192.0.2.1", "unknown", tls, "PLAIN", 1 + who % 2, 100
    )


def bring_in(path: Path, *batches: list[Submission], finish: bool = True) -> None:
    """Import some batches, each as the last of its run; without *finish* as a run that was stopped."""
    for batch in batches:
        with closing(Writer(path, "UTC")) as writer:
            writer.begin()
            writer.add(batch, [], source_of(writer))
            if finish:
                writer.finish()
            writer.commit()


def windows(path: Path) -> dict[int, list[tuple[object, ...]]]:
    """The windows as they stand, each by its span."""
    with closing(Writer(path, "UTC")) as writer:
        rows = writer._connection.execute("SELECT * FROM window ORDER BY span, sender").fetchall()
    return {span: [row[1:] for row in rows if row[0] == span] for span in SPANS}


def totals(path: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The totals by day and domain as they stand, and counted from the roll-up."""
    with closing(Writer(path, "UTC")) as writer:
        kept = writer._connection.execute("SELECT * FROM daily_total ORDER BY 1, 2, 3, 4").fetchall()
        counted = writer._connection.execute(
            "SELECT day, domain, tls, auth, sum(messages), sum(recipients), min(first), max(last) FROM daily "
            "JOIN address ON address.id = sender GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        ).fetchall()
    return kept, counted


FACTS = st.lists(
    st.tuples(st.integers(0, 130), st.integers(0, 5), st.sampled_from(TlsVersion)), min_size=1, max_size=40
)


@settings(max_examples=80, deadline=None)
@given(FACTS, st.lists(st.integers(0, 40), max_size=6))
def test_windows_that_slid_are_those_counted_at_once(
    tmp_path_factory: pytest.TempPathFactory, facts: list[tuple[int, int, TlsVersion]], cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("windows")
    submissions = [sent(number, *fact) for number, fact in enumerate(facts)]
    # the senders in the order of the first batch, so that both stores number them alike
    everyone = [sent(900 + who, 0, who) for who in range(6)]
    places = [0, *sorted(min(cut, len(submissions)) for cut in cuts), len(submissions)]
    batches = [submissions[start:end] for start, end in pairwise(places)]
    bring_in(folder / "slid.db", everyone, *batches)
    bring_in(folder / "once.db", everyone + submissions)
    assert windows(folder / "slid.db") == windows(folder / "once.db")
    kept, counted = totals(folder / "slid.db")
    assert kept == counted


async def pages(path: Path, query: ReportQuery) -> tuple[bool, list[tuple[str, int, int]]]:
    """Whether a window answers, and all rows of the listing."""
    async with await Store.open(path) as store:
        listing = await store.listing(query)
        rows = [row for first in range(0, listing.count, 2) for row in await listing.page(first, 2)]
        assert len(rows) == listing.count
        return await store.window_of(query), [(row.name, row.messages, row.recipients) for row in rows]


def many() -> list[Submission]:
    return [sent(number, 100 - number % 50, number % 7) for number in range(120)]


@pytest.mark.parametrize("order", [SenderOrder.MESSAGES, SenderOrder.NAME, SenderOrder.LAST_SEEN, SenderOrder.V1_3])
@pytest.mark.parametrize("search", ["", "user3"])
@pytest.mark.parametrize("domain", [None, "d0.example"])
async def test_listing_from_a_window_has_the_rows_of_one_counted_now(
    tmp_path: Path, order: SenderOrder, search: str, domain: str | None
) -> None:
    bring_in(tmp_path / "with.db", many())
    bring_in(tmp_path / "without.db", many(), finish=False)
    last = FIRST + timedelta(days=100)
    for span in SPANS:
        query = ReportQuery(period=Period.ending(last, span), order=order, search=search, domain=domain)
        windowed, rows = await pages(tmp_path / "with.db", query)
        counted_now, others = await pages(tmp_path / "without.db", query)
        assert (windowed, counted_now) == (True, False)
        assert sorted(rows) == sorted(others)
        assert rows


async def test_a_run_that_was_stopped_leaves_no_window_that_is_believed(tmp_path: Path) -> None:
    bring_in(tmp_path / "a.db", [sent(1, 50, 1)])
    bring_in(tmp_path / "a.db", [sent(2, 50, 2)], finish=False)
    query = ReportQuery(period=Period.ending(FIRST + timedelta(days=50), 7))
    windowed, rows = await pages(tmp_path / "a.db", query)
    assert not windowed
    assert len(rows) == 2
    bring_in(tmp_path / "a.db", [sent(2, 50, 2)])  # nothing new, but the run ends as it should
    windowed, rows = await pages(tmp_path / "a.db", query)
    assert windowed
    assert len(rows) == 2


TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


async def test_a_store_of_the_first_version_is_brought_up_to_date_when_it_is_opened(tmp_path: Path) -> None:
    """The later steps count ahead what step 1 has, and keep what it says of its sources."""
    bring_in(tmp_path / "today.db", many())
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        connection.executescript(steps()[0])
        tables = [name for (name,) in connection.execute(TABLES) if name != "source"]
        connection.execute("ATTACH ? AS today", (str(tmp_path / "today.db"),))
        for name in tables:
            connection.execute(f"INSERT INTO {name} SELECT * FROM today.{name}")
        connection.execute("DELETE FROM setting WHERE name = 'window_end'")
        connection.execute(
            "INSERT INTO source VALUES (1, '/var/log/mail.log', x'00', 'postfix', 'mx1', 9, 9, 5, 0, 0, 0, '', 1, 2, 3)"
        )
        connection.commit()
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;")
    query = ReportQuery(period=Period.ending(FIRST + timedelta(days=100), 30))
    windowed, rows = await pages(tmp_path / "new.db", query)
    assert windowed
    assert rows
    kept, counted = totals(tmp_path / "new.db")
    assert kept == counted
