"""Makes small Postfix logs, imports them as the command does, and shows what a store then holds."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import Clock
from smtpauth_tui.importer.finding import Found, find
from smtpauth_tui.importer.options import ImportOptions
from smtpauth_tui.importer.outcome import Outcome
from smtpauth_tui.importer.run import Importer
from smtpauth_tui.store.writer import Writer, zone_name_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = Clock(lambda: NOW)
CLIENT = "pc.example[192.0.2.10]"
CIPHER = "with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"


def stamp(when: datetime) -> str:
    """As RFC 3164 has it."""
    return f"{when:%b} {when.day:>2} {when:%H:%M:%S}"


def line(when: datetime, program: str, text: str, host: str = "mx1") -> str:
    """A line of a traditional syslog file."""
    return f"{stamp(when)} {host} postfix/{program}: {text}"


def iso_line(text: str, zone: str = "UTC", year: int = 2026) -> str:
    """The same line with a full stamp."""
    when = datetime.strptime(f"{year} {text[:15]}", "%Y %b %d %H:%M:%S").replace(tzinfo=ZoneInfo(zone))
    return f"{when.isoformat()}{text[15:]}"


def session(
    when: datetime,
    queue_id: str,
    *,
    login: str = "ana@shop.example",
    sender: str | None = None,
    tls: str | None = "TLSv1.3",
    pid: int = 100,
    recipients: int = 1,
    host: str = "mx1",
) -> list[str]:
    """A client that signs in and hands in one message; three seconds long."""
    smtpd = f"submission/smtpd[{pid}]"
    sender = login if sender is None else sender
    starttls = " starttls=1" if tls else ""
    texts = [
        (0, smtpd, f"connect from {CLIENT}"),
        (0, smtpd, f"Anonymous TLS connection established from {CLIENT}: {tls} {CIPHER}"),
        (1, smtpd, f"{queue_id}: client={CLIENT}, sasl_method=PLAIN, sasl_username={login}"),
        (1, "cleanup[90]", f"{queue_id}: message-id=<{queue_id}@pc.example>"),
        (2, "qmgr[7]", f"{queue_id}: from=<{sender}>, size=1000, nrcpt={recipients} (queue active)"),
        (3, smtpd, f"disconnect from {CLIENT} ehlo=2{starttls} auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8"),
    ]
    return [
        line(when + timedelta(seconds=seconds), program, text, host)
        for seconds, program, text in texts
        if tls or "TLS connection" not in text
    ]


def failure(
    when: datetime, name: str | None = "guess", *, client: str = "bad.example[198.51.100.7]", pid: int = 300
) -> str:
    """A refused attempt to sign in."""
    said = f", sasl_username={name}" if name is not None else ""
    return line(when, f"smtpd[{pid}]", f"warning: {client}: SASL LOGIN authentication failed: no{said}")


def mail_log(first: datetime, count: int, every: timedelta = timedelta(minutes=7), start: int = 0) -> list[str]:
    """Sessions of several people with several TLS versions, and failures between them."""
    lines: list[str] = []
    people = ("ana@shop.example", "Bo@shop.example", "cy@other.example", "")
    versions = ("TLSv1.3", "TLSv1.2", None, "TLSv1.3", "TLSv1")
    for number in range(start, start + count):
        when = first + every * (number - start)
        sender = people[number % len(people)]
        login = sender or "scanner"
        tls = versions[number % len(versions)]
        lines += session(when, f"{0xA00000 + number:X}", login=login, sender=sender, tls=tls, pid=100 + number % 3)
        if number % 4 == 0:
            lines.append(failure(when + timedelta(seconds=4), f"name{number % 8}"))
    return lines


def write(path: Path, lines: Iterable[str], changed: datetime = NOW, *, end: str = "\n") -> Path:
    """A file of lines that was last changed at a given time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{text}{end}" for text in lines).encode())
    touch(path, changed)
    return path


