"""A few numbers as columns of blocks, one for each day."""

from datetime import date

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from smtpauth_tui.charts import trend_rows, weekday_row


class Trend(Widget):
    """The trend of a card. It takes the height that it is given."""

    DEFAULT_CSS = """
    Trend { height: 1fr; min-height: 1; color: $primary; }
    """

    values: reactive[tuple[int, ...]] = reactive(())
    """A count for each day, the oldest first."""

    first: reactive[date | None] = reactive(None)
    """The first of the days."""

    def render(self) -> Content:
        width, height = self.size
        days = weekday_row(self.first, len(self.values), width) if self.first and height >= 4 else ""
        rows = trend_rows(self.values, width, min(height - bool(days), 10))
        above = [""] * (height - len(rows) - bool(days))
        return Content("\n".join([*above, *rows])).append(Content.styled(f"\n{days}", "$text-muted") if days else "")
