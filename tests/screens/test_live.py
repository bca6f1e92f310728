"""What an import brings while somebody looks: it shows by itself, and nothing that was chosen is lost."""

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from smtpauth_tui.app import SmtpAuthApp
from smtpauth_tui.clock import Clock
from smtpauth_tui.model import Submission
from smtpauth_tui.settings import Settings
from smtpauth_tui.store.reader import Store
from smtpauth_tui.widgets.chart_panel import ChartPanel
from smtpauth_tui.widgets.details_table import DetailsTable
from tests.screens.conftest import NOON, Opener, Seen
from tests.screens.test_walk import number_after
from tests.store.facts import fill, sent

MORNING = int(NOON.timestamp()) - 3600


def some_more(count: int, sender: str = "new@contoso.example") -> list[Submission]:
    return [sent(f"NEW{number}", MORNING - number, account=sender) for number in range(count)]


def bring_in(db: Path, count: int, sender: str = "new@contoso.example") -> None:
    """An import by another process, as far as the store can tell."""
    fill(db, some_more(count, sender))


async def look(seen: Seen) -> None:
    """What the interface does every other second."""
    seen.app.look_at_store()  # type: ignore[attr-defined]
    await seen.settle()


def told(seen: Seen) -> list[str]:
    """What the notifications on the screen say."""
    return [said.message for said in seen.app._notifications]


def messages(seen: Seen) -> int:
    return number_after(seen.text, r"all sender domains · ([\d,]+) messages")


