"""The importer's side of the store: facts, roll-up and what was read, each file in one transaction."""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from smtpauth_tui.clock import zone_named
from smtpauth_tui.errors import NoStoreError, SmtpAuthTuiError, StoreError
from smtpauth_tui.model import AuthFailure, SignIn, Snapshot, Submission, auth_kind, domain_of
from smtpauth_tui.store import files
from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES, TLS_UNKNOWN
from smtpauth_tui.store.days import DayFinder
from smtpauth_tui.store.exports import Exports, failures_of
from smtpauth_tui.store.schema import check, migrate, version_of
from smtpauth_tui.store.windows import Windows

MOST_TRIED_NAMES: Final = 100_000
"""Names that attackers made up are kept up to this number; the rest stand as one."""
OTHER_NAMES: Final = "(other names)"

_SAME_MESSAGE: Final = 2
"""Seconds by which two forms of one log may differ: each collector stamps the line when it takes it."""
_BUSY: Final = 60.0


@dataclass(slots=True)
class Added:
    """How many facts were new, and how many the store had."""

    submissions: int = 0
    auth_failures: int = 0
    already_known: int = 0
    sign_ins: int = 0
    snapshots: int = 0


@dataclass(frozen=True, slots=True)
class SourceRead:
    """What was read of one file."""

    path: str
    head: bytes
    """A digest of its first bytes."""
    format: str
    host: str
    lines: int
    bytes: int
    incomplete: int
    not_understood: int
    damaged: str
    first: int | None
    last: int | None
    imported_at: int


