"""Unusual activity in the interface: what is shown, what is said of it, and what is looked for by itself."""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from smtpauth_tui.cli.checking import check
from smtpauth_tui.cli.findings import findings
from smtpauth_tui.screens.finding_filters import FindingFiltersScreen
from smtpauth_tui.screens.findings import FindingFlyout, FindingsScreen
from smtpauth_tui.screens.known import KnownScreen
from smtpauth_tui.settings import Settings
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.notes import Notes
from tests.rules.company import Company, at, staff
from tests.rules.test_check_command import run, said
from tests.screens.conftest import Opener, Seen

PERSON = "person0@contoso.example"
HIRE = "hire@contoso.example"
pytestmark = pytest.mark.usefixtures("at_noon")
HOSTILE = "\x1b[2J\x1b]0;PWNED\x07\u202e[red]x[/][@click=app.quit]$(q)@contoso.example"
WIDE = (120, 40)


def scene() -> Company:
    """A guessed password and what was sent with it; a colleague who is new."""
    company = Company()
    staff(company)
    company.works(HIRE, [2])
    for one in range(100):
        company.refused(PERSON, at(2, 20) + timedelta(seconds=4 * one), f"203.0.{one}.7")
    for one in range(60):
        company.sends(PERSON, at(1, 2) + timedelta(seconds=40 * one), client="203.0.9.9", recipients=3)
    return company


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene().store(tmp_path_factory.mktemp("findings"))


