"""The demo: 90 days of made-up mail of a made-up company, written as log lines and imported like any log."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from heapq import heappop, heappush, merge
from itertools import chain
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import Clock, zone_named
from smtpauth_tui.errors import StoreError
from smtpauth_tui.importer.finding import find
from smtpauth_tui.importer.options import ImportOptions, Progress
from smtpauth_tui.importer.run import Importer
from smtpauth_tui.store.writer import Writer

DAYS: Final = 90
_HOST: Final = "mail.contoso.example"
_QUIET: Final = 180
"""Seconds before the present at which the log ends, with a message of the monitoring."""
_HOLIDAY: Final = range(40, 47)
"""The days ago of a week with a holiday on its Thursday."""

Item = TypeVar("Item")


@contextmanager
def demo_store(clock: Clock, zone_name: str, progress: Callable[[Progress | None], None]) -> Iterator[Path]:
    """A store of the last 90 days in a private temporary folder, which goes with the context; nothing else is touched.

    *progress* is told how far the import is, and None at its end. UsageError for a zone that there is not,
    StoreError where there is no room.
    """
    zone = zone_named(zone_name)
    with _disk_errors():
        folder = TemporaryDirectory(prefix="smtpauth-tui-demo-")
    with folder as place:
        log, store = Path(place, "mail.log"), Path(place, "demo.db")
        with _disk_errors(), log.open("w", encoding="ascii") as file:
            file.writelines(demo_log(clock.now(), zone))
        try:
            Importer(lambda: Writer(store, zone.key), ImportOptions(zone), clock, progress).run(find([str(log)], store))
        finally:
            progress(None)
        log.unlink()
        yield store


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"The demo's data cannot be written: {error.strerror or error}.",
            "It needs 50 MB in the folder for temporary files; TMPDIR names another one.",
        ) from error


def demo_log(now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """The lines that the company's Postfix wrote in the 90 days up to a few minutes before *now*, with line ends.

    The same day in *zone* makes the same lines, whatever the time of day: only how they end differs.
    """
    today = now.astimezone(zone).date()
    dice = _Dice(today.toordinal())
    clients = (*_staff(dice), *_SERVICES, *_strangers())
    company = _sessions(today, zone, clients, 1000, dice)
    # scenes have dice of their own: what the others do is the same without them
    scenes = _sessions(today, zone, _SCENES, 600_000, _Dice(today.toordinal() + 1_000_000))
    sessions = merge(company, scenes, key=lambda session: session[0][0])
    end = now.timestamp() - _QUIET
    newest = _session(_Visit(end, _MONITORING, ""), 999, dice)
    ended = (session for session in sessions if session[-1][0] < end)
    for moment, text in _in_order(chain(ended, [newest])):
        yield f"{datetime.fromtimestamp(moment, zone).isoformat(timespec='microseconds')} {_HOST} {text}\n"


class _Dice(Random):
    """Throws that rest on ``random()`` alone: its sequence is the same in all versions of Python."""

    def pick(self, items: Sequence[Item]) -> Item:
        """One of *items*."""
        return items[int(self.random() * len(items))]

    def between(self, bounds: tuple[int, int]) -> int:
        """A whole number within *bounds*, both included."""
        low, high = bounds
        return low + int(self.random() * (high - low + 1))


# when: the days and hours at which clients come


def _every_day(_: date, __: int) -> float:
    return 1.0


def _working_days(day: date, ago: int) -> float:
    if ago in _HOLIDAY and day.weekday() in (3, 4):
        return 0.02 if day.weekday() == 3 else 0.3
    return (1.0, 1.05, 1.0, 0.95, 0.8, 0.04, 0.02)[day.weekday()]


def _month_end(day: date, _: int) -> float:
    return float((day + timedelta(days=2)).month != day.month)


def _weekly(weekday: int) -> Callable[[date, int], float]:
    return lambda day, _: float(day.weekday() == weekday)


def _days_ago(*days: int) -> Callable[[date, int], float]:
    return lambda _, ago: float(ago in days)


# Each digit is the weight of an hour, from midnight on.
_ALL_DAY: Final = "111111111111111111111111"
_OFFICE: Final = "000000138998568974211000"
_SHOPPING: Final = "211112245667776667898753"
_NIGHT: Final = "023310000000000000000000"
_SMALL_HOURS: Final = "379720000000000000000000"
_MORNING: Final = "000000000500000000000000"
_AFTERNOON: Final = "000000000000001000000000"
_EVENING: Final = "000000000000000000001000"


@lru_cache
def _hours(weights: str) -> tuple[int, ...]:
    """The hours of a day, each as often as its weight says."""
    return tuple(hour for hour, weight in enumerate(weights) for _ in range(int(weight)))


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """How often a client comes, and what it brings."""

    sessions: float
    """On an ordinary day, on average."""
    days: Callable[[date, int], float] = _every_day
    """The share of an ordinary day, for a day and how many days ago it is."""
    hours: str = _ALL_DAY
    steady: bool = False
    """As many sessions each day."""
    messages: tuple[int, int] = (1, 1)
    """In a session, at least and at most; for a client that cannot log in: its attempts."""
    recipients: tuple[int, int] = (1, 1)
    size: tuple[int, int] = (1_200, 9_000)


# who: the company's people and services, and those who guess passwords

_Tls = tuple[tuple[int, str], ...]
"""Since how many days ago a client uses a version; the empty text is no TLS."""
_NO_TLS: Final[_Tls] = ((DAYS, ""),)
_TLS_1_0: Final[_Tls] = ((DAYS, "TLSv1"),)
_TLS_1_1: Final[_Tls] = ((DAYS, "TLSv1.1"),)
_TLS_1_2: Final[_Tls] = ((DAYS, "TLSv1.2"),)
_TLS_1_3: Final[_Tls] = ((DAYS, "TLSv1.3"),)


@dataclass(frozen=True, slots=True)
class _Client:
    """Who connects: what it logs in as, what it sends from, and from where."""

    login: str
    senders: tuple[str, ...]
    """Its envelope senders, each as likely; none for a client that never logs in."""
    address: str
    """``{}`` stands for a number that changes with each session."""
    rhythm: _Rhythm
    name: str = "unknown"
    tls: _Tls = _TLS_1_2
    mechanism: str = "PLAIN"
    service: str = "submission/smtpd"
    tries: tuple[str, ...] = ()
    """The logins of its failed attempts."""
    failing: float = 0.0
    """The share of its sessions with failed attempts."""

    def version(self, ago: int) -> str:
        """The TLS version that it used so many days ago."""
        return next(version for since, version in reversed(self.tls) if since >= ago)


_STAFF: Final = {
    "contoso.example": "anna ben carla daniel elena felix greta hugo iris jonas katja leon mara nora olga paul rosa "
    "simon tina victor frontdesk helpdesk hr press",
    "fabrikam.example": "adam bea chris dora emil fiona georg hanna ivan julia purchasing",
    "northwind.test": "alex bruno clara david eva frank gina henrik dispatch",
    "tailspin.example": "amir bianca cora dennis ella finn grace",
    "litware.test": "andre birgit cem doris erik",
    "adatum.example": "accounting legal payroll reception support",
}
_ADDRESSES: Final = tuple(f"{name}@{domain}" for domain, names in _STAFF.items() for name in names.split())
TAKEN_OVER: Final = "mara@contoso.example"
"""The person whose password was guessed five days ago."""
_OAUTH_DOMAINS: Final = ("tailspin.example", "litware.test")


def _staff(dice: _Dice) -> Iterator[_Client]:
    """The people, who come to TLS 1.3 one by one as their programs are updated, and mistype now and then."""
    for number, address in enumerate(_ADDRESSES):
        name, _, domain = address.partition("@")
        yield _Client(
            address,
            (address,),
            f"10.20.{1 + number // 20}.{21 + number % 20}",
            _Rhythm(0.7 + 4 * dice.random() ** 2, _working_days, _OFFICE, recipients=(1, 4), size=(1_500, 90_000)),
            f"pc-{name}.lan.{domain}",
            (*_TLS_1_2, (dice.between((-45, 135)), "TLSv1.3")),
            "XOAUTH2" if domain in _OAUTH_DOMAINS else dice.pick(("PLAIN", "PLAIN", "LOGIN")),
            dice.pick(("submission/smtpd", "submission/smtpd", "smtps/smtpd")),
            tries=(address,),
            failing=0.006,
        )


def _service(
    address: str, client: str, rhythm: _Rhythm, tls: _Tls, mechanism: str = "PLAIN", service: str = "submission/smtpd"
) -> _Client:
    """A client in the company's own network that logs in with the address it sends from."""
    name, _, domain = address.partition("@")
    return _Client(address, (address,), client, rhythm, f"{name}.lan.{domain}", tls, mechanism, service)


