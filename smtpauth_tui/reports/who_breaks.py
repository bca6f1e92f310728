"""Who breaks if something is switched off: what the store is asked, and the accounts that break as rows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from smtpauth_tui.query import Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.arithmetic import equal_buckets
from smtpauth_tui.reports.verdict import DAYS_LOOKED_AT, Breaking, Evidence, Verdict, judge
from smtpauth_tui.store import breaking
from smtpauth_tui.store.breaking import Origin
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.todo import NOTHING, Todo
from smtpauth_tui.switches import Switches

OPEN: Final = "open"
DONE: Final = "done"
USED: Final = "done, yet used since"
STATES: Final = (OPEN, DONE, USED)
"""How far one is with an account."""
_MOST_BUCKETS: Final = 31
"""As many as any terminal has columns for."""


class Sources(NamedTuple):
    """From where and how an account sent."""

    addresses: int
    """How many client addresses."""
    newest: str
    """The address of the newest message."""
    mechanisms: tuple[str, ...]
    """SASL mechanisms as logged, the one with most messages first; empty text where the log has none."""


class Row(NamedTuple):
    """An account that breaks, with what is known of it and noted for it."""

    account: Breaking
    name: str
    domain: str
    sources: Sources | None
    """None where they were not asked for yet."""
    todo: Todo
    days_known: int
    """How many of the days looked at the store knows of."""

    @property
    def broken_promise(self) -> bool:
        """Whether it is marked as done, and messages since then would have been refused."""
        return self.todo.done_at is not None and self.account.last_refused > self.todo.done_at

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.broken_promise:
            return USED
        return OPEN if self.todo.done_at is None else DONE


class Answer(NamedTuple):
    """Who breaks, with names and notes."""

    verdict: Verdict
    names: Mapping[int, tuple[str, str]]
    """Name and domain of the accounts that break, or of more, by their numbers."""
    todos: Mapping[str, Todo]
    """By folded name."""

    def todo(self, account: Breaking) -> Todo:
        """What is noted of an account."""
        return self.todos.get(self.names[account.number][0].casefold(), NOTHING)

    def row(self, account: Breaking, sources: "Sources | None") -> Row:
        """An account with its name, its notes, and its sources where they are known."""
        return Row(account, *self.names[account.number], sources, self.todo(account), self.verdict.evidence.days_known)


# asking


async def evidence_for(store: Store, query: ReportQuery, *, by_client: bool) -> Evidence:
    """What the store knows of a period and a sender domain; *by client* reads each message's address."""
    buckets = equal_buckets(query.period, _MOST_BUCKETS)
    spans = [Period(one.first, one.last) for one in buckets]
    async with store.snapshot() as seen:
        ways = await breaking.ways(seen, query, spans, by_client=by_client)
        clients = {way.client for way in ways if way.client is not None}
        span = await seen.span()
        first, last = (span.first, span.last) if span else (None, None)
        return Evidence(
            query.period,
            buckets,
            ways,
            await breaking.addresses(seen, clients) if by_client else None,
            await breaking.days_seen(seen, query.period.last, DAYS_LOOKED_AT),
            breaking.days_known(first, last, breaking.days_up_to(query.period.last, DAYS_LOOKED_AT)),
            breaking.days_known(first, last, query.period),
        )


async def load(store: Store, query: ReportQuery) -> Answer:
    """Who breaks by the query's switches. The answer is kept for as long as the store is as it is."""
    import asyncio  # late, as all that the first picture does without

    switches = query.switches or Switches()
    key = query, await store.version()
    known = _answered.get(store)
    if known is None or known[0] != key:
        evidence = await evidence_for(store, query, by_client=bool(switches.networks))
        verdict = judge(evidence, switches)
        names = await breaking.names(store, [one.number for one in verdict.breaking])
        known = _answered[store] = key, verdict, names
    return Answer(known[1], known[2], await asyncio.to_thread(todos_of, store.path))


_answered: Final[WeakKeyDictionary[Store, tuple[Any, Verdict, Mapping[int, tuple[str, str]]]]] = WeakKeyDictionary()
"""The last answer of each store that is open: chart, preface and rows are asked for one after the other."""


def todos_of(path: Path) -> dict[str, Todo]:
    """What is noted of accounts beside the store at *path*, by folded name; StoreError where it cannot be read."""
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.todo import todos

    notes = Notes.open_existing(path)
    if notes is None:
        return {}
    with notes:
        return {one.account: one for one in todos(notes)}


async def rows_of(store: Store, query: ReportQuery, answer: Answer, accounts: Sequence[Breaking]) -> list[Row]:
    """Some of an answer's accounts with their sources, for which each message of the period is looked at."""
    found = {} if not accounts else await sources_for(store, query, [one.number for one in accounts])
    return [answer.row(one, found.get(one.number, NOWHERE)) for one in accounts]


async def sources_for(store: Store, query: ReportQuery, accounts: Collection[int] | None = None) -> dict[int, Sources]:
    """The sources of some accounts, or of all that sent in the period, by their numbers."""
    import asyncio

    return await asyncio.to_thread(sources_of, await breaking.origins(store, query, accounts))


NOWHERE: Final = Sources(0, "", ())


def sources_of(origins: Iterable[Origin]) -> dict[int, Sources]:
    """Each account's sources, by its number."""
    by_account: defaultdict[int, list[Origin]] = defaultdict(list)
    for one in origins:
        by_account[one.account].append(one)
    return {account: _sources(own) for account, own in by_account.items()}


def _sources(own: Sequence[Origin]) -> Sources:
    if len(own) == 1:  # most have one device: of a hundred thousand, that is felt
        return Sources(1, own[0].address, (own[0].mechanism,))
    newest = max(own, key=lambda one: (one.last, one.address)).address
    by_mechanism: Counter[str] = Counter()
    for one in own:
        by_mechanism[one.mechanism] += one.messages
    mechanisms = sorted(by_mechanism, key=lambda name: (-by_mechanism[name], name))
    return Sources(len({one.address for one in own}), newest, tuple(mechanisms))


def in_order(answer: Answer, query: ReportQuery) -> list[Breaking]:
    """The accounts that break and that the query's search finds, in its order."""
    folded = {number: name.casefold() for number, (name, _) in answer.names.items()}
    search = query.search.casefold()
    found = [one for one in answer.verdict.breaking if search in folded[one.number]]
    found.sort(key=lambda one: folded[one.number])
    if query.order is SenderOrder.NAME:
        return found[::-1] if query.descending else found
    value = _VALUES.get(query.order, _refused)
    found.sort(key=value, reverse=query.descending)
    return found


def _refused(one: Breaking) -> int:
    return one.refused


_VALUES: Final[Mapping[SenderOrder, Callable[[Breaking], int]]] = {SenderOrder.LAST_SEEN: lambda one: one.last}
