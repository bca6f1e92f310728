"""Unusual activity for the dashboard: the open findings, without the rules themselves, whose loading takes longer."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from smtpauth_tui.reports.figures import ago, number, short_day
from smtpauth_tui.reports.insight import Insight, Moment
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.store.open_findings import Noted, OpenFinding, noted

ON_BY_DEFAULT: Final[Mapping[str, tuple[str, bool]]] = {
    "U1": ("new", True),
    "U2": ("wakes", False),
    "U3": ("volume", False),
    "U4": ("rate", True),
    "U5": ("recipients", True),
    "U6": ("place", False),
    "U7": ("places", True),
    "U8": ("travel", False),
    "U9": ("guessing", True),
    "U10": ("spraying", True),
    "U11": ("success", True),
    "U12": ("hours", False),
    "U13": ("transport", True),
    "U14": ("authentication", False),
    "U15": ("bounced", False),
    "U16": ("envelope", False),
    "U17": ("silence", False),
}
"""The rules by number, each with its name and whether it is on. The rules say so too, and a test compares them."""
_YES: Final = ("true", "1", "yes", "on", "t", "y")
SEVERITIES: Final = (("high", Tone.BAD), ("medium", Tone.WARN), ("notice", Tone.PLAIN))
"""What findings are, the most severe first."""


def rules_on(settings: Mapping[str, Mapping[str, object]]) -> frozenset[str]:
    """The numbers of the rules that are on. *Settings*: the tables ``[rules.NAME]``, which may be wrong."""
    on = {id_: default for id_, (_, default) in ON_BY_DEFAULT.items()}
    ids = {name: id_ for id_, (name, _) in ON_BY_DEFAULT.items()}
    for name, table in settings.items():
        wanted = name.strip().casefold()
        id_ = ids.get(wanted, wanted.upper())
        if id_ in on and "on" in table:
            on[id_] = str(table["on"]).strip().casefold() in _YES
    return frozenset(id_ for id_, is_on in on.items() if is_on)


def open_findings(store: Path, rules: Mapping[str, Mapping[str, object]], moment: Moment) -> Noted:
    """What the rules that are on found in the moment's days, and nobody has acknowledged. *Rules*: their settings."""
    return noted(store, rules_on(rules), moment.period.first, int(moment.now.timestamp()))


def say(found: Noted, newest: date | None, moment: Moment, period: str) -> Insight:
    """The card. *Newest* is the newest day of which the store has submissions, *period* the moment's in words."""
    if not found.readable:
        return Insight("cannot be read", "", ("the notes beside the store", "smtpauth-tui check says why"), period)
    if found.checked is None:
        return Insight("not checked yet", "", ("press u, or by cron:", "smtpauth-tui check --quiet"), period)
    count = len(found.findings)
    lines = [f"newest {when(found.findings[0], moment)}: {found.findings[0].unit}"] if count else []
    lines += [found.findings[0].reason] if count else ["nothing that a rule would tell"]
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
