"""The outbox at the command line: what is in it, and sending, trying again, cancelling."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from smtpauth_tui.cli.context import Context, table_width
from smtpauth_tui.cli.group import GroupExamplesFirst
from smtpauth_tui.cli.sending import mail_fields, now_of, say_what_came, send_due, status_of
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.mailing.transport import Transport
    from smtpauth_tui.store.outbox import MailRow, Outbox

_ALL: Final = 1 << 31
_EMPTY: Final = "The outbox is empty."
_LONGEST_ANSWER: Final = 60
_number = click.argument("number", metavar="ID", type=click.IntRange(1, 999_999_999))
_as_json = click.option("--json", "as_json", is_flag=True, help="The same as one JSON object.")


@click.group(
    cls=GroupExamplesFirst,
    examples=(
        "smtpauth-tui outbox list      what is in it, and what the server answered",
        "smtpauth-tui outbox send      send what is due, as a timer does",
        "smtpauth-tui outbox retry 3   try mail 3 again now",
    ),
)
def outbox() -> None:
    """Mails that wait to be sent, and those that were sent in the last 90 days."""


@outbox.command("list", examples=("smtpauth-tui outbox list", "smtpauth-tui outbox list --json"))
@_as_json
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """The mails, the newest first."""
    from smtpauth_tui.store.outbox import Outbox

    opened = Outbox.open_existing(context.path)
    mails = []
    if opened:
        with opened:
            mails = opened.mails(_ALL)
    if as_json:
        click.echo(json.dumps({"schema": 1, "mails": [mail_fields(row) for row in mails]}))
    elif mails:
        for line in _table_lines(mails, context):
            click.echo(line)
    else:
        click.echo(_EMPTY)


def _table_lines(mails: "list[MailRow]", context: Context) -> Iterator[str]:
    from smtpauth_tui.export import cut, table_lines
    from smtpauth_tui.reports.figures import number, utc_minute
    from smtpauth_tui.reports.values import Cell, Column, Table, Tone
    from smtpauth_tui.store.outbox import MailState

    tones = {MailState.SENT: Tone.GOOD, MailState.FAILED: Tone.BAD, MailState.CANCELLED: Tone.MUTED}
    columns = (
        Column("id", "ID", numeric=True),
        Column("state", "State"),
        Column("tries", "Tries", numeric=True),
        Column("created", "Created (UTC)"),
        Column("next_try", "Next try (UTC)"),
        Column("subject", "Subject"),
        Column("recipients", "To"),
        Column("answer", "Last answer"),
    )
    rows = tuple(
        (
            Cell(str(row.id)),
            Cell(row.state, tones.get(row.state, Tone.WARN if row.tries else Tone.PLAIN)),
            Cell(number(row.tries)),
            Cell(utc_minute(row.created), Tone.MUTED),
            Cell(utc_minute(row.next_try)),
            Cell(row.subject),
            Cell(_few(row)),
            Cell(cut(safe(row.answer), _LONGEST_ANSWER), Tone.MUTED),
        )
        for row in mails
    )
    yield from table_lines(Table(columns, rows), colour=context.colour, width=table_width(), narrow=5)


def _few(row: "MailRow") -> str:
    """``ana@contoso.example and 2 more``."""
    first, *others = [one.address for one in row.recipients] or [""]
    return f"{first} and {len(others)} more" if others else first


@outbox.command(examples=("smtpauth-tui outbox show 3", "smtpauth-tui outbox show 3 --json"))
@_number
@_as_json
@click.pass_obj
def show(context: Context, number: int, as_json: bool) -> None:
    """What stands on a mail and in it, and what the server answered for each recipient."""
    with _outbox(context, number) as opened:
        row, message = opened.mail(number), opened.message(number)
    if row is None or message is None:
        raise _no_such_mail(number)
    text, attached = _parts(message)
    if as_json:
        click.echo(json.dumps({"schema": 1, "mail": mail_fields(row), "text": text, "attachments": attached}))
        return
    for line in _envelope_lines(row):
        click.echo(line)
    for one in attached:
        click.echo(f"Attached    {safe(one['name'])} ({one['bytes']:,} bytes)")
    click.echo()
    for line in text.rstrip("\n").split("\n"):
        click.echo(safe(line))


def _parts(message: bytes) -> tuple[str, list[dict[str, Any]]]:
    """The text part of a mail, and its attachments with their lengths in bytes."""
    from email import message_from_bytes, policy

    parsed = message_from_bytes(message, policy=policy.SMTP)
    body = parsed.get_body(("plain",))
    attached = []
    for part in parsed.iter_attachments():
        content = part.get_payload(decode=True)
        size = len(content) if isinstance(content, bytes) else 0
        attached.append({"name": part.get_filename(""), "bytes": size})
    return body.get_content().replace("\r\n", "\n") if body else "", attached


def _envelope_lines(row: "MailRow") -> Iterator[str]:
    from smtpauth_tui.reports.figures import plural, utc_minute

    tries = f", tried {plural(row.tries, 'time')}" if row.tries else ""
    next_try = f", next try {utc_minute(row.next_try)} UTC" if row.next_try is not None else ""
    yield f"Mail        {row.id}, {row.state}{tries}{next_try}"
    yield f"Created     {utc_minute(row.created)} UTC"
    yield f"Message-ID  {safe(row.message_id)}"
    yield f"Subject     {safe(row.subject)}"
    yield f"From        {safe(row.sender)}"
    for place, one in enumerate(row.recipients):
        answer = f": {safe(one.answer)}" if one.answer else ""
        yield f"{'' if place else 'To':<12}{safe(one.address)}  {one.state}{answer}"


@outbox.command(examples=("smtpauth-tui outbox send", "smtpauth-tui outbox send --json"))
@_as_json
@click.pass_obj
def send(context: Context, as_json: bool) -> None:
    """Send what is due.

    Exit status 1 where a mail was refused for good, 3 where one waits for another try.
    """
    from smtpauth_tui.store.outbox import Outbox

    came: list[MailRow] = []
    opened = Outbox.open_existing(context.path)
    if opened:
        with opened:
            due = opened.due(now_of(context))
        if due:
            came = send_due(context, _transport(context), None)
    for row in came:
        say_what_came(row, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"schema": 1, "mails": [mail_fields(row) for row in came]}))
    elif not came and sys.stdout.isatty():
        click.echo("Nothing is due.")  # a timer need not say so each time
    sys.exit(status_of(came))


@outbox.command(examples=("smtpauth-tui outbox retry 3",))
@_number
@_as_json
@click.pass_obj
def retry(context: Context, number: int, as_json: bool) -> None:
    """Try a mail again now, for those who do not have it: one that waits, has failed or was cancelled.

    Exit status as of 'outbox send'.
    """
    transport = _transport(context)
    with _outbox(context, number) as opened:
        if not opened.retry(number, now_of(context)):
            row = opened.mail(number)
            if row is None:
                raise _no_such_mail(number)
            raise SmtpAuthTuiError(f"There is nothing to try again of mail {number}: it is {row.state}.")
        send_due(context, transport, number)
        row = opened.mail(number)
    if row is None:
        raise _no_such_mail(number)
    say_what_came(row, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"schema": 1, "mail": mail_fields(row)}))
    sys.exit(status_of([row]))


@outbox.command(examples=("smtpauth-tui outbox cancel 3",))
@_number
@_as_json
@click.pass_obj
def cancel(context: Context, number: int, as_json: bool) -> None:
    """Never send a mail that waits."""
    with _outbox(context, number) as opened:
        done = opened.cancel(number, now_of(context))
        row = opened.mail(number)
    if row is None:
        raise _no_such_mail(number)
    if not done:
        raise SmtpAuthTuiError(f"Mail {number} cannot be cancelled: it is {row.state}.")
    if as_json:
        click.echo(json.dumps({"schema": 1, "mail": mail_fields(row)}))
    else:
        click.echo(f"Mail {number} is cancelled.")


def _transport(context: Context) -> "Transport":
    from smtpauth_tui.mailing.options import mail_settings
    from smtpauth_tui.mailing.transport import transport_of

    return transport_of(mail_settings(context.settings))


def _outbox(context: Context, number: int) -> "Outbox":
    """The outbox, where one mail is asked for; it is not made for that."""
    from smtpauth_tui.store.outbox import Outbox

    opened = Outbox.open_existing(context.path)
    if opened is None:
        raise _no_such_mail(number)
    return opened


def _no_such_mail(number: int) -> SmtpAuthTuiError:
    return SmtpAuthTuiError(f"There is no mail {number} in the outbox.", "To see what is: smtpauth-tui outbox list")