_SCANS: Final = _Rhythm(3.5, _working_days, _OFFICE, messages=(1, 6), size=(80_000, 4_000_000))
_TONER: Final = _Rhythm(0.4, _working_days, _OFFICE)
_CHECKS: Final = _Rhythm(36, steady=True)
_SELF_TEST: Final = _Rhythm(1, _weekly(6), _NIGHT)
_ALARM: Final = _Rhythm(1, _days_ago(17, 47, 77), _AFTERNOON, steady=True)
_BACKUPS: Final = _Rhythm(3, hours=_NIGHT, steady=True)
_INVOICES: Final = _Rhythm(5, _working_days, _OFFICE, messages=(1, 4), size=(40_000, 200_000))
_INVOICE_RUN: Final = _Rhythm(4, _month_end, _AFTERNOON, steady=True, messages=(30, 45), size=(40_000, 200_000))
_NEWS: Final = _Rhythm(3, _weekly(1), _MORNING, steady=True, messages=(30, 40), recipients=(30, 50))
_CASES: Final = _Rhythm(28, _working_days, _OFFICE, size=(6_000, 40_000))
_ORDERS: Final = _Rhythm(26, hours=_SHOPPING, size=(9_000, 30_000))
_LETTERS: Final = _Rhythm(8, _working_days, _OFFICE, recipients=(1, 3), size=(2_000, 120_000))
_LOADS: Final = _Rhythm(3, _working_days, _OFFICE)

