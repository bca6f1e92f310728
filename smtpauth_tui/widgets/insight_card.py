"""A card of the dashboard: one figure that matters."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Digits, Static

from smtpauth_tui.dashboard_picture import has_digits
from smtpauth_tui.reports.insights import Insight, InsightCard
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.widgets.palette import shown
from smtpauth_tui.widgets.trend import Trend


class Card(Vertical, can_focus=True):
    """Shows an insight; Enter opens its flyout."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="Open this card's flyout", id="card.open"),
    ]
    DEFAULT_CSS = """
    Card {
        border: round $panel-lighten-2; padding: 0 1; height: 1fr; width: 1fr;
        border-title-style: bold; border-title-color: $text;
        &:focus { border: heavy $accent; border-title-color: $text; }
        Digits { width: 100%; height: 3; }
        .words { width: 100%; height: 3; text-style: bold; padding-top: 1; }
        .period { color: $text-muted; }
        &.-good Digits, &.-good .words { color: $text-success; }
        &.-warn Digits, &.-warn .words { color: $text-warning; }
        &.-bad Digits, &.-bad .words { color: $text-error; }
        Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        .line { height: auto; }
    }
    """

    insight: reactive[Insight | None] = reactive(None)
    """What the card shows; None until it is loaded."""

    class Opened(Message):
        """Somebody wants to see more of a card."""

        def __init__(self, card: InsightCard) -> None:
            super().__init__()
            self.card = card

    def __init__(self, card: InsightCard) -> None:
        super().__init__(id=f"card-{card.id}")
        self.card = card
        self.border_title = card.title
        self.tooltip = card.about

    def compose(self) -> ComposeResult:
        yield Digits("", classes="figure")
        yield Static("", classes="words")
        yield Static("loading …", classes="unit")
        yield Static("", classes="line")
        yield Trend()
        yield Static("", classes="period")

    def watch_insight(self, insight: Insight | None) -> None:
        if insight is None or not self.is_mounted:
            return
        digits = has_digits(insight)
        self.query_one(Digits).display = digits
        self.query_one(".words").display = not digits
        if digits:
            self.query_one(Digits).update(insight.figure)
        else:
            self.query_one(".words", Static).update(shown(insight.figure))
        self.query_one(".unit", Static).update(shown(insight.unit))
        self.query_one(".line", Static).update(Content("\n").join([shown(line) for line in insight.lines]))
        self.query_one(".period", Static).update(shown(insight.period))
        trend = self.query_one(Trend)
        trend.values, trend.first = insight.trend, insight.first
        for tone in (Tone.GOOD, Tone.WARN, Tone.BAD):
            self.set_class(insight.tone is tone, f"-{tone}")

    def action_open(self) -> None:
        """Open the flyout."""
        self.post_message(self.Opened(self.card))

    def on_click(self) -> None:
        self.action_open()
