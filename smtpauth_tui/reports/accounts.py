"""First and last seen: new, returned and silent accounts, and those that are active as ever."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import Clock
from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.query import Grouping, ReportQuery, SenderOrder
from smtpauth_tui.reports.compared import earlier_days
from smtpauth_tui.reports.figures import number, plural, short_day, short_period
from smtpauth_tui.reports.filtered import SEEN_COLUMNS, count_column, text_column
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Column, Fields, Preface, Report, Tone
from smtpauth_tui.store.reader import Store

if TYPE_CHECKING:
    from smtpauth_tui.reports.presence import Presence, Roll

STATES: Final = ("new", "returned", "silent", "active")
"""What ``--state`` takes, in the order in which they are told."""
_TONES: Final = {"new": Tone.WARN, "returned": Tone.WARN, "silent": Tone.BAD, "active": Tone.PLAIN}
_ABOUT: Final = {"new": "new", "returned": "returned", "silent": "expected but not seen", "active": "active as ever"}


async def load(store: Store, query: ReportQuery) -> "Roll":
    """The accounts of a period."""
    from smtpauth_tui.reports import presence  # late: it loads the rules, which the first picture does without

    return await presence.load(store, query, query.today or Clock().today(store.zone))


async def rows(store: Store, roll: "Roll", states: Collection[str] = STATES) -> list["Presence"]:
    """The accounts of some states, in no order."""
    from smtpauth_tui.reports import presence

    return await presence.rows(store, roll, [presence.State(state) for state in states])


def in_order(listed: Iterable["Presence"], query: ReportQuery) -> list["Presence"]:
    """Those of some accounts that the query's search finds, in its order."""
    search = query.search.casefold()
    found = [row for row in listed if search in row.name.casefold()]
    found.sort(key=lambda row: row.name.casefold())
    found.sort(key=_VALUES[query.order], reverse=query.descending)
    return found


def _by_state(row: "Presence") -> tuple[int, int]:
    return -STATES.index(row.state.value), row.messages


_VALUES: Final[dict[SenderOrder, Callable[["Presence"], Any]]] = {
    SenderOrder.NAME: lambda row: row.name.casefold(),
    SenderOrder.STATE: _by_state,
    SenderOrder.MESSAGES: lambda row: row.messages,
    SenderOrder.FIRST_SEEN: lambda row: row.days.first,
    SenderOrder.LAST_SEEN: lambda row: row.last,
}


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator["Presence", None]:
    """The accounts; unless another order is asked for, the new ones first, then the returned and the silent ones."""
    async with store.snapshot() as seen:
        found = await rows(seen, await load(seen, query), [query.state] if query.state else STATES)
    for row in in_order(found, query)[:limit]:
        yield row


async def load_preface(store: Store, query: ReportQuery) -> Preface:
    """How many of each state there are, and what the store cannot tell."""
    roll = await load(store, query)
    counts = _counts(roll)
    earlier = earlier_days(query.period)
    said = {
        "counts": counts,
        "since": roll.since.isoformat() if roll.since else None,
        "before": {"start": earlier.first.isoformat(), "end": earlier.last.isoformat()},
    }
    return Preface((f"{status(roll)}.", *lacks(roll)), said)


def status(roll: "Roll") -> str:
    """``3 new, 1 returned, 2 expected but not seen, 70 active as ever``."""
    return ", ".join(f"{number(count)} {_ABOUT[state]}" for state, count in _counts(roll).items())


def _counts(roll: "Roll") -> dict[str, int]:
    found = {state.value: count for state, count in roll.counts.items()}
    return {state: found.get(state, 0) for state in STATES}


def lacks(roll: "Roll") -> tuple[str, ...]:
    """What the store cannot tell, as it does not reach back far enough."""
    if roll.knows_new or roll.since is None:
        return ()
    return (
        f"The store begins on {short_day(roll.since)} {roll.since.year}: of {short_period(roll.period)} "
        "it cannot tell from the first day on who is new.",
    )


def fields(row: "Presence") -> Fields:
    """As `_NAMES` has them; days of the store's zone."""
    from smtpauth_tui.reports.presence import rhythm

    seen, of, words = rhythm(row)
    return {
        "account": sender_label(row.name),
        "domain": row.domain,
        "state": row.state.value,
        "first_day": row.first_seen.isoformat(),
        "last_day": row.last_seen.isoformat(),
        "messages": row.messages,
        "messages_before": row.before,
        "days_seen": seen,
        "days_of": of,
        "rhythm": words,
        "days_silent": row.silent,
    }


def cells(row: "Presence") -> Sequence[Cell]:
    """An account for people."""
    from smtpauth_tui.reports.presence import rhythm

    return (
        Cell(sender_label(row.name)),
        Cell(row.state.value, _TONES[row.state.value]),
        Cell(row.last_seen.isoformat()),
        Cell(silence(row)),
        Cell(number(row.messages)),
        Cell("" if row.before is None else number(row.before)),
        Cell(row.first_seen.isoformat()),
        Cell(rhythm(row)[2]),
    )


def silence(row: "Presence") -> str:
    """``45 days``, ``missed 4 days``; empty where there is nothing to say."""
    if not row.silent:
        return ""
    days = plural(row.silent, "day")
    return f"missed {days}" if row.state.value == "silent" else days


_NAMES: Final = (
    "account",
    "domain",
    "state",
    "first_day",
    "last_day",
    "messages",
    "messages_before",
    "days_seen",
    "days_of",
    "rhythm",
    "days_silent",
)
COLUMNS: Final = (
    Column("account", "Account"),
    Column("state", "State"),
    Column("last_seen", "Last seen"),
    Column("silence", "Silence"),
    Column("messages", "Messages", numeric=True),
    Column("before", "Before", numeric=True),
    Column("first_seen", "First seen"),
    Column("rhythm", "Sent on"),
)


def filter_columns(by: Grouping) -> tuple[FilterColumn, ...]:
    """All that is told of an account."""
    from smtpauth_tui.reports.presence import State

    texts = text_column("account"), text_column("domain"), text_column("state", words=State), text_column("rhythm")
    counts = [count_column(name) for name in ("messages", "before", "days_seen", "silence")]
    return (*texts, *counts, *SEEN_COLUMNS)


def filter_values(zone: ZoneInfo) -> dict[str, Callable[["Presence"], Any]]:
    """What a filter compares of it."""
    from smtpauth_tui.reports.presence import rhythm

    return {
        "account": lambda row: sender_label(row.name),
        "domain": lambda row: row.domain,
        "state": lambda row: row.state.value,
        "rhythm": lambda row: rhythm(row)[2],
        "messages": lambda row: row.messages,
        "before": lambda row: row.before,
        "days_seen": lambda row: rhythm(row)[0],
        "silence": lambda row: row.silent,
        "first_seen": lambda row: row.first_seen,
        "last_seen": lambda row: row.last_seen,
    }


ACCOUNTS: Final = Report(
    name="accounts",
    title="Accounts: new, returned, silent",
    help="when each account was first and last seen, and who is new, returned or silent: --state",
    records=records,
    fields=fields,
    names=lambda query: _NAMES,
    columns=COLUMNS,
    cells=cells,
    orders={
        "account": (SenderOrder.NAME, False),
        "state": (SenderOrder.STATE, True),
        "messages": (SenderOrder.MESSAGES, True),
        "first_seen": (SenderOrder.FIRST_SEEN, True),
        "last_seen": (SenderOrder.LAST_SEEN, True),
    },
    preface=load_preface,
    filters=filter_columns,
    values=filter_values,
    order=SenderOrder.STATE,
)
