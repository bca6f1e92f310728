"""U10: one network, or many of them, that try passwords on many accounts."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from smtpauth_tui.networks import network_of
from smtpauth_tui.query import Period
from smtpauth_tui.rules.arithmetic import different_in_window
from smtpauth_tui.rules.guessing import lacks_failures
from smtpauth_tui.rules.values import EVERYWHERE, Limit, Limits, Rule, Severity, Sign, UnitKind
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store import attempts, whereabouts
from smtpauth_tui.store.activity import Activity
from smtpauth_tui.store.days import day_of, number_of

_HOUR: Final = 3600
_HALF_HOUR: Final = 1800
_USUAL: Final = (1, 7)
"""The days before a day that tell how many accounts fail on a day anyway."""


class Try(NamedTuple):
    """An attempt on an account: UTC seconds, the account, the client's address and network."""

    time: int
    account: int
    address: str
    network: str


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which a network, or many together, tried many accounts that do not sign in from there."""
    signs: list[Sign] = []
    for day in range(number_of(period.first), number_of(period.last) + 1):
        signs += await _of_day(activity, day, period, limits)
    return signs


async def _of_day(activity: Activity, day: int, period: Period, limits: Limits) -> list[Sign]:
    begin = _bounds(activity, day)[0]
    tries = await _tries(activity, day)
    over = await _over(activity, tries, day, begin, limits)
    if not over:
        return []
    tries = await _strange(activity, tries, over, day)
    over = await _over(activity, tries, day, begin, limits)
    accounts = {one.account for one in tries if over & {one.network, EVERYWHERE}}
    used = await whereabouts.networks(activity, accounts, period)
    names = await activity.names(accounts)
    foreign = [one for one in tries if not whereabouts.at_home(used.get(one.account), one.network, day)]
    by_network: dict[str, list[Try]] = defaultdict(list)
    for one in foreign:
        by_network[one.network].append(one)
    signs = []
    for network in sorted(over - {EVERYWHERE}):
        if worst := _most(by_network[network], begin, _HOUR, limits["network"]):
            words = f"{network} tried {plural(worst[1], 'account')} in an hour on {{day}}"
            crossed = f"{plural(limits['network'], 'account')} in an hour from a network (/24, /48)"
            signs.append(_sign(activity, network, day, worst[0], words, crossed, by_network[network], names))
    if EVERYWHERE in over:
        spraying, usual = {sign.unit for sign in signs}, await _usual(activity, day)
        others = [one for one in foreign if one.network not in spraying]
        if worst := _most(others, begin, _HALF_HOUR, max(limits["everywhere"], usual + 1)):
            networks = plural(len({one.network for one in others}), "network")
            words = (
                f"{plural(worst[1], 'account')} tried in 30 minutes from {networks} on {{day}}; "
                f"on a usual day it is {usual:,} in all"
            )
            crossed = f"{plural(limits['everywhere'], 'account')} in 30 minutes, and more than on a usual day"
            signs.append(_sign(activity, EVERYWHERE, day, worst[0], words, crossed, others, names))
    return signs


async def _strange(activity: Activity, tries: Sequence[Try], over: set[str], day: int) -> list[Try]:
    """Without attempts from where the account was a day or a week ago."""
    places: dict[int, dict[str, int]] = {}
    for one in tries:
        if over & {one.network, EVERYWHERE}:
            places.setdefault(one.account, {})[one.network] = one.time
    left = await whereabouts.strange(activity, places, day_of(day), near=True)
    return [one for one in tries if one.account in left and one.network in left[one.account]]


def _bounds(activity: Activity, day: int) -> tuple[int, int]:
    return activity.bounds(Period(day_of(day), day_of(day)))


async def _tries(activity: Activity, day: int) -> list[Try]:
    """The attempts on accounts on a day and in the hour before it, where there are enough to matter."""
    begin, end = _bounds(activity, day)
    accounts = {row.account for row in await attempts.tried(activity, day - 1, day)}
    rows = await attempts.on_accounts(activity, accounts, begin - _HOUR, end)
    addresses = await activity.clients({row.client for row in rows})
    return [
        Try(row.time, row.account, addresses[row.client][0], network_of(addresses[row.client][0]))
        for row in rows
        if row.account is not None
    ]


async def _over(activity: Activity, tries: Sequence[Try], day: int, begin: int, limits: Limits) -> set[str]:
    """The networks that tried enough accounts, whoever signs in from there; and `EVERYWHERE`."""
    by_network: dict[str, list[Try]] = defaultdict(list)
    for one in tries:
        by_network[one.network].append(one)
    over = {network for network, some in by_network.items() if _most(some, begin, _HOUR, limits["network"])}
    if _most(tries, begin, _HALF_HOUR, limits["everywhere"]) and _most(
        tries, begin, _HALF_HOUR, await _usual(activity, day) + 1
    ):
        over.add(EVERYWHERE)
    return over


def _most(tries: Sequence[Try], begin: int, seconds: int, least: float) -> tuple[int, int] | None:
    """When so many accounts had been tried within some seconds, and the most that were; None where they never were."""
    windows = different_in_window(((one.time, one.account) for one in tries), seconds)
    over = [(time, count) for time, count in windows if count >= least and time >= begin]
    return (over[0][0], max(count for _, count in over)) if over else None


async def _usual(activity: Activity, day: int) -> int:
    """How many accounts were refused on the day before and a week ago, on the one with more."""
    return max([len({row.account for row in await attempts.tried(activity, day - ago, day - ago)}) for ago in _USUAL])


def _sign(
    activity: Activity,
    unit: str,
    day: int,
    moment: int,
    words: str,
    crossed: str,
    tries: Collection[Try],
    names: Mapping[int, str],
) -> Sign:
    begin = _bounds(activity, day)[0]
    of_day = [one for one in tries if one.time >= begin]
    return Sign(
        unit,
        day_of(day),
        SPRAYING.severity,
        words.format(day=day_words(day_of(day), activity.today)),
        crossed,
        "accounts that signed in from there in the 30 days before do not count",
        moment=moment,
        failed=tuple(Counter(one.address for one in of_day).most_common()),
        names=tuple(Counter(names[one.account] for one in of_day).most_common()),
    )


SPRAYING: Final = Rule(
    id="U10",
    name="spraying",
    title="Spraying",
    about="one network, or many together, that try passwords on many accounts",
    on=True,
    severity=Severity.MEDIUM,
    limits=(
        Limit("network", 10, "accounts in an hour from one network", 2),
        Limit(
            "everywhere",
            15,
            "accounts in 30 minutes from all networks, and more than failed the day before or a week ago",
            2,
        ),
    ),
    reads="failed sign-ins whose name is an account that sends, and from which networks those accounts signed in in "
    "the 30 days before",
    normal="a gateway or proxy from which many people sign in: allow its network",
    wrong="a proxy in front of the server hides the clients; a directory that is down refuses everybody (from home "
    "networks that does not count)",
    lacks=lacks_failures,
    look=look,
    unit=UnitKind.NETWORK,
)
