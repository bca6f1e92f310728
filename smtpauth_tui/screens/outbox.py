"""Outbox: the mails that were requested, how each stands, and what the server answered last."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ContentSwitcher, DataTable, Static

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.export import cut
from smtpauth_tui.reports.figures import local, number, plural
from smtpauth_tui.reports.flyouts import Flyout, Paragraph
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import BaseScreen, TitleBar
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.mail_flyout import mail_flyout
from smtpauth_tui.screens.mail_words import news_of, one_line, tone_of
from smtpauth_tui.store.outbox import MailRow, MailState, Outbox
from smtpauth_tui.widgets.notice import Notice
from smtpauth_tui.widgets.palette import shown
from smtpauth_tui.widgets.rows_table import RowsTable, row_keys

_MOST: Final = 1000
_WIDE: Final = 110
"""Columns of a terminal in which whole dates have room."""
_TITLES: Final = ("Requested", "State", "Subject", "To", "Tries", "Next try", "Last answer")
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


class MailsTable(RowsTable):
    """The mails; a row each."""

    BINDINGS: ClassVar[list[BindingType]] = row_keys("outbox", "View the mail")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"mails--good", "mails--warn", "mails--bad", "mails--muted"}
    DEFAULT_CSS = """
    MailsTable {
        .mails--good { color: $text-success; }
        .mails--warn { color: $text-warning; }
        .mails--bad { color: $text-error; }
        .mails--muted { text-style: dim; }
        &:ansi .mails--good { color: ansi_green; }
        &:ansi .mails--warn { color: ansi_yellow; }
        &:ansi .mails--bad { color: ansi_red; }
    }
    """

    def toned(self, text: str, tone: Tone) -> Text:
        """A text in the colour of its meaning."""
        name = f"mails--{tone}"
        known = name in self.COMPONENT_CLASSES
        return Text(text, style=self.get_component_rich_style(name, partial=True) if known else "")


class OutboxScreen(BaseScreen):
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

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._mails: dict[str, MailRow] = {}
        self._zone: ZoneInfo | None = None
        self._said = Content("")

    def compose_body(self) -> ComposeResult:
        with ContentSwitcher(initial="mails"):
            yield MailsTable(id="mails")
            yield Notice(id="notice")
        with Vertical(id="below"):
            yield Static("loading …", id="mail")
            yield Static("", id="count")

    def on_mount(self) -> None:
        self.query_one(TitleBar).say(self.TITLE_TEXT)
        self.load()

    def on_screen_resume(self) -> None:
        """In view again: the width may be another one."""
        self._draw()

    def outbox_changed(self) -> None:
        self.load()

    def minute_passed(self) -> None:
        self.show_mail()

    # loading

    @work(exclusive=True, group="outbox")
    async def load(self) -> None:
        """Fill the table; the cursor stays on its mail."""
        try:
            mails = await self._desk.mails.ask(lambda outbox: outbox.mails(_MOST))
        except SmtpAuthTuiError as error:
            self._say(error.message, error.hint, error=True)
            return
        if not mails:
            self._say(
                "The outbox is empty: reports that are sent by mail are listed here, and wait here while the server "
                "cannot take them.",
                "Press r to request a report.",
            )
            return
        self._zone = await self._desk.zone()
        loaded = {str(mail.id): mail for mail in mails}
        if loaded != self._mails:
            self._mails = loaded
            self._draw()

    def _say(self, what: str, hint: str, *, error: bool = False) -> None:
        self._mails = {}
        self.query_one(Notice).say(what, hint, error=error)
        self.query_one(ContentSwitcher).current = "notice"
        self.query_one("#below").display = False
        self.refresh_bindings()

    # showing

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if not self._mails or self._zone is None or not self.is_active:
            return
        table = self.query_one(MailsTable)
        widths = _widths(self.app.size.width)
        if [column.width for column in table.ordered_columns] != widths:
            table.clear(columns=True)
            for title, width in zip(_TITLES, widths, strict=True):
                table.add_column(Text(title, justify="right" if title == "Tries" else "left"), width=width)
        table.fill({key: self._cells(mail, self._zone, widths) for key, mail in self._mails.items()})
        self.query_one(ContentSwitcher).current = "mails"
        self.query_one("#below").display = True
        if self.focused is None:
            table.focus()
        waiting = sum(mail.state in (MailState.QUEUED, MailState.SENDING) for mail in self._mails.values())
        more = " · only the newest are listed" if len(self._mails) >= _MOST else ""
        self.query_one("#count", Static).update(f"{plural(len(self._mails), 'mail')} · {number(waiting)} waiting{more}")
        self.show_mail()

    def _cells(self, mail: MailRow, zone: ZoneInfo, widths: Sequence[int]) -> list[Text]:
        table = self.query_one(MailsTable)
        created = local(mail.created, zone)[-widths[0] :]
        return [
            Text(created),
            table.toned(mail.state, tone_of(mail)),
            Text(cut(safe(mail.subject), widths[2])),
            Text(_to(mail, widths[3])),
            Text(number(mail.tries), justify="right"),
            Text(local(mail.next_try, zone) if mail.next_try is not None else ""),
            Text(cut(safe(one_line(mail.answer)), widths[6])),
        ]

    @property
    def mail(self) -> MailRow | None:
        """The mail under the cursor."""
        return self._mails.get(self.query_one(MailsTable).key_of_row or "") if self._mails else None

    @on(DataTable.RowHighlighted)
    def show_mail(self) -> None:
        """Below the table: how the mail under the cursor stands."""
        mail = self.mail
        said = Content("\n").join(map(shown, news_of(mail, self._desk.clock.now()).lines)) if mail else Content("")
        if said != self._said:  # nothing is written to a terminal that shows it
            self._said = said
            self.query_one("#mail", Static).update(said, layout=False)
        self.refresh_bindings()

    # keys

    def why_not(self, action: str) -> str:
        if action in ("retry", "cancel"):
            reasons = _NOT_AGAIN if action == "retry" else _NOT_CANCELLED
            mail = self.mail
            return reasons.get(mail.state, "") if mail else "There is no mail to do that with."
        return super().why_not(action)

    def action_retry(self) -> None:
        """Send the mail under the cursor now, to those who do not have it."""
        if mail := self.mail:
            self._retry(mail.id)

    @work(exclusive=False, group="retry")
    async def _retry(self, id: int) -> None:
        now = int(self._desk.clock.now().timestamp())
        if await self._change(lambda outbox: outbox.retry(id, now), "There is nothing to try again."):
            self._desk.mails.send()

    def action_cancel(self) -> None:
        """Do not send the mail under the cursor."""
        if mail := self.mail:
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

    @on(DataTable.RowSelected)
    def open_mail(self) -> None:
        """A row was opened: the mail."""
        mail = self.mail
        if mail is None:
            return
        id = mail.id

        async def load() -> Flyout:
            found = await self._desk.mails.ask(lambda outbox: (outbox.mail(id), outbox.message(id)))
            row, message = found or (None, None)
            if row is None:
                return Flyout(mail.subject, (Paragraph("The mail is not in the outbox any more."),))
            zone, now = await self._desk.zone(), self._desk.clock.now()
            return await asyncio.to_thread(mail_flyout, row, message or b"", zone, now)

        self.app.push_screen(FlyoutScreen(mail.subject, load, wide=True))

    def action_reload(self) -> None:
        """Load again."""
        self.load()


def _widths(width: int) -> list[int]:
    """The columns' widths: as many as fit are whole, the others are scrolled to."""
    wide = width >= _WIDE
    created, to = (16, 24) if wide else (11, 20)
    taken = created + 9 + to + 5 + 2 * 5 + (18 if wide else 0)
    return [created, 9, max(min(width - taken, 66), 20), to, 5, 16, 60]


def _to(mail: MailRow, width: int) -> str:
    """The first recipient, and how many more there are."""
    more = f" +{len(mail.recipients) - 1}" if len(mail.recipients) > 1 else ""
    return cut(safe(mail.recipients[0].address), width - len(more)) + more if mail.recipients else ""
