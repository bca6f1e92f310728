"""Postfix: joins the login, the TLS version and the queueing of a message, which stand on three lines.

A process serves one client at a time, from ``connect from`` to ``disconnect from``: its TLS line belongs to all
messages of that session. A message is accepted when the queue manager takes it up under its queue id.
"""

import zlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.formats.facts import JUST_BEGUN, LogReader, State
from smtpauth_tui.formats.postfix_lines import (
    CLIENT,
    CONNECT,
    DAEMONS,
    FAILED,
    GAVE_UP,
    HANDED_BACK,
    LOGIN,
    NO_LOGIN_NAME,
    PROXIED,
    QUEUE_ID,
    QUEUE_MANAGERS,
    QUEUED,
    QUEUED_AS,
    RECEIVED,
    RECEIVED_TLS,
    RECEIVED_WITH,
    REFUSED,
    TLS,
    USED_STARTTLS,
    WRAPPED,
    moment_of,
    queue_id_time,
)
from smtpauth_tui.formats.postfix_skim import IDLE, PASSED, skim, tls_lines
from smtpauth_tui.formats.region import OUT_OF_ORDER, Region, Skimmed
from smtpauth_tui.formats.tls_names import VERSIONS
from smtpauth_tui.model import AuthFailure, LogLine, Submission, TlsVersion

_SESSION_IDLE: Final = 86_400
_NOT_LOGGED: Final = 2
"""Sessions in a row that used STARTTLS and have no TLS line, where none was logged before or follows."""
_NOT_LOGGED_ANY_MORE: Final = 10
"""The same between sessions that have one: fewer are lost lines."""
_PENDING_FOR: Final = 5 * 86_400
_MOST_PENDING: Final = 200_000
_MOST_SESSIONS: Final = 50_000
_MOST_UNDECIDED: Final = 50_000


@dataclass(slots=True)
class _Session:
    """What a process said between ``connect from`` and ``disconnect from``."""

    client: str
    whole: bool
    """Whether it was read from its ``connect from`` on, so that a missing TLS line means something."""
    wrapped: bool
    """Whether the service begins with TLS, so that a missing TLS line cannot mean "none"."""
    server: tuple[str, str]
    """Host and instance."""
    logging: "_TlsLogging"
    last: int
    tls: TlsVersion | None = None
    ended: bool = False
    used_starttls: bool = False
    unsettled: list["_Message"] = field(default_factory=list)
    """Accepted messages whose TLS version the rest of the session will tell."""
    message: str = ""
    """The queue id of the last message."""
    proxied: tuple[str, str, str, str] | None = None
    """Client's name and address, mechanism and login of a message for a before-queue filter: no queue id here."""


@dataclass(slots=True)
class _Message:
    """A message from its ``client=`` line on."""

    time: int
    host: str
    instance: str
    queue_id: str
    client: str
    client_name: str
    mechanism: str
    account: str
    session: _Session
    tls: TlsVersion | None
    sender: str = ""
    recipients: int = 0
    size: int = 0
    header_seen: bool = False
    told: bool = False
    """It was handed out already, though its TLS version is not known yet."""


