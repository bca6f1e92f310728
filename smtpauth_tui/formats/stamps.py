"""Time stamps of logs as UTC seconds, also where they carry no year and no zone (RFC 3164)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}
_BACKWARD: Final = 30
"""Days by which stamps may run back within a file before that means a new year."""
_WHOLE_YEAR: Final = 366
_LATE: Final = 60
"""Seconds by which a line may be late in an hour that comes twice."""
_FARTHEST_ZONES: Final = 26 * 3600
_QUARTER: Final = 900


class Yearless(NamedTuple):
    """A stamp as RFC 3164 writes it: no year, no zone, no fraction."""

    month: int
    day: int
    clock: str
    """``HH:MM:SS``"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A stamp without a year, and the UTC time that an id on the same line carries (None: no such id)."""

    stamp: Yearless
    utc: int | None = None


@dataclass(frozen=True, slots=True)
class Years:
    """The year in which a file's stamps begin, and the day beyond which none of them can be (None: unknown)."""

    first: int
    latest: date | None = None


def years_of(seen: Sequence[Sighting], latest: datetime, newest_year: int | None = None) -> Years:
    """The years of some stamps that were taken from a file in its order.

    An id that carries its time settles the year. Else the last stamp is put into *newest_year* where that is
    given, and otherwise at or before *latest* (the file's change or the present, whichever is earlier, and a
    day for zones). Earlier stamps follow by walking back over each turn of the year.
    """
    if not seen:
        return Years(newest_year or latest.year, latest.date())
    turns = [0]
    for before, after in pairwise(seen):
        turns.append(turns[-1] + _turn(_place(*before.stamp[:2]), _place(*after.stamp[:2])))
    if newest_year is not None:
        return Years(newest_year - max(turns), date(newest_year, 12, 31))
    for sighting, turn in zip(seen, turns, strict=True):
        if sighting.utc is not None and (year := _year_near(sighting.stamp, sighting.utc)) is not None:
            return Years(year - turn)
    return Years(_newest_year(seen[-1].stamp, latest) - turns[-1], latest.date())


def _place(month: int, day: int) -> int:
    """Where a day stands in any year."""
    return month * 31 + day


def _turn(before: int, after: int) -> int:
    """1 where two days that follow one another mean a new year, -1 where the second is a late line of the old one."""
    return 1 if before - after > _BACKWARD else -1 if after - before > _WHOLE_YEAR - _BACKWARD else 0


def _year_near(stamp: Yearless, utc: int) -> int | None:
    """The year in which *stamp* lies within a day and a half of *utc*; None where there is none."""
    near = datetime.fromtimestamp(utc, UTC).date()
    for year in (near.year, near.year - 1, near.year + 1):
        day = _day(year, stamp)
        if day and abs((day - near).days) <= 1:
            return year
    return None


def _newest_year(stamp: Yearless, latest: datetime) -> int:
    for year in range(latest.year, latest.year - 9, -1):
        day = _day(year, stamp)
        if day and day <= latest.date():
            return year
    return latest.year


def _day(year: int, stamp: Yearless) -> date | None:
    """The date of a stamp in *year*; None for 29 February of a year that has none."""
    try:
        return date(year, stamp.month, stamp.day)
    except ValueError:
        return None


