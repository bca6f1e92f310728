"""What the imported logs lack: TLS versions, lines, newness; and what they have twice."""

from typing import Final

from smtpauth_tui.doctor.findings import Finding, Patient, notice, ok, warning
from smtpauth_tui.reports.figures import ago, number, percent, plural
from smtpauth_tui.store.health import Doubles, doubles, newest_submission, tls_by_server
from smtpauth_tui.store.reader import Store

_DAY: Final = 86_400
_RECENT_DAYS: Final = 7
_DOUBLES_DAYS: Final = 90
_OLD_DAYS: Final = 2
_FEW: Final = 5
_LISTED: Final = 5
_TLS_ADVICE: Final = {
    "postfix": "On that server: postconf -e smtpd_tls_loglevel=1 && postfix reload",
    "dovecot": (
        "In Dovecot's login_log_format_elements write %k where %c stands "
        "(Dovecot 2.4: %{ssl_security} where %{secured} stands), then: doveadm reload"
    ),
    "exim": "In Exim's configuration add +tls_cipher to log_selector, then reload Exim.",
    "sendmail": "Sendmail logs it from LogLevel 9 on, its default: define(`confLOG_LEVEL', `9') in sendmail.mc.",
    "opensmtpd": (
        "OpenSMTPD always logs it, on a session's line of its own: import the whole log, with the lines before."
    ),
    "exchange": ('On that server: Set-ReceiveConnector "SERVER\\Client Frontend SERVER" -ProtocolLoggingLevel Verbose'),
}
"""How to have the TLS version logged, by how the name of the program begins."""


def _advice(instance: str) -> str:
    return next(
        (advice for name, advice in _TLS_ADVICE.items() if instance.lower().startswith(name)),
        "Switch on the logging of TLS versions in that server.",
    )


async def unknown_tls(patient: Patient, store: Store) -> list[Finding]:
    """Of each server's last week, how many messages have no TLS version in the log."""
    newest = await newest_submission(store)
    if newest is None:
        return []
    found = []
    for one in await tls_by_server(store, newest - _RECENT_DAYS * _DAY):
        if one.unknown < _FEW and one.unknown < one.messages:
            continue
        what = (
            f"{one.server}: the log does not have the TLS version of {percent(one.unknown, one.messages)} "
            f"of the newest {plural(one.messages, 'message')}."
        )
        say = warning if one.unknown * 20 >= one.messages else notice
        found.append(say("tls", what, _advice(one.server.instance)))
    return found or [ok("tls", "The logs have the TLS versions of the newest week.")]


async def newest_import(patient: Patient, store: Store) -> list[Finding]:
    """Whether logs still come in."""
    fresh = await store.freshness()
    if fresh.imported_at is None:
        return [notice("newest", "Nothing was imported yet.", "Bring in a log: smtpauth-tui import /var/log/mail.log")]
    now = patient.clock.now()
    when = ago(fresh.imported_at, now)
    if now.timestamp() - fresh.imported_at > _OLD_DAYS * _DAY:
        return [
            warning(
                "newest",
                f"The last import was {when}.",
                "Import each hour, by cron: 7 * * * * smtpauth-tui import /var/log/mail.log",
            )
        ]
    return [ok("newest", f"The last import was {when}, the newest submission {ago(fresh.newest, now)}.")]


async def lost_lines(patient: Patient, store: Store) -> list[Finding]:
    """Damaged files, lines that were not understood, sessions that did not end."""
    sources = await store.sources()
    found = [
        warning(
            "lost",
            f"{row.path} is damaged ({row.damaged}); what stood before was read.",
            "Import a whole copy of that file.",
        )
        for row in sources
        if row.damaged
    ]
    if len(found) > _LISTED:
        more = len(found) - _LISTED
        found[_LISTED:] = [warning("lost", f"… and {plural(more, 'damaged file')} more.", "See: press I")]
    lines, unread = sum(row.lines for row in sources), sum(row.not_understood for row in sources)
    if unread:
        what = f"{plural(unread, 'line')} of {number(lines)} could not be understood."
        todo = "See which: press I in the interface and open the source; please report them."
        found.append((warning if unread * 100 > lines else notice)("lost", what, todo))
    incomplete, whole = sum(row.incomplete for row in sources), sum(row.facts for row in sources)
    if incomplete > 10 and incomplete * 10 > whole:
        found.append(
            warning(
                "lost",
                f"{plural(incomplete, 'message or session', 'messages or sessions')} began in the logs and did not "
                f"end, beside {number(whole)} submissions and failed sign-ins that did.",
                "Import the logs that come next, rotated ones too; journald and rsyslog drop lines that come too fast "
                "(RateLimitBurst=0, imjournal Ratelimit.Interval=0).",
            )
        )
    return found or [ok("lost", f"All {number(lines)} lines that were imported could be read.")]


async def doubled(patient: Patient, store: Store) -> list[Finding]:
    """Messages that came in twice, by another zone or under another server's name."""
    newest = await newest_submission(store)
    pairs = await doubles(store, (newest or 0) - _DOUBLES_DAYS * _DAY)
    found = [_double(pair) for pair in pairs if pair.messages >= 2]
    return found or [ok("doubles", "No message seems to have come in twice.")]


def _double(pair: Doubles) -> Finding:
    first, second = pair.sources
    where = f"for example in {first} and {second}" if first != second else f"in {first}"
    if not pair.seconds:
        return warning(
            "doubles",
            f"{plural(pair.messages, 'message')} of {pair.server} came in again as {pair.other}'s, {where}.",
            "If both are one server, its logs name it in two ways: import only those of one name, into a new store.",
        )
    hours = f"{pair.seconds / 3600:g} h"
    return warning(
        "doubles",
        f"{plural(pair.messages, 'message')} of {pair.server} came in again {hours} later, {where}.",
        "One of the logs was read in a wrong zone. Make a new store, and import that log with --tz ZONE.",
    )
