"""Tables of exports: their encoding, their columns by name, and the time of each row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from smtpauth_tui.formats.csv_rows import LONGEST_ROW, SHOWN, Rows
from smtpauth_tui.formats.moments import Dates

Cells = Mapping[str, str]
"""The wanted cells of a row by what they mean, without blanks around them; those the table lacks are empty."""

EXPORT_LIMIT: Final = 100_000
"""Rows at which Microsoft's exports end, whether or not there are more."""
_LONGEST_NAME: Final = 100
_MOST_WAITING: Final = 200_000
_MOST_CHARACTERS: Final = 64 << 20


def decoder_for(first_bytes: bytes) -> str:
    """The codec of an export that begins so; a mark of the encoding at the beginning is taken away by it.

    Microsoft's requested reports are UTF-16, often without a mark; then every other byte of Latin text is zero.
    """
    if first_bytes.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = first_bytes[: 1 << 12]
    even, odd, few = start[::2].count(0), start[1::2].count(0), len(start) // 8
    if odd > few and odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > few and even > 4 * odd else "utf-8-sig"


def storable(text: str) -> str:
    """*text* without lone surrogates, which no database takes; they stand as ``\\ud800``."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def key_of(name: str) -> str:
    """A column's name without what varies between exports: case, blanks, signs."""
    return "".join(character for character in name.casefold() if character.isalnum())


def header_of(head: str) -> list[str]:
    """The keys of the columns of a table that begins with *head*; empty where there is no table.

    A log is none, whatever a client got into its first line: its stamp has a colon, which no column's name has.
    """
    rows = Rows().take(head[:LONGEST_ROW] + "\n")
    names = rows[0] if rows else []
    if any(":" in name or len(name) > _LONGEST_NAME for name in names):
        return []
    return [key_of(name) for name in names]


class Table:
    """Reads one table: the wanted cells of each row, and its time.

    Where the order of day and month is not known yet, rows wait for one that tells it.
    """

    def __init__(
        self, wanted: Mapping[str, Sequence[str]], keep: Callable[[Cells], bool] | None = None, *, timed: bool = True
    ) -> None:
        """*wanted*: what a cell means, and the keys of the columns that may have it, the best first.

        *keep* says which rows matter; *timed* tables have a ``time``.
        """
        self.misread: list[str] = []
        """How the rows that could not be read begin."""
        self.notes: list[str] = []
        self.rows = 0
        """Rows so far, the header not counted."""
        self.columns: frozenset[str] = frozenset()
        """What of *wanted* the table has."""
        self._wanted = wanted
        self._keep = keep
        self._timed = timed
        self._rows = Rows()
        self._places: dict[str, int | None] = {}
        self._names: list[str] = []
        self._width = 0
        self._dates = Dates()
        self._waiting: list[Cells] = []
        self._waiting_size = 0

    def take(self, text: str) -> Iterator[tuple[int, Cells]]:
        """The rows that can be read now, each with its UTC seconds (0 where the table has no times)."""
        yield from self._read(self._rows.take(text))

    def finish(self) -> Iterator[tuple[int, Cells]]:
        """The rows that waited. Those whose date can be read in two ways are not understood."""
        yield from self._read(self._rows.finish())
        if self._rows.cut_off:
            self.notes.append("The file ends within a quoted cell: it is cut off, or a quote is missing in it.")
        if self._waiting:
            undecided = self._waiting[0]["time"]
            self.misread.extend(_shown(cells.values()) for cells in self._waiting)
            self._waiting = []
            self.notes.append(
                f"The dates can be read in two ways ({undecided}), and none of them tells the day from the month: "
                "such rows were not counted. Export a longer period, or with dates like 2026-04-05."
            )
        if self.rows == EXPORT_LIMIT:
            self.notes.append(
                f"The file has exactly {EXPORT_LIMIT:,} rows, the limit of such exports: there may be more. "
                "Export shorter periods."
            )

    def _read(self, rows: Iterable[list[str]]) -> Iterator[tuple[int, Cells]]:
        for row in rows:
            if not self._places:
                self._header(row)
                continue
            if row == self._names:  # exports that were put into one file
                continue
            self.rows += 1
            if len(row) < self._width or any(row[self._width :]):
                self.misread.append(_shown(row))
                continue
            cells = {
                name: "" if place is None else storable(row[place].strip()) for name, place in self._places.items()
            }
            if self._keep is None or self._keep(cells):
                yield from self._timed_row(cells)
        self.misread += self._rows.bad
        self.rows += len(self._rows.bad)
        self._rows.bad.clear()

    def _header(self, row: list[str]) -> None:
        keys = [key_of(name) for name in row]
        self._names, self._width = row, len(row)
        for name, columns in self._wanted.items():
            self._places[name] = next((keys.index(column) for column in columns if column in keys), None)
        self.columns = frozenset(name for name, place in self._places.items() if place is not None)

    def _timed_row(self, cells: Cells) -> Iterator[tuple[int, Cells]]:
        try:
            time = self._dates.utc(cells["time"]) if self._timed else 0
        except (ValueError, OverflowError):
            self.misread.append(_shown(cells.values()))
            return
        if time is not None:
            if self._waiting and self._dates.day_first is not None:
                waiting, self._waiting, self._waiting_size = self._waiting, [], 0
                for each in waiting:
                    yield from self._timed_row(each)
            yield time, cells
        elif len(self._waiting) < _MOST_WAITING and self._waiting_size < _MOST_CHARACTERS:
            self._waiting.append(cells)
            self._waiting_size += sum(map(len, cells.values()))
        else:
            self.misread.append(_shown(cells.values()))


def _shown(cells: Iterable[str]) -> str:
    return ",".join(cells)[:SHOWN]
