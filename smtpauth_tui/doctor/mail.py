"""Whether reports can be mailed: the way that the settings name is tried, without a mail; and what waits to be sent."""

from typing import Final

from smtpauth_tui.doctor.findings import Finding, Patient, notice, ok, warning
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.reports.figures import ago, plural
from smtpauth_tui.settings import load
from smtpauth_tui.store.outbox import MailRow, MailState, Outbox

_MOST_SECONDS: Final = 15.0
_LISTED: Final = 5


async def mail_server(patient: Patient) -> list[Finding]:
    """Connect to the mail server and log in, as for a report."""
    from smtpauth_tui.mailing.faults import Fault
    from smtpauth_tui.mailing.options import mail_settings
    from smtpauth_tui.mailing.transport import transport_of

    try:
        settings = load(patient.config, patient.environment)
    except SmtpAuthTuiError:
        return []  # the check of the configuration says so
    try:
        mail = mail_settings(settings)
        if not mail.kind:
            return [ok("mail", f"Mail is {mail.words}. That is needed to send reports only.")]
        quick = mail.model_copy(update={"timeout": min(mail.timeout, _MOST_SECONDS)})
        works = await transport_of(quick, patient.environment).check()
    except Fault as fault:
        return [warning("mail", fault.said, fault.todo)]
    except SmtpAuthTuiError as error:
        return [warning("mail", error.message, error.hint)]
    return [ok("mail", f"Mail goes {mail.words}: {works}; from {mail.from_address}.")]


async def outbox(patient: Patient) -> list[Finding]:
    """What was not sent, and why."""
    try:
        opened = Outbox.open_existing(patient.path)
        rows = []
        if opened:
            with opened:
                rows = opened.mails()
    except SmtpAuthTuiError as error:
        return [warning("outbox", error.message, error.hint)]
    return [*_failed(rows, patient), *_waiting(rows, patient)] or [ok("outbox", "No mail waits in the outbox.")]


def _failed(rows: list[MailRow], patient: Patient) -> list[Finding]:
    failed = [row for row in rows if row.state is MailState.FAILED]
    found = [
        warning(
            "outbox",
            f"Mail {row.id} ({row.subject}) failed {ago(row.changed, patient.clock.now())}: {row.answer}",
            f"When that is mended: smtpauth-tui outbox retry {row.id}",
        )
        for row in failed[:_LISTED]
    ]
    if len(failed) > _LISTED:
        more = plural(len(failed) - _LISTED, "more mail")
        found.append(warning("outbox", f"{more} failed.", "See them all: smtpauth-tui outbox list"))
    return found


def _waiting(rows: list[MailRow], patient: Patient) -> list[Finding]:
    waiting = [row for row in rows if row.state is MailState.QUEUED]
    if not waiting:
        return []
    oldest = waiting[-1]
    since = ago(oldest.created, patient.clock.now())
    what = f"{plural(len(waiting), 'mail waits', 'mails wait')} in the outbox, the oldest since {since}"
    say = warning if oldest.tries else notice
    return [
        say("outbox", f"{what}{f': {oldest.answer}' if oldest.answer else '.'}", "Try now: smtpauth-tui outbox send")
    ]
