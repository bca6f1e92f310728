"""What stands before the rows of reports that tell a period: its messages against those of the days before."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from smtpauth_tui.query import Grouping, Period, ReportQuery
from smtpauth_tui.reports.compared import Change, change, earlier_days
from smtpauth_tui.reports.figures import dated, local, plural, short_period
from smtpauth_tui.reports.values import Preface
from smtpauth_tui.store.reader import Store


def earlier_fields(earlier: Period, since: date | None, counts: Mapping[str, Any]) -> dict[str, Any]:
    """The days before as programs read them: which, whether the store has them all, and the counts."""
    return {
        "start": earlier.first.isoformat(),
        "end": earlier.last.isoformat(),
        "complete": since is not None and since <= earlier.first,
        **counts,
    }


def held_against(earlier: Period, since: date | None) -> str:
    """``Held against 10–16 Nov 2026, of which the store has data from 14 Nov on.``"""
    if since is None:
        return "The store has no data of the days before."
    if since > earlier.last:
        return f"The store has no data before {dated(since, earlier.last.year)}."
    partly = f", of which the store has data from {dated(since, earlier.last.year)} on" if since > earlier.first else ""
    return f"Held against {short_period(earlier)}{partly}."


async def messages_preface(store: Store, query: ReportQuery) -> Preface:
    """The messages of a period and a domain, against those of as many days before."""
    earlier = earlier_days(query.period)
    now, was = await store.totals(query), await store.totals(ReportQuery(earlier, query.domain))
    return _preface(now.messages, was.messages, await store.first_day(), earlier)


async def sender_preface(store: Store, query: ReportQuery) -> Preface:
    """The same of one sender; of one without messages, whether it is known at all."""
    earlier = earlier_days(query.period)
    now, was = await sender_messages(store, query), await sender_messages(store, _on(query, earlier))
    since = await store.first_day()
    preface = _preface(now[0], was[0], since, earlier)
    if now[0] or since is None:
        return preface
    who = "account" if query.by is Grouping.ACCOUNT else "sender"
    ever = await store.sender_ever(query)
    if ever is None:
        return Preface((f"The store has no message of this {who} at all.",), preface.fields)
    seen = f"The store has no message of this {who} in these days; it was last seen {local(ever[1], store.zone)}."
    return Preface((seen, *preface.sentences), preface.fields)


async def sender_messages(store: Store, query: ReportQuery) -> tuple[int, int]:
    """The messages of the query's sender in a period, and their recipients."""
    days = await store.sender_days(query)
    return sum(day.messages for day in days), sum(day.recipients for day in days)


async def sender_changes(store: Store, query: ReportQuery, messages: int, recipients: int) -> tuple[Change, Change]:
    """What became of a sender's messages, and of their recipients."""
    earlier, since = earlier_days(query.period), await store.first_day()
    was = await sender_messages(store, _on(query, earlier))
    return change(messages, was[0], since, earlier), change(recipients, was[1], since, earlier)


def _on(query: ReportQuery, period: Period) -> ReportQuery:
    return ReportQuery(period, query.domain, query.by, sender=query.sender)


def _preface(now: int, was: int, since: date | None, earlier: Period) -> Preface:
    said = earlier_fields(earlier, since, {"messages": was})
    changed = change(now, was, since, earlier)
    # where the store does not tell what was before, the second sentence says so
    words = plural(now, "message") + ("" if changed.before is None else f", {changed.words}")
    return Preface((f"{words}. {held_against(earlier, since)}",), {"messages": now, "before": said})
