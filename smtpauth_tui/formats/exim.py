"""Exim: the line of a message's arrival says all but its recipients, which its deliveries tell.

Exim writes a main log of its own, and a reject log that repeats what was refused; or the same lines go to syslog, with
Exim's stamp behind syslog's, long lines in pieces, and refusals twice.
"""

import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from smtpauth_tui.formats.facts import LogReader, State
from smtpauth_tui.formats.region import BEHIND_PROGRAM, Region, Skimmed
from smtpauth_tui.formats.stamps import LocalClock, iso_utc, quarters_off
from smtpauth_tui.model import AuthFailure, LogLine, Submission, TlsVersion

INSTANCE: Final = "exim"
OWN_LOG: Final = "exim.log"
"""The program of lines that Exim wrote itself: there are no copies among them, as there are in syslog."""
PROGRAM: Final = re.compile(r"exim\d?(?:[-_]\w+)*|exim\.log")

_QUOTED: Final = r'"(?:[^"\\]|\\.)*+"'
_ADDRESS: Final = rf'(?:{_QUOTED}|[^\s"<>])++'

# 2026-03-04 23:06:28.739 -0600 [84] 1vaRwG-00001M-0x <= ...                (+millisec, log_timezone, +pid)
STAMP: Final = re.compile(
    r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:[.,]\d{1,6})?(?: ([+-]\d{4}|Z))? (?:\[(\d{1,10})\] )?(.*)", re.DOTALL
)
PID: Final = re.compile(r"\[(\d{1,10})\] ")
# [1/2] 2026-11-16 06:50:31 1xSpby-00001R-1u <= ...      (syslog: pieces; [1\18]: the line ends here, headers follow)
PIECE: Final = re.compile(r"\[(\d{1,4})([/\\])(\d{1,4})\] (.*)", re.DOTALL)
# 1xSpby-00001R-1u <= ...          1xTnOG-0000000008t-1Zs4 => ...           (from 4.97 on)
_ID: Final = r"[0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})"
MESSAGE: Final = re.compile(rf"({_ID}) (<=|[=*-]>|>>|\*\*|==|Completed)(?: (.*))?$", re.DOTALL)
SENDER: Final = re.compile(rf'(<>|(?:{_QUOTED}|[^\s"])++) ')
# (R=1xSpby-00001U-29 )(DS )H=alarm.lan.globex.example ([192.168.2.55]) [127.125.29.204]:44951 I=[127.0.0.1]:25 U=ident
_IP: Final = r"\[([0-9a-fA-F.:%\w]+)\](?::\d{1,5})?(?: I=\[[^\]\s]*\]:\d{1,5})?(?: TFO\*?)?"
_HOST: Final = rf"(?:([^\s()\[\]]+) )?(?:\([^\s()]*\) )?{_IP}"
HOST: Final = re.compile(rf"(?:R=\S+ )?(?:DS )?H={_HOST}(?: U=(.*))?$", re.DOTALL)
HOST_BEHIND: Final = re.compile(rf"\) {_IP}(?: U=\S*)?$")
#  P=esmtpsa X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=no A=plain_server:front desk S=1441 M8S=0 id=.. T="a \"b\"" ...
ARRIVAL: Final = re.compile(
    r" P=(?P<protocol>\S+)(?: L[*.]?-?)?(?: X=(?P<cipher>\S+))?(?: CV=\S+)?"
    rf"(?: DN=(?:{_QUOTED}|\S+))?(?: SNI=(?:{_QUOTED}|\S*))?"
    r"(?>(?: A=(?P<login>.*?))?(?: PRDR)?(?: PRX=\S+)?(?: K)? S=(?P<size>\d{1,15})(?![^ ]))"
    r'(?: (?![AHIPSUX]=)[A-Z][0-9A-Za-z]*+(?:=[^\s"]+)?(?![^ ]))*+'
    rf'(?: id\*?=(?:{_QUOTED}@)?[^\s"]+)?(?: T={_QUOTED})?'
    rf"(?: from <(?:{_ADDRESS})?>)?(?: for (?P<recipients>{_ADDRESS}(?: {_ADDRESS})*+))?$",
    re.DOTALL,
)
RECIPIENT: Final = re.compile(_ADDRESS)
ANY_PLACE: Final = re.compile(rf'(?:{_QUOTED}|[^\s"]+)@[^\s"]*|[^\s="]+', re.DOTALL)
SIZE: Final = re.compile(r"(?: PRDR)?(?: PRX=\S+)?(?: K)? S=(\d{1,15})(?![^ ])")
CIPHER: Final = re.compile(r"(TLS|SSL)[v-]?(\d(?:\.\d)?)(?![\d.])")
# plain_server authenticator failed for h ([192.168.8.29]) [127.43.169.112]:37013 I=[127.0.0.1]:465: 535 ... (set_id=x)
FAILED: Final = re.compile(rf"(\S+) authenticator failed for (?:H=)?{_HOST}(?: U=.*?)?: (\d{{3}}) (.*)", re.DOTALL)
# the same with a HELO name of any text                                            (helo_accept_junk_hosts)
FAILED_AFTER_JUNK: Final = re.compile(
    rf"(\S+) authenticator failed for (?:H=)?([^\s()\[\]]+ )?\(.*?\) {_IP}(?: U=.{{0,600}}?)?: (\d{{3}}) (.*)",
    re.DOTALL,
)
# => odd 6 <"odd 6"@remote.example> F=<fax@globex.example> R=all T=null S=0
DELIVERED: Final = re.compile(r"(.*?)(?= (?:[FP]=<|[RTH]=)|: |$)", re.DOTALL)
OCTAL: Final = re.compile(r"(?:\\[23][0-7]{2})+")
# 1xSpby-00001R-1u ...     SMTP connection from [192.0.2.7] ...     cwd=/var/spool/exim 4 args: ...       (+arguments)
KNOWN: Final = re.compile(
    rf"{_ID} |\S+ authenticator failed for |exim \d|cwd=|H=|SMTP |rejected |refused |Connection from "
    r"|no host name found |no MAIL in |TLS (?:error|session|client) |unexpected disconnection "
    r"|(?:Start|End) '?queue |SIG[A-Z]+ received|(?:host|remote host|lookup|DNS|DKIM|Warning|daemon)[ :]"
)
DUMPED: Final = re.compile(r"Envelope-(?:from|to): |[\w*] [\w-]+:|  |\t")

