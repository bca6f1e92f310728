"""The dashboard as the interface draws it, drawn without Textual: it is there while Textual is still being loaded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from smtpauth_tui.charts import trend_rows, weekday_row
from smtpauth_tui.clock import Clock
from smtpauth_tui.places import Places
from smtpauth_tui.reports.figures import ago
from smtpauth_tui.reports.insights import CARDS, Insight, Moment, Overview, overview
from smtpauth_tui.reports.unusual import open_findings
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.safe import safe
from smtpauth_tui.store.glance import glance
from smtpauth_tui.store.reader import Store

_WIDE: Final = 110
"""Columns of a terminal from which on three cards stand side by side."""
_PATIENCE: Final = 0.1
"""Seconds that the figures may take; a store that needs longer is shown when the interface is there."""
_FOOTER: Final = (("⏎", "Open"), ("?", "Help"), ("m", "Menu"), ("q", "Quit"), ("←↑↓→", "Move"), ("v", "Report"))
_ROUND: Final = "╭─╮│╰╯"
_HEAVY: Final = "┏━┓┃┗┛"
_DIGITS: Final = {
    "0": ("╭─╮", "│ │", "╰─╯"),
    "1": ("╶╮ ", " │ ", "╶┴╴"),
    "2": ("╶─╮", "┌─┘", "╰─╴"),
    "3": ("╶─╮", " ─┤", "╶─╯"),
    "4": ("╷ ╷", "╰─┤", "  ╵"),
    "5": ("╭─╴", "╰─╮", "╶─╯"),
    "6": ("╭─╴", "├─╮", "╰─╯"),
    "7": ("╶─┐", "  │", "  ╵"),
    "8": ("╭─╮", "├─┤", "╰─╯"),
    "9": ("╭─╮", "╰─┤", "╶─╯"),
    ",": (" ", " ", ","),
    ".": (" ", " ", "•"),
}
"""Numbers three rows high."""

Part = tuple[str, str]
"""A text, and the name of its style in a palette."""
Row = list[Part]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the dashboard shows, and when it was looked at."""

    overview: Overview
    moment: Moment

    def about(self, path: Path) -> str:
        """What the title line says of the store."""
        imported = ago(self.overview.freshness.imported_at, self.moment.now)
        return f"{path}  ·  {self.overview.zone}  ·  last import {imported}"


def first_figures(path: Path, clock: Clock, places: Places) -> Figures | None:
    """The figures of a store that can be read at once; None where there is none, or nothing in it."""

    async def ask(store: Store) -> Figures | None:
        moment = Moment(clock.now(), clock.today(store.zone))
        figures = await overview(store, moment, open_findings(path, moment, places))
        return Figures(figures, moment) if figures.freshness.sources or await store.span() else None

    return glance(path, ask, _PATIENCE)


def columns_of(width: int) -> int:
    """How many cards stand side by side in a terminal of so many columns."""
    return 3 if width >= _WIDE else 2


def title_line(title: str, about: str, width: int) -> tuple[str, str]:
    """The text between a blank at either end of a line: the title, and to the right what it is about."""
    room = max(width - 2 - len(title), 0)
    about = safe(about)
    about = about if len(about) < room else "…" + about[-max(room - 3, 0) :]
    return title, " " * max(room - len(about), 1) + about


