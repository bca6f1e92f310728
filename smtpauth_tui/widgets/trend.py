"""A few numbers as columns of blocks, one for each day."""

from collections.abc import Sequence
from datetime import date, timedelta

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def trend_rows(values: Sequence[int], width: int, height: int) -> list[str]:
    """The columns in *height* rows of at most *width*; what is not zero shows at least an eighth of a row."""
    if not values or width <= 0 or height <= 0:
        return []
    per = max(1, min(width // len(values), 8))
    gap = 1 if per >= 3 else 0
    top = max(values) or 1
    rows = []
    for row in range(height - 1, -1, -1):
        line = ""
        for value in values[-width:]:
            eighths = max(round(value * height * 8 / top), 1) if value else 0
            line += _EIGHTHS[max(0, min(eighths - row * 8, 8))] * (per - gap) + " " * gap
        rows.append(line.rstrip())
    return rows


def weekday_row(first: date, count: int, width: int) -> str:
    """``Mo Tu We``: the days' names under their columns; empty where there is no room for them."""
    per = max(1, min(width // count, 8)) if count else 0
    names = ((first + timedelta(days=n)).strftime("%a") for n in range(count))
    return "".join(name[: min(per - 1, 3)].ljust(per) for name in names).rstrip() if per >= 3 else ""


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
