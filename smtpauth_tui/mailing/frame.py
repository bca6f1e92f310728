"""What stands around the figures of a mailed report in each of its forms, in sentences of ours."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from smtpauth_tui import __version__
from smtpauth_tui.mailing.content import Content, days_of
from smtpauth_tui.reports.figures import number, plural
from smtpauth_tui.reports.volume import domain_label

if TYPE_CHECKING:
    from smtpauth_tui.mailing.attachments import Attachment

DEFINITIONS: Final = (
    ("Message", "one that a client handed in with SMTP AUTH and the server accepted, however many recipients it has."),
    ("Account", "the login name; where a source has none, the sender address stands for it."),
    ("Below TLS 1.2", "without TLS, or with SSL 3, TLS 1.0 or TLS 1.1 (RFC 8996)."),
    ("TLS version unknown", "the log does not tell it; such messages are in no other version's count."),
    ("Failed sign-in", "an attempt to log in that the server refused; the name is what the client said."),
)
"""Words of the report, and what they mean."""


def heading(content: Content) -> str:
    """``SMTP Auth clients: Sending volume``."""
    return f"SMTP Auth clients: {content.title}"


def days(content: Content) -> str:
    """``16-22 Nov 2026, 7 days``."""
    period = content.query.period
    return f"{days_of(period)}, {plural(period.days, 'day')}"


def domain(content: Content) -> str | None:
    """The sender domain that was asked for, raw; None for all."""
    return None if content.query.domain is None else domain_label(content.query.domain)


def filtered(content: Content) -> str | None:
    """The filter with its name, raw, as somebody wrote it; None where there is none."""
    return content.query.where.called if content.query.where else None


def compared(content: Content) -> str:
    """``9-15 Nov 2026``: what the changes are measured against."""
    return days_of(content.days_before)


def attached(attachment: "Attachment") -> str:
    """``all 312 senders, 45 kB``, or of how many only those with most messages."""
    thing, best = attachment.thing, f"{attachment.thing}s with most {attachment.measure}"
    whose = " of the filter" if attachment.filtered else ""
    size = f"{number(max(round(len(attachment.content) / 1000), 1))} kB"
    if attachment.rows < attachment.of:
        of = f"{number(attachment.of)}{whose}"
        return f"the {number(attachment.rows)} {best} of {of}, {size}"
    if attachment.of > 1:
        return f"all {plural(attachment.of, thing)}{whose}, {size}"
    return f"the one {thing}{whose}, {size}" if attachment.of else f"no {thing}s{whose}, {size}"


def shortened(attachments: Sequence["Attachment"]) -> str:
    """Why attachments do not have all senders; empty where they do."""
    if all(one.rows >= one.of for one in attachments):
        return ""
    thing, report = attachments[0].thing, "breaks" if attachments[0].thing == "account" else "senders"
    return (
        f"The size limit of mails leaves no room for all {thing}s. "
        f"All of them: smtpauth-tui show {report} --format csv > {thing}s.csv"
    )


def origin(zone: str, host: str) -> Iterator[str]:
    """Where a mail comes from: the zone of its days, and the machine, whose name is raw."""
    yield f"Days are counted in {zone}."
    yield f"Made by smtpauth-tui {__version__} on {host}."