class Writer:
    """Writes to one store. There is one at a time: a second one waits for the first one's transaction."""

    def __init__(self, path: Path | None, zone_name: str) -> None:
        """Open the store, or make one that counts its days in *zone_name*; StoreError where that fails.

        Without *path* the store is in memory and gone afterwards.
        """
        if path:
            files.make(path)
        self.path = path or Path(":memory:")
        self._connection = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None)
        try:
            self._prepare(zone_name)
        except sqlite3.Error as error:
            self._connection.close()
            raise store_error(error, self.path) from error
        except SmtpAuthTuiError:
            self._connection.close()
            raise
        self._dictionaries = _Dictionaries(self._connection)
        self._windows = Windows(self._connection)
        self._exports = Exports(self._connection, self._dictionaries, lambda time: self._days.number(time))

    def _prepare(self, zone_name: str) -> None:
        run = self._connection.execute
        run("PRAGMA trusted_schema = OFF")
        migrate(self._connection, str(self.path))
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("PRAGMA foreign_keys = OFF")
        run("INSERT OR IGNORE INTO setting VALUES ('timezone', ?)", (zone_name,))
        self.zone_name: str = run("SELECT value FROM setting WHERE name = 'timezone'").fetchone()[0]
        self._days = DayFinder(zone_named(self.zone_name))
        run(CREATE_STAGED)
        run(CREATE_STAGED_FAILURE)

    def close(self) -> None:
        """Close the store; what was not committed is undone."""
        self._connection.close()

    def begin(self) -> None:
        """Begin a transaction, unless one has begun; waits for another writer's. StoreError where it cannot."""
        if not self._connection.in_transaction:
            with self._errors():
                self._connection.execute("BEGIN IMMEDIATE")

    def commit(self, *, keep: bool = True) -> None:
        """Make what was written since `begin` last; with *keep* false undo it."""
        if self._connection.in_transaction:
            with self._errors():
                self._connection.execute("COMMIT" if keep else "ROLLBACK")
            if not keep:
                self._dictionaries.forget()
                self._windows.forget()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._dictionaries.forget()
            self._windows.forget()
            raise store_error(error, self.path) from error

    def source(self, read: SourceRead) -> int:
        """Note what was read; the source's number."""
        with self._errors():
            return int(self._connection.execute(UPSERT_SOURCE, astuple(read)).fetchone()[0])

    def add(self, submissions: Sequence[Submission], failures: Sequence[AuthFailure], source: int) -> Added:
        """Add the facts that the store does not have, and count them in the roll-up."""
        added = Added()
        with self._errors():
            if submissions:
                self._add_submissions(submissions, source, added)
            if failures:
                self._add_failures(failures, source, added)
            self._connection.execute(COUNT_SOURCE, (added.submissions, added.auth_failures, source))
        return added

    def add_sign_ins(self, sign_ins: Sequence[SignIn], source: int) -> Added:
        """Add the sign-ins that the store does not have; the refused ones of them are failures as well."""
        added = Added()
        with self._errors():
            new = self._exports.add_sign_ins(sign_ins, source)
            added.sign_ins = len(new)
            if failures := failures_of(new):
                self._add_failures(failures, source, added)
            added.already_known += len(sign_ins) - len(new)
            self._connection.execute(COUNT_SOURCE, (0, added.auth_failures, source))
        return added

    def add_snapshot(self, snapshot: Snapshot, source: int) -> Added:
        """Add totals of a period, apart from all that is counted by day."""
        with self._errors():
            new = self._exports.add_snapshot(snapshot, source)
        return Added(snapshots=int(new), already_known=int(not new))

    def _add_submissions(self, submissions: Sequence[Submission], source: int, added: Added) -> None:
        run, ids = self._connection.execute, self._dictionaries
        run("DELETE FROM staged")
        self._connection.executemany(
            "INSERT INTO staged VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                (
                    one.time,
                    one.queue_id,
                    ids.server(one.host, one.instance),
                    ids.address(one.account),
                    ids.address(one.sender),
                    ids.client(one.client, one.client_name),
                    TLS_CODES[one.tls],
                    ids.mechanism(one.mechanism),
                    one.recipients,
                    one.size,
                    self._days.number(one.time),
                    AUTH_CODES[auth_kind(one.mechanism)],
                )
                for one in _once(submissions, added)
            ),
        )
        self._fill_tls()
        added.already_known += run(DROP_KNOWN).rowcount
        new = run(INSERT_STAGED, (source,)).rowcount
        if new:
            added.submissions += new
            run(COUNT_STAGED)
            run(COUNT_STAGED_TOTALS)
            self._windows.note_staged()

    def _fill_tls(self) -> None:
        """Where the store has a message whose TLS version is unknown, and this log knows it: fill it in."""
        known_now = self._connection.execute(SELECT_FILLING).fetchall()
        self._connection.executemany(FILL_TLS, known_now)
        for day in {self._days.number(row[1]) for row in known_now}:
            self._recount(day)

    def _add_failures(self, failures: Sequence[AuthFailure], source: int, added: Added) -> None:
        run, ids = self._connection.execute, self._dictionaries
        run("DELETE FROM staged_failure")
        self._connection.executemany(
            "INSERT OR IGNORE INTO staged_failure VALUES (?,?,?,?,?,?,?,?)",
            (
                (
                    one.time,
                    ids.server(one.host, one.process.partition("/")[0]),
                    one.process,
                    name := ids.tried_name(one.account or ""),
                    ids.client(one.client, one.client_name),
                    ids.mechanism(one.mechanism),
                    one.ordinal if name != ids.other_names else _apart(one),
                    self._days.number(one.time),
                )
                for one in failures
            ),
        )
        run(DROP_KNOWN_FAILURES)
        new = run(INSERT_STAGED_FAILURES, (source,)).rowcount
        run(COUNT_STAGED_FAILURES)
        added.auth_failures += new
        added.already_known += len(failures) - new

    def _recount(self, day: int) -> None:
        """Count a day's submissions anew."""
        first, end = self._days.bounds(day)
        run = self._connection.execute
        self._windows.count_anew()
        for table in ("daily", "daily_total"):
            run(f"DELETE FROM {table} WHERE day = ?", (day,))
        run(RECOUNT_DAY, {"day": day, "first": first, "end": end})
        run(RECOUNT_TOTALS, (day,))

    def rezone(self, zone_name: str) -> None:
        """Count all days anew, in another zone."""
        self.begin()
        with self._errors():
            run = self._connection.execute
            self._days = DayFinder(zone_named(zone_name))
            self.zone_name = zone_name
            run("UPDATE setting SET value = ? WHERE name = 'timezone'", (zone_name,))
            for table in ("daily", "daily_total", "daily_failure", "daily_sign_in"):
                run(f"DELETE FROM {table}")
            for day in self._days_of("submission"):
                self._recount(day)
            for day in self._days_of("auth_failure"):
                first, end = self._days.bounds(day)
                run(RECOUNT_FAILURES, {"day": day, "first": first, "end": end})
            for day in self._days_of("sign_in"):
                self._exports.recount_sign_ins(day, *self._days.bounds(day))
        self.finish()
        self.commit()

    def finish(self) -> None:
        """After the last facts of an import, before its last commit: bring up to date what is counted ahead."""
        with self._errors():
            self._windows.finish()

    def _days_of(self, table: Literal["submission", "auth_failure", "sign_in"]) -> range:
        """The numbers of the days from the first to the last fact of a kind."""
        first, last = self._connection.execute(f"SELECT min(time), max(time) FROM {table}").fetchone()
        return range(0) if first is None else range(self._days.number(first), self._days.number(last) + 1)


