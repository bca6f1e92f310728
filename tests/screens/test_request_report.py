"""A report is requested with a few keys, goes out by a process of its own, and what became of it is told."""

import asyncio
import os
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from smtpauth_tui.app import SmtpAuthApp
from smtpauth_tui.clock import Clock
from smtpauth_tui.screens.outbox import OutboxScreen
from smtpauth_tui.screens.report import ReportScreen
from smtpauth_tui.screens.request_report import RequestReportScreen
from smtpauth_tui.settings import Settings
from smtpauth_tui.store.outbox import MailRow, MailState, Outbox
from tests.mailing.smtp_server import Server, smtp_server
from tests.screens.conftest import Opener, Seen
from tests.screens.mails import queue
from tests.screens.test_outbox import look, told

ADA, OPS, NOBODY = "ada@contoso.example", "ops@fabrikam.example", "nobody@contoso.example"
PATIENCE = 60


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of mail come from the test alone, also in the process that the interface starts."""
    for name in [name for name in os.environ if name.startswith("SMTPAUTH_TUI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("smtpauth_tui.mailing.options.SENDMAIL_PLACES", ())


def settings(tmp_path: Path, *lines: str) -> None:
    """Write the settings of mail into the configuration."""
    path = tmp_path / "config" / "smtpauth-tui" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[mail]\nfrom = 'reports@contoso.example'\n" + "\n".join(lines))


def by_server(tmp_path: Path, server: Server, *lines: str) -> None:
    settings(tmp_path, "host = 'localhost'", f"port = {server.port}", f"ca_file = '{server.ca_file}'", *lines)


def into_folder(tmp_path: Path, *lines: str) -> Path:
    """Mails become files."""
    folder = tmp_path / "mails"
    folder.mkdir()
    settings(tmp_path, f"folder = '{folder}'", *lines)
    return folder


def request_of(seen: Seen) -> RequestReportScreen:
    assert isinstance(seen.app.screen, RequestReportScreen)
    return seen.app.screen


def flat(seen: Seen) -> str:
    """The screen's text on one line, so that it does not matter where it was broken."""
    return " ".join(seen.text.split())


async def previewed(seen: Seen) -> None:
    """Until the preview has followed what was changed."""
    end = time.monotonic() + PATIENCE
    while request_of(seen)._timer:
        assert time.monotonic() < end, "the preview follows nothing"
        await asyncio.sleep(0.01)
    await seen.settle()


