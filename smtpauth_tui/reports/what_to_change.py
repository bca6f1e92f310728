"""What is to be done about an account that would stop sending, by why it would."""

from collections.abc import Collection, Iterator
from typing import Final

from smtpauth_tui.switches import Reason

WHY: Final = {
    Reason.BASIC: "signs in with a password (Basic)",
    Reason.TLS_1_0: "uses TLS 1.0 or SSL 3",
    Reason.TLS_1_1: "uses TLS 1.1",
    Reason.NO_TLS: "sends unencrypted, without TLS",
    Reason.NETWORK: "sends from another network",
}
"""Each reason as the end of a sentence about an account."""

_OLD_TLS: Final = frozenset({Reason.TLS_1_0, Reason.TLS_1_1})
_BASIC: Final = (
    "Password: update the device or application to one that signs in with OAuth 2.0 (XOAUTH2).",
    "If it cannot: at Microsoft 365 a relay by an inbound connector, High Volume Email (recipients within the "
    "organisation only), Azure Communication Services Email, or Graph's sendMail for an application; anywhere else a "
    "mail server of your own that takes its mail and signs in for it.",
)
_TLS: Final = (
    "TLS: new firmware or software that can do TLS 1.2; on many devices it only has to be switched on.",
    "If it cannot: a mail server in its own network that takes its mail and passes it on under TLS 1.2 or newer.",
)
_NO_TLS: Final = (
    "Encryption: switch on STARTTLS (port 587) or TLS from the start (port 465) in its settings, and change its "
    "password: it went over the network in the clear."
)
_NETWORK: Final = "Network: let it send from a network that may, or add its own to those that may."


def advice(reasons: Collection[Reason]) -> Iterator[str]:
    """Sentences for an account whose messages would be refused for these *reasons*, the dearest change first."""
    if Reason.BASIC in reasons:
        yield from _BASIC
    if not _OLD_TLS.isdisjoint(reasons):
        yield from _TLS
    if Reason.NO_TLS in reasons:
        yield _NO_TLS
    if Reason.NETWORK in reasons:
        yield _NETWORK
