"""OpenSMTPD: joins the login, the TLS version, the message and its sender by the id of their session.

AUTH is offered only after TLS: a session with a login and without a TLS line has lost that line, or its beginning.
PLAIN and LOGIN are all the mechanisms there are; the log does not say which of them a client used.
"""

import re
from dataclasses import astuple, dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.formats.address import client_address, path_end
from smtpauth_tui.formats.facts import LogReader, State
from smtpauth_tui.formats.region import BEHIND_PROGRAM, Region, Skimmed
from smtpauth_tui.model import AuthFailure, LogLine, Submission, TlsVersion

# 0ecf1224f459a1ad smtp connected address=192.0.2.7 host=crm.lan.contoso.example          (6.4 and later)
# 0ecf1224f459a1ad smtp event=connected address=192.0.2.7 host=crm.lan.contoso.example    (5.7 to 6.3)
SESSION: Final = re.compile(r"([0-9a-f]{16}) smtp (?:event=)?([\w-]+)(?: (.*))?$", re.DOTALL)
PEER: Final = re.compile(r"address=(\S+) host=(\S+)$")
# ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256     ciphers="version=TLSv1.2, cipher=..., bits=256"     (also with peer)
TLS: Final = re.compile(r'(?:address=\S+ host=\S+ )?ciphers="?(?:version=)?((?:TLS|SSL)v[\d.]+)')
# user=front\040desk result=ok              user=build@example.com address=192.0.2.7 host=pc.example result=permfail
AUTHENTICATION: Final = re.compile(r"user=(\S*) (?:address=(\S+) host=(\S+) )?result=(ok|permfail|tempfail)$")
# msgid=366cbd36 size=3043 nrcpt=1 proto=ESMTP
MESSAGE: Final = re.compile(r"msgid=([0-9a-f]{8}) size=(\d{1,15}) nrcpt=(\d{1,9}) proto=\S+")
# msgid=366cbd36 from=<ana@shop.example> to=<bo@far.example> size=3043 ndest=1 proto=ESMTP   (a line a recipient)
OLD_MESSAGE: Final = re.compile(r"(?:address=(\S+) host=(\S+) )?msgid=([0-9a-f]{8}) from=<")
OLD_MESSAGE_END: Final = re.compile(r"> size=(\d{1,15}) ndest=\d{1,9} proto=\S+$")
# evpid=366cbd367e49f9fb from=<build@example.com> to=<carol28@partner.test>
ENVELOPE: Final = re.compile(r"evpid=([0-9a-f]{8})[0-9a-f]{8} from=<")
# what strnvis(3) makes of blanks, controls and bytes beyond ASCII
ESCAPED: Final = re.compile(rb"\\(?:([0-3][0-7]{2})|M-(.)|M\^(.)|\^(.)|([\\sntrabvf0]))", re.DOTALL)

_PASSED: Final = rb"smtpd[\[:]"
_TELLING: Final = (
    rb"smtpd"
    + BEHIND_PROGRAM
    + rb"(?P<id>[0-9a-f]{16}) smtp (?:event=)?(?:(?P<login>auth)|(?P<end>(?:disconnected|closed)[ \r\n]))?"
)

VERSIONS: Final = {
    "SSLv3": TlsVersion.SSL3,
    "TLSv1": TlsVersion.V1_0,
    "TLSv1.0": TlsVersion.V1_0,
    "TLSv1.1": TlsVersion.V1_1,
    "TLSv1.2": TlsVersion.V1_2,
    "TLSv1.3": TlsVersion.V1_3,
}
INSTANCE: Final = "opensmtpd"
MECHANISM: Final = "PLAIN/LOGIN"
LOCAL: Final = "local"
"""The address of what the machine itself hands in: sendmail(8) and the server's own bounces."""
_PLAIN_ESCAPES: Final = dict(zip(b"\\sntrabvf0", b"\\ \n\t\r\a\b\v\f\0", strict=True))
_SESSION_IDLE: Final = 86_400
_MOST_SESSIONS: Final = 50_000


def unescaped(name: str) -> str:
    """A login as the client gave it: the log has it as ``vis(3)`` writes it, ``front\\040desk``."""
    if "\\" not in name:
        return name
    return ESCAPED.sub(_byte, name.encode("utf-8", "backslashreplace")).decode("utf-8", "backslashreplace")


