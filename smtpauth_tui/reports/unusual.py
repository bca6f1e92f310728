"""Unusual activity for the dashboard: the open findings, without the rules themselves, whose loading takes longer."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from smtpauth_tui.places import Places
from smtpauth_tui.reports.figures import ago, number, short_day
from smtpauth_tui.reports.insight import Insight, Moment
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.store.days import SHOWN_DAYS
from smtpauth_tui.store.open_findings import Noted, OpenFinding, noted

SEVERITIES: Final = (("high", Tone.BAD), ("medium", Tone.WARN), ("notice", Tone.PLAIN))
"""What findings are, the most severe first."""


def open_findings(store: Path, moment: Moment, places: Places) -> Noted:
    """What the rules found in the moment's days, and nobody has acknowledged; with addresses as they may be shown."""
    since, now = moment.period.first, int(moment.now.timestamp())
    found = noted(store, min(since, moment.today - timedelta(SHOWN_DAYS - 1)), now, places)
    some = tuple(one for one in found.findings if one.until >= since)
    found = replace(found, findings=some, older=len(found.findings) - len(some))
    if not places.truncate:
        return found
    from smtpauth_tui.rules.shown import words_shown

    findings = tuple(one._replace(reason=words_shown(one.reason, places)) for one in found.findings)
    return replace(found, findings=findings)


def say(found: Noted, newest: date | None, moment: Moment, period: str) -> Insight:
    """The card. *Newest* is the newest day of which the store has submissions, *period* the moment's in words."""
    if not found.readable:
        return Insight("cannot be read", "", ("the notes beside the store", "smtpauth-tui check says why"), period)
    if found.checked is None:
        return Insight("not checked yet", "", ("press u, or by cron:", "smtpauth-tui check --quiet"), period)
    count = len(found.findings)
    lines = [f"newest {when(found.findings[0], moment)}: {found.findings[0].unit}"] if count else []
    if count:
        lines.append(found.findings[0].reason)
    elif found.older:
        lines.append(f"{number(found.older)} older in {SHOWN_DAYS} days: press u")
    else:
        lines.append("nothing that a rule would tell")
    behind = newest is not None and found.checked < newest
    checked = f"checked to {short_day(found.checked)}" if behind else "checked"
    tones = {severity: tone for severity, tone in SEVERITIES if any(one.severity == severity for one in found.findings)}
    worst = next(iter(tones.values()), Tone.GOOD)
    return Insight(
        figure=number(count),
        unit=f"open: {by_severity(found)}" if count else "open findings",
        lines=tuple(lines),
        period=f"{period} · {checked}",
        trend=tuple(sum(one.since <= day <= one.until for one in found.findings) for day in moment.period.each()),
        first=moment.period.first,
        tone=Tone.WARN if worst is Tone.PLAIN or (worst is Tone.GOOD and behind) else worst,
    )


def by_severity(found: Noted) -> str:
    """``1 high, 2 medium, 4 notice``."""
    counts = Counter(one.severity for one in found.findings)
    return ", ".join(f"{number(counts[severity])} {severity}" for severity, _ in SEVERITIES if counts[severity])


def when(one: OpenFinding, moment: Moment) -> str:
    """How long ago a finding began; its day where the time is not known."""
    if one.moment is not None:
        return ago(one.moment, moment.now)
    days = (moment.today - one.since).days
    return "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
