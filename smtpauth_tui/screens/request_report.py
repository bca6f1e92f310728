"""Request report: which report, for which days, to whom, with which files; what the mail will say; send."""

import asyncio
from datetime import date
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Label, Static

from smtpauth_tui.errors import SmtpAuthTuiError, UsageError
from smtpauth_tui.query import DEFAULT_DAYS, Period, ReportQuery, make_period, parse_day
from smtpauth_tui.reports import REPORTS
from smtpauth_tui.reports.breaks import in_short
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.reports.volume import domain_label
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import BaseScreen, TitleBar
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.domains import ALL, DomainScreen
from smtpauth_tui.screens.mail_way import Way, load_way
from smtpauth_tui.store.rows import DomainTotal
from smtpauth_tui.switches import Switches
from smtpauth_tui.widgets.choice import Choice, Stepper
from smtpauth_tui.widgets.form_field import Field, RecipientsField
from smtpauth_tui.widgets.notice import Link
from smtpauth_tui.widgets.palette import shown
from smtpauth_tui.widgets.toggle import Toggle

_PAUSE: Final = 0.3
"""Seconds without a key after which the preview follows what was changed."""
_TITLES: Final = {report.name: report.title for report in REPORTS}
_HOW_TO_NAME: Final = "one or more, with commas between"


class SendLink(Link, inherit_bindings=False):
    """The line that sends."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "follow", "Send", key_display="⏎", tooltip="Send the report", id="request.send"),
    ]


def _binding(key: str, action: str, name: str, tooltip: str, id: str) -> Binding:
    """A key that is the screen's also while somebody types; shown where it has a name."""
    display = "PgDn" if key == "pagedown" else None
    return Binding(
        key, action, name, show=bool(name), key_display=display, tooltip=tooltip, priority=True, id=f"request.{id}"
    )


