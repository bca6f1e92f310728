"""Who breaks if: the accounts that would stop sending once something is switched off, as a list of what is to do."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from smtpauth_tui.conditions import FilterColumn, Kind
from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Grouping, ReportQuery, SenderOrder
from smtpauth_tui.reports.figures import auth_fields, number, percent, plural, tls_fields, utc
from smtpauth_tui.reports.filtered import count_column, text_column, usage_columns
from smtpauth_tui.reports.judged_here import day_in, usage_values
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Chart, Column, Fields, Preface, Report, Tone
from smtpauth_tui.reports.verdict import DAYS_LOOKED_AT, RARELY, Breaking, burn_down
from smtpauth_tui.reports.who_breaks import NOWHERE, OPEN, STATES, Answer, Row, Sources, in_order, load, rows_of
from smtpauth_tui.store.reader import Store
from smtpauth_tui.switches import Reason, Switches

BASIC_OFF_AT_MICROSOFT: Final = date(2026, 12, 31)
ANNOUNCED: Final = date(2026, 1, 27)
"""In the message MC786329, version 3; earlier ones had other dates."""
DEADLINE: Final = (
    "Microsoft 365 switches Basic authentication for SMTP AUTH off by default at the end of December 2026; "
    "administrators can switch it on again for now (MC786329 of 27 January 2026; looked up in October 2026)."
)
"""Such dates were moved three times, so it is told when this one was learned."""


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[Row, None]:
    """The accounts that break, those with most refused messages first."""
    answer = await load(store, query)
    for row in await rows_of(store, query, answer, in_order(answer, query)[:limit]):
        yield row


async def load_chart(store: Store, query: ReportQuery) -> Chart:
    """The burn-down: accounts that would break, by day or week."""
    return burn_down((await load(store, query)).verdict)


# for programs


def fields(row: Row) -> Fields:
    """As `_NAMES` has them; times in UTC."""
    one = row.account
    sources = row.sources or NOWHERE
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
        "sources": sources.addresses,
        "newest_source": sources.newest,
        "mechanisms": list(filter(None, sources.mechanisms)),
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
                "done": marked_done(answer),
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


def marked_done(answer: Answer) -> int:
    """How many of the accounts that would break are marked as done."""
    return sum(answer.todo(one).done_at is not None for one in _noted(answer))


def used_since(answer: Answer) -> int:
    """How many of those have sent as before after that."""
    return sum(answer.row(one, None).broken_promise for one in _noted(answer))


def _noted(answer: Answer) -> Iterator[Breaking]:
    """The accounts of which something may be noted: mostly none of many."""
    return iter(answer.verdict.breaking if answer.todos else ())


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
    if done := marked_done(answer):
        said.append(f"{number(done)} of them {'is' if done == 1 else 'are'} marked as done.")
    if Reason.BASIC in verdict.switches.off:
        said.append(DEADLINE)
    return tuple(said)


def in_short(switches: Switches) -> str:
    """``Basic, TLS 1.0 · only from 10.0.0.0/8``: what is switched off, in a line."""
    off = ", ".join(reason.label for reason in switches.off) or "nothing"
    return f"{off} · only from {', '.join(switches.networks)}" if switches.networks else off


def totals(answer: Answer) -> tuple[tuple[Cell, ...], ...]:
    """``14 of 230 accounts would break``, ``3.10 % of the messages (…)``; in a second line what else is to be said."""
    verdict = answer.verdict
    first = (
        Cell(f"{number(len(verdict.breaking))} of {plural(verdict.accounts, 'account')} would break"),
        Cell(_of_messages(verdict.refused, verdict.messages)),
    )
    unknown = f"{plural(verdict.cannot_tell, 'message')} of {plural(verdict.cannot_tell_accounts, 'account')}"
    done, broken = marked_done(answer), used_since(answer)
    second = (
        Cell(f"{number(verdict.rare)} {_verb(verdict.rare)} rarely" if verdict.rare else ""),
        Cell(f"{number(done)} done" if done else "", Tone.GOOD),
        Cell(f"{number(broken)} of them used since" if broken else "", Tone.BAD),
        Cell(f"cannot tell: {unknown}" if verdict.cannot_tell else "", Tone.WARN),
    )
    return tuple(filter(None, (first, tuple(one for one in second if one.text))))


def deadline_line(today: date) -> str:
    """When Basic authentication goes at Microsoft, how far away that is, and when that date was learned."""
    days = (BASIC_OFF_AT_MICROSOFT - today).days
    when = f"in {plural(days, 'day')}" if days > 0 else "now"
    learned = f"{ANNOUNCED.day} {ANNOUNCED:%b %Y}"
    return f"Microsoft 365 turns Basic off: end of Dec {BASIC_OFF_AT_MICROSOFT.year}, {when} (as of {learned})"


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
        Cell(why_words(one)),
        Cell(f"{one.per_day:.1f}" if one.per_day >= 0.05 else "<0.1"),
        Cell((utc(one.last) or "")[:10]),
        Cell(f"{one.days_seen} rarely" if one.rare else str(one.days_seen), Tone.WARN if one.rare else Tone.PLAIN),
        Cell(_from(row.sources) if row.sources else "…"),
        Cell(_mechanisms(row.sources) if row.sources else "…"),
        Cell(", ".join(tls)),
        _todo_cell(row),
    )


def why_words(one: Breaking) -> str:
    """``Basic, TLS 1.0``, and of how many further messages one cannot tell."""
    why = ", ".join(reason.label for reason in Reason if one.refused_by.get(reason))
    return f"{why}; cannot tell: {number(one.cannot_tell)}" if one.cannot_tell else why


def _from(sources: Sources) -> str:
    """``10.20.9.22``, or ``10.20.9.22 +2``: the newest address, and how many others."""
    others = sources.addresses - 1
    return f"{sources.newest} +{number(others)}" if others > 0 else sources.newest


def _mechanisms(sources: Sources) -> str:
    return ", ".join(name or "unknown" for name in sources.mechanisms)


def _todo_cell(row: Row) -> Cell:
    todo = row.todo
    done = [] if row.state == OPEN else [row.state]
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


def filter_columns(by: Grouping) -> tuple[FilterColumn, ...]:
    """All that is told of an account that breaks."""
    words: dict[str, Iterable[str]] = {"state": STATES, "refused_by": Reason}
    names = ("account", "domain", "state", "refused_by", "mechanism", "owner", "note")
    texts = [text_column(name, words=words.get(name, ())) for name in names]
    counts = [count_column(name) for name in ("messages", "refused", "cannot_tell", "days_seen", "sources")]
    days = [FilterColumn(name, Kind.DAY, name) for name in ("last_seen", "last_refused", "done")]
    return *texts, FilterColumn("newest_source", Kind.ADDRESS, "newest_source"), *counts, *usage_columns(), *days


def filter_values(zone: ZoneInfo) -> dict[str, Callable[[Row], Any]]:
    """What a filter compares of it."""
    return {
        "account": lambda row: sender_label(row.name),
        "domain": lambda row: row.domain,
        "state": lambda row: row.state,
        "refused_by": lambda row: [reason.value for reason, count in row.account.refused_by.items() if count] or "",
        "mechanism": lambda row: (row.sources or NOWHERE).mechanisms or "",
        "owner": lambda row: row.todo.owner,
        "note": lambda row: row.todo.note,
        "newest_source": lambda row: (row.sources or NOWHERE).newest or None,
        "messages": lambda row: row.account.messages,
        "refused": lambda row: row.account.refused,
        "cannot_tell": lambda row: row.account.cannot_tell,
        "days_seen": lambda row: row.account.days_seen,
        "sources": lambda row: (row.sources or NOWHERE).addresses,
        **usage_values(lambda row: row.account.tls, lambda row: row.account.auth, lambda row: row.account.messages),
        "last_seen": lambda row: day_in(zone, row.account.last),
        "last_refused": lambda row: day_in(zone, row.account.last_refused),
        "done": lambda row: day_in(zone, row.todo.done_at),
    }


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
        Column("days_seen", f"Days of {DAYS_LOOKED_AT}", short="Days"),
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
    filters=filter_columns,
    values=filter_values,
    preface=load_preface,
    days=DAYS_LOOKED_AT,
)


# for the screen

SCREEN_COLUMNS: Final = (
    Column("account", "Account"),
    Column("refused", "Refused", numeric=True),
    Column("refused_by", "Why"),
    Column("last_seen", "Last seen"),
    Column("done", "Done"),
    Column("owner", "Owner"),
    Column("messages_per_day", "A day", numeric=True),
    Column("days_seen", f"Days of {DAYS_LOOKED_AT}", short="Days"),
    Column("sources", "From"),
    Column("mechanisms", "Login"),
    Column("tls", "TLS"),
    Column("note", "Note"),
)
"""What decides stands first, since a narrow terminal shows some of them."""
_OWNER_ROOM: Final = 16


def screen_cells(row: Row) -> tuple[Cell, ...]:
    """An account for `SCREEN_COLUMNS`."""
    one, todo = row.account, row.todo
    name, refused, why, a_day, last, days, sources, mechanisms, tls, _ = cells(row)
    if one.refused == one.messages:
        refused = Cell(f"all {number(one.refused)}", refused.tone)
    done = Cell("yes", Tone.GOOD) if todo.done_at is not None else Cell("")
    if row.broken_promise:
        name, done = Cell(name.text, Tone.BAD), Cell("yet used", Tone.BAD)
    owner = todo.owner if len(todo.owner) <= _OWNER_ROOM else f"{todo.owner[: _OWNER_ROOM - 1]}…"
    return name, refused, why, last, done, Cell(owner), a_day, days, sources, mechanisms, tls, Cell(todo.note)


def screen_value(row: Row, key: str) -> Any:
    """By what an account is sorted in one of `SCREEN_COLUMNS`."""
    return _SORTED_BY[key](row)


_SORTED_BY: Final[Mapping[str, Callable[[Row], Any]]] = {
    "account": lambda row: row.name.casefold(),
    "refused": lambda row: (row.account.refused, row.account.messages),
    "refused_by": lambda row: [reason.value for reason in Reason if row.account.refused_by.get(reason)],
    "last_seen": lambda row: row.account.last,
    "done": lambda row: (row.broken_promise, row.todo.done_at or 0),
    "owner": lambda row: (not row.todo.owner, row.todo.owner.casefold()),
    "messages_per_day": lambda row: row.account.per_day,
    "days_seen": lambda row: row.account.days_seen,
    "sources": lambda row: row.sources.addresses if row.sources else 0,
    "mechanisms": lambda row: row.sources.mechanisms if row.sources else (),
    "tls": lambda row: [row.account.tls.get(version, 0) == 0 for version in TlsVersion],
    "note": lambda row: (not row.todo.note, row.todo.note.casefold()),
}
