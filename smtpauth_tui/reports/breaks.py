"""Who breaks if: the accounts that would stop sending once something is switched off, as a list of what is to do."""

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.arithmetic import equal_buckets
from smtpauth_tui.reports.figures import auth_fields, number, percent, plural, tls_fields, utc
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Chart, Column, Fields, Preface, Report, Tone
from smtpauth_tui.reports.verdict import DAYS_LOOKED_AT, RARELY, Breaking, Evidence, Verdict, burn_down, judge
from smtpauth_tui.store import breaking
from smtpauth_tui.store.breaking import Origin
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.todo import NOTHING, Todo
from smtpauth_tui.switches import Reason, Switches

BASIC_OFF_AT_MICROSOFT: Final = date(2026, 12, 31)
ANNOUNCED: Final = date(2026, 1, 27)
"""In the message MC786329, version 3; earlier ones had other dates."""
DEADLINE: Final = (
    "Microsoft 365 switches Basic authentication for SMTP AUTH off by default at the end of December 2026; "
    "administrators can switch it on again for now (MC786329 of 27 January 2026; looked up in October 2026)."
)
"""Such dates were moved three times, so it is told when this one was learned."""
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
    sources: Sources
    todo: Todo
    days_known: int
    """How many of the days looked at the store knows of."""

    @property
    def broken_promise(self) -> bool:
        """Whether it is marked as done, and messages since then would have been refused."""
        return self.todo.done_at is not None and self.account.last_refused > self.todo.done_at


class Answer(NamedTuple):
    """Who breaks, with names and notes."""

    verdict: Verdict
    names: Mapping[int, tuple[str, str]]
    """Name and domain of the accounts that break, by their numbers."""
    todos: Mapping[str, Todo]
    """By folded name."""

    def todo(self, account: Breaking) -> Todo:
        """What is noted of an account."""
        return self.todos.get(self.names[account.number][0].casefold(), NOTHING)


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
    return Answer(known[1], known[2], await asyncio.to_thread(_todos, store))


_answered: Final[WeakKeyDictionary[Store, tuple[Any, Verdict, Mapping[int, tuple[str, str]]]]] = WeakKeyDictionary()
"""The last answer of each store that is open: chart, preface and rows are asked for one after the other."""


def _todos(store: Store) -> dict[str, Todo]:
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.todo import todos

    notes = Notes.open_existing(store.path)
    if notes is None:
        return {}
    with notes:
        return {one.account: one for one in todos(notes)}


async def rows_of(store: Store, query: ReportQuery, answer: Answer, accounts: Sequence[Breaking]) -> list[Row]:
    """Some of an answer's accounts with their sources, for which each message of the period is looked at."""
    found = sources_of(await breaking.origins(store, query, [one.number for one in accounts]))
    return [
        Row(
            one,
            *answer.names[one.number],
            found.get(one.number, _NOWHERE),
            answer.todo(one),
            answer.verdict.evidence.days_known,
        )
        for one in accounts
    ]


_NOWHERE: Final = Sources(0, "", ())


def sources_of(origins: Iterable[Origin]) -> dict[int, Sources]:
    """Each account's sources, by its number."""
    by_account: defaultdict[int, list[Origin]] = defaultdict(list)
    for one in origins:
        by_account[one.account].append(one)
    return {account: _sources(own) for account, own in by_account.items()}


def _sources(own: Sequence[Origin]) -> Sources:
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


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[Row, None]:
    """The accounts that break, those with most refused messages first."""
    answer = await load(store, query)
    accounts = in_order(answer, query)[:limit]
    if accounts:
        for row in await rows_of(store, query, answer, accounts):
            yield row


async def load_chart(store: Store, query: ReportQuery) -> Chart:
    """The burn-down: accounts that would break, by day or week."""
    return burn_down((await load(store, query)).verdict)


# for programs


