"""U16: an account that sends as somebody it never sent as."""

from collections import defaultdict
from datetime import timedelta
from typing import Final

from smtpauth_tui.model import domain_of
from smtpauth_tui.query import Period
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store.activity import BASELINE, Activity, Supply
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import day_of

_SHOWN: Final = 3


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts used sender addresses that they had not used before."""
    seen = await activity.seen(Party.ACCOUNT, period)
    pairs = [
        row
        for row in await activity.borrowed(period)
        if row.account in seen and seen[row.account].total(row.day - BASELINE, row.day - 1) >= limits["days"]
    ]
    new = await activity.new_senders(pairs)
    names = await activity.names({one for row in new for one in (row.account, row.sender)})
    domains = {domain_of(names[row.sender]) for row in new}
    ours = await activity.domains_before(domains, Period(period.first - timedelta(BASELINE), period.last))
    by_day: dict[tuple[int, int], list[tuple[str, int]]] = defaultdict(list)
    for row in new:
        by_day[row.account, row.day].append((names[row.sender], row.messages))
    signs = []
    for (account, day), senders in by_day.items():
        foreign = [
            sender
            for sender, _ in senders
            if sender and not any(day - BASELINE <= one < day for one in ours.get(domain_of(sender), ()))
        ]
        shown = ", ".join(sender or "<>" for sender, _ in senders[:_SHOWN])
        more = f" and {len(senders) - _SHOWN} more" if len(senders) > _SHOWN else ""
        signs.append(
            Sign(
                names[account],
                day_of(day),
                Severity.HIGH if foreign else ENVELOPE.severity,
                f"signed in as {names[account]}, sent as {shown}{more} "
                f"({plural(sum(count for _, count in senders), 'message')}) on {day_words(day_of(day), activity.today)}"
                + (f"; nobody here sent from {domain_of(foreign[0])} before" if foreign else ""),
                f"a sender address that the account did not use in the {BASELINE} days before",
                f"{plural(seen[account].total(day - BASELINE, day - 1), 'day')} with messages of it",
                account=account,
            )
        )
    return signs


def _lacks(supply: Supply, _: Limits) -> str:
    return "" if supply.borrowed else "logins that differ from the sender's address; the log has none"


ENVELOPE: Final = Rule(
    id="U16",
    name="envelope",
    title="Envelope",
    about="an account that sends as somebody it never sent as",
    on=False,
    severity=Severity.NOTICE,
    severities=(Severity.HIGH,),
    limits=(Limit("days", 10, "days with messages, of 90, before an account's senders are known", 1, 90),),
    reads="which sender addresses each account used, 90 days back, and from which domains anybody sent",
    normal="an alias, a shared mailbox, an application that sends for others",
    wrong="sources that name no accounts cannot know; a forwarder that rewrites senders makes a new one each time",
    lacks=_lacks,
    look=look,
)
