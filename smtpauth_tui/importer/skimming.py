"""Looks at a piece of a log as a region: its form, its times, and whether it comes from one host."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from smtpauth_tui.formats.region import CELL, OUT_OF_ORDER, STAMPS, Region
from smtpauth_tui.formats.stamps import MONTHS, iso_utc
from smtpauth_tui.formats.syslog import SyslogLines
from smtpauth_tui.importer.lines import Piece
from smtpauth_tui.importer.sources import LONGEST_LINE

_MOST_DAYS: Final = 25
"""Days in a region up to which stamps without a year cannot be taken for those of another year."""
_REPEATED: Final = b" last message repeated "
"""What stands on lines that stand for the one before them."""


def region_of(piece: Piece, split: SyslogLines) -> Region | None:
    """The piece as a region; None where its lines differ in form, or its times need each line."""
    stamp = split.own.stamp if split.own else STAMPS.get(split.form)
    data, start, end = piece
    if not stamp or _overlong(piece) or (split.form == "traditional" and data.find(_REPEATED, start, end) >= 0):
        return None
    line = re.compile(stamp + (rb" ()" if split.own else rb" (\S+) "))
    head = line.match(data, start)
    if not head:
        return None
    minutes = _minutes(split)
    clock = split.clock.state()
    hosts: set[bytes] = set()
    try:
        times = _times(piece, line, minutes, hosts)
    except (ValueError, KeyError):
        return None
    finally:
        split.clock.restore(clock)
    if not times or (not head[3] and not _one_offset(times, split)):
        return None
    width, writer = head.start(4) - 1 - start, split.own.program if split.own else ""
    host = head[4] if len(hosts) == 1 else b""
    return Region(data, start, end, start, end, split.form, stamp, writer, width, times, host, [], minutes)


def _times(
    piece: Piece, line: re.Pattern[bytes], minutes: Callable[[bytes, bytes], int], hosts: set[bytes]
) -> list[int]:
    """The times of the first line of each cell, and of the last; none where one has no stamp or an odd one.

    Adds to *hosts* who wrote them.
    """
    data, start, end = piece
    times: list[int] = []
    for cell in (*range(start, end, CELL), end):
        found = line.match(data, data.rfind(b"\n", start, end - 1 if cell == end else cell) + 1 or start)
        if not found:
            return []
        hosts.add(found[4])
        time = minutes(found[1], found[3]) + int(found[2])
        if times and time < times[-1] - OUT_OF_ORDER:
            return []
        times.append(max(time, times[-1]) if times else time)
    return times


def _overlong(piece: Piece) -> bool:
    """Whether a line may be longer than those that are read."""
    data, start, end = piece
    window = LONGEST_LINE // 2
    return any(data.find(b"\n", place, place + window) < 0 for place in range(start, end - window, window))


def _one_offset(times: list[int], split: SyslogLines) -> bool:
    """Whether all times are of a stretch without a change of the clocks, and of one year."""
    zone = split.clock.zone
    around = (times[0] - 7200, *times, times[-1] + 7200)
    offsets = {datetime.fromtimestamp(time, UTC).astimezone(zone).utcoffset() for time in around}
    return len(offsets) == 1 and times[-1] - times[0] < _MOST_DAYS * 86_400


def _minutes(split: SyslogLines) -> Callable[[bytes, bytes], int]:
    """What turns a stamp up to its minute, and its zone, into UTC seconds."""
    if split.own:
        return split.own.minute
    if split.form == "iso":
        return lambda minute, zone: iso_utc(f"{minute.decode()}:00{zone.decode()}")
    return lambda minute, _: split.clock.utc(MONTHS[minute[:3].decode()], int(minute[4:6]), minute[7:].decode() + ":00")