_PASSED: Final = rb"exim[\w-]*(?:\[\d+\])?:"
_FAILED_SIGN: Final = b" authenticator failed for "
_ID_BYTES: Final = _ID.encode()
_STAMP_BYTES: Final = rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?: (?:[+-]\d{4}|Z))? "
# what the reader makes something of, behind the stamp of Exim's own log, and behind the program's name in syslog
_OWN_TELLING: Final = rb"(?:\[\d+\] )?(?P<id>" + _ID_BYTES + rb") (?:(?P<login><= .* A=)|[=*-]>|>>|\*\*|==|Completed)"
_TELLING: Final = (
    rb"exim[\w-]*"
    + BEHIND_PROGRAM
    + rb"(?:(?:"
    + _STAMP_BYTES
    + rb")?"
    + _OWN_TELLING
    + rb"|\[\d+[/\\]\d+\] (?:"
    + _STAMP_BYTES
    + rb")?(?:\[\d+\] )?(?:(?P<cut>"
    + _ID_BYTES
    + rb") <=)?)"
)

VERSIONS: Final = {
    ("SSL", "2"): TlsVersion.SSL3,
    ("SSL", "3"): TlsVersion.SSL3,
    ("SSL", "3.0"): TlsVersion.SSL3,
    ("TLS", "1"): TlsVersion.V1_0,
    ("TLS", "1.0"): TlsVersion.V1_0,
    ("TLS", "1.1"): TlsVersion.V1_1,
    ("TLS", "1.2"): TlsVersion.V1_2,
    ("TLS", "1.3"): TlsVersion.V1_3,
}
WITHOUT_TLS: Final = re.compile(r"(?:utf8)?(?:local-)?[ael]?(?:smtp|mtp)a?")
CANCELLED: Final = "501 Authentication cancelled"
MECHANISMS: Final = (
    ("xoauth2", "XOAUTH2"),
    ("oauthbearer", "OAUTHBEARER"),
    ("oauth", "XOAUTH2"),
    ("scram", "SCRAM-SHA-256"),
    ("cram", "CRAM-MD5"),
    ("digest", "DIGEST-MD5"),
    ("ntlm", "NTLM"),
    ("spa", "NTLM"),
    ("gssapi", "GSSAPI"),
    ("external", "EXTERNAL"),
    ("plain", "PLAIN"),
    ("login", "LOGIN"),
)
"""Words in the names that admins give to authenticators."""