class _TlsLogging:
    """Whether one mail server logs TLS at the time of its sessions.

    A session without a TLS line went without TLS only where TLS is logged (``smtpd_tls_loglevel``). Sessions
    before and after it tell: a TLS line, or one that used STARTTLS and has none. A few of the latter
    between two of the former are lost lines; many in a row tell that TLS is not logged any more.
    """

    def __init__(self) -> None:
        self._logged: bool | None = None
        self._silent = 0
        self._undecided: list[_Message] = []

    def wait(self, message: _Message) -> list[_Message]:
        """Keep a message of a session without TLS line until the next sign; gives those that waited too long."""
        self._undecided.append(message)
        return self._decide(TlsVersion.UNKNOWN) if len(self._undecided) > _MOST_UNDECIDED else []

    def tls_line(self) -> list[_Message]:
        """A TLS line was logged: the messages that this decides."""
        decided = self._decide(TlsVersion.UNKNOWN if self._logged is False else TlsVersion.NONE)
        self._logged, self._silent = True, 0
        return decided

    def silent_starttls(self) -> list[_Message]:
        """A session used STARTTLS and no TLS line was logged: the messages that this decides."""
        self._silent += 1
        if self._silent < (_NOT_LOGGED_ANY_MORE if self._logged else _NOT_LOGGED):
            return []
        self._logged = False
        return self._decide(TlsVersion.UNKNOWN)

    def pause(self) -> list[_Message]:
        """The log ends for now: messages that this decides; the others wait on, see `waiting`."""
        only_lost = self._logged and self._silent < _NOT_LOGGED
        return self._decide(TlsVersion.NONE) if only_lost else []

    @property
    def waiting(self) -> list[_Message]:
        """The messages that no sign has decided."""
        return self._undecided

    def state(self, keep: "_Keep") -> State:
        """What is known, with its messages as *keep* writes them."""
        return [self._logged, self._silent, [keep.message(message) for message in self._undecided]]

    def restore(self, state: State, kept: "_Kept") -> None:
        """Take up what `state` gave."""
        self._logged, self._silent, undecided = state
        self._undecided = [kept.message(message) for message in undecided]

    def _decide(self, tls: TlsVersion) -> list[_Message]:
        decided, self._undecided = self._undecided, []
        for message in decided:
            message.tls = tls
        return decided


_SESSION_FIELDS: Final = tuple("client whole wrapped server last tls ended used_starttls proxied message".split())
_MESSAGE_FIELDS: Final = tuple(
    "time host instance queue_id client client_name mechanism account tls sender recipients size header_seen"
    " told".split()
)


@dataclass(slots=True)
class _Keep:
    """Writes sessions and messages as values that JSON has; a session of several messages once."""

    sessions: list[State] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)

    def session(self, session: _Session) -> int:
        """The number under which the session is written."""
        number = self._numbers.get(id(session))
        if number is None:
            number = self._numbers[id(session)] = len(self.sessions)
            self.sessions.append([getattr(session, name) for name in _SESSION_FIELDS])
        return number

    def message(self, message: _Message) -> State:
        """The message, with its session's number."""
        return [self.session(message.session), *(getattr(message, name) for name in _MESSAGE_FIELDS)]


class _Kept:
    """The sessions and messages that `_Keep` wrote."""

    def __init__(self, sessions: list[State], tls_logging: dict[tuple[str, str], _TlsLogging]) -> None:
        self.sessions = [
            self._session(dict(zip(_SESSION_FIELDS, each, strict=False)), tls_logging) for each in sessions
        ]

    @staticmethod
    def _session(fields: State, tls_logging: dict[tuple[str, str], _TlsLogging]) -> _Session:
        fields["server"] = tuple(fields["server"])
        fields["tls"] = fields["tls"] and TlsVersion(fields["tls"])
        fields["proxied"] = fields["proxied"] and tuple(fields["proxied"])
        return _Session(**fields, logging=tls_logging[fields["server"]])

    def message(self, state: State) -> _Message:
        """A message of the session whose number it has."""
        fields = dict(zip(_MESSAGE_FIELDS, state[1:], strict=True))
        fields["tls"] = fields["tls"] and TlsVersion(fields["tls"])
        return _Message(**fields, session=self.sessions[state[0]])


