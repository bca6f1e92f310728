"""Import: choose logs, watch them being read, read what came of it."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import ContentSwitcher, Input, Label, Static

from smtpauth_tui.reports.figures import number, plural
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import BaseScreen, TitleBar
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.folders import Entry, completed, entries_of, size_words, start_folder
from smtpauth_tui.screens.import_run import Ending, ImportRun, Step
from smtpauth_tui.widgets.folder_list import FolderList, Row
from smtpauth_tui.widgets.notice import Link
from smtpauth_tui.widgets.palette import shown

_FRAME = 0.25
_WIDEST_BAR = 60


class _Paths(Suggester):
    """Completes a path while it is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The path with the first name that goes on like it."""
        return await asyncio.to_thread(completed, value)


class ImportScreen(BaseScreen):
    """Files are chosen here; the import itself is the command, in a process of its own, and goes on without us."""

    BINDINGS: ClassVar[list[BindingType]] = []
    CSS_PATH = "importing.tcss"
    TITLE_TEXT = "Import"
    WORDS = (
        ("Import", "reads logs, compressed or not, and adds what the store does not have; the same log adds nothing"),
        ("Folder", "Space marks a whole folder as well: all logs in it are read, the rest is passed over"),
        ("Path", "may be a pattern such as /var/log/mail.log*"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._folder = start_folder(desk.folder_used)
        self._asked_to_stop = False
        self._drawn: tuple[Step, str, bool, int] | None = None

    def compose_body(self) -> ComposeResult:
        with ContentSwitcher(initial="choose"):
            with Vertical(id="choose"):
                with Horizontal(id="path-line"):
                    yield Label("Path ")
                    yield Input(id="path", compact=True, select_on_focus=False, suggester=_Paths())
                yield FolderList(id="files")
                yield Static("", id="chosen")
            with Vertical(id="running"):
                yield Static("", id="what")
                yield Static("", id="bar")
                yield Static("", id="numbers")
                yield Static("", id="question")
            with VerticalScroll(id="result", can_focus=False):
                yield Static("", id="outcome")
                yield Link("")
                yield Static("", id="warnings")

    def on_mount(self) -> None:
        self.query_one(TitleBar).say(self.TITLE_TEXT, f"into {self._desk.path}")
        self.set_interval(_FRAME, self._look)
        run = self._desk.importing
        if run and not run.told:
            self._show_run(run)
        else:
            self.query_one(FolderList).focus()
            self.list_folder()

    # choosing

    @work(exclusive=True, group="folder")
    async def list_folder(self, on: Path | None = None) -> None:
        """Show what the folder holds."""
        folder = self._folder
        name = str(folder).rstrip("/") + "/"
        self.query_one("#path", Input).value = name if safe(name) == name else ""  # a field shows a name as it is
        try:
            entries, more = await asyncio.to_thread(entries_of, folder)
        except OSError as error:
            self.query_one(FolderList).show([_up(folder)])
            self._say(f"{folder} cannot be read: {error.strerror}. Choose another folder.")
            return
        self.query_one(FolderList).show([_up(folder), *map(_row, entries)], on)
        self._say(f"… and {number(more)} more: type the path." if more else "")

    def _say(self, problem: str = "") -> None:
        """The line below the files: a problem, or what is marked and what Enter does."""
        marked = self.query_one(FolderList).marked
        text = f"{plural(len(marked), 'file or folder', 'files or folders')} marked · " if marked else ""
        enter = "Enter imports them" if marked else "Enter imports a file, opens a folder"
        self.query_one("#chosen", Static).update(
            shown(problem, "$text-warning") if problem else shown(f"{text}Space marks · {enter} · ← folder above")
        )

    @on(FolderList.Marked)
    def show_marked(self) -> None:
        """Other files are marked."""
        self._say()

    @on(FolderList.Left)
    def leave_folder(self) -> None:
        """To the folder above."""
        if self._folder.parent != self._folder:
            before, self._folder = self._folder, self._folder.parent
            self.list_folder(before)

    @on(FolderList.Opened)
    def open_entry(self, event: FolderList.Opened) -> None:
        """A folder is entered; a file begins the import, of all that is marked if something is."""
        marked = sorted(self.query_one(FolderList).marked)
        if event.path == self._folder.parent and self.query_one(FolderList).highlighted == 0:
            self.leave_folder()
        elif event.path.is_dir():
            self._folder = event.path
            self.list_folder()
        else:
            self._begin([str(path) for path in marked] or [str(event.path)])

    @on(Input.Submitted, "#path")
    def take_path(self, event: Input.Submitted) -> None:
        """A path was typed: a folder is shown, all else imported."""
        text = event.value.strip()
        try:
            path = Path(text).expanduser().absolute()
            is_folder = path.is_dir()
        except (OSError, RuntimeError, ValueError):
            self._say("There is no such path.")
            return
        if is_folder:
            self._folder = path
            self.query_one(FolderList).focus()
            self.list_folder()
        elif text:
            self._begin([str(path)])

    def _begin(self, words: list[str]) -> None:
        self._desk.folder_used = self._folder
        self._desk.importing = ImportRun(self._desk.command, words)
        self._show_run(self._desk.importing)

    # watching

    def _show_run(self, run: ImportRun) -> None:
        self._asked_to_stop = False
        self._drawn = None
        self.query_one(ContentSwitcher).current = "running"
        self.set_focus(None)
        self.query_one("#what", Static).update(shown(_begun(run)))
        self._draw_step(run)

    def _look(self) -> None:
        run = self._desk.importing
        if not run or self.query_one(ContentSwitcher).current != "running":
            return
        if run.ending:
            self._show_ending(run, run.ending)
        else:
            self._draw_step(run)

    def _draw_step(self, run: ImportRun) -> None:
        step = run.step
        drawn, self._drawn = self._drawn, (step, run.said, self._asked_to_stop, self.app.size.width)
        if self._drawn == drawn:
            return  # nothing is written to a terminal that shows it
        if step.path:
            self.query_one("#what", Static).update(shown(step.path))
        width = min(self.app.size.width - 12, _WIDEST_BAR)
        share = step.share
        filled = round(width * (share or 0))
        self.query_one("#bar", Static).update(
            Content.assemble(
                ("█" * filled, "$text-success"),
                ("░" * (width - filled), "dim"),
                f" {100 * share:.0f} %" if share is not None else "",
            )
        )
        numbers = step.words() if step.lines else run.said or "looking at the files …"
        self.query_one("#numbers", Static).update(shown(numbers))
        question = "Stop the import?  Esc: stop it · any other key: go on" if self._asked_to_stop else "Esc: stop"
        self.query_one("#question", Static).update(shown(question, "bold" if self._asked_to_stop else "dim"))

    def on_key(self, event: events.Key) -> None:
        """Any key but Escape takes back the wish to stop; down leads from the path to the files."""
        if event.key == "down" and isinstance(self.focused, Input):
            self.query_one(FolderList).focus()
            event.stop()
        elif event.key != "escape" and self._asked_to_stop:
            self._asked_to_stop = False
            event.stop()
            event.prevent_default()

    # what came of it

    def _show_ending(self, run: ImportRun, ending: Ending) -> None:
        run.told = True
        self.query_one("#outcome", Static).update(
            Content("\n").join(
                [
                    shown(ending.headline, "bold" if ending.good else "bold $text-warning"),
                    Content(""),
                    *[shown(line) for line in ending.details],
                ]
            )
        )
        warnings = [shown(f"• {text}") for text in ending.warnings]
        title = [Content(""), shown(plural(len(warnings), "warning"), "bold $text-warning")] if warnings else []
        self.query_one("#warnings", Static).update(Content("\n").join([*title, *warnings]))
        link = self.query_one(Link)
        link.update(shown("All imports →"))
        self.query_one(ContentSwitcher).current = "result"
        link.focus()

    @on(Link.Followed)
    def show_imports(self) -> None:
        """What was imported, now and before."""
        self.dismiss()
        self.app.call_later(self.app.run_action, "app.imports")

    def action_back(self) -> None:
        """Back; an import that runs is stopped when it was asked twice."""
        run = self._desk.importing
        if self.query_one(ContentSwitcher).current == "running" and run and not run.ending:
            if self._asked_to_stop:
                run.stop()
            self._asked_to_stop = not self._asked_to_stop
            self._draw_step(run)
            return
        self.dismiss()

    def action_reload(self) -> None:
        """Look at the folder again."""
        if self.query_one(ContentSwitcher).current == "choose":
            self.list_folder(row[0] if (row := self.query_one(FolderList).row) else None)


def _begun(run: ImportRun) -> str:
    return run.words[0] if len(run.words) == 1 else plural(len(run.words), "file or folder", "files and folders")


def _up(folder: Path) -> Row:
    return (folder.parent, "..", "the folder above", True)


def _row(entry: Entry) -> Row:
    changed = datetime.fromtimestamp(entry.changed).strftime("%Y-%m-%d %H:%M")
    size = "folder" if entry.folder else size_words(entry.size)
    about = f"{size if entry.readable else 'no rights':>9}  {changed}"
    return (entry.path, f"{entry.path.name}/" if entry.folder else entry.path.name, about, entry.readable)
