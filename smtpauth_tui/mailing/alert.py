"""What a mail of unusual activity says, as values: of one finding, of the rest where there are many, of none."""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from smtpauth_tui.networks import parse_network
from smtpauth_tui.query import Period
from smtpauth_tui.reports.arithmetic import buckets_of
from smtpauth_tui.reports.figures import local, number, plural, short_day
from smtpauth_tui.reports.values import Cell, Chart, Column, Role, Series, Table, Tone
from smtpauth_tui.rules.next_step import Step, is_plain, steps
from smtpauth_tui.rules.standing import Standing
from smtpauth_tui.rules.telling import heading
from smtpauth_tui.rules.values import EVERYWHERE, Evidence, Finding, Severity, UnitKind

_ROWS: Final = 8
"""Rows of evidence of a kind."""
_LISTED: Final = 100
"""Findings that are listed in one mail."""
_SUBJECT: Final = 150
"""Characters of a subject, about."""
_TONES: Final = {Severity.HIGH: Tone.BAD, Severity.MEDIUM: Tone.WARN, Severity.NOTICE: Tone.PLAIN}
_ASCII: Final = str.maketrans({"–": "-", "±": "+-", "×": "x", "…": "..."})
_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9 .,;:@/()+_%'-]")
"""What has no place in a subject: names from logs may hold anything, also what mail programs decode (``=?``)."""
_SENTENCES: Final = ("signed in", "sent ", "first seen", "silent since", "nothing since", "from ")
"""How reasons begin that follow a name as its sentence."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A mail about findings; text from logs is raw in it, but for the subject."""

    subject: str
    """ASCII, and nothing that a header or a mail program takes for more than its characters."""
    title: str
    tone: Tone
    lead: str
    """The sentence that matters."""
    zone: str
    """The zone in which the store counts its days."""
    facts: tuple[tuple[str, str], ...] = ()
    """Each with what it is called."""
    listed: tuple[tuple[str, str], ...] = ()
    """Findings, each as a line and its reason."""
    chart: Chart | None = None
    tables: tuple[tuple[str, Table], ...] = ()
    todo: tuple[str, ...] = ()
    """What to do, in sentences of ours."""
    steps: tuple[Step, ...] = ()
    """Commands to copy."""
    right: tuple[Step, ...] = ()
    """Commands for the case that it is right as it is."""
    host: str = ""
    """The name of this machine, raw."""


def of_finding(one: Standing, zone: ZoneInfo) -> Alert:
    """The mail of a finding, which is as it may be shown (`rules.shown`)."""
    finding = one.finding
    severity = finding.severity
    return Alert(
        subject=finding_subject(finding),
        title=f"{severity.value.capitalize()}: {one.rule.title}",
        tone=_TONES[severity],
        lead=_sentence(finding),
        zone=zone.key,
        facts=tuple(_facts(one, zone)),
        chart=_chart(finding),
        tables=tuple((title, table) for title, table in _tables(finding, zone) if table.rows),
        todo=tuple(_todo(one)),
        steps=tuple(steps(finding.unit, finding.evidence.servers)) if one.rule.unit is UnitKind.ACCOUNT else (),
        right=tuple(_right(one)),
        host=socket.gethostname(),
    )


def of_rest(some: Sequence[Standing], zone: ZoneInfo, mailed: int) -> Alert:
    """The one mail of findings beyond those that have *mailed* a mail each, the most severe first."""
    count, worst = len(some), some[0].finding.severity
    kinds = _by_severity(some)
    return Alert(
        subject=f"{worst.value.capitalize()}: {plural(count, 'further new finding')} ({kinds})",
        title=plural(count, "further new finding"),
        tone=_TONES[worst],
        lead=f"So much was found at once that only the {mailed} most severe findings have a mail of their own. "
        f"These are the others: {kinds}.",
        zone=zone.key,
        listed=_items(some, zone),
        todo=(*_more(count), "Each with its evidence, and what to do about it:"),
        steps=(Step("all that is open", "smtpauth-tui check --all"),),
        right=(Step("no rule speaks of it any more", "smtpauth-tui findings ack ID --reason 'why it is right'"),),
        host=socket.gethostname(),
    )