_ERP_TLS: Final = (*_TLS_1_1, (21, "TLSv1.2"))
_SHOP: Final = "no-reply@shop.contoso.example"
_OFFICE_SENDERS: Final = ("office@fabrikam.example", "sales@fabrikam.example", "orders@fabrikam.example")
_MONITORING: Final = _service("nagios@contoso.example", "10.20.9.5", _CHECKS, _NO_TLS, service="smtpd")

_SERVICES: Final = (
    _service("scan-2nd-floor@contoso.example", "10.20.8.11", _SCANS, _TLS_1_0, "LOGIN"),
    _service("scan-3rd-floor@contoso.example", "10.20.8.12", _SCANS, _TLS_1_0, "LOGIN"),
    _service("scan-warehouse@northwind.test", "10.20.8.13", _SCANS, _TLS_1_2, "LOGIN"),
    _service("printer-lobby@contoso.example", "10.20.8.21", _TONER, _TLS_1_1, "CRAM-MD5"),
    _service("printer-sales@fabrikam.example", "10.20.8.22", _TONER, _TLS_1_0, "LOGIN"),
    _MONITORING,
    _service("ups-basement@contoso.example", "10.20.9.6", _SELF_TEST, _NO_TLS),
    _service("alarm-panel@contoso.example", "10.20.9.7", _ALARM, _TLS_1_0, "LOGIN"),
    _service("backup@contoso.example", "10.20.9.8", _BACKUPS, _TLS_1_2),
    _service("erp@adatum.example", "10.20.9.20", _INVOICES, _ERP_TLS, "LOGIN"),
    _service("erp@adatum.example", "10.20.9.20", _INVOICE_RUN, _ERP_TLS, "LOGIN"),
    _service("newsletter@news.contoso.example", "10.20.9.21", _NEWS, _TLS_1_2),
    _service("crm@fabrikam.example", "10.20.9.22", _CASES, _TLS_1_3, "XOAUTH2", "smtps/smtpd"),
    # the shop answers some customers with the null sender, so that no bounce comes back
    _Client(
        _SHOP, (*9 * (_SHOP,), ""), "10.20.9.23", _ORDERS, "web-1.lan.contoso.example", (*_TLS_1_2, (48, "TLSv1.3"))
    ),
    # a login without a domain
    _Client("forklift", ("forklift@northwind.test",), "10.20.9.30", _LOADS, mechanism="LOGIN", service="smtpd"),
    # one login for several addresses
    _Client(_OFFICE_SENDERS[0], _OFFICE_SENDERS, "10.20.4.9", _LETTERS, tls=(*_TLS_1_2, (30, "TLSv1.3"))),
)

_GUESSED: Final = tuple(
    "admin info test scanner postmaster sales root office backup user1 webmaster noreply marketing "
    "admin@contoso.example info@contoso.example info@fabrikam.example test@northwind.test anna@contoso.example".split()
)


