"""The importer's side of the store: facts, roll-up and what was read, each file in one transaction."""

import itertools
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from smtpauth_tui.clock import zone_named
from smtpauth_tui.errors import NoStoreError, SmtpAuthTuiError, StoreError
from smtpauth_tui.model import (
    AuthFailure,
    SignIn,
    Snapshot,
    Submission,
)
from smtpauth_tui.store import files
from smtpauth_tui.store.codes import TLS_CODES, TLS_UNKNOWN
from smtpauth_tui.store.days import DayFinder
from smtpauth_tui.store.dictionaries import PROXY, Dictionaries
from smtpauth_tui.store.exports import Exports, failures_of
from smtpauth_tui.store.lock import Lock
from smtpauth_tui.store.schema import check, migrate, version_of
from smtpauth_tui.store.sources import Sources
from smtpauth_tui.store.statements import (
    COUNT_DAILY,
    COUNT_FAILURES,
    COUNT_TOTALS,
    CREATE_FILLED,
    CREATE_SAME_SERVER,
    CREATE_STAGED,
    CREATE_STAGED_FAILURE,
    DROP_KNOWN,
    DROP_KNOWN_FAILURES,
    DROP_STAGED_FAILURE,
    DROP_UNUSED,
    FAILURE_KEY,
    FILL,
    FILLED_SENDERS,
    INSERT_FAILURE,
    INSERT_STAGED,
    INSERT_SUBMISSION,
    OTHER_FORMS,
    RECOUNT_DAY,
    RECOUNT_FAILURES,
    RECOUNT_FILLED,
    RECOUNT_TOTALS,
    SAME_MESSAGE,
    SELECT_COPIES,
    SELECT_FILLED,
    SELECT_KNOWN_FAILURES,
    STAGED_ORDER,
    STANDS_UNDER_OTHERS,
)
from smtpauth_tui.store.windows import Windows

_BUSY: Final = 60.0
BY_PROXY: Final = "XCLIENT"
"""The mechanism that the server behind it logs."""
_RELAYED: Final = 60
"""Seconds between the two."""
_TLS, _SOURCE, _DAY, _SLACK = 6, 10, 11, 12
"""Places in a row of `Writer._submission_rows`."""
Row = tuple[Any, ...]
Fact = TypeVar("Fact", Submission, AuthFailure, SignIn)


@dataclass(slots=True)
class Added:
    """How many facts were new, and how many the store had."""

    submissions: int = 0
    auth_failures: int = 0
    already_known: int = 0
    pruned: int = 0
    """Older than the store keeps."""
    sign_ins: int = 0
    snapshots: int = 0


