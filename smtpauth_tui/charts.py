"""Charts as text. The only module that knows plotext, whichever of its two major versions is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from smtpauth_tui.reports.arithmetic import apportioned, fitted, top_of_scale
from smtpauth_tui.reports.figures import compact
from smtpauth_tui.reports.values import Chart, Role

GLYPHS: Final = {
    Role.TLS_1_3: "█",
    Role.TLS_1_2: "▓",
    Role.TLS_1_1: "▒",
    Role.TLS_1_0: "░",
    Role.SSL3: "¦",
    Role.NO_TLS: "╳",
    Role.UNKNOWN: "?",
    Role.OAUTH: "█",
    Role.BASIC: "▒",
    Role.BREAKS: "█",
    Role.FIRST: "█",
    Role.SECOND: "▓",
    Role.THIRD: "▒",
    Role.FOURTH: "░",
    Role.REST: "·",
}
ASCII_GLYPHS: Final = {
    Role.TLS_1_3: "#",
    Role.TLS_1_2: "=",
    Role.TLS_1_1: "-",
    Role.TLS_1_0: "!",
    Role.SSL3: "|",
    Role.NO_TLS: "x",
    Role.UNKNOWN: "?",
    Role.OAUTH: "#",
    Role.BASIC: "-",
    Role.BREAKS: "#",
    Role.FIRST: "#",
    Role.SECOND: "=",
    Role.THIRD: "-",
    Role.FOURTH: "+",
    Role.REST: ".",
}
ANSI_COLOURS: Final = {
    Role.TLS_1_3: 32,
    Role.TLS_1_2: 34,
    Role.TLS_1_1: 33,
    Role.TLS_1_0: 31,
    Role.SSL3: 35,
    Role.NO_TLS: 91,
    Role.UNKNOWN: 90,
    Role.OAUTH: 32,
    Role.BASIC: 33,
    Role.BREAKS: 31,
    Role.FIRST: 34,
    Role.SECOND: 36,
    Role.THIRD: 33,
    Role.FOURTH: 35,
    Role.REST: 90,
}
"""SGR numbers of the 16 colours that every terminal has."""

_MARK: Final = 0x4E00
"""Series are drawn with marks of their own, so that each cell tells its series, and get their glyphs afterwards."""
_MOST_PER_DAY: Final = 13
_AXIS_ROWS: Final = 2
_SMALL_MATTERS: Final = frozenset(
    {Role.TLS_1_1, Role.TLS_1_0, Role.SSL3, Role.NO_TLS, Role.UNKNOWN, Role.BASIC, Role.BREAKS}
)
"""Series that show however small they are: a few messages under TLS 1.0 are what one looks for."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as rows of text: *plot* rows, then the axis, then its labels.

    Column x belongs to bucket ``(x - left) // per``.
    """

    chart: Chart
    """The chart as drawn: its buckets may be weeks where there was no room for days."""
    rows: tuple[str, ...]
    """In the plot, a cell that belongs to series n has the character ``mark(n)``."""
    left: int
    """Columns before the first bucket: the labels of the y axis, and the axis."""
    per: int
    """Columns of each bucket."""

    def bucket_at(self, x: int) -> int | None:
        """The bucket of a column; None beside the plot."""
        place = (x - self.left) // self.per
        return place if x >= self.left and place < len(self.chart.buckets) else None

    def columns_of(self, bucket: int) -> tuple[int, int]:
        """The first column of a bucket, and the one after its last."""
        start = self.left + bucket * self.per
        return start, start + self.per


def mark(series: int) -> str:
    """The character that stands for a series in a drawing."""
    return chr(_MARK + series)


def series_of(character: str) -> int | None:
    """The series that a drawing's character stands for; None for any other."""
    place = ord(character) - _MARK
    return place if 0 <= place < 64 else None


