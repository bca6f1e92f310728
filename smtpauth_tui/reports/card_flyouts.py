"""What the cards of the dashboard open."""

from collections.abc import Mapping
from typing import Final

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.reports import unusual, volume
from smtpauth_tui.reports.arithmetic import buckets_of, counts_of
from smtpauth_tui.reports.breaks import BASIC_OFF_AT_MICROSOFT, DEADLINE
from smtpauth_tui.reports.compared import change, earlier_days
from smtpauth_tui.reports.failures import tried_label
from smtpauth_tui.reports.figures import ago, local, number, percent, plural, short_day, short_period
from smtpauth_tui.reports.flyouts import (
    Bar,
    Bars,
    Block,
    Days,
    Entries,
    Entry,
    Flyout,
    Heading,
    Pairs,
    Paragraph,
    source_name,
    tls_bars,
    warned,
)
from smtpauth_tui.reports.insights import Moment, Overview
from smtpauth_tui.reports.values import Cell, Chart, Role, Series, Tone
from smtpauth_tui.store import presence
from smtpauth_tui.store.reader import Store

_LISTED: Final = 8
_SILENT_DAYS: Final = 30
"""As the rule on senders that wake (U2) has it; a test compares them."""
_MOST_FINDINGS: Final = 6


def _compared(label: str, now: int, before: int, seen: Overview, moment: Moment) -> tuple[Cell, Cell]:
    """``Messages``, ``41,723, +8.9 % (was 38,311)``."""
    words = change(now, before, seen.since, earlier_days(moment.period)).words
    return Cell(label), Cell(f"{number(now)}, {words}")


def _against(moment: Moment) -> list[Block]:
    """What the counts are held against."""
    earlier = short_period(earlier_days(moment.period))
    return [Paragraph(f"Held against {earlier}. Today is not over, so its day counts in part.", Tone.MUTED)]


async def smtp_auth_clients(store: Store, moment: Moment, seen: Overview) -> Flyout:
    """The portal's flyout: TLS usage and volume of the last week, and the way to the report."""
    totals, accounts = seen.totals, seen.parties.accounts
    was = seen.before
    newcomers = await presence.newcomers(store, moment.period, _SILENT_DAYS)
    chart = await volume.load_chart(store, moment.query)
    return Flyout(
        "SMTP Auth clients",
        (
            Paragraph(
                "SMTP AUTH is how scanners, printers, applications and older mail programs hand in messages, "
                "with a login of their own. Stolen logins are used to send spam."
            ),
            Heading(
                f"{short_period(moment.period)}: {plural(totals.messages, 'message')} of {plural(accounts, 'account')}"
            ),
            tls_bars(totals.tls),
            _below_1_2(totals.tls),
            Heading("Messages per day"),
            Days(chart),
            Heading("Against the days before"),
            Pairs(
                (
                    _compared("Messages", totals.messages, was.totals.messages, seen, moment),
                    _compared("Accounts", accounts, was.parties.accounts, seen, moment),
                    _compared("Sender addresses", seen.parties.senders, was.parties.senders, seen, moment),
                    _compared("Recipients", totals.recipients, was.totals.recipients, seen, moment),
                )
            ),
            *_against(moment),
            *_newcomers(newcomers, seen, moment),
        ),
        "SMTP Auth clients report",
        "volume",
        ("Accounts: new, returned, silent", "accounts"),
    )


def _newcomers(found: tuple[int, int] | None, seen: Overview, moment: Moment) -> list[Block]:
    """How many accounts are new or returned; nothing where the store is too young to tell, or is being written."""
    if found is None or seen.since is None or (moment.period.first - seen.since).days < _SILENT_DAYS:
        return []
    new, returned = found
    return [
        Paragraph(
            f"{plural(new, 'account')} seen for the first time; {number(returned)} again after {_SILENT_DAYS} silent "
            "days or more."
        )
    ]