def _strangers() -> Iterator[_Client]:
    """Who guesses passwords, and who found one out: each from the ranges that RFC 5737 and 3849 reserve."""

    def guesser(address: str, tries: tuple[str, ...], rhythm: _Rhythm, tls: _Tls, service: str) -> _Client:
        return _Client("", (), address, rhythm, "unknown", tls, "LOGIN", service, tries, failing=1.0)

    always = _Rhythm(7, messages=(1, 3))
    spray = _Rhythm(190, _days_ago(12, 33), _AFTERNOON, steady=True)
    run = _Rhythm(70, _days_ago(5), _EVENING, steady=True, messages=(2, 4))
    flood = _Rhythm(13, _days_ago(*range(5)), _SMALL_HOURS, messages=(15, 40), recipients=(20, 50), size=(3_000, 7_000))
    for address in ("192.0.2.{}", "198.51.100.{}", "2001:db8:5:{}::25"):
        yield guesser(address, _GUESSED, always, _NO_TLS, "smtpd")
    yield guesser("192.0.2.{}", _GUESSED, always, _TLS_1_2, "submission/smtpd")
    yield guesser("198.51.100.{}", _ADDRESSES, spray, _TLS_1_3, "submission/smtpd")
    yield guesser("203.0.113.{}", (TAKEN_OVER,), run, _TLS_1_2, "submission/smtpd")
    yield _Client(TAKEN_OVER, (TAKEN_OVER,), "203.0.113.{}", flood, mechanism="LOGIN")


# scenes: what the findings, the breaks and the accounts have to tell, beside the account that is taken over

NEW_EMPLOYEE: Final = "nina@contoso.example"
"""Came this week."""
MIGRATED: Final = "scan-1st-floor@contoso.example"
"""A scanner that was replaced five weeks ago: TLS 1.0 before, 1.3 since."""
FELL_SILENT: Final = "meter@litware.test"
"""Sent each day, and nothing in the last eight."""
SPRAYED: Final = "paul@contoso.example"
"""The one whose password the spray of twelve days ago found."""
_SILENT_SINCE: Final = 8


def _this_week(day: date, ago: int) -> float:
    return _working_days(day, ago) if ago < 6 else 0.0


def _until_silent(_: date, ago: int) -> float:
    return float(ago > _SILENT_SINCE)


_FIRST_WEEK: Final = _Rhythm(4, _this_week, _OFFICE, recipients=(1, 3), size=(1_500, 60_000))
_READINGS: Final = _Rhythm(1, _until_silent, _NIGHT, steady=True)
_FEW_SCANS: Final = _Rhythm(1, _working_days, _OFFICE, size=(80_000, 900_000))
_FOUND: Final = _Rhythm(4, _days_ago(12), "000000000000000100000000", steady=True, size=(1_000, 2_000))
_SCENES: Final = (
    _Client(NEW_EMPLOYEE, (NEW_EMPLOYEE,), "10.20.4.40", _FIRST_WEEK, "pc-nina.lan.contoso.example", _TLS_1_3),
    _service(MIGRATED, "10.20.8.10", _FEW_SCANS, (*_TLS_1_0, (35, "TLSv1.3")), "LOGIN"),
    _service(FELL_SILENT, "10.20.9.40", _READINGS, _TLS_1_2),
    # in the hour after the spray, from where it came
    _Client(SPRAYED, (SPRAYED,), "198.51.100.{}", _FOUND, tls=_TLS_1_3, mechanism="LOGIN"),
)


# what: sessions, and the lines that Postfix writes of them


class _Visit(NamedTuple):
    """A client comes."""

    start: float
    """UTC seconds."""
    client: _Client
    version: str
    """Of TLS; empty for none."""


def _visits(day: date, ago: int, zone: ZoneInfo, clients: Iterable[_Client], dice: _Dice) -> list[_Visit]:
    """All visits of a day, in order."""
    found = []
    for client in clients:
        rhythm = client.rhythm
        liveliness = 1.0 if rhythm.steady else 0.4 + 1.2 * dice.random()
        for _ in range(int(rhythm.sessions * rhythm.days(day, ago) * liveliness + dice.random())):
            hour = datetime(day.year, day.month, day.day, dice.pick(_hours(rhythm.hours)), tzinfo=zone)
            found.append(_Visit(hour.timestamp() + 3600 * dice.random(), client, client.version(ago)))
    return sorted(found, key=lambda visit: visit.start)


def _sessions(
    today: date, zone: ZoneInfo, clients: Iterable[_Client], first: int, dice: _Dice
) -> Iterator[list[tuple[float, str]]]:
    """The sessions of some clients, by their beginnings; their processes are numbered from *first* on."""
    days = ((today - timedelta(ago), ago) for ago in range(DAYS - 1, -1, -1))
    visits = (visit for day, ago in days for visit in _visits(day, ago, zone, clients, dice))
    return (_session(visit, first + 3 * number, dice) for number, visit in enumerate(visits))