def draw(chart: Chart, width: int, height: int) -> Drawing:
    """Draw a chart into *width* columns and *height* rows; never wider, and never lower than 5 rows."""
    rows = max(height, 5) - _AXIS_ROWS
    fits = fitted(chart, max(width - 8, 1))
    buckets = len(fits.buckets)
    top = 100 if chart.share else top_of_scale(max((fits.sum_of(n) for n in range(buckets)), default=1))
    ticks = _ticks(top, rows, percent=chart.share)
    left = max(len(label) for label in ticks.values()) + 1
    per = max(1, min((width - left) // max(buckets, 1), _MOST_PER_DAY))
    stacks = [_stack(fits, bucket, top, rows) for bucket in range(buckets)]
    plot = _plotted(stacks, len(fits.series), left, per, rows, ticks)
    if per >= 3:
        plot = [_gapped(row, left, per) for row in plot[:rows]] + plot[rows:]
    return Drawing(fits, (*plot, _labels(fits, left, per, width)), left, per)


def _ticks(top: int, rows: int, *, percent: bool) -> dict[int, str]:
    """Labels of the y axis by row, from 1 at the bottom: round values, each at the row that it comes nearest to."""
    most = 5 if rows >= 12 else 2
    steps = next(n for n in (4, 5, 3, 2, 1) if n <= most and top % n == 0)
    labels: dict[int, str] = {}
    for step in range(1, steps + 1):
        value = top * step // steps
        labels[round(rows * step / steps)] = f"{value}%" if percent else compact(value)
    wide = max(len(label) for label in labels.values())
    return {row: label.rjust(wide) for row, label in labels.items()}


def _stack(chart: Chart, bucket: int, top: int, rows: int) -> list[int]:
    """How many cells of a column belong to each series."""
    counts = [one.counts[bucket] for one in chart.series]
    whole = sum(counts)
    if not whole:
        return [0] * len(counts)
    cells = rows if chart.share else max(round(whole * rows / top), 1)
    small_matters = any(one.role in _SMALL_MATTERS for one in chart.series)
    return apportioned(counts, min(cells, rows), least=int(small_matters))


def _plotted(
    stacks: Sequence[Sequence[int]], series: int, left: int, per: int, rows: int, ticks: dict[int, str]
) -> list[str]:
    """The plot and its axis line, by plotext: cumulative bars, the tallest first, so that lower series paint over.

    Every list of bars has all buckets, because plotext takes a bar's width from the distance to the next one. A bar
    of nothing is drawn as one cell, so the lowest row gets its own characters afterwards.
    """
    bars = []
    for place in reversed(range(series)):
        heights = [max(sum(stack[: place + 1]), 1) - 0.5 for stack in stacks]
        bars.append((list(range(1, len(stacks) + 1)), heights, mark(place)))
    labels = [label for _, label in sorted(ticks.items())]
    places = [row - 0.5 for row in sorted(ticks)]
    width = left + per * max(len(stacks), 1)
    plotext = loaded_plotext()
    build = _build_6 if hasattr(plotext, "figure") else _build_5
    text = build(plotext, bars, max(len(stacks), 1), per, rows, width, places, labels)
    lines = [line.replace("\x1b[0m", "").ljust(width)[:width] for line in text.split("\n")[: rows + 1]]
    lowest = (next((mark(n) for n, cells in enumerate(stack) if cells), " ") for stack in stacks)
    lines[rows - 1] = lines[rows - 1][:left] + "".join(character * per for character in lowest)
    return lines


def loaded_plotext() -> Any:
    """plotext, which is loaded with the first chart: the dashboard has none, and it takes long."""
    import plotext

    return plotext


def _build_6(
    plotext: Any,
    bars: list[tuple[list[int], list[float], str]],
    buckets: int,
    per: int,
    rows: int,
    width: int,
    places: list[float],
    labels: list[str],
) -> str:
    figure = plotext.figure
    plotext.terminal.limit(False, False)
    figure.clear()
    figure.plot_size(width, rows + 1)
    for xs, heights, character in bars:
        if xs:
            figure.draw(figure.bar(xs, heights, width=1 - 0.5 / per, marker=character))
    figure.ruler("x").lim(0.5, buckets + 0.5).alignment(lim="edge")
    figure.ruler("y").lim(0, rows).alignment(lim="edge")
    figure.ruler("x").ticks([], [])
    figure.ruler("y").ticks(places, labels)
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    return str(figure.build().string(colorless=True))


def _build_5(
    old: Any,
    bars: list[tuple[list[int], list[float], str]],
    buckets: int,
    per: int,
    rows: int,
    width: int,
    places: list[float],
    labels: list[str],
) -> str:
    old.clf()
    old.limit_size(False, False)
    old.theme("clear")
    old.plotsize(width, rows + 1)
    for xs, heights, character in bars:
        if xs:
            old.bar(xs, heights, width=1 - 0.5 / per, marker=character, minimum=0)
    old.xlim(0.5 + 0.5 / per, buckets + 0.5 - 0.5 / per)
    old.ylim(0.5, rows - 0.5)
    old.xticks([], [])
    old.yticks(places, labels)
    old.xaxes(True, False)
    old.yaxes(True, False)
    return str(old.build())


def _gapped(row: str, left: int, per: int) -> str:
    """A row with the last column of each bucket blank, so that days stand apart."""
    return row[:left] + "".join(
        " " if (x - left) % per == per - 1 else character for x, character in enumerate(row) if x >= left
    )


def _labels_of(chart: Chart) -> list[str]:
    """``16 Nov`` for each bucket; ``Nov '26`` in a chart of more than a year, in which each month comes again."""
    if (chart.buckets[-1].last - chart.buckets[0].first).days <= 366:
        return [bucket.label for bucket in chart.buckets]
    return [f"{bucket.first:%b '%y}" for bucket in chart.buckets]


def _labels(chart: Chart, left: int, per: int, width: int) -> str:
    """The row of labels under the axis: as many as have room, each under the middle of its bucket."""
    if not chart.buckets:
        return ""
    labels = _labels_of(chart)
    longest = max(map(len, labels))
    every = max(1, -(-(longest + 2) // per))
    row = [" "] * width
    for place in range(0, len(chart.buckets), every):
        label = labels[place]
        bar = per - 1 if per >= 3 else per
        start = max(left + place * per + (bar - len(label)) // 2, 0)
        if start + len(label) <= width and not any(c != " " for c in row[max(start - 1, 0) : start]):
            row[start : start + len(label)] = label
    return "".join(row).rstrip()


def as_text(drawing: Drawing, *, colour: bool = False, ascii_only: bool = False) -> list[str]:
    """The rows for a terminal or a file: glyphs, with colours where asked for."""
    glyphs = ASCII_GLYPHS if ascii_only else GLYPHS
    roles = [one.role for one in drawing.chart.series]
    lines = []
    for row in drawing.rows:
        out: list[str] = []
        now: int | None = None
        for character in row:
            place = series_of(character)
            if colour and place != now:
                out.append("\x1b[0m" if place is None else f"\x1b[{ANSI_COLOURS[roles[place]]}m")
                now = place
            out.append(character if place is None else glyphs[roles[place]])
        if now is not None:
            out.append("\x1b[0m")
        line = "".join(out).rstrip()
        lines.append(line.translate(_ASCII_FRAME) if ascii_only else line)
    return lines


_ASCII_FRAME: Final = str.maketrans({"┤": "+", "│": "|", "└": "+", "─": "-", "┬": "+", "┼": "+"})


_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"


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