def of_nothing_new(
    open_: Sequence[Standing], period: Period | None, newest: int | None, missing: Sequence[str], zone: ZoneInfo
) -> Alert:
    """The mail that says that it was looked, and what is open. *missing*: what was not looked for, in words."""
    kinds = _by_severity(open_)
    still = f"still open ({kinds})" if open_ else "nothing open"
    said = f"{plural(len(open_), 'finding')} {still}" if open_ else still
    days = "" if period is None else f"{period.first} to {period.last}"
    return Alert(
        subject=f"Checked, nothing new; {f'{len(open_):,} {still}' if open_ else still}",
        title="Nothing new",
        tone=Tone.PLAIN if open_ else Tone.GOOD,
        lead=f"Checked, nothing new; {said}." if period else "There is nothing to check: the store has no messages.",
        zone=zone.key,
        facts=tuple(
            (label, text)
            for label, text in (
                ("Days", days),
                ("Newest message", local(newest, zone)),
                *(("Not looked for", one) for one in missing),
            )
            if text
        ),
        listed=_items(open_, zone),
        todo=_more(len(open_)),
        host=socket.gethostname(),
    )


def finding_subject(finding: Finding) -> str:
    """``High: mara@contoso.example signed in from 203.0.113.24 …``: at most about 170 characters, ASCII."""
    reason, unit = finding.reason, finding.unit if is_plain(finding.unit) else "an account"
    if finding.unit == EVERYWHERE or reason.startswith(finding.unit):
        said = reason
    else:
        said = f"{unit}{'' if reason.startswith(_SENTENCES) else ':'} {reason}"
    return f"{finding.severity.value.capitalize()}: {_header(said)}"


def _header(text: str) -> str:
    plain = _UNUSUAL.sub("?", text.translate(_ASCII))
    return plain if len(plain) <= _SUBJECT else f"{plain[:_SUBJECT].rpartition(' ')[0] or plain[:_SUBJECT]} ..."


def _sentence(finding: Finding) -> str:
    reason = finding.reason
    if finding.unit == EVERYWHERE or reason.startswith(finding.unit):
        return reason
    return f"{finding.unit}{'' if reason.startswith(_SENTENCES) else ':'} {reason}"


def _by_severity(some: Sequence[Standing]) -> str:
    counts = [(severity, sum(one.finding.severity is severity for one in some)) for severity in reversed(Severity)]
    return ", ".join(f"{count:,} {severity.value}" for severity, count in counts if count)


def _items(some: Sequence[Standing], zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{one.finding.severity.value.capitalize()} · {heading(one, zone)}", one.finding.reason)
        for one in some[:_LISTED]
    )


def _more(count: int) -> tuple[str, ...]:
    return (f"{count - _LISTED:,} more are not listed here.",) if count > _LISTED else ()


def _facts(one: Standing, zone: ZoneInfo) -> list[tuple[str, str]]:
    finding = one.finding
    kind = "Account" if one.rule.unit is UnitKind.ACCOUNT else "Network"
    first = finding.since.isoformat() if finding.moment is None else local(finding.moment, zone)
    when = first if finding.since == finding.until else f"{first}, until {finding.until}"
    facts = [
        (kind, finding.unit),
        ("When", when),
        ("Threshold", finding.crossed),
        ("Held against", finding.baseline),
        ("More severe", finding.raised),
        ("Normal if", one.rule.normal),
        ("Can be wrong", one.rule.wrong),
        ("Rule", f"{one.rule.id} {one.rule.title} ({one.rule.name})"),
        ("Finding", one.id),
    ]
    return [(label, text) for label, text in facts if text]