def _below_1_2(counts: Mapping[TlsVersion, int]) -> Paragraph:
    whole = sum(counts.values())
    outdated = _outdated(counts)
    if not whole:
        return Paragraph("No submissions in these days. The report offers the newest week that has some.", Tone.WARN)
    if not outdated and counts.get(TlsVersion.UNKNOWN):
        return Paragraph(
            "Nothing is known to have been sent below TLS 1.2, but the log does not have the version of all messages. "
            "Postfix logs it with smtpd_tls_loglevel = 1.",
            Tone.WARN,
        )
    if not outdated:
        return Paragraph("Nothing was sent below TLS 1.2.", Tone.GOOD)
    return Paragraph(
        f"{percent(outdated, whole)} below TLS 1.2: those clients stop sending when TLS 1.0, 1.1 and "
        "unencrypted logins are switched off (RFC 8996).",
        Tone.BAD,
    )


def _outdated(counts: Mapping[TlsVersion, int]) -> int:
    return sum(count for version, count in counts.items() if version.outdated)


async def outdated_tls(store: Store, moment: Moment, seen: Overview) -> Flyout:
    """Which accounts still send below TLS 1.2, those with most such messages first."""
    query = moment.query
    totals = seen.totals
    rows = await store.accounts_using_outdated_tls(query, _LISTED + 1)
    pairs = tuple(
        (
            Cell(row.name),
            Cell(
                ", ".join(f"{v.label} {number(row.tls[v])}" for v in TlsVersion if v.outdated and row.tls.get(v)),
                Tone.BAD,
            ),
        )
        for row in rows[:_LISTED]
    )
    more = seen.below_1_2 - len(pairs)
    blocks: list[Block] = [
        Paragraph("Accounts that sent without TLS, or with a version that is no longer safe."),
        Heading(short_period(moment.period)),
        tls_bars(totals.tls),
        _below_1_2(totals.tls),
        Pairs(
            (
                _compared("Accounts below TLS 1.2", seen.below_1_2, seen.before.below_1_2, seen, moment),
                _compared(
                    "Messages below TLS 1.2",
                    _outdated(totals.tls),
                    _outdated(seen.before.totals.tls),
                    seen,
                    moment,
                ),
            )
        ),
        Heading("Accounts, the most such messages first"),
        Pairs(pairs) if pairs else Paragraph("None that the log tells of.", Tone.MUTED),
    ]
    if more > 0:
        blocks.append(Paragraph(f"and {number(more)} more", Tone.MUTED))
    return Flyout("TLS below 1.2", tuple(blocks), "TLS usage report", "tls")


async def failed_sign_ins(store: Store, moment: Moment, seen: Overview) -> Flyout:
    """The names that were tried most, and from where."""
    query = moment.query
    summary, was = seen.failures, seen.before.failures
    rows = await store.tried_names(query, _LISTED)
    pairs = tuple(
        (
            Cell(tried_label(row.account)),
            Cell(f"{number(row.failures)} from {plural(row.clients, 'address', 'addresses')}"),
        )
        for row in rows
    )
    return Flyout(
        "Failed sign-ins",
        (
            Paragraph("Logins that the server refused. The names are what the clients tried, not accounts."),
            Heading(short_period(moment.period)),
            Pairs(
                (
                    _compared("Attempts refused", summary.failures, was.failures, seen, moment),
                    _compared("Names tried", summary.names, was.names, seen, moment),
                    _compared("Client addresses", summary.clients, was.clients, seen, moment),
                    (Cell("Newest"), Cell(local(summary.last, store.zone))),
                )
            ),
            Heading("Most often tried"),
            Pairs(pairs) if pairs else Paragraph("None.", Tone.GOOD),
            *_against(moment),
        ),
        "Failed sign-ins",
        "failures",
    )


async def unusual_activity(store: Store, moment: Moment, seen: Overview) -> Flyout:
    """The newest open findings, and the way to all of them."""
    found = seen.noted
    blocks: list[Block] = [
        Paragraph("What rules found in the last days and nobody has acknowledged. A finding is a question, no proof.")
    ]
    if not found.readable:
        blocks.append(Paragraph("The notes beside the store cannot be read: smtpauth-tui check says why.", Tone.WARN))
    elif found.checked is None:
        blocks.append(
            Paragraph("Not checked yet. By cron, after each import: smtpauth-tui check --quiet", Tone.WARN),
        )
    else:
        open_ = unusual.by_severity(found) or "nothing open"
        blocks += [
            Heading(f"{short_period(moment.period)}: {open_}"),
            Pairs(((Cell("Checked up to"), Cell(short_day(found.checked))),)),
        ]
    tones = dict(unusual.SEVERITIES)
    rows = tuple(
        Entry(
            Cell(one.unit),
            Cell(unusual.when(one, moment), Tone.MUTED),
            (Cell(one.severity, tones.get(one.severity, Tone.PLAIN)), Cell(one.reason)),
        )
        for one in found.findings[:_MOST_FINDINGS]
    )
    if rows:
        blocks += [Heading("The newest first"), Entries(rows)]
    if more := len(found.findings) - len(rows):
        blocks.append(Paragraph(f"and {number(more)} more", Tone.MUTED))
    return Flyout("Unusual activity", tuple(blocks), "Unusual activity: all findings", "findings")


