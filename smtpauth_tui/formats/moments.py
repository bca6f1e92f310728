"""Times of exports as UTC seconds, also where they are written in the culture of the machine that made the export."""

import re
from datetime import UTC, datetime
from typing import Final

_CLOCK: Final = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?"
# 2026-03-25T08:14:03.0000000Z; 2026-11-16 05:03:52.160562400; 2026-03-25
_YEAR_FIRST: Final = re.compile(
    rf"(\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}})(?:[T ]{_CLOCK})?\s?(Z|UTC|[+-]\d{{2}}:?\d{{2}})?",
    re.ASCII | re.IGNORECASE,
)
# 25/03/2026 08:14:03; 25.03.2026 08:14; 3/25/2026, 8:14:03.160 AM
_YEAR_LAST: Final = re.compile(
    rf"(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}})(?:,?[ \xa0\u202f]{_CLOCK}[ \xa0\u202f]?(?:([AP])\.?M\.?)?)?",
    re.ASCII | re.IGNORECASE,
)
# /Date(1774426443000)/
_MILLISECONDS: Final = re.compile(r"/Date\((\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)
_YEARS: Final = range(1990, 2200)
"""Where a time can lie: programs write the year 1 where they have none."""


class Dates:
    """Reads the times of one export.

    Where the day and the month stand is the same in the whole export: the first date with a number above 12
    tells, and so do dots, which only go with the day first.
    """

    def __init__(self) -> None:
        self.day_first: bool | None = None
        """None: nothing has told yet."""

    def utc(self, text: str) -> int | None:
        """UTC seconds of a time; without a zone it is UTC. None: day and month cannot be told apart so far.

        ValueError for what is no time.
        """
        if match := _YEAR_FIRST.fullmatch(text):
            year, month, day, *clock, zone = match.groups()
            return _utc(int(year), int(month), int(day), *clock) - _offset(zone)
        if match := _YEAR_LAST.fullmatch(text):
            first, sign, second, year, *clock, half = match.groups()
            return self._year_last(int(first), int(second), sign, int(year), clock, half)
        if match := _MILLISECONDS.fullmatch(text):
            moment = datetime.fromtimestamp(int(match[1]) // 1000, UTC)
            return _utc(moment.year, moment.month, moment.day, *map(str, moment.timetuple()[3:6]))
        raise ValueError(f"no time: {text[:60]}")

    def _year_last(
        self, first: int, second: int, sign: str, year: int, clock: list[str | None], half: str | None
    ) -> int | None:
        if self.day_first is None and (sign == "." or first > 12 or second > 12):
            self.day_first = sign == "." or first > 12
        if self.day_first is None and first != second:
            return None
        day, month = (first, second) if self.day_first else (second, first)
        hour = int(clock[0] or 0)
        if half:
            if not 1 <= hour <= 12:
                raise ValueError(f"no such hour: {hour} {half}M")
            hour = hour % 12 + 12 * (half in "Pp")
        return _utc(year, month, day, str(hour), *clock[1:])


def _utc(year: int, month: int, day: int, *clock: str | None) -> int:
    if year not in _YEARS:
        raise ValueError(f"no such year: {year}")
    hour, minute, second = (int(part or 0) for part in clock)
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


def _offset(zone: str | None) -> int:
    """Seconds that a zone such as ``+01:00`` is ahead of UTC."""
    if not zone or zone[0] not in "+-":
        return 0
    seconds = 3600 * int(zone[1:3]) + 60 * int(zone[-2:])
    return -seconds if zone[0] == "-" else seconds