def _chart(finding: Finding) -> Chart | None:
    """Messages of the finding's days and of some before, where there is more than a day."""
    days = {day: messages for day, messages, _ in finding.evidence.days}
    if len(days) < 2:
        return None
    period = Period(max(min(days), finding.until - timedelta(30)), max(finding.until, *days))
    counts = tuple(days.get(day, 0) for day in period.each())
    own = tuple(count if finding.since <= day else 0 for day, count in zip(period.each(), counts, strict=True))
    before = tuple(count - mine for count, mine in zip(counts, own, strict=True))
    since = short_day(finding.since)
    series = (Series(f"before {since}", Role.FIRST, before), Series(f"since {since}", Role.NO_TLS, own))
    shown = tuple(one for one in series if one.total)
    return Chart("Messages per day", buckets_of(period), shown) if shown else None


def _tables(finding: Finding, zone: ZoneInfo) -> list[tuple[str, Table]]:
    evidence = finding.evidence
    addresses = Table(
        (
            Column("name", "Client address"),
            Column("messages", "Messages", numeric=True),
            Column("failures", "Refused", numeric=True),
            Column("more", "Host"),
        ),
        tuple(
            (
                Cell(address),
                Cell(number(sent)),
                Cell(number(failed)),
                Cell("" if name == "unknown" else name, Tone.MUTED),
            )
            for address, name, sent, failed in _addresses(evidence)
        ),
    )
    names = Table(
        (Column("name", "Name tried"), Column("failures", "Refused", numeric=True)),
        tuple((Cell(name), Cell(number(failures))) for name, failures in evidence.names[:_ROWS]),
    )
    messages = Table(
        (Column("name", "Time"), Column("recipients", "Recipients", numeric=True), Column("more", "Message")),
        tuple(
            (
                Cell(local(time, zone)),
                Cell(number(recipients)),
                Cell(f"{address}, {queue_id} on {server}, from {sender or '<>'}", Tone.MUTED),
            )
            for time, server, queue_id, sender, address, recipients in evidence.messages[:_ROWS]
        ),
    )
    return [
        (_titled("From where", evidence, "addresses"), addresses),
        (_titled("Names that were tried", evidence, "names"), names),
        (_titled("Messages", evidence, "messages"), messages),
    ]


def _addresses(evidence: Evidence) -> list[tuple[str, str, int, int]]:
    """Those that sent and those that were refused, both."""
    sent = [row for row in evidence.addresses if row[2]]
    refused = [row for row in evidence.addresses if not row[2]]
    return [*sent[: max(_ROWS // 2, _ROWS - len(refused))], *refused][:_ROWS]


def _titled(title: str, evidence: Evidence, kind: Literal["addresses", "names", "messages"]) -> str:
    others = evidence.others(kind, _ROWS)
    said = []
    if others.kept:  # of messages the first are kept, whatever came later
        said.append(f"{_ROWS} of {_ROWS + others.number:,}" if others.sure else f"the first {_ROWS}")
    if kind == "addresses" and evidence.at_least:
        said.append("at least so many, of a part of the addresses")
    return f"{title} ({'; '.join(said)})" if said else title


def _todo(one: Standing) -> list[str]:
    finding = one.finding
    if one.rule.unit is not UnitKind.ACCOUNT:
        return (
            ["If nobody of yours signs in from there, have the firewall keep it out."] if _is_network(finding) else []
        )
    if not is_plain(finding.unit):
        return ["The account's name is not plain: it stands in no command. Look at the log by the addresses."]
    if finding.severity is Severity.NOTICE:
        return ["To look at it, or to stop it:"]
    return ["Ask whoever it belongs to. If it was somebody else, change the password, and look at it or stop it:"]


def _is_network(finding: Finding) -> bool:
    return parse_network(finding.unit) is not None


def _right(one: Standing) -> list[Step]:
    said = [
        Step("for 90 days (without --for: for good)", f"smtpauth-tui findings ack {one.id} --reason 'why' --for 90d")
    ]
    if one.rule.unit is UnitKind.NETWORK and _is_network(one.finding):
        command = f"smtpauth-tui findings allow network {one.finding.unit} --reason 'why'"
        said.append(Step("no rule looks at this network any more", command))
    return said
