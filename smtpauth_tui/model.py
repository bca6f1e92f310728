"""The words of the domain: what a mail server's log says about SMTP AUTH."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple


class TlsVersion(StrEnum):
    """The version of TLS under which a message was handed in."""

    __hash__ = str.__hash__  # that of enumerations takes longer, and each message asks for it
    NONE = "none"
    SSL3 = "ssl3"
    V1_0 = "1.0"
    V1_1 = "1.1"
    V1_2 = "1.2"
    V1_3 = "1.3"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """What people read: ``No TLS``, ``TLS 1.0``, ``Unknown``."""
        return TLS_LABELS[self]

    @property
    def outdated(self) -> bool:
        """Below TLS 1.2: no TLS at all, or a version that RFC 8996 deprecates."""
        return self in OUTDATED_TLS


TLS_LABELS: Final = {
    TlsVersion.NONE: "No TLS",
    TlsVersion.SSL3: "SSL 3",
    TlsVersion.V1_0: "TLS 1.0",
    TlsVersion.V1_1: "TLS 1.1",
    TlsVersion.V1_2: "TLS 1.2",
    TlsVersion.V1_3: "TLS 1.3",
    TlsVersion.UNKNOWN: "Unknown",
}
OUTDATED_TLS: Final = (TlsVersion.NONE, TlsVersion.SSL3, TlsVersion.V1_0, TlsVersion.V1_1)


class AuthKind(StrEnum):
    """How the client proved who it is: with a password, or with a token."""

    BASIC = "basic"
    OAUTH = "oauth"
    UNKNOWN = "unknown"


_OAUTH_WORDS: Final = ("OAUTH", "MODERN")
_NOT_A_MECHANISM: Final = frozenset({"", "XCLIENT"})


def auth_kind(mechanism: str) -> AuthKind:
    """The kind of a SASL mechanism's name, or of Microsoft's words (``Basic Authentication``, ``Modern …``).

    SASL names with tokens are XOAUTH2, XOAUTH and OAUTHBEARER; XCLIENT says only that a proxy did the login.
    """
    name = mechanism.upper()
    if name in _NOT_A_MECHANISM:
        return AuthKind.UNKNOWN
    return AuthKind.OAUTH if any(word in name for word in _OAUTH_WORDS) else AuthKind.BASIC


class Submission(NamedTuple):
    """One message that a client handed in after SMTP AUTH and the server accepted (RFC 6409)."""

    time: int
    """UTC, seconds since 1970, of the line that names the login."""
    host: str
    """The server's name as its log has it."""
    instance: str
    """Which mail server on that host: queue ids are unique within it."""
    queue_id: str
    account: str
    """The login name, as logged."""
    sender: str
    """The envelope sender; empty for the null sender."""
    client: str
    """The client's address."""
    client_name: str
    """The client's host name as logged, ``unknown`` where it has none."""
    tls: TlsVersion
    mechanism: str
    recipients: int
    size: int
    """Octets as logged: what the client sent and the headers that the server added."""


class AuthFailure(NamedTuple):
    """One refused attempt to log in. The name tried is the client's word, not an account."""

    time: int
    host: str
    process: str
    """The program and process that served the client: ``postfix/smtpd[123]``."""
    account: str | None
    """The name tried; None where the log does not say."""
    client: str
    client_name: str
    mechanism: str
    ordinal: int
    """How many equal attempts this process had already logged within the same second."""


class SignInOutcome(StrEnum):
    """How a sign-in ended. Interrupted: something more was asked for, such as a second factor; no failure."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in of an SMTP AUTH client at an identity service. It is no message: one may serve many, or none."""

    id: str
    """The service's own id; empty where the export has none."""
    ordinal: int
    """Without an id: how many of the same second, account and client stand before it in the export."""
    time: int
    host: str
    """The service."""
    account: str
    client: str
    country: str
    """Two letters as a rule; empty where the export has none. So is the city."""
    city: str
    asn: int | None
    """The number of the client's network."""
    outcome: SignInOutcome
    code: int | None
    """The service's error code; 0 is success."""
    reason: str
    interactive: bool | None


@dataclass(frozen=True, slots=True)
class SnapshotSender:
    """What one sender address sent in a snapshot's period."""

    sender: str
    domain: str
    messages: int
    tls: Mapping[TlsVersion, int]
    auth: Mapping[AuthKind, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Totals by sender over a period without days: kept apart, in no figure of a day."""

    first: date | None
    """The period's first and last day; None where the export does not say."""
    last: date | None
    senders: tuple[SnapshotSender, ...]


class LogLine(NamedTuple):
    """A line of a log, after what the logging system put before the program's own words."""

    time: int
    host: str
    program: str
    pid: str
    text: str


def domain_of(address: str) -> str:
    """The domain of an address, lower-cased; empty for the null sender and for bare names."""
    return address.rpartition("@")[2].casefold() if "@" in address else ""