async def test_cards_take_what_an_import_brought(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("right")
        before = number_after(seen.text, r"sent ([\d,]+) messages")
        bring_in(demo_db, 7)
        await look(seen)
        assert number_after(seen.text, r"sent ([\d,]+) messages") == before + 7
        assert seen.app.screen.focused is not None
        assert seen.app.screen.focused.id == "card-outdated-tls"


async def test_the_chart_keeps_its_day(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "left", "left")
        before, day = messages(seen), seen.app.screen.query_one(ChartPanel).cursor
        bring_in(demo_db, 7)
        await look(seen)
        assert messages(seen) == before + 7
        assert seen.app.screen.query_one(ChartPanel).cursor == day == 4
        assert "Sat 21 Nov 2026" in seen.text


async def test_the_cursor_stays_on_its_sender_and_the_sender_where_it_is(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        for order in ((), ("s",)):  # as the windows have it, and sorted here
            await seen.press("v", "t", *order, *["down"] * 30)
            table = seen.app.screen.query_one(DetailsTable)
            row = table.row_at(table.cursor)
            above = table.cursor - table.scroll_offset.y
            assert row
            above_all = [sent(f"{order}{n}", MORNING - n, account=f"!{n % 3}{order}@a.example") for n in range(15_000)]
            fill(demo_db, above_all)
            await look(seen)
            now = table.row_at(table.cursor)
            assert now and now.name == row.name
            assert table.cursor - table.scroll_offset.y == above
            await seen.press("escape")


async def test_a_search_goes_on_while_the_rows_are_listed_anew(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "t", "slash", *"new@")
        assert "No sender like that" in seen.text
        bring_in(demo_db, 3)
        await look(seen)
        assert "row 1 of 1 · search: new@" in seen.text
        assert isinstance(seen.app.screen.focused, Input)
        await seen.press("c")
        assert "search: new@c" in seen.text


async def test_an_open_flyout_and_the_report_behind_it(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "t", "enter")
        flyout = seen.app.screen
        sender = re.search(r"(\S+@\S+)", seen.text)
        before = number_after(seen.text, r"Message count +([\d,]+)")
        assert sender
        row = seen.app.screen_stack[-2].query_one(DetailsTable).row_at(0)
        assert row
        bring_in(demo_db, 4, row.name)
        await look(seen)
        assert seen.app.screen is flyout
        assert number_after(seen.text, r"Message count +([\d,]+)") == before + 4
        await seen.press("escape")
        assert f"({before + 4:,})" in seen.text or f"{before + 4:,}" in seen.text


async def test_a_date_that_is_being_typed_stays(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "f", "tab", "tab", "tab", "end", "backspace", "backspace")
        bring_in(demo_db, 3)
        await look(seen)
        assert isinstance(seen.app.screen.focused, Input)
        await seen.press("1", "8", "enter")
        assert "18–23 Nov 2026" in seen.text


async def test_nothing_is_loaded_when_nothing_has_changed(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v")
        loads = []
        seen.app.screen.load = lambda *_, **__: loads.append(1)  # type: ignore[attr-defined]
        await look(seen)
        await look(seen)
        assert loads == []


async def test_the_first_import_ends_the_waiting(demo_db: Path, interface: Opener) -> None:
    demo_db.rename("kept.db")
    async with interface(demo_db) as seen:
        assert "There is no store yet" in seen.text
        await look(seen)
        Path("kept.db").rename(demo_db)
        await look(seen)
        assert "users and service accounts" in seen.text


async def test_a_store_that_was_moved_away_is_told_once_and_the_figures_stay(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v")
        before = messages(seen)
        demo_db.rename("moved.db")
        await look(seen)
        await look(seen)
        assert told(seen) == ["The store demo.db was moved or deleted. What is shown is what was read last."]
        seen.app.clear_notifications()
        await seen.settle()
        assert messages(seen) == before


async def test_another_store_in_its_place_is_opened_and_told(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "t")
        fill(Path("other.db"), some_more(9), zone="UTC")
        Path("other.db").rename(demo_db)
        await look(seen)
        assert told(seen) == ["The store demo.db was replaced; the new one is shown."]
        assert messages(seen) == 9
        assert "row 1 of 1" in seen.text
        assert "9 messages · 1 account" in seen.text
        with closing(sqlite3.connect(demo_db)) as connection:
            assert connection.execute("SELECT count(*) FROM submission").fetchone() == (9,)


async def test_a_store_that_is_made_while_it_is_opened_is_no_other_one(
    demo_db: Path, interface: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_db.rename("other.db")
    opened = Store.open

    async def made_first(path: Path, *rest: Any) -> Store:
        if Path("other.db").exists():
            Path("other.db").rename(demo_db)
        return await opened(path, *rest)

    monkeypatch.setattr(Store, "open", made_first)
    async with interface(demo_db) as seen:
        await seen.press("v")
        await look(seen)
        assert (told(seen), messages(seen)) == ([], 3697)


async def test_what_is_no_store_in_its_place_is_told(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        Path("other.db").write_bytes(b"\x00not a store\x1b[2J" * 100)
        Path("other.db").rename(demo_db)
        await look(seen)
        assert "not a store" in seen.text or "damaged" in seen.text


class Time:
    """A present that goes on when it is told to."""

    now: datetime = NOON

    async def passes(self, seen: Seen, by: timedelta) -> None:
        """Time passes, and the interface notices as it does each minute."""
        self.now += by
        seen.app.pass_minute()  # type: ignore[attr-defined]
        await seen.settle()


async def test_ages_grow_without_asking_the_store(demo_db: Path) -> None:
    time = Time()
    app = SmtpAuthApp(Settings(db=demo_db), Clock(lambda: time.now))
    async with app.run_test(size=(80, 24)) as pilot:
        seen = Seen(app, pilot, (80, 24))
        await seen.settle()
        assert "newest 3 min ago" in seen.text
        app._desk.store = None  # type: ignore[assignment,method-assign]
        await time.passes(seen, timedelta(minutes=5))
        assert "newest 8 min ago" in seen.text
        assert "last import 5 min ago" in seen.text.splitlines()[0]


async def test_at_midnight_the_week_goes_on_to_the_new_day(demo_db: Path) -> None:
    time = Time()
    app = SmtpAuthApp(Settings(db=demo_db), Clock(lambda: time.now))
    async with app.run_test(size=(80, 24)) as pilot:
        seen = Seen(app, pilot, (80, 24))
        await seen.settle()
        await time.passes(seen, timedelta(hours=12))
        assert "18–24 Nov 2026" in seen.text
        await seen.press("v", "f", "3")
        assert "26 Oct – 24 Nov 2026" in seen.text
        await time.passes(seen, timedelta(hours=24))
        assert "27 Oct – 25 Nov 2026" in seen.text
