"""Writes what exports bring beside submissions: sign-ins and their roll-up, and snapshots."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Final

from smtpauth_tui.model import AuthFailure, SignIn, SignInOutcome, Snapshot
from smtpauth_tui.store.codes import AUTH_CODES, OUTCOME_CODES, TLS_CODES
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.dictionaries import Dictionaries

PROCESS: Final = "entra"
_LONGEST_KEY: Final = 100


class Exports:
    """Writes to the tables of exports, on the writer's connection and in its transactions."""

    def __init__(self, connection: sqlite3.Connection, ids: Dictionaries, day_number: Callable[[int], int]) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany
        self._ids = ids
        self._day_number = day_number

    def add_sign_ins(self, sign_ins: Iterable[SignIn], source: int) -> list[SignIn]:
        """Add the sign-ins that the store does not have, and count them in the roll-up; the new ones."""
        new = []
        days: dict[tuple[int, int, int, str], tuple[int, int, int, int]] = {}
        for one in sign_ins:
            name, client = self._ids.tried_name(one.account), self._ids.clients[one.client, "unknown"]
            failed = one.outcome is SignInOutcome.FAILED
            row = (
                key_of(one),
                one.time,
                self._ids.servers[one.host, PROCESS],
                name,
                client,
                one.country,
                one.city,
                one.asn,
                OUTCOME_CODES[one.outcome],
                one.code,
                one.reason,
                one.interactive,
                source,
            )
            if not self._run(_INSERT_SIGN_IN, row).rowcount:
                continue
            new.append(one)
            group = (self._day_number(one.time), name, client, one.country)
            total, failures, first, last = days.get(group, (0, 0, one.time, one.time))
            days[group] = total + 1, failures + failed, min(first, one.time), max(last, one.time)
        self._run_many(_COUNT_SIGN_INS, ((*group, *counts) for group, counts in days.items()))
        return new

    def recount_sign_ins(self, day: int, first: int, end: int) -> None:
        """Count the sign-ins of a day anew, from the second *first* to before *end*."""
        self._run("DELETE FROM daily_sign_in WHERE day = ?", (day,))
        failed = OUTCOME_CODES[SignInOutcome.FAILED]
        self._run(_RECOUNT_SIGN_INS, {"day": day, "first": first, "end": end, "failed": failed})

    def add_snapshot(self, snapshot: Snapshot, source: int) -> bool:
        """Add a snapshot in the place of one of the same source; False where the store has the very same."""
        digest = _digest(snapshot)
        if self._run("SELECT 1 FROM snapshot WHERE digest = ?", (digest,)).fetchone():
            return False
        before = self._run("SELECT id FROM snapshot WHERE source = ?", (source,)).fetchone()
        if before:
            self._run("DELETE FROM snapshot_sender WHERE snapshot = ?", before)
            self._run("DELETE FROM snapshot WHERE id = ?", before)
        days = (day if day is None else number_of(day) for day in (snapshot.first, snapshot.last))
        number = self._run(_INSERT_SNAPSHOT, (source, digest, *days)).lastrowid
        self._run_many(
            _INSERT_SENDER,
            (
                (
                    number,
                    place,
                    one.sender,
                    one.sender.casefold(),
                    one.domain,
                    one.messages,
                    *(one.tls.get(version, 0) for version in TLS_CODES),
                    *(one.auth.get(kind, 0) for kind in AUTH_CODES),
                )
                for place, one in enumerate(snapshot.senders)
            ),
        )
        return True


def failures_of(sign_ins: Sequence[SignIn]) -> list[AuthFailure]:
    """The refused ones of some sign-ins, as failures: one for each, whatever export it came from."""
    return [
        AuthFailure(
            time=one.time,
            host=one.host,
            process=f"{PROCESS}/{one.id}",
            account=one.account or None,
            client=one.client,
            client_name="unknown",
            mechanism="",
            ordinal=one.ordinal,
        )
        for one in sign_ins
        if one.outcome is SignInOutcome.FAILED
    ]


def key_of(one: SignIn) -> str:
    """What a sign-in is known by: its id, or a digest of its second, account, client and ordinal."""
    if one.id and len(one.id) <= _LONGEST_KEY:
        return one.id.casefold()
    parts = (one.id, str(one.time), one.account.casefold(), one.client, str(one.ordinal))
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _digest(snapshot: Snapshot) -> bytes:
    """The same for the same senders and figures, in any order."""
    rows = sorted(
        repr((one.sender, one.messages, sorted(one.tls.items()), sorted(one.auth.items()))) for one in snapshot.senders
    )
    return blake2b("\n".join((str(snapshot.first), str(snapshot.last), *rows)).encode(), digest_size=16).digest()


_INSERT_SIGN_IN: Final = "INSERT OR IGNORE INTO sign_in VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
_COUNT_SIGN_INS: Final = """
    INSERT INTO daily_sign_in VALUES (?,?,?,?,?,?,?,?)
    ON CONFLICT DO UPDATE SET
        sign_ins = sign_ins + excluded.sign_ins, failures = failures + excluded.failures,
        first = min(first, excluded.first), last = max(last, excluded.last)
"""
_RECOUNT_SIGN_INS: Final = """
    INSERT INTO daily_sign_in
    SELECT :day, name, client, country, count(*), sum(outcome = :failed), min(time), max(time) FROM sign_in
    WHERE time >= :first AND time < :end GROUP BY name, client, country
"""
_INSERT_SNAPSHOT: Final = "INSERT INTO snapshot (source, digest, first, last) VALUES (?,?,?,?)"
_INSERT_SENDER: Final = (
    f"INSERT INTO snapshot_sender VALUES ({', '.join('?' * (6 + len(TLS_CODES) + len(AUTH_CODES)))})"
)
