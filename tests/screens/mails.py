"""Mails in an outbox, for the screens that show them."""

from email import policy
from email.message import EmailMessage
from pathlib import Path

from smtpauth_tui.store.outbox import Answer, NewMail, Outbox, Outcome
from tests.screens.conftest import NOON

NOW = int(NOON.timestamp())
TEXT = "SMTP Auth clients: Sending volume\n16-22 Nov 2026, 7 days\nMessages  3,680\n"


def message(subject: str, to: tuple[str, ...], text: str = TEXT) -> bytes:
    """A mail with a text part, an HTML part and a file."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = "reports@contoso.example"
    mail["To"] = ", ".join(to).encode("ascii", "replace").decode().replace("\r\n", " ")
    mail["Subject"] = subject.replace("\r\n", " ")
    mail["Message-ID"] = "<1@contoso.example>"
    mail.set_content(text)
    mail.add_alternative("<p>HTML</p>", subtype="html")
    mail.add_attachment(b"x" * 30_000, maintype="application", subtype="octet-stream", filename="report.xlsx")
    mail.set_boundary("boundary")  # the pictures of screens have it
    return mail.as_bytes()


def queue(db: Path, subject: str, *to: str, ago: int = 0, text: str = TEXT) -> int:
    """Put a mail into the outbox, so many seconds before noon; its number."""
    with Outbox(db) as outbox:
        whole = message(subject, to, text)
        message_id = f"<{len(outbox.mails()) + 1}@contoso.example>"
        number = outbox.add(NewMail(message_id, "volume", subject, "r@contoso.example", to, whole), NOW - ago)
    assert number
    return number


def answered(db: Path, number: int, answers: dict[str, tuple[Outcome, str]], ago: int = 0) -> None:
    """What a try came to."""
    with Outbox(db) as outbox:
        taken = outbox.take(NOW - ago, number)
        assert taken
        outbox.settle(taken, {to: Answer(*answer) for to, answer in answers.items()}, NOW - ago)


def some_mails(db: Path) -> None:
    """One of each kind: sent, refused for one of three, to be tried again, cancelled, queued."""
    ada, ops, nobody = "ada@contoso.example", "ops@fabrikam.example", "nobody@contoso.example"
    took, later = (Outcome.TAKEN, "250 2.0.0 Ok: queued as 4F2"), (Outcome.LATER, "451 4.7.1 Greylisted, come later")
    refused = (Outcome.REFUSED, f"550 5.1.1 <{nobody}>: Recipient address rejected: User unknown")
    sent = queue(db, "SMTP Auth: 41,723 messages, 4.8% below TLS 1.2 (9-15 Nov 2026)", ada, ago=7 * 86_400)
    answered(db, sent, {ada: took}, 7 * 86_400)
    failed = queue(db, "SMTP Auth: 38,002 messages, 3.1% below TLS 1.2 (16-22 Nov 2026)", ada, nobody, ops, ago=3000)
    answered(db, failed, {ada: took, nobody: refused, ops: took}, 3000)
    waits = queue(db, "SMTP Auth contoso.example: 2,217 messages, none below TLS 1.2 (23 Nov 2026)", ops, ada, ago=30)
    answered(db, waits, {ops: later, ada: later}, 30)
    cancelled = queue(db, "SMTP Auth: 12 failed sign-ins from 3 addresses, 2 names tried (23 Nov 2026)", ada, ago=20)
    with Outbox(db) as outbox:
        outbox.cancel(cancelled, NOW)
    queue(db, "SMTP Auth: 3,680 messages, 9.3% below TLS 1.2 (17-23 Nov 2026)", ada)