async def basic_authentication(store: Store, moment: Moment, seen: Overview) -> Flyout:
    """How much is sent with a password, and until when Microsoft 365 takes that."""
    totals = seen.totals
    auth = totals.auth
    labels = (
        (AuthKind.BASIC, "Password (Basic)", Role.BASIC),
        (AuthKind.OAUTH, "OAuth", Role.OAUTH),
        (AuthKind.UNKNOWN, "Unknown", Role.UNKNOWN),
    )
    left = (BASIC_OFF_AT_MICROSOFT - moment.today).days
    deadline = f"{DEADLINE} {plural(left, 'day').capitalize() + ' left' if left > 0 else 'That day has passed'}."
    shown = [one for one in labels if auth.get(one[0]) or one[0] is not AuthKind.UNKNOWN]
    series = (
        Series(label, role, counts_of({row.day: row.auth.get(kind, 0) for row in seen.days}, moment.period))
        for kind, label, role in shown
        if auth.get(kind)
    )
    before = seen.before.totals.auth
    return Flyout(
        "Basic authentication",
        (
            Paragraph("Basic authentication is a login with name and password, which can be guessed and stolen."),
            Paragraph(deadline, Tone.WARN if auth.get(AuthKind.BASIC) else Tone.PLAIN),
            Heading(f"{short_period(moment.period)}: {plural(totals.messages, 'message')}"),
            Bars(tuple(Bar(label, auth.get(kind, 0), totals.messages, role) for kind, label, role in shown)),
            Pairs(
                tuple(
                    _compared(label, auth.get(kind, 0), before.get(kind, 0), seen, moment) for kind, label, _ in shown
                )
            ),
            *_against(moment),
            Heading("Messages per day"),
            Days(Chart("Messages per day", buckets_of(moment.period), tuple(series))),
        ),
        "Who breaks when it is switched off",
        "breaks",
    )


async def data(store: Store, moment: Moment, seen: Overview) -> Flyout:
    """What was imported, how new it is, and what could not be read."""
    fresh = seen.freshness
    sources = await store.sources()
    pairs = tuple(
        (
            Cell(source_name(row.path), Tone.WARN if row.damaged or row.not_understood else Tone.PLAIN),
            Cell(f"{number(row.submissions)} submissions, {local(row.last, store.zone)}"),
        )
        for row in sources[:_LISTED]
    )
    return Flyout(
        "Data",
        (
            Pairs(
                (
                    (
                        Cell("Newest submission"),
                        Cell(f"{local(fresh.newest, store.zone)}, {ago(fresh.newest, moment.now)}"),
                    ),
                    (
                        Cell("Last import"),
                        Cell(f"{local(fresh.imported_at, store.zone)}, {ago(fresh.imported_at, moment.now)}"),
                    ),
                    (Cell("Days are counted in"), Cell(store.zone.key)),
                    (Cell("Lines not understood"), warned(fresh.not_understood)),
                    (Cell("Damaged files"), warned(fresh.damaged)),
                    (Cell("Began and did not end"), Cell(number(fresh.incomplete))),
                    (Cell("Store"), Cell(str(store.path))),
                )
            ),
            Heading("Sources, the last import first"),
            Pairs(pairs),
            Paragraph("All of them: smtpauth-tui show imports", Tone.MUTED),
        ),
        "Imports",
        "imports",
    )


CARD_FLYOUTS: Final = {
    "clients": smtp_auth_clients,
    "outdated-tls": outdated_tls,
    "failures": failed_sign_ins,
    "unusual": unusual_activity,
    "basic": basic_authentication,
    "data": data,
}
"""What a dashboard card opens, by the card's id."""