_BEFORE_ITS_ID: Final = 60
_SLOW: Final = 420
"""Seconds that the reception of a message may take: its id is made when the reception begins."""
_FARTHEST_ZONES: Final = 26 * 3600
_END_OF_TIME: Final = 1 << 36
_PENDING_FOR: Final = 5 * 86_400
_MOST_PENDING: Final = 50_000
_MOST_RECIPIENTS: Final = 1_000
_MOST_PLACES: Final = 16
_MOST_PIECES: Final = 1_000
_LONGEST: Final = 65_536
_LONGEST_FAILURE: Final = 8_192
_LATE: Final = 5
_MOST_COUNTED: Final = 10_000
_DIGITS: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE_62: Final = {c: i for i, c in enumerate(_DIGITS.decode())}


def message_id_time(message_id: str) -> int:
    """UTC seconds in a message id: its first six characters, in base 62."""
    seconds = _seconds_of(message_id[:4]) * 62 + _BASE_62[message_id[4]]
    return seconds * 62 + _BASE_62[message_id[5]]


@lru_cache(maxsize=1024)
def _seconds_of(begin: str) -> int:
    """What digits in base 62 stand for."""
    seconds = 0
    for character in begin:
        seconds = seconds * 62 + _BASE_62[character]
    return seconds


def _id_begin(time: int) -> bytes:
    """What the ids of messages begin with that arrive at a time in UTC seconds."""
    digits = b""
    for _ in range(6):
        time, digit = divmod(time, 62)
        digits = _DIGITS[digit : digit + 1] + digits
    return digits


def moment_of(stamp: int, message_id: str) -> int:
    """UTC seconds of a message's arrival: its *stamp*, put right where its id shows that its zone is wrong."""
    return stamp - quarters_off(stamp, message_id_time(message_id), _BEFORE_ITS_ID, _SLOW)


@lru_cache(maxsize=4096)
def _minute_in_utc(day: str, minute: str) -> int:
    return iso_utc(f"{day}T{minute}:00+00:00")


def _seconds(day: str, clock: str, zone: str) -> int:
    """UTC seconds of a stamp with a zone; ValueError where it cannot be."""
    second = int(clock[6:])
    if second > 60:
        raise ValueError(f"no such second: {clock}")
    ahead = 0 if zone in ("", "Z") else int(zone[:3]) * 3600 + int(zone[0] + zone[3:]) * 60
    return _minute_in_utc(day, clock[:5]) + second - ahead


class EximLines:
    """Splits the lines of Exim's main log and reject log."""

    program = OWN_LOG
    stamp = rb"(\d{4}-\d\d-\d\d \d\d:\d\d):([0-5]\d)(?:[.,]\d{1,6})?((?: [+-]\d{4}| Z)?)"

    def __init__(self, zone: ZoneInfo, host: str) -> None:
        self.zoneless = 0
        self._clock = LocalClock(zone)
        self._host = host
        self._last: LogLine | None = None

    def __call__(self, line: str) -> LogLine | None:
        """The line's parts; None for any other line. ValueError: a stamp that cannot be."""
        found = STAMP.match(line)
        if not found:
            return self._dumped(line)
        day, clock, zone, pid, text = found.groups()
        if not KNOWN.match(text):
            return None
        if zone:
            time = _seconds(day, clock, zone)
        else:
            self.zoneless += 1
            arrival = MESSAGE.match(text) if " <= " in text[16:27] else None
            time = self._clock.utc(day, clock, message_id_time(arrival[1]) if arrival else None)
        if time < 0:
            raise ValueError(f"no time of a log: {time}")
        self._last = tuple.__new__(LogLine, (time, self._host, OWN_LOG, pid or "", text))
        return self._last

    def minute(self, minute: bytes, zone: bytes) -> int:
        """UTC seconds of the beginning of a minute; ValueError for none."""
        if zone:
            return iso_utc(f"{minute.decode()}:00{zone.decode().strip()}")
        return int(datetime.fromisoformat(minute.decode()).replace(tzinfo=self._clock.zone).timestamp())

    def state(self) -> list[object]:
        """The last line, whose headers may follow; `restore` takes it."""
        return [self._last]

    def restore(self, state: list[Any]) -> None:
        """Go on in the middle of a file."""
        self._last = state[0] and LogLine(*state[0])

    def _dumped(self, line: str) -> LogLine | None:
        """A line of the envelope and headers that follow a refusal in the reject log: a line without words."""
        return self._last._replace(text="") if self._last and DUMPED.match(line) else None


