"""What the flyouts of failed sign-ins say: of a name that was tried, and of a source."""

from collections.abc import Iterable, Sequence
from typing import Final

from smtpauth_tui.places.networks import Kind
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports import tried, trying
from smtpauth_tui.reports.failure_charts import accepted_chart, hours_rows, name_chart, source_chart
from smtpauth_tui.reports.failure_steps import OF_ACCOUNT, OF_SOURCE, account_steps, block_steps
from smtpauth_tui.reports.figures import local, number, plural, short_period
from smtpauth_tui.reports.flyouts import Block, Days, Entries, Entry, Flyout, Heading, Pairs, Paragraph, Preformatted
from smtpauth_tui.reports.origins import By, Spot, source_label, spot_of
from smtpauth_tui.reports.patterns import MEANING, NOBODY, Pattern, Verdict
from smtpauth_tui.reports.tried import Tried, Who
from smtpauth_tui.reports.tried_names import tried_label
from smtpauth_tui.reports.trying import Trying
from smtpauth_tui.reports.values import Cell, Tone
from smtpauth_tui.reports.whence import finder_or_none
from smtpauth_tui.rules.next_step import Step
from smtpauth_tui.store import tries
from smtpauth_tui.store.reader import Store

_LISTED: Final = 8
_WHO: Final = {
    Who.ACCOUNT: "an account: it has signed in",
    Who.SENDER: "a sender's address, but no login that is known",
    Who.NAME: f"no known account: {NOBODY}",
    Who.OTHERS: "names beyond those that are kept, all together",
    Who.NOT_LOGGED: "not said by the log",
}
GONE: Final = "There are no such failures in these days any more."


async def of_tried(store: Store, query: ReportQuery, id_: int) -> Flyout:
    """A name that was tried, by its number: what its failures are, when, from where, and what to do."""
    found = await tried.load(store, query)
    row = next((one for one in (*found.accounts, *found.names) if one.id == id_), None)
    if row is None:
        return Flyout("", (Paragraph(GONE),))
    period = query.period
    blocks: list[Block] = [
        *_verdict(row.verdict),
        Pairs(
            (
                (Cell("It is"), Cell(_WHO[row.who])),
                (Cell("Failures"), Cell(f"{number(row.failures)} on {plural(row.days, 'day')}")),
                (Cell("First failure"), Cell(local(row.first, store.zone))),
                (Cell("Last failure"), Cell(local(row.last, store.zone))),
                *_accepted(row),
                *await _how(store, query, (row.id,)),
            )
        ),
        Heading(f"Failures per day, {short_period(period)}"),
        Days(await name_chart(store, query, row.id)),
        *_hours(await tries.quarters_of_names(store, period, {row.id}), store),
        *await _sources(store, query, row),
    ]
    if row.reasons:
        blocks += [
            Heading("Reasons as logged"),
            Pairs(tuple((Cell(reason), Cell(number(count))) for reason, count in row.reasons[:_LISTED])),
        ]
    if row.address is not None and row.messages:
        chart = await accepted_chart(store, query, row.address)
        blocks += [Heading("Messages accepted per day"), Days(chart)]
    blocks += _next(
        OF_ACCOUNT[row.verdict.pattern],
        account_steps(row.verdict.pattern, row.account or "", await tries.servers(store)),
    )
    return Flyout(tried_label(row.account), tuple(blocks))


def _verdict(verdict: Verdict) -> list[Block]:
    pattern = verdict.pattern
    said: list[Block] = [
        Paragraph(f"{pattern.capitalize()}: {verdict.words}.", pattern.tone),
        Paragraph(MEANING[pattern], Tone.MUTED),
    ]
    return said + [Paragraph(f"Also {pattern}: {words}.") for pattern, words in verdict.also]


def _accepted(row: Tried) -> Iterable[tuple[Cell, Cell]]:
    if row.is_account:
        yield Cell("Messages accepted"), Cell(number(row.messages))
    if row.sign_ins:
        yield Cell("Sign-ins that succeeded"), Cell(number(row.sign_ins))


