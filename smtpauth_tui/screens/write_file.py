"""Write the list into a file: where to."""

from pathlib import Path
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from smtpauth_tui.errors import UsageError
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.settings import home_expanded
from smtpauth_tui.widgets.palette import shown

_KINDS: Final = (".xlsx", ".csv")


class WriteScreen(Dialog[Path]):
    """The answer is the file, or None when it was closed. A file that is there is replaced by a second Enter only."""

    DEFAULT_CSS = """
    WriteScreen { align: center middle; }
    WriteScreen > Vertical {
        width: 74; max-width: 100%; height: auto; border: round $accent; background: $surface; padding: 1 2;
        Input { border: none; height: 1; width: 100%; padding: 0 1; background: $panel; }
        Input:focus { background: $accent 40%; }
        #problem { color: $text-error; height: auto; min-height: 1; }
        .hint { color: $text-muted; height: auto; }
    }
    WriteScreen:ansi Input:focus { background: ansi_default; text-style: reverse; }
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._warned: Path | None = None
        """The file of which it was said that it is there."""

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Write into a file"
            panel.border_subtitle = "Enter writes · Esc"
            yield Input(self._name, id="path", compact=True, select_on_focus=False)
            yield Static("", id="problem")
            yield Static(
                "A path; its ending says what it is: .xlsx, a workbook with the burn-down, or .csv. "
                "Only you can read the file.",
                classes="hint",
            )

    @on(Input.Changed)
    def forget_problem(self) -> None:
        """Another path."""
        self._warned = None
        self.query_one("#problem", Static).update("")

    @on(Input.Submitted)
    def apply(self) -> None:
        """Take the path, if something can be written there."""
        path = self._read()
        if path:
            self.dismiss(path.absolute())

    def _read(self) -> Path | None:
        """The path; None, and what is wrong below the field, where it is none."""
        try:
            path = Path(home_expanded(self.query_one(Input).value.strip()))
            problem = self._problem(path)
        except (UsageError, ValueError, OSError) as error:
            path, problem = Path(), str(error)
        self.query_one("#problem", Static).update(shown(problem))
        return None if problem else path

    def _problem(self, path: Path) -> str:
        if path.suffix.lower() not in _KINDS:
            return "The name has to end with .xlsx or .csv."
        if not path.parent.is_dir():
            return f"There is no folder {path.parent}."
        if path.is_symlink() or (path.exists() and not path.is_file()):
            return f"{path.name} is no plain file. Give another name."
        if path.exists() and self._warned != path:
            self._warned = path
            return f"{path.name} is there already. Enter again replaces it."
        return ""