@dataclass(slots=True)
class _Message:
    """A message from its arrival until its deliveries are completed."""

    arrival: Submission
    recipients: set[str] = field(default_factory=set)
    told: int = 0
    """The recipients with which it was handed out; 0: not yet."""

    def news(self) -> list[Submission]:
        """The message with the recipients that are known, if they are more than it was handed out with."""
        known = max(self.arrival.recipients, len(self.recipients), 1)
        if known == self.told:
            return []
        self.told = known
        return [self.arrival._replace(recipients=known)]


class _Copies:
    """Tells the copies among lines of syslog: with ``syslog_duplication`` a refusal is written for both logs.

    Equal lines of a process within a second are pairs then. Where most of them are not in pairs, there are no copies.
    """

    def __init__(self, state: State = None) -> None:
        self._pairs: int
        self._singles: int
        self._pairs, self._singles, counted = state or (0, 0, ())
        self._counts: dict[tuple[int, str, str, str], int] = {tuple(key): number for key, number in counted}
        self._at_border: set[tuple[int, str, str, str]] = set()

    def has(self, line: LogLine, *, at_border: bool) -> bool:
        """Whether the line is a copy of the one before it. *at_border*: that one may be in an earlier log."""
        self._settle(line.time - _LATE)
        digest = hashlib.sha256(line.text.encode(errors="backslashreplace")).hexdigest()[:16]
        key = (line.time, line.host, line.pid, digest)
        number = self._counts[key] = self._counts.get(key, 0) + 1
        if at_border:
            self._at_border.add(key)
        return number % 2 == 0 and self._pairs >= self._singles

    def _settle(self, before: int) -> None:
        """Count those of past seconds; lines of an older log may have come since."""
        while self._counts:
            key = next(iter(self._counts))
            if before <= key[0] <= before + 2 * _LATE and len(self._counts) < _MOST_COUNTED:
                return
            single = self._counts.pop(key) % 2
            self._singles += single and key not in self._at_border
            self._pairs += not single
            self._at_border.discard(key)
            if self._pairs + self._singles > 1000:
                self._pairs //= 2
                self._singles //= 2

    def state(self) -> State:
        """What was seen; `_Copies` takes it again."""
        return [self._pairs, self._singles, list(self._counts.items())]


