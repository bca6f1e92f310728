"""U9: somebody guesses an account's password, or a device has an old one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from smtpauth_tui.networks import network_of
from smtpauth_tui.query import Period
from smtpauth_tui.rules.arithmetic import windows
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store import attempts, whereabouts
from smtpauth_tui.store.activity import Activity, Supply
from smtpauth_tui.store.days import day_of, number_of

_MINUTE: Final = 60
_FIVE_MINUTES: Final = 300
_TEN_MINUTES: Final = 600
_MOSTLY: Final = 0.9
"""The share of a day's failures that makes one address their source."""
_DAYS: Final = 3
"""On so many days one after the other a single address failed, and no other: that is a device, not a guesser."""

Times = Sequence[tuple[int, str]]
"""UTC seconds and addresses of attempts, in order."""


@dataclass(frozen=True, slots=True)
class Guessed:
    """A day on which an account's password was guessed, or seemed to be."""

    account: int
    day: int
    failures: Mapping[str, int]
    """By address."""
    moment: int
    """When the threshold was crossed, as UTC seconds."""
    words: str
    crossed: str
    severity: Severity
    stale: bool = False
    """Whether it looks like a device with an old password."""


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts had too many failures."""
    found = await guessed(activity, period, limits)
    names = await activity.names({one.account for one in found})
    return [
        Sign(
            names[one.account],
            day_of(one.day),
            one.severity,
            one.words.format(day=day_words(day_of(one.day), activity.today)),
            one.crossed,
            moment=one.moment,
            account=one.account,
            failed=tuple(Counter(one.failures).most_common()),
        )
        for one in found
    ]


async def guessed(activity: Activity, period: Period, limits: Limits) -> list[Guessed]:
    """What `look` says of each account and day, for other rules too."""
    first, last = number_of(period.first), number_of(period.last)
    days = await _failures(activity, first - _DAYS + 1, last)
    least = min(limits[name] for name in ("minute", "five", "day", "address"))
    candidates = {
        account
        for account, some in days.items()
        for day in some
        if day >= first and some[day].total() + some.get(day - 1, Counter()).total() >= least
    }
    times = await _times(activity, candidates, period)
    notable = []
    for account in sorted(candidates):
        for day in sorted(day for day in days[account] if day >= first):
            begin, end = activity.bounds(Period(day_of(day), day_of(day)))
            near = [one for one in times[account] if begin - _TEN_MINUTES <= one[0] < end]
            if pace(near, begin, days[account][day].total(), limits) or same_address(near, begin, limits):
                notable.append((account, day, begin, near))
    if not notable:
        return []
    # all whom anybody tried: other rules ask for them as well
    used = await whereabouts.networks(activity, days.keys(), period)
    found = []
    for account, day, begin, near in notable:
        failures = [days[account].get(day - back, Counter()) for back in range(_DAYS)]
        networks = used.get(account)

        def at_home(address: str, networks: whereabouts.Networks | None = networks, day: int = day) -> bool:
            return whereabouts.at_home(networks, network_of(address), day)

        if one := judged(account, day, begin, near, failures, at_home, limits):
            found.append(one)
    return found


async def _failures(activity: Activity, first: int, last: int) -> dict[int, dict[int, Counter[str]]]:
    """Failures by account, day and address."""
    rows = await attempts.tried(activity, first, last)
    addresses = await activity.clients({row.client for row in rows})
    found: dict[int, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        found[row.account][row.day][addresses[row.client][0]] += row.failures
    return found


async def _times(activity: Activity, accounts: Collection[int], period: Period) -> dict[int, list[tuple[int, str]]]:
    start, end = activity.bounds(period)
    rows = await attempts.on_accounts(activity, accounts, start - _TEN_MINUTES, end)
    addresses = await activity.clients({row.client for row in rows})
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        if row.account is not None:
            found[row.account].append((row.time, addresses[row.client][0]))
    return found


def judged(
    account: int,
    day: int,
    begin: int,
    times: Times,
    failures: Sequence[Counter[str]],
    at_home: Callable[[str], bool],
    limits: Limits,
) -> Guessed | None:
    """What is to be said of an account's failures on a day; None where that is nothing.

    *begin*: the day's first second; *times* may begin before it. *failures*: those of the day by address, of the day
    before, and so on. *at_home*: whether the account signed in from an address's network in the days before.
    """
    today = failures[0]
    total = today.total()
    (top, of_top), *_ = today.most_common(1)
    burst, repeated = pace(times, begin, total, limits), same_address(times, begin, limits)
    lasting = all(one[top] >= _MOSTLY * one.total() > 0 for one in failures)
    if of_top >= _MOSTLY * total and (at_home(top) or lasting):
        if not burst and not (lasting and repeated):
            return None  # somebody mistyped
        moment, crossed = burst or (repeated[0][0], _of_address(limits))
        why = "the account signed in from there before" if at_home(top) else f"for {_DAYS} days, and nobody else tried"
        words = f"{plural(of_top, 'failure')} from {top} on {{day}}: an old password in a device, it seems; {why}"
        return Guessed(account, day, today, moment, words, crossed, Severity.NOTICE, stale=True)
    if burst:
        where = top if len(today) == 1 else plural(len(today), "address", "addresses")
        words = f"{plural(total, 'failure')} from {where} on {{day}}"
        return Guessed(account, day, today, *(burst[0], words, burst[1]), Severity.MEDIUM)
    for moment, address, number in repeated:
        if not at_home(address):
            words = f"{plural(number, 'failure')} in 10 minutes from {address} on {{day}}, where it never signed in"
            return Guessed(account, day, today, moment, words, _of_address(limits), Severity.NOTICE)
    return None


def pace(times: Times, begin: int, total: int, limits: Limits) -> tuple[int, str] | None:
    """When a day's failures were too many, and for which threshold; None where they were not."""
    moments = [time for time, _ in times]
    for name, seconds, span in (("minute", _MINUTE, "a minute"), ("five", _FIVE_MINUTES, "5 minutes")):
        for place, count in windows(moments, seconds):
            if count >= limits[name] and moments[place] >= begin:
                return moments[place], f"{plural(limits[name], 'failure')} in {span}"
    if total >= limits["day"]:
        first = next((time for time in moments if time >= begin), begin)
        return first, f"{plural(limits['day'], 'failure')} a day"
    return None


