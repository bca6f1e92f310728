"""The dashboard: a panel of cards, each with one figure that matters."""

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.message import Message
from textual.widgets import ContentSwitcher

from smtpauth_tui.clock import zone_named
from smtpauth_tui.dashboard_picture import Figures, columns_of
from smtpauth_tui.errors import NoStoreError, SmtpAuthTuiError
from smtpauth_tui.reports.insights import CARDS, Moment, overview
from smtpauth_tui.reports.unusual import open_findings
from smtpauth_tui.screens.base import BaseScreen, TitleBar
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.widgets.insight_card import Card
from smtpauth_tui.widgets.notice import Notice

if TYPE_CHECKING:
    from smtpauth_tui.reports.flyouts import Flyout
    from smtpauth_tui.reports.views import View


class DashboardScreen(BaseScreen):
    """The first screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left,h", "move(-1, 0)", "Move", key_display="←↑↓→", tooltip="The card to the left", id="dashboard.left"
        ),
        Binding("right,l", "move(1, 0)", "Right", show=False, tooltip="The card to the right", id="dashboard.right"),
        Binding("up,k", "move(0, -1)", "Up", show=False, tooltip="The card above", id="dashboard.up"),
        Binding("down,j", "move(0, 1)", "Down", show=False, tooltip="The card below", id="dashboard.down"),
        Binding("v", "report", "Report", tooltip="SMTP Auth clients report", id="dashboard.report"),
    ]
    CSS_PATH = "dashboard.tcss"
    TITLE_TEXT = "Dashboard"
    WORDS = (
        *((card.title, card.about) for card in CARDS),
        ("Submission", "a message that a client handed in after SMTP AUTH and the server accepted"),
        ("Account", "the name that a client logged in with; the sender address may be another one"),
    )

    class Shown(Message):
        """The dashboard has been drawn with its figures, or with what there is to say instead."""

    def __init__(self, desk: Desk, figures: Figures | None = None) -> None:
        super().__init__()
        self._desk = desk
        self._figures = figures

    def compose_body(self) -> ComposeResult:
        with ContentSwitcher(initial="cards"):
            with Grid(id="cards"):
                for card in CARDS:
                    yield Card(card)
            yield Notice(id="notice")

    def on_mount(self) -> None:
        if self._figures:
            self._show_cards()
            self._show_figures(self._figures)
        else:
            self.query_one(TitleBar).say("smtpauth-tui")

    def on_resize(self, event: events.Resize) -> None:
        """As many cards side by side as there is room for."""
        super().on_resize(event)
        self.set_class(columns_of(event.size.width) == 3, "-three")

    def on_screen_resume(self) -> None:
        """In view for the first time, or back from another screen, which may have opened the store anew."""
        self.load()

    def store_changed(self) -> None:
        self.load()

    def findings_changed(self) -> None:
        self.load()

    def minute_passed(self) -> None:
        if self._figures is None:
            return
        overview, before = self._figures.overview, self._figures.moment
        now = Moment(self._desk.clock.now(), self._desk.clock.today(zone_named(overview.zone)))
        if now.today != before.today:
            self.load()
        else:
            self._show_figures(Figures(overview, now))

    @work(exclusive=True, group="dashboard")
    async def load(self) -> None:
        """Fill the cards from the store."""
        opening = self._desk.openings
        try:
            store = await self._desk.store()
            moment = self._desk.moment(store)
            noted = await asyncio.to_thread(open_findings, self._desk.path, moment, self._desk.places)
            figures = await overview(store, moment, noted)
            if not figures.freshness.sources and await store.span() is None:
                raise NoStoreError("The store has no submissions yet.", _HOW_TO_IMPORT)
        except NoStoreError as error:
            self._say(error.message, _HOW_TO_IMPORT)
            return
        except SmtpAuthTuiError as error:
            if opening == self._desk.openings:
                self._say(error.message, error.hint, error=True)
            else:  # the store was closed meanwhile, to be opened anew
                self.load()
            return
        self._show_cards()
        self._show_figures(Figures(figures, moment))

    def _show_figures(self, figures: Figures) -> None:
        self._figures = figures
        self.query_one(TitleBar).say("smtpauth-tui", figures.about(self._desk.path))
        for card in self.query(Card):
            card.insight = card.card.say(figures.overview, figures.moment)
        self.post_message(self.Shown())

    def _say(self, what: str, hint: str, *, error: bool = False) -> None:
        self._figures = None
        self.query_one(Notice).say(what, hint, error=error)
        self.query_one(ContentSwitcher).current = "notice"
        self.set_focus(None)
        self.post_message(self.Shown())

    def _show_cards(self) -> None:
        switcher = self.query_one(ContentSwitcher)
        switcher.current = "cards"
        if not isinstance(self.focused, Card):
            self.query(Card).first().focus()

    def action_move(self, right: int, down: int) -> None:
        """Move the focus to another card."""
        cards = list(self.query(Card))
        place = next((n for n, card in enumerate(cards) if card.has_focus), 0)
        place += right + down * columns_of(self.size.width)
        if 0 <= place < len(cards):
            self.set_focus(cards[place])

    @on(Card.Opened)
    def show_flyout(self, event: Card.Opened) -> None:
        """A card was opened: show its flyout."""
        self.open_card(event.card.id)

    def open_card(self, card_id: str) -> None:
        """Show a card's flyout; its link may lead on to the report."""
        from smtpauth_tui.reports.card_flyouts import CARD_FLYOUTS
        from smtpauth_tui.screens.flyout import FlyoutScreen

        async def load() -> "Flyout":
            opened = await self._desk.store()
            moment = self._desk.moment(opened)
            noted = await asyncio.to_thread(open_findings, self._desk.path, moment, self._desk.places)
            async with opened.snapshot() as store:
                return await CARD_FLYOUTS[card_id](store, moment, await overview(store, moment, noted))

        title = next(card.title for card in CARDS if card.id == card_id)
        self.app.push_screen(FlyoutScreen(title, load), self._follow)

    def _follow(self, leads_to: str | None) -> None:
        """A flyout's link was followed."""
        if not leads_to:
            return
        if any(view.id == leads_to for view in _views()):
            self.open_report(leads_to)
        else:
            self.app.call_later(self.app.run_action, f"app.{leads_to}")

    def open_report(self, view_id: str = "") -> None:
        """Open the report with one of its views, by default with the first one."""
        from smtpauth_tui.screens.report import ReportScreen

        view = next((view for view in _views() if view.id == view_id), _views()[0])
        self.app.push_screen(ReportScreen(self._desk, view))

    def action_report(self) -> None:
        """Open the report."""
        self.open_report()

    @work(exclusive=True, group="reload")
    async def action_reload(self) -> None:  # type: ignore[override]
        """Open the store anew and load again."""
        await self._desk.forget()
        self.load()


def _views() -> "tuple[View, ...]":
    """The views of the report, which are loaded when they are needed."""
    from smtpauth_tui.reports.views import VIEWS

    return VIEWS


_HOW_TO_IMPORT = "Press i to bring in a log, or:  smtpauth-tui import /var/log/mail.log*"
