"""Sends a report by mail, through the outbox."""

import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from smtpauth_tui.cli.context import Context, LateName, checked_text, run_async
from smtpauth_tui.cli.group import ExamplesFirst
from smtpauth_tui.cli.sending import (
    mail_fields,
    now_of,
    recipients_of,
    say,
    say_what_came,
    send_due,
    status_of,
    way_of,
    write_aside,
    write_file,
)
from smtpauth_tui.errors import UsageError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.conditions import Filter
    from smtpauth_tui.mailing.content import Content
    from smtpauth_tui.mailing.options import MailSettings
    from smtpauth_tui.mailing.transport import Transport
    from smtpauth_tui.store.outbox import MailRow, NewMail
    from smtpauth_tui.switches import Switches

_ROOM_FOR_TEXT: Final = 4096
"""Bytes by which a mail may grow beside its attachments: their headers, and what the text says of them."""
_WHEN: Final = {
    "always": "",
    "messages": "no messages",
    "outdated": "no messages below TLS 1.2",
    "failures": "no failed sign-ins",
    "breaks": "no accounts that would break",
}
"""What a report has to have to be sent, with what is said where it has not."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for."""

    report: str
    start: str
    end: str
    last: str
    domain: str | None
    switches: "Switches | None"
    kinds: Collection[str]
    """Of attachments."""
    when: str
    where: str
    """The text of a filter."""
    filter: str
    """The name of a saved one."""


def _names() -> Sequence[str]:
    from smtpauth_tui.mailing.content import MAILED

    return MAILED


@click.command(
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui mail tls --to admin@contoso.example",
        "smtpauth-tui mail senders --to ana@contoso.example,bo@contoso.example --last 30d --attach xlsx,csv",
        "smtpauth-tui mail senders --to admin@contoso.example --where 'tls1.0 > 0 or none > 0' --when messages",
        "smtpauth-tui mail summary --last 7d --end yesterday --when messages --once   (in a timer)",
        "smtpauth-tui mail breaks --to admin@contoso.example --without basic --attach xlsx,csv",
        "smtpauth-tui mail tls --to admin@contoso.example --dry-run tls.eml",
    ),
)
@click.argument("report", type=LateName("report", _names))
@click.option("--to", multiple=True, metavar="A,B", help="Whom to send it to (default: the setting mail.to).")
@click.option("--start", default="", metavar="DATE", help="The first day: 2026-11-17, today, -7d.")
@click.option("--end", default="", metavar="DATE", help="The last day, included (default: today).")
@click.option(
    "--last", default="", metavar="SPAN", help="So many days up to the last one: 7d (default; breaks: 90d), 30d."
)
@click.option("--domain", help="Only senders of this domain.")
@click.option("--where", default="", metavar="FILTER", help="senders, breaks: only rows of which this holds.")
@click.option("--filter", "filter_", default="", metavar="NAME", help="senders, breaks: only rows of a saved filter.")
@click.option("--without", metavar="LIST", help="breaks: what is switched off (default: basic,tls1.0,tls1.1,notls).")
@click.option("--from-only", metavar="NETWORKS", help="breaks: the networks that may send: 10.0.0.0/8,2001:db8::/32.")
@click.option("--attach", default="xlsx", metavar="KINDS", help="xlsx (default), csv, both (xlsx,csv), or none.")
@click.option(
    "--when",
    type=click.Choice(list(_WHEN)),
    default="always",
    help="Send it only if there are messages (with a filter: rows of it), messages below TLS 1.2, failed sign-ins, "
    "or accounts that would break.",
)
@click.option("--once", is_flag=True, help="Not again what the same recipients got or get for the same days.")
@click.option("--no-send", is_flag=True, help="Put it into the outbox, and send nothing.")
@click.option("--dry-run", default="", metavar="FILE", help="Write the mail into a file (-: standard output) instead.")
@click.option("--json", "as_json", is_flag=True, help="The mail and what came of it as one JSON object.")
@click.option("--progress", "progress", type=click.Choice(["auto", "json", "none"]), default="auto", hidden=True)
@click.pass_obj
def mail(
    context: Context,
    report: str,
    to: tuple[str, ...],
    start: str,
    end: str,
    last: str,
    domain: str | None,
    where: str,
    filter_: str,
    without: str | None,
    from_only: str | None,
    attach: str,
    when: str,
    once: bool,
    no_send: bool,
    dry_run: str,
    as_json: bool,
    progress: str,
) -> None:
    """Send a report by mail: volume, tls, senders, summary, failures, breaks.

    It goes into the outbox, and from there at once; what the server does not take now is tried again by the next
    mail, by 'outbox send' and by the interface.

    Exit status 1 where it was refused for good, 3 where it waits for another try.
    """
    from smtpauth_tui.mailing.options import mail_settings

    options = mail_settings(context.settings)
    recipients = recipients_of(options, to)
    switches = _switches(report, without, from_only, when)
    wanted = _Wanted(report, start, end, last, domain, switches, _kinds(attach), when, where, filter_)
    new = run_async(_composed(context, options, recipients, wanted, once=once))
    if dry_run:
        if new:
            write_file(dry_run, new.message)
        return
    row = _queued(context, new, progress) if new else None
    if new and not no_send:
        row = _sent(context, row, way_of(options, row), as_json=as_json)
    elif row:
        say(f"Mail {row.id} is in the outbox. To send it: smtpauth-tui outbox send")
    if as_json:
        click.echo(json.dumps({"schema": 1, "mail": row and mail_fields(row)}))
    sys.exit(status_of([row]) if row and not no_send else 0)


