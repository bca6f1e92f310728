"""U7: an account that signs in from many networks at once."""

from collections import defaultdict
from datetime import timedelta
from typing import Final

from smtpauth_tui.networks import network_of
from smtpauth_tui.query import Period
from smtpauth_tui.rules.arithmetic import different_in_window
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store import whereabouts
from smtpauth_tui.store.activity import Activity, Supply
from smtpauth_tui.store.days import day_of, number_of

_HOUR: Final = 3600
_DAY: Final = 86_400


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts signed in from too many networks that are new to them."""
    start, end = activity.bounds(period)
    begin = start - _DAY
    roaming = await whereabouts.roaming(activity, begin, end, int(min(limits["hour"], limits["day"])) + 1)
    moments: dict[int, list[tuple[int, str]]] = defaultdict(list)
    log_ins = await whereabouts.log_ins_of(activity, roaming, begin, end)
    addresses = await activity.clients({one.client for one in log_ins})
    for one in log_ins:
        moments[one.account].append((one.time, network_of(addresses[one.client][0])))
    many = {account for account, some in moments.items() if _worst(some, limits)}
    known = await whereabouts.networks(activity, many, Period(period.first - timedelta(1), period.last))
    store_days = await activity.store_days()
    names = await activity.names(many)
    signs = []
    for account in many:
        for day in range(number_of(period.first), number_of(period.last) + 1):
            if store_days.total(day - whereabouts.HOME_DAYS, day - 1) < limits["history"]:
                continue
            first, last = activity.bounds(Period(day_of(day), day_of(day)))
            used = known.get(account)
            new = [
                (time, network)
                for time, network in moments[account]
                if first - _DAY <= time < last and not whereabouts.at_home(used, network, activity.number(time))
            ]
            worst = _worst(new, limits, first)
            if worst:
                count, span, moment, crossed = worst
                when = day_words(day_of(day), activity.today)
                signs.append(
                    Sign(
                        names[account],
                        day_of(day),
                        MANY_PLACES.severity,
                        f"signed in from {plural(count, 'network')} in {span} on {when}, all of them new to it",
                        crossed,
                        f"{plural(_homes(used, day), 'network')} in the {whereabouts.HOME_DAYS} days before",
                        moment=moment,
                        account=account,
                    )
                )
    return signs


def _homes(used: whereabouts.Networks | None, day: int) -> int:
    return sum(whereabouts.at_home(used, network, day) for network in used or ())


def _worst(moments: list[tuple[int, str]], limits: Limits, since: int = 0) -> tuple[int, str, int, str] | None:
    """The most networks in an hour or a day that ends after *since*: how many, in what, from when on, the threshold."""
    for name, seconds, span in (("hour", _HOUR, "one hour"), ("day", _DAY, "24 hours")):
        over = [
            (count, time)
            for time, count in different_in_window(moments, seconds)
            if count > limits[name] and time >= since
        ]
        if over:
            crossed = f"{plural(limits[name], 'network')} (/24, /48) in {span}"
            return max(over)[0], span, over[0][1], crossed
    return None


def lacks_clients(supply: Supply, _: Limits) -> str:
    """For rules that need to know from where accounts sign in."""
    return "" if supply.clients else "client addresses; the log has none"


MANY_PLACES: Final = Rule(
    id="U7",
    name="places",
    title="Many places",
    about="an account that signs in from many networks at once",
    on=True,
    severity=Severity.MEDIUM,
    limits=(
        Limit("hour", 5, "networks in an hour that are not too many"),
        Limit("day", 12, "networks in 24 hours that are not too many"),
        Limit("history", 7, "of the 30 days before, on which the store must have messages of anybody", 0, 30),
    ),
    reads="the client address of each message of accounts with many of them, and the networks (/24 of IPv4, /48 of "
    "IPv6) that these used in the 30 days before, which do not count",
    normal="one account in many devices: scanners at several sites, a mobile application",
    wrong="carriers' networks that change the address each time; countries count once places are known",
    lacks=lacks_clients,
    look=look,
)
