"""A piece of a log as bytes, of which only the lines are read that matter: most tell nothing of SMTP AUTH."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

CELL: Final = 1 << 16
"""Bytes between two lines whose time a region knows."""
OUT_OF_ORDER: Final = 60
"""Seconds by which lines of one file may stand in the wrong order."""

ISO_STAMP: Final = rb"(\d{4}-\d\d-\d\dT\d\d:\d\d):([0-5]\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)"
TRADITIONAL_STAMP: Final = rb"([A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d):([0-5]\d)(?:\.\d+)?()"
STAMPS: Final = {"iso": ISO_STAMP, "traditional": TRADITIONAL_STAMP}
_SPEAKERS: Final = {
    form: re.compile(stamp + rb" (?P<host>\S+) (?P<program>[^\s\[:]+)") for form, stamp in STAMPS.items()
}

BEHIND_PROGRAM: Final = rb"(?:\[\d+\])?: ?+(?:\[ID [^\]\n]*\] )?+(?:message repeated \d+ times: \[ ?+)?+"
"""What stands between a program's name and its own words."""


@dataclass(slots=True)
class Region:
    """Whole lines from *start* to *end* of some bytes, all stamped in one form."""

    data: bytes
    start: int
    end: int
    begin: int
    stop: int
    """Where the lines around begin and end, which are read one by one."""
    form: str
    """A key of `STAMPS`; another one in a log that a program wrote itself."""
    stamp: bytes
    """The pattern of its stamps: up to the minute, second, zone."""
    writer: str
    """The program that all lines are of, in a log of its own; empty for syslog."""
    width: int
    """The length of the first line's stamp; most have it."""
    times: Sequence[int]
    """UTC seconds of the line at each cell's beginning, from *begin* on, and of the last one before *stop*."""
    host: bytes
    """Who wrote most lines; empty where several hosts did, and in a log of a program's own."""
    passed: list[bytes]
    """What follows the host in lines that nobody reads, or that a reader passes over: patterns."""
    utc: Callable[[bytes, bytes], int]
    """UTC seconds of the beginning of a minute, from the stamp up to the minute and its zone; ValueError for none."""

    def not_before(self, place: int) -> int:
        """A time before which no line behind *place* is."""
        return self.times[(place - self.begin) // CELL] - OUT_OF_ORDER

    def not_after(self, place: int) -> int:
        """A time after which no line before *place* is."""
        return self.times[min((place - self.begin) // CELL + 1, len(self.times) - 1)] + OUT_OF_ORDER

    def cell_at(self, time: int) -> int | None:
        """Where the first cell begins whose first line is not before *time*; None where there is none."""
        cell = bisect_left(self.times, time)
        return self.begin + cell * CELL if cell < len(self.times) - 1 else None

    def place_at(self, time: int) -> int:
        """As `cell_at`; where there is none, the end of the lines around."""
        cell = self.cell_at(time)
        return self.stop if cell is None else cell

    def line_start(self, place: int) -> int:
        """Where the line begins that a place is in."""
        return self.data.rfind(b"\n", self.begin, place) + 1 or self.begin

    def line_end(self, place: int) -> int:
        """The place behind the line that a place is in."""
        return self.data.find(b"\n", place, self.stop) + 1 or self.stop

    def program(self, place: int) -> str:
        """The program that wrote the line which begins at *place*; empty where it has another form."""
        return self.said_by(place)[1]

    def said_by(self, place: int) -> tuple[str, str]:
        """Host and program of the line that begins at *place*; empty where it has another form."""
        if self.writer:
            return "", self.writer
        found = _SPEAKERS[self.form].match(self.data, place)
        if not found:
            return "", ""
        return found["host"].decode("utf-8", "backslashreplace"), found["program"].decode("utf-8", "backslashreplace")

    def lines_but(self, *passed: bytes) -> list[int]:
        """Where the lines begin that have another stamp or host, or behind it none of the passed and some patterns."""
        patterns = [*self.passed, *passed]
        if not patterns:
            return [found.end() for found in self._lines(b"")]
        return [found.end() for found in self._lines(rb"(?!%s(?:%s))" % (self._head, b"|".join(patterns)))]

    def lines_with(self, pattern: bytes) -> Iterator[re.Match[bytes]]:
        """The lines that have a pattern behind stamp and host; its groups, and where each line begins as ``line``."""
        return self._lines(rb"(?P<line>)%s(?:%s)" % (self._head, pattern))

    def lines_of(self, text: bytes) -> set[int]:
        """Where the lines begin that have a text."""
        lines = set()
        place = self.data.find(text, self.start, self.end)
        while place >= 0:
            lines.add(self.line_start(place))
            place = self.data.find(text, self.line_end(place), self.end)
        return lines

    @property
    def _head(self) -> bytes:
        """What most lines begin with."""
        if self.writer:
            return self.stamp + b" "
        return rb".{%d} %s " % (self.width, re.escape(self.host) or rb"[^\s]++")

    def _lines(self, pattern: bytes) -> Iterator[re.Match[bytes]]:
        """What a pattern matches at the beginnings of lines."""
        if self.end > self.start and (found := re.compile(pattern).match(self.data, self.start, self.end)):
            yield found
        yield from re.compile(rb"\n" + pattern).finditer(self.data, self.start, self.end - 1)


@dataclass(slots=True)
class Skimmed:
    """What a reader did not take itself from the bytes of a region."""

    passes: bytes = b""
    """What follows the host in lines of its format that need not be read but for those in `lines`: a pattern.

    They tell nothing, or the reader looked among them by itself. Empty: none.
    """
    lines: set[int] = field(default_factory=set)
    """Where the lines begin that it is to be given."""
    signs: set[int] = field(default_factory=set)
    """Where the lines begin of which it is to be told only that they are there."""
    others: list[int] | None = None
    """Where all lines begin that are not passed over, if it looked for them."""
