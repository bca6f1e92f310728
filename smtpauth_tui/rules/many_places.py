"""U7: an account that signs in from many networks, or from many countries, at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

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
_SHOWN: Final = 4


class Moment(NamedTuple):
    """When an account signed in from where; the country is empty where no file tells it."""

    time: int
    network: str
    country: str


class Worst(NamedTuple):
    """What was too much, which threshold it crossed, and when first, as UTC seconds."""

    words: str
    crossed: str
    moment: int


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts signed in from too many networks that are new to them."""
    start, end = activity.bounds(period)
    begin = start - _DAY
    supply = await activity.supply(period.last)
    abroad = bool(supply and supply.countries)
    few = min(limits["hour"], limits["day"], limits["countries"] if abroad else limits["hour"])
    roaming = await whereabouts.roaming(activity, begin, end, int(few) + 1)
    moments: dict[int, list[Moment]] = defaultdict(list)
    log_ins = await whereabouts.log_ins_of(activity, roaming, begin, end)
    addresses = await activity.clients({one.client for one in log_ins})
    for one in log_ins:
        address = addresses[one.client][0]
        place = activity.place(address) if abroad else None
        moments[one.account].append(Moment(one.time, network_of(address), place.country if place else ""))
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
                one
                for one in moments[account]
                if first - _DAY <= one.time < last
                and not whereabouts.at_home(used, one.network, activity.number(one.time))
            ]
            worst = _worst(new, limits, first)
            if worst:
                when = day_words(day_of(day), activity.today)
                signs.append(
                    Sign(
                        names[account],
                        day_of(day),
                        MANY_PLACES.severity,
                        f"signed in from {worst.words} on {when}, all of them new to it{_countries(new, worst)}",
                        worst.crossed,
                        f"{plural(_homes(used, day), 'network')} in the {whereabouts.HOME_DAYS} days before",
                        moment=worst.moment,
                        account=account,
                    )
                )
    return signs


def _countries(moments: Sequence[Moment], worst: Worst) -> str:
    """``; in BR, CN and 3 more countries``; empty where not even two are known."""
    codes = sorted({one.country for one in moments if one.country and one.time > worst.moment - _DAY})
    if len(codes) < 2:
        return ""
    more = f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else ""
    return f"; in {', '.join(codes[:_SHOWN])}{more}"


def _homes(used: whereabouts.Networks | None, day: int) -> int:
    return sum(whereabouts.at_home(used, network, day) for network in used or ())


def _worst(moments: Sequence[Moment], limits: Limits, since: int = 0) -> Worst | None:
    """The most networks in an hour or a day that ends after *since*, else the most countries in a day."""
    networks = [(one.time, one.network) for one in moments]
    for name, seconds, span in (("hour", _HOUR, "one hour"), ("day", _DAY, "24 hours")):
        if over := _over(networks, seconds, limits[name], since):
            crossed = f"{plural(limits[name], 'network')} (/24, /48) in {span}"
            return Worst(f"{plural(max(over)[0], 'network')} in {span}", crossed, over[0][1])
    countries = [(one.time, one.country) for one in moments if one.country]
    if over := _over(countries, _DAY, limits["countries"], since):
        words = f"{plural(max(over)[0], 'country', 'countries')} in 24 hours"
        return Worst(words, f"{plural(limits['countries'], 'country', 'countries')} in 24 hours", over[0][1])
    return None


def _over(moments: Sequence[tuple[int, str]], seconds: int, limit: float, since: int) -> list[tuple[int, int]]:
    windows = different_in_window(moments, seconds)
    return [(count, time) for time, count in windows if count > limit and time >= since]


def lacks_clients(supply: Supply, _: Limits) -> str:
    """For rules that need to know from where accounts sign in."""
    return "" if supply.clients else "client addresses; the log has none"


def lacks_countries(supply: Supply, _: Limits) -> str:
    """For rules that see more where the country of an address is known."""
    if supply.countries:
        return ""
    return f"a file that tells countries: {supply.no_places or 'those that are named tell none'}"


MANY_PLACES: Final = Rule(
    id="U7",
    name="places",
    title="Many places",
    about="an account that signs in from many networks, or many countries, at once",
    on=True,
    severity=Severity.MEDIUM,
    limits=(
        Limit("hour", 5, "networks in an hour that are not too many"),
        Limit("day", 12, "networks in 24 hours that are not too many"),
        Limit("countries", 3, "countries in 24 hours that are not too many, where an .mmdb file tells them"),
        Limit("history", 7, "of the 30 days before, on which the store must have messages of anybody", 0, 30),
    ),
    reads="the client address of each message of accounts with many of them, and the networks (/24 of IPv4, /48 of "
    "IPv6) that these used in the 30 days before, which do not count",
    normal="one account in many devices: scanners at several sites, a mobile application",
    wrong="carriers' networks that change the address each time; a VPN; an old file of countries",
    lacks=lacks_clients,
    partly=lacks_countries,
    places=True,
    look=look,
)
