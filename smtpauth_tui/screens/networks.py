"""Only from these networks: which ones may send."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from smtpauth_tui.errors import UsageError
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.switches import parse_networks
from smtpauth_tui.widgets.palette import shown

_LONGEST = 2000


class NetworksScreen(Dialog[tuple[str, ...]]):
    """The answer is the networks, none of them for: all may send; None when it was closed."""

    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    NetworksScreen { align: center middle; }
    NetworksScreen > Vertical {
        width: 70; height: auto; border: round $accent; background: $surface; padding: 1 2;
        Input { border: none; height: 1; width: 100%; padding: 0 1; background: $panel; }
        Input:focus { background: $accent 40%; }
        #problem { color: $text-error; height: auto; min-height: 1; }
        .hint { color: $text-muted; height: auto; }
    }
    NetworksScreen:ansi Input:focus { background: ansi_default; text-style: reverse; }
    """

    def __init__(self, networks: tuple[str, ...]) -> None:
        super().__init__()
        self._networks = networks

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Only from these networks"
            panel.border_subtitle = "Enter applies · Esc"
            yield Input(
                ", ".join(self._networks),
                placeholder="10.0.0.0/8, 2001:db8::/32",
                id="networks",
                max_length=_LONGEST,
                compact=True,
            )
            yield Static("", id="problem")
            yield Static(
                "Networks or addresses, with commas between; an empty line lets all of them send.", classes="hint"
            )

    @on(Input.Changed)
    def check(self) -> None:
        """Say at once what is wrong with a network."""
        self._read()

    @on(Input.Submitted)
    def apply(self) -> None:
        """Take the networks, if all of them are some."""
        networks = self._read()
        if networks is not None:
            self.dismiss(networks)

    def _read(self) -> tuple[str, ...] | None:
        try:
            networks, problem = parse_networks(self.query_one(Input).value), ""
        except UsageError as error:
            networks, problem = None, str(error)
        self.query_one("#problem", Static).update(shown(problem))
        return networks