class EximReader(LogReader):
    """Takes the lines of one stream of logs in order; finds submissions and authentication failures."""

    def __init__(self, state: State = None) -> None:
        super().__init__(state)
        self._pending: OrderedDict[tuple[str, str], _Message] = OrderedDict()
        self._pieces: OrderedDict[tuple[str, str], tuple[int, LogLine]] = OrderedDict()
        self._line = LogLine(0, "", "", "", "")
        """The line that is read, as it was taken."""
        self._others: set[tuple[str, str]] = set()
        """Messages without a login that came where the log had just begun."""
        state = state or {}
        self._copies = _Copies(state.get("copies"))
        for fields, recipients, told in state.get("pending", ()):
            values = dict(zip(Submission._fields, fields, strict=True))
            arrival = Submission(**{**values, "tls": TlsVersion(values["tls"])})
            self._pending[arrival.host, arrival.queue_id] = _Message(arrival, set(recipients), told)
        for place, line in state.get("pieces", ()):
            self._pieces[line[1], line[3]] = (place, LogLine(*line))

    def take(self, line: LogLine) -> None:
        """Read one line of Exim's, from its own log or from syslog."""
        self.used += bool(line.text)
        self._note_time(line)
        self._line = line
        if line.program == OWN_LOG:
            self._read(line, copied=False)
            return
        whole = self._joined(line)
        if whole:
            self._read(_with_own_stamp(whole), copied=True)

    def skim(self, region: Region) -> Skimmed | None:
        """The arrivals with a login, what is told of these and of older messages later, failures, lines in pieces."""
        wanted = {message_id.encode(errors="replace") for _, message_id in self._pending}
        wanted.update(
            _with_own_stamp(line).text.partition(" ")[0].encode(errors="replace") for _, line in self._pieces.values()
        )
        begun = b"" if self._goes_on else _id_begin(self._begun)
        lines = set()
        for found in region.lines_with(_OWN_TELLING if region.writer else _TELLING):
            message_id = found["id"]
            if found["login"]:
                wanted.add(message_id)
            elif not region.writer and found["cut"]:
                wanted.add(found["cut"])
            elif message_id is not None and message_id not in wanted and message_id[:6] >= begun:
                continue
            lines.add(found.end("line"))
        return Skimmed(_PASSED, lines | region.lines_of(_FAILED_SIGN))

    def pause(self) -> None:
        """The log ends for now: hand out what was accepted, with the recipients that are known."""
        for message in self._pending.values():
            self.facts.submissions += message.news()
        self.facts.incomplete += len(self._pieces)

    def state(self) -> dict[str, State]:
        """Messages whose deliveries are not completed, pieces of lines, and the last failures."""
        return {
            **super().state(),
            "copies": self._copies.state(),
            "pending": [
                [_fields(message.arrival), sorted(message.recipients), message.told]
                for message in self._pending.values()
                if message.arrival.time > self._newest - _PENDING_FOR
            ],
            "pieces": [[place, list(line)] for place, line in self._pieces.values()],
        }

    def _joined(self, line: LogLine) -> LogLine | None:
        """The line, put together where syslog has it in pieces; None while pieces or only a refusal's headers come."""
        found = PIECE.match(line.text) if line.text.startswith("[") else None
        if not found or int(found[1]) > int(found[3]):
            return line
        number, end, count, text = int(found[1]), found[2], int(found[3]), found[4]
        process = (line.host, line.pid)
        before, whole = self._pieces.pop(process, (0, None))
        if number == 1:
            whole = line._replace(text=text)
        elif whole is None and self._just_begun(line):
            self._orphan(line)  # the first piece may stand in an earlier log
            return None
        elif whole is None or before != number - 1 or len(whole.text) + len(text) > _LONGEST:
            return None
        else:
            whole = whole._replace(text=whole.text + text)
        if end == "\\" or number == count:
            return whole
        self._pieces[process] = (number, whole)
        if len(self._pieces) > _MOST_PIECES:
            self._pieces.popitem(last=False)
        return None

    def _read(self, line: LogLine, *, copied: bool) -> None:
        found = MESSAGE.match(line.text)
        if found:
            if found[2] == "<=":
                self._arrived(line, found[1], f"{found[3] or ''} ")
            else:
                self._delivered(line, found[1], found[2], found[3] or "")
        elif " authenticator failed for " in line.text[:200]:
            self._failed(line, copied=copied)

    def _arrived(self, line: LogLine, message_id: str, text: str) -> None:
        sender = SENDER.match(text)
        if not sender:
            self.facts.misread(line)
            return
        rest = text[sender.end() - 1 : -1]
        if " A=" not in rest:
            if self._just_begun(line):
                self._others.add((line.host, message_id))
            return
        found = _arrival(rest)
        if found is None:
            self.facts.misread(line)
            return
        if found.login is None:
            return
        address = "" if sender[1] == "<>" else readable(sender[1])
        authenticator, _, login = found.login.partition(":")
        arrival = Submission(
            time=moment_of(line.time, message_id),
            host=line.host,
            instance=INSTANCE,
            queue_id=message_id,
            account=account_of(login) or address or "<>",
            sender=address,
            client=found.client,
            client_name=found.client_name,
            tls=tls_of(found.protocol, found.cipher),
            mechanism=mechanism_of(authenticator),
            recipients=found.recipients,
            size=found.size,
        )
        message = _Message(arrival)
        self._pending.pop((line.host, message_id), None)
        if arrival.recipients:
            self.facts.submissions += message.news()
            return
        self._pending[line.host, message_id] = message
        if len(self._pending) > _MOST_PENDING:
            self.facts.submissions += self._pending.popitem(last=False)[1].news()

    def _delivered(self, line: LogLine, message_id: str, how: str, text: str) -> None:
        key = (line.host, message_id)
        message = self._pending.get(key)
        if not message:
            self._keep(line, key, ended=how == "Completed")
            return
        if how == "Completed":
            del self._pending[key]
            self.facts.submissions += message.news()
        elif len(message.recipients) < _MOST_RECIPIENTS and (found := DELIVERED.match(text[:1000])):
            first, opened, original = found[1].rpartition(" <")
            address = original[:-1] if opened and original.endswith(">") else found[1]
            message.recipients.add((address if first else found[1]).casefold())

    def _keep(self, line: LogLine, key: tuple[str, str], *, ended: bool) -> None:
        """Keep what became of a message that arrived in an earlier log."""
        if key in self._others:
            self._others.difference_update({key} if ended else ())
        elif self._just_begun(line) or message_id_time(key[1]) < self._begun:
            self._orphan(self._line)

    def _failed(self, line: LogLine, *, copied: bool) -> None:
        found = FAILED.match(line.text) or FAILED_AFTER_JUNK.match(line.text[:_LONGEST_FAILURE])
        if not found:
            self.facts.misread(line)
            return
        authenticator, name, client, code, reason = found.groups()
        at_border = self._at_border(self._line)
        if at_border:
            self._orphan(self._line)
        if f"{code} {reason}" == CANCELLED or (copied and self._copies.has(line, at_border=at_border)):
            return
        tried = _tried(reason)
        mechanism = mechanism_of(authenticator)
        ordinal = self._repeats.number(line.time, line.host, INSTANCE, client, mechanism, tried)
        self.facts.failures.append(
            AuthFailure(line.time, line.host, INSTANCE, tried, client, (name or "unknown").strip(), mechanism, ordinal)
        )