def _byte(found: re.Match[bytes]) -> bytes:
    octal, meta, meta_control, control, plain = found.groups()
    if octal:
        value = int(octal, 8)
    elif meta:
        value = meta[0] | 0x80
    elif meta_control:
        value = (0x7F if meta_control == b"?" else meta_control[0] & 0x1F) | 0x80
    elif control:
        value = 0x7F if control == b"?" else control[0] & 0x1F
    else:
        value = _PLAIN_ESCAPES[plain[0]]
    return bytes([value])


@dataclass(slots=True)
class _Message:
    """An accepted message whose sender is on a later line, or whose recipients are one a line."""

    time: int
    msgid: str
    size: int
    recipients: int
    account: str
    sender: str | None = None


@dataclass(slots=True)
class _Session:
    """What was logged under one session id."""

    last: int
    whole: bool
    """Whether it was read from its ``connected`` line on."""
    client: str = ""
    client_name: str = "unknown"
    tls: TlsVersion = TlsVersion.UNKNOWN
    account: str | None = None
    message: _Message | None = None


class OpenSmtpdReader(LogReader):
    """Takes the lines of one stream of logs in order; finds submissions and authentication failures."""

    def __init__(self, state: State = None) -> None:
        super().__init__(state)
        self._sessions: dict[tuple[str, str], _Session] = {}
        if state:
            for host, number, message, fields in state["sessions"]:
                session = _Session(*fields)
                session.tls = TlsVersion(session.tls)
                session.message = message and _Message(*message)
                self._sessions[host, number] = session

    def take(self, line: LogLine) -> None:
        """Read one line of a program that the format owns."""
        self._note_time(line)
        found = SESSION.match(line.text)
        if not found:
            return
        self.used += 1
        number, event, rest = found.groups()
        session = self._session(line, number, event)
        if not session.whole:
            self._orphan(line)
        if event == "connected":
            self._peer(session, rest or "")
        elif event in ("tls", "starttls"):
            if secured := TLS.match(rest or ""):
                session.tls = VERSIONS.get(secured[1], TlsVersion.UNKNOWN)
        elif event == "authentication":
            self._authentication(line, session, rest or "")
        elif event == "message":
            self._message(line, session, rest or "")
        elif event == "envelope":
            self._envelope(line, session, rest or "")
        elif event in ("disconnected", "closed"):
            self._settle(line.host, session)
            del self._sessions[line.host, number]

    def skim(self, region: Region) -> Skimmed | None:
        """The sessions with a login, and those that began before the region or go on behind it."""
        lines: set[int] = set()
        wanted = {number.encode(errors="replace") for _, number in self._sessions}
        sessions: dict[bytes, list[int]] = {}
        for found in region.lines_with(_TELLING):
            number = found["id"]
            sessions.setdefault(number, []).append(found.end("line"))
            if found["login"]:
                wanted.add(number)
            elif found["end"]:
                places = sessions.pop(number)
                if number in wanted:
                    lines.update(places)
        return Skimmed(_PASSED, lines.union(*sessions.values()))

    def pause(self) -> None:
        """The log ends for now: hand out the messages whose sender was not read."""
        for (host, _), session in self._sessions.items():
            if session.message:
                self.facts.incomplete += session.message.sender is None
                self._emit(host, session, session.message)

    def state(self) -> dict[str, State]:
        """Open sessions."""
        return {
            **super().state(),
            "sessions": [
                [*key, session.message and astuple(session.message), astuple(replace(session, message=None))]
                for key, session in self._sessions.items()
                if session.last > self._newest - _SESSION_IDLE
            ],
        }

    def _session(self, line: LogLine, number: str, event: str) -> _Session:
        key = (line.host, number)
        session = self._sessions.get(key)
        if event == "connected" or session is None or abs(line.time - session.last) > _SESSION_IDLE:
            if session:
                self._settle(line.host, self._sessions.pop(key))
            session = self._sessions[key] = _Session(line.time, whole=event == "connected")
            if len(self._sessions) > _MOST_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
        session.last = line.time
        return session

    @staticmethod
    def _peer(session: _Session, text: str) -> None:
        if found := PEER.match(text):
            session.client, session.client_name = client_address(found[1]), _host(found[2])

    def _authentication(self, line: LogLine, session: _Session, text: str) -> None:
        found = AUTHENTICATION.match(text)
        if not found:
            self.facts.misread(line)
            return
        name, address, host, result = found.groups()
        if address and not session.client:
            session.client, session.client_name = client_address(address), _host(host)
        if result == "ok":
            session.account = unescaped(name)
        else:
            # without the client, where the log begins with it: an earlier log that tells the client replaces it
            self._failed(line, session, unescaped(name) or None)

    def _failed(self, line: LogLine, session: _Session, tried: str | None) -> None:
        process = f"{INSTANCE}/{line.program}[{line.pid}]"
        ordinal = self._repeats.number(line.time, line.host, process, session.client, MECHANISM, tried)
        self.facts.failures.append(
            AuthFailure(line.time, line.host, process, tried, session.client, session.client_name, MECHANISM, ordinal)
        )

    def _message(self, line: LogLine, session: _Session, text: str) -> None:
        if found := MESSAGE.match(text):
            self._settle(line.host, session)
            if session.account is not None:
                session.message = _Message(line.time, found[1], int(found[2]), int(found[3]), session.account)
        elif found := OLD_MESSAGE.match(text):
            self._old_message(line, session, found)
        else:
            self.facts.misread(line)

    def _old_message(self, line: LogLine, session: _Session, found: re.Match[str]) -> None:
        """One line a recipient, each with the sender; the next other line tells that it was the last."""
        sender = path_end(found.string, found.end())
        end = OLD_MESSAGE_END.search(found.string, found.end())
        if not sender or not end:
            self.facts.misread(line)
            return
        if found[1] and not session.client:
            session.client, session.client_name = client_address(found[1]), _host(found[2])
        if session.message is None or session.message.msgid != found[3]:
            self._settle(line.host, session)
            if session.account is None:
                return
            session.message = _Message(line.time, found[3], int(end[1]), 0, session.account, sender[0])
        session.message.recipients += 1

    def _envelope(self, line: LogLine, session: _Session, text: str) -> None:
        found = ENVELOPE.match(text)
        message = session.message
        if not found or message is None or found[1] != message.msgid:
            return
        sender = path_end(text, found.end())
        if sender:
            message.sender = sender[0]
            self._settle(line.host, session)

    def _settle(self, host: str, session: _Session) -> None:
        """No more is to come of the session's message. Where the sender's line was lost, the account stands for it."""
        message, session.message = session.message, None
        if message:
            if message.sender is None:
                message.sender = message.account
            self._emit(host, session, message)

    def _emit(self, host: str, session: _Session, message: _Message) -> None:
        if session.client == LOCAL:
            return
        self.facts.submissions.append(
            Submission(
                time=message.time,
                host=host,
                instance=INSTANCE,
                queue_id=message.msgid,
                account=message.account,
                sender=message.sender or "",
                client=session.client,
                client_name=session.client_name,
                tls=session.tls,
                mechanism=MECHANISM,
                recipients=message.recipients,
                size=message.size,
            )
        )


def _host(name: str) -> str:
    return "unknown" if name == "<unknown>" else name


class OpenSmtpd:
    """The format: which lines are OpenSMTPD's, and who reads them."""

    name = "opensmtpd"
    title = "OpenSMTPD"
    hint = " smtp authentication user="
    example = "Nov 13 05:49:38 mail smtpd[106]: 0ecf12ae00e649d5 smtp authentication user=ana@shop.example result=ok"

    @staticmethod
    def recognises(program: str) -> bool:
        """Whether a program of this name is OpenSMTPD: Postfix's smtpd has ``postfix/`` before it."""
        return program == "smtpd"

    @staticmethod
    def id_time(text: str) -> None:
        """None: neither session nor message ids carry a time."""

    @staticmethod
    def own_lines(zone: ZoneInfo, host: str) -> None:
        """None: OpenSMTPD only has syslog."""

    @staticmethod
    def reader(state: State = None) -> OpenSmtpdReader:
        """A reader for one stream of logs."""
        return OpenSmtpdReader(state)


OPENSMTPD: Final = OpenSmtpd()
