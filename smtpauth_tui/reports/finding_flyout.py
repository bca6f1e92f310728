"""A finding's flyout: why it is one, before and now as a chart, what it rests on, how it can be wrong, what to do."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.query import Period
from smtpauth_tui.reports.arithmetic import buckets_of, counts_of
from smtpauth_tui.reports.figures import local, number, plural, short_period
from smtpauth_tui.reports.findings import TONES, since_words
from smtpauth_tui.reports.flyouts import (
    Bar,
    Bars,
    Block,
    Days,
    Entries,
    Entry,
    Flyout,
    Heading,
    Pairs,
    Paragraph,
    Preformatted,
)
from smtpauth_tui.reports.values import Cell, Chart, Role, Series, Tone
from smtpauth_tui.rules.deciding import how_long
from smtpauth_tui.rules.standing import Standing
from smtpauth_tui.rules.telling import next_steps
from smtpauth_tui.rules.values import EVERYWHERE, Others, Severity, UnitKind
from smtpauth_tui.store import refusals
from smtpauth_tui.store.days import day_of
from smtpauth_tui.store.findings import MOST_ROWS
from smtpauth_tui.store.reader import Store

_BEFORE: Final = 13
"""Days before a finding that its chart shows."""
_MOST_DAYS: Final = 28
_LISTED: Final = 8
_LONG: Final = 56
"""A name of more characters is not seen whole among the facts."""
_OF_FAILURES: Final = ("U9", "U10", "U11")
_OF_GUESSES: Final = ("U9", "U10")
_OF_RECIPIENTS: Final = "U5"
_OF_HOURS: Final = "U12"


def around(one: Standing) -> Period:
    """The days that a finding's chart shows: its own, and some before."""
    finding = one.finding
    return Period(max(finding.since - timedelta(_BEFORE), finding.until - timedelta(_MOST_DAYS - 1)), finding.until)


async def load(store: Store, one: Standing) -> Flyout:
    """The flyout, with the refused attempts of those days where the finding is about them."""
    refused: Mapping[int, int] = {}
    if one.rule.id in _OF_FAILURES:
        unit, days = one.finding.unit, around(one)
        if one.rule.unit is UnitKind.ACCOUNT:
            refused = await refusals.of_name(store, unit, days)
        elif unit == EVERYWHERE:
            refused = await refusals.of_all(store, days)
        else:
            refused = await refusals.of_network(store, unit, days)
    return flyout(one, store.zone, {day_of(day): count for day, count in refused.items()})


def flyout(one: Standing, zone: ZoneInfo, refused: Mapping[date, int]) -> Flyout:
    """The flyout. *refused*: refused attempts by day, where the finding is about them."""
    blocks: list[Block] = [
        Paragraph(one.finding.reason, TONES[one.finding.severity]),
        Pairs(tuple(_facts(one, zone))),
        *([Paragraph(one.finding.unit)] if len(one.finding.unit) > _LONG else []),
        Paragraph(_threshold(one)),
        *_charts(one, refused),
        *_evidence(one, zone),
        Heading("How far to trust it"),
        Paragraph(f"Normal if: {one.rule.normal}. Then acknowledge it (a), or allow what it comes from (A)."),
        Paragraph(f"Can be wrong: {one.rule.wrong}."),
        *_what_to_do(one),
    ]
    return Flyout(f"{one.rule.title}: {one.finding.unit}", tuple(blocks))


def _facts(one: Standing, zone: ZoneInfo) -> Iterator[tuple[Cell, Cell]]:
    finding = one.finding
    severity = f"{finding.severity.value}, {finding.raised}" if finding.raised else finding.severity.value
    yield Cell("Account" if one.rule.unit is UnitKind.ACCOUNT else "From"), Cell(finding.unit)
    yield Cell("Severity"), Cell(severity, TONES[finding.severity])
    yield Cell("Since"), Cell(since_words(one, zone))
    if finding.until != finding.since:
        days = (finding.until - finding.since).days + 1
        yield Cell("Days"), Cell(f"{short_period(Period(finding.since, finding.until))}, {number(days)}")
    yield Cell("Rule"), Cell(f"{one.rule.id} {one.rule.name}, id {one.id}")
    if one.preview:
        yield Cell("State"), Cell("preview: the rule is not on, nobody is alerted", Tone.MUTED)
    if one.acknowledgement:
        until = how_long(one.acknowledgement.until, zone)
        yield Cell("Acknowledged"), Cell(f"{until}: {one.acknowledgement.reason}", Tone.GOOD)


def _threshold(one: Standing) -> str:
    baseline = f" Held against: {one.finding.baseline}." if one.finding.baseline else ""
    return f"Threshold that was crossed: {one.finding.crossed}.{baseline}"


