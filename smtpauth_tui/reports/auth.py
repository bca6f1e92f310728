"""Authentication: messages per day, by how the clients logged in."""

from collections.abc import Mapping, Sequence
from typing import Final

from smtpauth_tui.model import AuthKind
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.arithmetic import share_chart
from smtpauth_tui.reports.earlier import messages_preface
from smtpauth_tui.reports.figures import auth_fields, number, share
from smtpauth_tui.reports.tls import records
from smtpauth_tui.reports.values import Cell, Chart, Column, Fields, Report, Role, Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayUsage

AUTH_LABELS: Final = {AuthKind.BASIC: "Basic", AuthKind.OAUTH: "OAuth", AuthKind.UNKNOWN: "Unknown"}
"""What people read."""
ROLES: Final = {AuthKind.OAUTH: Role.OAUTH, AuthKind.BASIC: Role.BASIC, AuthKind.UNKNOWN: Role.UNKNOWN}
_ALWAYS_SHOWN: Final = (AuthKind.BASIC, AuthKind.OAUTH)


def shown_kinds(auth: Mapping[AuthKind, int]) -> list[AuthKind]:
    """The kinds to show for some counts: Basic and OAuth, and unknown where there is any."""
    return [kind for kind in AuthKind if kind in _ALWAYS_SHOWN or auth.get(kind)]


def auth_cell(count: int, whole: int) -> Cell:
    """``53%(472)``. A login by password is no fault in itself, so that none has a tone."""
    return Cell(share(count, whole), Tone.PLAIN if count else Tone.MUTED)


def fields(row: DayUsage) -> Fields:
    """``day``, ``messages``, ``auth``."""
    return {"day": row.day.isoformat(), "messages": row.messages, "auth": auth_fields(row.auth)}


async def load_chart(store: Store, query: ReportQuery) -> Chart:
    """The chart of a period."""
    return chart(await store.daily_usage(query), query)


def chart(rows: Sequence[DayUsage], query: ReportQuery) -> Chart:
    """Per cent of the messages per day by kind of authentication, OAuth at the bottom."""
    parts = [
        (AUTH_LABELS[kind], role, {row.day: row.auth.get(kind, 0) for row in rows}) for kind, role in ROLES.items()
    ]
    return share_chart("Authentication in per cent of the messages per day", query.period, parts)


AUTH: Final = Report(
    name="auth",
    title="Authentication",
    help="messages per day by kind of authentication",
    records=records,
    fields=fields,
    names=lambda query: ("day", "messages", "auth"),
    columns=(
        Column("day", "Day"),
        *(Column(kind.value, label, numeric=True) for kind, label in AUTH_LABELS.items()),
        Column("messages", "Messages", numeric=True),
    ),
    cells=lambda row: (
        Cell(row.day.isoformat()),
        *(auth_cell(row.auth.get(kind, 0), row.messages) for kind in AUTH_LABELS),
        Cell(number(row.messages)),
    ),
    chart=load_chart,
    preface=messages_preface,
)
