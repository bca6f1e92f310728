"""A person walks through the interface by keys alone, at 80×24, and reads what is on the screen."""

import re
from pathlib import Path

from tests.screens.conftest import Opener
from tests.screens.found import some_findings


def number_after(text: str, pattern: str) -> int:
    """The first number that a pattern finds in a screen."""
    found = re.search(pattern, text)
    assert found, f"{pattern} is not in\n{text}"
    return int(found[1].replace(",", ""))


async def test_walk(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        assert "SMTP Auth clients" in seen.text
        assert "users and service accounts" in seen.text
        assert "17–23 Nov 2026 · newest 3 min ago" in seen.text
        week = number_after(seen.text, r"sent ([\d,]+) messages")

        await seen.press("enter")
        assert f"{week:,} messages of" in seen.text
        assert re.search(r"TLS 1\.0 +[\d,]+ +\d+\.\d\d %", seen.text)
        assert "SMTP Auth clients report →" in seen.text

        await seen.press("enter")
        assert "View data by Sending volume" in seen.text
        assert f"all sender domains · {week:,} messages" in seen.text
        assert "contoso.example" in seen.text

        await seen.press("v")
        assert "View data by TLS usage" in seen.text
        assert "100%" in seen.text
        assert re.search(r"No TLS [\d,]+ \(\d+\.\d\d %\)", seen.text)

        await seen.press("d", *"fabrikam", "enter")
        assert "Show data for fabrikam.example" in seen.text
        domain_week = number_after(seen.text, r"fabrikam\.example · ([\d,]+) messages")
        assert 0 < domain_week < week

        await seen.press("f", "3")
        assert "25 Oct – 23 Nov 2026 · fabrikam.example" in seen.text
        month = number_after(seen.text, r"fabrikam\.example · ([\d,]+) messages")
        assert month > domain_week

        await seen.press("home")
        assert "25 Oct 2026" in seen.text
        await seen.press("right", "right")
        day = number_after(seen.text, r"Tue 27 Oct 2026  ([\d,]+) messages")
        assert 0 < day < month

        await seen.press("t")
        assert "TLS1.2%" in seen.text
        rows = number_after(seen.text, r"row 1 of ([\d,]+)")
        assert re.search(r"@fabrikam\.example +.*\d+%\([\d,]+\)", seen.text)

        await seen.press("slash", *"PRINTER", "enter")
        found = number_after(seen.text, r"row 1 of ([\d,]+) · search: PRINTER")
        assert 0 < found < rows
        assert "printer-sales@fabrikam.example" in seen.text

        await seen.press("enter")
        assert "Warning: sends with TLS 1.0" in seen.text
        assert "Login names used" in seen.text
        assert "First seen" in seen.text

        await seen.press("escape")
        assert "row 1 of" in seen.text
        await seen.press("escape")
        assert "search:" not in seen.text
        await seen.press("escape")
        assert "users and service accounts" in seen.text


async def test_days_add_up_to_the_period(demo_db: Path, interface: Opener) -> None:
    """The readout of each day, stepped through by keys at several widths, adds up to the period's number."""
    for size in ((80, 24), (97, 30), (160, 48)):
        async with interface(demo_db, size) as seen:
            await seen.press("v", "f", "3", "home")
            whole = number_after(seen.text, r"all sender domains · ([\d,]+) messages")
            days = {}
            for _ in range(30):
                title = re.search(r"^ (\w{3} \d+ \w{3} 2026|\d+ \w+ – \d+ \w+ 2026)  ([\d,]+) message", seen.text, re.M)
                assert title, seen.text
                days[title[1]] = int(title[2].replace(",", ""))
                await seen.press("right")
            assert sum(days.values()) == whole


async def test_the_mouse_shows_the_day_under_it(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v")
        await seen.pilot.hover("#chart", offset=(10, 5))
        await seen.settle()
        assert "Tue 17 Nov 2026" in seen.text


async def test_sorting_by_each_column_and_back(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "t")
        assert "▼" in seen.text
        first = seen.text.splitlines()[4]
        await seen.press("s")
        assert "Sender address▲" in seen.text
        await seen.press("S")
        assert "Sender address▼" in seen.text
        await seen.press("s")
        assert "Message count▼" in seen.text
        assert seen.text.splitlines()[4] == first


async def test_last_row_and_first_row(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "t", "G")
        rows = number_after(seen.text, r"row [\d,]+ of ([\d,]+)")
        assert f"row {rows} of {rows}" in seen.text
        await seen.press("g")
        assert f"row 1 of {rows}" in seen.text


async def test_a_date_may_be_typed_at_once(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "f", *"2026-09-07", "enter")
        assert "7 Sep – 23 Nov 2026" in seen.text


async def test_a_period_without_data_offers_the_newest_week(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "f", "tab", "tab", "tab")
        await seen.press(*["backspace"] * 10, *"2025-01-01", "tab", *["backspace"] * 10, *"2025-01-31", "enter")
        assert "No submissions in 1–31 Jan 2025." in seen.text
        assert "Show the newest week, 17–23 Nov 2026" in seen.text
        await seen.press("enter")
        assert "17–23 Nov 2026 · all sender domains" in seen.text


async def test_a_wrong_date_is_explained_in_place(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "f", "tab", "tab", "tab", *["backspace"] * 10, *"soon", "enter")
        panel = " ".join(row[13:69].strip() for row in seen.text.splitlines())
        assert "'soon' is not a date. Write 2026-11-17, today, yesterday, or -7d." in panel
        await seen.press(*["backspace"] * 4, *"-2w", "enter")
        assert "9–23 Nov 2026" in seen.text


async def test_a_key_that_does_not_apply_says_why(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "slash")
        assert "press t first" in seen.text


async def test_no_store_says_how_to_import(tmp_path: Path, interface: Opener) -> None:
    async with interface(tmp_path / "none.db") as seen:
        assert "There is no store yet" in seen.text
        assert "smtpauth-tui import /var/log/mail.log" in seen.text


async def test_reload_finds_a_store_that_was_made_meanwhile(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    late = tmp_path / "late.db"
    async with interface(late) as seen:
        assert "There is no store yet" in seen.text
        demo_db.rename(late)
        await seen.press("R")
        assert "users and service accounts" in seen.text


async def test_the_palette_opens_reports_and_cards(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "colon", *"report: tls", "enter")
        assert "View data by TLS usage" in seen.text
        await seen.press("colon", *"card: failed", "enter")
        assert "Most often tried" in seen.text


async def test_the_second_link_of_the_clients_leads_to_the_accounts(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("enter", "tab", "enter")
        assert "expected but not seen" in seen.text
        await seen.press("escape")
        assert "users and service accounts" in seen.text


async def test_findings_show_on_the_card_when_they_are_noted(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        assert "not checked yet" in seen.text
        seen.app.look_at_store()
        await seen.settle()
        some_findings(demo_db)
        seen.app.look_at_store()
        await seen.settle()
        assert "4 open: 1 high, 1 medium, 2 notice" in seen.text
        await seen.press(*["right"] * 3, "enter")
        assert "ada@contoso.example" in seen.text
