"""What the store answers: one row type a question. Times are UTC seconds, days are of the store's zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from smtpauth_tui.model import AuthKind, TlsVersion

type_of_tls = Mapping[TlsVersion, int]
type_of_auth = Mapping[AuthKind, int]


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last day that has submissions."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DomainVolume:
    """The messages of one sender domain on one day."""

    day: date
    domain: str
    messages: int


@dataclass(frozen=True, slots=True)
class LargestDomains:
    """The messages by day of the sender domains with most of them in a period, and of all others together."""

    days: Mapping[str, Mapping[date, int]]
    """Of each of the largest, the largest first; days without messages are left out."""
    others: int
    """How many other domains there are."""
    rest: Mapping[date, int]
    """The others' messages; empty where there are none."""


@dataclass(frozen=True, slots=True)
class DomainTotal:
    """A sender domain and its messages in a period."""

    domain: str
    messages: int


@dataclass(frozen=True, slots=True)
class DayUsage:
    """One day's messages, by TLS version and kind of authentication."""

    day: date
    messages: int
    recipients: int
    tls: type_of_tls
    auth: type_of_auth


@dataclass(frozen=True, slots=True)
class Totals:
    """The messages of a period."""

    messages: int
    recipients: int
    tls: type_of_tls
    auth: type_of_auth
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Parties:
    """How many accounts and sender addresses sent in a period."""

    accounts: int
    senders: int


class SenderTotal(NamedTuple):
    """One sender address, or one account, in a period. There may be a million of them: a tuple is made soonest."""

    name: str
    domain: str
    messages: int
    recipients: int
    tls: type_of_tls
    auth: type_of_auth
    first: int | None
    last: int | None
    """None in a listing, which does not show it; so is *first*."""


@dataclass(frozen=True, slots=True)
class Usage:
    """A name that goes with a sender (a login, a client address, a mechanism), and its messages."""

    name: str
    messages: int
    last: int


@dataclass(frozen=True, slots=True)
class FailureTotal:
    """A name tried from a client address, in a period. *account* is None where the log does not name it."""

    account: str | None
    client: str
    failures: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TriedName:
    """A name that was tried, in a period. None where the log does not name it."""

    account: str | None
    clients: int
    """From how many addresses."""
    failures: int
    last: int


@dataclass(frozen=True, slots=True)
class TryingClient:
    """A client address whose attempts were refused, in a period."""

    client: str
    names: int
    """How many names it tried."""
    failures: int
    last: int


@dataclass(frozen=True, slots=True)
class DayFailures:
    """One day's refused attempts to log in."""

    day: date
    failures: int


@dataclass(frozen=True, slots=True)
class FailureSummary:
    """A period's refused attempts: how many, how many names were tried, from how many addresses."""

    failures: int
    names: int
    clients: int
    last: int | None


@dataclass(frozen=True, slots=True)
class SignInTotal:
    """The sign-ins of an account from a client address in a country, in a period.

    *account* is None where the export does not name it; *country* is empty where it does not say.
    """

    account: str | None
    client: str
    country: str
    sign_ins: int
    """All of them, however they ended."""
    failures: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """An export of totals by sender over a period. *first* and *last* are None where it does not name its days."""

    number: int
    path: str
    first: date | None
    last: date | None
    imported_at: int
    senders: int
    messages: int


@dataclass(frozen=True, slots=True)
class SnapshotTotal:
    """One sender of a snapshot."""

    sender: str
    domain: str
    messages: int
    tls: type_of_tls
    auth: type_of_auth


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source that was imported."""

    id: int
    path: str
    format: str
    host: str
    lines: int
    submissions: int
    auth_failures: int
    incomplete: int
    not_understood: int
    damaged: str
    first: int | None
    last: int | None
    imported_at: int
    zone: str
    """The zone in which its stamps were read; empty where they carry their own."""
    facts: int
    """The submissions and failures found in it, new ones and known ones."""


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """A line that looked like a mail server's and could not be understood."""

    number: int
    """About where in the source it stood, from 1."""
    text: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """How new the store's facts are, and what could not be read."""

    newest: int | None
    imported_at: int | None
    sources: int
    lines: int
    not_understood: int
    incomplete: int
    damaged: int
