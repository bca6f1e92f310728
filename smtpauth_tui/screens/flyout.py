"""A flyout at the right edge: more about a card or a row, over the screen that it belongs to."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.reports.flyouts import Flyout
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.widgets.flyout_body import flyout_body
from smtpauth_tui.widgets.key_line import KeyLine
from smtpauth_tui.widgets.notice import Link
from smtpauth_tui.widgets.palette import shown


class FlyoutScreen(Dialog[str]):
    """Shows a flyout when it is loaded; its answer is the view that the link leads to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll(1)", "Scroll", key_display="↑↓", tooltip="A line down", id="flyout.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, tooltip="A line up", id="flyout.up"),
        Binding("pagedown", "scroll(15)", "Page down", show=False, tooltip="A page down", id="flyout.page-down"),
        Binding("pageup", "scroll(-15)", "Page up", show=False, tooltip="A page up", id="flyout.page-up"),
        Binding("g,home", "scroll(-9999)", "First", show=False, tooltip="The first line", id="flyout.first"),
        Binding("G,end", "scroll(9999)", "Last", show=False, tooltip="The last line", id="flyout.last"),
        Binding("q", "app.quit", "Quit", tooltip="Leave the program", id="flyout.quit"),
    ]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    FlyoutScreen { align: right top; }
    FlyoutScreen > #panel {
        width: 62%; min-width: 56; max-width: 84; height: 1fr; background: $surface; border-left: thick $accent;
        #flyout-title {
            height: 1; padding: 0 1; text-style: bold; background: $accent 30%; color: $text;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        VerticalScroll { height: 1fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
        #flyout-body { height: auto; }
        Link { margin: 0 0 0 1; }
    }
    FlyoutScreen.-wide > #panel { width: 84; max-width: 100%; }
    FlyoutScreen:ansi > #panel { background: ansi_default; border-left: heavy ansi_blue; }
    FlyoutScreen:ansi > #panel #flyout-title {
        background: ansi_default; color: ansi_default; text-style: reverse bold;
    }
    """

    def __init__(self, title: str, load: Callable[[], Awaitable[Flyout]], *, wide: bool = False) -> None:
        super().__init__(classes="-wide" if wide else None)
        self._heading = title
        self._load = load
        self._flyout: Flyout | None = None
        self._drawn_width = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield Static(shown(self._heading), id="flyout-title")
            with VerticalScroll(can_focus=False):
                yield Static("loading …", id="flyout-body")
            for id_ in ("link", "also"):
                link = Link("", id=id_)
                link.display = False
                yield link
            yield KeyLine()

    def on_mount(self) -> None:
        self.fill()

    def store_changed(self) -> None:
        self.fill()

    def outbox_changed(self) -> None:
        self.fill()

    def findings_changed(self) -> None:
        self.fill()

    @work(exclusive=True, group="flyout")
    async def fill(self) -> None:
        """Load what the flyout shows."""
        body = self.query_one("#flyout-body", Static)
        before = self._flyout
        try:
            self._flyout = await self._load()
        except SmtpAuthTuiError as error:
            self._flyout = None
            body.update(shown(str(error), "$text-error"))
            return
        if self._flyout == before:
            return
        self._draw()
        self.call_after_refresh(self._draw, other_width=True)  # links and scroll bar change its width
        if before is None:
            self._show_link("#also", self._flyout.also[0] if self._flyout.also else "")
            self._show_link("#link", self._flyout.link)

    def _show_link(self, which: str, text: str) -> None:
        """Show a link, with the focus on it."""
        if text:
            link = self.query_one(which, Link)
            link.update(shown(f"{text} →"))
            link.display = True
            link.focus()

    def _draw(self, *, other_width: bool = False) -> None:
        """Draw the flyout; *other width*: only if it has another one by now than when it was drawn."""
        if self._flyout and self.is_active:
            width = self.query_one(VerticalScroll).scrollable_content_region.width
            if other_width and width == self._drawn_width:
                return
            self._drawn_width = width
            self.query_one("#flyout-body", Static).update(flyout_body(self.app, self._flyout, max(width - 1, 30)))

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def on_link_followed(self, event: Link.Followed) -> None:
        """The link leads to the report, or to another screen."""
        if self._flyout and self._flyout.also and event.link.id == "also":
            self.dismiss(self._flyout.also[1])
        else:
            self.dismiss(self._flyout.leads_to if self._flyout else None)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False, immediate=True)