class Writer:
    """Writes to one store. There is one at a time: a second one waits until the first is closed."""

    def __init__(self, path: Path | None, zone_name: str, say: Callable[[str], None] = lambda _: None) -> None:
        """Open the store, or make one that counts its days in *zone_name*; StoreError where that fails.

        Without *path* the store is in memory and gone afterwards. *say* hears that another import is waited for.
        """
        self._lock: Lock | None = None
        if path:
            files.make(path)
            self._lock = Lock(path, say)
        self.path = path or Path(":memory:")
        try:
            self._connection = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None)
        except sqlite3.Error as error:
            self._release()
            raise store_error(error, self.path) from error
        try:
            self._prepare(zone_name)
        except sqlite3.Error as error:
            self.close()
            raise store_error(error, self.path) from error
        except SmtpAuthTuiError:
            self.close()
            raise
        self.sources = Sources(self._connection)
        """What was read, within the writer's transactions."""
        self._dictionaries = Dictionaries(self._connection, lambda day: self._days.bounds(day))
        self._windows = Windows(self._connection)
        self._newest_known: dict[str, int] = {}
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
        horizon = run("SELECT value FROM setting WHERE name = 'horizon'").fetchone()
        self._horizon = self._days.bounds(int(horizon[0]))[0] if horizon else None
        for create in (CREATE_STAGED, CREATE_STAGED_FAILURE, CREATE_FILLED, CREATE_SAME_SERVER):
            run(create)

    def close(self) -> None:
        """Close the store; what was not committed is undone."""
        self._connection.close()
        self._release()

    def _release(self) -> None:
        if self._lock:
            self._lock.release()

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
                self._forget()

    def _forget(self) -> None:
        """What was written is undone: know it no more."""
        self._dictionaries.forget()
        self._windows.forget()
        self._newest_known.clear()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._forget()
            raise store_error(error, self.path) from error

    def add(self, submissions: Sequence[Submission], failures: Sequence[AuthFailure], source: int) -> Added:
        """Add the facts of a source that the store does not have, and count them in the roll-up."""
        added = Added()
        with self._errors():
            if kept := self._kept(submissions, added):
                self._add_submissions(kept, source, added)
            if kept_failures := self._kept(failures, added):
                self._add_failures(kept_failures, source, added)
            facts = added.submissions + added.auth_failures + added.already_known
            self.sources.count(source, added.submissions, added.auth_failures, facts)
        return added

    def add_sign_ins(self, sign_ins: Sequence[SignIn], source: int) -> Added:
        """Add the sign-ins that the store does not have; the refused ones of them are failures as well."""
        added = Added()
        with self._errors():
            sign_ins = self._kept(sign_ins, added)
            new = self._exports.add_sign_ins(sign_ins, source)
            added.sign_ins = len(new)
            if failures := failures_of(new):
                self._add_failures(failures, source, added)
            added.already_known += len(sign_ins) - len(new)
            self.sources.count(source, 0, added.auth_failures, len(sign_ins))
        return added

    def add_snapshot(self, snapshot: Snapshot, source: int) -> Added:
        """Add totals of a period, apart from all that is counted by day."""
        with self._errors():
            new = self._exports.add_snapshot(snapshot, source)
        return Added(snapshots=int(new), already_known=int(not new))

    def _kept(self, facts: Sequence[Fact], added: Added) -> Sequence[Fact]:
        """The facts that are not older than what the store keeps."""
        if self._horizon is None or min((one.time for one in facts), default=self._horizon) >= self._horizon:
            return facts
        kept = [one for one in facts if one.time >= self._horizon]
        added.pruned += len(facts) - len(kept)
        return kept

    def _add_submissions(self, submissions: Sequence[Submission], source: int, added: Added) -> None:
        rows = self._submission_rows(submissions, source, added)
        newest = self._newest("submission")
        doubtful = [row for row in rows if row[0] <= newest + row[_SLACK]]
        if doubtful:
            rows = [row for row in rows if row[0] > newest + row[_SLACK]]
            known = len(doubtful)
            doubtful = self._new_of(doubtful)
            added.already_known += known - len(doubtful)
            rows += doubtful
        rows.sort()
        self._connection.executemany(INSERT_SUBMISSION, (row[:_DAY] for row in rows))
        if rows:
            added.submissions += len(rows)
            self._newest_known["submission"] = max(newest, rows[-1][0])
            self._count(rows)

    def _submission_rows(self, submissions: Sequence[Submission], source: int, added: Added) -> list[Row]:
        """The rows of `submission`, and behind them day and slack; each message once.

        Of several copies the one with a TLS version stays.
        """
        ids = self._dictionaries
        times, hosts, instances, queue_ids, accounts, senders, addresses, names, tls, mechanisms, recipients, sizes = (
            zip(*submissions, strict=True)
        )
        servers = list(map(ids.servers.__getitem__, zip(hosts, instances, strict=True)))
        relayed = PROXY in instances or BY_PROXY in mechanisms
        slacks: Iterable[int] = itertools.repeat(SAME_MESSAGE)
        if relayed:
            relays = zip(instances, mechanisms, strict=True)
            slacks = (_RELAYED if one == PROXY or other == BY_PROXY else SAME_MESSAGE for one, other in relays)
        rows = list(
            zip(
                times,
                queue_ids,
                servers,
                map(ids.addresses.__getitem__, accounts),
                map(ids.addresses.__getitem__, senders),
                map(ids.clients.__getitem__, zip(addresses, names, strict=True)),
                map(TLS_CODES.__getitem__, tls),
                map(ids.mechanisms.__getitem__, mechanisms),
                recipients,
                sizes,
                itertools.repeat(source),
                map(self._days.number, times),
                slacks,
                strict=False,
            )
        )
        keys = list(zip(servers, queue_ids, strict=True))
        return rows if len(set(keys)) == len(keys) else _once(keys, rows, added)

    def _new_of(self, rows: list[Row]) -> list[Row]:
        """Those of some submissions that the store does not have; what it lacks of the others is filled in."""
        run, auth_of = self._connection.execute, self._dictionaries.auth_of
        run("DELETE FROM staged")
        self._connection.executemany(
            INSERT_STAGED,
            ((*row[:_SOURCE], row[_DAY], auth_of[row[7]], row[_SLACK], place) for place, row in enumerate(rows)),
        )
        self._dictionaries.pair_servers()
        self._fill()
        run(DROP_KNOWN)
        return [rows[place] for (place,) in run("SELECT place FROM staged")]

    def _count(self, rows: list[Row]) -> None:
        """Count new submissions, which are in the order of time, in the roll-up."""
        ids = self._dictionaries
        auth_of, domains = ids.auth_of, ids.domains_of
        times, _, _, accounts, senders, _, tls, mechanisms, recipients, sizes, _, days, _ = zip(*rows, strict=True)
        keys = list(zip(days, senders, accounts, tls, map(auth_of.__getitem__, mechanisms), strict=True))
        last = dict(zip(keys, times, strict=True))
        first = dict(zip(reversed(keys), reversed(times), strict=True))
        counts = {key: [number, 0, 0, first[key], last[key]] for key, number in Counter(keys).items()}
        for key, some, size in zip(keys, recipients, sizes, strict=True):
            count = counts[key]
            count[1] += some
            count[2] += size
        totals: dict[tuple[int, int, int, int], list[int]] = {}
        for (day, sender, _, version, auth), (number, some, _, begin, end) in counts.items():
            total = totals.setdefault((day, domains[sender], version, auth), [0, 0, begin, end])
            total[0] += number
            total[1] += some
            total[2] = min(total[2], begin)
            total[3] = max(total[3], end)
        many = self._connection.executemany
        many(COUNT_DAILY, [(*key, *counts[key]) for key in sorted(counts)])
        many(COUNT_TOTALS, [(*key, *totals[key]) for key in sorted(totals)])
        self._windows.note([(*key, *count[:2]) for key, count in counts.items()])

    def _newest(self, table: Literal["submission", "auth_failure"]) -> int:
        """The time of the newest fact of a kind, of those that may be known; what comes later is new."""
        if table not in self._newest_known:
            newest = self._connection.execute(f"SELECT max(time) FROM {table}").fetchone()[0]
            self._newest_known[table] = -_RELAYED - 1 if newest is None else newest
        return self._newest_known[table]

    def _fill(self) -> None:
        """Where the store lacks something of a message that this log knows, fill it in, and count its senders anew."""
        run = self._connection.execute
        run("DELETE FROM filled")
        if not run(SELECT_FILLED).rowcount:
            return
        run(FILL)
        self._windows.note_filled()
        for day in [row[0] for row in run("SELECT DISTINCT day FROM filled")]:
            first, end = self._days.bounds(day)
            span = {"day": day, "first": first, "end": end}
            run(f"DELETE FROM daily WHERE day = :day AND sender IN ({FILLED_SENDERS})", span)
            run(RECOUNT_FILLED, span)
            run("DELETE FROM daily_total WHERE day = ?", (day,))
            run(RECOUNT_TOTALS, (day,))

    def _add_failures(self, failures: Sequence[AuthFailure], source: int, added: Added) -> None:
        rows = dict.fromkeys(self._failure_rows(failures))
        newest = self._newest("auth_failure")
        doubtful = [row for row in rows if row[0] <= newest + SAME_MESSAGE]
        if doubtful:
            for row in self._known_of(doubtful, source):
                del rows[row]
        new = sorted(rows)
        self._connection.executemany(INSERT_FAILURE, ((*row, source) for row in new))
        added.auth_failures += len(new)
        added.already_known += len(failures) - len(new)
        if new:
            self._newest_known["auth_failure"] = max(newest, new[-1][0])
        keys = [(self._days.number(row[0]), row[3], row[4]) for row in new]
        last = {key: row[0] for key, row in zip(keys, new, strict=True)}
        first = {key: row[0] for key, row in zip(reversed(keys), reversed(new), strict=True)}
        counts = sorted(Counter(keys).items())
        self._connection.executemany(COUNT_FAILURES, [(*key, number, first[key], last[key]) for key, number in counts])
        if counts:
            self._windows.note_failures(key for key, _ in counts)

    def _failure_rows(self, failures: Sequence[AuthFailure]) -> list[Row]:
        """Keys of `auth_failure`. What stood under `OTHER_NAMES` before stays there, so that it counts once."""
        ids, day, names = self._dictionaries, self._days.number, self._dictionaries.names
        rows = []
        for time, host, process, account, address, name, mechanism, ordinal in failures:
            tried = account or ""
            server = ids.servers_of[host, process]
            row = (
                time,
                server,
                ids.processes[process],
                names.get(tried) or ids.tried_name(tried, (server, day(time))),
                ids.clients[address, name],
                ids.mechanisms[mechanism],
                ordinal,
            )
            rows.append(row if ids.other_names is None else self._under_others(row, tried))
        return rows

    def _under_others(self, row: Row, tried: str) -> Row:
        """A failure as it stands in the store if its name stands under `OTHER_NAMES`."""
        time, server, process, name, client, mechanism, ordinal = row
        others, apart = self._dictionaries.other_names, _apart(tried, ordinal)
        key = (time, server, process, others, apart)
        if name == others or self._connection.execute(STANDS_UNDER_OTHERS, key).fetchone():
            return time, server, process, others, client, mechanism, apart
        return row

    def _known_of(self, rows: list[Row], source: int) -> list[Row]:
        """Those of some failures that the store has."""
        run = self._connection.execute
        run("DELETE FROM staged_failure")
        self._connection.executemany("INSERT INTO staged_failure VALUES (?,?,?,?,?,?,?)", rows)
        self._dictionaries.pair_servers()
        self._drop_known_failures(source)
        left = set(run(f"SELECT {FAILURE_KEY} FROM staged_failure"))
        return [row for row in rows if row not in left]

    def _drop_known_failures(self, source: int) -> None:
        """Drop the staged failures that the store has: the same, or in a log of another form within two seconds.

        Such a log was stamped by another collector. One attempt is the copy of one attempt: what a log's failures
        were taken for is remembered for its last seconds.
        """
        run = self._connection.execute
        stem, form = run("SELECT stem, form FROM source WHERE id = ?", (source,)).fetchone()
        oldest, newest = run("SELECT min(time), max(time) FROM staged_failure").fetchone()
        around = {"form": form, "first": oldest - SAME_MESSAGE, "last": newest + SAME_MESSAGE}
        if not run(OTHER_FORMS, around).fetchone():
            run(DROP_KNOWN_FAILURES)
            return
        taken = set(run(f"SELECT {FAILURE_KEY} FROM failure_copy WHERE stem = ?", (stem,)))
        taken.update(run(SELECT_KNOWN_FAILURES))
        run(DROP_KNOWN_FAILURES)
        staged = run(f"SELECT {FAILURE_KEY} FROM staged_failure ORDER BY {STAGED_ORDER}").fetchall()
        for equal in (list(group) for _, group in itertools.groupby(staged, key=lambda row: row[1:6])):
            names = zip(FAILURE_KEY.split(", "), equal[0], strict=True)
            around |= {**dict(names), "first": equal[0][0] - SAME_MESSAGE, "last": equal[-1][0] + SAME_MESSAGE}
            copies = [row for row in run(SELECT_COPIES, around) if row not in taken]
            for one, copy in _paired(equal, copies):
                taken.add(copy)
                run(DROP_STAGED_FAILURE, one)
        run("DELETE FROM failure_copy WHERE stem = ?", (stem,))
        self._connection.executemany(
            "INSERT INTO failure_copy VALUES (?,?,?,?,?,?,?,?)",
            ((stem, *row) for row in taken if row[0] >= newest - 2 * SAME_MESSAGE),
        )

    def withdraw(
        self, submissions: Sequence[Submission], failures: Sequence[AuthFailure], source: int | None = None
    ) -> None:
        """Take back facts that another log showed to be none, and count their days anew; with *source* only its own."""
        ids, days, failure_days = self._dictionaries, set(), set()
        with self._errors():
            for one in submissions:
                key = {"time": one.time, "queue_id": one.queue_id, "server": ids.servers[one.host, one.instance]}
                if owner := self._withdrawn("submission", key, source):
                    days.add(self._days.number(one.time))
                    self.sources.count(owner, -1, 0, -1)
            for failure in failures:
                failure_key = dict(zip(FAILURE_KEY.split(", "), self._failure_rows([failure])[0], strict=True))
                if owner := self._withdrawn("auth_failure", failure_key, source):
                    failure_days.add(self._days.number(failure.time))
                    self.sources.count(owner, 0, -1, -1)
            for day in days:
                self._recount(day)
            for day in failure_days:
                self._recount_failures(day)

    def _withdrawn(
        self, table: Literal["submission", "auth_failure"], key: dict[str, object], source: int | None
    ) -> int:
        """Delete the fact with a key, unless it is another source's than *source*; the number of its source, else 0."""
        where = " AND ".join(f"{name} = :{name}" for name in key)
        row = self._connection.execute(f"SELECT source FROM {table} WHERE {where}", key).fetchone()
        if row is None or source not in (None, row[0]):
            return 0
        self._connection.execute(f"DELETE FROM {table} WHERE {where}", key)
        return int(row[0])

    def _recount_failures(self, day: int) -> None:
        """Count a day's failures anew."""
        first, end = self._days.bounds(day)
        self._windows.count_failures_anew()
        self._connection.execute("DELETE FROM daily_failure WHERE day = ?", (day,))
        self._connection.execute(RECOUNT_FAILURES, {"day": day, "first": first, "end": end})

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
                self._recount_failures(day)
            for day in self._days_of("sign_in"):
                self._exports.recount_sign_ins(day, *self._days.bounds(day))
        self.finish()
        self.commit()

    def prune(self, days: int, today: int) -> tuple[int, int]:
        """Forget what is older than the last *days* days up to *today* (its number); how much that was.

        What was forgotten is not counted again from an old log.
        """
        self.begin()
        with self._errors():
            run = self._connection.execute
            horizon = today - days + 1
            first = self._days.bounds(horizon)[0]
            gone = [
                run(f"DELETE FROM {table} WHERE time < ?", (first,)).rowcount
                for table in ("submission", "auth_failure")
            ]
            for table in ("daily", "daily_total", "daily_failure", "daily_sign_in"):
                run(f"DELETE FROM {table} WHERE day < ?", (horizon,))
            run("DELETE FROM sign_in WHERE time < ?", (first,))
            before = run("SELECT value FROM setting WHERE name = 'horizon'").fetchone()
            horizon = max(horizon, int(before[0]) if before else horizon)
            run("INSERT OR REPLACE INTO setting VALUES ('horizon', ?)", (str(horizon),))
            self._horizon = self._days.bounds(horizon)[0]
            for statement in DROP_UNUSED:
                run(statement)
            self._dictionaries.forget()
            self._windows.count_anew()
            self._windows.count_failures_anew()
        self.finish()
        self.commit()
        self._connection.execute("VACUUM")
        return gone[0], gone[1]

    def finish(self) -> None:
        """After the last facts of an import, before its last commit: bring up to date what is counted ahead."""
        with self._errors():
            self._windows.finish()

    def _days_of(self, table: Literal["submission", "auth_failure", "sign_in"]) -> range:
        """The numbers of the days from the first to the last fact of a kind."""
        first, last = self._connection.execute(f"SELECT min(time), max(time) FROM {table}").fetchone()
        return range(0) if first is None else range(self._days.number(first), self._days.number(last) + 1)


