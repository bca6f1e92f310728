"""The numbers that stand for TLS versions, kinds of authentication, outcomes and parties in the store.

They never change.
"""

import zlib
from enum import IntEnum
from typing import Final

from smtpauth_tui.model import AuthKind, SignInOutcome, TlsVersion

TLS_CODES: Final = {
    TlsVersion.NONE: 0,
    TlsVersion.SSL3: 3,
    TlsVersion.V1_0: 10,
    TlsVersion.V1_1: 11,
    TlsVersion.V1_2: 12,
    TlsVersion.V1_3: 13,
    TlsVersion.UNKNOWN: 99,
}
AUTH_CODES: Final = {AuthKind.BASIC: 1, AuthKind.OAUTH: 2, AuthKind.UNKNOWN: 9}
TLS_UNKNOWN: Final = TLS_CODES[TlsVersion.UNKNOWN]
AUTH_UNKNOWN: Final = AUTH_CODES[AuthKind.UNKNOWN]
OUTCOME_CODES: Final = {
    SignInOutcome.SUCCEEDED: 0,
    SignInOutcome.FAILED: 1,
    SignInOutcome.INTERRUPTED: 2,
    SignInOutcome.UNKNOWN: 9,
}


def number_of(process: str) -> int:
    """A number of four bytes that tells processes apart within a second."""
    return zlib.crc32(process.encode(errors="backslashreplace")) - (1 << 31)


class Party(IntEnum):
    """Those of whom the store knows on which days they were seen: how many there are in a period is asked often."""

    SENDER = 1
    ACCOUNT = 2
    OUTDATED_ACCOUNT = 3
    """An account, on the days on which it sent below TLS 1.2."""
    TRIED_NAME = 4
    """A name that was tried in vain; no name at all is none."""
    FAILED_CLIENT = 5
    """A client address that a refused attempt came from."""


OUTDATED_CODES: Final = tuple(code for version, code in TLS_CODES.items() if version.outdated)