def same_address(times: Times, begin: int, limits: Limits) -> list[tuple[int, str, int]]:
    """When an address failed too often within ten minutes: the time, the address, the most in ten minutes."""
    by_address: dict[str, list[int]] = defaultdict(list)
    for time, address in times:
        by_address[address].append(time)
    found = []
    for address, moments in by_address.items():
        over = [
            (moments[place], count)
            for place, count in windows(moments, _TEN_MINUTES)
            if count >= limits["address"] and moments[place] >= begin
        ]
        if over:
            found.append((over[0][0], address, max(count for _, count in over)))
    return sorted(found)


def _of_address(limits: Limits) -> str:
    return f"{plural(limits['address'], 'failure')} from an address in 10 minutes"


def lacks_failures(supply: Supply, _: Limits) -> str:
    """For rules that need to know whose password was tried."""
    if not supply.failures:
        return "failed sign-ins; the store has none"
    return "" if supply.named_failures else "the names that were tried; the log has none on failed sign-ins"


GUESSING: Final = Rule(
    id="U9",
    name="guessing",
    title="Guessing",
    about="many failed sign-ins of one account; or a device with an old password",
    on=True,
    severity=Severity.MEDIUM,
    severities=(Severity.NOTICE,),
    limits=(
        Limit("minute", 15, "failures of an account in 60 seconds"),
        Limit("five", 30, "failures of an account in 5 minutes"),
        Limit("day", 50, "failures of an account in a day"),
        Limit("address", 5, "failures of an account in 10 minutes from one address where it never signed in"),
    ),
    reads="failed sign-ins whose name is an account that sends, and from which networks that account signed in in "
    "the 30 days before",
    normal="a device with an old password: set the new one there; the finding names its address",
    wrong="a proxy in front of the server hides the clients; names that are no accounts are not looked at",
    lacks=lacks_failures,
    look=look,
)
