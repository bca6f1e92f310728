"""The accounts that would stop sending as a mail tells of them: what is to do, in a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpauth_tui.mailing.tables import MORE, NAME
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.breaks import BREAKS, why_words
from smtpauth_tui.reports.figures import number, utc
from smtpauth_tui.reports.judged_here import records_of
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Column, Table, Tone
from smtpauth_tui.reports.verdict import DAYS_LOOKED_AT, Verdict
from smtpauth_tui.reports.who_breaks import OPEN, Answer, Row, load
from smtpauth_tui.store.reader import Store


@dataclass(frozen=True, slots=True)
class ToDo:
    """Who would stop sending, and what is to be done about each."""

    query: ReportQuery
    answer: Answer
    rows: Sequence[Row]
    """Those of whom the query's filter holds, with most refused messages first."""
    before: Verdict | None = None
    """The same of as many days before, where they are known."""


async def load_to_do(store: Store, query: ReportQuery, limit: int | None = None) -> ToDo:
    """Who breaks by the query's switches; those of whom its filter holds, at most *limit* of them, as rows.

    UsageError where the filter asks for more of client addresses than may be shown.
    """
    answer = await load(store, query)
    return ToDo(query, answer, [row async for row in records_of(BREAKS, store, query, limit)])


def to_do_table(rows: Sequence[Row], more: int) -> Table:
    """Some rows for a mail: the account, the numbers, and the rest in words; *more* accounts are not among them."""
    found = [
        (
            Cell(sender_label(row.name), Tone.BAD if row.broken_promise else Tone.PLAIN),
            Cell(number(row.account.refused), Tone.BAD),
            Cell(number(row.account.messages)),
            Cell(_words(row), Tone.BAD if row.broken_promise else Tone.MUTED),
        )
        for row in rows
    ]
    if more:
        found.append((Cell(f"and {number(more)} more", Tone.MUTED), Cell(""), Cell(""), Cell("")))
    return Table(
        (
            Column(NAME, "Account"),
            Column("refused", "Refused", numeric=True),
            Column("messages", "Of messages", numeric=True),
            Column(MORE, "To do"),
        ),
        tuple(found),
    )


def _words(row: Row) -> str:
    rare = f"rarely ({number(row.account.days_seen)} of {DAYS_LOOKED_AT} days)" if row.account.rare else ""
    last = f"last {(utc(row.account.last) or '')[:10]}"
    state = "" if row.state == OPEN else row.state
    said = (state, row.todo.owner, row.todo.note, why_words(row.account), last, rare)
    return "; ".join(filter(None, said))
