"""Submissions and failures made up for tests of the store."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from smtpauth_tui.model import (
    AuthFailure,
    AuthKind,
    SignIn,
    SignInOutcome,
    Snapshot,
    SnapshotSender,
    Submission,
    TlsVersion,
)
from smtpauth_tui.store.sources import SourceRow
from smtpauth_tui.store.writer import Added, Writer

Row = TypeVar("Row")
NOON = int(datetime(2026, 11, 16, 12, tzinfo=UTC).timestamp())
DAY = 86_400


async def each(rows: AsyncIterator[Row]) -> list[Row]:
    """All rows of a question that answers row by row."""
    return [row async for row in rows]


def sent(
    queue_id: str,
    time: int = NOON,
    *,
    account: str = "ana@shop.example",
    sender: str | None = None,
    tls: TlsVersion = TlsVersion.V1_3,
    mechanism: str = "PLAIN",
    recipients: int = 1,
    size: int = 1000,
    client: str = "192.0.2.10",
    host: str = "mx1",
) -> Submission:
    """A submission of which only the queue id must be told."""
    return Submission(
        time=time,
        host=host,
        instance="postfix",
        queue_id=queue_id,
        account=account,
        sender=account if sender is None else sender,
        client=client,
        client_name="unknown",
        tls=tls,
        mechanism=mechanism,
        recipients=recipients,
        size=size,
    )


def refused(name: str | None, time: int = NOON, *, client: str = "198.51.100.7", ordinal: int = 0) -> AuthFailure:
    """A refused attempt to sign in."""
    return AuthFailure(time, "mx1", "postfix/smtpd[1]", name, client, "unknown", "LOGIN", ordinal)


def signed_in(
    id_: str,
    time: int = NOON,
    *,
    account: str = "ana@shop.example",
    client: str = "203.0.113.24",
    country: str = "DE",
    outcome: SignInOutcome = SignInOutcome.SUCCEEDED,
    ordinal: int = 0,
) -> SignIn:
    """A sign-in of which only the id must be told."""
    return SignIn(
        id=id_,
        ordinal=ordinal,
        time=time,
        host="Microsoft 365",
        account=account,
        client=client,
        country=country,
        city="Berlin",
        asn=64500,
        outcome=outcome,
        code=50126 if outcome is SignInOutcome.FAILED else 0,
        reason="",
        interactive=None,
    )


def snapshot_of(*senders: str, messages: int = 10, first: date | None = None, last: date | None = None) -> Snapshot:
    """A snapshot of some senders with as many messages each, the first two of them with TLS 1.0."""
    tls = {TlsVersion.V1_0: 2, TlsVersion.V1_2: messages - 2}
    auth = {AuthKind.BASIC: messages}
    rows = (SnapshotSender(sender, sender.rpartition("@")[2], messages, tls, auth) for sender in senders)
    return Snapshot(first, last, tuple(rows))


def bring_in_exports(db: Path, sign_ins: Sequence[SignIn] = (), *snapshots: Snapshot, zone: str = "UTC") -> Added:
    """Put sign-ins and snapshots into a store, each snapshot from a file of its own."""
    writer = Writer(db, zone)
    try:
        writer.begin()
        added = writer.add_sign_ins(sign_ins, source_of(writer))
        for number, one in enumerate(snapshots):
            new = writer.add_snapshot(one, source_of(writer, f"/exports/smtp-auth-{number}.csv"))
            added.snapshots += new.snapshots
            added.already_known += new.already_known
        writer.finish()
        writer.commit()
    finally:
        writer.close()
    return added


def source_row(path: str = "/var/log/mail.log") -> SourceRow:
    """What an import notes of a file."""
    return SourceRow(
        path,
        "/var/log/mail.log",
        1024,
        path.encode(),
        format="postfix",
        host="mx1",
        lines=10,
        octets=1000,
        first=NOON,
        last=NOON,
        imported_at=NOON + DAY,
    )


def source_of(writer: Writer, path: str = "/var/log/mail.log") -> int:
    """The number of the source that is noted under a path, noted now if need be."""
    known = writer.sources.at(path)
    return known[0].id or 0 if known else writer.sources.save(source_row(path))


def fill(db: Path, submissions: Sequence[Submission], failures: Sequence[AuthFailure] = (), zone: str = "UTC") -> Added:
    """Put facts into a store; it is made where there is none."""
    writer = Writer(db, zone)
    try:
        writer.begin()
        added = writer.add(submissions, failures, source_of(writer))
        writer.commit()
    finally:
        writer.close()
    return added
