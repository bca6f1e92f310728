"""The reports: what the store answers, as charts and tables. One module a report, listed here."""

from typing import Final

from smtpauth_tui.reports.accounts import ACCOUNTS
from smtpauth_tui.reports.auth import AUTH
from smtpauth_tui.reports.breaks import BREAKS
from smtpauth_tui.reports.failures import FAILURES
from smtpauth_tui.reports.imports import IMPORTS
from smtpauth_tui.reports.sender import SENDER
from smtpauth_tui.reports.senders import SENDERS
from smtpauth_tui.reports.signins import SIGNINS
from smtpauth_tui.reports.snapshots import SNAPSHOTS
from smtpauth_tui.reports.sources import SOURCES
from smtpauth_tui.reports.summary import SUMMARY
from smtpauth_tui.reports.tls import TLS
from smtpauth_tui.reports.values import Report
from smtpauth_tui.reports.volume import VOLUME

REPORTS: Final[tuple[Report, ...]] = (
    SUMMARY,
    VOLUME,
    TLS,
    AUTH,
    SENDERS,
    SENDER,
    ACCOUNTS,
    BREAKS,
    SOURCES,
    FAILURES,
    SIGNINS,
    SNAPSHOTS,
    IMPORTS,
)
