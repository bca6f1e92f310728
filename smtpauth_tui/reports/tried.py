"""Failed sign-ins by the name that was tried: accounts, and apart from them the names that are no accounts."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.networks import network_of
from smtpauth_tui.query import ReportQuery, SenderOrder
from smtpauth_tui.reports import signs
from smtpauth_tui.reports.arranged import arranged
from smtpauth_tui.reports.figures import number, plural, utc, utc_minute
from smtpauth_tui.reports.filtered import SEEN_COLUMNS, count_column, text_column
from smtpauth_tui.reports.judged_here import day_in
from smtpauth_tui.reports.patterns import NOT_NAMED, PENDING, Pattern, Signs, Teller, Verdict, of_account, of_name
from smtpauth_tui.reports.tried_names import tried_label
from smtpauth_tui.reports.values import Cell, Column, Fields, Preface, Report, Tone
from smtpauth_tui.store import tries
from smtpauth_tui.store.allowed import Allowed
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.tries import OTHER_NAMES, NameTries


class Who(StrEnum):
    """Whose name was tried."""

    ACCOUNT = "account"
    """It has signed in, ever, or an export knows that it has."""
    SENDER = "sender"
    """It is the address of a sender who signs in by another name."""
    NAME = "name"
    """It is none of these, as far as the store can know: an account may never have been used."""
    OTHERS = "other names"
    """Names beyond those that the store keeps, all together."""
    NOT_LOGGED = "not logged"


@dataclass(frozen=True, slots=True)
class Tried:
    """A name that was tried in a period. Times are UTC seconds."""

    id: int
    """Its number among the names that were tried."""
    account: str | None
    """As logged; None where the log does not say."""
    address: int | None
    """The number of the account, or of the sender's address; None where there is neither."""
    who: Who
    failures: int
    days: int
    addresses: int
    networks: int | None
    """None for names that are no accounts: their addresses alone are counted."""
    messages: int
    """What was accepted from the account in the period."""
    sign_ins: int
    """The sign-ins that succeeded in the period, where an export tells them."""
    first: int
    last: int
    reasons: tuple[tuple[str, int], ...]
    """Why, in the words of exports of sign-ins; logs tell no reason."""
    verdict: Verdict

    @property
    def is_account(self) -> bool:
        """Whether somebody could sign in by that name."""
        return self.who in (Who.ACCOUNT, Who.SENDER)


@dataclass(frozen=True, slots=True)
class AllTried:
    """All names that were tried in a period: accounts and others apart, each with what matters most first."""

    accounts: tuple[Tried, ...]
    names: tuple[Tried, ...]
    signs: Signs | None
    """What the rules say of them; None where they were not asked."""
    days_known: int
    """Of the 30 days before the last one, those of which the store has messages."""


async def load(store: Store, query: ReportQuery, *, patterns: bool = True) -> AllTried:
    """All that was tried in the query's period, of its domain where it names one. Kept while the store is as it is.

    Without *patterns* it is there at once: accounts then stand by their failures.
    """
    allowed = await asyncio.to_thread(signs.allowed, store)
    key = query.period, query.domain, await store.version(), allowed.values
    known = store.kept.get(load)
    if isinstance(known, _Kept) and known.key == key:
        return known.found
    found = await _load(store, query, allowed if patterns else None)
    if patterns:
        store.kept[load] = _Kept(key, found)
    return found


class _Kept(NamedTuple):
    """The last answer: several lists are made of it."""

    key: tuple[object, ...]
    found: AllTried


async def _load(store: Store, query: ReportQuery, allowed: Allowed | None) -> AllTried:
    """*allowed*: what no rule looks at; None where no rule is asked."""
    period = query.period
    rows = await tries.names(store, period, query.domain)
    signed_in = await tries.signed_in(store, period)
    reasons = await tries.reasons(store, period)
    who = {row.id: _who(row, row.id in signed_in) for row in rows}
    accounts = {row.id: row for row in rows if who[row.id] in (Who.ACCOUNT, Who.SENDER)}
    numbers = {row.address for row in accounts.values() if row.address is not None}
    found = None if allowed is None else await signs.load(store, period, numbers, allowed)
    accepted = await tries.sent_by(store, period, numbers)
    clients = await tries.clients_of_names(store, period)
    pairs = await tries.pairs_of_names(store, period, accounts.keys())
    addresses = await tries.addresses(store, {pair.client for pair in pairs})
    failed: dict[int, dict[str, int]] = defaultdict(dict)
    for pair in pairs:
        failed[pair.name][addresses[pair.client][0]] = pair.failures
    tell = Teller(store.zone, period.last, store.places.shown)
    told = []
    for row in rows:
        messages = accepted[row.address].messages if row.address in accepted else 0
        own = failed.get(row.id, {})
        told.append(
            Tried(
                id=row.id,
                account=row.text or None,
                address=row.address,
                who=who[row.id],
                failures=row.failures,
                days=row.days,
                addresses=clients.get(row.id, 0),
                networks=len({network_of(address) for address in own}) if own else None,
                messages=messages,
                sign_ins=signed_in[row.id].within if row.id in signed_in else 0,
                first=row.first,
                last=row.last,
                reasons=tuple(reasons.get(row.id, ())),
                verdict=_verdict(row, who[row.id], own, messages, clients.get(row.id, 0), found, tell),
            )
        )
    told.sort(key=_matters)
    return AllTried(
        tuple(one for one in told if one.is_account),
        tuple(one for one in told if not one.is_account),
        found,
        await signs.days_known(store, period),
    )


