"""The figures at the front of a mailed report: counts, shares, and how they changed against the period before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.reports.breaks import marked_done, used_since
from smtpauth_tui.reports.compared import Change, change
from smtpauth_tui.reports.figures import number, percent
from smtpauth_tui.reports.values import Tone

if TYPE_CHECKING:
    from smtpauth_tui.mailing.content import Content
    from smtpauth_tui.mailing.to_do import ToDo


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of the period, with what it is a share of and what it was before."""

    label: str
    number: int
    tone: Tone = Tone.PLAIN
    whole: int | None = None
    """What it is a share of; None for a count that is none."""
    before: int | None = None
    """The count of as many days before the period; None where that is not known."""
    since: date | None = None
    """The first day that the store has data of, where that is after the first of the days before."""
    compared: bool = True
    """Whether it is one that can be compared with the days before."""
    year: int | None = None
    """The year of the days before, which is not told with a day of it."""

    @property
    def count(self) -> str:
        """``41,723``."""
        return number(self.number)

    @property
    def share(self) -> str:
        """``4.80 %``; empty for a count that is no share."""
        return percent(self.number, self.whole) if self.whole else ""

    @property
    def change(self) -> str:
        """``+8.9 % (was 38,311)``, ``was 0``, ``no data before 16 Nov``.

        Without per cent where the days before are known in part only, or the change is too large for it.
        """
        if not self.compared:
            return ""
        return Change(self.number, self.before, self.since, self.year).words


def figures_of(content: "Content") -> Iterator[Figure]:
    """The figures of a report, the ones that matter most first."""
    if content.todo:
        yield from _breaking(content, content.todo)
        return
    sending, refused = list(_sending(content)), list(_refused(content))
    if content.report == "failures":
        yield from refused
        yield from sending
    else:
        yield from sending
        yield refused[0]


def _sending(content: "Content") -> Iterator[Figure]:
    now, before = content.totals, content.before
    outdated = outdated_messages(now.tls)
    was = outdated_messages(before.tls)
    bad = Tone.BAD if outdated else Tone.WARN if now.tls.get(TlsVersion.UNKNOWN) else Tone.GOOD
    yield _figure(content, "Messages", now.messages, before.messages)
    if content.report != "failures":
        yield _figure(content, "Below TLS 1.2", outdated, was, bad, now.messages)
    yield _figure(content, "Accounts", content.parties.accounts, content.parties_before.accounts)
    accounts = content.outdated_accounts
    tone = Tone.BAD if accounts else bad
    yield _figure(
        content, "Accounts below TLS 1.2", accounts, content.outdated_accounts_before, tone, content.parties.accounts
    )
    yield _figure(content, "Sender addresses", content.parties.senders, content.parties_before.senders)
    yield _figure(content, "Recipients", now.recipients, before.recipients)
    if content.report == "failures":
        yield _figure(content, "Below TLS 1.2", outdated, was, bad, now.messages)
    unknown, was_unknown = (totals.tls.get(TlsVersion.UNKNOWN, 0) for totals in (now, before))
    if unknown or was_unknown:
        tone = Tone.WARN if unknown else Tone.PLAIN
        yield _figure(content, "TLS version unknown", unknown, was_unknown, tone, now.messages)
    labels = {AuthKind.BASIC: "Password (Basic)", AuthKind.OAUTH: "OAuth", AuthKind.UNKNOWN: "Login unknown"}
    for kind, label in labels.items():
        count, was = now.auth.get(kind, 0), before.auth.get(kind, 0)
        if count or was or kind is not AuthKind.UNKNOWN:
            yield _figure(content, label, count, was, whole=now.messages)


def _refused(content: "Content") -> Iterator[Figure]:
    now, before = content.failures, content.failures_before
    tone = Tone.WARN if now.failures else Tone.GOOD
    yield _figure(content, "Failed sign-ins", now.failures, before.failures, tone)
    yield _figure(content, "Names tried", now.names, before.names)
    yield _figure(content, "Client addresses", now.clients, before.clients)


def _breaking(content: "Content", todo: "ToDo") -> Iterator[Figure]:
    now, before = todo.answer.verdict, todo.before
    tone = Tone.BAD if now.breaking else Tone.WARN if now.cannot_tell else Tone.GOOD
    were = len(before.breaking) if before else 0
    yield _figure(content, "Accounts that would break", len(now.breaking), were, tone, now.accounts)
    refused = before.refused if before else 0
    yield _figure(content, "Messages refused", now.refused, refused, tone, now.messages)
    broken = used_since(todo.answer)
    yield Figure("Marked as done", marked_done(todo.answer), whole=len(now.breaking), compared=False)
    tone = Tone.BAD if broken else Tone.PLAIN
    yield Figure("Done, yet used since", broken, tone, len(now.breaking), compared=False)
    yield Figure("Send rarely", now.rare, whole=len(now.breaking), compared=False)
    unknown = before.cannot_tell if before else 0
    tone = Tone.WARN if now.cannot_tell else Tone.PLAIN
    yield _figure(content, "Messages: cannot tell", now.cannot_tell, unknown, tone, now.messages)
    yield _figure(content, "Accounts", now.accounts, before.accounts if before else 0)
    yield _figure(content, "Messages", now.messages, before.messages if before else 0)


def _figure(
    content: "Content", label: str, count: int, before: int, tone: Tone = Tone.PLAIN, whole: int | None = None
) -> Figure:
    """A figure; nothing at all before is 0 only where the store has data of that time."""
    changed = change(count, before, content.since, content.days_before)
    return Figure(label, count, tone, whole, changed.before, changed.since, year=changed.year)


def outdated_messages(tls: Mapping[TlsVersion, int]) -> int:
    """How many messages were handed in below TLS 1.2."""
    return sum(count for version, count in tls.items() if version.outdated)
