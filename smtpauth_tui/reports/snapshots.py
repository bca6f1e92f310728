"""Snapshots: what exports without days say of their senders, apart from all that is counted by day."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import PurePath
from typing import Final

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import ReportQuery, SenderOrder
from smtpauth_tui.reports.figures import auth_fields, number, tls_fields
from smtpauth_tui.reports.tls import ALWAYS_SHOWN, tls_cell
from smtpauth_tui.reports.values import Cell, Column, Fields, Report, Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import SnapshotRow, SnapshotTotal

_VERSIONS: Final = (TlsVersion.NONE, *ALWAYS_SHOWN, TlsVersion.UNKNOWN)

SnapshotRecord = tuple[SnapshotRow, SnapshotTotal]


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[SnapshotRecord, None]:
    """The senders of each snapshot, whatever the period: the newest import first, the most messages first."""
    room = limit
    for snapshot in await store.snapshots():
        async with aclosing(store.snapshot_senders(snapshot.number, query, room)) as rows:
            async for row in rows:
                yield snapshot, row
                room = None if room is None else room - 1
        if room == 0:
            return


def fields(record: SnapshotRecord) -> Fields:
    """``snapshot`` is the file's name; ``start`` and ``end`` are null where the export does not name its days."""
    snapshot, row = record
    return {
        "snapshot": PurePath(snapshot.path).name,
        "start": snapshot.first.isoformat() if snapshot.first else None,
        "end": snapshot.last.isoformat() if snapshot.last else None,
        "sender": row.sender,
        "domain": row.domain,
        "messages": row.messages,
        "tls": tls_fields(row.tls),
        "auth": auth_fields(row.auth),
    }


def _cells(record: SnapshotRecord) -> tuple[Cell, ...]:
    snapshot, row = record
    known = f"{snapshot.first} – {snapshot.last}" if snapshot.first and snapshot.last else "unknown"
    kinds = ", ".join(kind.value for kind in AuthKind if row.auth.get(kind))
    return (
        Cell(row.sender),
        *(tls_cell(version, row.tls.get(version, 0), row.messages) for version in _VERSIONS),
        Cell(number(row.messages)),
        Cell(kinds),
        Cell(known, Tone.MUTED),
        Cell(PurePath(snapshot.path).name, Tone.MUTED),
    )


SNAPSHOTS: Final = Report(
    name="snapshots",
    title="Snapshots",
    help="one row for each sender of each export that has totals of a period and no days",
    note="Each snapshot has the totals of a whole period, as its export gave them. They are in no figure of a day, "
    "and in no other report; periods may overlap, so do not add snapshots to one another.",
    records=records,
    fields=fields,
    names=lambda query: ("snapshot", "start", "end", "sender", "domain", "messages", "tls", "auth"),
    columns=(
        Column("sender", "Sender address"),
        *(Column(version.value, version.label, numeric=True) for version in _VERSIONS),
        Column("messages", "Messages", numeric=True),
        Column("auth", "Login"),
        Column("period", "Period"),
        Column("snapshot", "Snapshot"),
    ),
    cells=_cells,
    orders={"sender": (SenderOrder.NAME, False), "messages": (SenderOrder.MESSAGES, True)},
)
