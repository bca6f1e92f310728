"""Numbers, shares and times as people read them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Period

_TLS_NAMES: Final = tuple((version, version.value) for version in TlsVersion)
_AUTH_NAMES: Final = tuple((kind, kind.value) for kind in AuthKind)


def number(count: int) -> str:
    """``12,345``."""
    return f"{count:,}"


def compact(count: float) -> str:
    """``950``, ``1.2k``, ``12k``, ``3.4M``: at most four characters and a sign."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= limit:
            scaled = count / limit
            return f"{scaled:.1f}".removesuffix(".0") + unit if scaled < 10 else f"{scaled:.0f}{unit}"
    return f"{count:.0f}"


def percent(part: int, whole: int) -> str:
    """``53.08 %``: two decimals, as the portal has them."""
    return f"{100 * part / whole:.2f} %" if whole else "0.00 %"


def share(part: int, whole: int) -> str:
    """``53%(472)``; what is little is ``<1%`` and not nothing, what is nearly all is not all."""
    if not part or not whole:
        return "0%(0)"
    exact = 100 * part / whole
    if part and exact < 0.5:
        shown = "<1%"
    elif part != whole and exact >= 99.5:
        shown = ">99%"
    else:
        shown = f"{exact:.0f}%"
    return f"{shown}({part:,})"


def plural(count: int, word: str, words: str = "") -> str:
    """``1 message``, ``2 messages``."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"


@lru_cache(1 << 14)
def _utc_minute(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).isoformat()[:17]


def utc(moment: int | None) -> str | None:
    """A time as programs read it: RFC 3339 in UTC."""
    return None if moment is None else f"{_utc_minute(moment // 60)}{moment % 60:02}Z"


def utc_minute(moment: int | None) -> str:
    """A time in UTC as people read it in a table: ``2026-11-15 16:49``; empty for None."""
    return (utc(moment) or "")[:16].replace("T", " ")


def local(moment: int | None, zone: ZoneInfo) -> str:
    """A time as people read it in *zone*: ``2026-11-15 17:49``."""
    return (
        "never" if moment is None else datetime.fromtimestamp(moment, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    )


def ago(moment: int | None, now: datetime) -> str:
    """How long ago: ``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``."""
    if moment is None:
        return "never"
    seconds = int(now.timestamp()) - moment
    if seconds < 60:
        return "just now"
    if seconds < 5400:
        return f"{seconds // 60} min ago"
    if seconds < 2 * 86400:
        return f"{seconds // 3600} h ago"
    return f"{seconds // 86400} days ago"


def short_day(day: date) -> str:
    """``16 Nov``."""
    return f"{day.day} {day:%b}"


def dated(day: date, year: int | None) -> str:
    """``16 Nov``; with its year where that is another than the *year* that is plain."""
    return short_day(day) if year in (None, day.year) else f"{short_day(day)} {day.year}"


def short_period(period: Period) -> str:
    """``17–23 Nov``, ``28 Oct – 3 Nov``; with the year where it is not one."""
    first, last = period.first, period.last
    if first == last:
        return f"{short_day(first)} {first.year}"
    if first.year != last.year:
        return f"{short_day(first)} {first.year} – {short_day(last)} {last.year}"
    if first.month == last.month:
        return f"{first.day}–{short_day(last)} {last.year}"
    return f"{short_day(first)} – {short_day(last)} {last.year}"


def tls_fields(tls: Mapping[TlsVersion, int]) -> dict[str, int]:
    """Counts by TLS version as the JSON contract has them; SSL 3 only where there is any."""
    counts = {name: tls.get(version, 0) for version, name in _TLS_NAMES}
    if not counts[TlsVersion.SSL3]:
        del counts[TlsVersion.SSL3]
    return counts


def auth_fields(auth: Mapping[AuthKind, int]) -> dict[str, int]:
    """Counts by kind of authentication as the JSON contract has them."""
    return {name: auth.get(kind, 0) for kind, name in _AUTH_NAMES}