def _switches(report: str, without: str | None, from_only: str | None, when: str) -> "Switches | None":
    """What is off, for the report that asks it; UsageError where another report is given any of it."""
    from smtpauth_tui.switches import parse_switches

    if report == "breaks":
        return parse_switches(without, from_only)
    if without is not None or from_only is not None or when == "breaks":
        raise UsageError(
            f"'mail {report}' takes neither --without nor --from-only, nor --when breaks.",
            "They are for: smtpauth-tui mail breaks",
        )
    return None


def _kinds(words: str) -> tuple[str, ...]:
    """Kinds of attachments; UsageError for words that name others."""
    from smtpauth_tui.mailing.attachments import KINDS

    named = {word.strip().lower() for word in words.split(",")}
    if named == {"none"}:
        return ()
    if not named <= set(KINDS):
        raise UsageError(f"{safe(words)!r} names no attachments.", f"Kinds are: {', '.join(KINDS)}; or none.")
    return tuple(kind for kind in KINDS if kind in named)


async def _composed(
    context: Context, options: "MailSettings", recipients: tuple[str, ...], wanted: _Wanted, *, once: bool
) -> "NewMail | None":
    """The mail, all of it of one moment of the store; None where there is nothing to tell, which is said."""
    from smtpauth_tui.entered import EnteredQuery
    from smtpauth_tui.mailing.attachments import load_attachments
    from smtpauth_tui.mailing.content import FILTERED, load_content, subject
    from smtpauth_tui.mailing.message import compose, new_message_id
    from smtpauth_tui.query import make_period
    from smtpauth_tui.store.outbox import NewMail
    from smtpauth_tui.store.reader import Store

    checked_text("domain", wanted.domain)
    async with await Store.open(context.path, context.places) as opened, opened.snapshot() as store:
        period = make_period(
            context.clock.today(store.zone), wanted.start, wanted.end, wanted.last, _days(wanted.report)
        )
        domain = None if wanted.domain is None else wanted.domain.lstrip("@")
        where = _filter(context, wanted, context.clock.today(store.zone))
        query = EnteredQuery(period=period, domain=domain, switches=wanted.switches, where=where)
        content = await load_content(store, wanted.report, query, context.clock)
        if not _is_worth_it(content, wanted.when):
            of_filter = where and wanted.when in ("messages", "breaks")
            lacks = f"no {FILTERED[wanted.report]} of the filter" if of_filter else _WHEN[wanted.when]
            say(f"Not sent: there are {lacks} from {period.first} to {period.last}.")
            return None
        sender, message_id = options.from_address, new_message_id(options.from_address)
        now = context.clock.now()
        bare = bytes(compose(content, (), sender, recipients, message_id, now))
        room = max(options.size_limit - len(bare) - _ROOM_FOR_TEXT, 0)
        attachments = await load_attachments(store, content, wanted.kinds, room)
    message = bytes(compose(content, attachments, sender, recipients, message_id, now))
    key = [wanted.report, str(period.first), str(period.last), domain, sorted(recipients)]
    key += [where.text] if where else []
    if wanted.switches:
        key += [list(wanted.switches.off), list(wanted.switches.networks)]
    return NewMail(
        message_id=message_id,
        report=wanted.report,
        subject=subject(content),
        sender=sender,
        recipients=recipients,
        message=message,
        once=json.dumps(key) if once else None,
    )


def _filter(context: Context, wanted: _Wanted, today: date) -> "Filter | None":
    """The filter that was asked for; UsageError for a report whose mails take none."""
    from smtpauth_tui.cli.filtering import filter_of
    from smtpauth_tui.mailing.content import FILTERED
    from smtpauth_tui.query import Grouping
    from smtpauth_tui.reports import REPORTS

    if not (wanted.where or wanted.filter):
        return None
    if wanted.report not in FILTERED:
        raise UsageError(f"Mails of {wanted.report} take no filter.", f"Those that do: {', '.join(FILTERED)}.")
    report = next(one for one in REPORTS if one.name == wanted.report)
    return filter_of(context, report, Grouping.SENDER, today, text=wanted.where, name=wanted.filter)


def _days(report: str) -> int:
    """How many days a report is of where nobody says it."""
    from smtpauth_tui.reports import REPORTS

    return next(one.days for one in REPORTS if one.name == report)


def _is_worth_it(content: "Content", when: str) -> bool:
    match when:
        case "messages":
            return content.matching > 0 if content.query.where else content.totals.messages > 0
        case "outdated":
            return any(count for version, count in content.totals.tls.items() if version.outdated)
        case "failures":
            return content.failures.failures > 0
        case "breaks":
            return content.todo is not None and bool(content.todo.rows)
    return True


def _queued(context: Context, new: "NewMail", progress: str) -> "MailRow | None":
    """The mail as it stands in the outbox; None where it was there before, which is said."""
    from smtpauth_tui.store.outbox import Outbox

    with Outbox(context.path) as outbox:
        number = outbox.add(new, now_of(context))
        row = None if number is None else outbox.mail(number)
    if row is None:
        say("Not queued again: these recipients have this report of these days, or it waits in the outbox.")
    elif progress == "json":
        told = {"queued": row.id, "subject": new.subject}
        write_aside(json.dumps({"progress": told}) + "\n")
    return row


def _sent(context: Context, row: "MailRow | None", transport: "Transport", *, as_json: bool) -> "MailRow | None":
    """The mail after it was tried, and others that are due after it."""
    from smtpauth_tui.store.outbox import Outbox

    came = send_due(context, transport, *((row.id,) if row else ()), None)
    if row:
        with Outbox(context.path) as outbox:
            row = outbox.mail(row.id) or row
        say_what_came(row, as_json=as_json)
    for other in came:
        if row is None or other.id != row.id:
            say_what_came(other, as_json=as_json)
    return row
