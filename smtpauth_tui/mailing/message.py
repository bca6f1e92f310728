"""A mailed report as the message that is sent: its headers, its two texts, its files."""

import re
import socket
from collections.abc import Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any, Final
from uuid import uuid4

from smtpauth_tui.clock import zone_named
from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.alert import Alert
from smtpauth_tui.mailing.alert_parts import alert_html, alert_text
from smtpauth_tui.mailing.attachments import Attachment
from smtpauth_tui.mailing.content import Content, subject
from smtpauth_tui.mailing.html_part import html_part
from smtpauth_tui.mailing.text_part import text_part
from smtpauth_tui.safe import safe

_HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)(?![.-])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(?<!-)")


class _Policy(EmailPolicy):
    """That of SMTP, but that short headers of ours are folded between words only.

    The standard one leaves the first line empty, or encodes words, where one is nearly as long as a line.
    """

    def fold(self, name: str, value: Any) -> str:
        """A header with its line ends."""
        words = _words(name, value)
        return _folded(name, words, self.linesep) if words else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same in bytes."""
        words = _words(name, value)
        return _folded(name, words, self.linesep).encode("ascii") if words else super().fold_binary(name, value)


_POLICY: Final = _Policy(linesep="\r\n")
_LINE: Final = 78


def _words(name: str, value: Any) -> list[str]:
    """What may stand on lines of its own; nothing for headers that are not folded here."""
    if name in ("From", "To"):
        *others, last = map(str, value.addresses)
        return [*(f"{one}," for one in others), last]
    return str(value).split(" ") if name in ("Subject", "Message-ID") else []


def _folded(name: str, words: Sequence[str], end: str) -> str:
    lines = [f"{name}:"]
    for place, word in enumerate(words):
        if place and len(lines[-1]) + 1 + len(word) > _LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return end.join(lines) + end


def compose(
    content: Content,
    attachments: Sequence[Attachment],
    sender: str,
    recipients: Sequence[str],
    message_id: str,
    now: datetime,
) -> EmailMessage:
    """The message in 7 bits: ``mixed(alternative(text, HTML), files)``, without files the alternative alone.

    *sender* and *recipients* are bare addresses in ASCII (RFC 5321), UsageError for others. *now* has a zone.
    """
    parts = text_part(content, attachments), html_part(content, attachments)
    message = _message(
        subject(content), parts, sender, recipients, message_id, now.astimezone(zone_named(content.zone))
    )
    for one in attachments:
        kind, _, subtype = one.media_type.partition("/")
        parameters = {"charset": "utf-8"} if kind == "text" else {}
        message.add_attachment(one.content, kind, subtype, cte="base64", filename=one.name, params=parameters)
    return message


def compose_alert(alert: Alert, sender: str, recipients: Sequence[str], message_id: str, now: datetime) -> EmailMessage:
    """An alert as ``alternative(text, HTML)``; all else as `compose`."""
    parts = alert_text(alert), alert_html(alert)
    return _message(alert.subject, parts, sender, recipients, message_id, now.astimezone(zone_named(alert.zone)))


def _message(
    subject: str, parts: tuple[str, str], sender: str, recipients: Sequence[str], message_id: str, date: datetime
) -> EmailMessage:
    """A message of two *parts*, the text and the HTML, without files."""
    if not recipients:
        raise UsageError("There is nobody to send the report to.", "Name a recipient.")
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(sender)
    message["To"] = [_address(one) for one in recipients]
    message["Subject"] = subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    # no answers by machines: RFC 3834, and what Exchange goes by
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    text, html = parts
    message.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def new_message_id(sender: str) -> str:
    """A Message-ID that no other message has, in the domain of the sender address, else in this machine's."""
    for name in (sender.rpartition("@")[2], socket.gethostname()):
        if _HOST_NAME.fullmatch(name):
            return f"<{uuid4().hex}@{name}>"
    return f"<{uuid4().hex}@localhost>"


def _address(text: str) -> Address:
    """A bare address; anything else, such as a line break or a second address, is refused."""
    try:
        found = Address(addr_spec=text)
    except (ValueError, IndexError, TypeError, AttributeError, MessageError) as error:
        raise _no_address(text) from error
    if not text.isascii() or not text.isprintable() or not found.domain or found.addr_spec != text:
        raise _no_address(text)
    return found


def _no_address(text: str) -> UsageError:
    return UsageError(f"{safe(text)!r} is not an address of a mail.", "Write it as name@example.org.")
