"""Mails what a check found: a mail for each finding, through the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smtpauth_tui.cli.context import Context
from smtpauth_tui.cli.sending import mail_fields, now_of, recipients_of, say_what_came, send_due, way_of
from smtpauth_tui.errors import UsageError

if TYPE_CHECKING:
    from smtpauth_tui.mailing.alert import Alert
    from smtpauth_tui.mailing.options import MailSettings
    from smtpauth_tui.query import Period
    from smtpauth_tui.rules.standing import Standing
    from smtpauth_tui.store.alerts import Episode
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.outbox import MailRow, NewMail, Outbox
    from smtpauth_tui.store.reader import Store

MOST_MAILS: Final = 20
"""Findings of one check that have a mail each; what is beyond them stands in one mail together."""


@dataclass(frozen=True, slots=True)
class Alerting:
    """Who is told by mail."""

    options: "MailSettings"
    recipients: tuple[str, ...]
    always: bool
    """Also of nothing new."""


def alerting(context: Context, to: str | None, when: str | None) -> Alerting | None:
    """What ``--mail`` and ``--when`` say; None without a mail. UsageError where nobody is named."""
    if to is None:
        if when is not None:
            raise UsageError("--when goes with --mail.", "Name whom to mail it to: --mail admin@contoso.example")
        return None
    from smtpauth_tui.mailing.options import mail_settings

    options = mail_settings(context.settings)
    return Alerting(options, recipients_of(options, [to], "--mail"), when == "always")


async def queue(
    context: Context,
    store: "Store",
    notes: "Notes",
    wanted: Alerting,
    found: "Sequence[Standing]",
    period: "Period | None",
    missing: Sequence[str],
) -> tuple[list[int], bool]:
    """Queue the mails of what nobody was told of by mail; their numbers in the outbox, and whether there was anything.

    *found*: what stands now, the most severe first. *missing*: what was not looked for, in words. Whatever stops this
    leaves the findings that are not queued yet to the next check.
    """
    from smtpauth_tui.mailing.alert import of_finding, of_nothing_new, of_rest
    from smtpauth_tui.rules.shown import as_shown
    from smtpauth_tui.store import alerts
    from smtpauth_tui.store.outbox import Outbox

    with Outbox(context.path) as outbox:
        new = untold(notes, outbox, found)
        if not new:
            if not wanted.always:
                return [], False
            open_ = [as_shown(one, store.places) for one in found if one.open]
            newest = (await store.freshness()).newest
            mail = _mail(context, wanted, of_nothing_new(open_, period, newest, missing, store.zone), ())
            number = outbox.add(mail, now_of(context))
            return [] if number is None else [number], False
        # all are written before the first is queued: what cannot be written leaves none behind
        shown = [as_shown(one, store.places) for one in new]
        written = [(of_finding(one, store.zone), [one]) for one in shown[:MOST_MAILS]]
        if rest := shown[MOST_MAILS:]:
            written.append((of_rest(rest, store.zone, MOST_MAILS), rest))
        mails = [
            (_mail(context, wanted, alert, episodes), episodes)
            for alert, some in written
            if (episodes := [_episode(one) for one in some])
        ]
        numbers = [alerts.queue(notes, outbox, mail, episodes, now_of(context)) for mail, episodes in mails]
    return [number for number in numbers if number is not None], True


def untold(notes: "Notes", outbox: "Outbox", found: "Sequence[Standing]") -> "list[Standing]":
    """The open findings that nobody was told of by mail."""
    from smtpauth_tui.store import alerts

    known = alerts.told(notes, outbox)
    return [one for one in found if one.open and not known.knows(_episode(one))]


def _episode(one: "Standing") -> "Episode":
    from smtpauth_tui.store.alerts import Episode
    from smtpauth_tui.store.days import number_of

    finding = one.finding
    return Episode(finding.rule, finding.unit, number_of(finding.since), number_of(finding.until))


def _mail(context: Context, wanted: Alerting, alert: "Alert", episodes: "Sequence[Episode]") -> "NewMail":
    from smtpauth_tui.mailing.message import compose_alert, new_message_id
    from smtpauth_tui.store import alerts
    from smtpauth_tui.store.outbox import NewMail

    sender = wanted.options.from_address
    message_id = new_message_id(sender)
    message = compose_alert(alert, sender, wanted.recipients, message_id, context.clock.now())
    return NewMail(
        message_id=message_id,
        report=alerts.REPORT,
        subject=alert.subject,
        sender=sender,
        recipients=wanted.recipients,
        message=bytes(message),
        once=alerts.once_of(episodes) if episodes else None,
    )


def send(context: Context, wanted: Alerting, numbers: Sequence[int], *, quiet: bool) -> "list[MailRow]":
    """Try the mails that were queued, and others that are due; those of *numbers* as they stand then.

    What the server did not take is said on standard error; unless *quiet*, what it took on standard output.
    """
    from smtpauth_tui.store.outbox import Outbox

    with Outbox(context.path) as outbox:
        waiting = [row for number in numbers if (row := outbox.mail(number))]
    if not waiting:
        return []
    came = send_due(context, way_of(wanted.options, waiting[0]), *numbers, None)
    with Outbox(context.path) as outbox:
        rows = [outbox.mail(row.id) or row for row in waiting]
    for row in [*rows, *(one for one in came if one.id not in numbers)]:
        say_what_came(row, as_json=quiet)
    return rows


def fields(rows: "Sequence[MailRow]") -> list[dict[str, Any]]:
    """The mails as the JSON contract has them."""
    return [mail_fields(row) for row in rows]