class PostfixReader(LogReader):
    """Takes the lines of one stream of logs in order; finds submissions and authentication failures."""

    def __init__(self, state: State = None) -> None:
        super().__init__(state)
        self._sessions: dict[tuple[str, str, str], _Session] = {}
        self._pending: OrderedDict[tuple[str, str], list[_Message]] = OrderedDict()
        self._queue_managers: set[tuple[str, str]] = set()
        self._tls_logging: dict[tuple[str, str], _TlsLogging] = {}
        self._between: tuple[int, int] | None = None
        """What `part` found between two TLS lines."""
        self._signs: set[tuple[str, str]] = set()
        """The servers of which the log had a TLS line, or a session that lacks it."""
        if state:
            self._restore(state)

    def take(self, line: LogLine) -> None:
        """Read one line of a program that the format owns."""
        self.used += 1
        self._note_time(line)
        daemon = line.program.rpartition("/")[2]
        if daemon == "smtpd":
            self._smtpd(line)
        elif daemon in QUEUE_MANAGERS:
            self._queue(line)
        elif daemon == "cleanup":
            self._cleanup(line)

    def part(self, region: Region) -> tuple[int, int] | None:
        """From the first line that tells of a client's TLS to the last one: between them TLS is logged.

        Where there are none, and where several hosts log: as far as some daemons' lines can be passed over.
        """
        start = region.cell_at((self._begun or region.times[0]) + JUST_BEGUN + OUT_OF_ORDER)
        self._between = tls_lines(region, start) if region.host and start is not None else None
        return self._between or super().part(region)

    def skim(self, region: Region) -> Skimmed | None:
        """Take the logins of a region, and what goes with them; or pass over the daemons that tell nothing of them."""
        found = None
        if self._between == (region.start, region.end):
            others = region.lines_but(PASSED)
            programs = [region.program(place) for place in others]
            if all(program and not POSTFIX.recognises(program) for program in programs):
                pending = {queue_id for _, queue_id in self._pending}
                found = skim(region, self.facts, self._repeats, self._begun, self._sessions, pending)
                if found:
                    found.others = others
        return found or Skimmed(IDLE)

    def sign(self, line: LogLine) -> None:
        """A TLS line, of which only counts that there is one."""
        self._note_time(line)
        self._emit(self._logging_of((line.host, _instance(line))).tls_line())

    def pause(self) -> None:
        """The log ends for now: decide what can be decided, count what began and did not end."""
        for pending in self._pending.values():
            self.facts.incomplete += sum(not message.session.ended for message in pending)
        for session in self._sessions.values():
            self._tell(session.unsettled)
        for logging in self._tls_logging.values():
            self._emit(logging.pause())
            self._tell(logging.waiting)

    def next_log(self, *, follows: bool) -> None:
        """Another log begins; sessions and messages may go on in it. *follows*: nothing is missing between."""
        super().next_log(follows=follows)
        self._signs.clear()

    def state(self) -> dict[str, State]:
        """Open sessions, messages that are not accepted yet or whose TLS version is not known."""
        keep = _Keep()
        return {
            **super().state(),
            "open": [
                [*process, keep.session(session), [keep.message(message) for message in session.unsettled]]
                for process, session in self._sessions.items()
                if session.last > self._newest - _SESSION_IDLE
            ],
            "pending": [
                keep.message(message)
                for messages in self._pending.values()
                for message in messages
                if message.time > self._newest - _PENDING_FOR
            ],
            "queue_managers": sorted(self._queue_managers),
            "tls_logging": [[*server, logging.state(keep)] for server, logging in self._tls_logging.items()],
            "sessions": keep.sessions,  # last: the others number them
        }

    def _restore(self, state: State) -> None:
        self._queue_managers = {(host, instance) for host, instance in state["queue_managers"]}
        for host, instance, _ in state["tls_logging"]:
            self._tls_logging[host, instance] = _TlsLogging()
        kept = _Kept(state["sessions"], self._tls_logging)
        for host, instance, logging in state["tls_logging"]:
            self._tls_logging[host, instance].restore(logging, kept)
        for host, program, pid, number, unsettled in state["open"]:
            session = self._sessions[host, program, pid] = kept.sessions[number]
            session.unsettled = [kept.message(message) for message in unsettled]
        for fields in state["pending"]:
            message = kept.message(fields)
            self._pending.setdefault((message.host, message.queue_id), []).append(message)

    # smtpd: sessions, logins, failures

    def _smtpd(self, line: LogLine) -> None:
        text = line.text
        if ": client=" in text[:40]:
            self._login(line)
        elif text.startswith("connect from "):
            if found := CONNECT.match(text):
                self._open(line, found[2], whole=True)
        elif " TLS connection " in text[:40]:
            if found := TLS.match(text):
                self._secured(line, found[2], VERSIONS.get(found[3], TlsVersion.UNKNOWN))
        elif text.startswith("disconnect from "):
            session = self._sessions.pop(_process(line), None)
            if session:
                self._end(session, text)
            if not session or not session.whole:
                self._orphan(line)
        elif text.startswith("warning: ") and ": SASL " in text:
            self._failed(line)
        elif text.startswith(("lost connection after ", "timeout after ")):
            if found := GAVE_UP.match(text):
                self._give_up(line, found[2])
        elif text.startswith(("proxy-accept: ", "NOQUEUE: proxy-accept: ")):
            self._proxied(line)

    def _open(self, line: LogLine, client: str, *, whole: bool) -> _Session:
        before = self._sessions.pop(_process(line), None)
        if before:
            self._end(before, "")
        server = (line.host, _instance(line))
        logging = self._logging_of(server)
        wrapped = not WRAPPED.isdisjoint(line.program.split("/"))
        session = _Session(client, whole, wrapped, server, logging, line.time)
        self._sessions[_process(line)] = session
        if len(self._sessions) > _MOST_SESSIONS:
            self._end(self._sessions.pop(next(iter(self._sessions))), "")
        return session

    def _logging_of(self, server: tuple[str, str]) -> _TlsLogging:
        logging = self._tls_logging.get(server)
        if logging is None:
            logging = self._tls_logging[server] = _TlsLogging()
        return logging

    def _session(self, line: LogLine, client: str) -> _Session:
        """The session of the line's process; a new one where it cannot be the one that is known."""
        session = self._sessions.get(_process(line))
        if session is None or session.client != client or abs(line.time - session.last) > _SESSION_IDLE:
            session = self._open(line, client, whole=False)
        session.last = line.time
        if not session.whole:
            self._orphan(line)
        return session

    def _secured(self, line: LogLine, client: str, version: TlsVersion) -> None:
        session = self._session(line, client)
        if session.whole and session.server not in self._signs and self._just_begun(line):
            self._orphan(line)  # it tells of sessions that began in an earlier log and have no such line
        self._signs.add(session.server)
        self._emit(session.logging.tls_line())
        session.tls = version
        self._settle_all(session)

    def _login(self, line: LogLine) -> None:
        found = CLIENT.match(line.text)
        if not found:
            self.facts.misread(line)
            return
        queue_id, name, client, rest = found.groups()
        self._use_anew(line, queue_id)
        if before := self._sessions.get(_process(line)):
            before.message = queue_id
        login = LOGIN.match(rest or "")
        if not login:
            if self._just_begun(line):
                self._orphan(line)  # an earlier log may have had the id pending
            return
        mechanism, account = login.groups()
        account, offered, _ = account.partition(", sasl_sender=")
        if not offered and HANDED_BACK.search(account):
            return
        proxy = mechanism == "XCLIENT"
        session = self._sessions.get(_process(line)) if proxy else None
        session = session or self._session(line, client)
        if queue_id == "NOQUEUE":
            session.proxied = (name, client, mechanism, account)
            return
        tls = TlsVersion.UNKNOWN if proxy else session.tls
        time = moment_of(line.time, queue_id)
        message = _Message(time, line.host, _instance(line), queue_id, client, name, mechanism, account, session, tls)
        session.message = queue_id
        self._pending.setdefault((line.host, queue_id), []).append(message)
        if len(self._pending) > _MOST_PENDING:
            self._pending.popitem(last=False)

    def _give_up(self, line: LogLine, client: str) -> None:
        """The client left in the midst of a message."""
        session = self._sessions.get(_process(line))
        message = self._find(line, session.message) if session and session.client == client else None
        if message and message.session is session:
            self._drop(message)

    def _proxied(self, line: LogLine) -> None:
        """A before-queue filter took the message: this line stands for the queue manager's."""
        found = PROXIED.match(line.text)
        session = self._sessions.get(_process(line))
        if not session.whole if session else self._just_begun(line):
            self._orphan(line)
        if not found or not session or not session.proxied:
            return
        name, client, mechanism, account = session.proxied
        reply, _, envelope = found[3].partition("; from=<")
        queue_id = QUEUED_AS.search(reply)
        message = _Message(
            line.time,
            line.host,
            _instance(line),
            queue_id[1]
            if queue_id
            else f"{line.program}[{line.pid}] {zlib.crc32(line.text.encode(errors='backslashreplace')):08x}",
            client,
            name,
            mechanism,
            account,
            session,
            session.tls,
            sender=envelope.rpartition("> to=<")[0],
            recipients=1,
        )
        self._accept(message)

    def _failed(self, line: LogLine) -> None:
        found = FAILED.match(line.text)
        if not found:
            return
        name, client, mechanism, reason = found.groups()
        _, _, account = (reason or "").partition(", sasl_username=")
        tried = None if account in ("", NO_LOGIN_NAME) else account
        process = f"{line.program}[{line.pid}]"
        if self._at_border(line):
            self._orphan(line)
        ordinal = self._repeats.number(line.time, line.host, process, client, mechanism, tried)
        self.facts.failures.append(AuthFailure(line.time, line.host, process, tried, client, name, mechanism, ordinal))

    def _end(self, session: _Session, disconnect: str) -> None:
        """A session is over; its ``disconnect`` line tells whether STARTTLS was used."""
        session.ended = True
        session.used_starttls = USED_STARTTLS.search(disconnect) is not None
        self._settle_all(session)
        if session.whole and session.used_starttls and session.tls is None:
            self._signs.add(session.server)
            self._emit(session.logging.silent_starttls())

    # cleanup and queue manager: what became of the message

    def _cleanup(self, line: LogLine) -> None:
        if ": header Received: " in line.text[:60]:
            self._received(line)
        elif refused := REFUSED.match(line.text):
            self._orphan_of(line, self._find(line, refused[1]))
            self._forget(line, refused[1])

    def _received(self, line: LogLine) -> None:
        """smtpd's own Received header, the first of a message, has the version where smtpd does not log it."""
        queue_id = line.text.partition(":")[0]
        message = self._find(line, queue_id)
        self._orphan_of(line, message)
        if not message or message.header_seen:
            return
        message.header_seen = True
        found = RECEIVED.match(line.text)
        if not found or found[1] != message.client or message.tls is not None:
            return
        rest = found[2]
        if secured := RECEIVED_TLS.match(rest):
            message.tls = VERSIONS.get(secured[1], TlsVersion.UNKNOWN)
        elif (by := RECEIVED_WITH.match(rest)) and by[2] == queue_id:
            message.tls = TlsVersion.UNKNOWN if by[1] else TlsVersion.NONE

    def _queue(self, line: LogLine) -> None:
        self._queue_managers.add((line.host, _instance(line)))
        found = QUEUED.match(line.text)
        message = self._find(line, found[1]) if found else None
        if found:
            self._orphan_of(line, message)
        if not found or not message:
            return
        self._drop(message)
        if abs(line.time - message.time) < _PENDING_FOR:
            message.sender, message.size, message.recipients = found[2], int(found[3]), int(found[4])
            self._accept(message)

    def _orphan_of(self, line: LogLine, message: _Message | None) -> None:
        """Keep a line about a message whose session, or whose ``client=`` line, may be in an earlier log."""
        if self._just_begun(line) if message is None else not message.session.whole:
            self._orphan(line)

    def _find(self, line: LogLine, queue_id: str) -> _Message | None:
        """The message of a queue id: of the line's instance, or of a service that has a log name all its own."""
        instance = _instance(line)
        found = None
        for message in self._pending.get((line.host, queue_id), ()):
            if message.instance == instance:
                return message
            if (line.host, message.instance) not in self._queue_managers:
                found = message
        return found

    def _use_anew(self, line: LogLine, queue_id: str) -> None:
        """The queue id is used anew: what was pending under it never was accepted.

        Another instance may use the same id; where the log has just begun, its queue manager was not seen yet.
        """
        message = self._find(line, queue_id)
        if message and (message.instance == _instance(line) or not self._just_begun(line)):
            self._drop(message)

    def _forget(self, line: LogLine, queue_id: str) -> None:
        """The message of a queue id was refused."""
        message = self._find(line, queue_id)
        if message:
            self._drop(message)

    def _drop(self, message: _Message) -> None:
        key = (message.host, message.queue_id)
        self._pending[key].remove(message)
        if not self._pending[key]:
            del self._pending[key]

    # the TLS version of an accepted message

    def _accept(self, message: _Message) -> None:
        session = message.session
        if message.tls is None and session.tls is None and not session.ended:
            session.unsettled.append(message)
        else:
            self._settle(message)

    def _settle_all(self, session: _Session) -> None:
        messages, session.unsettled = session.unsettled, []
        for message in messages:
            self._settle(message)

    def _settle(self, message: _Message) -> None:
        """Say under which TLS the message came; where its session alone cannot tell, wait for other sessions."""
        session = message.session
        if message.tls is None:
            if not session.whole or session.wrapped or (session.used_starttls and session.tls is None):
                message.tls = TlsVersion.UNKNOWN
            elif session.tls is not None:
                message.tls = TlsVersion.NONE
            else:
                self._emit(session.logging.wait(message))
                return
        self._emit([message])

    def _tell(self, messages: Iterable[_Message]) -> None:
        """Hand out messages that are accepted and wait for their TLS version, once each."""
        untold = [message for message in messages if not message.told]
        self._emit(untold)
        for message in untold:
            message.told = True

    def _emit(self, messages: Iterable[_Message]) -> None:
        self.facts.submissions.extend(
            Submission(
                time=message.time,
                host=message.host,
                instance=message.instance,
                queue_id=message.queue_id,
                account=message.account,
                sender=message.sender,
                client=message.client,
                client_name=message.client_name,
                tls=message.tls or TlsVersion.UNKNOWN,
                mechanism=message.mechanism,
                recipients=message.recipients,
                size=message.size,
            )
            for message in messages
        )