def fields(row: Row) -> Fields:
    """As `_NAMES` has them; times in UTC."""
    one = row.account
    return {
        "account": sender_label(row.name),
        "domain": row.domain,
        "messages": one.messages,
        "refused": one.refused,
        "refused_by": {reason.value: one.refused_by.get(reason, 0) for reason in Reason},
        "cannot_tell": one.cannot_tell,
        "messages_per_day": round(one.per_day, 2),
        "last_seen": utc(one.last),
        "last_refused": utc(one.last_refused),
        "days_seen": one.days_seen,
        "rare": one.rare,
        "sources": row.sources.addresses,
        "newest_source": row.sources.newest,
        "mechanisms": list(filter(None, row.sources.mechanisms)),
        "tls": tls_fields(one.tls),
        "auth": auth_fields(one.auth),
        "owner": row.todo.owner,
        "note": row.todo.note,
        "done": utc(row.todo.done_at),
    }


async def load_preface(store: Store, query: ReportQuery) -> Preface:
    """The totals, and what one has to know of them."""
    answer = await load(store, query)
    verdict, evidence = answer.verdict, answer.verdict.evidence
    chart = burn_down(verdict)
    counts = chart.series[0].counts if chart.series else (0,) * len(chart.buckets)
    return Preface(
        sentences(answer),
        {
            "without": [reason.value for reason in verdict.switches.off],
            "from_only": list(verdict.switches.networks),
            "totals": {
                "accounts": verdict.accounts,
                "breaking": len(verdict.breaking),
                "rare": verdict.rare,
                "done": _done(answer),
                "messages": verdict.messages,
                "refused": verdict.refused,
                "cannot_tell": verdict.cannot_tell,
                "cannot_tell_accounts": verdict.cannot_tell_accounts,
            },
            "days_known": evidence.days_known,
            "deadline": _deadline_fields(verdict.switches),
            "burn_down": [
                {"start": bucket.first.isoformat(), "end": bucket.last.isoformat(), "accounts": count}
                for bucket, count in zip(chart.buckets, counts, strict=True)
            ],
        },
    )


def _deadline_fields(switches: Switches) -> Fields | None:
    if Reason.BASIC not in switches.off:
        return None
    return {
        "day": BASIC_OFF_AT_MICROSOFT.isoformat(),
        "announced": ANNOUNCED.isoformat(),
        "source": "MC786329",
        "note": DEADLINE,
    }


def _done(answer: Answer) -> int:
    return sum(answer.todo(one).done_at is not None for one in answer.verdict.breaking)


# for people


def sentences(answer: Answer) -> tuple[str, ...]:
    """What a person has to know before the rows."""
    verdict = answer.verdict
    said = [
        f"If {_off(verdict.switches)}: {number(len(verdict.breaking))} of {plural(verdict.accounts, 'account')} "
        f"would break; {_of_messages(verdict.refused, verdict.messages)} would be refused."
    ]
    if verdict.cannot_tell:
        said.append(
            f"Cannot tell: {plural(verdict.cannot_tell, 'message')} of "
            f"{plural(verdict.cannot_tell_accounts, 'account')}, of which the log does not have "
            f"{_unknown(verdict.switches)}. They do not count as refused."
        )
    if verdict.rare:
        said.append(
            f"{number(verdict.rare)} of them {_verb(verdict.rare)} rarely: on at most {RARELY} of the last "
            f"{DAYS_LOOKED_AT} days{_as_far_as_known(verdict.evidence.days_known)}."
        )
    if done := _done(answer):
        said.append(f"{number(done)} of them {'is' if done == 1 else 'are'} marked as done.")
    if Reason.BASIC in verdict.switches.off:
        said.append(DEADLINE)
    return tuple(said)


def _off(switches: Switches) -> str:
    off = _listed(list(switches.words), "and")
    parts = [f"{off} {'is' if len(switches.off) == 1 else 'are'} switched off"] if switches.off else []
    if switches.networks:
        parts.append(f"only {_listed(switches.networks, 'and')} may send")
    text = ", and ".join(parts)
    return text.replace("connections without TLS is", "connections without TLS are")


