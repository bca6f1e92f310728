"""The tables of a mailed report: a name, a few numbers, and what else there is to say of it as the last column.

They are narrow, so that they fit 72 columns of text and a telephone: a form may put the last column below the name.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.mailing.figures import outdated_messages
from smtpauth_tui.model import TlsVersion
from smtpauth_tui.reports import summary
from smtpauth_tui.reports.failures import tried_label
from smtpauth_tui.reports.figures import local, number, percent, plural, share
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Column, Table, Tone
from smtpauth_tui.reports.volume import domain_label
from smtpauth_tui.store.rows import LargestDomains, SenderTotal, TriedName, TryingClient

NAME: Final = "name"
MORE: Final = "more"
"""The key of the column that says more of the name."""

_MESSAGES: Final = Column("messages", "Messages", numeric=True)
_SHARE: Final = Column("share", "Share", numeric=True)
_FAILURES: Final = Column("failures", "Refused", numeric=True)


def domains(found: LargestDomains) -> Table:
    """The sender domains with most messages, with their shares, and all others as one."""
    largest = [(Cell(domain_label(name)), sum(days.values())) for name, days in found.days.items()]
    if found.others:
        largest.append((Cell(plural(found.others, "other"), Tone.MUTED), sum(found.rest.values())))
    whole = sum(count for _, count in largest)
    rows = tuple((name, Cell(number(count)), Cell(percent(count, whole))) for name, count in largest)
    return Table((Column(NAME, "Sender domain"), _MESSAGES, _SHARE), rows)


def senders(rows: Sequence[SenderTotal], messages: int) -> Table:
    """Senders with their messages, their share of all *messages*, and under which TLS versions they sent."""
    return Table(
        (Column(NAME, "Sender address"), _MESSAGES, _SHARE, Column(MORE, "TLS")),
        tuple(
            (
                Cell(sender_label(row.name)),
                Cell(number(row.messages)),
                Cell(percent(row.messages, messages)),
                Cell(tls_words(row.tls, row.messages), Tone.BAD if outdated_messages(row.tls) else Tone.MUTED),
            )
            for row in rows
        ),
    )


def outdated_senders(rows: Sequence[SenderTotal]) -> Table:
    """Senders that use TLS below 1.2, with how many of their messages that are."""
    return Table(
        (
            Column(NAME, "Sender address"),
            Column("outdated", "Below 1.2", numeric=True),
            Column("messages", "Of messages", numeric=True),
            _SHARE,
            Column(MORE, "TLS"),
        ),
        tuple(
            (
                Cell(sender_label(row.name)),
                Cell(number(outdated_messages(row.tls)), Tone.BAD),
                Cell(number(row.messages)),
                Cell(percent(outdated_messages(row.tls), row.messages), Tone.BAD),
                Cell(tls_words(row.tls, row.messages), Tone.MUTED),
            )
            for row in rows
        ),
    )


def outdated_accounts(rows: Sequence[SenderTotal], zone: ZoneInfo) -> Table:
    """Accounts that use TLS below 1.2; of them only such messages are counted, and when the last one was sent."""
    return Table(
        (Column(NAME, "Account"), Column("outdated", "Below 1.2", numeric=True), Column(MORE, "TLS")),
        tuple(
            (
                Cell(sender_label(row.name)),
                Cell(number(row.messages), Tone.BAD),
                Cell(f"{_used(row.tls)}; last {local(row.last, zone)}", Tone.MUTED),
            )
            for row in rows
        ),
    )


def tried_names(rows: Sequence[TriedName], zone: ZoneInfo) -> Table:
    """Names that were tried in vain, from how many addresses, and when last."""
    return Table(
        (Column(NAME, "Name tried"), _FAILURES, Column("clients", "Addresses", numeric=True), Column(MORE, "Last")),
        tuple(
            (
                Cell(tried_label(row.account), Tone.MUTED if row.account is None else Tone.PLAIN),
                Cell(number(row.failures)),
                Cell(number(row.clients)),
                Cell(f"last {local(row.last, zone)}", Tone.MUTED),
            )
            for row in rows
        ),
    )


def trying_clients(rows: Sequence[TryingClient], zone: ZoneInfo) -> Table:
    """Client addresses whose attempts were refused, how many names they tried, and when last."""
    return Table(
        (Column(NAME, "Client address"), _FAILURES, Column("names", "Names", numeric=True), Column(MORE, "Last")),
        tuple(
            (
                Cell(row.client),
                Cell(number(row.failures)),
                Cell(number(row.names)),
                Cell(f"last {local(row.last, zone)}", Tone.MUTED),
            )
            for row in rows
        ),
    )


def period_in_one_row(row: summary.Summary) -> Table:
    """The summary as ``show summary`` has it, without what it was before: the mail's figures say that."""
    return Table(summary.SUMMARY.columns[:-1], tuple(line[:-1] for line in summary.lines(row)))


def tls_words(tls: Mapping[TlsVersion, int], messages: int) -> str:
    """``TLS 1.3 53%(472), No TLS 2%(18)``: the versions that were used, the newest first."""
    used = [version for version in (*_NEWEST_FIRST, TlsVersion.UNKNOWN) if tls.get(version)]
    return ", ".join(f"{version.label} {share(tls[version], messages)}" for version in used)


def _used(tls: Mapping[TlsVersion, int]) -> str:
    return ", ".join(f"{version.label} {number(tls[version])}" for version in TlsVersion if tls.get(version))


_NEWEST_FIRST: Final = tuple(version for version in reversed(TlsVersion) if version is not TlsVersion.UNKNOWN)
