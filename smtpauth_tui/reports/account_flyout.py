"""The flyout of an account: since when it sends, how regularly, and the weeks in which it did."""

from typing import Final

from smtpauth_tui.query import Grouping, ReportQuery
from smtpauth_tui.reports import presence, sender
from smtpauth_tui.reports.compared import change, earlier_days
from smtpauth_tui.reports.figures import local, number, plural, short_day, short_period
from smtpauth_tui.reports.flyouts import Block, Days, Flyout, Heading, Pairs, Paragraph, Preformatted
from smtpauth_tui.reports.presence import Presence, Roll, State
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Tone
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.reader import Store

_WEEKS: Final = 9
_NEXT: Final = {
    State.NEW: "Ask who uses it and what for: a login that nobody knows of may be a stolen one, or a forgotten device.",
    State.RETURNED: "A login that slept may have been forgotten, and found by somebody else. Ask its owner.",
    State.SILENT: "Look whether the device still works, and whether the logs of its server are still imported.",
    State.ACTIVE: "",
}


async def one_account(store: Store, row: Presence, roll: Roll) -> Flyout:
    """All that its days tell of an account."""
    query = ReportQuery(roll.period, sender=row.name, by=Grouping.ACCOUNT)
    ever = await store.sender_ever(query)
    first, last = ever or (None, None)
    earlier = earlier_days(roll.period)
    changed = change(row.messages, row.before or 0, roll.since, earlier)
    _, _, words = presence.rhythm(row)
    blocks: list[Block] = [Paragraph(says(row), Tone.PLAIN if row.state is State.ACTIVE else Tone.WARN)]
    if _NEXT.get(row.state):
        blocks.append(Paragraph(_NEXT[row.state]))
    blocks += [
        Pairs(
            (
                (Cell("First seen"), Cell(local(first, store.zone))),
                (Cell("Last seen"), Cell(local(last, store.zone))),
                (Cell("Sent on"), Cell(words)),
                (Cell("Messages"), Cell(f"{number(row.messages)}, {changed.words}")),
            )
        ),
        Heading("The days on which it sent"),
        Preformatted(calendar(row, roll)),
        Paragraph("■ sent   · did not send   blank: the store has no messages of that day", Tone.MUTED),
    ]
    if row.messages:
        days = tuple(await store.sender_days(query))
        blocks += [Heading(f"Messages per day, {short_period(roll.period)}"), Days(sender.chart(days, query))]
    return Flyout(sender_label(row.name), tuple(blocks))


def says(row: Presence) -> str:
    """The state in a sentence."""
    if row.state is State.NEW:
        return f"New: seen for the first time on {short_day(row.first_seen)} {row.first_seen.year}."
    if row.state is State.RETURNED:
        return f"Returned: it had been silent for {plural(row.silent, 'day')}."
    if row.state is State.SILENT:
        return (
            f"Expected but not seen: nothing since {short_day(row.last_seen)}, and {plural(row.silent, 'day')} "
            "on which it would have sent."
        )
    return "Active as ever."


def calendar(row: Presence, roll: Roll) -> tuple[str, ...]:
    """A line for each of the weeks up to the period's last day: on which of its days it sent."""
    end = number_of(roll.period.last)
    monday = end - (end + 3) % 7  # 1 January 1970 was a Thursday
    lines = ["        Mo Tu We Th Fr Sa Su"]
    for start in range(monday - 7 * (_WEEKS - 1), monday + 1, 7):
        signs = (_sign(row, roll, day) if day <= end else " " for day in range(start, start + 7))
        lines.append(f"{short_day(day_of(start)):>6}   {'  '.join(signs)}".rstrip())
    return tuple(lines)


def _sign(row: Presence, roll: Roll, day: int) -> str:
    if row.days.has(day):
        return "■"
    return "·" if roll.store_days.has(day) else " "