def _session(visit: _Visit, pid: int, dice: _Dice) -> list[tuple[float, str]]:
    """The lines of a session, each with its time as UTC seconds."""
    moment, client, version = visit
    rhythm, service = client.rhythm, f"postfix/{client.service}[{pid}]"
    peer = f"{client.name}[{client.address.format(dice.between((1, 254)))}]"
    lines = [(moment, f"{service}: connect from {peer}")]

    def say(after: float, text: str) -> None:
        nonlocal moment
        moment += after * (0.5 + dice.random())
        lines.append((moment, text))

    if version:
        say(0.06, f"{service}: {_tls(peer, version)}")
    amount, failed = dice.between(rhythm.messages), 0
    if dice.random() < client.failing:
        failed = 1 if client.senders else amount
        for _ in range(failed):
            say(2.5, f"{service}: {_refused(peer, client.mechanism, dice.pick(client.tries))}")
    sent, recipients = amount if client.senders else 0, 0
    for _ in range(sent):
        queue_id = f"{int(moment % 1 * 1_000_000):05X}{dice.between((0x100000, 0x4FFFFF)):X}"
        to = dice.between(rhythm.recipients)
        recipients += to
        say(0.5 if amount == 1 else 4.0, f"{service}: {_login(queue_id, peer, client)}")
        say(0.04, f"postfix/cleanup[{pid + 1}]: {_message_id(queue_id, moment)}")
        say(0.05, f"postfix/qmgr[814]: {_queued(queue_id, dice.pick(client.senders), dice.between(rhythm.size), to)}")
        say(0.9, f"postfix/qmgr[814]: {queue_id}: removed")
    say(0.05, f"{service}: {_disconnect(peer, visit, failed, sent, recipients)}")
    return lines


_CIPHERS: Final = {
    "TLSv1": "TLSv1 with cipher AES256-SHA (256/256 bits)",
    "TLSv1.1": "TLSv1.1 with cipher ECDHE-RSA-AES256-SHA (256/256 bits)",
    "TLSv1.2": "TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)",
    "TLSv1.3": "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 "
    "server-signature RSA-PSS (2048 bits) server-digest SHA256",
}


def _tls(peer: str, version: str) -> str:
    return f"Anonymous TLS connection established from {peer}: {_CIPHERS[version]}"


def _refused(peer: str, mechanism: str, tried: str) -> str:
    return f"warning: {peer}: SASL {mechanism} authentication failed: (reason unavailable), sasl_username={tried}"


def _login(queue_id: str, peer: str, client: _Client) -> str:
    return f"{queue_id}: client={peer}, sasl_method={client.mechanism}, sasl_username={client.login}"


def _message_id(queue_id: str, moment: float) -> str:
    return f"{queue_id}: message-id=<{int(moment)}.{queue_id}@{_HOST}>"


def _queued(queue_id: str, sender: str, size: int, recipients: int) -> str:
    return f"{queue_id}: from=<{sender}>, size={size}, nrcpt={recipients} (queue active)"


def _disconnect(peer: str, visit: _Visit, failed: int, sent: int, recipients: int) -> str:
    """The counts of the client's commands, ``done/all`` where some were refused."""
    starttls = bool(visit.version) and visit.client.service != "smtps/smtpd"
    accepted = int(sent > 0)
    greetings = 2 if starttls else 1
    counts = [f"ehlo={greetings}"]
    if starttls:
        counts.append("starttls=1")
    counts.append(f"auth={accepted}/{accepted + failed}" if failed else "auth=1")
    if sent:
        counts.append(f"mail={sent} rcpt={recipients} data={sent}")
    done = greetings + starttls + accepted + 2 * sent + recipients + 1
    counts.append(f"quit=1 commands={done}/{done + failed}" if failed else f"quit=1 commands={done}")
    return f"disconnect from {peer} {' '.join(counts)}"


def _in_order(sessions: Iterable[list[tuple[float, str]]]) -> Iterator[tuple[float, str]]:
    """The lines of sessions that overlap, as they follow one another; the sessions come by their beginnings."""
    waiting: list[tuple[float, str]] = []
    for session in sessions:
        while waiting and waiting[0] < session[0]:
            yield heappop(waiting)
        for line in session:
            heappush(waiting, line)
    while waiting:
        yield heappop(waiting)