class RequestReportScreen(BaseScreen):
    """What is chosen decides what the preview shows; the mail itself is made and sent by the command."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _binding("pagedown", "scroll_preview(1)", "Preview", "The preview: on", "page-down"),
        _binding("pageup", "scroll_preview(-1)", "", "The preview: back", "page-up"),
        _binding("down", "app.focus_next", "", "The next field", "next"),
        _binding("up", "app.focus_previous", "", "The field before", "previous"),
    ]
    AUTO_FOCUS = "#to"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (118, "-wide")]
    CSS_PATH = "request_report.tcss"
    TITLE_TEXT = "Request report"
    WORDS = (
        (
            "Recipients",
            "one or more mail addresses, with commas or blanks between; → completes one that was used before",
        ),
        ("XLSX", "a workbook with all senders, the days with a chart, and what the words mean"),
        ("CSV", "all senders as a plain table, for other programs"),
        (
            "Send",
            "puts the mail into the outbox at once; it is sent from there, again and again while the server is away",
        ),
    )

    def __init__(self, desk: Desk, report: str, query: ReportQuery | None) -> None:
        super().__init__()
        self._desk = desk
        self._report = report
        self._period = query.period if query else None
        self._domain = query.domain if query else None
        self._where = query.where if query else None
        """The filter of the table, for a mail of the same rows."""
        self._filtered = report
        self._switches = (query.switches if query else None) or desk.switches or Switches()
        self._today: date | None = None
        self._way = Way("")
        self._timer: Timer | None = None
        self._previewed: object = None

    def compose_body(self) -> ComposeResult:
        with Container(id="request"):
            with Vertical(id="form"):
                with Horizontal():
                    yield Label("Report")
                    yield Stepper("", id="report")
                for name in ("start", "end"):
                    with Horizontal():
                        yield Label(f"{name.capitalize()} date")
                        yield Field("", id=name, classes="date", compact=True)
                    yield Static("", id=f"{name}-problem", classes="below -wrong")
                with Horizontal():
                    yield Label("Sender domain")
                    yield Choice("", id="domain")
                with Horizontal(id="off-line"):
                    yield Label("Switched off")
                    yield Static("", id="off")
                with Horizontal(id="filter-line"):
                    yield Label("Filter")
                    yield Toggle(safe(self._where.called) if self._where else "", on=True, id="filter")
                with Horizontal(id="to-line"):
                    yield Label("To")
                    yield RecipientsField(id="to")
                yield Static("", id="to-said", classes="below")
                with Horizontal(id="attachments"):
                    yield Label("Attachments")
                    yield Toggle("XLSX", on=True, id="xlsx")
                    yield Toggle("CSV", on=False, id="csv")
                with Horizontal():
                    yield Label("Transport")
                    yield Static("", id="way")
                yield SendLink("Send", id="send")
            with Vertical(id="preview"):
                yield Static("Preview", id="preview-title")
                with VerticalScroll(can_focus=False):
                    yield Static("", id="text")

    def on_mount(self) -> None:
        self.query_one(TitleBar).say(self.TITLE_TEXT)
        self._show_choices()
        self.check_recipients()
        self.begin()

    @work(exclusive=True, group="request")
    async def begin(self) -> None:
        """Fill in what is usual: the days, the recipients of the settings; find out how mails go from here."""
        zone = await self._desk.zone()
        self._today = self._desk.clock.today(zone)
        self.query_one(TitleBar).say(self.TITLE_TEXT, zone.key)
        period = self._period or Period.ending(self._today, DEFAULT_DAYS)
        with self.prevent(Input.Changed):
            self.query_one("#start", Input).value = period.first.isoformat()
            self.query_one("#end", Input).value = period.last.isoformat()
        self._read_period()
        self.preview()
        self._way = await asyncio.to_thread(load_way, self._desk)
        self._show_way()
        field = self.query_one(RecipientsField)
        if self._way.to and not field.value:
            field.value = ", ".join(self._way.to)
            if self.focused in (None, field):
                self.set_focus(self.query_one(SendLink))
        try:
            used = await self._desk.mails.ask(lambda outbox: outbox.known_recipients())
        except SmtpAuthTuiError:  # the outbox's screen says it
            used = None
        field.known = list(dict.fromkeys([*self._way.to, *(used or ())]))

    def _show_way(self) -> None:
        line = self.query_one("#way", Static)
        line.update(shown(" ".join(part for part in (self._way.words, self._way.problem) if part)))
        line.set_class(bool(self._way.problem), "-wrong")

    def _show_choices(self) -> None:
        self.query_one("#report", Stepper).value = _TITLES[self._report]
        self.query_one("#off-line").display = self._report == "breaks"
        self.query_one("#off", Static).update(shown(in_short(self._switches)))
        self.query_one("#domain", Choice).value = ALL if self._domain is None else domain_label(self._domain)
        self.query_one("#filter-line").display = self._takes_filter

    # what is chosen

    @on(Stepper.Stepped)
    def step_report(self, event: Stepper.Stepped) -> None:
        """Another report."""
        from smtpauth_tui.mailing.content import MAILED

        self._report = MAILED[(MAILED.index(self._report) + event.by) % len(MAILED)]
        self._show_choices()
        self._preview_soon()

    @on(Choice.Asked, "#domain")
    def ask_domain(self) -> None:
        """Choose a sender domain."""
        period = self._read_period()
        if period is None:
            return
        asked = period

        async def load() -> list[DomainTotal]:
            return await (await self._desk.store()).domains(asked)

        self.app.push_screen(DomainScreen(load, self._domain), self._take_domain)

    def _take_domain(self, answer: tuple[str | None] | None) -> None:
        if answer is not None:
            self._domain = answer[0]
            self._show_choices()
            self._preview_soon()

    @on(Input.Changed, ".date")
    def check_dates(self) -> None:
        """Say at once what is wrong with a date."""
        if self._read_period():
            self._preview_soon()

    def _read_period(self) -> Period | None:
        """The period of both fields; None, and what is wrong beside the field, where it is none."""
        if self._today is None:
            return None
        words, problems = {}, {"start": "", "end": ""}
        for name in problems:
            text = words[name] = self.query_one(f"#{name}", Input).value
            try:
                parse_day(text, self._today)
            except UsageError as error:
                problems[name] = str(error)
        period = None
        if not any(problems.values()):
            try:
                period = make_period(self._today, words["start"], words["end"])
            except UsageError as error:
                problems["end"] = str(error)
        for name, problem in problems.items():
            line = self.query_one(f"#{name}-problem", Static)
            line.update(shown(problem))
            line.display = bool(problem)
        return period

    @on(Input.Changed, "#to")
    @on(events.DescendantBlur)
    def check_recipients(self) -> None:
        """Say what is wrong with a recipient as soon as it is complete."""
        self._read_recipients(complete=not self.query_one("#to").has_focus)

    def _read_recipients(self, *, complete: bool) -> list[str] | None:
        """The recipients as they stand in the mail; None, and what is wrong below the field, where one is none.

        Where they are not *complete*, the last one is still being typed.
        """
        read = self.query_one(RecipientsField).read(self._way.allowed_domains, complete=complete)
        count = plural(len(read.addresses), "recipient")
        self._say_of_recipients(read.problem, " · ".join([count, *read.changed]) if read.addresses else _HOW_TO_NAME)
        self.query_one(SendLink).update(f"Send to {count}" if read.addresses else "Send")
        return None if read.problem else list(read.addresses)

    def _say_of_recipients(self, problem: str, otherwise: str = "") -> None:
        line = self.query_one("#to-said", Static)
        line.update(shown(problem or otherwise))
        line.set_class(bool(problem), "-wrong")

    @on(Toggle.Turned, "#filter")
    def turn_filter(self) -> None:
        """With the filter of the table, or without."""
        self._preview_soon()

    def _query(self, period: Period) -> ReportQuery:
        """What the mail is asked for."""
        where = self._where if self._takes_filter and self.query_one("#filter", Toggle).on else None
        switches = self._switches if self._report == "breaks" else None
        return ReportQuery(period, self._domain, switches=switches, where=where)

    @property
    def _takes_filter(self) -> bool:
        """Whether there is a filter, and the report has the rows of it."""
        return self._where is not None and self._report == self._filtered

    # the preview

    def _preview_soon(self) -> None:
        """Follow what was changed, when nothing more is changed for a moment."""
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self._preview_now)

    def _preview_now(self) -> None:
        self._timer = None
        self.preview()

    def store_changed(self) -> None:
        self.preview()

    @work(exclusive=True, group="preview")
    async def preview(self) -> None:
        """Load what the mail will say."""
        from smtpauth_tui.mailing.content import load_content, subject
        from smtpauth_tui.mailing.text_part import text_part

        period = self._read_period()
        if period is None:
            return
        try:
            store = await self._desk.store()
            content = await load_content(store, self._report, self._query(period), self._desk.clock)
        except SmtpAuthTuiError as error:
            self._show_preview("", str(error))
            return
        self._show_preview(subject(content), text_part(content))

    def _show_preview(self, title: str, text: str) -> None:
        if self._previewed == (title, text):
            return  # nothing is written to a terminal that shows it
        self._previewed = (title, text)
        self.query_one("#preview-title", Static).update(shown(title or "Preview", "bold"))
        self.query_one("#text", Static).update(Content("\n").join(map(shown, text.splitlines())))

    def action_scroll_preview(self, by: int) -> None:
        """Scroll the preview by most of a page."""
        pane = self.query_one(VerticalScroll)
        pane.scroll_relative(y=by * max(pane.size.height - 2, 1), animate=False, immediate=True)

    # sending

    @on(Input.Submitted)
    def go_on(self) -> None:
        """Enter in a field: all is looked at; where all is right, Enter sends it next."""
        if self._ready():
            self.query_one("#send").focus()

    def _ready(self) -> tuple[ReportQuery, list[str]] | None:
        """What is asked and to whom; None, with the focus on what is wrong, where something is."""
        period, to = self._read_period(), self._read_recipients(complete=True)
        if period is None:
            self.query_one("#start" if self.query_one("#start-problem").display else "#end").focus()
            return None
        if not to:
            self.query_one("#to").focus()
            if to is not None:
                self._say_of_recipients("Name at least one recipient.")
            return None
        return self._query(period), to

    @on(Link.Followed, "#send")
    def send(self) -> None:
        """Queue the mail and send it; the rest is told when it happens."""
        ready = self._ready()
        if ready:
            query, to = ready
            attachments = [one.id for one in self.query("#attachments Toggle").results(Toggle) if one.on and one.id]
            self._desk.mails.request(self._report, query, to, attachments)
            self.dismiss()

    def action_reload(self) -> None:
        """Load the settings and the preview again; what was chosen stays."""
        self._period = self._read_period() or self._period
        self.begin()
