"""The lines of Exchange Server's SMTP protocol logs: CSV with stamps in UTC, below lines that tell the columns."""

import csv
import re
from typing import Any, Final

from smtpauth_tui.formats.stamps import iso_utc
from smtpauth_tui.model import LogLine

PROGRAM: Final = "SmtpReceive"
COLUMNS: Final = (
    "date-time connector-id session-id sequence-number local-endpoint remote-endpoint event data context".split()
)
STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?$")
SESSION_ID: Final = re.compile(r"[0-9A-Fa-f]{8,32}$")
_END_OF_TIME: Final = 1 << 36
"""UTC seconds (the year 4147) beyond which a stamp is no time of a log."""


def csv_fields(text: str) -> list[str]:
    """The fields of one line of CSV; none where it is not CSV."""
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text]), [])
    except csv.Error:
        return []


class ExchangeLines:
    """Splits the lines of receive protocol logs; the lines that begin a file say which columns there are."""

    zoneless = 0
    """Lines so far whose stamp has no zone: none. The log is in UTC."""
    program = PROGRAM
    stamp = b""

    def __init__(self, host: str = "") -> None:
        self._host = host
        self._receive: bool | None = None
        self._columns: list[int] | None = None
        self._date: int | None = None

    def __call__(self, line: str) -> LogLine | None:
        """The line's parts: what follows the session is the text, still as CSV, in the order of `COLUMNS`."""
        if line[:1] in ("#", "\ufeff"):
            return self._header(line.removeprefix("\ufeff"))
        if self._receive is False or (self._columns is None and (line[4:5] != "-" or line[10:11] != "T")):
            return None
        fields = line.split(",", 3)
        if self._columns is None and len(fields) == 4 and '"' not in fields[1]:
            stamp, connector, session, rest = fields
            if rest.count(",") < 5:
                return None
        else:
            found = csv_fields(line)
            order = self._columns or range(len(COLUMNS))
            if len(found) <= max(order):
                return None
            stamp, connector, session, *others = (found[place] for place in order)
            rest = ",".join(_quoted(other) for other in others)
        server, backslash, _ = connector.partition("\\")
        if not STAMP.match(stamp) or not SESSION_ID.match(session) or not (backslash or self._receive):
            return None
        return LogLine(_utc(stamp), server if backslash else self._host, PROGRAM, session, rest)

    def minute(self, minute: bytes, zone: bytes) -> int:
        """UTC seconds of the beginning of a minute, in UTC."""
        return _utc(f"{minute.decode()}:00Z")

    def state(self) -> list[object]:
        """What the lines at the file's beginning said; `restore` takes it."""
        return [self._receive, self._columns, self._date]

    def restore(self, state: list[Any]) -> None:
        """Go on in the middle of the file."""
        self._receive, self._columns, self._date = state

    def _header(self, line: str) -> LogLine | None:
        """A line of no program, from the file's date on: it belongs to the log and says nothing of mail."""
        name, _, value = line.partition(": ")
        value = value.strip()
        if name == "#Log-type":
            self._receive = value == "SMTP Receive Protocol Log"
            self._columns, self._date = None, None
        elif name == "#Date" and self._receive and STAMP.match(value):
            self._date = _utc(value)
        elif name == "#Fields":
            names = [column.strip().lower() for column in value.split(",")]
            if names[: len(COLUMNS)] != COLUMNS and set(COLUMNS) <= set(names):
                self._columns = [names.index(column) for column in COLUMNS]
        return None if self._date is None else LogLine(self._date, self._host, "", "", line)


def _utc(stamp: str) -> int:
    """UTC seconds of a stamp, which is in UTC where it has no zone; ValueError for one that cannot be."""
    time = iso_utc(stamp if stamp[-1:] == "Z" or stamp[19:].strip(".0123456789") else stamp + "Z")
    if not 0 <= time < _END_OF_TIME:
        raise ValueError(f"no time of a log: {stamp}")
    return time


def _quoted(value: str) -> str:
    """A field as CSV."""
    return '"' + value.replace('"', '""') + '"' if any(sign in value for sign in ',"\r\n') else value
