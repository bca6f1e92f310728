"""Doctor: what would keep this from working here, or its figures from being right, and how to mend it."""

import codecs
import os
import sys
import textwrap
from collections import Counter
from typing import ClassVar, Final

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from smtpauth_tui.doctor import CHECKS, examine
from smtpauth_tui.doctor.findings import Finding, Patient, Severity, Terminal
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import BaseScreen, TitleBar
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.widgets.palette import shown, tone_markup

_SIGNS: Final = {Severity.OK: "✓", Severity.NOTICE: "i", Severity.WARNING: "!"}
_TONES: Final = {Severity.OK: Tone.GOOD, Severity.NOTICE: Tone.PLAIN, Severity.WARNING: Tone.WARN}
_TITLES: Final = {check.name: check.title for check in CHECKS}


class DoctorScreen(BaseScreen):
    """The findings, as they come; R looks again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll(1)", "Scroll", key_display="↑↓", tooltip="A line down", id="doctor.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, tooltip="A line up", id="doctor.up"),
        Binding("pagedown", "scroll(20)", "Page down", show=False, tooltip="A page down", id="doctor.page-down"),
        Binding("pageup", "scroll(-20)", "Page up", show=False, tooltip="A page up", id="doctor.page-up"),
        Binding("g,home", "scroll(-9999)", "First", show=False, tooltip="The first line", id="doctor.first"),
        Binding("G,end", "scroll(9999)", "Last", show=False, tooltip="The last line", id="doctor.last"),
    ]
    DEFAULT_CSS = """
    DoctorScreen {
        VerticalScroll { height: 1fr; padding: 1 2 0 1; scrollbar-size-vertical: 1; }
        #findings { height: auto; }
        #summary { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """
    TITLE_TEXT = "Doctor"
    WORDS = (
        ("!", "a warning: figures may be wrong or missing, or something does not work"),
        ("i", "a notice: to know; the figures are right all the same"),
        ("✓", "all is well"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._found: list[Finding] = []

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static("", id="findings")
        yield Static("", id="summary")

    def on_mount(self) -> None:
        self.query_one(TitleBar).say(self.TITLE_TEXT, str(self._desk.path))
        self.look()

    @work(exclusive=True, group="doctor")
    async def look(self) -> None:
        """Make all checks, with a connection of our own: reading the whole file keeps nobody waiting."""
        found = self._found = []
        self._say("looking …")
        size = self.app.size
        environment = dict(os.environ)
        encoding = codecs.lookup(getattr(sys.__stdout__, "encoding", None) or "ascii").name
        seen = Terminal(size.width, size.height, encoding, environment)
        async for finding in examine(Patient(self._desk.path, self._desk.clock, None, seen, environment)):
            found.append(finding)
            self._show()
        counts = Counter(finding.severity for finding in found)
        self._say(
            f"{plural(counts[Severity.WARNING], 'warning')}, {plural(counts[Severity.NOTICE], 'notice')}, "
            f"{counts[Severity.OK]} well · R: look again"
        )

    def _say(self, text: str) -> None:
        self.query_one("#summary", Static).update(shown(text))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        """All findings so far, the worst first, each with its lines below one another."""
        width = self.query_one(VerticalScroll).scrollable_content_region.width - 3
        order = (Severity.WARNING, Severity.NOTICE, Severity.OK)
        lines: list[Content] = []
        for finding in sorted(self._found, key=lambda one: order.index(one.severity)):
            style = tone_markup(self.app, _TONES[finding.severity])
            title = f"{_SIGNS[finding.severity]} {_TITLES[finding.check]}: "
            first, *rest = _broken(safe(finding.what), width, len(title))
            lines.append(Content.assemble((title, f"bold {style}".strip()), first))
            lines += [Content(f"  {line}") for line in rest]
            for place, line in enumerate(_broken(safe(finding.todo), width - 2, 0) if finding.todo else ()):
                lines.append(Content.assemble(("    " if place else "  → ", "bold"), (line, "dim")))
            if finding.severity is not Severity.OK:
                lines.append(Content(""))
        self.query_one("#findings", Static).update(Content("\n").join(lines))

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False, immediate=True)

    def action_reload(self) -> None:
        """Look again."""
        self.look()


def _broken(text: str, width: int, taken: int) -> list[str]:
    """A sentence in lines of a width, of which the first has less room."""
    first, *rest = textwrap.wrap(text, max(width, 30), initial_indent=" " * taken) or [" " * taken]
    return [first[taken:], *rest]
