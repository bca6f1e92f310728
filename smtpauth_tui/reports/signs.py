"""What the rules on failed sign-ins say of a period: asked once for a report."""

from collections.abc import Collection
from contextlib import suppress
from typing import Final

from smtpauth_tui.errors import StoreError
from smtpauth_tui.query import Period
from smtpauth_tui.reports.patterns import Signs
from smtpauth_tui.rules.guessing import GUESSING, guessed
from smtpauth_tui.rules.spraying import SPRAYING
from smtpauth_tui.rules.spraying import look as sprayed
from smtpauth_tui.rules.success import SUCCESS
from smtpauth_tui.rules.success import look as entered
from smtpauth_tui.store import findings, whereabouts
from smtpauth_tui.store.activity import Activity
from smtpauth_tui.store.allowed import Allowed
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store

HISTORY: Final = SUCCESS.defaults["history"]
"""Days that the store must know before a day for a success to be called strange."""


async def load(store: Store, period: Period, accounts: Collection[int], allowed: Allowed) -> Signs:
    """The signs of a period, and the networks of some accounts; with the limits that the rules have by default.

    Clients that are allowed make no sign, as with ``check``.
    """
    activity = Activity(store, period.last, allowed)
    success = await entered(activity, period, SUCCESS.defaults)
    spraying = await sprayed(activity, period, SPRAYING.defaults)
    guesses = await guessed(activity, period, GUESSING.defaults)
    homes = await whereabouts.networks(activity, set(accounts), period)
    return Signs(success, spraying, guesses, {account: used.keys() for account, used in homes.items()})


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
