"""Every station of the interface, at the smallest and at a usual size: as text and as a picture."""

from pathlib import Path

import pytest

from tests.screens.conftest import Opener, compare

STATIONS = {
    "dashboard": (),
    "flyout-clients": ("enter",),
    "flyout-outdated-tls": ("right", "enter"),
    "flyout-failures": ("down", "enter"),
    "flyout-data": ("right", "down", "enter"),
    "report-volume": ("enter", "enter"),
    "report-tls": ("enter", "enter", "v"),
    "report-day": ("enter", "enter", "v", "left", "left", "left"),
    "report-90-days": ("enter", "enter", "f", "9"),
    "report-domain": ("enter", "enter", "v", "d", "f", "a", "b", "enter"),
    "domains": ("enter", "enter", "d"),
    "filters": ("enter", "enter", "f"),
    "filters-wrong-date": ("enter", "enter", "f", "tab", "tab", "tab", "end", "backspace", "backspace", "9", "9"),
    "details-volume": ("enter", "enter", "t"),
    "details-tls": ("enter", "enter", "v", "t", "down", "down"),
    "details-search": ("enter", "enter", "v", "t", "slash", "s", "c", "a", "n"),
    "sender": ("enter", "enter", "v", "t", "slash", "s", "c", "a", "n", "-", "2", "enter", "enter"),
    "sender-sources": ("enter", "enter", "v", "t", "slash", "m", "a", "r", "a", "enter", "enter", *["down"] * 12),
    "imports": ("I",),
    "imports-source": ("I", "enter"),
    "help": ("enter", "enter", "question_mark"),
    "palette": ("enter", "enter", "colon"),
}
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("station", STATIONS)
async def test_station(station: str, size: str, demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, SIZES[size]) as seen:
        await seen.press(*STATIONS[station])
        compare(f"{station}-{size}", seen)


@pytest.mark.parametrize("size", SIZES)
async def test_no_store(size: str, demo_db: Path, interface: Opener) -> None:
    demo_db.unlink()
    async with interface(demo_db, SIZES[size]) as seen:
        compare(f"no-store-{size}", seen)


async def test_too_small(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (60, 20)) as seen:
        compare("too-small-60x20", seen)
