"""What the rules on failed sign-ins say of a period: asked once for a report."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Final, NamedTuple

from smtpauth_tui.errors import StoreError
from smtpauth_tui.query import Period
from smtpauth_tui.reports.patterns import Signs
from smtpauth_tui.rules.guessing import GUESSING, guessed
from smtpauth_tui.rules.look import first_to_look
from smtpauth_tui.rules.spraying import SPRAYING
from smtpauth_tui.rules.spraying import look as sprayed
from smtpauth_tui.rules.success import SUCCESS
from smtpauth_tui.rules.success import look as entered
from smtpauth_tui.store import findings, whereabouts
from smtpauth_tui.store.activity import BASELINE, Activity
from smtpauth_tui.store.allowed import Allowed
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.findings import Looked
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store

HISTORY: Final = SUCCESS.defaults["history"]
"""Days that the store must know before a day for a success to be called strange."""


async def load(store: Store, period: Period, accounts: Collection[int], allowed: Allowed) -> Signs:
    """The signs of a period, and the networks of some accounts; with the limits that the rules have by default.

    Clients that are allowed make no sign, as with ``check``. Days that have not changed since they were looked at are
    not looked at again: what a rule says of a day rests on that day and on those before it.
    """
    activity = Activity(store, period.last, allowed)
    marked, settings = number_of(period.first) - BASELINE, repr((period, allowed.values))
    marks = await activity.marks(Period(day_of(marked), period.last))
    known = store.kept.get(load)
    before = known if isinstance(known, _Kept) else _NOTHING
    first = first_to_look(before.looked, settings, marked, marks, number_of(period.first))
    found = before.signs if first is None else _earlier(before, settings, first)
    if first is not None:
        found = _together(found, await _signs(activity, Period(day_of(first), period.last)))
    if marks is not None:
        store.kept[load] = _Kept(Looked(settings, number_of(period.first), marked, marks), found)
    homes = await whereabouts.networks(activity, set(accounts), period)
    return replace(found, homes={account: used.keys() for account, used in homes.items()})


class _Kept(NamedTuple):
    """What was found last."""

    looked: Looked | None
    signs: Signs


_NOTHING: Final = _Kept(None, Signs())


async def _signs(activity: Activity, period: Period) -> Signs:
    return Signs(
        await entered(activity, period, SUCCESS.defaults),
        await sprayed(activity, period, SPRAYING.defaults),
        await guessed(activity, period, GUESSING.defaults),
    )


def _earlier(known: _Kept, settings: str, first: int) -> Signs:
    """What was found of the days before the *first* one that is to be looked at; nothing where all are."""
    if known.looked is None or known.looked.settings != settings:
        return Signs()
    return Signs(
        [sign for sign in known.signs.success if number_of(sign.day) < first],
        [sign for sign in known.signs.spraying if number_of(sign.day) < first],
        [one for one in known.signs.guessed if one.day < first],
    )


def _together(one: Signs, other: Signs) -> Signs:
    return Signs([*one.success, *other.success], [*one.spraying, *other.spraying], [*one.guessed, *other.guessed])


def allowed(store: Store) -> Allowed:
    """What no rule looks at. Where the notes cannot be read, nothing is allowed: too much is shown, not too little."""
    with suppress(StoreError):
        if notes := Notes.open_existing(store.path):
            with notes:
                return Allowed(findings.allowed(notes))
    return Allowed()


async def days_known(store: Store, period: Period) -> int:
    """How many days before the last one of a period have messages, of the 30 that tell what is strange."""
    last = number_of(period.last)
    return (await Activity(store, period.last).store_days()).total(last - whereabouts.HOME_DAYS, last - 1)
