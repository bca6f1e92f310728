"""U13: an account that falls back to TLS below 1.2, or to none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Period
from smtpauth_tui.rules.new_sender import new_days
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store.activity import BASELINE, Activity, Supply, Use
from smtpauth_tui.store.codes import TLS_CODES, TLS_UNKNOWN, Party
from smtpauth_tui.store.days import day_of, number_of

_VERSIONS: Final = {code: version for version, code in TLS_CODES.items()}
_OUTDATED: Final = {code for code, version in _VERSIONS.items() if version.outdated}


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts began to send below TLS 1.2, after better ones or at their first."""
    first, last = number_of(period.first), number_of(period.last)
    began = [
        (account, day)
        for account, days in (await activity.seen(Party.OUTDATED_ACCOUNT, period)).items()
        for day in new_days(days, first, last, BASELINE)
    ]
    seen, store_days = await activity.seen(Party.ACCOUNT, period), await activity.store_days()
    began = [(account, day) for account, day in began if account in seen]
    before = {(account, day): seen[account].newest(day, BASELINE, int(limits["days"])) for account, day in began}
    accounts = {account for account, _ in began}
    days = {day for some in before.values() for day in some} | {day for _, day in began}
    uses: dict[tuple[int, int], list[Use]] = defaultdict(list)
    for use in await activity.uses(accounts, days):
        uses[use.account, use.day].append(use)
    names = await activity.names(accounts)
    signs = []
    for account, day in began:
        now = [use for use in uses[account, day] if use.tls in _OUTDATED]
        earlier = [use for one in before[account, day] for use in uses[account, one]]
        covered = store_days.total(day - BASELINE, day - 1) >= limits["history"]
        words = worse(now, earlier, covered=covered)
        if words:
            signs.append(
                Sign(
                    names[account],
                    day_of(day),
                    TRANSPORT.severity,
                    words.format(day=day_words(day_of(day), activity.today)),
                    "any message below TLS 1.2, after none in 90 days",
                    f"its last {plural(len(before[account, day]), 'day')} with messages",
                    moment=min(use.first for use in now),
                    account=account,
                )
            )
    return signs


def worse(now: Sequence[Use], earlier: Sequence[Use], *, covered: bool) -> str:
    """What is to be said of messages below TLS 1.2, with ``{day}`` in it; empty where nothing is.

    What is unknown is not none: where no version was known before, nothing is worse.
    """
    if not now:
        return ""
    what = f"{_labels(now)} ({plural(sum(use.messages for use in now), 'message')})"
    if not earlier:
        return f"a new account sends by {what} on {{day}}" if covered else ""
    known = [use for use in earlier if use.tls != TLS_UNKNOWN]
    return f"{what} on {{day}}; {_labels(known)} before" if known else ""


def _labels(uses: Iterable[Use]) -> str:
    """The versions, the most used first."""
    counts: Counter[TlsVersion] = Counter()
    for use in uses:
        counts[_VERSIONS[use.tls]] += use.messages
    return " and ".join(version.label for version, _ in counts.most_common(2))


def _lacks(supply: Supply, _: Limits) -> str:
    return "" if supply.tls else "TLS versions; the log has none"


TRANSPORT: Final = Rule(
    id="U13",
    name="transport",
    title="Weak transport",
    about="an account that falls back to TLS below 1.2 or to none, or begins with that",
    on=True,
    severity=Severity.NOTICE,
    limits=(
        Limit("days", 10, "last days with messages that it is held against", 1, 90),
        Limit(
            "history",
            14,
            "of the 90 days before, on which the store must have messages, until an account can be new",
            1,
            90,
        ),
    ),
    reads="the TLS versions of accounts that sent below 1.2, and did not in the 90 days before",
    normal="an old device that uses the account as well",
    wrong="lost lines of the log; a version that is not known is never taken for none",
    lacks=_lacks,
    look=look,
)
