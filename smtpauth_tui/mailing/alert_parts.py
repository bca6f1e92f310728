"""An alert in the two forms that a mail has: text in lines, and HTML by the template of all mails."""

from collections.abc import Iterator, Sequence
from typing import Final

from smtpauth_tui.mailing import frame
from smtpauth_tui.mailing.alert import Alert
from smtpauth_tui.mailing.html_part import bars, rows, template
from smtpauth_tui.mailing.text_part import chart_part, table_part, wrapped
from smtpauth_tui.rules.next_step import Step
from smtpauth_tui.safe import safe

_LABEL: Final = 16


def alert_text(alert: Alert, width: int = 72) -> str:
    """The alert in lines of about *width* columns; a command is a line of its own, however long."""
    parts = [
        [alert.title, "=" * len(alert.title), *wrapped(safe(alert.lead), width)],
        [line for label, text in alert.facts for line in _fact(label, safe(text), width)],
        *([*wrapped(safe(line), width), *_indented(safe(reason), width)] for line, reason in alert.listed),
        list(_steps("What to do", alert.todo, alert.steps, width)),
        list(_steps("If it is right as it is", (), alert.right, width)),
        chart_part(alert.chart, width) if alert.chart else [],
        *(list(table_part(title, table, width)) for title, table in alert.tables),
        [line for text in frame.origin(alert.zone, alert.host) for line in wrapped(safe(text), width)],
    ]
    return "\n".join("\n".join(line.rstrip() for line in part) + "\n" for part in parts if part)


def _fact(label: str, text: str, width: int) -> list[str]:
    lines = wrapped(text, width - _LABEL) or [""]
    return [f"{label if not place else '':<{_LABEL}}{line}" for place, line in enumerate(lines)]


def _indented(text: str, width: int) -> list[str]:
    return [f"  {line}" for line in wrapped(text, width - 2)]


def _steps(title: str, sentences: Sequence[str], steps: Sequence[Step], width: int) -> Iterator[str]:
    if not sentences and not steps:
        return
    yield title
    yield "-" * width
    for one in sentences:
        yield from wrapped(one, width)
    for step in steps:
        yield from wrapped(f"{step.words}:", width)
        yield f"  {safe(step.command)}"


def alert_html(alert: Alert) -> str:
    """The alert as an HTML document, at most 600 pixels wide and readable at 360."""
    return template().render(
        subject=alert.subject,
        alert=alert,
        heading=alert.title,
        notes=(),
        front=(),
        figures=(),
        tables=[rows(title, table) for title, table in alert.tables],
        charts=[bars(alert.chart)] if alert.chart else [],
        attachments=(),
        definitions=(),
        origin=list(frame.origin(alert.zone, alert.host)),
    )