def _who(row: NameTries, signed_in: bool) -> Who:
    if not row.text:
        return Who.NOT_LOGGED
    if row.text == OTHER_NAMES:
        return Who.OTHERS
    if row.account or signed_in:
        return Who.ACCOUNT
    return Who.NAME if row.address is None else Who.SENDER


def _verdict(
    row: NameTries,
    who: Who,
    failed: Mapping[str, int],
    messages: int,
    clients: int,
    found: Signs | None,
    tell: Teller,
) -> Verdict:
    if who is Who.NOT_LOGGED:
        return NOT_NAMED
    if who is Who.OTHERS:
        return Verdict(Pattern.NAMES, f"{plural(row.failures, 'failure')} of more names than the store keeps")
    if who is Who.NAME or not failed:
        return of_name(row.most, row.failures, row.days, clients)
    if found is None:
        return PENDING
    return of_account(-1 if row.address is None else row.address, row.text, failed, row.days, messages, found, tell)


def _matters(row: Tried) -> tuple[int, int, str]:
    return row.verdict.pattern.rank, -row.failures, (row.account or "").casefold()


# for programs and people

# what failures have no column for stands for columns that only they have; messages, the default, for what matters most
FAILURES_FIRST: Final = SenderOrder.RECIPIENTS
ACCEPTED_FIRST: Final = SenderOrder.BASIC
_ORDERS: Final[dict[SenderOrder, Callable[[Tried], Any]]] = {
    SenderOrder.NAME: lambda row: (row.account or "").casefold(),
    FAILURES_FIRST: lambda row: row.failures,
    ACCEPTED_FIRST: lambda row: row.messages,
    SenderOrder.FIRST_SEEN: lambda row: row.first,
    SenderOrder.LAST_SEEN: lambda row: row.last,
}
ORDERS: Final = {
    "pattern": (SenderOrder.MESSAGES, True),
    "failures": (FAILURES_FIRST, True),
    "messages": (ACCEPTED_FIRST, True),
    "first_seen": (SenderOrder.FIRST_SEEN, True),
    "last_seen": (SenderOrder.LAST_SEEN, True),
}


def words(row: Tried) -> str:
    """What a search looks through."""
    return f"{tried_label(row.account)} {row.verdict.pattern} {row.verdict.words}".casefold()


def fields(row: Tried) -> Fields:
    """The name (null where it is not logged), whose it is, its counts, and the pattern with what it rests on."""
    return {
        "account": row.account,
        "kind": row.who,
        "failures": row.failures,
        "messages": row.messages,
        "sign_ins": row.sign_ins,
        "addresses": row.addresses,
        "networks": row.networks,
        "days": row.days,
        "pattern": row.verdict.pattern,
        "says": row.verdict.words,
        "reasons": [f"{reason}: {count}" for reason, count in row.reasons],
        "first_seen": utc(row.first),
        "last_seen": utc(row.last),
    }


_NAMES: Final = (
    *("account", "kind", "failures", "messages", "sign_ins", "addresses", "networks", "days", "pattern", "says"),
    *("reasons", "first_seen", "last_seen"),
)


def filter_columns() -> tuple[FilterColumn, ...]:
    """What a filter may name."""
    words = [pattern for pattern in Pattern if pattern not in (Pattern.PENDING, Pattern.SEVERAL)]
    texts = text_column("account"), text_column("kind", words=Who), text_column("pattern", words=words)
    return *texts, *(count_column(name) for name in _COUNTED), *SEEN_COLUMNS


def filter_values(zone: ZoneInfo) -> dict[str, Callable[[Tried], Any]]:
    """What it compares; a name that is not logged is empty."""
    return {
        "account": lambda row: row.account or "",
        "kind": lambda row: row.who.value,
        "pattern": lambda row: row.verdict.pattern.value,
        **{name: attrgetter(name) for name in _COUNTED},
        "first_seen": lambda row: day_in(zone, row.first),
        "last_seen": lambda row: day_in(zone, row.last),
    }


