"""A card of the dashboard: one figure that matters."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from smtpauth_tui.dashboard_picture import card_rows
from smtpauth_tui.reports.insights import Insight, InsightCard


class Card(Widget, can_focus=True):
    """Shows an insight; Enter opens its flyout. One widget, because each one makes the start longer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="Open this card's flyout", id="card.open"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "card--good",
        "card--warn",
        "card--bad",
        "card--trend",
        "card--days",
        "card--muted",
    }
    DEFAULT_CSS = """
    Card {
        border: round $panel-lighten-2; padding: 0 1; height: 1fr; width: 1fr;
        border-title-style: bold; border-title-color: $text; text-wrap: nowrap;
        &:focus { border: heavy $accent; border-title-color: $text; }
        .card--good { color: $text-success; }
        .card--warn { color: $text-warning; }
        .card--bad { color: $text-error; }
        .card--trend { color: $primary; }
        .card--days, .card--muted { color: $text-muted; }
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

    def render(self) -> Content:
        if self.insight is None:
            return Content("\n\n\nloading …")
        rows = card_rows(self.insight, self.content_size.width, self.content_size.height)
        return Content("\n").join([Content("").join([self._styled(*part) for part in row]) for row in rows])

    def _styled(self, text: str, style: str) -> Content:
        """A piece in the style that the picture's palette has under this name, too."""
        name = style.removesuffix("-bold")
        content = Content(text)
        if f"card--{name}" in self.COMPONENT_CLASSES:
            content = content.stylize(self.get_visual_style(f"card--{name}", partial=True))
        return content.stylize("bold") if style.endswith("bold") else content

    def action_open(self) -> None:
        """Open the flyout."""
        self.post_message(self.Opened(self.card))

    def on_click(self) -> None:
        self.action_open()
