"""The ways a mail can go: one is chosen by the settings, and no other is tried in its stead."""

import os
from collections.abc import Mapping
from typing import Protocol

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.options import MailSettings
from smtpauth_tui.store.outbox import Answer, TakenMail


class Transport(Protocol):
    """A way for mails."""

    async def send(self, mail: TakenMail) -> dict[str, Answer]:
        """Hand a mail over: an answer for each of its recipients, whatever happens on the way."""
        ...

    async def check(self) -> str:
        """Try it without a mail: what works, in words. Fault where it does not."""
        ...


def transport_of(mail: MailSettings, environment: Mapping[str, str] = os.environ) -> Transport:
    """The way that the settings choose; UsageError where none is set up, or its password is missing or kept badly."""
    match mail.kind:
        case "smtp":
            from smtpauth_tui.mailing.secret import secret_of
            from smtpauth_tui.mailing.smtp import SmtpTransport

            return SmtpTransport(mail, secret_of(mail, environment) if mail.kind_of_login != "none" else "")
        case "sendmail":
            from smtpauth_tui.mailing.sendmail import SendmailTransport

            return SendmailTransport(mail.sendmail_program)
        case "file":
            from smtpauth_tui.mailing.folder import FolderTransport

            return FolderTransport(mail.folder)
    raise UsageError("Mail is not set up.", mail.what_is_missing)
