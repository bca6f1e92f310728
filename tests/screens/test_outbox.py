"""The outbox in the interface: how each mail stands, what the server answered, what can be done about it."""

from pathlib import Path

from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.outbox import OutboxScreen
from smtpauth_tui.store.outbox import MailState, Outbox, Outcome
from smtpauth_tui.widgets.row_table import ListTable
from tests.screens.conftest import Opener, Seen
from tests.screens.mails import answered, queue, some_mails

HOSTILE = "\x1b[2J\x1b]0;PWNED\x07\u202e[red]x[/][@click=app.quit]q[/]\r\n550 second line"


async def look(seen: Seen) -> None:
    """What the interface does every other second."""
    seen.app.look_at_store()  # type: ignore[attr-defined]
    await seen.settle()


def told(seen: Seen) -> list[str]:
    return [said.message for said in seen.app._notifications]


def states(db: Path) -> list[MailState]:
    with Outbox(db) as outbox:
        return [mail.state for mail in outbox.mails()]


async def test_each_mail_with_its_state(demo_db: Path, interface: Opener) -> None:
    some_mails(demo_db)
    async with interface(demo_db, (120, 40)) as seen:
        await seen.press("o")
        rows = seen.text.splitlines()[3:8]
        assert [row.split()[2] for row in rows] == ["queued", "cancelled", "queued", "failed", "sent"]
        assert rows[2].split()[:2] == ["2026-11-23", "12:59"]
        assert "ops@fabrikam.example +1" in rows[2]
        assert rows[2].rstrip().endswith("1 2026-11-23 13:00")
        assert "5 mails · 2 waiting" in seen.text
        await seen.press("down", "down")
        assert "Not yet for ops@fabrikam.example and 1 other: 451 4.7.1 Greylisted, come later." in seen.text
        assert "It is tried again in 1 min." in seen.text
        await seen.press("down")
        assert "The server took it for ada@contoso.example and 1 other." in seen.text
        assert "Refused for nobody@contoso.example: 550 5.1.1 <nobody@contoso.example>" in seen.text


async def test_an_empty_outbox_says_what_it_is(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("o")
        assert "The outbox is empty" in seen.text
        assert "Press r to request a report." in seen.text
        await seen.press("a")
        assert told(seen) == ["There is no mail to do that with."]
        assert not Outbox.path_of(demo_db).exists()


async def test_the_mail_itself(demo_db: Path, interface: Opener) -> None:
    some_mails(demo_db)
    async with interface(demo_db, (80, 50)) as seen:
        await seen.press("o", "down", "down", "down", "enter")
        assert isinstance(seen.app.screen, FlyoutScreen)
        for said in ("State      failed", "ada@contoso.example     taken", "nobody@contoso.example  refused"):
            assert said in seen.text
        assert "User unknown" in seen.text
        assert "Subject: SMTP Auth: 38,002 messages" in seen.text
        assert "report.xlsx  30.0 kB" in seen.text
        assert "16-22 Nov 2026, 7 days" in seen.text
        await seen.press("escape")
        assert isinstance(seen.app.screen, OutboxScreen)


async def test_cancelling(demo_db: Path, interface: Opener) -> None:
    some_mails(demo_db)
    async with interface(demo_db) as seen:
        await seen.press("o", "x")
        assert states(demo_db)[0] is MailState.CANCELLED
        assert seen.text.splitlines()[3].split()[2] == "cancelled"
        await seen.press("x")
        assert told(seen) == ["This mail was cancelled already."]
        await seen.press("G", "x", "a")
        assert told(seen)[1:] == [
            "This mail was sent: it cannot be taken back.",
            "This mail was sent: everybody has it.",
        ]
        assert states(demo_db)[-1] is MailState.SENT


async def test_what_changes_is_seen_and_the_cursor_stays_on_its_mail(demo_db: Path, interface: Opener) -> None:
    first, second = (queue(demo_db, f"SMTP Auth: {n} messages", "ada@contoso.example", ago=9) for n in (1, 2))
    async with interface(demo_db, (120, 40)) as seen:
        await seen.press("o", "down")
        assert seen.app.screen.record.id == first  # type: ignore[attr-defined]
        third = queue(demo_db, "SMTP Auth: 3 messages", "ada@contoso.example")
        answered(demo_db, first, {"ada@contoso.example": (Outcome.TAKEN, "250 Ok")})
        await look(seen)
        assert seen.app.screen.record.id == first  # type: ignore[attr-defined]
        assert [row.split()[2] for row in seen.text.splitlines()[3:6]] == ["queued", "queued", "sent"]
        assert (first, second, third) == (1, 2, 3)
        await seen.press("g", "enter")
        assert "State      queued" in seen.text
        answered(demo_db, third, {"ada@contoso.example": (Outcome.REFUSED, "552 too large")})
        await look(seen)
        assert "State      failed" in seen.text
        assert "552 too large" in seen.text


async def test_nothing_is_drawn_when_nothing_has_changed(demo_db: Path, interface: Opener) -> None:
    some_mails(demo_db)
    async with interface(demo_db) as seen:
        await seen.press("o")
        await look(seen)
        loads: list[int] = []
        seen.app.screen.load = lambda: loads.append(1)  # type: ignore[attr-defined]
        await look(seen)
        seen.app.pass_minute()  # type: ignore[attr-defined]
        await look(seen)
        assert loads == []


async def test_the_first_mail_ends_the_emptiness(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("o")
        queue(demo_db, "SMTP Auth: 1 message", "ada@contoso.example")
        await look(seen)
        assert "1 mail · 1 waiting" in seen.text
        assert isinstance(seen.app.screen.focused, ListTable)


async def test_answers_and_addresses_are_shown_as_they_are_safe(demo_db: Path, interface: Opener) -> None:
    number = queue(demo_db, f"SMTP Auth {HOSTILE}"[:60], "a@x.example", f"{HOSTILE}@x.example", text=f"{HOSTILE}\n")
    answered(demo_db, number, {"a@x.example": (Outcome.REFUSED, f"550 {HOSTILE}")})
    async with interface(demo_db, (160, 48)) as seen:
        await seen.press("o")
        assert "550 \\x1b[2J\\x1b]0;PWNED\\x07\\u202e[red]x[/][@click=app.quit]q[/] 550 second line" in seen.text
        await seen.press("right", "right", "right")
        await seen.press("enter")
        assert "\\x1b[2J\\x1b]0;PWNED\\x07" in seen.text
        assert "[@click=app.quit]q[/]" in seen.text
        assert not any(sign in seen.text for sign in ("\x1b", "\x07", "\u202e"))


async def test_what_is_no_outbox_is_told(demo_db: Path, interface: Opener) -> None:
    Outbox.path_of(demo_db).write_bytes(b"\x00not an outbox\x1b[2J" * 100)
    async with interface(demo_db) as seen:
        await seen.press("o")
        assert "demo.db.outbox" in seen.text
        await look(seen)
        await seen.press("r", "escape")
        assert isinstance(seen.app.screen, OutboxScreen)


async def test_a_mail_that_is_gone(demo_db: Path, interface: Opener) -> None:
    queue(demo_db, "SMTP Auth: 1 message", "ada@contoso.example")
    async with interface(demo_db) as seen:
        await seen.press("o")
        Outbox.path_of(demo_db).unlink()
        await seen.press("enter")
        assert "The mail is not in the outbox any more." in seen.text
        await seen.press("escape")
        await look(seen)
        assert "The outbox is empty" in seen.text
