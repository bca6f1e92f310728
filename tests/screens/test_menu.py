"""The menu has what keys do on the screen in view, and does it."""

from pathlib import Path

import pytest

from smtpauth_tui.screens.base import BaseScreen
from smtpauth_tui.screens.dashboard import DashboardScreen
from smtpauth_tui.screens.doctor import DoctorScreen
from smtpauth_tui.screens.help import key_names
from smtpauth_tui.screens.menu import MenuScreen
from smtpauth_tui.screens.outbox import OutboxScreen
from smtpauth_tui.screens.request_report import RequestReportScreen
from tests.screens.conftest import Opener, Seen

SHARED = ("Request report", "Outbox", "Import", "Imports", "Doctor", "Help", "Palette", "Load again", "Quit")
PLACES = {
    "dashboard": ((), ("SMTP Auth clients report",)),
    "report": (("v",), ("View data by", "Show data for", "Filters", "View details table, or view report", "Search")),
    "details table": (("v", "t"), ("Sort by the next column", "Turn the order round", "Filters")),
    "imports": (("I",), ()),
    "doctor": (("D",), ()),
    "outbox": (("o",), ("Try again", "Cancel")),
    "request": (("r", "tab"), ()),
}


def entries(seen: Seen) -> dict[str, str]:
    """The lines of the menu: what each does, and its key."""
    assert isinstance(seen.app.screen, MenuScreen)
    return {entry.name: key_names(entry.key) for entry in seen.app.screen._entries}


def highlighted(seen: Seen) -> str:
    assert isinstance(seen.app.screen, MenuScreen)
    return seen.app.screen._entries[seen.app.screen._list.highlighted or 0].name


@pytest.mark.parametrize("place", PLACES)
async def test_every_place_has_what_its_keys_do(place: str, demo_db: Path, interface: Opener) -> None:
    keys, own = PLACES[place]
    async with interface(demo_db, (80, 40)) as seen:
        await seen.press(*keys, "m")
        found = entries(seen)
        assert [name for name in (*SHARED, *own) if not any(line.startswith(name) for line in found)] == []
        assert list(found)[:2] == ["Request report", "Outbox"]
        for name, key in found.items():
            assert any(key in line and name[:12] in line for line in seen.text.splitlines())
        assert not {"Menu", "The card to the left", "Close this, or go back"} & set(found)


async def test_a_line_is_done_by_enter(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "m", "down", "down", "down", "down", "down")
        assert highlighted(seen) == "View details table, or view report"
        await seen.press("enter")
        assert "row 1 of 80" in seen.text


async def test_a_key_does_what_it_does_on_the_screen(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        for key, kind in (("D", DoctorScreen), ("o", OutboxScreen), ("r", RequestReportScreen)):
            await seen.press("m", key)
            assert isinstance(seen.app.screen, kind)
            await seen.press("escape")
            assert isinstance(seen.app.screen, DashboardScreen)


async def test_other_letters_jump(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("m", "d")
        assert highlighted(seen) == "Doctor"
        await seen.press("d")
        assert highlighted(seen) == "Draw all of the screen anew"
        await seen.press("k", "k", "j")
        assert highlighted(seen) == "Load again"
        await seen.press("up", "l")
        assert highlighted(seen) == "Load again"
        await seen.press("escape")
        assert isinstance(seen.app.screen, DashboardScreen)


async def test_what_does_not_apply_says_why(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "m", "slash")
        assert [said.message for said in seen.app._notifications] == [
            "Search works in the details table: press t first."
        ]


async def test_a_key_that_was_remapped_stands_there(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        seen.app.set_keymap({"screen.request": "w"})
        await seen.press("m")
        assert entries(seen)["Request report"] == "w"
        await seen.press("w")
        assert isinstance(seen.app.screen, RequestReportScreen)


async def test_quit_from_the_menu(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("m", "q")
        assert not seen.app.is_running or seen.app._exit


async def test_it_fits_the_smallest_terminal(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "t", "m")
        assert isinstance(seen.app.screen_stack[-2], BaseScreen)
        assert "Request report" in seen.text
        await seen.press("up")
        assert "q  Quit" in seen.text


async def test_keys_that_have_no_room_are_left_out_whole_and_a_click_presses_one(
    demo_db: Path, interface: Opener
) -> None:
    async with interface(demo_db) as seen:
        await seen.press("b")
        keys = seen.text.splitlines()[-1]
        assert keys.endswith("e Edit …")
        await seen.pilot.click(offset=(keys.index("Menu"), 23))  # type: ignore[attr-defined]
        await seen.settle()
        assert {"Edit", "Done, or not", "Write the list into a file"} <= {*entries(seen)}