class YearlessClock:
    """Turns stamps without year and zone, in the order of a file, into UTC seconds.

    The year goes up when the stamps fall back by more than a month; a line that is merely out of order
    stays in its own year, and none goes beyond *latest*. An hour that the end of summer time repeats counts
    the second time when the stamps run back into it.
    """

    def __init__(self, zone: ZoneInfo, year: int, latest: date | None = None) -> None:
        self.zone = zone
        self.year = year
        self._first_year = year
        self._latest = latest
        self._month_day = 0
        self._last = 0
        self._minutes: dict[tuple[int, int, str], int] = {}
        self._read: tuple[int, int, str] | None = None
        """The minute of the last line, where it does not come twice."""
        self._minute_read = 0

    @property
    def years(self) -> str:
        """The years that were read so far: ``2026``, ``2025 to 2026``."""
        return str(self.year) if self.year == self._first_year else f"{self._first_year} to {self.year}"

    def state(self) -> list[int]:
        """Where the clock stands; `restore` takes it."""
        return [self.year, self._month_day, self._last]

    def restore(self, state: Sequence[int]) -> None:
        """Go on in the middle of a file."""
        self.year, self._month_day, self._last = state
        self._first_year = self.year
        self._read = None

    def utc(self, month: int, day: int, clock: str) -> int:
        """UTC seconds of ``HH:MM:SS`` on a day; ValueError for a day or time that does not exist."""
        key = (month, day, clock[:5])
        minute = self._minute_read if key == self._read else self._known_minute(key)
        second = int(clock[6:8])
        if second > 60:
            raise ValueError(f"no such second: {clock}")
        self._last = minute + second
        return self._last

    def _known_minute(self, key: tuple[int, int, str]) -> int:
        """UTC seconds of the beginning of another minute than that of the last line."""
        month, day, clock = key
        if self._month_day != _place(month, day):
            self._turn(month, day)
        minute = self._minutes.get(key)
        if minute is None:
            minute, late = self._minute(month, day, int(clock[:2]), int(clock[3:5]))
            if late > minute:
                self._read = None
                return self._repeated(minute, late)
            if len(self._minutes) > 5000:
                self._minutes.clear()
            self._minutes[key] = minute
        self._read, self._minute_read = key, minute
        return minute

    def _turn(self, month: int, day: int) -> None:
        place = _place(month, day)
        turn = _turn(self._month_day, place) if self._month_day else 0
        if turn < 0 or (turn and (self._latest is None or date(self.year + 1, month, 1) <= self._latest)):
            self.year += turn
            self._minutes.clear()
        self._month_day = place

    def _minute(self, month: int, day: int, hour: int, minute: int) -> tuple[int, int]:
        """UTC seconds of a local minute, twice; the second is the later where the minute comes twice."""
        return _twice(datetime(self.year, month, day, hour, minute, tzinfo=self.zone))

    def _repeated(self, early: int, late: int) -> int:
        """The second pass through a repeated minute, if the stamps have already been past it."""
        return late if self._last > early + 59 + _LATE else early


class LocalClock:
    """Turns stamps with a year and without a zone, in the order of a file, into UTC seconds.

    In an hour that the end of summer time repeats, a stamp counts the second time when the stamps run back into
    the hour, or when an id that was made a moment before tells so.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._last = 0
        self._minutes: dict[tuple[str, str], tuple[int, int]] = {}

    def utc(self, day: str, clock: str, known: int | None = None) -> int:
        """UTC seconds of ``HH:MM:SS`` on ``YYYY-MM-DD``; ValueError for a day or time that does not exist.

        *known* are the UTC seconds that an id of the line carries.
        """
        key = (day, clock[:5])
        minutes = self._minutes.get(key)
        if minutes is None:
            if len(self._minutes) > 5000:
                self._minutes.clear()
            first = datetime.fromisoformat(f"{day}T{clock[:5]}")
            minutes = self._minutes[key] = _twice(first.replace(tzinfo=self.zone))
        second = int(clock[6:8])
        if second > 60:
            raise ValueError(f"no such second: {clock}")
        early, late = minutes
        if late <= early:
            again = False
        elif known is None:
            again = self._last > early + 59 + _LATE
        else:
            again = abs(late + second - known) < abs(early + second - known)
        self._last = (late if again else early) + second
        return self._last


def _twice(minute: datetime) -> tuple[int, int]:
    """UTC seconds of a local minute, twice; the second is the later where the minute comes twice."""
    return int(minute.replace(fold=0).timestamp()), int(minute.replace(fold=1).timestamp())


def quarters_off(stamp: int, known: int, early: int, late: int) -> int:
    """Seconds by which *stamp* is off from the time *known* from an id, if these are whole quarters of an hour; else 0.

    A stamp without a zone may be read in the wrong one, and in the hour that the end of summer time repeats.
    *early* and *late* are the seconds by which a line may come before and after its id's time.
    """
    apart = stamp - known
    off = round(apart / _QUARTER) * _QUARTER
    return off if abs(apart) <= _FARTHEST_ZONES and -early <= apart - off <= late else 0


def iso_utc(stamp: str) -> int:
    """UTC seconds of an RFC 3339 stamp or of journalctl's short-iso (zone without colon); ValueError else."""
    moment = datetime.fromisoformat(stamp)
    if moment.tzinfo is None:
        raise ValueError(f"no zone: {stamp}")
    return int(moment.timestamp() // 1)


def latest_day(present: datetime, changed: datetime | None) -> datetime:
    """The latest that a line of a file can be: its change or the present, and a day for other zones."""
    earlier = min(present, changed) if changed else present
    return earlier + timedelta(days=1)
