"""U8: an account that signs in from two places between which nobody travels so fast."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from smtpauth_tui.networks import network_of
from smtpauth_tui.query import Period
from smtpauth_tui.rules.arithmetic import kilometres
from smtpauth_tui.rules.many_places import lacks_clients
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import country_words, day_words, minute_words, plural
from smtpauth_tui.store import whereabouts
from smtpauth_tui.store.activity import Activity, Supply
from smtpauth_tui.store.days import day_of, number_of

_HOUR: Final = 3600
_MOST_WAITING: Final = 200
"""Places within the hours that a new one is compared with; who has more of them is for U7."""
Location = tuple[float, float]


class Visit(NamedTuple):
    """When an account signed in, and from where."""

    time: int
    address: str
    location: Location
    country: str


class Trip(NamedTuple):
    """Two sign-ins, the later one second, and the way between them."""

    start: Visit
    end: Visit
    kilometres: float


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts signed in from far apart, where one of the two places was new to them."""
    start, end = activity.bounds(period)
    begin = start - int(limits["hours"] * _HOUR)
    visits = await _visits(activity, begin, end, limits["km"])
    travelling = {account for account, some in visits.items() if any(trips(some, limits))}
    known = await whereabouts.networks(activity, travelling, Period(period.first - timedelta(1), period.last))
    store_days = await activity.store_days()
    names = await activity.names(travelling)
    signs = []
    for account in sorted(travelling):
        used = known.get(account)
        furthest: dict[int, Trip] = {}
        for trip in trips(visits[account], limits):
            day = activity.number(trip.end.time)
            at_home = all(whereabouts.at_home(used, network_of(one.address), day) for one in (trip.start, trip.end))
            if trip.end.time >= start and not at_home:
                furthest[day] = max(furthest.get(day, trip), trip, key=lambda one: one.kilometres)
        signs += [
            _sign(activity, names[account], account, day, trip, limits)
            for day, trip in furthest.items()
            if day <= number_of(period.last)
            and store_days.total(day - whereabouts.HOME_DAYS, day - 1) >= limits["history"]
        ]
    return signs


async def _visits(activity: Activity, begin: int, end: int, far: float) -> dict[int, list[Visit]]:
    """Where the accounts were that may have gone so far, in order; of others nothing.

    Two places that are far apart are not both near the place from which most clients come.
    """
    clients = await whereabouts.clients_between(activity, begin, end)
    places = {
        client: place
        for client, address in clients.items()
        if (place := activity.place(address)) and place.location is not None
    }
    usual = Counter(place.location for place in places.values()).most_common(1)
    if not usual:
        return {}
    centre = usual[0][0]
    assert centre is not None
    distant = {
        client
        for client, place in places.items()
        if place.location is not None and kilometres(centre, place.location) > far / 2
    }
    accounts = await whereabouts.accounts_using(activity, distant, begin, end)
    visits: dict[int, list[Visit]] = defaultdict(list)
    for one in await whereabouts.log_ins_of(activity, accounts, begin, end):
        found = places.get(one.client)
        if found and found.location is not None:
            country = country_words(found)
            visits[one.account].append(Visit(one.time, clients[one.client], found.location, country))
    return visits


def trips(visits: Iterable[Visit], limits: Limits) -> Iterable[Trip]:
    """The ways that are too long for the time between two visits, which are in order."""
    near: deque[Visit] = deque(maxlen=_MOST_WAITING)
    for visit in visits:
        while near and near[0].time <= visit.time - limits["hours"] * _HOUR:
            near.popleft()
        ways = [Trip(one, visit, kilometres(one.location, visit.location)) for one in near]
        if far := [trip for trip in ways if trip.kilometres > limits["km"]]:
            yield max(far, key=lambda trip: trip.kilometres)
        # the newest visit to a place stands for it
        for one in [one for one in near if one.location == visit.location]:
            near.remove(one)
        near.append(visit)


def _sign(activity: Activity, name: str, account: int, day: int, trip: Trip, limits: Limits) -> Sign:
    minutes = max((trip.end.time - trip.start.time) // 60, 1)
    when = f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
    start, end = (
        f"{one.address}{f' ({one.country})' if one.country else ''} at {minute_words(activity.clock(one.time))}"
        for one in (trip.start, trip.end)
    )
    return Sign(
        name,
        day_of(day),
        TRAVEL.severity,
        f"signed in from {start} and from {end} of {day_words(day_of(day), activity.today)}: "
        f"{trip.kilometres:,.0f} km in {when}",
        f"{limits['km']:,.0f} km in less than {plural(limits['hours'], 'hour')}",
        f"one of these networks, or both, it did not use in the {whereabouts.HOME_DAYS} days before",
        moment=trip.end.time,
        account=account,
    )


def _lacks(supply: Supply, limits: Limits) -> str:
    if supply.locations:
        return lacks_clients(supply, limits)
    if supply.countries:
        return "a file that tells locations, such as GeoLite2-City; with countries alone use U7 (places)"
    return f"a file that tells locations: {supply.no_places or 'those that are named tell none'}"


TRAVEL: Final = Rule(
    id="U8",
    name="travel",
    title="Impossible travel",
    about="sign-ins from two places too far apart for the time between them",
    on=False,
    severity=Severity.HIGH,
    limits=(
        Limit("km", 1000, "kilometres between two places that are not too far", 50, 20_000),
        Limit("hours", 3, "hours between two sign-ins, above which anybody may have travelled", 1, 24),
        Limit("history", 7, "of the 30 days before, on which the store must have messages of anybody", 0, 30),
    ),
    reads="the client address of each message, its location by an .mmdb file that tells locations (GeoLite2-City, "
    "dbip-city-lite), and the networks of the 30 days before: of the two places one must be new to the account",
    normal="a VPN, roaming, a service in the cloud that sends for the account: allow its AS",
    wrong="locations are often those of a network's owner; a country-only file is no use, take U7",
    lacks=_lacks,
    look=look,
    places=True,
    slow=True,
)
