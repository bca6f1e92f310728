"""Colours of figures and series for the terminal at hand, and log text as what Textual can show safely."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.style import Style
from textual.app import App
from textual.content import Content

from smtpauth_tui.reports.values import Role, Tone
from smtpauth_tui.safe import safe

_FULL: Final = {
    Role.TLS_1_3: "#5faf5f",
    Role.TLS_1_2: "#5f87d7",
    Role.TLS_1_1: "#d7af00",
    Role.TLS_1_0: "#d75f00",
    Role.SSL3: "#d75faf",
    Role.NO_TLS: "#ff5f5f",
    Role.UNKNOWN: "#8a8a8a",
    Role.OAUTH: "#5faf5f",
    Role.BASIC: "#d7af00",
    Role.BREAKS: "#d75f00",
    Role.FIRST: "#5f87d7",
    Role.SECOND: "#5fafaf",
    Role.THIRD: "#d7af5f",
    Role.FOURTH: "#af87d7",
    Role.REST: "#8a8a8a",
}
"""From the 256 colours, so that a terminal without more shows the same."""
_SIXTEEN: Final = {
    Role.TLS_1_3: "green",
    Role.TLS_1_2: "blue",
    Role.TLS_1_1: "yellow",
    Role.TLS_1_0: "red",
    Role.SSL3: "magenta",
    Role.NO_TLS: "bright_red",
    Role.UNKNOWN: "bright_black",
    Role.OAUTH: "green",
    Role.BASIC: "yellow",
    Role.BREAKS: "red",
    Role.FIRST: "blue",
    Role.SECOND: "cyan",
    Role.THIRD: "yellow",
    Role.FOURTH: "magenta",
    Role.REST: "bright_black",
}
_TONES: Final = {
    Tone.PLAIN: "",
    Tone.MUTED: "$text-muted",
    Tone.GOOD: "$text-success",
    Tone.WARN: "$text-warning",
    Tone.BAD: "$text-error",
}
_TONES_SIXTEEN: Final = {
    Tone.PLAIN: "",
    Tone.MUTED: "dim",
    Tone.GOOD: "ansi_green",
    Tone.WARN: "ansi_yellow",
    Tone.BAD: "ansi_red",
}


def role_style(app: App[object], role: Role) -> Style:
    """The colour of a series."""
    return Style(color=_SIXTEEN[role] if app.current_theme.ansi else _FULL[role])


def role_markup(app: App[object], role: Role) -> str:
    """The same as a style of Textual's content."""
    return f"ansi_{_SIXTEEN[role]}" if app.current_theme.ansi else _FULL[role]


def tone_markup(app: App[object], tone: Tone) -> str:
    """The style of a figure's tone; empty for a plain one."""
    return (_TONES_SIXTEEN if app.current_theme.ansi else _TONES)[tone]


def shown(text: str, style: str = "") -> Content:
    """Text of any origin as content: neutralised, never read as markup."""
    return Content.styled(safe(text), style) if style else Content(safe(text))


def packed(parts: Sequence[Content], width: int, gap: str = "   ") -> Content:
    """Parts on as many lines of *width* as they need; a part is never broken."""
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + len(gap) + part.cell_length <= width:
            lines[-1] = Content.assemble(lines[-1], gap, part)
        else:
            lines.append(part)
    return Content("\n").join(lines)


def fitted(forms: Iterable[Sequence[Content]], width: int, rows: int, *, ends: bool) -> Content:
    """The first of some forms, each shorter than the one before, that takes no more than so many *rows*.

    Where none does, parts of the last one are left out and counted: the last ones, or where its last part is that of
    all the *ends*, those before it.
    """
    width = max(width, 1)
    parts: Sequence[Content] = ()
    for parts in forms:
        found = packed(parts, width)
        if len(found.split("\n")) <= rows and all(part.cell_length <= width for part in parts):
            return found
    last = [*parts[-1:]] if ends else []
    others = parts[: len(parts) - len(last)]
    for shown_parts in range(len(others) - 1, -1, -1):
        left_out = Content.styled(f"and {len(others) - shown_parts:,} more", "dim")
        cut = [part.truncate(width, ellipsis=True) for part in (*others[:shown_parts], left_out, *last)]
        found = packed(cut, width)
        if len(found.split("\n")) <= rows:
            return found
    return packed([part.truncate(width, ellipsis=True) for part in last], width)
