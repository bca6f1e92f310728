"""The filter of the details table: typed, completed, saved and taken away again, by keys."""

import asyncio
import re
from pathlib import Path

import pytest

from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.saved_filters import SavedFilter, load_filters, save_filter
from tests.screens.conftest import Opener, Seen, compare
from tests.screens.mails import some_mails

TABLE = ("enter", "enter", "v", "t")
OLD = "tls1.0 > 0 or tls1.1 > 0 or none > 0"
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}


@pytest.fixture
def saved(demo_db: Path) -> Path:
    """Two filters of senders, and one of failed sign-ins."""
    with Notes(demo_db) as notes:
        for name, text in (("old", OLD), ("busy", "messages > 500"), ("from outside", "not client in 10.0.0.0/8")):
            save_filter(notes, SavedFilter(name, text, 0))
    return demo_db


def row_count(seen: Seen) -> int:
    """How many rows the table says it has."""
    found = re.search(r"row \d+ of ([\d,]+)", seen.text)
    return int(found[1].replace(",", "")) if found else 0


def line(seen: Seen) -> str:
    """What stands in the filter's line."""
    found = re.search(r"╭─ Filter .*\n│ (.*)│", seen.text)
    assert found, seen.text
    return found[1].rstrip()


async def type_filter(seen: Seen, text: str) -> None:
    """Type it, and wait until the table has followed."""
    names = {" ": "space", ">": "greater_than_sign", "'": "apostrophe", ".": "full_stop", "=": "equals_sign"}
    await seen.press(*(names.get(sign, sign) for sign in text))
    await followed(seen)


async def followed(seen: Seen) -> None:
    """Until the table shows what was typed, which it does after a short pause."""
    await asyncio.sleep(0.25)
    for _ in range(100):
        await seen.settle()
        if "looking …" not in seen.text:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    await seen.settle()


