"""Makes a store of any number of senders and days by its own schema, without logs: for questions to be asked of."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final

from smtpauth_tui.store.writer import Writer

FIRST_DAY: Final = 20_700
"""The first day's number (2026-09-04); days are counted in UTC."""
DOMAINS: Final = 200
_DAY: Final = 86_400
_ZIPF: Final = 0.9
"""How uneven senders are; the mean is one message a sender and day."""
_TLS: Final = ((13, 70), (12, 22), (10, 3), (0, 2), (11, 1), (99, 2))
_FAILURES: Final = 6
"""One refused attempt a day for so many senders."""
_TRIED_NAMES: Final = 100_000

Row = tuple[Any, ...]


def make(path: Path, senders: int, days: int, *, first_day: int = FIRST_DAY, seed: int = 7) -> None:
    """A store of so many senders, the same for the same arguments; nothing is there yet at *path*."""
    dice = Random(seed)
    with closing(Writer(path, "UTC")) as writer:
        writer.begin()
        add = writer._connection.executemany
        add("INSERT INTO domain VALUES (?, ?)", ((n, f"d{n}.example") for n in range(1, DOMAINS + 1)))
        add("INSERT INTO address VALUES (?, ?, ?, ?)", _addresses(senders, dice))
        add("INSERT INTO client VALUES (?, ?, 'unknown')", ((n + 1, _address(n)) for n in range(senders // 3 + 1)))
        names = min(senders, _TRIED_NAMES)
        add(
            "INSERT INTO tried_name VALUES (?, ?, ?)",
            ((n, *[f"try{n}@d{n % DOMAINS}.example"] * 2) for n in range(names)),
        )
        add(_SOURCE, ((f"/var/log/mail.log.{n}", str(n).encode()) for n in range(days)))
        for rows, failures in _days(senders, range(first_day, first_day + days), names, dice):
            add("INSERT INTO daily VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            add("INSERT INTO daily_failure VALUES (?, ?, ?, ?, ?, ?)", failures)
        writer._connection.execute(_TOTALS)
        writer.finish()
        writer.commit()
        writer._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _addresses(senders: int, dice: Random) -> Iterator[Row]:
    domains = dice.choices(range(1, DOMAINS + 1), [1 / n**_ZIPF for n in range(1, DOMAINS + 1)], k=senders)
    for number, domain in enumerate(domains, 1):
        text = f"u{number * 7919 % senders:07d}@d{domain}.example"
        yield number, text, text, domain


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _days(senders: int, days: range, names: int, dice: Random) -> Iterator[tuple[list[Row], list[Row]]]:
    """The rows of ``daily`` and ``daily_failure``, day by day."""
    everyone = list(range(1, senders + 1))
    dice.shuffle(everyone)
    ranks = list(accumulate(1 / n**_ZIPF for n in range(1, senders + 1)))
    versions = dice.choices([code for code, _ in _TLS], [share for _, share in _TLS], k=senders + 1)
    for day in days:
        counts = Counter(dice.choices(everyone, cum_weights=ranks, k=senders))
        rows = [row for sender in sorted(counts) for row in _rows(day, sender, counts[sender], versions[sender])]
        tries = Counter(
            (int(dice.random() ** 3 * names), int(dice.random() ** 2 * senders / 3) + 1)
            for _ in range(senders // _FAILURES)
        )
        yield rows, [(day, *who, tries[who], day * _DAY, day * _DAY + 9) for who in sorted(tries)]


def _rows(day: int, sender: int, messages: int, version: int) -> Iterator[Row]:
    """One sender's day: mostly with one version; one login in ten is another's, and busy senders have two clients."""
    account = sender - 1 if sender % 10 == 0 else sender
    first, last = day * _DAY + sender % 5000, day * _DAY + 50_000 + sender % 5000
    auth = 2 if sender % 7 == 0 else 1
    older = messages // 4 if version == 13 else 0
    for tls, some in ((12, older), (version, messages - older)):
        if some:
            yield day, sender, account, tls, auth, some, some + some // 3, some * 3000, first, last


_SOURCE: Final = """
    INSERT INTO source (path, head, stem, format, host, zone, lines, octets, submissions, auth_failures, facts,
        incomplete, not_understood, damaged, first, last, imported_at, head_length, fork, place, tail, split, state,
        orphans, form, anew)
    VALUES (?, ?, '', 'postfix', 'mx1', '', 1, 1, 1, 1, 1, 0, 0, '', 1, 2, 3, 0, 0, 0, x'', '', '', '', '', 0)
"""
_TOTALS: Final = """
    INSERT INTO daily_total
    SELECT day, address.domain, tls, auth, sum(messages), sum(recipients), min(first), max(last)
    FROM daily JOIN address ON address.id = daily.sender GROUP BY day, address.domain, tls, auth
"""
