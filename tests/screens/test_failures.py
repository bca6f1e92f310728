"""The screen of failed sign-ins: what keys do, and what is said where there is nothing."""

import itertools
import re
from datetime import timedelta
from pathlib import Path

from smtpauth_tui.screens.failures import FailuresScreen
from smtpauth_tui.screens.request_report import RequestReportScreen
from smtpauth_tui.settings import Settings
from tests.logs import bring_in, failure, write
from tests.rules.company import Company, at, staff
from tests.screens.conftest import NOON, Opener


def rows(text: str) -> list[str]:
    """The first words of the table's rows."""
    lines = text.splitlines()
    head = next(n for n, line in enumerate(lines) if re.match(r" (Account|Name|Client|Network)", line))
    return [line.split()[0] for line in itertools.takewhile(str.strip, lines[head + 1 : -2])]


async def test_views_and_the_way_there_and_back(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (120, 40)) as seen:
        await seen.press("F")
        assert isinstance(seen.app.screen, FailuresScreen)
        assert "accounts 233" in seen.text
        await seen.press("t")
        assert rows(seen.text) == ["mara@contoso.example", "anna@contoso.example", "grace@tailspin.example"]
        await seen.press("v")
        assert "postmaster" in rows(seen.text)
        assert "anna@contoso.example" not in seen.text
        await seen.press("v", "v")
        assert rows(seen.text)[0] == "203.0.113.0/24"
        await seen.press("t")
        assert "203.0.113.0/24 207" in seen.text
        await seen.press("escape")
        assert not isinstance(seen.app.screen, FailuresScreen)


async def test_search_finds_names_and_patterns_and_the_order_turns(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (120, 40)) as seen:
        await seen.press("F", "t", "slash", *"mistyped", "enter")
        assert rows(seen.text) == ["grace@tailspin.example"]
        await seen.press("escape", "s", "S")
        assert rows(seen.text) == ["grace@tailspin.example", "anna@contoso.example", "mara@contoso.example"]


async def test_a_filter_of_names_ends_where_sources_are_shown(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (120, 40)) as seen:
        text = {" ": "space", "=": "equals_sign"}
        await seen.press("F", "t", "slash", "slash", *(text.get(one, one) for one in "kind = account"), "enter")
        assert len(rows(seen.text)) == 3
        await seen.press("v")
        assert "filter: kind = account" in seen.text
        await seen.press("v")
        assert rows(seen.text)[0] == "203.0.113.230"
        assert "filter:" not in seen.text


async def test_tab_offers_the_patterns(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (120, 40)) as seen:
        text = {" ": "space", "=": "equals_sign"}
        await seen.press("F", "t", "slash", "slash", *(text.get(one, one) for one in "pattern = mi"), "tab", "enter")
        assert "filter: pattern = mistyped" in seen.text
        assert rows(seen.text) == ["grace@tailspin.example"]
        await seen.press("slash", "slash", *["backspace"] * 9, "s", "u", "tab", "enter")
        assert 'filter: pattern = "success after failures"' in seen.text
        assert rows(seen.text) == ["mara@contoso.example"]


async def test_the_cursor_stays_on_its_account_when_the_store_changes(tmp_path: Path, interface: Opener) -> None:
    company = Company()
    staff(company)
    for number in range(5):
        for _ in range(number + 1):
            company.refused(f"person{number}@contoso.example", at(1, 5, number), "198.51.100.7")
    db = company.store(tmp_path)
    async with interface(db, (120, 40)) as seen:
        await seen.press("F", "t", "down", "down")
        screen = seen.app.screen
        assert isinstance(screen, FailuresScreen)
        assert screen.record is not None
        before = screen.identity(screen.record)
        lines = [failure(at(1, 6) + timedelta(seconds=n), "person0@contoso.example") for n in range(9)]
        bring_in(db, write(tmp_path / "more.log", lines))
        seen.app.look_at_store()
        await seen.settle()
        assert screen.identity(screen.record) == before
        assert rows(seen.text)[0] == "person0@contoso.example"
        assert "24 failures" in seen.text


async def test_rows_stand_before_their_patterns_are_known(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (120, 40)) as seen:
        await seen.press("F", "t")
        screen = seen.app.screen
        assert isinstance(screen, FailuresScreen)
        said: list[tuple[str, list[str]]] = []
        show = screen.show

        def noted(shown: object) -> None:
            said.append((shown.status, [row.verdict.pattern for row in shown.records]))  # type: ignore[attr-defined]
            show(shown)  # type: ignore[arg-type]

        screen.show = noted  # type: ignore[method-assign]
        await seen.press("f", "3")
        (first, patterns), (second, told) = said
        assert first.endswith("looking for patterns …")
        assert set(patterns) == {"…"}
        assert "looking" not in second
        assert told[0] == "success after failures"


async def test_what_is_said_where_nothing_failed(tmp_path: Path, interface: Opener) -> None:
    company = Company()
    staff(company, range(60))
    company.refused("person0@contoso.example", at(40), "198.51.100.7")
    db = company.store(tmp_path)
    async with interface(db, (80, 24)) as seen:
        await seen.press("F")
        assert "No sign-in failed in 17–23 Nov 2026." in seen.text
        assert "The newest is of 2026-10-14" in seen.text
        await seen.press("f", "9")
        assert "1 failure" in seen.text


async def test_no_account_was_tried(tmp_path: Path, interface: Opener) -> None:
    company = Company()
    staff(company, range(10))
    company.refused("root", at(1), "198.51.100.7")
    async with interface(company.store(tmp_path), (80, 24)) as seen:
        await seen.press("F", "t")
        assert "No account was tried in 17–23 Nov 2026." in seen.text
        await seen.press("v")
        assert rows(seen.text) == ["root"]


async def test_a_request_is_of_this_report(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (80, 24)) as seen:
        await seen.press("F", "f", "3")
        screen = seen.app.screen
        assert isinstance(screen, FailuresScreen)
        name, query = screen.report_shown()
        assert (name, query and query.period.days, query and query.period.last) == ("failures", 30, NOON.date())
        await seen.press("r")
        assert isinstance(seen.app.screen, RequestReportScreen)


async def test_addresses_are_networks_where_the_settings_say_so(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (120, 40), Settings(db=demo_db, places={"truncate": True})) as seen:
        await seen.press("F", "t", "v", "v")
        assert rows(seen.text)[0] == "203.0.113.0/24"
        assert not re.search(r"203\.0\.113\.[1-9]", seen.text)
        await seen.press("v", "v", "enter")
        assert not re.search(r"203\.0\.113\.[1-9]", seen.text)
