"""A sentence in the place of what cannot be shown, and where there is one, the way on."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from smtpauth_tui.widgets.palette import shown


class Link(Static, can_focus=True):
    """A line that Enter follows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "follow", "Open", key_display="⏎", tooltip="Follow the link", id="link.follow"),
    ]
    DEFAULT_CSS = """
    Link {
        width: auto; height: 1; padding: 0 1; color: $text-accent; text-style: underline;
        &:focus { background: $accent; color: $text; text-style: bold; }
        &:ansi:focus { background: ansi_default; color: ansi_default; text-style: reverse bold; }
    }
    """

    class Followed(Message):
        """Somebody follows a link."""

        def __init__(self, link: "Link") -> None:
            super().__init__()
            self.link = link

        @property
        def control(self) -> "Link":
            """The link."""
            return self.link

    def action_follow(self) -> None:
        """Follow it."""
        self.post_message(self.Followed(self))

    def on_click(self) -> None:
        self.action_follow()


class Notice(Vertical):
    """What happened, what to do, and a link where the program itself can do it."""

    DEFAULT_CSS = """
    Notice {
        height: 1fr; align: center middle; padding: 0 2;
        .what { width: 100%; text-align: center; text-style: bold; height: auto; }
        .hint { width: 100%; text-align: center; color: $text-muted; height: auto; margin-bottom: 1; }
        &.-error .what { color: $text-error; }
        Link { width: auto; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static("", classes="what")
        yield Static("", classes="hint")
        yield Link("")

    def say(self, what: str, hint: str = "", link: str = "", *, error: bool = False) -> None:
        """Show a sentence or two; *link* is the text of the way on."""
        self.query_one(".what", Static).update(shown(what))
        self.query_one(".hint", Static).update(shown(hint))
        way = self.query_one(Link)
        way.update(shown(link))
        way.display = bool(link)
        self.set_class(error, "-error")
