"""Failed sign-ins: by the name that was tried, and the address it was tried from."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Final

from smtpauth_tui.query import ReportQuery, SenderOrder
from smtpauth_tui.reports.figures import number, utc, utc_minute
from smtpauth_tui.reports.filtered import CLIENT_COLUMN, SEEN_COLUMNS, count_column, text_column
from smtpauth_tui.reports.origins import By
from smtpauth_tui.reports.tried_names import tried_label as tried_label
from smtpauth_tui.reports.values import Cell, Column, Fields, Report, Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import FailureTotal


class _Groupings(Mapping[str, Report]):
    """The same by account, by name that is none, by source: loaded when one is asked for, since it loads the rules."""

    def __getitem__(self, by: str) -> Report:
        from smtpauth_tui.reports.tried import BY_NAME
        from smtpauth_tui.reports.trying import BY_SOURCE

        return {**BY_NAME, **BY_SOURCE}[by]

    def __contains__(self, by: object) -> bool:
        return by in _BY

    def __iter__(self) -> Iterator[str]:
        return iter(_BY)

    def __len__(self) -> int:
        return len(_BY)


_BY: Final = ("account", "name", *By)


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[FailureTotal, None]:
    """The attempts in the query's order, by default the most first."""
    async with aclosing(store.failures(query, limit=limit)) as rows:
        async for row in rows:
            yield row


def fields(row: FailureTotal) -> Fields:
    """``account`` (null where the log does not name it), ``client``, ``failures``, first and last seen."""
    return {
        "account": row.account,
        "client": row.client,
        "failures": row.failures,
        "first_seen": utc(row.first),
        "last_seen": utc(row.last),
    }


FAILURES: Final = Report(
    name="failures",
    title="Failed sign-ins",
    help="one row for each name tried and client address",
    records=records,
    fields=fields,
    names=lambda query: ("account", "client", "failures", "first_seen", "last_seen"),
    columns=(
        Column("account", "Account tried"),
        Column("client", "Client"),
        Column("failures", "Failures", numeric=True),
        Column("first_seen", "First seen (UTC)"),
        Column("last_seen", "Last seen (UTC)"),
    ),
    cells=lambda row: (
        Cell(tried_label(row.account), Tone.MUTED if row.account is None else Tone.PLAIN),
        Cell(row.client),
        Cell(number(row.failures)),
        Cell(utc_minute(row.first), Tone.MUTED),
        Cell(utc_minute(row.last), Tone.MUTED),
    ),
    orders={
        "account": (SenderOrder.NAME, False),
        "client": (SenderOrder.CLIENT, False),
        "failures": (SenderOrder.MESSAGES, True),
        "first_seen": (SenderOrder.FIRST_SEEN, True),
        "last_seen": (SenderOrder.LAST_SEEN, True),
    },
    filters=lambda by: (text_column("account"), CLIENT_COLUMN, count_column("failures"), *SEEN_COLUMNS),
    groupings=_Groupings(),
)
