"""What is asked of the store: a period, a sender domain, a grouping; `entered` checks what comes from outside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Self

from smtpauth_tui.conditions import Filter
from smtpauth_tui.errors import UsageError
from smtpauth_tui.model import AuthKind
from smtpauth_tui.switches import Switches

DEFAULT_DAYS: Final = 7
LONGEST_TEXT: Final = 1000
_AGO: Final = re.compile(r"[-−]?(\d{1,5})\s*([dwmy])(?:ays?|eeks?|onths?|ears?)?", re.IGNORECASE | re.ASCII)
_SPAN: Final = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day shown, both included; ValueError where they are not in order."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"the start date {self.first} is after the end date {self.last}")

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.last - self.first).days + 1

    def each(self) -> Iterator[date]:
        """Each day, in order."""
        return (self.first + timedelta(days=n) for n in range(self.days))

    @classmethod
    def ending(cls, last: date, days: int) -> Self:
        """*days* days up to *last*."""
        return cls(first=last - timedelta(days=days - 1), last=last)

    def __str__(self) -> str:
        return f"{self.first} – {self.last}" if self.first != self.last else str(self.first)


class Grouping(StrEnum):
    """Whose messages make a row of the senders' table."""

    SENDER = "sender"
    ACCOUNT = "account"


class SenderOrder(StrEnum):
    """A column to sort by: of the senders' table, or of the failures' (name, client, messages, first and last seen).

    The state is a column of the accounts' report alone.
    """

    NAME = "name"
    CLIENT = "client"
    MESSAGES = "messages"
    RECIPIENTS = "recipients"
    NONE = "none"
    SSL3 = "ssl3"
    V1_0 = "1.0"
    V1_1 = "1.1"
    V1_2 = "1.2"
    V1_3 = "1.3"
    UNKNOWN = "unknown"
    BASIC = "basic"
    OAUTH = "oauth"
    UNKNOWN_AUTH = "unknown_auth"
    FIRST_SEEN = "first_seen"
    LAST_SEEN = "last_seen"
    STATE = "state"


AUTH_ORDERS: Final = {
    AuthKind.BASIC: SenderOrder.BASIC,
    AuthKind.OAUTH: SenderOrder.OAUTH,
    AuthKind.UNKNOWN: SenderOrder.UNKNOWN_AUTH,
}
"""The column of a kind of authentication; a TLS version's has its own name."""


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What a report is asked for."""

    period: Period
    domain: str | None = None
    """Only senders of this domain; the empty text is senders without one."""
    by: Grouping = Grouping.SENDER
    search: str = ""
    """Only rows whose address holds this text, without regard to case."""
    order: SenderOrder = SenderOrder.MESSAGES
    descending: bool = True
    sender: str | None = None
    """The one address of a sender's report."""
    switches: Switches | None = None
    """What is off, for the report that says who breaks; None: all that can be."""
    today: date | None = None
    """The day on which it is asked, where that matters: a day that is not over is not judged."""
    state: str = ""
    """Only accounts of this state, for the report that has one; the empty text is all."""
    where: Filter | None = None
    """Only rows of which this holds, where senders, failures or sign-ins are listed; totals and charts do without."""


def parse_day(text: str, today: date) -> date:
    """A day as people write it: ``2026-11-17``, ``today``, ``yesterday``, ``-7d`` (days before today).

    UsageError says what would be understood.
    """
    words = text.strip().lower()
    if words in ("today", "now"):
        return today
    if words == "yesterday":
        return today - timedelta(days=1)
    if ago := _AGO.fullmatch(words):
        try:
            return today - timedelta(days=int(ago[1]) * _SPAN[ago[2].lower()])
        except OverflowError:
            raise UsageError(f"{text!r} is before the calendar begins.", "Use a later day.") from None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", words):
            return date(*map(int, words.split("-")))
    except ValueError as error:
        raise UsageError(f"There is no day {text!r}: {error}.", "Write it as 2026-11-17.") from None
    raise UsageError(f"{text!r} is not a date.", "Write 2026-11-17, today, yesterday, or -7d.")


def parse_span(text: str) -> int:
    """A number of days as people write it: ``7d``, ``2w``, ``30``; UsageError otherwise."""
    words = text.strip().lower()
    number = re.fullmatch(r"[0-9]{1,5}", words)
    ago = _AGO.fullmatch(words)
    days = int(words) if number else int(ago[1]) * _SPAN[ago[2].lower()] if ago else 0
    if not 1 <= days <= 36_600:
        raise UsageError(f"{text!r} is not a number of days.", "Write 7d, 30d, 90d.")
    return days


def first_day(words: str, today: date) -> date:
    """The first day that some words name, a day or so many days up to today: ``2026-11-17``, ``7d``; UsageError."""
    try:
        return parse_day(words, today)
    except UsageError:
        return make_period(today, last=words).first


def make_period(today: date, start: str = "", end: str = "", last: str = "", days: int = DEFAULT_DAYS) -> Period:
    """The period that some words name: from *start* to *end*, or *last* days up to *end*; UsageError as `parse_day`.

    By default the last *days*, today included.
    """
    if last and start:
        raise UsageError(
            "A span and a start date do not go together.", "Give --last or --start, each with --end or not."
        )
    end_day = parse_day(end, today) if end else today
    if start:
        start_day = parse_day(start, today)
        if start_day > end_day:
            raise UsageError(f"The start date {start_day} is after the end date {end_day}.", "Turn them round.")
        return Period(first=start_day, last=end_day)
    try:
        return Period.ending(end_day, parse_span(last) if last else days)
    except OverflowError:
        raise UsageError("That is before the calendar begins.", "Use a later day.") from None
