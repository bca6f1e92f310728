"""A few numbers as columns of blocks, one for each day."""

from collections.abc import Sequence

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


class Trend(Widget):
    """The trend of a card. It takes the height that it is given."""

    DEFAULT_CSS = """
    Trend { height: 1fr; min-height: 1; color: $primary; }
    """

    values: reactive[tuple[int, ...]] = reactive(())
    """A count for each day, the oldest first."""

    def render(self) -> Content:
        return Content("\n".join(trend_rows(self.values, self.size.width, min(self.size.height, 8))))
