"""Sendmail: joins the login and the TLS version of a connection with the messages that its process took.

A process serves one connection. Its ``STARTTLS=server`` and ``AUTH=server`` lines hold for the messages that it logs
with ``from=``; what became of a message, its ``to=`` lines say.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.formats.facts import JUST_BEGUN, LogReader, State
from smtpauth_tui.formats.region import BEHIND_PROGRAM, Region, Skimmed
from smtpauth_tui.formats.stamps import quarters_off
from smtpauth_tui.formats.tls_names import VERSIONS
from smtpauth_tui.model import AuthFailure, LogLine, Submission, TlsVersion

INSTANCE: Final = "sendmail"
PROGRAM: Final = re.compile(r"sendmail|mta|sm-[\w-]+")

_QUOTED: Final = r'"(?:[^"\\]|\\.)*+"'
_BRACKETED: Final = rf'<(?:{_QUOTED}|[^"<>])*+>'

# 6AB26JkO000240: from=<...>          NOQUEUE: connect from ...
ENTRY: Final = re.compile(r"(\w{5,32}): (.*)", re.DOTALL)
# what only Sendmail writes behind an id: short ids of Postfix may look like Sendmail's
DATED: Final = re.compile(r"(\w{14,16}): (?:from=.*, class=|AUTH failure \(|ruleset=)", re.DOTALL)
# STARTTLS=server, relay=h [192.0.2.7], version=TLSv1.2, verify=NO, cipher=ECDHE-RSA-AES256-GCM-SHA384, bits=256/256
STARTTLS: Final = re.compile(r"STARTTLS=server, relay=(.*), version=([^,\s]*), verify=[^,]*, cipher=", re.DOTALL)
# AUTH=server, relay=h [192.0.2.7], authid=front desk, mech=LOGIN, bits=0
AUTH: Final = re.compile(r"AUTH=server, relay=([^,]*), authid=(.*), mech=([^,\s]*), bits=-?\d+$", re.DOTALL)
# from=<"a, size=1"@b>, size=19830, class=0, (pri=30000, )nrcpts=2, msgid=<...>, proto=ESMTPSA, daemon=MTA, relay=...
FROM: Final = re.compile(
    rf"from=(?:{_BRACKETED}|(?:{_QUOTED}|[^\s,\"<>])*+), "
    r"size=(\d{1,15}), class=-?\d+, (?:pri=-?\d+, )?nrcpts=(\d{1,9})(?=, )",
    re.DOTALL,
)
# the same where a sender of more than 200 characters was cut
FROM_CUT: Final = re.compile(
    r"from=<.{199}, size=(\d{1,15}), class=-?\d+, (?:pri=-?\d+, )?nrcpts=(\d{1,9})(?=, )", re.DOTALL
)
PROTOCOL: Final = re.compile(r"[EL]?SMTP(S?)(A?)")
BEHIND_PROTOCOL: Final = frozenset({"daemon", "tls_verify", "auth"})
# to=<bob96@partner.test>,<"a, b"@c>, (ctladdr=<..> (0/0), )delay=00:00:00, xdelay=00:00:00, mailer=null, pri=35840, ...
_TO: Final = rf'(?:{_BRACKETED}|{_QUOTED}|[^"<, ]|,(?! ))*+'
TO: Final = re.compile(
    rf"to={_TO}(?:, ctladdr={_TO}(?: \(\d+/\d+\))?)?, delay=[\d:+]+(?:, xdelay=[\d:+]+)?(, mailer=)?", re.DOTALL
)
# ruleset=CheckSubject, arg1=..., relay=h [192.0.2.7], reject=550 5.7.1 content not wanted
# Milter: data, reject=550 5.7.1 ...      milter=spam, action=eom, reject=550 5.7.1 ...
REFUSED: Final = re.compile(
    r"(?:ruleset=(?!(?:check_(?:rcpt|mail|vrfy|expn|etrn|relay)|tls_\w+|try_tls|srv_\w+)\b)\w+, .*, (?:reject=|discard)"
    r"|[Mm]ilter(?: \([^)]*\)|=[^,]*)?[:,] (?:action=)?(?:data|eo[mhb]|body|header|end)\b.*, (?:reject=|discard)"
    r"|collect: premature EOM|lost input channel from )",
    re.DOTALL,
)
# AUTH failure (PLAIN): authentication failure (-13) SASL(-13): ...: checkpass failed, user=eva, relay=h [192.0.2.7]
FAILED: Final = re.compile(r"AUTH failure \(([^)\s]{0,64})\): (.*)", re.DOTALL)
# AUTH decode64 error [-5 for "not*base64!"], relay=[192.0.2.7]
MALFORMED: Final = "AUTH decode64 error "
# h [192.0.2.7] did not issue MAIL/EXPN/VRFY/ETRN during connection to MSP-v4
ISSUED_NOTHING: Final = "] did not issue MAIL/EXPN/VRFY/ETRN during connection to "
# host.example [192.0.2.7] (may be forged)       IDENT:x@host.example [192.0.2.7]       [IPv6:2001:db8::1]
RELAY: Final = re.compile(r"(?:([^\s@\[\]]+) )?\[(?:IPv6:)?([0-9a-fA-F.:%\w]+)\](?: \(may be forged\))?$")

_PROGRAM_BYTES: Final = rb"(?:sendmail|mta|sm-[\w-]+)"
_PASSED: Final = _PROGRAM_BYTES + rb"[\[:]"
# what the reader makes something of, or of what is told before or later
_TELLING: Final = (
    _PROGRAM_BYTES
    + BEHIND_PROGRAM
    + rb"(?:(?:STARTTLS|AUTH)=server, |(?P<id>[^\s:]+): (?:(?P<later>to=)|(?P<login>from=.*proto=[EL]?SMTPS?A)|AUTH |"
    + rb"connect from |ruleset=(?!(?:check_(?:rcpt|mail|vrfy|expn|etrn|relay)|tls_\w+|try_tls|srv_\w+)\b)|"
    + rb"[Mm]ilter.*(?:reject=|discard)|collect: premature EOM|lost input channel from ))"
)

_LONGEST_RELAY: Final = 400
_LONGEST_SENDER: Final = len("from=, size=") + 200
_SESSION_IDLE: Final = 86_400
_PENDING_FOR: Final = 86_400
_MOST_SESSIONS: Final = 50_000
_MOST_PENDING: Final = 50_000
_MOST_REFUSED: Final = 10_000
_BEFORE_ITS_ID: Final = 3
_AFTER_ITS_ID: Final = 10
"""Seconds between the opening of a connection's first envelope and the connection's first line."""
_BASE_60: Final = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx")}


def queue_id_time(queue_id: str) -> int | None:
    """UTC seconds in a queue id, of the moment in which the envelope was opened; None where it has none.

    Year since 1900 modulo 60, month from 0, day, hour, minute and second in base 60, two characters, the process id
    (since 8.12).
    """
    if len(queue_id) < 12 or not queue_id[8:].isdecimal():
        return None
    parts = [_BASE_60.get(character) for character in queue_id[:6]]
    if None in parts:
        return None
    year, month, *rest = (part or 0 for part in parts)
    day, hour, minute, second = rest
    try:
        moment = datetime(1960 + year if year >= 40 else 2020 + year, month + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp())


@dataclass(slots=True)
class _Session:
    """What a process said of its connection."""

    client: str
    began: int
    last: int
    tls: TlsVersion | None = None
    account: str | None = None
    mechanism: str = ""
    off: int = 0
    """Seconds by which its stamps are off, as the id of its first message shows."""
    messages: int = 0
    whole: bool = False
    """Whether what stands before its login was read: an earlier log may have its ``STARTTLS=server`` line."""


@dataclass(slots=True)
class _Message:
    """A message from its ``from=`` line on."""

    submission: Submission
    pid: str
    identified: bool
    """Its Message-ID was logged, so that it counts where nothing is said of its delivery."""
    refused: bool
    """It does not count unless a delivery is tried: a ruleset may also refuse a server that it was to go to."""
    told: bool = False
    """A pause handed it out; it waits on, since what follows may refuse it."""


_SESSION_FIELDS: Final = tuple(_Session.__slots__)
_SUBMISSION_FIELDS: Final = tuple(Submission._fields)


class SendmailReader(LogReader):
    """Takes the lines of one stream of logs in order; finds submissions and authentication failures."""

    def __init__(self, state: State = None) -> None:
        super().__init__(state)
        self._orphaned: set[tuple[str, str]] = set()
        self._sessions: OrderedDict[tuple[str, str], _Session] = OrderedDict()
        self._pending: OrderedDict[tuple[str, str], _Message] = OrderedDict()
        self._refused: OrderedDict[tuple[str, str], int] = OrderedDict()
        state = state or {}
        for host, pid, *fields in state.get("sessions", ()):
            session = self._sessions[host, pid] = _Session(*fields)
            session.tls = session.tls and TlsVersion(session.tls)
        for fields, *rest in state.get("pending", ()):
            values = dict(zip(_SUBMISSION_FIELDS, fields, strict=True))
            one = Submission(**{**values, "tls": TlsVersion(values["tls"])})
            self._pending[one.host, one.queue_id] = _Message(one, *rest)
        for host, queue_id, time in state.get("refused", ()):
            self._refused[host, queue_id] = time

    def take(self, line: LogLine) -> None:
        """Read one line of a program that the format owns."""
        self.used += 1
        self._note_time(line)
        text = line.text
        if text.startswith("STARTTLS=server, "):
            self._secured(line)
        elif text.startswith("AUTH=server, "):
            self._login(line)
        elif found := ENTRY.match(text):
            self._entry(line, found[1], found[2])

    def skim(self, region: Region) -> Skimmed | None:
        """What is told of connections, the messages with a login, what is told of these later, refusals, failures."""
        wanted = {queue_id.encode(errors="replace") for _, queue_id in (*self._pending, *self._orphaned)}
        lines = set()
        for found in region.lines_with(_TELLING):
            if found["login"]:
                wanted.add(found["id"])
            elif found["later"] and found["id"] not in wanted:
                continue
            lines.add(found.end("line"))
        return Skimmed(_PASSED, lines | region.lines_of(ISSUED_NOTHING.encode()))

    def pause(self) -> None:
        """The log ends for now: a message of which nothing more is known was accepted, unless it was refused."""
        for message in self._pending.values():
            if message.identified and not message.refused:
                self._accept(message)
            elif not message.refused and message.submission.size and message.submission.recipients:
                self.facts.incomplete += 1

    def state(self) -> dict[str, State]:
        """Connections, and messages that are not decided."""
        return {
            **super().state(),
            "sessions": [
                [*process, *(getattr(session, name) for name in _SESSION_FIELDS)]
                for process, session in self._sessions.items()
                if session.last > self._newest - _SESSION_IDLE
            ],
            "pending": [
                [
                    [getattr(message.submission, name) for name in _SUBMISSION_FIELDS],
                    message.pid,
                    message.identified,
                    message.refused,
                    message.told,
                ]
                for message in self._pending.values()
                if message.submission.time > self._newest - _PENDING_FOR
            ],
            "refused": [[*key, time] for key, time in self._refused.items() if time > self._newest - _PENDING_FOR],
        }

    # connections

    def _open(self, line: LogLine, client: str) -> _Session:
        process = (line.host, line.pid or client)
        self._sessions.pop(process, None)
        session = self._sessions[process] = _Session(client, line.time, line.time)
        session.whole = not self._just_begun(line) or not line.text.startswith("AUTH=")
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def _session(self, line: LogLine, pid: str, client: str) -> _Session | None:
        """The connection of a process, if it is the client's."""
        session = self._sessions.get((line.host, pid or client))
        if session is None or session.client != client or abs(line.time - session.last) > _SESSION_IDLE:
            return None
        session.last = line.time
        return session

    def _secured(self, line: LogLine) -> None:
        found = STARTTLS.match(line.text)
        if found:
            self._open(line, _client(found[1])[1]).tls = VERSIONS.get(found[2], TlsVersion.UNKNOWN)

    def _login(self, line: LogLine) -> None:
        found = AUTH.match(line.text)
        if not found:
            self.facts.misread(line)
            return
        client = _client(found[1])[1]
        session = self._session(line, line.pid, client)
        if session is None or session.account is not None:
            session = self._open(line, client)
        session.account, session.mechanism = found[2], found[3]
        if not session.whole:
            self._orphan(line)

    # messages

    def _entry(self, line: LogLine, queue_id: str, text: str) -> None:
        if text.startswith("from="):
            self._message(line, queue_id, text)
        elif text.startswith("to="):
            self._delivered(line, queue_id, text)
        elif text.startswith("AUTH failure "):
            self._failed(line, text)
        elif text.startswith(MALFORMED):
            name, client = self._relay(line, text.rpartition(", relay=")[2])
            self._failure(line, "", None, name, client)
        elif queue_id == "NOQUEUE":
            if text.startswith("connect from "):
                self._open(line, _client(text[13:])[1])
        elif REFUSED.match(text):
            self._refuse(line, (line.host, queue_id))
        elif ISSUED_NOTHING in text[:_LONGEST_RELAY]:
            self._sessions.pop((line.host, line.pid), None)

    def _refuse(self, line: LogLine, key: tuple[str, str]) -> None:
        message = self._pending.get(key)
        if message:
            message.refused = True
            if message.told:
                message.told = False
                self.facts.withdrawn.append(message.submission)
        self._keep_about(line, key, message)
        self._refused[key] = line.time
        if len(self._refused) > _MOST_REFUSED:
            self._refused.popitem(last=False)

    def _message(self, line: LogLine, queue_id: str, text: str) -> None:
        fields, _, relay = text.rpartition(", relay=")
        found = FROM.match(fields + ", ")
        if found is None or found.start(1) > _LONGEST_SENDER:
            found = FROM_CUT.match(fields + ", ") or found
        if not found:
            if ", proto=" in fields:
                self.facts.misread(line)
            return
        secured, authenticated = _protocol(fields[found.end() :])
        if not authenticated:
            return
        name, client = _client(relay)
        session = self._session(line, line.pid, client)
        if session is None and queue_id[8:].isdecimal():
            session = self._session(line, str(int(queue_id[8:][:10])), client)
        key = (line.host, queue_id)
        if session is None or session.account is None or not session.whole:
            self._keep(line, key, _SESSION_IDLE)
        self._accept_later(line, queue_id, text, found, session, (name, client, secured))

    def _accept_later(
        self,
        line: LogLine,
        queue_id: str,
        text: str,
        found: re.Match[str],
        session: _Session | None,
        about: tuple[str, str, bool],
    ) -> None:
        name, client, secured = about
        sender = text[5 : found.start(1) - len(", size=")]
        sender = sender[1:].removesuffix(">") if sender.startswith("<") else sender
        tls = (session and session.tls) or TlsVersion.UNKNOWN
        account = session.account if session and session.account is not None else sender or "<>"
        submission = Submission(
            time=_moment(line.time, queue_id, session),
            host=line.host,
            instance=INSTANCE,
            queue_id=queue_id,
            account=account,
            sender=sender,
            client=client,
            client_name=name,
            tls=tls if secured else TlsVersion.NONE,
            mechanism=session.mechanism if session else "",
            recipients=int(found[2]),
            size=int(found[1]),
        )
        key = (line.host, queue_id)
        identified = text.startswith(", msgid=", found.end()) and submission.recipients > 0
        self._pending[key] = _Message(submission, line.pid, identified, self._refused.pop(key, None) is not None)
        if len(self._pending) > _MOST_PENDING:
            oldest = self._pending.popitem(last=False)[1]
            if oldest.identified and not oldest.refused:
                self._accept(oldest)

    def _accept(self, message: _Message) -> None:
        if not message.told:
            message.told = True
            self.facts.submissions.append(message.submission)

    def _delivered(self, line: LogLine, queue_id: str, text: str) -> None:
        """A delivery was tried by a mailer: the message was accepted.

        Without a mailer, and by the process that took the message, it was refused.
        """
        key = (line.host, queue_id)
        message = self._pending.get(key)
        found = TO.match(text) if message else None
        self._keep_about(line, key, message)
        if message and found and (found[1] or line.pid == message.pid):
            del self._pending[key]
            if found[1]:
                self._accept(message)
            elif message.told:
                self.facts.withdrawn.append(message.submission)

    def _keep(self, line: LogLine, key: tuple[str, str], within: int = JUST_BEGUN) -> None:
        """Keep a line that an earlier log may complete, *within* so many seconds from the log's beginning."""
        if self._just_begun(line, within):
            self._orphan(line)
            self._orphaned.add(key)

    def _keep_about(self, line: LogLine, key: tuple[str, str], message: _Message | None) -> None:
        """Keep a line that says what became of a message, if an earlier log may have more of that."""
        if key in self._orphaned:
            self._orphan(line)
        elif message is None:
            self._keep(line, key)

    # failures

    def _failed(self, line: LogLine, text: str) -> None:
        found = FAILED.match(text)
        if not found:
            self.facts.misread(line)
            return
        mechanism, reason = found.groups()
        before, related, relay = reason.rpartition(", relay=")
        name, client = self._relay(line, relay if related else "")
        if related and self._at_border(line):
            self._orphan(line)
        _, told, tried = (before if related else reason).partition(", user=")
        self._failure(line, mechanism, tried if told and tried else None, name, client)

    def _relay(self, line: LogLine, relay: str) -> tuple[str, str]:
        """The client's name and address; where the line does not have them, the address of the connection."""
        name, client = _client(relay)
        session = self._sessions.get((line.host, line.pid))
        return name, client or (session.client if session else "")

    def _failure(self, line: LogLine, mechanism: str, tried: str | None, name: str, client: str) -> None:
        if not client and self._just_begun(line):
            self._orphan(line)
        process = f"{line.program}[{line.pid}]"
        ordinal = self._repeats.number(line.time, line.host, process, client, mechanism, tried)
        self.facts.failures.append(AuthFailure(line.time, line.host, process, tried, client, name, mechanism, ordinal))


