"""Cuts the rows of tables (CSV) out of text in pieces of any length."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Final

LONGEST_ROW: Final = 1 << 20
"""Characters of a row; a longer one is passed over."""
SHOWN: Final = 200
"""Characters of a row that could not be read: so much of it is kept, to be shown."""
_DELIMITERS: Final = ",;\t"
_QUOTES: Final = re.compile('"+')
_EMPTY_LINES: Final = re.compile("\n{2,}")


class _Feed(Iterator[str]):
    """Lines for `csv.reader`; it tells when the reader asked for more than there are."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.place = 0
        self.ended = False

    def __next__(self) -> str:
        if self.place == len(self._lines):
            self.ended = True
            raise StopIteration
        self.place += 1
        return self._lines[self.place - 1]


class Rows:
    """Cuts pieces of text of any length into rows of cells, as `csv` reads them.

    The delimiter is the one that the first row has most of. What stands before the header for other programs
    (``sep=;``, PowerShell's ``#TYPE``) is passed over. An open quote reaches over lines, up to `LONGEST_ROW`.
    """

    def __init__(self) -> None:
        self.bad: list[str] = []
        """How the rows that could not be read begin."""
        self.cut_off = False
        """The text ended within a quoted cell."""
        self._delimiter = ""
        self._line: list[str] = []
        self._line_length = 0
        self._quotes = 0
        self._open: list[str] = []
        self._skips_quoted = False
        csv.field_size_limit(1 << 30)  # a row's length has a limit of its own

    def take(self, text: str) -> list[list[str]]:
        """The rows that are complete now."""
        cut = text.rfind("\n") + 1
        if not cut:
            self._keep(text)
            return []
        whole = "".join((*self._line, text[:cut]))
        if self._line_length > LONGEST_ROW:
            whole = self._behind_the_long_line(whole)
        self._line, self._line_length, self._quotes = [], 0, 0
        self._keep(text[cut:])
        return self._read(whole)

    def _behind_the_long_line(self, text: str) -> str:
        """What follows a line that was not kept; its quotes tell whether that is within a quoted cell."""
        rest, _, text = text.partition("\n")
        odd = (self._quotes + rest.count('"')) % 2 == 1
        self._skips_quoted = (self._skips_quoted or bool(self._open)) != odd
        self._open = []
        return text

    def _keep(self, text: str) -> None:
        if not text:
            return
        if self._line_length <= LONGEST_ROW:
            self._line.append(text)
            if self._line_length + len(text) > LONGEST_ROW:
                line = "".join(self._line)
                self.bad.append(line[:SHOWN])
                self._line, self._quotes = [], line.count('"')
        else:
            self._quotes += text.count('"')
        self._line_length += len(text)

    def finish(self) -> list[list[str]]:
        """The last row, where it does not end in a newline."""
        rows = self.take("\n") if self._line_length else []
        if self._open or self._skips_quoted:
            if self._open:
                self.bad.append(self._open[0][:SHOWN])
            self._open, self._skips_quoted, self.cut_off = [], False, True
        return rows

    def _read(self, text: str) -> list[list[str]]:
        if self._skips_quoted:
            text = self._behind_the_quote(text)
        elif self._open and '"' not in text:
            self._wait([*self._open, text])
            return []
        if not self._open and '"' not in text:
            text = _EMPTY_LINES.sub("\n", text)
        lines = [*self._open, *io.StringIO(text, newline="\n")]
        if not self._delimiter:
            lines = self._from_the_header_on(lines)
        if not lines:
            return []
        self._open = []
        feed, rows = _Feed(lines), list[list[str]]()
        reader = csv.reader(feed, delimiter=self._delimiter)
        while True:
            began = feed.place
            try:
                row = next(reader)
            except StopIteration:
                return rows
            except csv.Error:
                self.bad.append(lines[began][:SHOWN])
                continue
            if feed.ended:
                self._wait(lines[began:])
                return rows
            if sum(map(len, lines[began : feed.place])) > LONGEST_ROW:
                self.bad.append(lines[began][:SHOWN])
            elif row:
                rows.append(row)

    def _wait(self, lines: list[str]) -> None:
        """Keep the lines of a row whose quote is open; of one that is too long keep nothing."""
        self._open = lines
        if sum(map(len, lines)) > LONGEST_ROW:
            self.bad.append(lines[0][:SHOWN])
            self._open, self._skips_quoted = [], True

    def _behind_the_quote(self, text: str) -> str:
        """What follows the line in which the open quote closes: two quotes are one of the cell's own."""
        for quotes in _QUOTES.finditer(text):
            if len(quotes[0]) % 2:
                self._skips_quoted = False
                return text[quotes.end() :].partition("\n")[2]
        return ""

    def _from_the_header_on(self, lines: list[str]) -> list[str]:
        for place, line in enumerate(lines):
            start = line.lstrip("\ufeff").rstrip()
            if start and not start.startswith("#TYPE ") and start[:4].casefold() != "sep=":
                self._delimiter = max(_DELIMITERS, key=line.count)
                return [line.lstrip("\ufeff"), *lines[place + 1 :]]
        return []
