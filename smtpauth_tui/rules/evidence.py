"""What findings rest on, gathered for all findings of a rule at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.rules.values import Evidence, Finding, Sign, Totals
from smtpauth_tui.store import traces
from smtpauth_tui.store.activity import Activity
from smtpauth_tui.store.days import day_of
from smtpauth_tui.store.findings import MOST_ROWS

_DAYS_BEFORE: Final = 13
_AROUND: Final = 3600
"""Seconds before and after its moment in which a finding's messages are shown."""
Found = tuple[Finding, list[Sign]]


async def with_evidence(activity: Activity, found: Sequence[Found]) -> list[Finding]:
    """The findings with their evidence, and with the moment of their first message where they have none.

    Without those of which every address is allowed.
    """
    accounts = {sign.account for _, signs in found for sign in signs[:1] if sign.account is not None}
    if not accounts:
        return [one for finding, signs in found if (one := _of_signs(activity, finding, signs))]
    first = min(finding.since for finding, _ in found)
    last = max(finding.until for finding, _ in found)
    days = defaultdict(list)
    for row in await traces.days(activity, accounts, Period(first - timedelta(_DAYS_BEFORE), last)):
        days[row.account].append((day_of(row.day), row.messages, row.recipients))
    told: list[Finding | None] = []
    for begin, end, some in _by_days(found):
        start, stop = activity.bounds(Period(begin, end))
        ids = {signs[0].account for _, signs in some if signs[0].account is not None}
        clients, hours = defaultdict(list), defaultdict[int, Counter[int]](Counter)
        for trace in await traces.clients(activity, ids, start, stop):
            clients[trace.account].append(trace)
        for account, quarter, messages in await traces.quarters(activity, ids, start, stop):
            hours[account][activity.clock(quarter * 900).hour] += messages
        for finding, signs in some:
            who = signs[0].account
            if who is None:
                told.append(_of_signs(activity, finding, signs))
            else:
                told.append(await _of_account(activity, finding, signs, days[who], clients[who], hours[who]))
    return [one for one in told if one]


def _all_allowed(activity: Activity, clients: Iterable[tuple[str, str]]) -> bool:
    """Whether no rule looks at any of some addresses with their names, and there are any."""
    if not activity.allowed.any_client:
        return False
    found = list(clients)
    return bool(found) and all(activity.is_allowed(*one) for one in found)


def _by_days(found: Sequence[Found]) -> list[tuple[date, date, list[Found]]]:
    """Findings of equal days together."""
    groups: dict[tuple[date, date], list[Found]] = {}
    for one in found:
        groups.setdefault((one[0].since, one[0].until), []).append(one)
    return [(first, last, some) for (first, last), some in groups.items()]


def _of_signs(activity: Activity, finding: Finding, signs: Sequence[Sign]) -> Finding | None:
    names, failed = _tried(signs)
    if _all_allowed(activity, ((address, "") for address in failed)):
        return None
    addresses = tuple((address, "", 0, failures) for address, failures in failed.most_common(MOST_ROWS))
    evidence = Evidence(
        addresses=addresses,
        names=tuple(names.most_common(MOST_ROWS)),
        totals=Totals(len(failed), len(names), 0),
    )
    return replace(finding, evidence=evidence)


def _tried(signs: Sequence[Sign]) -> tuple[Counter[str], Counter[str]]:
    """The names that were tried, and the addresses that were refused, with their failures."""
    names, failed = Counter[str](), Counter[str]()
    for sign in signs:
        names.update(dict(sign.names))
        failed.update(dict(sign.failed))
    return names, failed


async def _of_account(
    activity: Activity,
    finding: Finding,
    signs: Sequence[Sign],
    days: list[tuple[date, int, int]],
    clients: list[traces.ClientTrace],
    hours: Counter[int],
) -> Finding | None:
    account = signs[0].account
    assert account is not None
    names, failed = _tried(signs)
    sent, called = Counter[str](), {}
    for trace in clients:
        sent[trace.address] += trace.messages
        called[trace.address] = trace.name
    first = failed.most_common(MOST_ROWS // 2)
    order = dict.fromkeys([address for address, _ in (*first, *sent.most_common(), *failed.most_common())])
    if _all_allowed(activity, ((address, called.get(address, "")) for address in order)):
        return None
    start, end = activity.bounds(Period(finding.since, finding.until))
    moment = finding.moment or min((trace.first for trace in clients), default=None)
    messages = []
    if moment is not None:
        around = max(moment - _AROUND, start) if finding.moment is None else moment
        messages = await traces.messages(activity, account, around, min(moment + _AROUND, end), MOST_ROWS)
    near = [row for row in days if finding.since - timedelta(_DAYS_BEFORE) <= row[0] <= finding.until]
    evidence = Evidence(
        days=tuple(near[-MOST_ROWS:]),
        hours=tuple(hours[hour] for hour in range(24)) if hours else (),
        addresses=tuple(
            (address, called.get(address, ""), sent[address], failed[address]) for address in list(order)[:MOST_ROWS]
        ),
        messages=tuple(
            (row.time, row.server, row.queue_id, row.sender, row.address, row.recipients) for row in messages
        ),
        names=tuple(names.most_common(MOST_ROWS)),
        servers=tuple(sorted({trace.instance for trace in clients})) or await traces.instances(activity),
        totals=Totals(len(order), len(names), sent.total()),
    )
    return replace(finding, moment=moment, evidence=evidence)
