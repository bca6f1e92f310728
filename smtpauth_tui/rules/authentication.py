"""U14: an account that signs in with a password again, after tokens."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from smtpauth_tui.model import AuthKind
from smtpauth_tui.query import Period
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store.activity import Activity, Supply, Use
from smtpauth_tui.store.codes import AUTH_CODES, Party
from smtpauth_tui.store.days import day_of, number_of

_BASIC: Final = AUTH_CODES[AuthKind.BASIC]
_BACK: Final = 30
"""Days before a day that it is held against."""
_NEAR: Final = 5
"""Days: who signed in with a password so shortly before is not looked at further."""
_OAUTH: Final = AUTH_CODES[AuthKind.OAUTH]


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts that had used tokens alone signed in with a password."""
    basic = [
        (account, day)
        for day in range(number_of(period.first), number_of(period.last) + 1)
        for account in await activity.turned(day, _OAUTH, _BASIC, _BACK, _NEAR)
    ]
    seen = await activity.seen(Party.ACCOUNT, period)
    before = {
        (account, day): seen[account].newest(day, _BACK, int(limits["days"]))
        for account, day in basic
        if account in seen
    }
    accounts = {account for account, _ in before}
    days = {day for some in before.values() for day in some} | {day for _, day in before}
    uses: dict[tuple[int, int], list[Use]] = defaultdict(list)
    for use in await activity.uses(accounts, days):
        uses[use.account, use.day].append(use)
    names = await activity.names(accounts)
    return [
        Sign(
            names[account],
            day_of(day),
            AUTHENTICATION.severity,
            f"Basic again on {day_words(day_of(day), activity.today)} "
            f"({plural(sum(use.messages for use in now), 'message')}); OAuth before",
            "any message by Basic authentication, after OAuth alone",
            f"its last {plural(len(some), 'day')} with messages",
            moment=min(use.first for use in now),
            account=account,
        )
        for (account, day), some in before.items()
        if tokens_alone([use for one in some for use in uses[account, one]], limits)
        and (now := [use for use in uses[account, day] if use.auth == _BASIC])
    ]


def tokens_alone(earlier: Sequence[Use], limits: Limits) -> bool:
    """Whether an account had used tokens, and nothing that is known to be else, for long enough."""
    tokens = {use.day for use in earlier if use.auth == _OAUTH}
    return len(tokens) >= limits["least"] and not any(use.auth == _BASIC for use in earlier)


def _lacks(supply: Supply, _: Limits) -> str:
    return "" if supply.oauth else "messages by OAuth to hold others against; the store has none"


AUTHENTICATION: Final = Rule(
    id="U14",
    name="authentication",
    title="Weak authentication",
    about="an account that signs in with a password again, after tokens",
    on=False,
    severity=Severity.NOTICE,
    limits=(
        Limit("days", 10, "last days with messages, of 30, that it is held against", 1, 90),
        Limit("least", 3, "of these with OAuth, at least, and none with a password", 1, 90),
    ),
    reads="the kind of authentication of accounts that used OAuth in the 30 days before",
    normal="a second client of the same account: a printer beside a mail program",
    wrong="mechanisms that the log does not name",
    lacks=_lacks,
    look=look,
)
