"""U11: somebody signed in where passwords had been guessed: the strongest of all signs."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from smtpauth_tui.networks import network_of
from smtpauth_tui.query import Period
from smtpauth_tui.rules.arithmetic import windows
from smtpauth_tui.rules.guessing import GUESSING, Guessed, guessed
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, minute_words, plural
from smtpauth_tui.store import attempts, whereabouts
from smtpauth_tui.store.activity import Activity, Supply
from smtpauth_tui.store.attempts import Attempt
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.whereabouts import Networks

_HOUR: Final = 3600
_OURS: Final = 2
"""A network from which so many other accounts sign in as ever is one of ours: people mistype there."""


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts signed in from a strange network after failures there, or while they were guessed."""
    found = {(sign.account, sign.day): sign for sign in await _after_guessing(activity, period, limits)}
    for sign in await _after_failures(activity, period, limits):
        key = sign.account, sign.day
        if key not in found or found[key].severity is not Severity.HIGH:
            found[key] = sign
    return list(found.values())


async def _after_failures(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """Log-ins from a network that had failed often in the hour before."""
    signs: list[Sign] = []
    for day in range(number_of(period.first), number_of(period.last) + 1):
        if await _covered(activity, day, limits):
            signs += await _of_day(activity, day, limits)
    return signs


async def _of_day(activity: Activity, day: int, limits: Limits) -> list[Sign]:
    start, end = activity.bounds(Period(day_of(day), day_of(day)))
    refused = await _refused(activity, day, limits)
    hot = await _hot(activity, refused, start, end, limits)
    if not hot:
        return []
    places = await whereabouts.on_day(activity, day_of(day), hot)
    strange = await whereabouts.strange(activity, places, day_of(day), _OURS)
    networks = {network for used in strange.values() for network in used}
    clients = {client for client, network in refused.items() if network in networks}
    tries = await attempts.from_clients(activity, clients, start - _HOUR, end)
    accounts = strange.keys() | {one.account for one in tries if one.account is not None}
    used = await whereabouts.networks(activity, accounts, Period(day_of(day), day_of(day)))
    by_network: dict[str, list[Attempt]] = defaultdict(list)
    for one in tries:
        network = refused[one.client]
        if one.account is None or not whereabouts.at_home(used.get(one.account), network, day):
            by_network[network].append(one)
    log_ins = await whereabouts.log_ins_of(activity, strange.keys(), start, end)
    addresses = await activity.clients({one.client for one in log_ins})
    names = await activity.names(accounts)
    signs: dict[int, Sign] = {}
    for log_in in log_ins:
        address = addresses[log_in.client][0]
        network = network_of(address)
        if log_in.account in signs or network not in strange[log_in.account]:
            continue
        before = [one for one in by_network[network] if log_in.time - _HOUR <= one.time <= log_in.time]
        if len(before) >= limits["failures"]:
            signs[log_in.account] = Sign(
                names[log_in.account],
                day_of(day),
                Severity.HIGH,
                f"signed in from {address} at {_when(activity, log_in.time)}, where it never had before, after "
                f"{plural(len(before), 'failure')} from {network} in the hour before",
                f"{plural(limits['failures'], 'failure')} from a network in the hour before",
                _home_words(used.get(log_in.account), day),
                moment=log_in.time,
                account=log_in.account,
                failed=tuple(Counter(addresses[one.client][0] for one in before).most_common()),
                names=tuple(Counter(names[one.account] for one in before if one.account in names).most_common()),
            )
    return list(signs.values())


async def _refused(activity: Activity, day: int, limits: Limits) -> dict[int, str]:
    """The clients of networks that were refused often about a day, with their networks."""
    rows = await attempts.failed_days(activity, Period(day_of(day - 1), day_of(day)))
    addresses = await activity.clients({row.client for row in rows})
    networks = {row.client: network_of(addresses[row.client][0]) for row in rows}
    failures: Counter[str] = Counter()
    for row in rows:
        failures[networks[row.client]] += row.failures
    return {client: network for client, network in networks.items() if failures[network] >= limits["failures"]}


async def _hot(activity: Activity, refused: Mapping[int, str], start: int, end: int, limits: Limits) -> set[str]:
    """The networks of some clients that were refused often enough within an hour."""
    times: dict[str, list[int]] = defaultdict(list)
    for time, client in await attempts.times_from(activity, refused.keys(), start - _HOUR, end):
        times[refused[client]].append(time)
    return {
        network
        for network, some in times.items()
        if any(count >= limits["failures"] for _, count in windows(some, _HOUR))
    }


def _when(activity: Activity, moment: int) -> str:
    return f"{minute_words(activity.clock(moment))} of {day_words(activity.day(moment), activity.today)}"


async def _covered(activity: Activity, day: int, limits: Limits) -> bool:
    """Whether the store knows enough of the days before a day to tell what is strange."""
    return (await activity.store_days()).total(day - whereabouts.HOME_DAYS, day - 1) >= limits["history"]


def _home_words(used: Networks | None, day: int) -> str:
    number = sum(whereabouts.at_home(used, network, day) for network in used or ())
    return f"it used {plural(number, 'network')} in the {whereabouts.HOME_DAYS} days before"


async def _after_guessing(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """Log-ins from strange networks of accounts whose password was guessed within the hours before."""
    wide = Period(period.first - timedelta(days=int(limits["hours"] // 24 + 1)), period.last)
    guesses: dict[int, list[Guessed]] = defaultdict(list)
    for one in await guessed(activity, wide, GUESSING.defaults):
        if one.severity is not Severity.NOTICE:
            guesses[one.account].append(one)
    start, end = activity.bounds(period)
    log_ins = await whereabouts.log_ins_of(activity, guesses.keys(), start, end)
    addresses = await activity.clients({one.client for one in log_ins})
    used = await whereabouts.networks(activity, guesses.keys(), period)
    names = await activity.names(guesses.keys())
    signs: dict[tuple[int, int], Sign] = {}
    for log_in in log_ins:
        day, address = activity.number(log_in.time), addresses[log_in.client][0]
        network = network_of(address)
        since = log_in.time - _HOUR * limits["hours"]
        before = [one for one in guesses[log_in.account] if since <= one.moment <= log_in.time]
        if (
            not before
            or whereabouts.at_home(used.get(log_in.account), network, day)
            or not await _covered(activity, day, limits)
        ):
            continue
        from_there = any(network_of(guesser) == network for one in before for guesser in one.failures)
        key = log_in.account, day
        if key in signs and (signs[key].severity is Severity.HIGH or not from_there):
            continue
        failures = sum((Counter(one.failures) for one in before), Counter[str]())
        source = "from the same network" if from_there else "from other networks"
        signs[key] = Sign(
            names[log_in.account],
            day_of(day),
            Severity.HIGH if from_there else Severity.MEDIUM,
            f"signed in from {address} at {_when(activity, log_in.time)}, where it never had before, after "
            f"{plural(failures.total(), 'failure')} {source}",
            f"its password was guessed (U9) in the {limits['hours']:g} hours before",
            _home_words(used.get(log_in.account), day),
            moment=log_in.time,
            account=log_in.account,
            failed=tuple(failures.most_common()),
        )
    return list(signs.values())


def _lacks(supply: Supply, _: Limits) -> str:
    if not supply.failures:
        return "failed sign-ins; the store has none"
    return "" if supply.clients else "client addresses; the log has none"


SUCCESS: Final = Rule(
    id="U11",
    name="success",
    title="Success after failures",
    about="a sign-in from a strange network after failures there, or while the account was guessed",
    on=True,
    severity=Severity.HIGH,
    severities=(Severity.MEDIUM,),
    limits=(
        Limit("failures", 5, "failures from the network (/24, /48) in the hour before, whatever names were tried", 2),
        Limit("hours", 24, "hours after the account was guessed (as U9 has it by default)", 1, 168),
        Limit("history", 3, "of the 30 days before, on which the store must have messages of anybody", 0, 30),
    ),
    reads="failed sign-ins, the client addresses of messages in the days looked at, and which networks those accounts "
    "used in the 30 days before",
    normal="the person says: that was me, at a new place, and I had mistyped the password",
    wrong="people behind one address of a hotel or carrier that others guess from",
    lacks=_lacks,
    look=look,
)
