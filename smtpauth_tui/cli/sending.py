"""Sends what is in the outbox, and says what came of it; whoever listens may be gone by then."""

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from smtpauth_tui.cli.context import Context, run_async
from smtpauth_tui.errors import SmtpAuthTuiError, UsageError
from smtpauth_tui.safe import safe
from smtpauth_tui.settings import home_expanded

if TYPE_CHECKING:
    from smtpauth_tui.mailing.options import MailSettings
    from smtpauth_tui.mailing.transport import Transport
    from smtpauth_tui.store.outbox import MailRow

_REFUSED: Final = 1
"""Exit status where a mail was refused for good for somebody."""
_WAITS: Final = 3
"""Exit status where a mail waits in the outbox for another try."""


class InterruptedSendingError(SmtpAuthTuiError):
    """Somebody did not want to wait for the server."""

    exit_status = 130


def mail_fields(row: "MailRow") -> dict[str, Any]:
    """A mail as the JSON contract has it."""
    from smtpauth_tui.reports.figures import utc

    return {
        "id": row.id,
        "message_id": row.message_id,
        "report": row.report,
        "subject": row.subject,
        "state": row.state,
        "tries": row.tries,
        "created": utc(row.created),
        "changed": utc(row.changed),
        "next_try": utc(row.next_try),
        "answer": row.answer,
        "recipients": [{"address": one.address, "state": one.state, "answer": one.answer} for one in row.recipients],
    }


def now_of(context: Context) -> int:
    """The present moment as the outbox counts: UTC seconds."""
    return int(context.clock.now().timestamp())


def status_of(rows: "Iterable[MailRow]") -> int:
    """The exit status after some mails were tried: refused for good for somebody, else waiting, else 0."""
    from smtpauth_tui.store.outbox import MailState, RecipientState

    states = {one.state for row in rows for one in row.recipients if row.state is not MailState.CANCELLED}
    return _REFUSED if RecipientState.REFUSED in states else _WAITS if RecipientState.WAITING in states else 0


def say(text: str) -> None:
    """A sentence for people, apart from the results."""
    write_aside(f"smtpauth-tui: {safe(text)}\n")


def write_aside(text: str) -> None:
    """Write on standard error; nothing where nobody takes it any more."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def recipients_of(options: "MailSettings", to: Sequence[str], option: str = "--to") -> tuple[str, ...]:
    """Whom it goes to, each checked, each once; by default those of the settings. *option* is what names them."""
    from smtpauth_tui.mailing.recipients import checked_recipient, split_recipients

    entries = [entry for text in to for entry in split_recipients(text)] or options.to
    if not entries:
        raise UsageError("Nobody is named whom the mail goes to.", f"Name them: {option} admin@contoso.example")
    return tuple(dict.fromkeys(checked_recipient(entry, options.allowed_domains) for entry in entries))


def way_of(options: "MailSettings", row: "MailRow | None") -> "Transport":
    """The way that the settings name; where there is none, what was queued waits for it."""
    from smtpauth_tui.mailing.transport import transport_of

    try:
        return transport_of(options)
    except UsageError as error:
        if row is None:
            raise
        words = f"Mail {row.id} is in the outbox and cannot be sent yet: {error.message}"
        raise SmtpAuthTuiError(words, error.hint) from None


def send_due(context: Context, transport: "Transport", *wanted: int | None) -> "list[MailRow]":
    """Try what is due: for each of *wanted* that mail, for None all others; the mails as they stand then."""
    with _outliving_the_terminal():
        try:
            return run_async(_sent(context, transport, wanted))
        except KeyboardInterrupt:
            raise InterruptedSendingError(
                "Interrupted: what was not sent stays in the outbox.", "To send it: smtpauth-tui outbox send"
            ) from None


async def _sent(context: Context, transport: "Transport", wanted: Iterable[int | None]) -> "list[MailRow]":
    from smtpauth_tui.mailing.delivery import deliver

    came = {row.id: row for only in wanted async for row in deliver(context.path, transport, context.clock, only)}
    return list(came.values())


@contextmanager
def _outliving_the_terminal() -> Iterator[None]:
    """A mail that is being handed over is not dropped because the terminal, or the interface, has gone."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def say_what_came(row: "MailRow", *, as_json: bool) -> None:
    """What the server answered for whom: what it took on standard output (not *as_json*), the rest on the other."""
    from smtpauth_tui.reports.figures import utc_minute
    from smtpauth_tui.store.outbox import MailState, RecipientState

    answers: dict[tuple[RecipientState, str], list[str]] = {}
    for one in row.recipients:
        answers.setdefault((one.state, one.answer), []).append(one.address)
    for (state, answer), addresses in answers.items():
        whom, answer = ", ".join(addresses), safe(answer or row.answer or "not tried yet")
        if state is RecipientState.REFUSED:
            say(f"Mail {row.id} was refused for {whom}: {answer}")
        elif state is RecipientState.WAITING:
            say(f"Mail {row.id} waits for {whom}: {answer}")
        elif not as_json:
            click.echo(f"Mail {row.id} was taken for {whom}: {answer}")
    if row.state is MailState.SENDING:
        say(f"Mail {row.id} is being sent by another process.")
    elif row.next_try is not None:
        say(f"The next try is due at {utc_minute(row.next_try)} UTC: smtpauth-tui outbox send")


def write_file(path: str, content: bytes) -> None:
    """Write what the admin wants to have in a file, one that nobody else can read; ``-`` is standard output."""
    from smtpauth_tui.mailing.folder import write_private

    if path == "-":
        click.echo(content, nl=False)
        return
    place = Path(home_expanded(path))
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(content)  # a pipe
        else:
            write_private(place, content)
    except OSError as error:
        raise SmtpAuthTuiError(f"{place} cannot be written: {error.strerror}.", "Name another file.") from None