def _client(relay: str) -> tuple[str, str]:
    """The client's name and address; the address stands at the end, behind what an ident answer may hold."""
    found = RELAY.search(relay[-_LONGEST_RELAY:])
    return (found[1] or "unknown", found[2]) if found else ("unknown", "")


def _protocol(fields: str) -> tuple[bool, bool]:
    """Whether TLS and whether SMTP AUTH was used, by ``proto=``.

    The client's Message-ID stands before it and may look like it: the fields are read from the end.
    """
    while True:
        fields, _, last = fields.rpartition(", ")
        name, _, value = last.partition("=")
        if name == "proto":
            found = PROTOCOL.fullmatch(value)
            return (bool(found[1]), bool(found[2])) if found else (False, False)
        if name not in BEHIND_PROTOCOL:
            return False, False


def _moment(stamp: int, queue_id: str, session: _Session | None) -> int:
    """UTC seconds of a message's line, put right where a connection's first queue id shows that its zone is wrong.

    A later id tells nothing: its envelope was opened when the message before it ended.
    """
    if session is None:
        return stamp
    known = queue_id_time(queue_id) if not session.messages else None
    session.messages += 1
    if known is not None:
        session.off = quarters_off(session.began, known, _BEFORE_ITS_ID, _AFTER_ITS_ID)
    return stamp - session.off


class Sendmail:
    """The format: which lines are Sendmail's, and who reads them."""

    name = "sendmail"
    title = "Sendmail"
    hint = "sm-mta"
    example = "Nov 11 03:06:19 mail sm-mta[924]: AUTH=server, relay=h [192.0.2.7], authid=ben, mech=LOGIN, bits=0"

    @staticmethod
    def recognises(program: str) -> bool:
        """Whether a program of this name is Sendmail: ``sm-mta``, ``sendmail``."""
        return PROGRAM.fullmatch(program) is not None

    @staticmethod
    def id_time(text: str) -> int | None:
        """UTC seconds that a line's queue id carries; None where it has none."""
        found = DATED.match(text)
        return queue_id_time(found[1]) if found else None

    @staticmethod
    def own_lines(zone: ZoneInfo, host: str) -> None:
        """None: Sendmail only logs to syslog."""

    @staticmethod
    def reader(state: State = None) -> SendmailReader:
        """A reader for one stream of logs."""
        return SendmailReader(state)


SENDMAIL: Final = Sendmail()