def _once(keys: Sequence[tuple[int, str]], rows: Sequence[Row], added: Added) -> list[Row]:
    """The rows of messages, some of which have the same key: those of one time are the same message."""
    kept: list[Row] = []
    places: dict[tuple[int, str], list[int]] = {}
    for key, row in zip(keys, rows, strict=True):
        known = places.setdefault(key, [])
        same = next((place for place in known if abs(kept[place][0] - row[0]) <= SAME_MESSAGE), None)
        if same is None:
            known.append(len(kept))
            kept.append(row)
            continue
        added.already_known += 1
        if kept[same][_TLS] == TLS_UNKNOWN:
            kept[same] = row
    return kept


def _paired(staged: Sequence[Row], copies: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Each of some equal failures with one copy within two seconds, as many as go; both in the order of time."""
    left = iter(copies)
    copy = next(left, None)
    for one in staged:
        while copy and copy[0] < one[0] - SAME_MESSAGE:
            copy = next(left, None)
        if copy and copy[0] <= one[0] + SAME_MESSAGE:
            yield one, copy
            copy = next(left, None)


def _apart(tried: str, ordinal: int) -> int:
    """An ordinal for a name that stands under `OTHER_NAMES`: attempts with different names stay apart."""
    return ordinal + (zlib.crc32(tried.encode()) << 20)


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
        with closing(sqlite3.connect(files.address(path), uri=True)) as connection:
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
    if "not a database" in text:
        return StoreError(
            f"{path} is not a store of smtpauth-tui, or it is damaged.",
            "Name another file with --db; if it was the store, move it away and import the logs again.",
        )
    if "malformed" in text:
        return StoreError(
            f"The store {path} is damaged ({text}).", "Move it away and import the logs again, or restore a copy."
        )
    return StoreError(
        f"The store {path} failed: {text}.", "Check the disk and the rights of the folder, then try again."
    )
