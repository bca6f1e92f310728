"""What the interface looks for by itself, and what rules would have found: by processes of their own."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from smtpauth_tui.app import SmtpAuthApp
from smtpauth_tui.clock import Clock
from smtpauth_tui.screens.previews import PreviewsScreen, TryScreen
from smtpauth_tui.screens.watch import Watch
from smtpauth_tui.settings import Settings
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.notes import Notes
from tests.rules.company import Company, at, staff
from tests.screens.conftest import NOON, Opener, Seen
from tests.screens.test_findings import PERSON, rows, scene, told

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene().store(tmp_path_factory.mktemp("watch"))


@pytest.fixture
def db(store: Path, tmp_path: Path) -> Path:
    shutil.copy(store, tmp_path / "store.db")
    return tmp_path / "store.db"


class Later:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = NOON
        self.clock = Clock(self._now)

    def _now(self) -> datetime:
        return self.now

    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


At = Callable[[Path, Later], AbstractAsyncContextManager[Seen]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> At:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")

    @asynccontextmanager
    async def interface(db: Path, later: Later) -> AsyncIterator[Seen]:
        app = SmtpAuthApp(Settings(db=db), later.clock)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            seen = Seen(app, pilot, (120, 40))
            await seen.settle()
            yield seen

    return interface


def watch(seen: Seen) -> Watch:
    return seen.app._desk.watch


async def look(seen: Seen, times: int = 2) -> None:
    """What the interface does every other second; a look that this begins is waited for."""
    for _ in range(times):
        await seen.app._look_at_store().wait()
    await asyncio.wait_for(watch(seen).wait(), 60)
    await seen.app._look_at_store().wait()
    await seen.settle()


async def test_it_looks_when_the_start_is_over_and_once_for_a_store(db: Path, opened: At) -> None:
    later = Later()
    async with opened(db, later) as seen:
        await look(seen)
        assert not Notes.path_of(db).exists()
        await seen.press("u")
        assert "Nobody has looked" in seen.text
        later.passes(6)
        await look(seen)
        assert [row.split()[0] for row in rows(seen)] == ["high", "medium", "notice"]
        with Notes(db) as notes:
            assert all(row.told_at is None for row in kept.findings(notes))
        begun = watch(seen)._looked
        later.passes(600)
        await look(seen)
        assert watch(seen)._looked is begun


async def test_it_looks_again_when_the_store_has_changed_but_not_at_once(db: Path, opened: At, tmp_path: Path) -> None:
    later = Later()
    async with opened(db, later) as seen:
        later.passes(6)
        await look(seen)
        await seen.press("u")
        company = scene()
        for one in range(40):
            company.sends("person1@contoso.example", at(1, 3, 0, one))
        other = tmp_path / "other"
        other.mkdir()
        new = await asyncio.to_thread(company.store, other)
        shutil.copy(new, db.with_name("store.new"))
        db.with_name("store.new").replace(db)
        later.passes(30)
        await look(seen, 3)
        assert not any("Rate" in row for row in rows(seen))
        later.passes(31)
        await look(seen)
        assert any("Rate" in row for row in rows(seen))


async def test_it_waits_for_others_and_ends_with_the_interface(db: Path, opened: At) -> None:
    later = Later()
    async with opened(db, later) as seen:
        later.passes(6)
        for _ in range(2):
            await seen.app._look_at_store().wait()
        run = watch(seen)._run
        assert run
        await run.begun.wait()
        assert run._process
        pid = run._process.pid
        if run._process.returncode is None:
            assert os.getpriority(os.PRIO_PROCESS, pid) >= 10
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_look_that_fails_is_said_once(db: Path, opened: At, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_RULES_VOLUME_Z", "1")
    later = Later()
    async with opened(db, later) as seen:
        later.passes(6)
        await look(seen)
        (said,) = told(seen)
        assert said.startswith("Unusual activity was not looked for: ") and "no setting 'z'" in said
        os.utime(db)
        later.passes(61)
        await look(seen, 3)
        assert len(told(seen)) == 1


async def test_nothing_is_begun_without_a_store(tmp_path: Path, opened: At) -> None:
    later = Later()
    async with opened(tmp_path / "none.db", later) as seen:
        later.passes(600)
        await look(seen, 3)
        assert watch(seen)._looked is None
        assert told(seen) == []
    assert list(tmp_path.iterdir()) == []


async def test_r_looks_at_once_and_so_does_what_is_allowed(db: Path, opened: At) -> None:
    later = Later()
    async with opened(db, later) as seen:
        await seen.press("u", "R")
        await look(seen)
        assert len(rows(seen)) == 3
        await seen.press("A", *"a drill", "enter")
        await look(seen)
        assert len(rows(seen)) == 1


async def test_what_rules_would_have_found(db: Path, interface: Opener) -> None:
    async with interface(db, (120, 40)) as seen:
        await seen.press("u", "p")
        assert isinstance(seen.app.screen, PreviewsScreen)
        assert "What each rule would have found from 2026-10-25 to 2026-11-23" in seen.text
        lines = {line.split()[0]: line.split() for line in seen.text.splitlines() if line.startswith(" U")}
        assert len(lines) == 17
        assert lines["U9"][:6] == ["U9", "Guessing", "on", "1", "1", "0"]
        assert lines["U11"][-5:] != [] and "1" in lines["U11"]
        assert "off" in lines["U15"]
        assert not Notes.path_of(db).exists() or not kept.findings(Notes(db))


async def test_other_limits_and_how_they_are_kept(db: Path, interface: Opener) -> None:
    async with interface(db, (120, 40)) as seen:
        await seen.press("u", "p", "slash", *"guessing", "enter", "enter")
        assert isinstance(seen.app.screen, TryScreen)
        assert "it would have found 1 finding of 1 account." in seen.text
        assert f"1 × {PERSON}" in seen.text
        for name, value in (("minute", "500"), ("five", "900"), ("address", "99"), ("day", "many")):
            seen.app.screen.query_one(f"#limit-{name}", Input).value = value
        await seen.press("enter")
        assert "[rules.guessing] day: " in seen.text
        seen.app.screen.query_one("#limit-day", Input).value = "1000"
        await seen.press("enter")
        assert "it would have found 0 findings (with the" in seen.text
        assert "limits of now 1)" in seen.text
        assert "stays a preview" not in seen.text  # it is on
        for line in ("[rules.guessing]", "minute = 500", "five = 900", "day = 1000"):
            assert line in seen.text
        await seen.press("escape", "escape", "escape")
        assert "Severity" in seen.text


async def test_hostile_names_in_a_preview(tmp_path: Path, interface: Opener) -> None:
    hostile = "\x1b]0;PWNED\x07[red]x[/][@click=app.quit]q@contoso.example"
    company = Company()
    staff(company)
    for one in range(40):
        company.sends(hostile, at(1, 10, 0, one), recipients=300)
    db = await asyncio.to_thread(company.store, tmp_path)
    async with interface(db, (120, 40)) as seen:
        await seen.press("u", "p", "slash", *"recip", "enter", "enter")
        assert "[red]x[/][@click=app.quit]q@contoso.example" in seen.text
        assert not any(sign in seen.text for sign in ("\x1b", "\x07"))


async def test_it_looks_at_all_days_that_the_list_shows(tmp_path: Path, opened: At) -> None:
    company = scene()
    for one in range(200):
        company.refused("person2@contoso.example", at(12, 20) + timedelta(seconds=4 * one), f"203.0.{one % 40}.7")
    db = await asyncio.to_thread(company.store, tmp_path)
    later = Later()
    async with opened(db, later) as seen:
        later.passes(6)
        await look(seen)
        await seen.press("u")
        assert any("person2@contoso.example" in row for row in rows(seen))
        assert "at 25 Oct – 23 Nov 2026" in seen.text
    with Notes(db) as notes:
        assert all(row.told_at is None for row in kept.findings(notes))


async def test_limits_of_a_preview_are_explained_whole_and_leave_it_a_preview(db: Path, interface: Opener) -> None:
    async with interface(db, (80, 24)) as seen:
        await seen.press("u", "p", "slash", *"U3", "enter", "enter")
        (field, *_) = seen.app.screen.query(Input)
        text = " ".join(seen.text.replace("│", " ").split())
        rule = seen.app.screen._present.chosen.rule
        for limit in rule.limits:
            assert " ".join(limit.about.split()[-2:]) in text
        field.value = "11"
        await seen.settle()
        text = " ".join(seen.text.replace("│", " ").split())
        assert "With that it stays a preview, which alerts nobody." in text
        assert "on = true" in text
