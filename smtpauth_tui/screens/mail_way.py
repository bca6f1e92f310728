"""How mails go from here, as the settings have it."""

from dataclasses import dataclass
from typing import Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.screens.desk import Desk

_NOT_SET_UP: Final = "Mail is not set up here; until it is, the report waits in the outbox."


@dataclass(frozen=True, slots=True)
class Way:
    """How mails go from here."""

    words: str
    """``by smtp.contoso.example:465, implicit TLS``, and from whom."""
    problem: str = ""
    """What is to be done before they go, or what is wrong with the settings."""
    to: tuple[str, ...] = ()
    """Whom reports go to where nobody is named."""
    allowed_domains: tuple[str, ...] = ()


def load_way(desk: Desk) -> Way:
    """What the settings say of mail, as the command will find them. Reads files: not on the event loop."""
    from smtpauth_tui.mailing.options import mail_settings
    from smtpauth_tui.settings import load

    try:
        mail = mail_settings(load(desk.config))
    except UsageError as error:
        return Way("", str(error))
    words = f"{mail.words}, from {mail.from_address}" if mail.kind else _NOT_SET_UP
    return Way(words, mail.what_is_missing, mail.to, mail.allowed_domains)
