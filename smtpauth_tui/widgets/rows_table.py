"""A table of rows that are all there, with the keys that tables have everywhere."""

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

_STEP = 20


def row_keys(where: str, tooltip: str) -> list[BindingType]:
    """The keys of a table of rows, with the ids of *where* it is; *tooltip* says what Enter does."""
    return [
        Binding("enter", "select_cursor", "Open", tooltip=tooltip, id=f"{where}.open"),
        Binding("up,k", "cursor_up", "Up", show=False, tooltip="The row above", id=f"{where}.up"),
        Binding("down,j", "cursor_down", "Down", show=False, tooltip="The row below", id=f"{where}.down"),
        Binding(
            "left,h", "columns(-1)", "Columns", key_display="←→", tooltip="The columns to the left", id=f"{where}.left"
        ),
        Binding("right,l", "columns(1)", "Right", show=False, tooltip="The columns to the right", id=f"{where}.right"),
        Binding("g,home", "scroll_top", "First", show=False, tooltip="The first row", id=f"{where}.first"),
        Binding("G,end", "scroll_bottom", "Last", show=False, tooltip="The last row", id=f"{where}.last"),
    ]


class RowsTable(DataTable[Text]):
    """One row is under the cursor; what does not fit at the sides is scrolled to."""

    DEFAULT_CSS = """
    RowsTable {
        height: 1fr; background: $background; scrollbar-size: 0 1;
        &:ansi > .datatable--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
        &:ansi > .datatable--header { background: ansi_default; color: ansi_default; text-style: bold underline; }
    }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, cursor_type="row", zebra_stripes=False)

    @property
    def key_of_row(self) -> str | None:
        """The key of the row under the cursor; None where there are no rows."""
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value if self.row_count else None

    def fill(self, rows: dict[str, list[Text]]) -> None:
        """Show other rows, by their keys; the cursor stays on its row."""
        before, scroll = self.key_of_row, self.scroll_offset
        with self.app.batch_update():
            self.clear()
            for key, cells in rows.items():
                self.add_row(*cells, key=key)
            if before in rows:
                self.move_cursor(row=self.get_row_index(before), animate=False, scroll=False)
                self.scroll_to(scroll.x, scroll.y, animate=False, force=True)

    def action_columns(self, by: int) -> None:
        """Show the columns to the left or to the right."""
        self.scroll_relative(x=by * _STEP, animate=False, immediate=True, force=True)
