"""Outbox: the mails that were requested, how each stands, and what the server answered last."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from smtpauth_tui.conditions import Kind
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.export import cut
from smtpauth_tui.reports.figures import local, number, plural
from smtpauth_tui.reports.flyouts import Flyout, Paragraph
from smtpauth_tui.reports.values import Cell, Column
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.mail_flyout import mail_flyout
from smtpauth_tui.screens.mail_words import news_of, one_line, tone_of
from smtpauth_tui.screens.rows_screen import Rows, RowsScreen
from smtpauth_tui.store.outbox import MailRow, MailState, Outbox
from smtpauth_tui.widgets.palette import shown
from smtpauth_tui.widgets.row_table import RowTable

_MOST: Final = 1000
_WIDE: Final = 110
"""Columns of a terminal in which whole dates have room."""
_COLUMNS: Final = (
    Column("created", "Requested"),
    Column("state", "State"),
    Column("subject", "Subject"),
    Column("to", "To"),
    Column("tries", "Tries", numeric=True),
    Column("next", "Next try"),
    Column("answer", "Last answer"),
)
_EMPTY: Final = (
    "The outbox is empty: reports that are sent by mail are listed here, and wait here while the server "
    "cannot take them.",
    "Press r to request a report.",
)
_NOT_AGAIN: Final = {
    MailState.SENT: "This mail was sent: everybody has it.",
    MailState.SENDING: "This mail is being sent at the moment.",
}
_NOT_CANCELLED: Final = {
    MailState.SENT: "This mail was sent: it cannot be taken back.",
    MailState.SENDING: "This mail is being sent at the moment: it cannot be taken back.",
    MailState.FAILED: "This mail has failed: it is not tried any more.",
    MailState.CANCELLED: "This mail was cancelled already.",
}


class OutboxScreen(RowsScreen[MailRow]):
    """The newest mail first. What is sent is done by the command, in a process of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "retry", "Try again", tooltip="Try again: have the mail sent now", id="outbox.retry"),
        Binding("x", "cancel", "Cancel", tooltip="Cancel: never send the mail", id="outbox.cancel"),
    ]
    CSS_PATH = "outbox.tcss"
    TITLE_TEXT = "Outbox"
    WORDS = (
        ("Queued", "waits to be sent, for the first time or again; each pause is longer, up to a day"),
        ("Sent", "the mail server took it for all recipients; whether they got it is its affair"),
        ("Failed", "refused for good for somebody, or given up after five days; others may have it"),
        ("Cancelled", "will not be sent, but to those who had it before"),
    )

    ORDER = ("created", True)
    ASCENDING = frozenset({"state", "subject", "to", "answer"})
    FLEXIBLE = 2
    SEARCHED = "part of a subject, a recipient or an answer"
    RECORD = "mail"
    KINDS = dict.fromkeys(("created", "next"), Kind.DAY)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._said = Content("")

    def compose_below(self) -> ComposeResult:
        yield Static("", id="mail")

    def begin(self) -> None:  # type: ignore[override]
        self.load()

    def store_changed(self) -> None:
        """The store has nothing that is shown here."""

    def outbox_changed(self) -> None:
        self.load()

    def minute_passed(self) -> None:
        self.show_mail()

    # what is listed

    async def rows(self) -> Rows[MailRow]:
        mails = await self._desk.mails.ask(lambda outbox: outbox.mails(_MOST)) or []
        self.zone = await self._desk.zone()
        waiting = sum(mail.state in (MailState.QUEUED, MailState.SENDING) for mail in mails)
        more = " · only the newest are listed" if len(mails) >= _MOST else ""
        return Rows(mails, f"{plural(len(mails), 'mail')} · {number(waiting)} waiting{more}" if mails else "", _EMPTY)

    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS

    def cells(self, record: MailRow) -> Sequence[Cell]:
        created = local(record.created, self.zone)
        wide = self.app.size.width >= _WIDE
        return (
            Cell(created if wide else created[5:]),
            Cell(record.state, tone_of(record)),
            Cell(record.subject),
            Cell(_to(record, 24 if wide else 22)),
            Cell(number(record.tries)),
            Cell(local(record.next_try, self.zone) if record.next_try is not None else ""),
            Cell(one_line(record.answer)),
        )

    def identity(self, record: MailRow) -> int:
        return record.id

    def value(self, record: MailRow, key: str) -> Any:
        match key:
            case "created":
                return record.created, record.id
            case "tries":
                return record.tries
            case "next":
                return record.next_try or 0
        return super().value(record, key)

    def searched(self, record: MailRow) -> str:
        return "\n".join((record.subject, record.answer, *(one.address for one in record.recipients)))

    # showing

    def on_screen_resume(self) -> None:
        """In view again: the width may be another one."""
        self.put_in_order()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.put_in_order)

    @on(RowTable.Moved)
    def show_mail(self) -> None:
        """Below the table: how the mail under the cursor stands."""
        mail = self.record
        said = Content("\n").join(map(shown, news_of(mail, self._desk.clock.now()).lines)) if mail else Content("")
        if said != self._said:  # nothing is written to a terminal that shows it
            self._said = said
            self.query_one("#mail", Static).update(said, layout=False)
        self.query_one("#below").display = mail is not None
        self.refresh_bindings()

    # keys

    def why_not(self, action: str) -> str:
        if action in ("retry", "cancel"):
            reasons = _NOT_AGAIN if action == "retry" else _NOT_CANCELLED
            mail = self.record
            return reasons.get(mail.state, "") if mail else "There is no mail to do that with."
        return super().why_not(action)

    def action_retry(self) -> None:
        """Send the mail under the cursor now, to those who do not have it."""
        if mail := self.record:
            self._retry(mail.id)

    @work(exclusive=False, group="retry")
    async def _retry(self, id: int) -> None:
        now = int(self._desk.clock.now().timestamp())
        if await self._change(lambda outbox: outbox.retry(id, now), "There is nothing to try again."):
            self._desk.mails.send()

    def action_cancel(self) -> None:
        """Do not send the mail under the cursor."""
        if mail := self.record:
            self._cancel(mail.id)

    @work(exclusive=False, group="cancel")
    async def _cancel(self, id: int) -> None:
        now = int(self._desk.clock.now().timestamp())
        await self._change(lambda outbox: outbox.cancel(id, now), "It is being sent, or done with.")

    async def _change(self, how: Callable[[Outbox], bool], otherwise: str) -> bool:
        """Change the outbox; say so where it cannot be done any more."""
        try:
            done = await self._desk.mails.ask(how)
        except SmtpAuthTuiError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
            return False
        if not done:
            self.notify(otherwise, severity="warning", markup=False)
        self.load()
        return bool(done)

    def flyout(self, record: MailRow) -> FlyoutScreen:
        async def load() -> Flyout:
            found = await self._desk.mails.ask(lambda outbox: (outbox.mail(record.id), outbox.message(record.id)))
            row, message = found or (None, None)
            if row is None:
                return Flyout(record.subject, (Paragraph("The mail is not in the outbox any more."),))
            zone, now = await self._desk.zone(), self._desk.clock.now()
            return await asyncio.to_thread(mail_flyout, row, message or b"", zone, now)

        return FlyoutScreen(record.subject, load, wide=True)


def _to(mail: MailRow, width: int) -> str:
    """The first recipient, and how many more there are."""
    more = f" +{len(mail.recipients) - 1}" if len(mail.recipients) > 1 else ""
    return cut(safe(mail.recipients[0].address), width - len(more)) + more if mail.recipients else ""
