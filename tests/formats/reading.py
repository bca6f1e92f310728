"""Reads lines of a log as an import does, for tests of what a format finds."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from smtpauth_tui.formats import FORMATS, Facts, LogFormat
from smtpauth_tui.formats.stamps import Years
from smtpauth_tui.formats.syslog import SyslogLines
from smtpauth_tui.model import LogLine


def read(lines: Iterable[str], format_name: str = "postfix", year: int = 2026) -> Facts:
    """What the reader of a format finds in some lines of one file, in UTC."""
    known = next(one for one in FORMATS if one.name == format_name)
    reader = known.reader()
    for line in lines_of(lines, known, year):
        reader.take(line)
    reader.pause()
    return reader.facts


def lines_of(lines: Iterable[str], known: LogFormat, year: int = 2026) -> list[LogLine]:
    """The lines that a format's reader takes, of some lines of one file."""
    own = known.own_lines(ZoneInfo("UTC"), "")
    split = SyslogLines(ZoneInfo("UTC"), Years(year), own=[own] if own else [])
    return [line for text in lines for line in split.lines(text) if known.recognises(line.program)]


def shown(fact: Any) -> dict[str, Any]:
    """A submission or failure as the expected files have it: the time as RFC 3339."""
    fields = fact._asdict()
    fields["time"] = datetime.fromtimestamp(fact.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return fields
