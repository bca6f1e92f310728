"""A company whose mail server's log is written for a test, imported as the command does, and looked at by the rules."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from smtpauth_tui.places import Places
from smtpauth_tui.query import Period
from smtpauth_tui.rules.look import Looking, look, period_of
from smtpauth_tui.rules.options import chosen_rules
from smtpauth_tui.rules.values import Finding
from smtpauth_tui.settings import Settings
from smtpauth_tui.store.activity import Activity
from smtpauth_tui.store.allowed import Allowed
from smtpauth_tui.store.findings import AllowedRow
from smtpauth_tui.store.reader import Store
from tests.logs import NOW, bring_in, line, write

TODAY = NOW.date()
_CIPHER = "with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"


def day(ago: int) -> date:
    """A day so many days before the present one."""
    return TODAY - timedelta(ago)


def at(ago: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """A time of a day so many days ago."""
    return datetime.combine(day(ago), datetime.min.time(), UTC).replace(hour=hour, minute=minute, second=second)


class Company:
    """Gathers what happens; `store` writes the log and imports it."""

    def __init__(self) -> None:
        self._said: list[tuple[datetime, int, str]] = []
        self._number = 0

    def _say(self, when: datetime, program: str, text: str, host: str) -> None:
        self._said.append((when, len(self._said), line(when, program, text, host)))

    def sends(
        self,
        account: str,
        when: datetime,
        *,
        sender: str | None = None,
        client: str = "10.0.0.5",
        name: str = "unknown",
        tls: str | None = "TLSv1.3",
        mechanism: str = "PLAIN",
        recipients: int = 1,
        host: str = "mx1",
    ) -> None:
        """A client signs in and hands in a message."""
        self._number += 1
        smtpd, queue_id = f"submission/smtpd[{1000 + self._number}]", f"{0xA00000 + self._number:X}"
        peer = f"{name}[{client}]"
        starttls = " starttls=1" if tls else ""
        self._say(when, smtpd, f"connect from {peer}", host)
        if tls:
            self._say(when, smtpd, f"Anonymous TLS connection established from {peer}: {tls} {_CIPHER}", host)
        self._say(when, smtpd, f"{queue_id}: client={peer}, sasl_method={mechanism}, sasl_username={account}", host)
        self._say(when, "cleanup[90]", f"{queue_id}: message-id=<{queue_id}@pc.example>", host)
        envelope = account if sender is None else sender
        queued = f"{queue_id}: from=<{envelope}>, size=1000, nrcpt={recipients} (queue active)"
        self._say(when, "qmgr[7]", queued, host)
        counts = f"ehlo=2{starttls} auth=1 mail=1 rcpt={recipients} data=1 quit=1 commands={7 + recipients}"
        self._say(when, smtpd, f"disconnect from {peer} {counts}", host)

    def works(
        self,
        account: str,
        days: Iterable[int],
        *,
        messages: int = 2,
        hour: int = 9,
        client: str = "10.0.0.5",
        **how: object,
    ) -> None:
        """A client that sends some messages a day, on so many days ago, some minutes apart."""
        for ago in days:
            for number in range(messages):
                when = at(ago, hour) + timedelta(minutes=7 * number, seconds=ago % 50)
                self.sends(account, when, client=client, **how)  # type: ignore[arg-type]

    def refused(self, account: str | None, when: datetime, client: str, *, name: str = "unknown") -> None:
        """A client's attempt to sign in is refused."""
        self._number += 1
        said = f", sasl_username={account}" if account is not None else ""
        text = f"warning: {name}[{client}]: SASL LOGIN authentication failed: no{said}"
        self._say(when, f"submission/smtpd[{1000 + self._number}]", text, "mx1")

    def store(self, folder: Path, *, until: datetime = NOW) -> Path:
        """The store, with all that happened up to a time."""
        log = folder / "mail.log"
        write(log, [text for when, _, text in sorted(self._said) if when <= until], until)
        bring_in(folder / "store.db", log, now=until)
        return folder / "store.db"


def staff(company: Company, days: Iterable[int] = range(100), number: int = 5) -> None:
    """Some people who send each day, so that the store knows what is usual."""
    days = list(days)
    for one in range(number):
        company.works(f"person{one}@contoso.example", days, client=f"10.0.0.{10 + one}", hour=8 + one % 5)


async def looking(
    db: Path,
    *rules: str,
    days: int = 7,
    since: date | None = None,
    now: datetime = NOW,
    sets: tuple[str, ...] = (),
    allowed: tuple[AllowedRow, ...] = (),
    places: Places | None = None,
) -> Looking:
    """What some rules (all, where none is named) find in the last days."""
    chosen = [one for one in chosen_rules(Settings(), sets) if not rules or one.rule.name in rules]
    async with await Store.open(db, places or Places()) as opened, opened.snapshot() as store:
        activity = Activity(store, now.astimezone(store.zone).date(), Allowed(allowed))
        period = await period_of(activity, since, days)
        assert isinstance(period, Period)
        return await look(activity, chosen, period)


async def found(db: Path, rule: str, **how: object) -> list[Finding]:
    """What one rule finds, the oldest first."""
    told = await looking(db, rule, **how)  # type: ignore[arg-type]
    assert not any(told.missing.values())
    return sorted((one for some in told.findings.values() for one in some), key=lambda one: (one.since, one.unit))


async def said(db: Path, rule: str, **how: object) -> list[tuple[str, date, str]]:
    """The same as unit, first day and reason."""
    return [(one.unit, one.since, one.reason) for one in await found(db, rule, **how)]
