"""Sign-ins at an identity service: by account, client address and country."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from smtpauth_tui.query import ReportQuery, SenderOrder
from smtpauth_tui.reports.failures import tried_label
from smtpauth_tui.reports.figures import number, utc, utc_minute
from smtpauth_tui.reports.filtered import CLIENT_COLUMN, SEEN_COLUMNS, count_column, text_column
from smtpauth_tui.reports.values import Cell, Column, Fields, Report, Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import SignInTotal


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[SignInTotal, None]:
    """The sign-ins in the query's order, by default the most first."""
    async with aclosing(store.sign_ins(query, limit=limit)) as rows:
        async for row in rows:
            yield row


def fields(row: SignInTotal) -> Fields:
    """``account`` and ``country`` are null where they are not known; ``sign_ins`` are all, ``failures`` of them."""
    return {
        "account": row.account,
        "client": row.client,
        "country": row.country or None,
        "sign_ins": row.sign_ins,
        "failures": row.failures,
        "first_seen": utc(row.first),
        "last_seen": utc(row.last),
    }


SIGNINS: Final = Report(
    name="signins",
    title="Sign-ins by SMTP AUTH",
    help="one row for each account, client address and country, from Entra sign-in logs",
    note="A sign-in is no message: one may serve many messages, and these are in no count of messages.",
    records=records,
    fields=fields,
    names=lambda query: ("account", "client", "country", "sign_ins", "failures", "first_seen", "last_seen"),
    columns=(
        Column("account", "Account"),
        Column("client", "Client"),
        Column("country", "Country"),
        Column("sign_ins", "Sign-ins", numeric=True),
        Column("failures", "Failed", numeric=True),
        Column("first_seen", "First seen (UTC)"),
        Column("last_seen", "Last seen (UTC)"),
    ),
    cells=lambda row: (
        Cell(tried_label(row.account), Tone.MUTED if row.account is None else Tone.PLAIN),
        Cell(row.client),
        Cell(row.country),
        Cell(number(row.sign_ins)),
        Cell(number(row.failures), Tone.WARN if row.failures else Tone.MUTED),
        Cell(utc_minute(row.first), Tone.MUTED),
        Cell(utc_minute(row.last), Tone.MUTED),
    ),
    orders={
        "account": (SenderOrder.NAME, False),
        "client": (SenderOrder.CLIENT, False),
        "sign_ins": (SenderOrder.MESSAGES, True),
        "first_seen": (SenderOrder.FIRST_SEEN, True),
        "last_seen": (SenderOrder.LAST_SEEN, True),
    },
    filters=lambda by: (
        text_column("account"),
        CLIENT_COLUMN,
        text_column("country"),
        count_column("sign_ins"),
        count_column("failures"),
        *SEEN_COLUMNS,
    ),
)