@pytest.fixture
def db(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store that nobody has looked at, in the working folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(store, "store.db")
    return Path("store.db")


@pytest.fixture
def looked(db: Path) -> Path:
    """The same when all rules have looked."""
    run(check, db, "--quiet")
    return db


def told(seen: Seen) -> list[str]:
    return [said.message for said in seen.app._notifications]


async def look(seen: Seen) -> None:
    """What the interface does every other second."""
    seen.app.look_at_store()
    await seen.settle()


def rows(seen: Seen) -> list[str]:
    lines = seen.text.splitlines()
    return [line for line in lines if line.strip().startswith(("high", "medium", "notice"))]


async def test_open_findings_the_most_severe_first(looked: Path, interface: Opener) -> None:
    async with interface(looked, WIDE) as seen:
        await seen.press("u")
        assert isinstance(seen.app.screen, FindingsScreen)
        assert [row.split()[0] for row in rows(seen)] == ["high", "medium", "notice"]
        assert "Success after failures" in rows(seen)[0] and PERSON in rows(seen)[0]
        assert "1 high, 1 medium, 1 notice open in 30 days · looked just now at 17–23 Nov 2026" in seen.text
        assert "Previews, which alert nobody: U2, U3" in seen.text
        assert "U8" in seen.text
        await seen.press("s")  # by rule
        assert [row.split()[1] for row in rows(seen)] == ["New", "Guessing", "Success"]
        await seen.press("slash", *"guessing", "enter")
        assert len(rows(seen)) == 1 and "Guessing" in rows(seen)[0]
        await seen.press("escape", "v")
        assert "acknowledged" not in seen.text
        assert any("preview" in row and "Volume" in row for row in rows(seen))


async def test_severity_and_days_are_chosen(looked: Path, interface: Opener) -> None:
    async with interface(looked) as seen:
        await seen.press("u", "f", "right")
        assert isinstance(seen.app.screen, FindingFiltersScreen)
        await seen.press("tab", "tab", "enter")
        assert [row.split()[0] for row in rows(seen)] == ["high", "medium"]
        assert "medium, high · 30 days" in seen.text
        await seen.press("f", "0")
        assert "medium, high · all days" in seen.text


async def test_where_nobody_has_looked_it_is_not_called_nothing(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("u")
        assert "Nobody has looked for unusual activity yet." in seen.text
        await seen.press("a")
        assert told(seen) == ["There is no finding to do that with."]
        assert not Notes.path_of(db).exists()
        await look(seen)
        await asyncio.to_thread(run, check, db, "--quiet")
        await look(seen)
        assert len(rows(seen)) == 3


async def test_where_nothing_is_open_it_says_what_was_looked_at(looked: Path, interface: Opener) -> None:
    for rule, unit in (("U1", HIRE), ("U9", PERSON), ("U11", PERSON)):
        await asyncio.to_thread(run, findings, looked, "ack", rule, unit, "--reason", "a drill")
    async with interface(looked) as seen:
        await seen.press("u")
        assert "No open finding in 30 days." in seen.text
        assert "rules looked at 17–23 Nov 2026, just now." in seen.text
        assert "v and f show" in seen.text


async def test_the_flyout_has_reason_threshold_chart_evidence_and_commands(looked: Path, interface: Opener) -> None:
    async with interface(looked, (120, 120)) as seen:
        await seen.press("u", "enter")
        assert isinstance(seen.app.screen, FindingFlyout)
        for words in (
            "signed in from 203.0.9.9",
            "Threshold that was crossed",
            "Messages per day",
            "this finding",
            "Failed sign-ins per day",
            "203.0.9.9",
            "Normal if: ",
            "Can be wrong: ",
            "tail -f /var/log/mail.log | grep -F sasl_username=person0@contoso.example",
            "REJECT",
        ):
            assert words in seen.text, words
        await seen.press("a", *"a drill", "enter")
        assert isinstance(seen.app.screen, FindingsScreen)
        assert "Acknowledged until 2027-02-21" in told(seen)[0]


async def test_acknowledged_with_reason_and_end_and_taken_back(looked: Path, interface: Opener) -> None:
    async with interface(looked, WIDE) as seen:
        await seen.press("u", "down", "down", "a", "enter")
        assert "Give a reason." in seen.text
        await seen.press("c")
        assert "Give a reason." not in seen.text
        await seen.press(*"olleague", "tab")
        seen.app.screen.query_one("#until", Input).value = "last year"
        await seen.press("enter")
        assert "neither a number of days nor a day" in seen.text
        seen.app.screen.query_one("#until", Input).value = "2026-12-24"
        await seen.press("enter")
        assert len(rows(seen)) == 2
        (row,) = said(await asyncio.to_thread(run, findings, looked, "list", "--json"))["acknowledgements"]
        assert (row["rule"], row["account"], row["reason"]) == ("U1", HIRE, "colleague")
        assert row["until"].startswith("2026-12-25T00:00")
        await seen.press("v")
        assert any("acknowledged" in row and HIRE in row for row in rows(seen))
        await seen.press("e")
        assert isinstance(seen.app.screen, KnownScreen)
        assert "right for U1" in seen.text and "2026-12-24" in seen.text
        await seen.press("enter")
        assert "Right for U1 New sender" in seen.text and "Noted" in seen.text and HIRE in seen.text
        await seen.press("escape", "x")
        assert "Nothing is acknowledged or allowed." in seen.text
        await seen.press("escape", "v")
        assert len(rows(seen)) == 3


async def test_what_changed_under_another_screen_shows_when_one_is_back(looked: Path, interface: Opener) -> None:
    async with interface(looked, WIDE) as seen:
        await look(seen)
        await seen.press("u")
        assert len(rows(seen)) == 3
        await seen.press("e")
        await asyncio.to_thread(run, findings, looked, "ack", "U1", HIRE, "--reason", "a colleague")
        await look(seen)
        await seen.press("escape")
        assert len(rows(seen)) == 2


async def test_taken_back_in_the_list(looked: Path, interface: Opener) -> None:
    await asyncio.to_thread(run, findings, looked, "ack", "U1", HIRE, "--reason", "a colleague")
    async with interface(looked, WIDE) as seen:
        await seen.press("u", "x")
        assert "is not acknowledged" in told(seen)[-1]
        await seen.press("v", "slash", *"hire", "enter", "x")
        assert "is not acknowledged any more" in told(seen)[-1]
        assert "acknowledged" not in rows(seen)[0]


async def test_allowed_as_the_finding_suggests(looked: Path, interface: Opener) -> None:
    async with interface(looked, WIDE) as seen:
        await seen.press("u", "A")
        assert f"account  {PERSON}" in seen.text
        assert "network  203.0.9.0/24" in seen.text
        assert "account  @contoso.example" in seen.text
        await seen.press("enter")
        assert "Give a reason." in seen.text
        await seen.press("o", "backspace")
        assert "Give a reason." not in seen.text
        await seen.press("down", *"our scanner", "enter")
        with Notes(looked) as notes:
            ((kind, value, reason, _),) = kept.allowed(notes)
        assert (kind, reason) == ("network", "our scanner")
        assert value in told(seen)[-1]
        await seen.press("e")
        assert "allowed network" in seen.text and value in seen.text
        await seen.press("x", "escape")
        with Notes(looked) as notes:
            assert kept.allowed(notes) == []


async def test_hostile_names_are_text(tmp_path: Path, interface: Opener) -> None:
    company = Company()
    staff(company)
    for one in range(40):
        company.sends(HOSTILE, at(1, 10, 0, one), recipients=300)
    db = company.store(tmp_path)
    await asyncio.to_thread(run, check, db, "--quiet")
    async with interface(db, (160, 70)) as seen:
        await seen.press("u")
        assert "\\x1b[2J\\x1b]0;PWNED" in seen.text
        await seen.press("enter")
        assert "[red]x[/][@click=app.quit]$(q)@contoso.example" in seen.text
        assert "stands in no command" in seen.text
        assert "REJECT" not in seen.text
        await seen.press("a", *"known", "enter", "v", "A", *"why", "enter", "e")
        assert "known" in seen.text
        assert "why" in seen.text
        assert not any(sign in seen.text for sign in ("\x1b", "\x07", "\u202e"))
        await seen.press("x")
    assert seen.app.return_code in (None, 0)


async def test_settings_that_cannot_be_are_said(looked: Path, interface: Opener) -> None:
    settings = Settings(looked, rules={"volume": {"z": 1}})
    async with interface(looked, settings=settings) as seen:
        await seen.press("u")
        assert "has no setting 'z'" in seen.text


async def test_rules_without_what_they_read_are_named(tmp_path: Path, interface: Opener) -> None:
    company = Company()
    staff(company, range(3))
    db = company.store(tmp_path)
    await asyncio.to_thread(run, check, db, "--quiet")
    async with interface(db, WIDE) as seen:
        await seen.press("u")
        assert "No open finding in 30 days." in seen.text
        assert "Not looked for: U1 New sender needs " in seen.text
        listed = (await asyncio.to_thread(run, findings, db, "list")).stdout
        assert "not looked    U1 New sender needs " in listed


async def test_addresses_are_networks_where_the_settings_say_so(looked: Path, interface: Opener) -> None:
    settings = Settings(looked, places={"truncate": True})
    async with interface(looked, (120, 120), settings) as seen:
        await seen.press("u")
        assert "signed in from 203.0.9.0/24 " in seen.text
        await seen.press("enter")
        assert "203.0.9.9" not in seen.text
        assert "203.0.9.0/24" in seen.text
        await seen.press("A")
        assert "network  203.0.9.0/24" in seen.text


async def test_an_exception_is_shown_whole(looked: Path, interface: Opener) -> None:
    reason = f"the scanners of all sites {'send through it ' * 12}until the new ones come"
    await asyncio.to_thread(run, findings, looked, "allow", "as", "64500", "--reason", reason)
    async with interface(looked, (80, 24)) as seen:
        await seen.press("u", "e", "enter")
        text = " ".join(seen.text.replace("┃", " ").replace("▐", " ").split())
        assert "Allowed AS" in text and "for good" in text and "No rule looks at it." in text
        assert "until the new ones come" in text
