"""The flyout of an account that would stop sending: why, what to change, its days, its sources, what is noted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.remembered import Remembered
from smtpauth_tui.reports.arithmetic import buckets_of, counts_of
from smtpauth_tui.reports.figures import local, number, percent, plural, share, short_period
from smtpauth_tui.reports.flyouts import Block, Days, Entries, Entry, Flyout, Heading, Pairs, Paragraph
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Chart, Role, Series, Tone
from smtpauth_tui.reports.verdict import DAYS_LOOKED_AT
from smtpauth_tui.reports.what_to_change import WHY, advice
from smtpauth_tui.reports.who_breaks import Row
from smtpauth_tui.store import breaking
from smtpauth_tui.store.breaking import Use
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.todo import Todo
from smtpauth_tui.switches import Networks, Reason, Switches

_SHOWN: Final = 8
_LAYERS: Final = (("would be refused", Role.BREAKS), ("cannot tell", Role.UNKNOWN), ("goes on", Role.SECOND))
_TLS_WORDS: Final = {TlsVersion.NONE: "no TLS", TlsVersion.UNKNOWN: "TLS unknown"}
_AUTH_WORDS: Final = {AuthKind.BASIC: "password (Basic)", AuthKind.OAUTH: "OAuth", AuthKind.UNKNOWN: "unknown"}


async def one_account(store: Store, query: ReportQuery, row: Row) -> Flyout:
    """All that decides about an account; *query* has the period and the switches by which *row* was judged."""
    uses = await breaking.uses(store, query, row.account.number)
    switches = query.switches or Switches()
    blocks: list[Block] = [
        *_verdict(row),
        Heading("To do"),
        *_noted(row.todo, row, store.zone),
        Heading("What to change"),
        *(Paragraph(text) for text in advice(_reasons(row))),
        Heading("How it sends"),
        _facts(row, store.zone),
        Heading(f"Messages per day, {short_period(query.period)}"),
        Days(way_chart(uses, query, switches)),
        *_sources(uses, store),
        Heading("Signs in by"),
        _mechanisms(uses),
    ]
    return Flyout(sender_label(row.name), tuple(blocks))


def _reasons(row: Row) -> list[Reason]:
    return [reason for reason in Reason if row.account.refused_by.get(reason)]


def _verdict(row: Row) -> list[Block]:
    one = row.account
    if one.refused == one.messages:
        text = f"Would stop sending: all of its {plural(one.messages, 'message')} would be refused."
    else:
        text = (
            f"{number(one.refused)} of its {plural(one.messages, 'message')} would be refused "
            f"({percent(one.refused, one.messages)}); the others go another way."
        )
    why = tuple((Cell(WHY[reason]), Cell(plural(one.refused_by[reason], "message"))) for reason in _reasons(row))
    blocks: list[Block] = [Paragraph(text, Tone.BAD), Pairs(why)]
    if one.cannot_tell:
        said = f"Of {plural(one.cannot_tell, 'further message')} the log does not have what decides: cannot tell."
        blocks.append(Paragraph(said, Tone.WARN))
    return blocks


def _facts(row: Row, zone: ZoneInfo) -> Block:
    one = row.account
    facts = (
        (Cell("Last seen"), Cell(local(one.last, zone))),
        (Cell("Last one that would be refused"), Cell(local(one.last_refused, zone))),
        (Cell("Messages a day"), Cell(f"{one.per_day:.1f}" if one.per_day >= 0.05 else "<0.1")),
        (Cell("Days on which it sent"), Cell(_days(row), Tone.WARN if one.rare else Tone.PLAIN)),
        (Cell("TLS"), Cell(_used((version.label, one.tls.get(version, 0)) for version in reversed(TlsVersion)))),
        (Cell("Login by"), Cell(_used((_AUTH_WORDS[kind], one.auth.get(kind, 0)) for kind in AuthKind))),
    )
    return Pairs(facts)


def _days(row: Row) -> str:
    rarely = ": rarely" if row.account.rare else ""
    return f"{number(row.account.days_seen)} of {number(min(row.days_known, DAYS_LOOKED_AT))}{rarely}"


def _used(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name.removeprefix('TLS ')} {number(count)}" for name, count in counts if count)


def _noted(todo: Todo, row: Row, zone: ZoneInfo) -> list[Block]:
    if row.broken_promise:
        done = Cell(f"done {local(todo.done_at, zone)}, yet used since", Tone.BAD)
    elif todo.done_at is not None:
        done = Cell(f"done {local(todo.done_at, zone)}", Tone.GOOD)
    else:
        done = Cell("not done", Tone.MUTED)
    return [
        Pairs(
            (
                (Cell("State"), done),
                (Cell("Owner"), Cell(todo.owner or "nobody is named", Tone.PLAIN if todo.owner else Tone.MUTED)),
            )
        ),
        Paragraph(todo.note) if todo.note else Paragraph("No note.", Tone.MUTED),
    ]


def way_chart(uses: Sequence[Use], query: ReportQuery, switches: Switches) -> Chart:
    """An account's messages per day: what would be refused, what cannot be told, and what goes on."""
    networks = Networks(switches.networks)
    inside: Remembered[str, bool | None] = Remembered(networks.has)
    days: tuple[defaultdict[date, int], ...] = tuple(defaultdict(int) for _ in _LAYERS)
    for use in uses:
        way = use.tls, use.auth, inside[use.client] if switches.networks else None
        layer = 0 if switches.reasons(*way) else 1 if switches.cannot_tell(*way) else 2
        days[layer][use.day] += use.messages
    series = tuple(
        Series(name, role, counts_of(found, query.period))
        for (name, role), found in zip(_LAYERS, days, strict=True)
        if found
    )
    return Chart("Messages per day", buckets_of(query.period), series)


def _sources(uses: Sequence[Use], store: Store) -> list[Block]:
    messages: Counter[str] = Counter()
    last: dict[str, int] = {}
    ways: defaultdict[str, set[TlsVersion]] = defaultdict(set)
    for use in uses:
        client = store.places.shown(use.client)
        messages[client] += use.messages
        last[client] = max(last.get(client, 0), use.last)
        ways[client].add(use.tls)
    whole = sum(messages.values())
    entries = tuple(
        Entry(
            Cell(client or "no address in the log"),
            Cell(""),
            (
                Cell(share(count, whole)),
                Cell(", ".join(_TLS_WORDS.get(one, one.label) for one in reversed(TlsVersion) if one in ways[client])),
                Cell(local(last[client], store.zone)),
            ),
        )
        for client, count in sorted(messages.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN]
    )
    blocks: list[Block] = [Heading(f"Sends from {plural(len(messages), 'address', 'addresses')}"), Entries(entries)]
    if (more := len(messages) - len(entries)) > 0:
        blocks.append(Paragraph(f"and {number(more)} more: smtpauth-tui show sources --account NAME", Tone.MUTED))
    return blocks


def _mechanisms(uses: Sequence[Use]) -> Block:
    found: Counter[str] = Counter()
    for use in uses:
        found[use.mechanism] += use.messages
    return Pairs(
        tuple((Cell(name or "unknown"), Cell(plural(count, "message"))) for name, count in found.most_common(_SHOWN))
    )
