"""What a store holds, counted by plain SQL from its facts, and whether what is counted ahead says the same."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES
from smtpauth_tui.store.sightings import FACTS, NEVER
from smtpauth_tui.store.windows import NO_DAY, SPANS, WINDOW_END

TLS_NAMES: Final = {0: "none", 3: "SSLv3", 10: "TLSv1", 11: "TLSv1.1", 12: "TLSv1.2", 13: "TLSv1.3", 99: "unknown"}
DAY: Final = 86_400
"""Seconds; the stores of these tests count days in UTC."""


class WrongError(Exception):
    """The store is not what the truth says."""


@dataclass(slots=True)
class Found:
    """The facts of a store, counted."""

    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By sender and TLS version."""
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By name tried and client's address."""


def found_in(db: Path) -> Found:
    """The facts of a store."""
    with closing(_open(db)) as store:
        found = Found()
        for sender, tls, number in store.execute(MESSAGES):
            found.messages[sender, TLS_NAMES[tls]] = number
        for name, client, number in store.execute(FAILURES):
            found.failures[name, client] = number
        return found


def broken_roll_up(db: Path, *, finished: bool) -> list[str]:
    """What of the roll-up differs from the facts, a sentence each.

    The windows count only while the store says that they are up to date, which it must after a *finished* import.
    """
    wrong = []
    with closing(_open(db)) as store:
        store.execute("BEGIN")
        for table, sql in COUNTED.items():
            columns = "*" if table != "daily_failure" else "day, name, client, failures, first, last"
            if _differ(store, f"SELECT {columns} FROM {table}", sql):
                wrong.append(f"roll-up: {table} is not what the facts give")
        row = store.execute("SELECT value FROM setting WHERE name = ?", (WINDOW_END,)).fetchone()
        newest = store.execute(f"SELECT coalesce(max(time) / {DAY}, {NO_DAY}) FROM submission").fetchone()[0]
        if row:
            wrong += [
                f"roll-up: {table} is not what the facts give"
                for table, sql in AHEAD.items()
                if _differ(store, f"SELECT * FROM {table}", sql)
            ]
        if row and int(row[0]) != newest:
            wrong.append("roll-up: the windows end on another day than the facts")
        elif row:
            for span in SPANS:
                first = (newest - span + 1) * DAY
                if _differ(store, f"SELECT * FROM window WHERE span = {span}", WINDOW.format(span=span, first=first)):
                    wrong.append(f"roll-up: the window of {span} days is not what the facts give")
        elif finished and newest != NO_DAY:
            wrong.append("roll-up: the windows are not up to date")
    return wrong


def differences(
    found: Found, messages: Counter[tuple[str, str]], failures: Counter[tuple[str, str]], *, whole: bool
) -> list[str]:
    """What the store has too much of and, with *whole*, what it lacks; each a sentence that begins with its class."""
    wrong: list[str] = []
    for what, there, truth in (
        ("message", by_sender(found.messages), by_sender(messages)),
        ("failure", found.failures, failures),
    ):
        wrong += [f"extra {what}: {number} of {key}" for key, number in sorted((there - truth).items(), key=str)]
        if whole:
            wrong += [f"missing {what}: {number} of {key}" for key, number in sorted((truth - there).items(), key=str)]
    for (sender, tls), number in sorted((found.messages - messages).items()):
        if tls != "unknown":
            wrong.append(f"wrong tls: {number} of {sender!r} as {tls}")
        elif whole:
            lacks = {each: count for (who, each), count in (messages - found.messages).items() if who == sender}
            wrong.append(f"unknown tls: {number} of {sender!r} are {lacks}")
    return wrong


def by_sender(messages: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    by_sender: Counter[tuple[str, str]] = Counter()
    for (sender, _), number in messages.items():
        by_sender[sender, ""] += number
    return by_sender


def _open(db: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{db}?mode=ro", uri=True)


def _differ(store: sqlite3.Connection, counted_ahead: str, counted: str) -> bool:
    either = (
        f"SELECT * FROM ({counted_ahead} EXCEPT {counted}) UNION ALL SELECT * FROM ({counted} EXCEPT {counted_ahead})"
    )
    return store.execute(either).fetchone() is not None


MESSAGES: Final = """
    SELECT address.folded, tls, count(*) FROM submission JOIN address ON address.id = sender GROUP BY sender, tls
"""
FAILURES: Final = """
    SELECT folded, client.address, count(*) FROM auth_failure JOIN tried_name ON tried_name.id = auth_failure.name
    JOIN client ON client.id = client GROUP BY auth_failure.name, client
"""
COUNTED: Final = {
    "daily": f"""
        SELECT time / {DAY}, sender, account, tls, auth, count(*), sum(recipients), sum(size), min(time), max(time)
        FROM submission JOIN mechanism ON mechanism.id = mechanism GROUP BY 1, 2, 3, 4, 5
    """,
    "daily_total": f"""
        SELECT time / {DAY}, domain, tls, auth, count(*), sum(recipients), min(time), max(time) FROM submission
        JOIN mechanism ON mechanism.id = mechanism JOIN address ON address.id = sender GROUP BY 1, 2, 3, 4
    """,
    "daily_failure": f"""
        SELECT time / {DAY}, name, client, count(*), min(time), max(time) FROM auth_failure GROUP BY 1, 2, 3
    """,
}
WINDOW: Final = (
    "SELECT {span}, sender, count(*), sum(recipients), "
    + ", ".join(f"sum(tls = {code})" for code in TLS_CODES.values())
    + ", "
    + ", ".join(f"sum(auth = {code})" for code in AUTH_CODES.values())
    + " FROM submission JOIN mechanism ON mechanism.id = mechanism WHERE time >= {first} GROUP BY sender"
)
_SEEN_AGAIN: Final = """
    SELECT {party:d}, day, before, count(*) FROM (
        SELECT day, lag(day, 1, {never}) OVER (PARTITION BY id ORDER BY day) AS before
        FROM (SELECT DISTINCT {column} AS id, day FROM {table} WHERE {which}))
    GROUP BY day, before
"""
_EACH_PARTY: Final = " UNION ALL ".join(
    _SEEN_AGAIN.format(party=party, never=NEVER, column=column, table=table, which=which)
    for party, (column, table, which) in FACTS.items()
)
AHEAD: Final = {
    "day_total": """
        SELECT day, tls, auth, sum(messages), sum(recipients), min(first), max(last) FROM daily GROUP BY 1, 2, 3
    """,
    "domain_total": "SELECT domain, day, sum(messages) FROM daily JOIN address ON address.id = sender GROUP BY 1, 2",
    "failure_total": "SELECT day, sum(failures), max(last) FROM daily_failure GROUP BY day",
    "seen_again": f"SELECT * FROM ({_EACH_PARTY})",
}
"""What is counted ahead beside the windows, from the roll-up."""