def _process(line: LogLine) -> tuple[str, str, str]:
    return line.host, line.program, line.pid


def _instance(line: LogLine) -> str:
    """The first part of the log name: ``postfix``, or the name of a further instance."""
    return line.program.partition("/")[0]


class Postfix:
    """The format: which lines are Postfix's, and who reads them."""

    name = "postfix"
    title = "Postfix"
    hint = "postfix/"
    example = (
        "Nov 15 07:08:10 mail postfix/smtpd[998]: A25A2A0A: client=h[192.0.2.7], sasl_method=PLAIN, sasl_username=ben"
    )

    @staticmethod
    def recognises(program: str) -> bool:
        """Whether a program of this name is one of Postfix's: ``postfix/qmgr``, ``postfix/submission/smtpd``."""
        name, slash, daemon = program.rpartition("/")
        return bool(slash and name) and daemon in DAEMONS

    @staticmethod
    def id_time(text: str) -> int | None:
        """UTC seconds that a line's queue id carries; None where it has none."""
        found = QUEUE_ID.match(text)
        return queue_id_time(found[1]) if found else None

    @staticmethod
    def own_lines(zone: ZoneInfo, host: str) -> None:
        """None: Postfix's own file (``maillog_file``) has the form of syslog."""

    @staticmethod
    def reader(state: State = None) -> PostfixReader:
        """A reader for one stream of logs."""
        return PostfixReader(state)


POSTFIX: Final = Postfix()
