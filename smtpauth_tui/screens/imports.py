"""Imports: one row for each file that was read; Enter tells all about one."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import ContentSwitcher, DataTable, Static

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.export import cut
from smtpauth_tui.reports.figures import local, number, plural
from smtpauth_tui.reports.flyouts import Flyout, one_source, source_name
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import BaseScreen, TitleBar
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.store.rows import SourceRow
from smtpauth_tui.widgets.notice import Link, Notice
from smtpauth_tui.widgets.rows_table import RowsTable, row_keys

_MOST = 1000
_COLUMNS = (
    "Source",
    "Format",
    "Lines",
    "Submissions",
    "Failures",
    "Unread",
    "Newest line",
    "Imported",
    "Oldest line",
    "Host",
    "Damaged",
)


class SourcesTable(RowsTable):
    """The sources; a row each."""

    BINDINGS: ClassVar[list[BindingType]] = row_keys("imports", "Open the source's flyout")


class ImportsScreen(BaseScreen):
    """What was brought in, the newest import first."""

    CSS_PATH = "imports.tcss"
    TITLE_TEXT = "Imports"
    WORDS = (
        ("Source", "a file that was read, or standard input; told again by its place and how it begins"),
        ("Unread", "lines that looked like a mail server's and could not be understood; the flyout shows some"),
        ("Damaged", "the compressed data ended early or was broken; what stood before that was read"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._sources: dict[str, SourceRow] = {}
        self._shown: list[SourceRow] | None = None

    def compose_body(self) -> ComposeResult:
        with ContentSwitcher(initial="sources"):
            yield SourcesTable(id="sources")
            yield Notice(id="notice")
        with Horizontal(id="below"):
            yield Static("loading …", id="count")
            yield Link("Doctor: is anything missing? →")

    def on_mount(self) -> None:
        self.query_one(TitleBar).say(self.TITLE_TEXT)
        table = self.query_one(SourcesTable)
        for place, title in enumerate(_COLUMNS):
            table.add_column(Text(title, justify="right" if 2 <= place <= 5 else "left"))
        self.load()

    def store_changed(self) -> None:
        self.load()

    @work(exclusive=True, group="imports")
    async def load(self) -> None:
        """Fill the table; the cursor stays on its source."""
        try:
            store = await self._desk.store()
            sources = await store.sources()
        except SmtpAuthTuiError as error:
            self._say(error.message, error.hint)
            return
        if not sources:
            self._say("Nothing was imported yet.", "Press i to choose a log.")
            return
        if sources != self._shown:
            self._shown = sources
            self._fill(sources, store.zone)
        self.query_one(TitleBar).say(self.TITLE_TEXT, store.zone.key)

    def _say(self, what: str, hint: str) -> None:
        self._shown = None
        self.query_one(Notice).say(what, hint)
        self.query_one(ContentSwitcher).current = "notice"
        self.query_one("#count", Static).update("")

    def _fill(self, sources: list[SourceRow], zone: ZoneInfo) -> None:
        table = self.query_one(SourcesTable)
        self._sources = {str(row.id): row for row in sources[:_MOST]}
        table.fill({key: self._cells(row, zone) for key, row in self._sources.items()})
        self.query_one(ContentSwitcher).current = "sources"
        if self.focused is None:
            table.focus()
        more = f", of which the newest {number(_MOST)} are listed" if len(sources) > _MOST else ""
        lines = sum(row.lines for row in sources)
        self.query_one("#count", Static).update(f"{plural(len(sources), 'source')}{more} · {plural(lines, 'line')}")

    def _cells(self, row: SourceRow, zone: ZoneInfo) -> list[Text]:
        warned = "bold" if row.damaged or row.not_understood else ""
        return [
            Text(cut(safe(source_name(row.path)), 24), style=warned),
            Text(cut(safe(row.format), 16)),
            *(
                Text(number(count), justify="right")
                for count in (row.lines, row.submissions, row.auth_failures, row.not_understood)
            ),
            Text(local(row.last, zone)),
            Text(local(row.imported_at, zone)),
            Text(local(row.first, zone)),
            Text(cut(safe(row.host), 40)),
            Text(cut(safe(row.damaged), 40), style="bold"),
        ]

    @on(DataTable.RowSelected)
    def open_source(self, event: DataTable.RowSelected) -> None:
        """A row was opened: its flyout."""
        row = self._sources.get(event.row_key.value or "")
        if row is None:
            return
        source_id = row.id

        async def load() -> Flyout:
            async with (await self._desk.store()).snapshot() as store:
                return await one_source(store, source_id)

        self.app.push_screen(FlyoutScreen(source_name(row.path), load))

    @on(Link.Followed)
    async def ask_doctor(self) -> None:
        """What the logs lack."""
        await self.app.run_action("app.doctor")

    @work(exclusive=True, group="reload")
    async def action_reload(self) -> None:  # type: ignore[override]
        """Open the store anew and load again."""
        await self._desk.forget()
        self.load()