async def test_the_table_follows_while_a_filter_is_typed(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press(*TABLE)
        every = row_count(seen)
        await seen.press("slash", "slash")
        assert f"{every} senders" in seen.text
        assert "messages" in seen.text and "tls1.0" in seen.text, "the columns are there to see"
        await type_filter(seen, "tls1.0 > 0")
        found = re.search(r"(\d+) of (\d+) senders", seen.text)
        assert found and int(found[2]) == every and 0 < int(found[1]) < every
        assert "scan-" in seen.text and "mara@" not in seen.text
        await seen.press("enter")
        assert row_count(seen) == int(found[1])
        assert "· filter: tls1.0 > 0" in seen.text
        await seen.press("t")
        assert "chart without the filter" in seen.text
        await seen.press("t", "escape")
        assert row_count(seen) == every and "filter:" not in seen.text
        await seen.press("escape")
        assert "View details table" not in seen.text and "SMTP Auth clients report " not in seen.text


async def test_tab_completes_columns_comparisons_and_words(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press(*TABLE, "ctrl+f")
        await type_filter(seen, "rec")
        await seen.press("tab")
        assert line(seen) == "recipients"
        await seen.press("b", "tab", "9", "space", "tab", *"99", "space", "o", "tab", *"sen", "tab")
        assert line(seen) == "recipients between 9 and 99 or sender"
        await seen.press("tab", "tab")
        assert line(seen) == "recipients between 9 and 99 or sender !="
        await seen.press("shift+tab")
        assert line(seen) == "recipients between 9 and 99 or sender ="
        await seen.press("home", "tab")
        assert line(seen).startswith("sender "), "Tab stays in the line, and completes where the cursor is"


async def test_a_mistake_is_named_at_its_place_and_what_was_typed_stays(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press(*TABLE)
        every = row_count(seen)
        await seen.press("ctrl+f")
        await type_filter(seen, "messages > 500")
        await type_filter(seen, " an")
        assert "▴" not in seen.text, "it could still become AND"
        await type_filter(seen, "y domain")
        assert "AND, OR or the end is expected, not 'any'" in seen.text
        lines = seen.text.splitlines()
        place = next(number for number, one in enumerate(lines) if "▴" in one)
        assert lines[place].index("▴") == lines[place - 1].index("any")
        await seen.press("enter")
        assert line(seen) == "messages > 500 any domain", "it is not left with a mistake in it"
        await seen.press("escape")
        assert row_count(seen) == every, "closed without a change"
        await seen.press("slash", "slash")
        assert line(seen) == "messages > 500 any domain"
        await seen.press(*["backspace"] * 11, "enter")
        assert row_count(seen) == 1
        await seen.press("ctrl+f", "x")
        await seen.press("escape")
        assert row_count(seen) == 1 and "filter: messages > 500" in seen.text


async def test_enter_calls_wrong_what_was_not_finished(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press(*TABLE, "ctrl+f")
        await type_filter(seen, "messages >")
        assert "▴" not in seen.text
        await seen.press("enter")
        assert "a number is expected, and it ends there" in seen.text and "▴" in seen.text


async def test_saved_filters_are_shown_taken_changed_and_forgotten(saved: Path, interface: Opener) -> None:
    async with interface(saved) as seen:
        await seen.press(*TABLE)
        every = row_count(seen)
        await seen.press("ctrl+f")
        assert "1 saved filter with columns that are not here" in seen.text and "from outside" not in seen.text
        await type_filter(seen, "sender = me")
        await seen.press("down")
        await followed(seen)
        assert (line(seen), "1 of" in seen.text, "Saved as busy" in seen.text) == ("messages > 500", True, True)
        await seen.press("down")
        await followed(seen)
        assert line(seen) == OLD
        await seen.press("up", "up")
        assert line(seen) == "sender = me", "what was typed is there again"
        await seen.press("down", "down", "enter")
        await seen.settle()
        assert f"· filter: old: {OLD}" in seen.text and 1 < row_count(seen) < every
        await seen.press("ctrl+f", "down", "x")
        assert "Forget busy?" in seen.text
        await seen.press("x")
        assert [one.name for one in load_filters(saved)] == ["from outside", "old"]
        assert "(as typed)  sender = me" in seen.text and "(as typed)  messages > 500" in seen.text


async def test_a_filter_is_saved_under_a_name(saved: Path, interface: Opener) -> None:
    async with interface(saved) as seen:
        await seen.press(*TABLE, "ctrl+f", "ctrl+s")
        assert "There is nothing to save yet" in seen.text
        await type_filter(seen, "messages = 1")
        await seen.press("ctrl+s", *"busy", "enter")
        assert "There is a filter busy." in seen.text
        await seen.press("1", "enter")
        await asyncio.sleep(0.3)
        await seen.settle()
        assert {one.name: one.text for one in load_filters(saved)}["busy1"] == "messages = 1"
        assert "Saved as busy1." in seen.text
        await type_filter(seen, "0")
        await seen.press("ctrl+s", *"busy", "enter", "enter")
        await seen.settle()
        assert {one.name: one.text for one in load_filters(saved)}["busy"] == "messages = 10"
        await seen.press("enter")
        assert "filter: busy: messages = 10" in seen.text


async def test_filter_and_search_go_together_and_end_one_after_the_other(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press(*TABLE, "ctrl+f")
        await type_filter(seen, "messages > 1")
        await seen.press("enter")
        filtered = row_count(seen)
        await seen.press("slash", *"contoso", "enter")
        both = row_count(seen)
        assert 0 < both < filtered and "search: contoso" in seen.text and "filter: messages > 1" in seen.text
        await seen.press("ctrl+f")
        assert f"{both} of" in seen.text and "senders with contoso" in seen.text
        await seen.press("escape", "escape")
        assert row_count(seen) == filtered and "search:" not in seen.text
        await seen.press("escape")
        assert row_count(seen) > filtered


async def test_filter_that_leaves_nothing(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press(*TABLE, "ctrl+f")
        await type_filter(seen, "messages > 99999")
        assert "0 of" in seen.text
        await seen.press("enter")
        assert "No sender like that · filter: messages > 99999" in seen.text


async def test_filter_stays_with_another_period_and_order(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press(*TABLE, "ctrl+f")
        await type_filter(seen, "tls1.0% = 100")
        await seen.press("enter")
        week = row_count(seen)
        await seen.press("f", "9", "S")
        assert row_count(seen) >= week and "filter: tls1.0% = 100" in seen.text and "mara@" not in seen.text


async def test_beside_the_table_it_is_said_that_a_filter_needs_it(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("enter", "enter", "ctrl+f")
        assert "press t first" in seen.text


async def test_screens_of_rows_in_memory_have_the_same_filter(saved: Path, interface: Opener) -> None:
    async with interface(saved) as seen:
        await seen.press("I")
        assert row_count(seen) == 1
        await seen.press("slash", "slash")
        assert "1 source" in seen.text and "submissions" in seen.text
        assert "3 saved filters with columns that are not here" in seen.text
        await type_filter(seen, "imported_at < today or lines = 1")
        assert "0 of 1 source" in seen.text
        await seen.press("enter")
        assert "No source like that · filter: imported_at < today or lines = 1" in seen.text
        await seen.press("escape")
        assert row_count(seen) == 1
        await seen.press("ctrl+f", "down")
        assert line(seen) == "imported_at < today or lines = 1", "what was taken away can be had again"
        await seen.press("escape")
        assert line(seen) == ""
        await type_filter(seen, "last = today and submissions > 99 and source contains mail")
        await seen.press("enter")
        assert row_count(seen) == 1 and "filter: last = today" in seen.text
        await seen.press("escape", "escape")
        assert "Imports " not in seen.text


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: str, saved: Path, interface: Opener) -> None:
    async with interface(saved, SIZES[size]) as seen:
        await seen.press(*TABLE, "ctrl+f", *"(mess")
        await followed(seen)
        await compare(f"row-filter-{size}", seen)
        await type_filter(seen, "ages > many or none > 0) and domain = x")
        await compare(f"row-filter-wrong-{size}", seen)
        await seen.press("down", "down")
        await followed(seen)
        await compare(f"row-filter-saved-{size}", seen)
        await seen.press("enter")
        await followed(seen)
        await compare(f"details-filtered-{size}", seen)


@pytest.mark.parametrize("key", ["I", "b", "u", "F", "n", "o"])
async def test_every_column_of_every_list_can_be_filtered(key: str, saved: Path, interface: Opener) -> None:
    from smtpauth_tui.filters import comparisons, parse
    from smtpauth_tui.screens.rows_screen import RowsScreen
    from tests.screens.conftest import CLOCK

    values = {"text": "a", "number": "1", "share": "5", "day": "today", "address": "10.0.0.0/8"}
    some_mails(saved)
    async with interface(saved) as seen:
        await seen.press(key)
        screen = seen.app.screen
        assert isinstance(screen, RowsScreen)
        for view, _ in screen.VIEWS or (("", ""),):
            screen.view = view
            await seen.settle()
            screen.details = True
            await seen.settle()
            every = len(screen._shown)
            for column in screen.filter_columns():
                for way in (way for way in comparisons(column.kind) if way != "between"):
                    text = f"{column.name} {way} {values[column.kind]}"
                    found = []
                    for one in (text, f"not ({text})"):
                        screen.where = parse(one, screen.filter_columns(), CLOCK.today(screen._desk.clock.now().tzinfo))  # type: ignore[arg-type]
                        found.append(len(screen._shown))
                    assert sum(found) == every, text
            screen.where = None
