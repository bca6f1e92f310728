"""A mail of the outbox as a flyout: how it stands, who has it, its headers, and its text."""

import textwrap
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.reports.figures import local, number, plural
from smtpauth_tui.reports.flyouts import Block, Flyout, Heading, Pairs, Paragraph, Preformatted
from smtpauth_tui.reports.values import Cell
from smtpauth_tui.screens.folders import size_words
from smtpauth_tui.screens.mail_words import RECIPIENT_TONES, one_line, tone_of, until
from smtpauth_tui.store.outbox import MailRow

_WIDTH: Final = 72
_MOST_LINES: Final = 2000
"""Lines of the text that are shown."""


def mail_flyout(mail: MailRow, message: bytes, zone: ZoneInfo, now: datetime) -> Flyout:
    """All that is known of a mail, and what it says."""
    parsed = message_from_bytes(message, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    attached = _attachments(parsed)
    blocks: list[Block] = [
        _pairs(_standing(mail, zone, now)),
        Heading(plural(len(mail.recipients), "recipient")),
        *_recipients(mail),
        Heading("Headers"),
        Preformatted(tuple(line for name, value in parsed.raw_items() for line in _header(name, value))),
    ]
    blocks += [Heading("Attachments"), _pairs(attached)] if attached else []
    blocks += [Heading("Text"), Preformatted(tuple(_text(parsed)[:_MOST_LINES]))]
    return Flyout(mail.subject, tuple(blocks))


def _standing(mail: MailRow, zone: ZoneInfo, now: datetime) -> list[tuple[str, str | Cell]]:
    rows: list[tuple[str, str | Cell]] = [
        ("State", Cell(mail.state, tone_of(mail))),
        ("Requested", local(mail.created, zone)),
        ("Tries", number(mail.tries)),
        ("Size", size_words(mail.size)),
    ]
    if mail.next_try is not None:
        rows.append(("Next try", f"{local(mail.next_try, zone)} ({until(mail.next_try, now)})"))
    return rows


def _pairs(rows: list[tuple[str, str | Cell]]) -> Pairs:
    return Pairs(tuple((Cell(name), value if isinstance(value, Cell) else Cell(value)) for name, value in rows))


def _recipients(mail: MailRow) -> Iterator[Block]:
    """Who has it and who has not; below that each answer, with whose it is where not all have it."""
    yield Pairs(tuple((Cell(one.address), Cell(one.state, RECIPIENT_TONES[one.state])) for one in mail.recipients))
    for answer in dict.fromkeys(one.answer for one in mail.recipients if one.answer):
        whose = [one.address for one in mail.recipients if one.answer == answer]
        everybody = len(whose) == len(mail.recipients)
        more = f" and {len(whose) - 1} more" if len(whose) > 1 else ""
        yield Paragraph(one_line(answer) if everybody else f"{whose[0]}{more}: {one_line(answer)}")


def _header(name: str, value: str) -> list[str]:
    return textwrap.wrap(f"{name}: {' '.join(value.split())}", _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _attachments(message: EmailMessage) -> list[tuple[str, str | Cell]]:
    """Each file's name and size."""
    found: list[tuple[str, str | Cell]] = []
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        found.append((part.get_filename() or "?", size_words(len(content) if isinstance(content, bytes) else 0)))
    return found


def _text(message: EmailMessage) -> list[str]:
    """The lines of the text part."""
    part = message.get_body(("plain",))
    try:
        return str(part.get_content()).splitlines() if part else []
    except (LookupError, ValueError):  # a mail that is not ours: an encoding that nobody knows
        return []
