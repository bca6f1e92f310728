"""Who breaks: switches that ask the store nothing, notes, files, and the way to a mail of the same."""

import csv
import io
import stat
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import openpyxl
import pytest
from textual.widgets import Static

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.screens.breaks import BreaksScreen
from smtpauth_tui.screens.mail_run import MailRun
from smtpauth_tui.screens.request_report import RequestReportScreen
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.todo import mark, note, todos
from smtpauth_tui.switches import Reason
from tests.screens.conftest import NOON, Opener, Seen, compare
from tests.screens.test_request_report import previewed
from tests.store.facts import DAY, fill, sent

NOW = int(NOON.timestamp())
SCAN, UPS, ANA, FAX = "scan@shop.example", "ups@shop.example", "ana@shop.example", "fax@shop.example"


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scanner with TLS 1.0, a UPS without TLS that is seen once, ana by OAuth, a fax that is not told."""
    monkeypatch.chdir(tmp_path)
    facts = [
        *(sent(f"A{day}", NOW - day * DAY, account=SCAN, tls=TlsVersion.V1_0, client="10.0.0.7") for day in range(8)),
        *(sent(f"B{day}", NOW - day * DAY, account=ANA, mechanism="XOAUTH2", client="192.0.2.4") for day in range(6)),
        sent("C1", NOW - 40 * DAY, account=UPS, tls=TlsVersion.NONE, client="10.0.0.9"),
        sent("D1", NOW - DAY, account=FAX, tls=TlsVersion.UNKNOWN, mechanism="", client="10.0.0.8"),
    ]
    fill(Path("store.db"), sorted(facts, key=lambda fact: fact.time), zone="Europe/Berlin")
    return Path("store.db")


def screen(seen: Seen) -> BreaksScreen:
    assert isinstance(seen.app.screen, BreaksScreen)
    return seen.app.screen


def status(seen: Seen) -> str:
    return str(screen(seen).query_one("#status", Static).render())


def listed(seen: Seen) -> list[str]:
    """The accounts in the table, from the top."""
    found = [screen(seen).row(record) for record in screen(seen)._shown]
    return [row.name for row in found if row]


async def test_all_is_off_at_first(db: Path, interface: Opener) -> None:
    async with interface(db, (120, 40)) as seen:
        await seen.press("b")
        assert listed(seen) == [SCAN, UPS]
        assert status(seen).startswith("2 of 4 accounts would break · 56.25 % of the messages (9 of 16)\n")
        assert "1 sends rarely · cannot tell: 1 message of 1 account" in status(seen)
        assert "end of Dec 2026, in 38 days (as of 27 Jan 2026)" in seen.text
        row = next(line for line in seen.text.splitlines() if SCAN in line)
        for what in ("all 8", "Basic, TLS 1.0", "2026-11-23", "10.0.0.7", "PLAIN"):
            assert what in row
        assert "1 rarely" in next(line for line in seen.text.splitlines() if UPS in line)


async def test_another_switch_asks_the_store_nothing(
    db: Path, interface: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    rows = Store._rows

    async def counted(store: Store, sql: str, *more: object) -> object:
        if not sql.startswith("PRAGMA"):  # whether it has changed is asked every other second
            asked.append(sql)
        return await rows(store, sql, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "_rows", counted)
    async with interface(db) as seen:
        await seen.press("b")
        before = len(asked)
        await seen.press("1")
        assert listed(seen) == [SCAN, UPS]
        await seen.press("2")
        assert listed(seen) == [UPS]
        await seen.press("4")
        assert "No account would break." in seen.text
        await seen.press("3")
        assert "Nothing is switched off." in seen.text
        await seen.press("1")
        assert listed(seen) == [SCAN, UPS]
        assert len(asked) == before


async def test_a_switch_can_be_pressed_where_it_stands(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("b")
        screen(seen).query_one("#off-1").focus()
        await seen.press("space")
        assert screen(seen).switches.off == (Reason.TLS_1_0, Reason.TLS_1_1, Reason.NO_TLS)
        await seen.press("enter")
        assert Reason.BASIC in screen(seen).switches.off


async def test_switches_stay_while_the_interface_runs(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("b", "1", "2", "escape", "b")
        assert screen(seen).switches.off == (Reason.TLS_1_1, Reason.NO_TLS)
        assert listed(seen) == [UPS]


async def test_only_from_some_networks(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("b", "1", "2", "3", "4", "5", *"10.0.0.0/33")
        assert "is no network" in seen.text
        await seen.press("enter")
        assert "is no network" in seen.text
        await seen.press("backspace", "backspace", "8", "enter")
        assert listed(seen) == [ANA]
        assert "5 From 10.0.0.0/8" in seen.text
        await seen.press("5", *["backspace"] * 12, "enter")
        assert "5 From anywhere" in seen.text
        assert "Nothing is switched off." in seen.text


async def test_done_and_used_since_is_told(db: Path, interface: Opener) -> None:
    with Notes(db) as notes:
        mark(notes, SCAN, done=True, at=NOW - 3 * DAY)
    async with interface(db, (120, 40)) as seen:
        await seen.press("b")
        assert "1 done · 1 of them used since" in status(seen)
        assert "yet used" in next(line for line in seen.text.splitlines() if SCAN in line)
        await seen.press("x")
        assert "done" not in status(seen)
        await seen.press("x")
        assert "1 done" in status(seen)
        assert "used since" not in status(seen)
    with Notes(db) as notes:
        assert [(one.account, one.done_at) for one in todos(notes)] == [(SCAN, NOW)]


async def test_owner_and_note_are_noted_from_table_and_flyout(db: Path, interface: Opener) -> None:
    async with interface(db, (120, 40)) as seen:
        await seen.press("b", "e", *"Mara", "tab", *"new firmware", "enter")
        assert "Mara" in next(line for line in seen.text.splitlines() if SCAN in line)
        assert "new firmware" in next(line for line in seen.text.splitlines() if SCAN in line)
        await seen.press("down", "enter")
        assert "nobody is named" in seen.text
        await seen.press("e", *"Bo", "enter")
        assert "Owner  Bo" in seen.text
        await seen.press("x")
        assert "done 2026-11-23 13:00" in seen.text
        await seen.press("escape")
        assert listed(seen)[screen(seen).query_one("#table").cursor] == UPS  # type: ignore[attr-defined]
    with Notes(db) as notes:
        assert [one[:3] for one in todos(notes)] == [(SCAN, "Mara", "new firmware"), (UPS, "Bo", "")]


async def test_what_somebody_else_notes_shows_within_a_minute(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("b")
        with Notes(db) as notes:
            mark(notes, UPS, done=True, at=NOW)
        seen.app.pass_minute()
        await seen.settle()
        assert "1 done" in status(seen)


async def test_a_hostile_name_is_text(db: Path, interface: Opener) -> None:
    hostile = "[@click=app.quit]x\\[/]\x1b[31m\u202e@shop.example"
    fill(db, [sent(f"H{n}", NOW, account=hostile) for n in range(20)], zone="Europe/Berlin")
    async with interface(db, (120, 40)) as seen:
        await seen.press("b")
        for keys in ((), ("e",), ("escape", "enter")):
            await seen.press(*keys)
            assert "[@click=app.quit]x\\[/]\\x1b" in seen.text
            assert "\u202e" not in seen.text


async def test_the_flyout_says_why_and_what_to_change(db: Path, interface: Opener) -> None:
    async with interface(db, (120, 60)) as seen:
        await seen.press("b", "enter")
        text = seen.text
        for what in ("all of its 8 messages", "signs in with a password (Basic)", "uses TLS 1.0 or SSL 3", "XOAUTH2"):
            assert what in text
        assert "Sends from 1 address" in text
        assert "would be refused" in text


async def test_the_burn_down_and_back(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("b", "v")
        assert "View data by Burn-down" in seen.text
        assert "1 account" in seen.text
        await seen.press("x")
        assert "that works in the table" in seen.text
        await seen.press("v")
        assert "View data by Accounts" in seen.text
        await seen.press("t")
        assert "View data by Burn-down" in seen.text


async def test_search_and_order(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("b", "S")
        assert listed(seen) == [UPS, SCAN]
        await seen.press("slash", *"sca", "enter")
        assert listed(seen) == [SCAN]


async def test_a_store_that_grows_is_judged_again(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("b", "1", "down")
        fill(db, [sent("E1", NOW, account="new@shop.example", tls=TlsVersion.V1_1)], zone="Europe/Berlin")
        seen.app.look_at_store()  # type: ignore[attr-defined]
        await seen.settle()
        assert sorted(listed(seen)) == ["new@shop.example", SCAN, UPS]
        assert listed(seen)[screen(seen).query_one("#table").cursor] == UPS  # type: ignore[attr-defined]


# files


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
async def test_the_list_is_written_into_a_file_of_its_own(
    db: Path, interface: Opener, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"list.{suffix}"
    path.write_text("mine")
    async with interface(db) as seen:
        await seen.press("b", "w", *["backspace"] * 60, *f"list.{suffix}", "enter")
        assert "list." in seen.text
        assert "is there already. Enter again replaces it." in " ".join(seen.text.split())
        assert path.read_text() == "mine"
        await seen.press("enter")
        await seen.settle()
        assert "2 accounts written to" in seen.text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if suffix == "csv":
        names = [row["account"] for row in csv.DictReader(io.StringIO(path.read_text()))]
    else:
        names = [str(row[0]) for row in openpyxl.load_workbook(path)["To do"].iter_rows(values_only=True)][1:]
    assert names == [SCAN, UPS]


async def test_a_path_that_will_not_do_is_told(db: Path, interface: Opener) -> None:
    async with interface(db) as seen:
        await seen.press("b", "w", *["backspace"] * 60, *"list.txt", "enter")
        assert "end with .xlsx or .csv" in seen.text
        await seen.press(*["backspace"] * 3, *"csv", "home", *"no/", "enter")
        assert "There is no folder no." in seen.text


# mail


async def test_request_report_takes_the_switches_along(db: Path, interface: Opener) -> None:
    async with interface(db, (120, 40)) as seen:
        await seen.press("b", "1", "r")
        assert isinstance(seen.app.screen, RequestReportScreen)
        assert "TLS 1.0, TLS 1.1, no TLS" in next(line for line in seen.text.splitlines() if "Switched off" in line)
        await seen.app.screen.workers.wait_for_complete()
        await seen.settle()
        assert "2 of 4 accounts would break" in seen.text
        ready = seen.app.screen._query(seen.app.screen._period)  # type: ignore[arg-type]
        assert ready.switches == seen.app._desk.switches


async def test_request_report_takes_the_filter_along_for_the_same_rows_only(db: Path, interface: Opener) -> None:
    async with interface(db, (120, 40)) as seen:
        await seen.press("b", "ctrl+f", *"account contains scan", "enter", "r")
        assert "[x] account contains" in seen.text
        await previewed(seen)
        assert "The filter holds of 1 of 2 accounts that would break" in seen.text
        await seen.press(*["up"] * 5, "right")
        await previewed(seen)
        assert "account contains" not in seen.text


async def test_the_list_is_mailed_by_the_command(
    db: Path, interface: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_FOLDER", str(tmp_path / "out"))
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_FROM", "reports@shop.example")
    async with interface(db) as seen:
        await seen.press("b", "1", "5", *"10.0.0.0/8", "enter")
        query = screen(seen).query_now
        run = MailRun(seen.app._desk.command, "breaks", query, ["ana@shop.example"], ["csv"], lambda: None)
        await run.wait()
    assert run.problem == ""
    (path,) = (tmp_path / "out").iterdir()
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert "3 of 4 accounts would break" in message["Subject"]
    (table,) = message.iter_attachments()
    rows = list(csv.DictReader(io.StringIO(table.get_content())))  # type: ignore[attr-defined]
    assert [row["account"] for row in rows] == [SCAN, ANA, UPS]


# pictures


def some_notes(db: Path) -> None:
    """An account that is done, one that is not although it was said to be, one with an owner."""
    with Notes(db) as notes:
        note(notes, "scan-3rd-floor@contoso.example", owner="Mara", text="new firmware, then TLS 1.2", at=NOW)
        mark(notes, "newsletter@news.contoso.example", done=True, at=NOW - 3 * DAY)
        mark(notes, "scan-2nd-floor@contoso.example", done=True, at=NOW - 3 * DAY)


STATIONS = {
    "breaks": ("b",),
    "breaks-tls-only": ("b", "1"),
    "breaks-columns": ("b", *["right"] * 4),
    "breaks-burn-down": ("b", "v"),
    "breaks-account": ("b", *["down"] * 5, "enter"),
    "breaks-account-days": ("b", *["down"] * 5, "enter", "pagedown"),
    "breaks-edit": ("b", *["down"] * 5, "e"),
    "breaks-networks": ("b", "5", *"10.0.0.0/8, 10.1"),
    "breaks-write": ("b", "w"),
    "breaks-request": ("b", "1", "r", *"ada@contoso.example"),
}
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("station", STATIONS)
async def test_station(
    station: str, size: str, demo_db: Path, interface: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config" / "smtpauth-tui" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[mail]\nhost = 'smtp.contoso.example'\nuser = 'reports@contoso.example'\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    some_notes(demo_db)
    async with interface(demo_db, SIZES[size]) as seen:
        await seen.press(*STATIONS[station])
        await compare(f"{station}-{size}", seen)
