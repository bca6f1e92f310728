"""The views of the SMTP Auth clients report: *View data by*. A further view is one line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.reports.senders import details_columns
from smtpauth_tui.reports.tls import load_chart as tls_chart
from smtpauth_tui.reports.values import Column, LoadChart
from smtpauth_tui.reports.volume import load_chart as volume_chart


@dataclass(frozen=True, slots=True)
class View:
    """A view: the chart that it shows, and the columns of its details table."""

    id: str
    title: str
    chart: LoadChart
    columns: Callable[[Mapping[TlsVersion, int]], tuple[Column, ...]]
    """The columns, given the period's messages by TLS version."""


SENDING_VOLUME: Final = View("volume", "Sending volume", volume_chart, lambda tls: details_columns(None))
TLS_USAGE: Final = View("tls", "TLS usage", tls_chart, details_columns)
VIEWS: Final = (SENDING_VOLUME, TLS_USAGE)