async def _how(
    store: Store, query: ReportQuery, ids: Sequence[int], *, of_clients: bool = False
) -> Iterable[tuple[Cell, Cell]]:
    rows = await tries.mechanisms(store, query.period, ids, of_clients=of_clients)
    named = ", ".join(f"{name} {number(count)}" for name, count in rows if name)
    return ((Cell("Login by"), Cell(named)),) if named else ()


def _hours(quarters: Sequence[tuple[int, int]], store: Store) -> list[Block]:
    rows = hours_rows(quarters, store.zone)
    return [Heading(f"Failures by hour of the day, {store.zone.key}"), Preformatted(rows)] if rows else []


async def _sources(store: Store, query: ReportQuery, row: Tried) -> list[Block]:
    """From where a name was tried, and what was accepted from the account there."""
    pairs = await tries.pairs_of_names(store, query.period, {row.id})
    sent = {} if row.address is None else await tries.sent_by_from(store, query.period, row.address)
    known = await tries.addresses(store, {pair.client for pair in pairs})
    finder = finder_or_none(store)
    shown: dict[str, list[tuple[tries.PairTries, str, str]]] = {}
    let_in = row.verdict.pattern is Pattern.SUCCESS
    for pair in sorted(pairs, key=lambda pair: (let_in and pair.client not in sent, -pair.failures)):
        address, host = known[pair.client]
        shown.setdefault(store.places.shown(address), []).append((pair, address, host))
    entries = []
    for name, some in list(shown.items())[:_LISTED]:
        spot = spot_of(store, finder, *some[0][1:])
        failures = sum(pair.failures for pair, _, _ in some)
        accepted = sum(sent[pair.client].messages for pair, _, _ in some if pair.client in sent)
        place = ", ".join([*filter(None, [spot.country[0] if spot.country else "", _system(spot)])])
        entries.append(
            Entry(
                Cell(name or "(no address)"),
                Cell(spot.host, Tone.MUTED),
                (
                    Cell(f"{number(failures)} refused"),
                    Cell(f"{number(accepted)} accepted", _tone(row, accepted)),
                    Cell(f"last refused {local(max(pair.last for pair, _, _ in some), store.zone)}"),
                    Cell(place, Tone.MUTED),
                ),
            )
        )
    first = "those from where it signed in come first" if let_in else "those with most failures come first"
    said: list[Block] = [Heading(f"Sources; {first}"), Entries(tuple(entries))]
    if (more := len(shown) - len(entries)) > 0:
        said.append(Paragraph(f"and {number(more)} more", Tone.MUTED))
    return said


def _tone(row: Tried, accepted: int) -> Tone:
    if not accepted:
        return Tone.MUTED
    return Tone.BAD if row.verdict.pattern is Pattern.SUCCESS else Tone.PLAIN


def _system(spot: Spot) -> str:
    return f"AS{spot.system[0]} {spot.system[1]}".rstrip() if spot.system else ""


def _next(words: str, found: Sequence[Step]) -> list[Block]:
    blocks: list[Block] = [Heading("Next step"), Paragraph(words)]
    if found:
        lines = [line for step in found for line in (f"# {step.words}", step.command)]
        blocks += [Paragraph("To copy; nothing of it is run from here.", Tone.MUTED), Preformatted(tuple(lines))]
    return blocks


