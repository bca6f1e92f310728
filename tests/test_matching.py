"""Filters asked of records in memory, judged by functions that know nothing of the program, and beside its SQL."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.conditions import FilterColumn, Kind
from smtpauth_tui.filters import parse
from smtpauth_tui.matching import predicate
from tests.store.written_filters import Known, Row, sender_columns, shifted, written_filter

TODAY = date(2026, 11, 23)
EXAMPLES = 3000 if os.environ.get("LONG_RUNS") else 400
CLIENTS = ["192.0.2.7", "192.0.2.255", "::ffff:192.0.2.7", "10.1.2.3", "2001:DB8::1", "fe80::1%eth0", "unknown", ""]
NETWORKS = ["192.0.2.0/24", "192.0.2.7/30", "::ffff:192.0.2.0/120", "2001:db8::/32", "0.0.0.0/0", "::/0"]
COLUMNS = (
    FilterColumn("account", Kind.TEXT, "account"),
    FilterColumn("client", Kind.ADDRESS, "client"),
    FilterColumn("messages", Kind.NUMBER, "messages"),
    FilterColumn("old%", Kind.SHARE, "old"),
    FilterColumn("seen", Kind.DAY, "seen"),
)
VALUES: Mapping[str, Callable[[Row], Any]] = {
    "account": lambda row: row["account"],
    "client": lambda row: row["client"],
    "messages": lambda row: row["messages"],
    "old%": lambda row: (row["old"], row["messages"]),
    "seen": lambda row: row["seen"],
}


def holds(text: str, **row: Any) -> bool:
    return predicate(parse(text, COLUMNS, TODAY), VALUES)(row)


@settings(max_examples=EXAMPLES)
@given(st.randoms(use_true_random=False))
def test_any_filter_of_any_record(dice: Random) -> None:
    names = ["Ana@shop.example", "ana@shop.example", "straße", "STRASSE", "and", "", "éa", "nul\0in"]
    shares = next(known for known in sender_columns("sender", UTC, names, [TODAY]) if known.kind == "share").some  # type: ignore[arg-type]
    known = [
        Known("account", "text", lambda row: row["account"], names),
        Known("client", "address", lambda row: row["client"], [*CLIENTS, *NETWORKS]),
        Known("messages", "count", lambda row: row["messages"], range(12)),
        Known("old%", "share", lambda row: 100 * row["old"] / row["messages"], shares),
        Known("seen", "day", lambda row: row["seen"], shifted(TODAY, 0, -1, -7, -30)),
    ]
    written = written_filter(dice, known, TODAY)
    judged = predicate(parse(written.text, COLUMNS, TODAY), VALUES)
    for _ in range(10):
        messages = dice.choice([1, 2, 4, 5, 8])  # of which a share has no end in binary only where it has in decimal
        row = {
            "account": dice.choice(names),
            "client": dice.choice(CLIENTS),
            "messages": messages,
            "old": dice.randint(0, messages),
            "seen": TODAY - timedelta(days=dice.choice([0, 1, 7, 8, 30])),
        }
        assert judged(row) is written.holds(row), (written.text, row)


@pytest.mark.parametrize(
    ("text", "client", "told"),
    [
        ("client in 192.0.2.0/24", "192.0.2.0/24", True),
        ("client in 192.0.0.0/16", "192.0.2.0/24", True),
        ("client = 192.0.2.7", "192.0.2.0/24", False),
        ("client < 192.0.3.0", "192.0.2.0/24", True),
        ("client <= 192.0.2.0/24", "192.0.2.0/24", True),
        ("client > 192.0.2.0", "192.0.2.0/24", False),
        ("client >= 192.0.2.0/24", "192.0.2.0/24", True),
        ("client between 192.0.2.0/24 and 192.0.3.0/24", "192.0.3.0/24", True),
        ("client in 2001:db8::/32", "2001:db8:7::/48", True),
        ("client contains .0/24", "192.0.2.0/24", True),
        ("client != 10.0.0.0/8", "(no address)", True),
        ("client = '(NO address)'", "(no address)", True),
    ],
)
def test_networks_that_stand_for_addresses(text: str, client: str, told: bool) -> None:
    assert holds(text, client=client) is told


def test_nothing_is_like_nothing_and_of_several_values_one_will_do() -> None:
    assert not holds("account = ''", account=None)
    assert holds("account != ana", account=None)
    assert not holds("seen < today", seen=None)
    assert holds("not seen < today", seen=None)
    assert holds("account starts with b", account=["ana", "bo"])
    assert not holds("account starts with c", account=("ana", "bo"))
    assert holds("client in 10.0.0.0/8", client={"192.0.2.1", "10.0.0.1"})
    assert not holds("client in 10.0.0.0/8", client=[])
    assert not holds("account contains a", account=[None])


def test_shares_are_compared_as_they_are() -> None:
    assert holds("old% > 33.3333 and old% < 33.3334", old=1, messages=3)
    assert not holds("old% = 33.3333", old=1, messages=3)
