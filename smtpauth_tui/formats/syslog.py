"""What stands before a program's own words: syslog files and the journal, each line in any of the forms."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from smtpauth_tui.formats.facts import State
from smtpauth_tui.formats.stamps import MONTHS, Sighting, Yearless, YearlessClock, Years, iso_utc
from smtpauth_tui.model import LogLine

# <22>Nov 15 07:08:10 mail postfix/smtpd[998]: connect from ...      (<22> and <mail.info> by some collectors)
# Nov 15 07:08:10.123456 mail postfix/smtpd[998]: ...                 (journalctl -o short-precise)
TRADITIONAL: Final = re.compile(
    r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) ([ 0-3]\d) (\d\d:\d\d:\d\d)(?:\.\d+)? (?:<[\w.]+> )?"
    r"(\S+) ([^\s\[:]+)(?:\[(\d+)\])?: ?(.*)",
    re.DOTALL,
)
# 2026-11-11T06:00:06.422379+01:00 mail postfix/smtpd[247]: ...       (rsyslog; journalctl -o short-iso: +0100)
ISO: Final = re.compile(
    r"(?:<\d{1,3}>)?(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d) "
    r"(\S+) ([^\s\[:]+)(?:\[(\d+)\])?: ?(.*)",
    re.DOTALL,
)
# <22>1 2026-11-11T06:00:06.422379+01:00 mail postfix/smtpd 247 - - ...       (RFC 5424)
RFC5424: Final = re.compile(
    r"<\d{1,3}>1 (\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d) (\S+) (\S+) (\S+) \S+ "
    r"(?:-|(?:\[(?:[^\]\\]|\\.)*\])+) ?(?:\ufeff)?(.*)",
    re.DOTALL,
)
# 1794373206.422379 mail postfix/smtpd[247]: ...                      (journalctl -o short-unix)
UNIX: Final = re.compile(r"(\d{9,11})\.\d+ (\S+) ([^\s\[:]+)(?:\[(\d+)\])?: ?(.*)", re.DOTALL)

# Nov 11 06:00:07 mail last message repeated 3 times                  (BSD syslogd)
REPEATED_LAST: Final = re.compile(
    r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) ([ 0-3]\d) (\d\d:\d\d:\d\d) (?:<[\w.]+> )?"
    r"(\S+) last message repeated (\d{1,6}) times?"
)
# message repeated 2 times: [ warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: ...]    (rsyslog)
REPEATED: Final = re.compile(r"message repeated (\d{1,6}) times: \[ ?(.*)\]", re.DOTALL)
# [ID 197553 mail.info] connect from ...                              (Solaris and illumos)
MESSAGE_ID: Final = re.compile(r"\[ID \d+ \w+\.\w+\] ")

_END_OF_TIME: Final = 1 << 36
"""UTC seconds (the year 4147) beyond which a stamp is no time of a log."""
MOST_REPEATS: Final = 100_000
_HOSTS_KEPT: Final = 100
_MOST_HOSTS: Final = 1_000
_MOST_MINUTES: Final = 5_000
_SECONDS: Final = {f"{second:02}": second for second in range(60)}
_SERVERS: Final = ("exim", "sendmail", "sm-")
"""How the names of mail servers begin that log under one name."""
_PEOPLE: Final = 1000
"""User ids from here on belong to people; a mail server's processes run below."""

_new: Final = tuple.__new__
"""Makes a `LogLine` at once: it is done for each line."""


class OwnLines(Protocol):
    """Splits the lines of a log that a program writes itself, without syslog."""

    zoneless: int
    """Lines so far whose stamp has a year and no zone."""
    program: str
    """The program of its lines."""
    stamp: bytes
    """A pattern as `Region.stamp`; empty where regions are not to be made of the log."""

    def __call__(self, line: str) -> LogLine | None:
        """The line's parts; None for any other line. ValueError: a stamp that cannot be."""

    def minute(self, minute: bytes, zone: bytes) -> int:
        """UTC seconds of the beginning of a minute, from the stamp up to the minute and its zone; ValueError else."""

    def state(self) -> list[object]:
        """What the file's next lines need to know of those before, as values that JSON has; `restore` takes it."""

    def restore(self, state: list[Any]) -> None:
        """Go on in the middle of a file."""


