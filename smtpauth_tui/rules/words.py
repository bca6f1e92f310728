"""Days, times and numbers as a finding's sentences have them."""

from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpauth_tui.places.databases import Place


def day_words(day: date, today: date | None = None) -> str:
    """``Wed 18 Nov``; with the year where *today* is in another one."""
    words = f"{day:%a} {day.day} {day:%b}"
    return words if today is None or today.year == day.year else f"{words} {day.year}"


def minute_words(moment: datetime) -> str:
    """``14:07``."""
    return f"{moment:%H:%M}"


def plural(count: float, word: str, words: str = "") -> str:
    """``1 message``, ``2 messages``."""
    return f"{count:,.0f} {word if count == 1 else words or word + 's'}"


def country_words(place: "Place") -> str:
    """``Brazil``; where the file has codes only, ``BR``."""
    return place.country_name or place.country


def system_words(place: "Place") -> str:
    """``AS 64500 (Contoso Telecom)``; empty where no file tells it."""
    if place.asn is None:
        return ""
    return f"AS {place.asn} ({place.as_name})" if place.as_name else f"AS {place.asn}"