async def of_source(store: Store, query: ReportQuery, by: By, key: str, clients: Sequence[int]) -> Flyout:
    """A source by its key; one without a key is known by its *clients*."""
    rows = await trying.load(store, query, by)
    of_it = set(clients)
    row = next((one for one in rows if one.key == key and (key or of_it & set(one.clients))), None)
    if row is None:
        return Flyout("", (Paragraph(GONE),))
    period = query.period
    spots = [("Host name", row.host), ("Network", ", ".join(row.networks[:2])), ("Place", row.place)]
    blocks: list[Block] = [
        *_verdict(row.verdict),
        Pairs(
            (
                *((Cell(name), Cell(value)) for name, value in spots if value and value != row.key),
                *(((Cell("Addresses"), Cell(number(row.addresses))),) if row.addresses > 1 else ()),
                (Cell("Failures"), Cell(number(row.failures))),
                (Cell("Names tried"), Cell(f"{number(row.names)}, {plural(row.accounts, 'account')} among them")),
                (Cell("First failure"), Cell(local(row.first, store.zone))),
                (Cell("Last failure"), Cell(local(row.last, store.zone))),
                (Cell("Messages accepted"), Cell(number(row.messages or 0), _accepted_tone(row))),
                *await _how(store, query, row.clients, of_clients=True),
            )
        ),
        Heading(f"Failures per day, {short_period(period)}"),
        Days(await source_chart(store, query, row.clients)),
        *_hours(await tries.quarters_of_clients(store, period, set(row.clients)), store),
        *await _names(store, query, row),
        *await _senders(store, query, row),
        *_source_next(row, await tries.servers(store)),
    ]
    return Flyout(source_label(row), tuple(blocks))


def _accepted_tone(row: Trying) -> Tone:
    return Tone.BAD if row.messages and row.verdict.pattern is Pattern.SUCCESS else Tone.PLAIN


async def _names(store: Store, query: ReportQuery, row: Trying) -> list[Block]:
    """The names that a source tried: the accounts first."""
    found = await tried.load(store, query)
    every = {one.id: one for one in (*found.accounts, *found.names)}
    failures: dict[int, int] = {}
    for pair in await tries.pairs_of_clients(store, query.period, row.clients):
        failures[pair.name] = failures.get(pair.name, 0) + pair.failures
    known = [(every[name], count) for name, count in failures.items() if name in every]
    known.sort(key=lambda one: (not one[0].is_account, -one[1], one[0].account or ""))
    pairs = tuple(
        (
            Cell(tried_label(one.account), Tone.PLAIN if one.is_account else Tone.MUTED),
            Cell(f"{number(count)}, {_SHORT[one.who]}", Tone.PLAIN if one.is_account else Tone.MUTED),
        )
        for one, count in known[:_LISTED]
    )
    blocks: list[Block] = [Heading("Names tried, accounts first"), Pairs(pairs)]
    if (more := len(known) - len(pairs)) > 0:
        blocks.append(Paragraph(f"and {number(more)} more", Tone.MUTED))
    return blocks


_SHORT: Final = {
    Who.ACCOUNT: "account",
    Who.SENDER: "sender's address",
    Who.NAME: "no known account",
    Who.OTHERS: "not kept",
    Who.NOT_LOGGED: "not logged",
}


async def _senders(store: Store, query: ReportQuery, row: Trying) -> list[Block]:
    """Whose messages were accepted from a source."""
    if not row.messages:
        return []
    rows = await tries.accounts_from(store, query.period, row.senders)
    pairs = tuple((Cell(name), Cell(plural(one.messages, "message"))) for name, one in rows[:_LISTED])
    blocks: list[Block] = [Heading("Accounts whose messages were accepted from there"), Pairs(pairs)]
    if (more := len(rows) - len(pairs)) > 0:
        blocks.append(Paragraph(f"and {number(more)} more", Tone.MUTED))
    return blocks


def _source_next(row: Trying, servers: Sequence[str]) -> list[Block]:
    words = OF_SOURCE[row.verdict.pattern]
    if row.messages and row.verdict.pattern not in (Pattern.SUCCESS, Pattern.SEVERAL):
        words = f"{plural(row.messages, 'message')} of yours came from there as well: ask before you block it. {words}"
    networks = row.networks if row.by is not By.ADDRESS else [row.key]
    blocked = len(networks) == 1 and row.kind not in (Kind.LOOPBACK, Kind.NONE)
    steps = block_steps(row.verdict.pattern, networks[0], servers) if blocked else []
    return _next(words, steps)
