"""What a rule is, what it says of a day, and what a finding is: values, the same for command, screens and tests."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from smtpauth_tui.store.findings import MOST_ROWS

if TYPE_CHECKING:
    from smtpauth_tui.query import Period
    from smtpauth_tui.store.activity import Activity, Supply

EVERYWHERE: Final = "everywhere"
"""The unit of a finding that is about no one account or network."""


class Severity(StrEnum):
    """How much a finding matters."""

    NOTICE = "notice"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Higher for what matters more."""
        return _RANKS[self]


_RANKS: Final = {Severity.NOTICE: 0, Severity.MEDIUM: 1, Severity.HIGH: 2}


class UnitKind(StrEnum):
    """What a rule's findings are about."""

    ACCOUNT = "account"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold that can be set."""

    name: str
    default: int | float
    about: str
    """What it means, with its unit."""
    least: int | float = 1
    most: int | float = 1_000_000_000


Limits = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Sign:
    """A day on which a unit crossed a rule's threshold. Names in it are raw as the log has them."""

    unit: str
    day: date
    severity: Severity
    reason: str
    """The sentence that the admin reads."""
    crossed: str
    """The threshold that was crossed."""
    baseline: str = ""
    """What it was measured against."""
    moment: int | None = None
    """When, as UTC seconds; None where only the day is known."""
    account: int | None = None
    """The store's number of the unit, where that is an account."""
    failed: tuple[tuple[str, int], ...] = ()
    """The addresses that were refused, with their failures, where the rule read them."""
    names: tuple[tuple[str, int], ...] = ()
    """The names that were tried, with their failures, where the rule read them."""


class Totals(NamedTuple):
    """How many there are of what a finding's evidence has at most `MOST_ROWS` of; None where that was not kept."""

    addresses: int | None = None
    """Client addresses, also where their networks are shown in their place."""
    names: int | None = None
    messages: int | None = None
    """Messages of the finding's days."""


class Others(NamedTuple):
    """How many rows there are beyond those that are shown."""

    number: int
    sure: bool
    """Whether there are so many; else at least so many."""
    kept: int
    """Those of them that the evidence has."""

    @property
    def words(self) -> str:
        """``54``, ``at least 12``; empty for none."""
        return f"{'' if self.sure else 'at least '}{self.number:,}" if self.number else ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finding rests on: at most `MOST_ROWS` rows of a kind, raw. Times are UTC seconds."""

    days: tuple[tuple[date, int, int], ...] = ()
    """Messages and recipients of days, the finding's and some before."""
    hours: tuple[int, ...] = ()
    """Messages of the finding's days by hour of the store's zone; empty where there are none."""
    addresses: tuple[tuple[str, str, int, int], ...] = ()
    """Client addresses with the name that the log has, messages and failures, those with most first."""
    messages: tuple[tuple[int, str, str, str, str, int], ...] = ()
    """Some messages: time, server, queue id, sender, client address, recipients."""
    names: tuple[tuple[str, int], ...] = ()
    """Names that were tried, with their failures."""
    servers: tuple[str, ...] = ()
    """The kinds of servers that took part: ``postfix``, ``exim``."""
    totals: Totals = field(default_factory=Totals)
    networks: bool = False
    """Whether networks stand in the place of addresses."""
    at_least: bool = False
    """Whether the counts of these networks are of a part of their addresses only."""

    @property
    def has_all_addresses(self) -> bool:
        """Whether no address is missing."""
        kept = len(self.addresses)
        return kept < MOST_ROWS if self.totals.addresses is None else kept >= self.totals.addresses

    def others(self, kind: Literal["addresses", "names", "messages"], shown: int) -> Others:
        """What there is of a kind beyond the first rows of it."""
        kept = len(getattr(self, kind))
        total: int | None = getattr(self.totals, kind)
        sure = kept < MOST_ROWS or total is not None
        if kind == "addresses" and self.networks:
            total, sure = None, not self.at_least
        return Others(max((kept if total is None else max(total, kept)) - shown, 0), sure, max(kept - shown, 0))

    def as_json(self) -> dict[str, Any]:
        """As the command line and the notes have it."""
        return {
            "days": [{"day": day.isoformat(), "messages": n, "recipients": to} for day, n, to in self.days],
            "hours": list(self.hours),
            "addresses": [dict(zip(_ADDRESS, row, strict=True)) for row in self.addresses],
            "messages": [dict(zip(_MESSAGE, row, strict=True)) for row in self.messages],
            "names": [{"name": name, "failures": failures} for name, failures in self.names],
            "servers": list(self.servers),
            "totals": self.totals._asdict(),
            "at_least": self.at_least,
        }

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> "Evidence":
        """What `as_json` made."""
        return cls(
            tuple((date.fromisoformat(row["day"]), row["messages"], row["recipients"]) for row in found["days"]),
            tuple(found["hours"]),
            tuple((row["address"], row["name"], row["messages"], row["failures"]) for row in found["addresses"]),
            tuple(
                (row["time"], row["server"], row["id"], row["sender"], row["address"], row["recipients"])
                for row in found["messages"]
            ),
            tuple((row["name"], row["failures"]) for row in found["names"]),
            tuple(found["servers"]),
            Totals(**found.get("totals", {})),
        )


