"""The choice of a sender domain: a list that narrows as one types; there can be thousands."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.export import cut, width_of
from smtpauth_tui.reports.figures import number
from smtpauth_tui.reports.volume import domain_label
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.store.rows import DomainTotal
from smtpauth_tui.widgets.palette import shown

_MOST = 200
ALL = "All sender domains"


class DomainScreen(Dialog[tuple[str | None]]):
    """The answer is the domain in a tuple (None in it: all of them), or None when nothing was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", show=False, tooltip="The domain below", id="domains.down", priority=True),
        Binding("up", "move(-1)", "Up", show=False, tooltip="The domain above", id="domains.up", priority=True),
        Binding("pagedown", "move(10)", "Page down", show=False, id="domains.page-down", priority=True),
        Binding("pageup", "move(-10)", "Page up", show=False, id="domains.page-up", priority=True),
    ]
    DEFAULT_CSS = """
    DomainScreen { align: center middle; }
    DomainScreen > Vertical {
        width: 64; height: 20; border: round $accent; background: $surface; padding: 0 1;
        Input { border: none; height: 1; padding: 0; background: $panel; margin-bottom: 1; }
        OptionList { height: 1fr; border: none; padding: 0; background: $surface; scrollbar-size-vertical: 1; }
        Static { height: 1; color: $text-muted; }
    }
    """

    def __init__(self, load: Callable[[], Awaitable[Sequence[DomainTotal]]], chosen: str | None) -> None:
        super().__init__()
        self._load = load
        self._chosen = chosen
        self._domains: Sequence[DomainTotal] = ()
        self._typed_ahead = ""
        self._matches: list[str | None] = []

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Show data for"
            panel.border_subtitle = "type to search · ↑↓ · Enter · Esc"
            yield Input(placeholder="type to search", select_on_focus=False, compact=True)
            yield OptionList(markup=False)
            yield Static("loading …")

    def on_key(self, event: events.Key) -> None:
        """What is typed before the field is there goes into it."""
        if not self.is_mounted and event.character and event.is_printable:
            self._typed_ahead += event.character
            event.stop()

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).value = self._typed_ahead
        self.set_focus(self.query_one(Input))
        self.fill()

    @work(exclusive=True, group="domains")
    async def fill(self) -> None:
        """Load the domains of the period."""
        try:
            self._domains = await self._load()
        except SmtpAuthTuiError as error:
            self.query_one(Static).update(shown(str(error)))
            return
        self._narrow(self.query_one(Input).value)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Something was typed."""
        self._narrow(event.value)

    def _narrow(self, words: str) -> None:
        wanted = words.strip().casefold()
        matching = [one for one in self._domains if wanted in domain_label(one.domain)]
        rows: list[Content] = []
        self._matches = []
        if not wanted:
            self._matches.append(None)
            rows.append(_line(ALL, sum(one.messages for one in self._domains)))
        for one in matching[:_MOST]:
            self._matches.append(one.domain)
            rows.append(_line(domain_label(one.domain), one.messages))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(row) for row in rows])
        if rows:
            there = self._chosen in self._matches and not wanted
            options.highlighted = self._matches.index(self._chosen) if there else 0
        self.query_one(Static).update(self._status(len(matching), wanted))

    @staticmethod
    def _status(matching: int, wanted: str) -> Content:
        if not matching:
            return shown("No sender domain like that in this period.")
        if matching > _MOST:
            return shown(f"the first {_MOST} of {number(matching)}: type to narrow")
        return shown(f"{number(matching)} sender domain{'s' if matching != 1 else ''}" + (" found" if wanted else ""))

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = max(0, min((options.highlighted or 0) + by, options.option_count - 1))

    @on(Input.Submitted)
    def choose(self) -> None:
        """Take the highlighted domain."""
        place = self.query_one(OptionList).highlighted
        if place is not None and place < len(self._matches):
            self.dismiss((self._matches[place],))

    @on(OptionList.OptionSelected)
    def choose_by_mouse(self, event: OptionList.OptionSelected) -> None:
        """A domain was clicked."""
        self.dismiss((self._matches[event.option_index],))


def _line(name: str, messages: int) -> Content:
    count = number(messages)
    room = 58 - len(count)
    text = cut(safe(name), room)
    return Content(f"{text}{' ' * (room - width_of(text) + 1)}{count}")