def _once(submissions: Sequence[Submission], added: Added) -> Iterator[Submission]:
    """The submissions of a batch, each message once."""
    seen: dict[tuple[str, str, str], int] = {}
    for one in submissions:
        key = (short_host(one.host), one.instance, one.queue_id)
        before = seen.get(key)
        if before is not None and abs(before - one.time) <= _SAME_MESSAGE:
            added.already_known += 1
            continue
        seen[key] = one.time
        yield one


def _apart(failure: AuthFailure) -> int:
    """An ordinal for a name that stands under `OTHER_NAMES`: attempts with different names stay apart."""
    return failure.ordinal + (zlib.crc32((failure.account or "").encode()) << 20)


def short_host(host: str) -> str:
    """A host's first label; an address stays whole."""
    name = host.casefold()
    label = name.partition(".")[0]
    return name if label.isdecimal() or ":" in name else label


class _Dictionaries:
    """The numbers of strings, looked up once and added where they are new."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self.forget()

    def forget(self) -> None:
        """After a transaction that was rolled back the numbers given in it stand for nothing."""
        self._addresses: dict[str, int] = {}
        self._domains: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._clients: dict[str, int] = {}
        self._mechanisms: dict[str, int] = {}
        self._servers: dict[tuple[str, str], int] = {}
        self._names_known: int | None = None
        self.other_names: int | None = None
        """The number of `OTHER_NAMES`, once a name stands under it."""

    def address(self, text: str) -> int:
        found = self._addresses.get(text)
        if found is None:
            folded = text.casefold()
            row = self._run("SELECT id FROM address WHERE folded = ?", (folded,)).fetchone()
            found = self._addresses[text] = (
                row[0]
                if row
                else self._insert(
                    "INSERT INTO address (text, folded, domain) VALUES (?,?,?)",
                    (text, folded, self._domain(domain_of(text))),
                )
            )
        return found

    def _domain(self, name: str) -> int:
        found = self._domains.get(name)
        if found is None:
            row = self._run("SELECT id FROM domain WHERE name = ?", (name,)).fetchone()
            found = self._domains[name] = (
                row[0] if row else self._insert("INSERT INTO domain (name) VALUES (?)", (name,))
            )
        return found

    def mechanism(self, name: str) -> int:
        found = self._mechanisms.get(name)
        if found is None:
            row = self._run("SELECT id FROM mechanism WHERE name = ?", (name,)).fetchone()
            found = self._mechanisms[name] = (
                row[0]
                if row
                else self._insert(
                    "INSERT INTO mechanism (name, auth) VALUES (?,?)", (name, AUTH_CODES[auth_kind(name)])
                )
            )
        return found

    def client(self, address: str, name: str) -> int:
        found = self._clients.get(address)
        if found is None:
            row = self._run("SELECT id FROM client WHERE address = ?", (address,)).fetchone()
            found = self._clients[address] = (
                row[0] if row else self._insert("INSERT INTO client (address, name) VALUES (?,?)", (address, name))
            )
        return found

    def server(self, host: str, instance: str) -> int:
        found = self._servers.get((host, instance))
        if found is None:
            key = f"{short_host(host)}/{instance}"
            row = self._run("SELECT id, host FROM server WHERE key = ?", (key,)).fetchone()
            if row is None:
                found = self._insert("INSERT INTO server (key, host, instance) VALUES (?,?,?)", (key, host, instance))
            else:
                found = int(row[0])
                if len(host) > len(row[1]):
                    self._run("UPDATE server SET host = ? WHERE id = ?", (host, found))
            self._servers[host, instance] = found
        return found

    def tried_name(self, text: str) -> int:
        found = self._names.get(text)
        if found is None:
            folded = text.casefold()
            row = self._run("SELECT id FROM tried_name WHERE folded = ?", (folded,)).fetchone()
            if row:
                found = int(row[0])
            else:
                if self._names_known is None:
                    self._names_known = int(self._run("SELECT count(*) FROM tried_name").fetchone()[0])
                if self._names_known >= MOST_TRIED_NAMES and text != OTHER_NAMES:
                    return self.tried_name(OTHER_NAMES)
                found = self._insert("INSERT INTO tried_name (text, folded) VALUES (?,?)", (text, folded))
                self._names_known += 1
            self._names[text] = found
            if text == OTHER_NAMES:
                self.other_names = found
        return found

    def _insert(self, sql: str, values: tuple[object, ...]) -> int:
        return int(self._run(sql, values).lastrowid or 0)


def bring_up_to_date(path: Path) -> None:
    """Bring an older program's store to this one's schema; StoreError where it cannot be written."""
    writer = Writer(path, "UTC")
    try:
        writer.begin()
        writer.finish()
        writer.commit()
    finally:
        writer.close()


def zone_name_of(path: Path) -> str | None:
    """The zone in which an existing store counts its days; None where there is no store yet.

    StoreError for a file that is no store, or one of a newer program.
    """
    try:
        files.look(path)
    except NoStoreError:
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(bytes(path.absolute()))}?mode=ro", uri=True)) as connection:
            if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                return None
            check(version_of(connection), connection.execute("PRAGMA application_id").fetchone()[0], str(path))
            row = connection.execute("SELECT value FROM setting WHERE name = 'timezone'").fetchone()
            return str(row[0]) if row else None
    except sqlite3.Error as error:
        raise store_error(error, path) from error


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """What a failure of SQLite means to the admin."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreError(f"Another import is writing to {path}.", "Wait until it is done, then import again.")
    if "full" in text:
        return StoreError(
            f"The disk of {path} is full; nothing of the current file was kept.", "Make room, then import again."
        )
    if "readonly" in text or "unable to open" in text:
        return StoreError(f"The store {path} cannot be written.", "Check the rights of the file and of its folder.")
    if "not a database" in text or "malformed" in text:
        return StoreError(
            f"The store {path} is damaged ({text}).", "Move it away and import the logs again, or restore a copy."
        )
    return StoreError(
        f"The store {path} failed: {text}.", "Check the disk and the rights of the folder, then try again."
    )