class SyslogLines:
    """Splits the lines of one file, adapting to the form that they have.

    *zone* is the zone of stamps that carry none, *host* the server's name where the source does not say it, *own*
    splits the lines that programs write without syslog.
    """

    def __init__(self, zone: ZoneInfo, years: Years, host: str = "", own: Iterable[OwnLines] = ()) -> None:
        self.clock = YearlessClock(zone, years.first, years.latest)
        self.yearless = 0
        """Lines so far whose stamp has neither year nor zone."""
        self.forged = 0
        """Journal lines that a person's own process wrote under a mail server's name."""
        self._host = host
        self._forms: list[Callable[[str], LogLine | None]] = [
            self._traditional,
            self._iso,
            self._journal,
            self._rfc5424,
            self._unix,
        ]
        self._own = list(own)
        self._forms += self._own
        self._last: dict[str, LogLine] = {}
        self._minutes: dict[tuple[str, str], int] = {}
        """UTC seconds of minutes, by stamp and zone."""

    @property
    def form(self) -> str:
        """The form of the last line; it tells logs apart that were stamped by different collectors."""
        form = self._forms[0]
        return type(self.own).__name__ if self.own else getattr(form, "__name__", "").lstrip("_")

    @property
    def own(self) -> OwnLines | None:
        """What splits the log if the program wrote the last line itself; None for syslog."""
        return next((own for own in self._own if own is self._forms[0]), None)

    @property
    def zoneless(self) -> int:
        """Lines so far whose stamp has no zone, with or without a year."""
        return self.yearless + sum(own.zoneless for own in self._own)

    def state(self) -> State:
        """What the next lines of the file need to know of those before; `restore` takes it."""
        own = {type(each).__name__: each.state() for each in self._own}
        return {"clock": self.clock.state(), "last": list(self._last.values())[-_HOSTS_KEPT:], "own": own}

    def restore(self, state: State) -> None:
        """Go on in the middle of a file."""
        self.clock.restore(state["clock"])
        for own in self._own:
            if type(own).__name__ in state.get("own", ()):
                own.restore(state["own"][type(own).__name__])
        self.follow(state)

    def follow(self, state: State) -> None:
        """Begin a file that goes on from another one: its first line may stand for the other's last."""
        self._last = {line[1]: LogLine(*line) for line in state["last"]}

    @property
    def hosts(self) -> set[str]:
        """The hosts that wrote lines so far; not all where there are many."""
        return set(self._last)

    def split(self, line: str) -> LogLine | None:
        """The line's parts; None for a line in none of the forms. ValueError: a stamp that cannot be."""
        found = self._forms[0](line) or self._in_another_form(line)
        if found is not None and not 0 <= found[0] < _END_OF_TIME:
            raise ValueError(f"no time of a log: {found.time}")
        return found

    def _in_another_form(self, line: str) -> LogLine | None:
        """The parts of a line that is not in the form of the one before; the next ones may be as it is."""
        for place in range(1, len(self._forms)):
            found = self._forms[place](line)
            if found is not None:
                if 0 <= found.time < _END_OF_TIME:
                    self._forms.insert(0, self._forms.pop(place))
                return found
        return None

    def lines(self, line: str) -> Sequence[LogLine]:
        """The line and those that it stands for: syslog daemons write ``repeated 3 times`` for equal lines."""
        found = self._forms[0](line) or self._in_another_form(line)
        if found is None:
            again = REPEATED_LAST.fullmatch(line)
            last = self._last.get(again[4]) if again else None
            if not again or not last or again[1] not in MONTHS:
                return ()
            time = self.clock.utc(MONTHS[again[1]], int(again[2]), again[3])
            return [last._replace(time=time)] * min(int(again[5]), MOST_REPEATS)
        time, host, _, _, text = found
        if not 0 <= time < _END_OF_TIME:
            raise ValueError(f"no time of a log: {time}")
        if text[:17] == "message repeated ":
            again = REPEATED.fullmatch(text)
            if again:
                self._last[host] = found._replace(text=again[2])
                return [found._replace(text=again[2])] * min(int(again[1]), MOST_REPEATS)
        last_lines = self._last
        last_lines[host] = found
        if len(last_lines) > _MOST_HOSTS:
            del last_lines[next(iter(last_lines))]
        return (found,)

    def _traditional(self, line: str) -> LogLine | None:
        parts = TRADITIONAL.match(line)
        if not parts:
            return None
        month, day, clock, host, program, pid, text = parts.groups()
        if month not in MONTHS:
            return None
        time = self.clock.utc(MONTHS[month], int(day), clock)
        self.yearless += 1
        if text[:4] == "[ID ":
            text = MESSAGE_ID.sub("", text, count=1)
        return _new(LogLine, (time, host, program, pid or "", text))

    def _iso(self, line: str) -> LogLine | None:
        parts = ISO.match(line)
        if not parts:
            return None
        minute, second, zone, host, program, pid, text = parts.groups()
        if text[:4] == "[ID ":
            text = MESSAGE_ID.sub("", text, count=1)
        return _new(LogLine, (self._utc(minute, second, zone), host, program, pid or "", text))

    def _utc(self, minute: str, second: str, zone: str) -> int:
        """UTC seconds of an RFC 3339 stamp; ValueError for one that cannot be."""
        known = self._minutes.get((minute, zone))
        if known is None:
            if len(self._minutes) > _MOST_MINUTES:
                self._minutes.clear()
            known = self._minutes[minute, zone] = iso_utc(f"{minute}:00{zone}")
        try:
            return known + _SECONDS[second]
        except KeyError:
            raise ValueError(f"no such second: {second}") from None

    def _rfc5424(self, line: str) -> LogLine | None:
        parts = RFC5424.match(line)
        if not parts:
            return None
        minute, second, zone, host, program, pid, text = parts.groups()
        return self._line(self._utc(minute, second, zone), host, program, "" if pid == "-" else pid, text)

    def _unix(self, line: str) -> LogLine | None:
        parts = UNIX.match(line)
        return self._line(int(parts[1]), *parts.groups()[1:]) if parts else None

    def _journal(self, line: str) -> LogLine | None:
        """``journalctl -o json``: one object a line, strings that are no UTF-8 as arrays of bytes."""
        if not line.startswith("{"):
            return None
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            return None
        stamp = entry.get("_SOURCE_REALTIME_TIMESTAMP") or entry.get("__REALTIME_TIMESTAMP")
        program = _journal_text(entry.get("SYSLOG_IDENTIFIER"))
        message = _journal_text(entry.get("MESSAGE"))
        if not isinstance(stamp, str) or not stamp.isdecimal() or len(stamp) > 17:
            return None
        if self._written_by_a_person(entry, program):
            self.forged += 1
            program = ""
        pid = _journal_text(entry.get("SYSLOG_PID")) or _journal_text(entry.get("_PID"))
        host = _journal_text(entry.get("_HOSTNAME"))
        return self._line(int(stamp) // 1_000_000, host, program, pid, message.replace("\n", "?"))

    @staticmethod
    def _written_by_a_person(entry: dict[str, object], program: str) -> bool:
        """Whether ``logger -t postfix/smtpd`` or the like may have made the line: the journal knows the writer."""
        uid = entry.get("_UID")
        if not isinstance(uid, str) or not uid.isdecimal() or int(uid[:9]) < _PEOPLE:
            return False
        writer = entry.get("_COMM")
        if "/" in program:
            return writer != program.rpartition("/")[2][:15]
        return program.startswith(_SERVERS) and not (isinstance(writer, str) and writer.startswith(_SERVERS))

    def _line(self, time: int, host: str, program: str, pid: str | None, text: str) -> LogLine:
        if text.startswith("[ID "):
            text = MESSAGE_ID.sub("", text, count=1)
        return _new(LogLine, (time, host or self._host, program, pid or "", text))


def _journal_text(value: object) -> str:
    """A field of the journal as text: a string, or an array of bytes where it is no UTF-8."""
    if isinstance(value, str):
        return value if value.isprintable() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list) and all(isinstance(octet, int) and 0 <= octet < 256 for octet in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    return ""


def looks_like_log(lines: Iterable[str], own: Iterable[OwnLines] = ()) -> bool:
    """Whether most of a file's first lines are in one of the forms, of syslog's or a program's *own*."""
    probe = SyslogLines(ZoneInfo("UTC"), Years(2000), own=own)
    good = seen = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            ours = probe.split(line) is not None or REPEATED_LAST.fullmatch(line) is not None
        except ValueError:
            ours = True
        good += ours
        seen += ours or not line.startswith("#")  # a log of Exchange begins with such lines
    return good * 2 > seen


def sightings(lines: Iterable[str], id_time: Callable[[str], int | None]) -> Iterator[Sighting]:
    """The stamps without a year among some lines; *id_time* finds the UTC time that an id on the line carries."""
    for line in lines:
        parts = TRADITIONAL.match(line)
        if parts and parts[1] in MONTHS and 1 <= int(parts[2]) <= 31:
            yield Sighting(Yearless(MONTHS[parts[1]], int(parts[2]), parts[3]), id_time(parts[7]))