_ADDRESS: Final = ("address", "name", "messages", "failures")
_MESSAGE: Final = ("time", "server", "id", "sender", "address", "recipients")


@dataclass(frozen=True, slots=True)
class Finding:
    """An episode: consecutive days on which a unit crossed a rule's threshold. Names in it are raw."""

    rule: str
    severity: Severity
    unit: str
    since: date
    until: date
    moment: int | None
    """When it was first seen, as UTC seconds; None where only the day is known."""
    reason: str
    crossed: str
    baseline: str
    evidence: Evidence = field(default_factory=Evidence)
    raised: str = ""
    """Why it is more severe than its rule says; empty where it is not."""

    @property
    def key(self) -> str:
        """What the finding is known by: rule, unit, first day."""
        return f"{self.rule}:{self.unit}:{self.since.isoformat()}"


Look = Callable[["Activity", "Period", Limits], Awaitable[list[Sign]]]
"""The signs of a period. What is said of a day rests on that day and on those before it, whatever the period."""


def _nothing(_: "Supply", __: Limits) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something unusual that is looked for."""

    id: str
    """Its number in the list of rules: ``U3``."""
    name: str
    """What settings and options call it: one word."""
    title: str
    about: str
    """What it looks for, in one line."""
    on: bool
    """Whether it is on by default; else it is a preview: shown, but nobody is alerted."""
    severity: Severity
    """What its findings have, unless they say otherwise."""
    limits: tuple[Limit, ...]
    reads: str
    """What it reads."""
    normal: str
    """What would make a finding normal."""
    wrong: str
    """How it can be wrong."""
    lacks: Callable[["Supply", Limits], str] = _nothing
    """What a store lacks for it, in words; empty where it lacks nothing."""
    partly: Callable[["Supply", Limits], str] = _nothing
    """What a store lacks for a part of it, in words; empty where it lacks nothing."""
    look: Look | None = None
    """None where the store cannot have what it needs."""
    unit: UnitKind = UnitKind.ACCOUNT
    severities: tuple[Severity, ...] = ()
    """What else its findings can have."""
    places: bool = False
    """Whether it asks where addresses are: other files may find something else."""
    slow: bool = False
    """Whether it takes longer than all others where there are many accounts: as a preview it has to be asked for."""

    @property
    def defaults(self) -> dict[str, float]:
        """Its limits as they are by default."""
        return {limit.name: limit.default for limit in self.limits}


def episodes(rule: str, signs: Iterable[Sign]) -> list[tuple[Finding, list[Sign]]]:
    """The findings that signs amount to, by unit and day, each with its signs.

    Consecutive days of a unit are one finding; of its days the latest of the most severe speaks for it.
    """
    found: list[list[Sign]] = []
    for sign in sorted(signs, key=lambda sign: (sign.unit, sign.day, -sign.severity.rank)):
        last = found[-1][-1] if found else None
        if last and last.unit == sign.unit and sign.day - last.day <= timedelta(days=1):
            if sign.day != last.day:
                found[-1].append(sign)
        else:
            found.append([sign])
    return [(_finding(rule, days), days) for days in found]


def _finding(rule: str, days: list[Sign]) -> Finding:
    worst = max(days, key=lambda sign: (sign.severity.rank, sign.day))
    return Finding(
        rule,
        worst.severity,
        worst.unit,
        days[0].day,
        days[-1].day,
        days[0].moment,
        worst.reason,
        worst.crossed,
        worst.baseline,
    )
