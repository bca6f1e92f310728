"""Exchange Server: the SMTP receive protocol log, which has each line of the dialogue with a client.

A client's session is whole in the log of the service that it talked to. Where the front end only signs the client in
and then hands the connection on (``XPROXY``), the messages stand in the transport service's log, under the name
of the front end's session. A message that the front end takes and passes on itself (``XPROXYFROM``) counts there.
"""

import re
from collections import OrderedDict
from dataclasses import astuple, dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.formats.address import client_address, path_end
from smtpauth_tui.formats.exchange_lines import PROGRAM, ExchangeLines, csv_fields
from smtpauth_tui.formats.facts import LogReader, State
from smtpauth_tui.model import AuthFailure, LogLine, Submission, TlsVersion

TLS: Final = re.compile(r"TLS protocol (SP_PROT[_-]\w{1,12})_(?:SERVER|CLIENT) negotiation succeeded\b")
FAILED: Final = re.compile(r"Inbound AUTH ([\w-]{1,20}) failed because of \w+")
USER_NAME: Final = "User Name: "
# Proxy session was successfully set up. Session for ana@shop.example will now be proxied
# Proxy session successfully set up for ana@shop.example. Inbound session will now be blindly proxied
HANDED_ON: Final = re.compile(
    r"Proxy session (?:was successfully set up\. Session for ?(.+) will now be proxied"
    r"|successfully set up for (.+)\. Inbound session will now be blindly proxied)$"
)
XPROXY: Final = re.compile(r"XPROXY SID=([0-9A-Fa-f]{8,32}) IP=(\S+)(?: |$)", re.IGNORECASE)
SIZE: Final = re.compile(r" SIZE=(\d{1,15})(?: |$)", re.IGNORECASE)
# 250 2.6.0 <1@pc.example> [InternalId=110, Hostname=ex1.shop.example] 2345 bytes in 0.1, 18.6 KB/sec Queued mail ...
ACCEPTED: Final = "250 2.6.0 "
QUEUED: Final = re.compile(
    r"\[InternalId=(\d{1,20})(?:, Hostname=[\w.-]+)?\](?: (\d{1,15}) bytes in [\d.]+, [\d.]+ KB/sec)? Queued mail for "
    r"delivery$"
)
DELIVERY: Final = "Queued mail for delivery"
VERSIONS: Final = {
    "SSL2": TlsVersion.SSL3,
    "SSL3": TlsVersion.SSL3,
    "TLS1": TlsVersion.V1_0,
    "TLS1_0": TlsVersion.V1_0,
    "TLS1_1": TlsVersion.V1_1,
    "TLS1_2": TlsVersion.V1_2,
    "TLS1_3": TlsVersion.V1_3,
}
INSTANCE: Final = "exchange"
_SESSION_IDLE: Final = 86_400
_MOST_SESSIONS: Final = 50_000
_MOST_WAITING: Final = 20_000
_MOST_KEPT: Final = 5_000


@dataclass(slots=True)
class _Session:
    """What was logged under one session id."""

    last: int
    whole: bool
    """Whether it was read from its connection on, so that a missing TLS line means something."""
    client: str
    tls: TlsVersion | None = None
    used_starttls: bool = False
    mechanism: str = ""
    """Of the client's last AUTH command; empty where another server signs in."""
    peer: bool = False
    """Whether another server signed in last (``X-EXPS``)."""
    account: str | None = None
    front: str = ""
    """The front end's session that this one continues."""
    offered_front: str = ""
    offered_client: str = ""
    relayed: bool = False
    """Whether a front end passes on single messages, which its own log has."""
    verb: str = ""
    """The last command."""
    offered_sender: str | None = None
    offered_size: int = 0
    sender: str | None = None
    size: int = 0
    asked: int = 0
    """Recipients that the client named."""
    recipients: int = 0
    """Recipients that the server accepted."""
    messages: int = 0
    failed_at: int = 0
    failed_name: str = ""
    failed_mechanism: str = ""

    @property
    def version(self) -> TlsVersion:
        """The TLS version of what the client sends now."""
        if self.tls is not None:
            return self.tls
        return TlsVersion.NONE if self.whole and not self.used_starttls else TlsVersion.UNKNOWN

    def reset(self) -> None:
        """Forget the message that was begun."""
        self.offered_sender, self.offered_size, self.sender, self.size = None, 0, None, 0
        self.asked = self.recipients = 0


