"""Submissions and failures made up for tests of the store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from smtpauth_tui.model import AuthFailure, Submission, TlsVersion
from smtpauth_tui.store.sources import SourceRow
from smtpauth_tui.store.writer import Added, Writer

NOON = int(datetime(2026, 11, 16, 12, tzinfo=UTC).timestamp())
DAY = 86_400


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