UPSERT_SOURCE: Final = """
    INSERT INTO source (path, head, format, host, lines, bytes, submissions, auth_failures, incomplete,
                        not_understood, damaged, first, last, imported_at)
    VALUES (?,?,?,?,?,?,0,0,?,?,?,?,?,?)
    ON CONFLICT (path, head) DO UPDATE SET
        format = excluded.format, host = excluded.host, lines = excluded.lines, bytes = excluded.bytes,
        incomplete = excluded.incomplete, not_understood = excluded.not_understood, damaged = excluded.damaged,
        first = excluded.first, last = excluded.last, imported_at = excluded.imported_at
    RETURNING id
"""
COUNT_SOURCE: Final = "UPDATE source SET submissions = submissions + ?, auth_failures = auth_failures + ? WHERE id = ?"

CREATE_STAGED: Final = """
    CREATE TEMP TABLE staged (time INTEGER, queue_id TEXT, server INTEGER, account INTEGER, sender INTEGER,
        client INTEGER, tls INTEGER, mechanism INTEGER, recipients INTEGER, size INTEGER, day INTEGER, auth INTEGER)
"""
CREATE_STAGED_FAILURE: Final = """
    CREATE TEMP TABLE staged_failure (time INTEGER, server INTEGER, process TEXT, name INTEGER, client INTEGER,
        mechanism INTEGER, ordinal INTEGER, day INTEGER,
        PRIMARY KEY (time, server, process, name, client, mechanism, ordinal)) WITHOUT ROWID
"""
_KNOWN: Final = f"""
    FROM main.submission AS known
    WHERE known.time BETWEEN staged.time - {_SAME_MESSAGE} AND staged.time + {_SAME_MESSAGE}
      AND known.queue_id = staged.queue_id AND known.server = staged.server
"""
SELECT_FILLING: Final = f"""
    SELECT staged.tls, known.time, known.queue_id, known.server FROM staged CROSS JOIN main.submission AS known
    WHERE known.time BETWEEN staged.time - {_SAME_MESSAGE} AND staged.time + {_SAME_MESSAGE}
      AND known.queue_id = staged.queue_id AND known.server = staged.server
      AND known.tls = {TLS_UNKNOWN} AND staged.tls <> {TLS_UNKNOWN}
"""
FILL_TLS: Final = "UPDATE submission SET tls = ? WHERE time = ? AND queue_id = ? AND server = ?"
DROP_KNOWN: Final = f"DELETE FROM staged WHERE EXISTS (SELECT 1 {_KNOWN})"
INSERT_STAGED: Final = """
    INSERT INTO submission
    SELECT time, queue_id, server, account, sender, client, tls, mechanism, recipients, size, ? FROM staged
"""
COUNT_STAGED: Final = """
    INSERT INTO daily
    SELECT day, sender, account, tls, auth, count(*), sum(recipients), sum(size), min(time), max(time)
    FROM staged WHERE true GROUP BY day, sender, account, tls, auth
    ON CONFLICT DO UPDATE SET
        messages = messages + excluded.messages, recipients = recipients + excluded.recipients,
        bytes = bytes + excluded.bytes, first = min(first, excluded.first), last = max(last, excluded.last)
"""
COUNT_STAGED_TOTALS: Final = """
    INSERT INTO daily_total
    SELECT day, address.domain, tls, auth, count(*), sum(recipients), min(time), max(time)
    FROM staged JOIN address ON address.id = staged.sender WHERE true GROUP BY day, address.domain, tls, auth
    ON CONFLICT DO UPDATE SET
        messages = messages + excluded.messages, recipients = recipients + excluded.recipients,
        first = min(first, excluded.first), last = max(last, excluded.last)
"""
DROP_KNOWN_FAILURES: Final = """
    DELETE FROM staged_failure WHERE EXISTS (
        SELECT 1 FROM main.auth_failure AS known
        WHERE known.time = staged_failure.time AND known.server = staged_failure.server
          AND known.process = staged_failure.process AND known.name = staged_failure.name
          AND known.client = staged_failure.client AND known.mechanism = staged_failure.mechanism
          AND known.ordinal = staged_failure.ordinal)
"""
INSERT_STAGED_FAILURES: Final = """
    INSERT INTO auth_failure
    SELECT time, server, process, name, client, mechanism, ordinal, ? FROM staged_failure
"""
COUNT_STAGED_FAILURES: Final = """
    INSERT INTO daily_failure
    SELECT day, name, client, count(*), min(time), max(time) FROM staged_failure WHERE true GROUP BY day, name, client
    ON CONFLICT DO UPDATE SET
        failures = failures + excluded.failures, first = min(first, excluded.first), last = max(last, excluded.last)
"""

RECOUNT_DAY: Final = """
    INSERT INTO daily
    SELECT :day, sender, account, tls, mechanism.auth, count(*), sum(recipients), sum(size), min(time), max(time)
    FROM submission JOIN mechanism ON mechanism.id = submission.mechanism
    WHERE time >= :first AND time < :end
    GROUP BY sender, account, tls, mechanism.auth
"""
RECOUNT_TOTALS: Final = """
    INSERT INTO daily_total
    SELECT day, address.domain, tls, auth, sum(messages), sum(recipients), min(first), max(last)
    FROM daily JOIN address ON address.id = daily.sender WHERE day = ? GROUP BY address.domain, tls, auth
"""
RECOUNT_FAILURES: Final = """
    INSERT INTO daily_failure
    SELECT :day, name, client, count(*), min(time), max(time) FROM auth_failure
    WHERE time >= :first AND time < :end GROUP BY name, client
"""