def _listed(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def _of_messages(some: int, whole: int) -> str:
    return f"{percent(some, whole)} of the messages ({number(some)} of {number(whole)})"


def _unknown(switches: Switches) -> str:
    what = ["the kind of login"] if Reason.BASIC in switches.off else []
    what += ["the TLS version"] if set(switches.off) - {Reason.BASIC} else []
    what += ["the client's address"] if switches.networks else []
    return _listed(what, "or")


def _verb(count: int) -> str:
    return "sends" if count == 1 else "send"


def _as_far_as_known(days_known: int) -> str:
    return "" if days_known >= DAYS_LOOKED_AT else f", of which the store knows {number(days_known)}"


_TLS_SHORT: Final = {version: version.label.removeprefix("TLS ") for version in reversed(TlsVersion)}


def cells(row: Row) -> tuple[Cell, ...]:
    """An account for people."""
    one = row.account
    tls = [short for version, short in _TLS_SHORT.items() if one.tls.get(version)]
    whole = one.refused == one.messages
    return (
        Cell(sender_label(row.name)),
        Cell(f"{number(one.refused)} of {number(one.messages)}", Tone.BAD if whole else Tone.WARN),
        Cell(_why(one)),
        Cell(f"{one.per_day:.1f}" if one.per_day >= 0.05 else "<0.1"),
        Cell((utc(one.last) or "")[:10]),
        Cell(f"{one.days_seen} rarely" if one.rare else str(one.days_seen), Tone.WARN if one.rare else Tone.PLAIN),
        Cell(_from(row.sources)),
        Cell(", ".join(name or "unknown" for name in row.sources.mechanisms)),
        Cell(", ".join(tls)),
        _todo_cell(row),
    )


def _why(one: Breaking) -> str:
    """``Basic, TLS 1.0``, and of how many further messages one cannot tell."""
    why = ", ".join(reason.label for reason in Reason if one.refused_by.get(reason))
    return f"{why}; cannot tell: {number(one.cannot_tell)}" if one.cannot_tell else why


def _from(sources: Sources) -> str:
    """``10.20.9.22``, or ``10.20.9.22 +2``: the newest address, and how many others."""
    others = sources.addresses - 1
    return f"{sources.newest} +{number(others)}" if others > 0 else sources.newest


def _todo_cell(row: Row) -> Cell:
    todo = row.todo
    done = [] if todo.done_at is None else ["done, yet used since" if row.broken_promise else "done"]
    tone = Tone.BAD if row.broken_promise else Tone.GOOD if done else Tone.PLAIN
    return Cell("; ".join(filter(None, (*done, todo.owner, todo.note))), tone)


_NAMES: Final = (
    "account",
    "domain",
    "messages",
    "refused",
    "refused_by",
    "cannot_tell",
    "messages_per_day",
    "last_seen",
    "last_refused",
    "days_seen",
    "rare",
    "sources",
    "newest_source",
    "mechanisms",
    "tls",
    "auth",
    "owner",
    "note",
    "done",
)

BREAKS: Final = Report(
    name="breaks",
    title="Who breaks if",
    help="accounts that stop sending once something is switched off: --without, --from-only",
    records=records,
    fields=fields,
    names=lambda query: _NAMES,
    columns=(
        Column("account", "Account"),
        Column("refused", "Refused", numeric=True),
        Column("refused_by", "Why"),
        Column("messages_per_day", "A day", numeric=True),
        Column("last_seen", "Last seen"),
        Column("days_seen", f"Days of {DAYS_LOOKED_AT}"),
        Column("sources", "From"),
        Column("mechanisms", "Login"),
        Column("tls", "TLS"),
        Column("todo", "To do"),
    ),
    cells=cells,
    chart=load_chart,
    orders={
        "account": (SenderOrder.NAME, False),
        "name": (SenderOrder.NAME, False),
        "refused": (SenderOrder.MESSAGES, True),
        "last_seen": (SenderOrder.LAST_SEEN, True),
    },
    preface=load_preface,
    days=DAYS_LOOKED_AT,
)