class _Arrival(NamedTuple):
    """What follows the sender in a line of arrival."""

    client: str
    client_name: str
    protocol: str
    cipher: str
    login: str | None
    """Authenticator and login, ``plain_server:ana``; None: it was not authenticated."""
    size: int
    recipients: int
    """0: not logged."""


def _arrival(text: str) -> _Arrival | None:
    """The fields of an arrival; None where they cannot be told.

    What the client says may look like fields: ident answer, HELO name, Message-ID, subject. The fields begin at the
    first `` P=`` from which the rest of the line has the form that Exim gives it; none of those texts can make up an
    earlier one, since Exim closes its quotes behind it. Where fields follow that are not known here, the first one.
    """
    places: list[int] = []
    place = text.find(" P=")
    while place >= 0 and len(places) < _MOST_PLACES:
        places.append(place)
        place = text.find(" P=", place + 3)
    for place in places:
        found = ARRIVAL.match(text, place)
        if not found:
            continue
        protocol, cipher, login, size, named = found.groups()
        recipients = RECIPIENT.findall(named) if named else []
        ours = not _reaches_on(text[:place], login or "")
        if ours and all(ANY_PLACE.fullmatch(one) for one in recipients):
            name, client = _host(text[1:place])
            return _Arrival(client, name, protocol, cipher or "", login, int(size), len(recipients))
    return _loose_arrival(text, places[0]) if 0 < len(places) < _MOST_PLACES else None


def _reaches_on(head: str, login: str) -> bool:
    """Whether a login is one that HELO name or ident answer made up, with the true fields behind it."""
    return " P=" in login and (")" in login or " U=" in head)


def _loose_arrival(text: str, place: int) -> _Arrival | None:
    """The fields up to the size, where what follows it is not known."""
    fields = text[place:]
    size = SIZE.search(fields)
    if not size:
        return None
    protocol, *others = fields[1 : size.start()].partition(" A=")[0].split(" ")
    _, authenticated, login = fields[: size.start()].partition(" A=")
    cipher = next((each[2:] for each in others if each.startswith("X=")), "")
    if _reaches_on(text[:place], login):
        return None
    name, client = _host(text[1:place])
    return _Arrival(client, name, protocol[2:], cipher, login if authenticated else None, int(size[1]), 0)


def _host(text: str) -> tuple[str, str]:
    """The client's name and address in what stands before the protocol; a message of this host has none."""
    found = HOST.match(text)
    if found and ") [" not in (found[3] or ""):
        return found[1] or "unknown", found[2]
    behind = HOST_BEHIND.search(text, max(0, text.rfind(") [")))
    return "unknown", behind[1] if behind else ""


