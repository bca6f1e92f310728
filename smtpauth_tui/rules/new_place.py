"""U6: an account that signs in from a network it never used."""

from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.rules.many_places import lacks_clients
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store import whereabouts
from smtpauth_tui.store.activity import Activity
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import day_of, number_of

_SHOWN: Final = 3


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts that are known signed in from networks that are new to them."""
    seen = await activity.seen(Party.ACCOUNT, period)
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
        for account, networks in new.items():
            places = sorted(networks.items(), key=lambda place: place[1])
            shown = ", ".join(network for network, _ in places[:_SHOWN])
            more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
            number = seen[account].total(day - whereabouts.HOME_DAYS, day - 1)
            signs.append(
                Sign(
                    names[account],
                    day_of(day),
                    NEW_PLACE.severity,
                    f"from {shown}{more} for the first time, on {day_words(day_of(day), activity.today)}",
                    f"a network (/24, /48) that it did not use in the {whereabouts.HOME_DAYS} days before",
                    f"{plural(number, 'day')} with messages of these",
                    moment=places[0][1],
                    account=account,
                )
            )
    return signs


NEW_PLACE: Final = Rule(
    id="U6",
    name="place",
    title="New place",
    about="an account that signs in from a network it did not use before",
    on=False,
    severity=Severity.NOTICE,
    limits=(Limit("days", 5, "days with messages, of 30, before an account's networks are known", 1, 30),),
    reads="the client address of each message, 30 days back (the network alone: countries count once places are known)",
    normal="a journey, a mobile network, a new line",
    wrong="carriers that change the address each time",
    lacks=lacks_clients,
    look=look,
    slow=True,
)