_COUNTED: Final = ("failures", "messages", "sign_ins", "addresses", "networks", "days")
ACCOUNT_COLUMNS: Final = (
    Column("account", "Account tried"),
    Column("pattern", "Pattern"),
    Column("failures", "Failures", numeric=True, short="Failed"),
    Column("messages", "Accepted", numeric=True, short="Sent"),
    Column("addresses", "Addresses", numeric=True, short="Addr."),
    Column("last_seen", "Last seen (UTC)"),
)
NAME_COLUMNS: Final = (
    Column("account", "Name tried"),
    Column("pattern", "Pattern"),
    Column("failures", "Failures", numeric=True, short="Failed"),
    Column("addresses", "Addresses", numeric=True, short="Addr."),
    Column("days", "Days", numeric=True),
    Column("first_seen", "First seen (UTC)"),
    Column("last_seen", "Last seen (UTC)"),
)


def account_cells(row: Tried) -> tuple[Cell, ...]:
    """As `ACCOUNT_COLUMNS`."""
    bad = row.messages and row.verdict.pattern.tone is Tone.BAD
    return (
        Cell(tried_label(row.account)),
        Cell(row.verdict.pattern, row.verdict.pattern.tone),
        Cell(number(row.failures)),
        Cell(number(row.messages), Tone.BAD if bad else Tone.PLAIN),
        Cell(number(row.addresses)),
        Cell(utc_minute(row.last), Tone.MUTED),
    )


def name_cells(row: Tried) -> tuple[Cell, ...]:
    """As `NAME_COLUMNS`."""
    return (
        Cell(tried_label(row.account), Tone.MUTED if row.who in (Who.NOT_LOGGED, Who.OTHERS) else Tone.PLAIN),
        Cell(row.verdict.pattern, row.verdict.pattern.tone),
        Cell(number(row.failures)),
        Cell(number(row.addresses)),
        Cell(number(row.days)),
        Cell(utc_minute(row.first), Tone.MUTED),
        Cell(utc_minute(row.last), Tone.MUTED),
    )


def sentences(found: AllTried, *, names: bool = False) -> tuple[str, ...]:
    """What stands above the rows: how much is in the other list, and what the store cannot tell."""
    said = []
    here, there = (found.names, found.accounts) if names else (found.accounts, found.names)
    not_logged = sum(row.failures for row in found.names if row.who is Who.NOT_LOGGED)
    others = [row for row in there if row.who is not Who.NOT_LOGGED]
    failures = sum(row.failures for row in others)
    if names and any(row.who is Who.NAME for row in here):
        said.append("Nobody has signed in or sent by these names, as far as the imported logs tell.")
    if others and names:
        said.append(f"{plural(failures, 'failure')} of {plural(len(others), 'account')} stand apart: --by account.")
    elif others:
        what = plural(len(others), "name that is no account", "names that are no accounts")
        said.append(f"{plural(failures, 'failure')} of {what} stand apart: --by name.")
    if not_logged:
        said.append(f"{plural(not_logged, 'failure')}: the log does not say whose password was tried.")
    if here and not names and found.days_known < signs.HISTORY:
        said.append(
            f"The store knows {plural(found.days_known, 'day')} before: too few to tell from where accounts sign in, "
            "and so what is a success after failures."
        )
    return tuple(said)


def status(found: AllTried) -> str:
    """``563 failures · 3 accounts, 17 names that are none · 1 success after failures``."""
    failures = sum(row.failures for row in (*found.accounts, *found.names))
    others = sum(row.who is Who.NAME for row in found.names)
    said = [
        plural(failures, "failure"),
        f"{plural(len(found.accounts), 'account')}, {plural(others, 'name that is none', 'names that are none')}",
    ]
    patterns = Counter(row.verdict.pattern for row in found.accounts)
    if patterns[Pattern.SUCCESS]:
        said.append(plural(patterns[Pattern.SUCCESS], "success after failures", "successes after failures"))
    if not_logged := sum(row.failures for row in found.names if row.who is Who.NOT_LOGGED):
        said.append(f"{number(not_logged)} without a name in the log")
    if found.accounts and found.days_known < signs.HISTORY:
        said.append("too few days before to tell a success after failures")
    return " · ".join(said)


def _report(*, names: bool) -> Report:
    async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[Tried, None]:
        found = await load(store, query)
        for row in arranged(found.names if names else found.accounts, query, _ORDERS, words)[:limit]:
            yield row

    async def preface(store: Store, query: ReportQuery) -> Preface:
        return Preface(sentences(await load(store, query), names=names))

    return Report(
        name="failures",
        title="Failed sign-ins by name that is no account" if names else "Failed sign-ins by account",
        help="failed sign-ins: --by account, name, address, network, host, country or as",
        records=records,
        fields=fields,
        names=lambda query: _NAMES,
        columns=NAME_COLUMNS if names else ACCOUNT_COLUMNS,
        cells=name_cells if names else account_cells,
        preface=preface,
        filters=lambda _: filter_columns(),
        values=filter_values,
        orders={"account": (SenderOrder.NAME, False), **ORDERS},
    )


BY_NAME: Final = {"account": _report(names=False), "name": _report(names=True)}
"""The reports by what ``--by`` takes."""