@dataclass(slots=True)
class _Front:
    """What a front end knows of a session that it hands on."""

    last: int
    account: str
    mechanism: str
    tls: TlsVersion
    client: str
    took: bool = False
    """Whether it took messages itself, so that the transport service has none of its own."""
    whole: bool = True
    """Whether its session was read from its connection on."""


@dataclass(slots=True)
class _Waiting:
    """Messages of a session that a front end handed on, and how many of them `pause` has handed out."""

    messages: list[Submission] = field(default_factory=list)
    handed_out: int = 0


@dataclass(slots=True)
class _Known:
    """The open sessions, what front ends know, and messages of theirs whose front end was not read."""

    sessions: dict[tuple[str, str], _Session] = field(default_factory=dict)
    fronts: OrderedDict[str, _Front] = field(default_factory=OrderedDict)
    waiting: OrderedDict[str, _Waiting] = field(default_factory=OrderedDict)


class ExchangeReader(LogReader):
    """Takes the lines of one stream of logs in order; finds submissions and authentication failures."""

    def __init__(self, state: State = None) -> None:
        super().__init__(state)
        self._known = _Known()
        if state:
            self._restore(state)

    def take(self, line: LogLine) -> None:
        """Read one line of a program that the format owns."""
        if not line.pid:
            return
        found = csv_fields(line.text)
        if len(found) < 6:
            self.facts.misread(line)
            return
        self.used += 1
        self._note_time(line)
        _, _, remote, event = found[:4]
        # a comma without quotes is the client's or an answer's; what the server notes of a session stands first
        data, context = (found[4], ",".join(found[5:])) if event == "*" else (",".join(found[4:-1]), found[-1])
        session = self._session(line, remote, event)
        if not session.whole or (session.front and not self._knows_front(session.front)):
            self._orphan(line)
        if event == "<":
            self._command(line, session, data)
        elif event == ">":
            self._reply(line, session, data)
        elif event == "*":
            self._note(line, session, data, context)
        elif event == "-":
            self._end(line, self._known.sessions.pop((line.host, line.pid)))

    def pause(self) -> None:
        """The log ends for now: hand out the messages whose front end's session was not read."""
        for waiting in self._known.waiting.values():
            self.facts.submissions += waiting.messages[waiting.handed_out :]
            waiting.handed_out = len(waiting.messages)
        self.facts.incomplete += sum(
            session.account is not None and session.sender is not None for session in self._known.sessions.values()
        )

    def state(self) -> dict[str, State]:
        """Open sessions, and what front ends and the transport service know of each other's."""
        oldest = self._newest - _SESSION_IDLE
        known = self._known
        return {
            **super().state(),
            "sessions": [[*key, list(astuple(one))] for key, one in known.sessions.items() if one.last > oldest],
            "fronts": [[name, list(astuple(one))] for name, one in known.fronts.items() if one.last > oldest][
                -_MOST_KEPT:
            ],
            "waiting": [
                [name, [list(message) for message in one.messages], one.handed_out]
                for name, one in known.waiting.items()
                if one.messages[-1].time > oldest
            ][-_MOST_KEPT:],
        }

    def _restore(self, state: State) -> None:
        known = self._known
        for host, number, fields in state["sessions"]:
            session = known.sessions[host, number] = _Session(*fields)
            session.tls = session.tls and TlsVersion(session.tls)
        for name, fields in state["fronts"]:
            front = known.fronts[name] = _Front(*fields)
            front.tls = TlsVersion(front.tls)
        for name, messages, handed_out in state["waiting"]:
            found = [Submission(*fields) for fields in messages]
            known.waiting[name] = _Waiting([one._replace(tls=TlsVersion(one.tls)) for one in found], handed_out)

    def _session(self, line: LogLine, remote: str, event: str) -> _Session:
        sessions, key = self._known.sessions, (line.host, line.pid)
        session = sessions.get(key)
        if session is None or event == "+" or abs(line.time - session.last) > _SESSION_IDLE:
            session = sessions[key] = _Session(line.time, event == "+", _address(remote))
            if len(sessions) > _MOST_SESSIONS:
                del sessions[next(iter(sessions))]
        session.last = line.time
        return session

    def _knows_front(self, name: str) -> bool:
        """Whether all is known of a front end's session that an earlier log may have."""
        front = self._known.fronts.get(name)
        return front is not None and front.whole

    # what the client says

    def _command(self, line: LogLine, session: _Session, data: str) -> None:
        verb, _, rest = data.partition(" ")
        verb = session.verb = verb.upper()[:20]
        if verb == "AUTH":
            self._settle_failure(line, session)
            session.mechanism, session.peer = rest.lstrip(" ").partition(" ")[0].upper()[:20], False
        elif verb in ("X-EXPS", "X-ANONYMOUSTLS"):
            session.mechanism, session.peer = "", True
        elif verb == "STARTTLS":
            session.used_starttls = True
        elif verb == "XPROXYFROM":
            session.relayed = True
        elif verb == "XPROXY":
            if found := XPROXY.match(data):
                session.offered_front = found[1].upper()
                session.offered_client = client_address(found[2])
                if session.whole and not self._knows_front(session.offered_front):
                    self._orphan(line)
        elif verb == "MAIL":
            self._sender(session, rest)
        elif verb == "RCPT":
            session.asked += 1
        elif verb in ("RSET", "EHLO", "HELO"):
            session.reset()

    @staticmethod
    def _sender(session: _Session, text: str) -> None:
        if text[:5].upper() != "FROM:":
            return
        path = text[5:].lstrip(" ")
        address, end = path.partition(" ")[0], len(path.partition(" ")[0])
        if path.startswith("<") and (found := path_end(path, 1)):
            address, end = found
        size = SIZE.search(path, end)
        session.offered_sender, session.offered_size = address, int(size[1]) if size else 0

    # what the server says

    def _reply(self, line: LogLine, session: _Session, data: str) -> None:
        if data.startswith(ACCEPTED) and data.endswith(DELIVERY):
            self._accepted(line, session, data)
        elif data.startswith("250 2.1.0"):
            if session.offered_sender is not None:
                session.sender, session.size = session.offered_sender, session.offered_size
                session.offered_sender, session.asked, session.recipients = None, 0, 0
        elif data.startswith("250 2.1.5"):
            session.recipients += 1
        elif data.startswith("250 XProxy"):
            self._continues(session)
        elif data[:1] in ("4", "5") and data[:3].isdigit():
            session.offered_sender, session.offered_front = None, ""
            session.relayed = session.relayed and session.verb != "XPROXYFROM"
            if data.startswith("535") and session.mechanism and not session.failed_at:
                session.failed_at, session.failed_mechanism = line.time, session.mechanism
            self._settle_failure(line, session)

    @staticmethod
    def _continues(session: _Session) -> None:
        """The transport service knows whose session it continues: not the front end is the client."""
        if session.offered_front:
            session.front, session.offered_front = session.offered_front, ""
            session.client = session.offered_client
            session.account, session.tls = None, None

    def _note(self, line: LogLine, session: _Session, data: str, context: str) -> None:
        if context == "authenticated":
            self._authenticated(line, session, data)
        elif found := TLS.match(context):
            session.tls = VERSIONS.get(found[1][8:], TlsVersion.UNKNOWN)
        elif found := FAILED.match(context):
            if not session.failed_at:
                session.failed_at, session.failed_mechanism = line.time, found[1].upper()
        elif context.startswith(USER_NAME) and session.failed_at:
            session.failed_name = context[len(USER_NAME) :]
        elif found := HANDED_ON.match(context):
            if session.account is None and session.mechanism:
                session.account = found[1] or found[2]
            self._hand_on(line, session)

    def _authenticated(self, line: LogLine, session: _Session, account: str) -> None:
        self._continues(session)
        if account.upper().startswith("NT AUTHORITY\\") or account.endswith("$") or not account:
            return
        if session.front or session.mechanism or (not session.whole and not session.peer):
            session.account = account

    def _hand_on(self, line: LogLine, session: _Session) -> None:
        """The client's connection goes on to the transport service, whose log has its messages."""
        if session.account is None:
            return
        front = _Front(
            line.time, session.account, session.mechanism, session.version, session.client, whole=session.whole
        )
        fronts, name = self._known.fronts, line.pid.upper()
        fronts[name] = front
        fronts.move_to_end(name)
        if len(fronts) > _MOST_SESSIONS:
            fronts.popitem(last=False)
        if waiting := self._known.waiting.pop(name, None):
            self.facts.submissions += [_with_front(one, front) for one in waiting.messages]

    def _accepted(self, line: LogLine, session: _Session, data: str) -> None:
        self._continues(session)
        session.messages += 1
        found = QUEUED.match(data, max(0, data.rfind("[InternalId=")))
        queue_id = f"{session.front or line.pid.upper()}/{found[1] if found else session.messages}"
        sender = session.sender if session.sender is not None else session.offered_sender or ""
        counts = bool(session.front or session.account is not None) and not session.relayed
        message = Submission(
            time=line.time,
            host=line.host,
            instance=INSTANCE,
            queue_id=queue_id,
            account=session.account or sender,
            sender=sender,
            client=session.client,
            client_name="unknown",
            tls=TlsVersion.UNKNOWN if session.front else session.version,
            mechanism="" if session.front else session.mechanism,
            recipients=session.recipients or session.asked,
            size=session.size or session.offered_size or int(found[2] or 0 if found else 0),
        )
        session.reset()
        if counts and session.front:
            self._from_front(session.front, message)
        elif counts:
            self.facts.submissions.append(message)
            if session.messages == 1:
                self._took(line, session)

    def _from_front(self, name: str, message: Submission) -> None:
        """A message of a session that a front end handed on: that end's log has its login and its TLS version."""
        known = self._known
        if front := known.fronts.get(name):
            self.facts.submissions += [] if front.took else [_with_front(message, front)]
            return
        known.waiting.setdefault(name, _Waiting()).messages.append(message)
        if len(known.waiting) > _MOST_WAITING:
            _, waiting = known.waiting.popitem(last=False)
            self.facts.submissions += waiting.messages[waiting.handed_out :]

    def _took(self, line: LogLine, session: _Session) -> None:
        """The front end takes the session's messages itself: the transport service's log repeats them."""
        self._known.waiting.pop(line.pid.upper(), None)
        self._hand_on(line, session)
        self._known.fronts[line.pid.upper()].took = True

    # failures and ends

    def _settle_failure(self, line: LogLine, session: _Session) -> None:
        """A refused attempt is known with its name: the server answers, or the client tries again or goes."""
        if not session.failed_at:
            return
        time, mechanism = session.failed_at, session.failed_mechanism
        tried = session.failed_name if session.failed_name not in ("", "NULL") else None
        session.failed_at, session.failed_name, session.failed_mechanism = 0, "", ""
        process = f"{INSTANCE}/{line.pid}"
        ordinal = self._repeats.number(time, line.host, process, session.client, mechanism, tried)
        self.facts.failures.append(
            AuthFailure(time, line.host, process, tried, session.client, "unknown", mechanism, ordinal)
        )

    def _end(self, line: LogLine, session: _Session) -> None:
        self._settle_failure(line, session)
        if session.account is not None and not session.messages and not session.front and not session.relayed:
            self._hand_on(line, session)