def touch(path: Path, changed: datetime = NOW) -> Path:
    """Set when a file was last changed."""
    os.utime(path, (changed.timestamp(), changed.timestamp()))
    return path


def bring_in(
    db: Path, *words: Path | str, zone: str = "UTC", now: datetime = NOW, stamps_zone: str = "", **options: Any
) -> Outcome:
    """Import as the command does."""
    return bring_in_found(db, find([str(word) for word in words], db), zone, now, stamps_zone, **options)


def bring_in_found(
    db: Path, found: Found, zone: str = "UTC", now: datetime = NOW, stamps_zone: str = "", **options: Any
) -> Outcome:
    """Import files that were found."""
    stored = zone_name_of(db)
    name = stored or zone
    chosen = ImportOptions(ZoneInfo(stamps_zone or name), **options)
    importer = Importer(
        lambda: Writer(None if chosen.dry_run and stored is None else db, name),
        chosen,
        Clock(lambda: now),
        store=db,
    )
    return importer.run(found)


def asked(db: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the store's tables say."""
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def contents(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All facts of a store and their roll-up, in words, so that stores can be compared."""
    return {
        "submissions": asked(
            db,
            """SELECT time, queue_id, server.key, a.folded, s.folded, client.address, tls, mechanism.name, recipients,
                      size FROM submission JOIN server ON server.id = server JOIN address AS a ON a.id = account
               JOIN address AS s ON s.id = sender JOIN client ON client.id = client
               JOIN mechanism ON mechanism.id = mechanism ORDER BY 1, 2, 3""",
        ),
        "failures": asked(
            db,
            """SELECT time, process, tried_name.folded, client.address, ordinal FROM auth_failure
               JOIN tried_name ON tried_name.id = auth_failure.name JOIN client ON client.id = auth_failure.client
               ORDER BY 1, 2, 3, 4, 5""",
        ),
        "days": asked(
            db,
            """SELECT day, s.folded, a.folded, tls, auth, messages, recipients, bytes, first, last FROM daily
               JOIN address AS a ON a.id = account JOIN address AS s ON s.id = sender ORDER BY 1, 2, 3, 4, 5""",
        ),
        "failure_days": asked(
            db,
            """SELECT day, tried_name.folded, client.address, failures, daily_failure.first, daily_failure.last
               FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
               JOIN client ON client.id = daily_failure.client ORDER BY 1, 2, 3""",
        ),
    }


def counted(db: Path) -> tuple[int, int]:
    """Submissions and failures in the roll-up."""
    return (
        asked(db, "SELECT coalesce(sum(messages), 0) FROM daily")[0][0],
        asked(db, "SELECT coalesce(sum(failures), 0) FROM daily_failure")[0][0],
    )


def tls_by_sender(db: Path) -> dict[str, dict[int, int]]:
    """Messages by sender and the store's number of the TLS version."""
    found: dict[str, dict[int, int]] = {}
    for sender, tls, messages in asked(
        db,
        "SELECT address.text, tls, sum(messages) FROM daily JOIN address ON address.id = sender GROUP BY sender, tls",
    ):
        found.setdefault(sender, {})[tls] = messages
    return found


def command(
    *words: str | Path, db: Path, data: bytes | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the real program; standard input is *data*, or empty."""
    return subprocess.run(
        command_line(*words, db=db),
        input=data or b"",
        capture_output=True,
        env=surroundings(db, **environment),
        timeout=60,
    )


def command_line(*words: str | Path, db: Path) -> Sequence[str]:
    """What starts the real program."""
    return [sys.executable, "-m", "smtpauth_tui", "--db", str(db), *map(str, words)]


def surroundings(db: Path, **environment: str) -> dict[str, str]:
    """An environment that knows nothing of whoever runs the tests."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(db.parent),
        "SMTPAUTH_TUI_TIMEZONE": "UTC",
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "COLUMNS": "120",
        **environment,
    }
