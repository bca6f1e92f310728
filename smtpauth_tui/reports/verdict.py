"""Who breaks if something is switched off: pure sums over the ways in which accounts sent."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Period
from smtpauth_tui.remembered import Remembered
from smtpauth_tui.reports.arithmetic import per_bucket
from smtpauth_tui.reports.values import Bucket, Chart, Role, Series
from smtpauth_tui.store.breaking import Way
from smtpauth_tui.switches import Networks, Reason, Switches

DAYS_LOOKED_AT: Final = 90
"""Up to the period's last day: on how many of them an account was seen tells whether it sends rarely."""
RARELY: Final = 2
"""An account seen on no more days sends rarely: a UPS, a backup."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the store knows of a period, whatever is switched off."""

    period: Period
    buckets: tuple[Bucket, ...]
    """The spans of the burn-down; bit n of a way's spans is bucket n."""
    ways: Sequence[Way]
    addresses: Mapping[int, str] | None
    """Those of the ways' clients; None where they were not asked for."""
    days_seen: Mapping[int, int]
    """By account, of the `DAYS_LOOKED_AT`."""
    days_known: int
    """How many of the `DAYS_LOOKED_AT` the store knows of."""
    period_known: int
    """How many days of the period the store knows of."""


class Breaking(NamedTuple):
    """An account of which at least one message would have been refused. Times are UTC seconds."""

    number: int
    """Of the account, for further questions."""
    messages: int
    refused: int
    refused_by: Mapping[Reason, int]
    """A message that would be refused for two reasons counts for both."""
    cannot_tell: int
    """Messages of which nothing says that they would be refused, and something that matters is not known."""
    last: int
    last_refused: int
    tls: Mapping[TlsVersion, int]
    auth: Mapping[AuthKind, int]
    days_seen: int
    per_day: float
    """Messages a day, of the days that the store knows."""
    spans: int
    """Bit n is set where any of its messages in bucket n would have been refused."""

    @property
    def rare(self) -> bool:
        """Whether it sends rarely."""
        return self.days_seen <= RARELY


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who breaks, and how much that is of all."""

    switches: Switches
    evidence: Evidence
    breaking: tuple[Breaking, ...]
    """In no order."""
    accounts: int
    """All that sent in the period."""
    messages: int
    refused: int
    cannot_tell: int
    cannot_tell_accounts: int
    """The accounts of these messages, breaking or not."""

    @property
    def rare(self) -> int:
        """How many of those that break send rarely."""
        return sum(one.rare for one in self.breaking)


_Judged = tuple[tuple[Reason, ...], bool]


def judge(evidence: Evidence, switches: Switches) -> Verdict:
    """Who breaks. Where networks are asked for, the evidence has to have addresses."""
    if switches.networks and evidence.addresses is None:
        raise ValueError("the ways do not tell the clients' addresses")
    networks = Networks(switches.networks)
    inside: Remembered[int | None, bool | None] = Remembered(
        lambda client: None if client is None else networks.has((evidence.addresses or {}).get(client, ""))
    )

    def look(way: tuple[TlsVersion, AuthKind, bool | None]) -> _Judged:
        reasons = switches.reasons(*way)
        return reasons, not reasons and switches.cannot_tell(*way)

    judged: Remembered[tuple[TlsVersion, AuthKind, bool | None], _Judged] = Remembered(look)
    by_account: defaultdict[int, list[tuple[Way, _Judged]]] = defaultdict(list)
    for way in evidence.ways:
        place = inside[way.client] if switches.networks else None
        by_account[way.account].append((way, judged[way.tls, way.auth, place]))
    breaking = []
    messages = refused = cannot_tell = cannot_tell_accounts = 0
    for number, own in by_account.items():
        whole = unknown = 0
        breaks = False
        for way, (reasons, is_open) in own:
            whole += way.messages
            breaks = breaks or bool(reasons)
            if is_open:
                unknown += way.messages
        messages += whole
        cannot_tell += unknown
        cannot_tell_accounts += bool(unknown)
        if breaks:
            found = _breaking(number, own, whole, unknown, evidence)
            breaking.append(found)
            refused += found.refused
    return Verdict(
        switches, evidence, tuple(breaking), len(by_account), messages, refused, cannot_tell, cannot_tell_accounts
    )


def _breaking(
    number: int, own: Sequence[tuple[Way, _Judged]], messages: int, unknown: int, evidence: Evidence
) -> Breaking:
    # plain dicts and one walk: there may be a hundred thousand accounts, while somebody waits
    reasons: dict[Reason, int] = {}
    tls: dict[TlsVersion, int] = {}
    auth: dict[AuthKind, int] = {}
    refused = last = last_refused = spans = 0
    for way, (why, _) in own:
        count = way.messages
        tls[way.tls] = tls.get(way.tls, 0) + count
        auth[way.auth] = auth.get(way.auth, 0) + count
        last = max(last, way.last)
        for reason in why:
            reasons[reason] = reasons.get(reason, 0) + count
        if why:
            refused += count
            last_refused = max(last_refused, way.last)
            spans |= way.spans
    return Breaking(
        number,
        messages,
        refused,
        reasons,
        unknown,
        last,
        last_refused,
        tls,
        auth,
        evidence.days_seen.get(number, 0),
        messages / max(evidence.period_known, 1),
        spans,
    )


def burn_down(verdict: Verdict) -> Chart:
    """How many accounts would have broken, by day or by weeks: an account counts in each in which it would have."""
    buckets = verdict.evidence.buckets
    counts = tuple(sum(one.spans >> place & 1 for one in verdict.breaking) for place in range(len(buckets)))
    series = (Series("would break", Role.BREAKS, counts),) if any(counts) else ()
    title = per_bucket("Accounts that would break, per day", buckets)
    return Chart(title, buckets, series, counted="account", distinct=True)
