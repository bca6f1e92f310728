"""The views of the SMTP Auth clients report: *View data by*. A further view is one line here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from smtpauth_tui.reports.auth import load_chart as auth_chart
from smtpauth_tui.reports.senders import auth_details, details_columns, tls_details
from smtpauth_tui.reports.tls import load_chart as tls_chart
from smtpauth_tui.reports.values import Column, LoadChart
from smtpauth_tui.reports.volume import load_chart as volume_chart
from smtpauth_tui.store.rows import Totals


@dataclass(frozen=True, slots=True)
class View:
    """A view: the chart that it shows, and the columns of its details table."""

    id: str
    title: str
    chart: LoadChart
    columns: Callable[[Totals], tuple[Column, ...]]
    """The columns, given the period's messages."""


SENDING_VOLUME: Final = View("volume", "Sending volume", volume_chart, lambda _: details_columns())
TLS_USAGE: Final = View("tls", "TLS usage", tls_chart, tls_details)
AUTHENTICATION: Final = View("auth", "Authentication", auth_chart, auth_details)
VIEWS: Final = (SENDING_VOLUME, TLS_USAGE, AUTHENTICATION)