def dashboard_picture(
    figures: Figures, path: Path, width: int, height: int, palette: Mapping[str, str], *, own_keys: bool = False
) -> str:
    """A frame for a terminal of 80 columns and 24 rows at least, with the focus on the first card.

    *palette* has the SGR parameters of each style. With keys of one's own the footer stays empty.
    """
    lines = [_title(figures, path, width)]
    columns = columns_of(width)
    widths = _shared(width - (columns - 1), columns)
    heights = _shared(height - 2, -(-len(CARDS) // columns))
    for number, tall in enumerate(heights):
        row = [_card(number * columns + place, figures, wide, tall) for place, wide in enumerate(widths)]
        for parts in zip(*row, strict=True):
            lines.append([part for place, own in enumerate(parts) for part in ([(" ", "text")] if place else []) + own])
    lines.append(_footer(width, own_keys=own_keys))
    return "".join(_drawn(lines, palette))


def _shared(cells: int, parts: int) -> list[int]:
    """So many cells in equal parts, the last ones larger by one where they do not come out even, as Textual does."""
    return [cells * (n + 1) // parts - cells * n // parts for n in range(parts)]


def _drawn(lines: list[list[Part]], palette: Mapping[str, str]) -> Iterator[str]:
    for number, parts in enumerate(lines, 1):
        yield f"\x1b[{number};1H"
        for text, style in parts:
            yield f"\x1b[0;{palette[style]}m{text}" if palette[style] else f"\x1b[0m{text}"
    yield "\x1b[1;1H"


def _title(figures: Figures, path: Path, width: int) -> list[Part]:
    title, about = title_line("smtpauth-tui", figures.about(path), width)
    return [(" ", "edge"), (title, "title-bold"), (about, "title"), (" ", "edge")]


def _footer(width: int, *, own_keys: bool) -> list[Part]:
    parts = [] if own_keys else [part for key, word in _FOOTER for part in ((f"{key} ", "key"), (f"{word} ", "word"))]
    return [*parts, (" " * (width - sum(len(text) for text, _ in parts)), "word")]


def _card(place: int, figures: Figures, width: int, height: int) -> list[list[Part]]:
    """A card's rows in its frame."""
    card = CARDS[place]
    border, edges = ("focus", _HEAVY) if place == 0 else ("border", _ROUND)
    rule, title = edges[1], f" {card.title} "
    inside = card_rows(card.say(figures.overview, figures.moment), width - 4, height - 2)
    return [
        [(edges[0] + rule, border), (title, "bold"), (rule * (width - 3 - len(title)) + edges[2], border)],
        *([(f"{edges[3]} ", border), *_padded(row, width - 4), (f" {edges[3]}", border)] for row in inside),
        [(edges[4] + rule * (width - 2) + edges[5], border)],
    ]


def _padded(row: Row, width: int) -> Row:
    """A row's texts, the last one as long as there is room."""
    *before, (last, style) = row
    room = width - sum(len(text) for text, _ in before)
    return [*before, (f"{last:{max(room, 0)}}", style)]


def card_rows(insight: Insight, width: int, height: int) -> list[Row]:
    """What stands in a card's frame, row by row; at most *height* rows.

    Where there is no room for large digits, the figure has one line with its unit.
    """
    tone = "text" if insight.tone in (Tone.PLAIN, Tone.MUTED) else insight.tone.value
    words: list[Row] = [[(_cut(line, width), "text")] for line in insight.lines if line]
    figure = _large(insight, tone, width)
    if len(figure) + len(words) + 2 > height or len(figure[0][0][0]) > width:
        figure = [_small(insight, tone, width)]
    words = words[: max(height - len(figure) - 1, 0)]
    room = height - len(figure) - len(words) - 1
    days = weekday_row(insight.first, len(insight.trend), width) if insight.first and room >= 4 else ""
    bars = trend_rows(insight.trend, width, min(room - bool(days), 10)) if any(insight.trend) or room > 1 else []
    blank: list[Row] = [[("", "trend")]] * (room - len(bars) - bool(days))
    trend: list[Row] = [*blank, *([(row, "trend")] for row in bars), *([[(days, "days")]] if days else [])]
    return [*figure, *words, *trend, [(_cut(insight.period, width), "muted")]][:height]


def _large(insight: Insight, tone: str, width: int) -> list[Row]:
    """The figure three rows high, and its unit below."""
    unit: list[Row] = [[(_cut(insight.unit, width), "text")]] if insight.unit else []
    if _is_number(insight.figure):
        return [[("".join(_DIGITS[sign][row] for sign in insight.figure), tone)] for row in range(3)] + unit
    return [[("", tone)], [(_cut(insight.figure, width), _bold(tone))], [("", tone)], *unit]


def _small(insight: Insight, tone: str, width: int) -> Row:
    """The figure and its unit in one line."""
    figure = _cut(insight.figure, width)
    between = " " if _is_number(insight.figure) else " · "
    unit = [(_cut(f"{between}{insight.unit}", width - len(figure)), "text")] if insight.unit else []
    return [(figure, _bold(tone)), *unit]


def _is_number(figure: str) -> bool:
    return all(sign in _DIGITS for sign in figure)


def _bold(tone: str) -> str:
    return "bold" if tone == "text" else f"{tone}-bold"


def _cut(text: str, width: int) -> str:
    text = _narrow(safe(text))
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def _narrow(text: str) -> str:
    """The text with a question mark for each character of another width than one column: names may have some."""
    if text.isascii():
        return text
    from unicodedata import category, east_asian_width

    return "".join("?" if east_asian_width(one) in "WF" or category(one)[0] == "M" else one for one in text)


_DARK: Final = {
    "edge": ("e2e3e5", "242f38"),
    "title": ("e2e3e5", "242f38"),
    "word": ("e0e0e0", "242f38"),
    "key": ("ffa62b", "242f38"),
    "text": ("e0e0e0", "121212"),
    "days": ("a0a0a0", "121212"),
    "muted": ("a0a0a0", "121212"),
    "focus": ("fea62b", "121212"),
    "border": ("45505a", "121212"),
    "trend": ("0178d4", "121212"),
    "good": ("8ad4a1", "121212"),
    "warn": ("ffc473", "121212"),
    "bad": ("d17e92", "121212"),
}
"""Foreground and background of Textual's theme ``textual-dark``."""
_BY_NUMBER: Final = {
    "e2e3e5": 253, "e0e0e0": 253, "ffa62b": 214, "fea62b": 214, "242f38": 17, "121212": 233,
    "a0a0a0": 247, "45505a": 239, "0178d4": 32, "8ad4a1": 115, "ffc473": 222, "d17e92": 174,
}  # fmt: skip
"""The same of the 256 colours, as Rich takes them."""
_ANSI: Final = {"title": "7", "focus": "32", "trend": "34", "good": "32", "warn": "33", "bad": "31", "key": "35"}
"""The theme ``ansi-dark``: the terminal's own colours."""
_BOLD: Final = {
    "title-bold": "title",
    "key": "key",
    "bold": "text",
    "good-bold": "good",
    "warn-bold": "warn",
    "bad-bold": "bad",
}
"""Styles in bold, and what they are without."""


def palette_for(theme: str, environment: Mapping[str, str]) -> Mapping[str, str] | None:
    """The SGR parameters of each style for a theme and the terminal's colours; None for a theme not known here."""
    if theme == "ansi-dark":
        colourless = bool(environment.get("NO_COLOR"))
        plain = {style: sgr if sgr == "7" or not colourless else "" for style, sgr in _ANSI.items()}
        styles = {style: plain.get(style, "") for style in _DARK}
    elif theme != "textual-dark" or environment.get("NO_COLOR"):
        return None
    elif environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        styles = {style: f"38;2;{_rgb(ink)};48;2;{_rgb(ground)}" for style, (ink, ground) in _DARK.items()}
    elif environment.get("TERM", "").endswith(("-256color", "-kitty")):
        styles = {style: f"38;5;{_BY_NUMBER[ink]};48;5;{_BY_NUMBER[ground]}" for style, (ink, ground) in _DARK.items()}
    else:
        return None
    return styles | {bold: f"1;{styles[plain]}".rstrip(";") for bold, plain in _BOLD.items()}


def _rgb(colour: str) -> str:
    return ";".join(str(part) for part in bytes.fromhex(colour))
