"""The views of the SMTP Auth clients report: *View data by*. A further view is one line here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.senders import details_columns
from smtpauth_tui.reports.tls import TLS
from smtpauth_tui.reports.tls import chart as tls_chart
from smtpauth_tui.reports.values import Chart, Column, Record, Report
from smtpauth_tui.reports.volume import VOLUME
from smtpauth_tui.reports.volume import chart as volume_chart


@dataclass(frozen=True, slots=True)
class View:
    """A view: the report whose chart it shows, and the columns of its details table."""

    id: str
    title: str
    report: Report
    chart: Callable[[Sequence[Record], ReportQuery], Chart]
    columns: Callable[[Mapping[TlsVersion, int]], tuple[Column, ...]]
    """The columns, given the period's messages by TLS version."""


SENDING_VOLUME: Final = View("volume", "Sending volume", VOLUME, volume_chart, lambda tls: details_columns(None))
TLS_USAGE: Final = View("tls", "TLS usage", TLS, tls_chart, details_columns)
VIEWS: Final = (SENDING_VOLUME, TLS_USAGE)
