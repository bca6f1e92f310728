"""U6: an account that signs in from a network, an AS or a country that it never used."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from smtpauth_tui.networks import network_of
from smtpauth_tui.query import Period
from smtpauth_tui.rules.many_places import lacks_clients, lacks_countries
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import country_words, day_words, plural, system_words
from smtpauth_tui.store import whereabouts
from smtpauth_tui.store.activity import Activity, Days
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import day_of, number_of

_SHOWN: Final = 3
_NEAR: Final = (1, 7)
"""The days before a day that tell from which countries people sign in here."""


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts that are known signed in from places that are new to them."""
    seen = await activity.seen(Party.ACCOUNT, period)
    supply = await activity.supply(period.last)
    signs = []
    for day in range(number_of(period.first), number_of(period.last) + 1):
        known = {
            account
            for account, days in seen.items()
            if days.has(day) and days.total(day - whereabouts.HOME_DAYS, day - 1) >= limits["days"]
        }
        used = await whereabouts.on_day(activity, day_of(day))
        new = await whereabouts.strange(activity, {one: used[one] for one in known & used.keys()}, day_of(day))
        names = await activity.names(new.keys())
        told = bool(new and supply and (supply.countries or supply.systems))
        one_day = Period(day_of(day), day_of(day))
        addresses = await whereabouts.addresses_used(activity, new.keys(), one_day) if told else {}
        ours = await _countries_here(activity, day) if _nowhere(activity, addresses, day) else frozenset()
        for account, networks in new.items():
            number = seen[account].total(day - whereabouts.HOME_DAYS, day - 1)
            sign = _network(names[account], account, day, networks, number, activity)
            if told:
                sign = _placed(activity, sign, day, networks, addresses[account], ours) or sign
            signs.append(sign)
    return signs


def _network(
    name: str, account: int, day: int, networks: Mapping[str, int], days_before: int, activity: Activity
) -> Sign:
    """What is to be said of networks alone."""
    places = sorted(networks.items(), key=lambda place: place[1])
    shown = ", ".join(network for network, _ in places[:_SHOWN])
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return Sign(
        name,
        day_of(day),
        Severity.NOTICE,
        f"from {shown}{more} for the first time, on {day_words(day_of(day), activity.today)}",
        f"a network (/24, /48) that it did not use in the {whereabouts.HOME_DAYS} days before",
        f"{plural(days_before, 'day')} with messages of these",
        moment=places[0][1],
        account=account,
    )


def _placed(
    activity: Activity,
    sign: Sign,
    day: int,
    networks: Mapping[str, int],
    used: Mapping[str, Days],
    ours: Collection[str],
) -> Sign | None:
    """What is to be said of the country or the AS of new networks; None where both are known."""
    before = [address for address, days in used.items() if days.within(day - whereabouts.HOME_DAYS, day - 1)]
    places = {address: place for address in used if (place := activity.place(address))}
    known = [places[address] for address in before if address in places]
    countries = {place.country for place in known if place.country}
    systems = {place.asn for place in known if place.asn is not None}
    new = sorted(
        (networks[network], address, places[address])
        for address, days in used.items()
        if days.has(day) and address in places and (network := network_of(address)) in networks
    )
    # of an account that only used the private networks here, the countries of all others tell
    foreign = [one for one in new if one[2].country and one[2].country not in (countries or ours)]
    if foreign and (countries or ours):
        moment, _, place = foreign[0]
        names = dict.fromkeys(country_words(one) for *_, one in foreign)
        where = ", ".join([*names][:_SHOWN])
        home = sorted({country_words(one) for one in known if one.country})
        of_system = f" ({system_words(place)})" if place.asn is not None else ""
        return _said(
            sign,
            Severity.MEDIUM,
            f"from {where}{of_system}",
            "a country",
            f"{plural(len(before), 'other address', 'other addresses')} known, "
            + (f"all in {', '.join(home[:_SHOWN])}" if home else "none of them in a country"),
            moment,
            activity,
        )
    strange = [one for one in new if one[2].asn is not None and one[2].asn not in systems]
    if not strange or not systems:
        return None
    moment, address, place = strange[0]
    where = f"from {system_words(place)}, {network_of(address)}"
    known_words = f"{len(systems):,} other AS known"
    return _said(sign, Severity.NOTICE, where, "an AS", known_words, moment, activity)


def _said(
    sign: Sign, severity: Severity, where: str, what: str, baseline: str, moment: int, activity: Activity
) -> Sign:
    return replace(
        sign,
        severity=severity,
        reason=f"{where} for the first time, on {day_words(sign.day, activity.today)}",
        crossed=f"{what} that it did not use in the {whereabouts.HOME_DAYS} days before",
        baseline=baseline,
        moment=moment,
    )


def _nowhere(activity: Activity, used: Mapping[int, Mapping[str, Days]], day: int) -> bool:
    """Whether of some account no country of the days before is known."""
    return any(
        not any(
            days.within(day - whereabouts.HOME_DAYS, day - 1) and (place := activity.place(address)) and place.country
            for address, days in some.items()
        )
        for some in used.values()
    )


async def _countries_here(activity: Activity, day: int) -> frozenset[str]:
    """The countries from which anybody signed in on the day before, and a week ago."""
    found: set[str] = set()
    for back in _NEAR:
        start, end = activity.bounds(Period(day_of(day - back), day_of(day - back)))
        for address in (await whereabouts.clients_between(activity, start, end)).values():
            place = activity.place(address)
            if place and place.country:
                found.add(place.country)
    return frozenset(found)


NEW_PLACE: Final = Rule(
    id="U6",
    name="place",
    title="New place",
    about="an account that signs in from a country, an AS or a network it did not use before",
    on=False,
    severity=Severity.NOTICE,
    severities=(Severity.MEDIUM,),
    limits=(Limit("days", 5, "days with messages, of 30, before an account's networks are known", 1, 30),),
    reads="the client address of each message, 30 days back; a new country, which is of medium severity, where an "
    ".mmdb file tells countries, and a new AS, where one tells these",
    normal="a journey, a mobile network, a new line",
    wrong="carriers that change the address each time; a VPN; an old file of countries",
    lacks=lacks_clients,
    partly=lacks_countries,
    look=look,
    places=True,
    slow=True,
)