def _with_own_stamp(line: LogLine) -> LogLine:
    """The line without Exim's own stamp, at the second of that stamp and in the zone of syslog's.

    Both logs and each copy in syslog have Exim's stamp, so they agree to the second.
    """
    found = STAMP.match(line.text)
    if not found:
        bare = PID.match(line.text)
        return line._replace(text=line.text[bare.end() :]) if bare else line
    day, clock, zone, _, text = found.groups()
    try:
        own = _seconds(day, clock, zone or "")
    except ValueError:
        return line._replace(text=text)
    ahead = 0 if zone else round((own - line.time) / 900) * 900
    plausible = abs(ahead) <= _FARTHEST_ZONES and 0 <= own - ahead < _END_OF_TIME
    return line._replace(time=own - ahead if plausible else line.time, text=text)


def account_of(login: str) -> str:
    """The login, without the address that ``+smtp_mailauth`` appends behind a colon (MAIL FROM's AUTH=)."""
    name, colon, rest = login.partition(":")
    return readable(name if colon and name and ("@" in rest or rest in ("", "<>")) else login)


def readable(text: str) -> str:
    r"""The text with ``\303\251`` as what it stands for in UTF-8; anything else as it is."""

    def character(found: re.Match[str]) -> str:
        octets = bytes(int(octal, 8) for octal in found[0].split("\\")[1:])
        try:
            return octets.decode()
        except UnicodeDecodeError:
            return found[0]

    return OCTAL.sub(character, text) if "\\" in text else text


@lru_cache(maxsize=1024)
def tls_of(protocol: str, cipher: str) -> TlsVersion:
    """The version that ``X=`` names; without it, only a protocol without TLS says *none*."""
    if cipher:
        found = CIPHER.match(cipher)
        return VERSIONS.get((found[1], found[2]), TlsVersion.UNKNOWN) if found else TlsVersion.UNKNOWN
    return TlsVersion.NONE if WITHOUT_TLS.fullmatch(protocol) else TlsVersion.UNKNOWN


@lru_cache(maxsize=1024)
def mechanism_of(authenticator: str) -> str:
    """The SASL mechanism that an authenticator's name speaks of; else that name."""
    name = authenticator.casefold()
    return next((mechanism for word, mechanism in MECHANISMS if word in name), authenticator)


def _tried(reason: str) -> str | None:
    """The name tried: ``Incorrect authentication data (set_id=ben)``, ``Unable to ... (set_id=ben): reason``."""
    before, opened, name = reason.partition(" (set_id=")
    if not opened:
        return None
    if before != "Incorrect authentication data":
        name = name.partition("): ")[0]
    return readable(name.removesuffix(")"))


def _fields(one: Submission) -> list[object]:
    return [getattr(one, name) for name in Submission._fields]


class Exim:
    """The format: which lines are Exim's, and who reads them."""

    name = "exim"
    title = "Exim"
    hint = " P=esmtp"
    example = (
        "Nov 16 06:50:31 mail exim[89]: 2026-11-16 06:50:31 1xSpby-00001R-1u <= ben@fabrikam.example H=(pc) "
        "[192.0.2.7] P=esmtpsa X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 A=plain_server:ben S=2712"
    )

    @staticmethod
    def recognises(program: str) -> bool:
        """Whether a program of this name is Exim: ``exim``, ``exim4``, or its own log."""
        return PROGRAM.fullmatch(program) is not None

    @staticmethod
    def id_time(text: str) -> int | None:
        """UTC seconds that a line's message id carries, or its own stamp as if in UTC; None where it has neither."""
        stamp = STAMP.match(text)
        found = MESSAGE.match(stamp[5] if stamp else text)
        if found and found[2] == "<=":
            return message_id_time(found[1])
        if stamp:
            try:
                seconds = max(0, _seconds(stamp[1], stamp[2], stamp[3] or ""))
                return seconds if seconds < _END_OF_TIME else None
            except ValueError:
                pass
        return None

    @staticmethod
    def own_lines(zone: ZoneInfo, host: str) -> EximLines:
        """What splits the lines of a main log or reject log."""
        return EximLines(zone, host)

    @staticmethod
    def reader(state: State = None) -> EximReader:
        """A reader for one stream of logs."""
        return EximReader(state)


EXIM: Final = Exim()
