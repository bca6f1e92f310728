"""Days of the store's zone as numbers: days since 1 January 1970."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_FIRST = date(1970, 1, 1)
SHOWN_DAYS: Final = 30
"""The days of which findings are listed where nothing else is asked for."""


def number_of(day: date) -> int:
    """The number of a day."""
    return (day - _FIRST).days


def day_of(number: int) -> date:
    """The day of a number."""
    return _FIRST + timedelta(days=number)


class DayFinder:
    """Finds the day of a UTC time, remembering each hour that it has been asked for."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._quarters: dict[int, int] = {}

    def number(self, time: int) -> int:
        """The day's number; zones change their offset at whole quarters of an hour."""
        quarter = time // 900
        number = self._quarters.get(quarter)
        if number is None:
            if len(self._quarters) > 50_000:
                self._quarters.clear()
            local = datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._zone)
            number = self._quarters[quarter] = number_of(local.date())
        return number

    def bounds(self, number: int) -> tuple[int, int]:
        """The first UTC second of a day, and the first one after it."""
        start, end = (
            datetime.combine(day_of(n), datetime.min.time(), self._zone).timestamp() for n in (number, number + 1)
        )
        return int(start), int(end)