def _charts(one: Standing, refused: Mapping[date, int]) -> Iterator[Block]:
    evidence = one.finding.evidence
    days, by_recipients = around(one), one.rule.id == _OF_RECIPIENTS
    if len(evidence.days) >= MOST_ROWS:  # what was before was not kept
        days = Period(max(days.first, evidence.days[0][0]), days.last)
    counts = {day: recipients if by_recipients else messages for day, messages, recipients in evidence.days}
    word = "recipient" if by_recipients else "message"
    for chart in (_chart(one, counts, days, word), _chart(one, refused, around(one), "failure")):
        if chart.total:
            yield Heading(chart.title)
            yield Days(chart)
    if one.rule.id == _OF_HOURS and any(evidence.hours):
        whole = sum(evidence.hours)
        yield Heading("Messages by hour")
        yield Bars(
            tuple(Bar(f"{hour:02}:00", count, whole, Role.BREAKS) for hour, count in enumerate(evidence.hours) if count)
        )


def _chart(one: Standing, counts: Mapping[date, int], days: Period, word: str) -> Chart:
    """Days before the finding and days of it, in two colours."""
    since = one.finding.since
    series = (
        Series("before", Role.FIRST, counts_of({day: n for day, n in counts.items() if day < since}, days)),
        Series("this finding", Role.BREAKS, counts_of({day: n for day, n in counts.items() if day >= since}, days)),
    )
    title = "Failed sign-ins per day" if word == "failure" else f"{word.title()}s per day"
    return Chart(title, buckets_of(days), tuple(one for one in series if one.total), counted=word)


def _evidence(one: Standing, zone: ZoneInfo) -> Iterator[Block]:
    evidence = one.finding.evidence
    if evidence.addresses:
        rows = evidence.addresses
        if one.rule.id not in _OF_GUESSES:
            rows = tuple(sorted(rows, key=lambda row: not row[2]))  # those that sent come first
        yield Heading("From where")
        yield Pairs(
            tuple(
                (
                    Cell(address if name in ("", "unknown") else f"{address} {name}"),
                    Cell(_counts(messages, failures, at_least=evidence.at_least)),
                )
                for address, name, messages, failures in rows[:_LISTED]
            )
        )
        yield from _more(evidence.others("addresses", _LISTED))
        if evidence.at_least and evidence.totals.addresses:
            yield Paragraph(f"{plural(evidence.totals.addresses, 'address', 'addresses')} in all", Tone.MUTED)
    if evidence.names:
        yield Heading("Names tried")
        yield Pairs(tuple((Cell(name), Cell(plural(count, "failure"))) for name, count in evidence.names[:_LISTED]))
        yield from _more(evidence.others("names", _LISTED))
    if evidence.messages:
        yield Heading("Its first messages")
        yield Entries(
            tuple(
                Entry(
                    Cell(local(time, zone)),
                    Cell(sender or "<>"),
                    (
                        Cell(f"from {address}", Tone.MUTED),
                        Cell(plural(recipients, "recipient"), Tone.MUTED),
                        Cell(f"{server} {queue_id}", Tone.MUTED),
                    ),
                )
                for time, server, queue_id, sender, address, recipients in evidence.messages[:_LISTED]
            )
        )
        if len(evidence.messages) > _LISTED:
            yield from _more(evidence.others("messages", _LISTED), " in its days")


def _counts(messages: int, failures: int, *, at_least: bool) -> str:
    counts = ((messages, "message"), (failures, "failure"))
    said = ", ".join(plural(count, word) for count, word in counts if count)
    return f"at least {said}" if at_least and said else said


def _more(others: Others, where: str = "") -> Iterator[Block]:
    """How many there are beyond those that are listed, and where those are that are kept."""
    if not others.number:
        return
    said = f"and {others.words} more{where}"
    if others.kept == others.number and others.sure:
        said += ": smtpauth-tui findings list --json"
    elif others.kept:
        said += f"; {number(others.kept)} of them: smtpauth-tui findings list --json"
    yield Paragraph(said, Tone.MUTED)


def _what_to_do(one: Standing) -> Iterator[Block]:
    steps = next_steps(one)
    yield Heading("What to do")
    if one.finding.severity is not Severity.NOTICE:
        yield Paragraph(_FIRST_OF_NETWORK if one.rule.unit is UnitKind.NETWORK else _FIRST)
    if not steps:
        if one.finding.unit != EVERYWHERE:
            yield Paragraph("The name is not plain: it stands in no command. Look at the log by the addresses.")
        return
    yield Paragraph("Commands to copy; none of them is run from here.", Tone.MUTED)
    for step in steps:
        yield Paragraph(f"{step.words[0].upper()}{step.words[1:]}:")
        yield Preformatted((step.command,))


_FIRST: Final = (
    "Ask who uses the account. If nobody can explain it: change its password, end its sessions, look at what waits in "
    "the queue, then watch it."
)
_FIRST_OF_NETWORK: Final = (
    "See whether it guessed a password: a success after failures is a finding of its own. Refuse the network if nobody "
    "of yours is there."
)
