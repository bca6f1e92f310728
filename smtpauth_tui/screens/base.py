"""What all screens share: the keys that mean the same everywhere, the title line, the sentence when too small."""

from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from smtpauth_tui.dashboard_picture import title_line
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.terminal import MIN_HEIGHT, MIN_WIDTH
from smtpauth_tui.widgets.key_line import KeyLine

Result = TypeVar("Result")

TOO_SMALL = f"The terminal is too small: this needs {MIN_WIDTH} columns and {MIN_HEIGHT} rows.\nEnlarge it, or press q."

ESCAPE = Binding("escape", "back", "Back", show=False, tooltip="Close this, or go back", id="screen.back")
HELP = Binding(
    "question_mark,f1",
    "app.screen_help",
    "Help",
    key_display="?",
    tooltip="Help: keys and words of this screen",
    id="screen.help",
)
PALETTE = Binding(
    "colon",
    "app.command_palette",
    "Palette",
    show=False,
    key_display=":",
    tooltip="Palette: commands by name (also ctrl+p)",
    id="screen.palette",
)
RELOAD = Binding("R", "reload", "Reload", show=False, tooltip="Load again", id="screen.reload")
REQUEST = Binding(
    "r",
    "app.request_report",
    "Request report",
    show=False,
    tooltip="Request report: have it sent by mail",
    id="screen.request",
)
OUTBOX = Binding("o", "app.outbox", "Outbox", show=False, tooltip="Outbox: mails, sent or waiting", id="screen.outbox")
MENU = Binding("m", "app.menu", "Menu", tooltip="Menu: what one can do here", id="screen.menu")
DOCTOR = Binding(
    "D", "app.doctor", "Doctor", show=False, tooltip="Doctor: what would keep this from working", id="screen.doctor"
)
REDRAW = Binding(
    "ctrl+l", "app.redraw", "Redraw", show=False, tooltip="Draw all of the screen anew", id="screen.redraw"
)
IMPORT = Binding(
    "i", "app.import_logs", "Import", show=False, tooltip="Import: bring in logs of a mail server", id="screen.import"
)
IMPORTS = Binding(
    "I", "app.imports", "Imports", show=False, tooltip="Imports: what was brought in", id="screen.imports"
)
FINDINGS = Binding(
    "u",
    "app.findings",
    "Unusual activity",
    show=False,
    tooltip="Unusual activity: which accounts, since when, why",
    id="screen.findings",
)
ACCOUNTS = Binding(
    "n",
    "app.accounts",
    "Accounts",
    show=False,
    tooltip="Accounts: new, returned and silent ones",
    id="screen.accounts",
)
BREAKS = Binding(
    "b",
    "app.breaks",
    "Who breaks",
    show=False,
    tooltip="Who breaks: the accounts that stop sending once something is switched off",
    id="screen.breaks",
)
FAILURES = Binding(
    "F",
    "app.failures",
    "Failed sign-ins",
    show=False,
    tooltip="Failed sign-ins: whose, from where, what they amount to",
    id="screen.failures",
)
QUIT = Binding("q", "app.quit", "Quit", tooltip="Quit: leave the program", id="screen.quit")


class TitleBar(Static):
    """One line: what this is on the left, what it is about on the right."""

    DEFAULT_CSS = """
    TitleBar { height: 1; width: 100%; background: $panel; color: $text; padding: 0 1; text-wrap: nowrap; }
    TitleBar:ansi { text-style: reverse; }
    """

    _said = ("", "", 0)

    def on_resize(self) -> None:
        self.say(*self._said[:2])

    def say(self, title: str, about: str = "") -> None:
        """Show a title, and to the right what it is about."""
        said = (title, about, self.app.size.width)
        if said == self._said:
            return  # nothing is written to a terminal that shows it
        self._said = said
        title, rest = title_line(title, about, self.app.size.width)
        self.update(Content.assemble((title, "bold"), rest), layout=False)


class LeftOnce(Screen[Result]):
    """Is left once: a key that was typed ahead does not leave the screen below, too.

    A screen in view hears when the store has changed, and when a minute has passed; one that is not, when it is again.
    """

    _missed: tuple[str, ...] = ()

    def hear(self, news: str, *, in_view: bool) -> None:
        """Something has happened, by the name of the method that does what is to be done then."""
        if in_view:
            getattr(self, news)()
        elif news not in self._missed:
            self._missed = (*self._missed, news)

    def on_screen_resume(self) -> None:
        """In view again: what happened meanwhile."""
        missed, self._missed = self._missed, ()
        for news in missed:
            self.hear(news, in_view=True)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """No cursor blinks: nothing is written while nobody does anything."""
        if getattr(event.widget, "cursor_blink", False):
            event.widget.cursor_blink = False  # type: ignore[attr-defined]

    def store_changed(self) -> None:
        """The store has other figures: load again, with all that the person has chosen left as it is."""

    def outbox_changed(self) -> None:
        """The outbox has other mails, or they stand otherwise."""

    def findings_changed(self) -> None:
        """The notes have other findings, or they stand otherwise; or it is being looked for them, or not any more."""

    def minute_passed(self) -> None:
        """What says how long ago something was is to be said anew."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave the screen with an answer, if it is the one in view."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class BaseScreen(LeftOnce[None]):
    """A screen with a title line, a body and a footer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(FINDINGS, FAILURES, BREAKS, ACCOUNTS),
        *(REQUEST, OUTBOX, IMPORT, IMPORTS, DOCTOR),
        *(HELP, MENU, PALETTE, RELOAD, REDRAW, ESCAPE, QUIT),
    ]
    TITLE_TEXT: ClassVar[str] = ""
    WORDS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Words of this screen and what they mean, for the help."""

    def compose(self) -> ComposeResult:
        yield Static(TOO_SMALL, id="too-small")
        yield TitleBar(id="title")
        with Vertical(id="body"):
            yield from self.compose_body()
        yield KeyLine()

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is no room for the screen."""
        self.set_class(event.size.width < MIN_WIDTH or event.size.height < MIN_HEIGHT, "-small")

    def compose_body(self) -> ComposeResult:
        """The screen's own parts."""
        yield from ()

    def report_shown(self) -> tuple[str, ReportQuery | None]:
        """The name of the report in view and what it is asked, for a mail of it; None for the last 7 days."""
        return "volume", None

    def why_not(self, action: str) -> str:
        """Why an action that is shown disabled does not apply; empty where there is nothing to say."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if self.why_not(action) else True

    def action_back(self) -> None:
        """Back to the screen before this one."""
        if len(self.app.screen_stack) > 2:
            self.dismiss()

    def action_reload(self) -> None:
        """Load again."""


class Dialog(ModalScreen[Result], LeftOnce[Result]):
    """A panel over a screen; Escape closes it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", tooltip="Close without a change", id="dialog.close"),
    ]

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
