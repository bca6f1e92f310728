"""The present moment and the zone of the days, handed in so that tests can set both."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from smtpauth_tui.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """A source of the present moment."""

    __slots__ = ("now",)

    def __init__(self, now: Callable[[], datetime] = _utc_now) -> None:
        self.now = now

    def today(self, zone: "ZoneInfo") -> date:
        """The present day in *zone*."""
        return self.now().astimezone(zone).date()


def zone_named(name: str) -> "ZoneInfo":
    """The zone of an IANA name such as ``Europe/Berlin``; UsageError for any other text."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # --help and --version have no use for them

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"There is no time zone called {name!r}.", "Use an IANA name such as Europe/Berlin or UTC."
        ) from error


def machine_zone_name() -> str:
    """The IANA name of this machine's zone: TZ, /etc/timezone, the link /etc/localtime, else UTC."""
    candidates = [os.environ.get("TZ", "").lstrip(":").rpartition("zoneinfo/")[2]]
    try:
        candidates.append(Path("/etc/timezone").read_text(encoding="ascii", errors="replace").strip())
    except OSError:
        pass
    try:
        target = str(Path("/etc/localtime").resolve(strict=True))
        candidates.append(target.rpartition("zoneinfo/")[2])
    except OSError:
        pass
    for name in candidates:
        try:
            if name and zone_named(name):
                return name
        except UsageError:
            continue
    return "UTC"