def _with_front(message: Submission, front: _Front) -> Submission:
    return message._replace(
        account=front.account, mechanism=front.mechanism, tls=front.tls, client=front.client or message.client
    )


def _address(endpoint: str) -> str:
    """The address of an endpoint ``192.0.2.7:587``, ``[2001:db8::1]:587`` or ``2001:db8::1:587``."""
    return client_address(endpoint.rpartition(":")[0] or endpoint)


class Exchange:
    """The format: the receive protocol logs of Exchange Server, and who reads them."""

    name = "exchange"
    title = "Exchange Server SMTP receive protocol log"
    hint = " Frontend "
    example = (
        "2026-04-02T08:00:14.532Z,EX1\\Client Frontend EX1,08D7D6C2A1B0C0DE,5,192.0.2.10:587,203.0.113.24:24175,<,QUIT,"
    )

    @staticmethod
    def recognises(program: str) -> bool:
        """Whether *program* is the name that `ExchangeLines` gives."""
        return program == PROGRAM

    @staticmethod
    def id_time(text: str) -> None:
        """None: the stamps of the log are in UTC."""

    @staticmethod
    def own_lines(zone: ZoneInfo, host: str) -> ExchangeLines:
        """What splits the lines of the log; its stamps are in UTC whatever *zone*."""
        return ExchangeLines(host)

    @staticmethod
    def reader(state: State = None) -> ExchangeReader:
        """A reader for one stream of logs."""
        return ExchangeReader(state)


EXCHANGE: Final = Exchange()