async def until(seen: Seen, happened: Callable[[], object], what: str) -> None:
    """Wait for something that a process does."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"no {what}; told: {told(seen)}"
        await asyncio.sleep(0.05)
        await look(seen)


def mails(db: Path) -> list[MailRow]:
    outbox = Outbox.open_existing(db)
    if outbox is None:
        return []
    with outbox:
        return outbox.mails()


# what is asked


async def test_the_report_in_view_is_offered(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("r")
        assert "◂ Sending volume ▸" in seen.text
        assert [seen.app.screen.query_one(f"#{name}", Input).value for name in ("start", "end")] == [
            "2026-11-17",
            "2026-11-23",
        ]
        await seen.press("escape", "v", "v", "f", "3", "d", *"fabrikam", "enter", "r")
        assert "◂ TLS usage ▸" in seen.text
        assert "Start date      2026-10-25" in seen.text
        assert "Sender domain   fabrikam.example" in seen.text
        await seen.press("escape", "t", "r")
        assert "◂ Senders ▸" in seen.text
        await seen.press("escape")
        assert isinstance(seen.app.screen, ReportScreen)
        await seen.press("colon", *"request report", "enter")
        assert "◂ Senders ▸" in seen.text


async def test_the_filter_of_the_table_goes_along_and_can_be_left_out(
    demo_db: Path, interface: Opener, tmp_path: Path
) -> None:
    folder = into_folder(tmp_path)
    async with interface(demo_db, (120, 40)) as seen:
        await seen.press("v", "t", "ctrl+f", *"none", "greater_than_sign", "0", "enter", "r")
        await previewed(seen)
        assert "Filter          [x] none>0" in seen.text
        assert "Filter: none>0" in seen.text
        await seen.press(*["up"] * 5, "right")
        await previewed(seen)
        assert "none>0" not in seen.text, "another report's mail takes no filter"
        await seen.press("left", *["down"] * 4)
        await previewed(seen)
        assert "The filter holds of 2 of " in flat(seen)
        await seen.press("space")
        await previewed(seen)
        assert "Filter: none>0" not in seen.text and "[ ] none>0" in seen.text
        await seen.press("space", "down", *ADA, "enter", "enter")
        await until(seen, lambda: bool(list(folder.glob("*.eml"))), "mail")
        message = message_from_bytes(next(folder.glob("*.eml")).read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        assert body and "Filter: none>0" in body.get_content()
        await until(seen, lambda: not seen.app._desk.mails._begun, "end of the run")


async def test_the_preview_follows_what_is_chosen(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (120, 40)) as seen:
        await seen.press("r")
        await previewed(seen)
        assert "SMTP Auth: 3,697 messages, 9.3% below TLS 1.2 (17-23 Nov 2026)" in seen.text
        assert "SMTP Auth clients: Sending volume" in seen.text
        await seen.press("up", "up", "up", "up", "right")
        await previewed(seen)
        assert "SMTP Auth clients: TLS usage" in seen.text
        await seen.press("left", "left", "left", "left")
        assert "◂ Summary ▸" in seen.text
        await seen.press("down", "down", "down", "enter", *"fabrikam", "enter")
        await previewed(seen)
        assert "SMTP Auth fabrikam.example: 283 messages" in seen.text
        await seen.press("up", "up", *["backspace"] * 10, *"-13d")
        await previewed(seen)
        assert "10-23 Nov 2026, 14 days" in seen.text
        before = seen.text
        await seen.press("pagedown")
        assert seen.text != before
        await seen.press("pageup")
        assert seen.text == before


async def test_a_wrong_date_is_explained_in_place(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("r", *ADA, "up", "up", "up", *["backspace"] * 10, *"soon", "enter")
        assert "'soon' is not a date. Write 2026-11-17, today, yesterday, or -7d." in flat(seen)
        assert seen.app.screen.focused and seen.app.screen.focused.id == "start"
        await seen.press(*["backspace"] * 4, *"2026-12-24", "enter")
        assert "The start date 2026-12-24 is after the end date" in flat(seen)
        assert mails(demo_db) == []


# to whom


async def test_a_bad_recipient_is_named_and_explained(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    into_folder(tmp_path, "allowed_domains = ['contoso.example', 'bücher.example']")
    async with interface(demo_db) as seen:
        await seen.press("r", *"ada@conto")
        assert "is no" not in seen.text  # it is still being typed
        await seen.press(*"so.example, bob@evil.example ")
        assert "Reports may not be sent to bob@evil.example." in flat(seen)
        assert "allowed_domains has: contoso.example, xn--bcher-kva.example." in flat(seen)
        await seen.press("enter")
        assert request_of(seen).query_one("#to").has_focus
        await seen.press("ctrl+u", *"nobody", "enter")
        assert "'nobody' is no mail address. Write it as admin@contoso.example." in flat(seen)
        await seen.press("ctrl+u", *"ada@contoso.example;me@Bücher.example", "enter")
        assert "2 recipients · me@Bücher.example is me@xn--bcher-kva.example" in flat(seen)
        assert "Send to 2 recipients" in seen.text
        assert request_of(seen).query_one("#send").has_focus
        await seen.press("up", "up", "up", "ctrl+u", "enter")
        assert "Name at least one recipient." in seen.text


async def test_recipients_are_completed_from_the_settings_and_those_used_before(
    demo_db: Path, tmp_path: Path, interface: Opener
) -> None:
    into_folder(tmp_path, f"to = ['{ADA}']")
    queue(demo_db, "SMTP Auth: 1 message", OPS, "other@contoso.example")
    async with interface(demo_db) as seen:
        await seen.press("r")
        field = request_of(seen).query_one("#to", Input)
        assert field.value == ADA
        assert request_of(seen).query_one("#send").has_focus
        field.focus()
        await seen.press("end", *", op", "right", *", oth", "right", *", ada@", "right")
        assert field.value == f"{ADA}, {OPS}, other@contoso.example, ada@"


@pytest.mark.parametrize(
    "pasted",
    [
        f"{ADA}\r\nBcc: {NOBODY}",
        f"{ADA}\nRCPT TO:<{NOBODY}>",
        "\x1b[2J\x1b]0;PWNED\x07@contoso.example",
        "[red]x[/]@contoso.example",
        "[@click=app.quit]q[/]@contoso.example",
        "a\u202eb@contoso.example",
        "x" * 5000,
    ],
)
async def test_hostile_recipients_are_shown_harmless_and_refused(
    pasted: str, demo_db: Path, tmp_path: Path, interface: Opener
) -> None:
    into_folder(tmp_path)
    async with interface(demo_db) as seen:
        await seen.press("r")
        request_of(seen).query_one("#to").post_message(events.Paste(pasted))
        await seen.settle()
        assert "\n" not in request_of(seen).query_one("#to", Input).value
        await seen.press("enter")
        assert request_of(seen).query_one("#to").has_focus
        assert "no mail address" in flat(seen) or "before the @" in flat(seen)
        assert not any(sign in seen.text for sign in ("\x1b", "\x07", "\u202e"))
    assert mails(demo_db) == []


async def test_a_pasted_list_with_line_breaks(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    into_folder(tmp_path)
    async with interface(demo_db) as seen:
        await seen.press("r")
        request_of(seen).query_one("#to").post_message(events.Paste(f"{ADA}\n{OPS};\r\n  {NOBODY}\n"))
        await seen.settle()
        assert request_of(seen).query_one("#to", Input).value == f"{ADA}, {OPS}, {NOBODY}"
        await seen.press("enter")
        assert "Send to 3 recipients" in seen.text


# how


async def test_how_it_goes_stands_there(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    settings(tmp_path, "host = 'smtp.contoso.example'")
    async with interface(demo_db) as seen:
        await seen.press("r")
        assert "by smtp.contoso.example:465, implicit TLS, from reports@contoso.example" in flat(seen)
        settings(tmp_path, "host = 'smtp.contoso.example'", "security = 'none'")
        await seen.press("tab", "R")
        assert "security = none would send reports to smtp.contoso.example unencrypted" in flat(seen)


async def test_where_mail_is_not_set_up_it_waits_in_the_outbox(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("r")
        assert "Mail is not set up here; until it is, the report waits in the outbox." in flat(seen)
        assert "write into config.toml: [mail]" in flat(seen)
        await seen.press(*ADA, "enter", "enter")
        await until(seen, lambda: any("cannot be sent yet" in text for text in told(seen)), "notice")
        assert told(seen)[-1].startswith("Mail 1 is in the outbox and cannot be sent yet: Mail is not set up.")
        assert [(mail.state, mail.tries) for mail in mails(demo_db)] == [(MailState.QUEUED, 0)]


# sending


async def test_it_is_sent_while_one_goes_on(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    folder = into_folder(tmp_path)
    async with interface(demo_db) as seen:
        await seen.press("v", "t", "down", "r", *f"{ADA} {OPS}", "down", "down", "space", "down", "enter")
        assert isinstance(seen.app.screen, ReportScreen)
        assert "row 2 of 80" in seen.text
        await until(seen, lambda: any(text.startswith("Sent: ") for text in told(seen)), "mail")
        subject = "SMTP Auth: 3,697 messages, 9.3% below TLS 1.2 (17-23 Nov 2026)"
        assert told(seen)[-1] == f"Sent: {subject}\nThe server took it for {ADA} and 1 other."
    (path,) = folder.glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Subject"]) == (f"{ADA}, {OPS}", subject)
    assert [part.get_filename().rpartition(".")[2] for part in mail.iter_attachments()] == ["xlsx", "csv"]
    (row,) = mails(demo_db)
    assert (row.report, row.state) == ("senders", MailState.SENT)


async def test_what_the_server_says_of_each_recipient_is_told(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    with smtp_server(tmp_path / "server") as server:
        by_server(tmp_path, server)
        server.says(rcpt={NOBODY: "550 5.1.1 \x1b[2J[red]unknown[/]"})
        async with interface(demo_db) as seen:
            await seen.press("r", *f"{ADA},{NOBODY}", "enter", "enter")
            await until(seen, lambda: any("Sent in part" in text for text in told(seen)), "answer")
            lines = told(seen)[-1].splitlines()
            assert lines[1] == f"The server took it for {ADA}."
            assert lines[2].startswith(f"Refused for {NOBODY}: 550 5.1.1 \\x1b[2J[red]unknown[/]")
            assert "\x1b" not in seen.text
        (received,) = server.mails()
        assert received.recipients == (ADA,)
        assert received.encrypted


async def test_what_is_put_off_is_sent_later_and_told(demo_db: Path, tmp_path: Path) -> None:
    with smtp_server(tmp_path / "server") as server:
        by_server(tmp_path, server)
        server.says(rcpt={ADA: ["451 4.7.1 Greylisted", ""]})
        app = SmtpAuthApp(Settings(db=demo_db), Clock())
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            seen = Seen(app, pilot, (80, 24))
            await seen.press("r", *ADA, "enter", "enter")
            await until(seen, lambda: any("Not sent: " in text for text in told(seen)), "first answer")
            assert "451 4.7.1 Greylisted" in told(seen)[-1]
            assert told(seen)[-1].endswith("It is tried again in 1 min.")
            assert server.mails() == []
            seen.app.clear_notifications()
            await seen.press("o")
            assert f"Not yet for {ADA}: 451 4.7.1 Greylisted" in flat(seen)
            await seen.press("a")
            await until(seen, lambda: any(text.startswith("Sent: ") for text in told(seen)), "second answer")
            await until(seen, lambda: seen.text.splitlines()[3].split()[2] == "sent", "change in the table")
        assert len(server.mails()) == 1


async def test_mails_that_are_due_are_sent_while_the_interface_is_open(demo_db: Path, tmp_path: Path) -> None:
    folder = into_folder(tmp_path)
    queue(demo_db, "SMTP Auth: 1 message", ADA, ago=60)
    app = SmtpAuthApp(Settings(db=demo_db), Clock())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        seen = Seen(app, pilot, (80, 24))
        await seen.settle()
        app.send_due()
        app.send_due()
        await until(seen, lambda: told(seen), "notice")
        assert told(seen) == [f"Sent: SMTP Auth: 1 message\nThe server took it for {ADA}."]
        app.send_due()
        await look(seen)
        assert len(told(seen)) == 1
    assert len(list(folder.glob("*.eml"))) == 1


async def test_mails_that_cannot_be_sent_for_want_of_settings_are_told_once(demo_db: Path) -> None:
    queue(demo_db, "SMTP Auth: 1 message", ADA, ago=60)
    app = SmtpAuthApp(Settings(db=demo_db), Clock())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        seen = Seen(app, pilot, (80, 24))
        await seen.settle()
        app.send_due()
        await until(seen, lambda: told(seen), "notice")
        assert told(seen)[0].startswith("The outbox was not sent: Mail is not set up.")
        app.send_due()
        await seen.settle()
        assert app._desk.mails._sending is None
    assert [mail.state for mail in mails(demo_db)] == [MailState.QUEUED]


async def test_sending_goes_on_when_the_interface_is_left(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    with smtp_server(tmp_path / "server") as server:
        by_server(tmp_path, server)
        server.says(delay=2)
        async with interface(demo_db) as seen:
            await seen.press("r", *ADA, "enter", "enter")
        end = time.monotonic() + PATIENCE
        while not server.mails():
            assert time.monotonic() < end, "the mail was lost with the interface"
            await asyncio.sleep(0.05)
        while [mail.state for mail in mails(demo_db)] != [MailState.SENT]:
            assert time.monotonic() < end, "what the server said was not noted"
            await asyncio.sleep(0.05)


async def test_a_mail_that_cannot_be_made_says_why(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    into_folder(tmp_path)
    async with interface(demo_db) as seen:
        await seen.press("r", *ADA, "enter")
        demo_db.rename("elsewhere.db")
        await seen.press("enter")
        await until(seen, lambda: any("not mailed" in text for text in told(seen)), "reason")
        assert any("The report was not mailed: There is no store yet" in text for text in told(seen))


async def test_a_process_that_cannot_be_started_is_told(
    demo_db: Path, monkeypatch: pytest.MonkeyPatch, interface: Opener
) -> None:
    async with interface(demo_db) as seen:
        monkeypatch.setattr("sys.executable", "/nowhere/python")
        await seen.press("r", *ADA, "enter", "enter")
        await look(seen)
        assert told(seen) == ["The report was not mailed: No process can be started for it: No such file or directory."]


async def test_the_configuration_that_was_named_holds_for_the_mail_too(demo_db: Path, tmp_path: Path) -> None:
    folder = into_folder(tmp_path)
    named = tmp_path / "named.toml"
    (tmp_path / "config" / "smtpauth-tui" / "config.toml").rename(named)
    app = SmtpAuthApp(Settings(db=demo_db), Clock(), config=Path("named.toml"))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        seen = Seen(app, pilot, (80, 24))
        await seen.press("r")
        assert f"as files into {folder}"[:20] in flat(seen)
        await seen.press(*ADA, "enter", "enter")
        await until(seen, lambda: list(folder.glob("*.eml")), "mail")


async def test_from_the_outbox_and_back(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v", "o", "r", "tab", "o")
        assert isinstance(seen.app.screen, OutboxScreen)
        assert len(seen.app.screen_stack) == 4
        await seen.press("r", "escape")
        assert isinstance(seen.app.screen, OutboxScreen | ReportScreen)


async def test_without_a_store_it_says_so(tmp_path: Path, interface: Opener) -> None:
    async with interface(tmp_path / "none.db") as seen:
        await seen.press("r")
        await previewed(seen)
        assert "There is no store yet" in flat(seen)
