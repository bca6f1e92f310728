"""What people decide about findings: that one is right, for how long and why; and what no rule looks at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.errors import UsageError
from smtpauth_tui.networks import network_of, parse_network
from smtpauth_tui.places import Places
from smtpauth_tui.query import parse_day, parse_span
from smtpauth_tui.rules.values import Finding, Rule, UnitKind
from smtpauth_tui.store import allowed, findings
from smtpauth_tui.store.findings import Acknowledgement, AllowedRow
from smtpauth_tui.store.notes import Notes

LONGEST: Final = 1000
"""Characters of a reason or a name."""
USUAL_SPAN: Final = "90d"
"""For how long something is acknowledged where nobody says it."""
_MOST_SUGGESTED: Final = 12
NOT_ASKED: Final = Places()
"""No file tells where addresses are."""


def text_of(text: str, what: str) -> str:
    """A reason or a name as it is kept; UsageError where it is none. *what*: what it is, for the error."""
    words = text.strip()
    if not words:
        raise UsageError(f"Give {'an' if what[:1] in 'aeiou' else 'a'} {what}.")
    try:
        words.encode()
    except UnicodeEncodeError:
        words = ""
    if not words or len(text) > LONGEST:
        raise UsageError(f"The {what} is not a text of at most {LONGEST:,} characters.", "Give a shorter one.")
    return words


def end_of(until: str, span: str, zone: ZoneInfo, now: datetime) -> int | None:
    """The first UTC second after a day, or after so many days from now; None where neither is given: for good.

    UsageError as `parse_day` and `parse_span`, for both, and for a day that is over.
    """
    if until and span:
        raise UsageError("--until and --for do not go together.", "Give one of them.")
    if span:
        return int((now + timedelta(parse_span(span))).timestamp())
    if not until:
        return None
    try:
        day = parse_day(until, now.astimezone(zone).date()) + timedelta(1)
        end = datetime.combine(day, datetime.min.time(), zone)
    except OverflowError:
        raise UsageError("That is after the calendar ends.", "Give an earlier day.") from None
    if end <= now:
        raise UsageError(f"{until} is over.", "Give a later day.")
    return int(end.timestamp())


def end_in_words(words: str, zone: ZoneInfo, now: datetime) -> int | None:
    """The same of one text: ``90d``, ``2027-01-31``; ``for good``, ``forever`` or nothing for None."""
    words = words.strip()
    if words.casefold() in ("", "for good", "forever", "never"):
        return None
    try:
        return end_of("", words, zone, now)
    except UsageError:
        pass
    try:
        return end_of(words, "", zone, now)
    except UsageError as error:
        if "is over" in error.message:
            raise
        raise UsageError(
            f"{words!r} is neither a number of days nor a day.", "Write 90d, 2027-01-31, or: for good"
        ) from None


def last_day(moment: int | None, zone: ZoneInfo) -> str:
    """The last day before an end: ``2027-01-31``; empty for none."""
    return "" if moment is None else str(datetime.fromtimestamp(moment - 1, UTC).astimezone(zone).date())


def how_long(end: int | None, zone: ZoneInfo) -> str:
    """``until 2027-01-31``, or ``for good``."""
    return f"until {last_day(end, zone)}" if end else "for good"


def acknowledge(notes: Notes, rule: str, unit: str, reason: str, end: int | None, now: int) -> Acknowledgement:
    """Note that what a rule says of a unit is right, up to *end*; times are UTC seconds. UsageError as `text_of`."""
    one = Acknowledgement(rule, text_of(unit, "account").casefold(), text_of(reason, "reason"), end, now)
    findings.acknowledge(notes, one)
    return one


def allow(notes: Notes, kind: str, value: str, reason: str, now: int) -> AllowedRow:
    """Note that no rule is to look at something; UsageError where it cannot be of its kind."""
    checked = allowed.checked_value(kind, text_of(value, kind))
    row = AllowedRow(kind, checked, text_of(reason, "reason"), now)
    findings.allow(notes, row)
    return row


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What could be allowed so that a finding would not come again. *value* is raw."""

    kind: str
    value: str
    about: str
    """What would be allowed with it."""


def suggestions(finding: Finding, rule: Rule, places: Places = NOT_ASKED) -> list[Suggestion]:
    """What could be allowed on the ground of a finding, the narrowest first; what cannot be typed is left out.

    The AS of addresses are among it where files of the settings tell them. UsageError where such a file is of no use.
    """
    found: dict[tuple[str, str], Suggestion] = {}
    for one in _suggested(finding, rule, places):
        try:
            value = allowed.checked_value(one.kind, one.value)
        except UsageError:
            continue
        found.setdefault((one.kind, value), Suggestion(one.kind, value, one.about))
    return list(found.values())[:_MOST_SUGGESTED]


def _suggested(finding: Finding, rule: Rule, places: Places) -> Iterator[Suggestion]:
    if rule.unit is UnitKind.ACCOUNT:
        yield Suggestion("account", finding.unit, "this account, whatever it does")
    elif parse_network(finding.unit):
        yield Suggestion("network", finding.unit, "all that comes from there")
    addresses = sorted(
        finding.evidence.addresses, key=lambda row: -row[2]
    )  # those that sent, before those that guessed
    for address, *_ in addresses[:5]:
        network = network_of(address)
        if parse_network(network):
            yield Suggestion("network", network, "all that comes from there")
    for _, name, *_ in addresses[:5]:
        if name not in ("", "unknown"):
            yield Suggestion("host", name, "this host, as the log names it")
    if places.databases and places.finder().systems:
        for address, *_ in addresses[:5]:
            place = places.finder().place(address.partition("/")[0])
            if place and place.asn:
                yield Suggestion("as", str(place.asn), place.as_name or "all of its networks")
    if rule.unit is UnitKind.ACCOUNT:
        _, sign, domain = finding.unit.rpartition("@")
        if sign and domain:
            yield Suggestion("account", f"@{domain}", "all accounts of the domain")
