"""Dovecot's submission service: joins the login, which has the TLS version, with the messages that it relayed.

Dovecot writes all its services under one name; only those of the submission service are read. The server behind it
logs the same message again, under the queue id that it answered Dovecot with.
"""

import re
from collections import OrderedDict
from dataclasses import astuple, dataclass
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.formats.address import path_end
from smtpauth_tui.formats.facts import LogReader, State
from smtpauth_tui.formats.region import BEHIND_PROGRAM, Region, Skimmed
from smtpauth_tui.model import AuthFailure, LogLine, Submission, TlsVersion

# submission-login: Login: user=<ana@shop.example>, method=PLAIN, rip=192.0.2.7, lip=198.51.100.1, mpid=247, TLSv1.3
#   with cipher TLS_AES_256_GCM_SHA384 (256/256 bits), session=<lqbqYg9gCdt/ktpo>          ("Logged in" from 2.4 on)
LOGIN_PROCESS: Final = re.compile(r"([a-z][\w-]*)-login: (?:Info: )?")
LOGGED_IN: Final = ("Login: user=<", "Logged in: user=<")
# submission(ana@shop.example)<247><lqbqYg9gCdt/ktpo>: Successfully relayed message: from=<ana@shop.example>, size=570,
#   id=thZTJMRs9Wr6AAAA0J78UA, nrcpt=1, reply=`250 2.0.0 Ok: 795 bytes queued as 9DBFF2AE965'
RELAYED: Final = ": Successfully relayed message: from=<"
PROCESS: Final = re.compile(r"submission\((.*)\)(?:<(\d{1,10})>(?:<([^<>\s]*)>)?)?(?:: Info)?$", re.DOTALL)
MESSAGE: Final = re.compile(r", size=(\d{1,15}), id=([^,\s]*), nrcpt=(\d{1,9}), reply=`(.*)'$", re.DOTALL)
ENDED: Final = re.compile(r"submission\(.*\)<(\d{1,10})>(?:<([^<>\s]*)>)?: (?:Info: )?Disconnected\b", re.DOTALL)
# what servers answer to accepted data: Postfix, Exim, Sendmail and OpenSMTPD
QUEUE_IDS: Final = (
    re.compile(r"250 (?:2\.0\.0 )?Ok: .*queued as (\w{1,40})$"),
    re.compile(r"250 OK id=([\w-]{1,40})$"),
    re.compile(r"250 2\.0\.0:? (\w{1,40}) Message accepted for delivery$"),
)
# submission-login: Disconnected: Connection closed (auth failed, 3 attempts in 2 secs): user=<ana>, method=LOGIN, ...
FAILED: Final = re.compile(r"\((?:auth|authorization) failed, (\d{1,4}) attempts?(?: in \d{1,9} secs)?\)")
REFUSED: Final = ("(user disabled)", "(password expired)", "(login disabled)", "(auth service reported temporary")
# auth: passwd-file(ana,192.0.2.7,<lqbqYg9gCdt/ktpo>): Password mismatch       auth-worker(12): sql(...): unknown user
AUTH: Final = re.compile(
    r"auth(?:-worker)?(?:\(\w+\))?: (?:Info: )?([\w-]+)\(([^,()<>]*),[0-9a-fA-F.:]+,<([^<>\s]+)>\): (?!Debug: |Error: )"
)
# auth(ana,192.0.2.7,sasl:plain)<lqbqYg9gCdt/ktpo>: passwd-file: Password mismatch                       (2.4)
AUTH_24: Final = re.compile(
    r"auth(?:-worker)?\(([^,()<>]*),[0-9a-fA-F.:]+(?:,sasl:[\w-]+)?\)<([^<>\s]+)>: (?:Info: )?([\w-]+): "
)
REFUSALS: Final = (
    "password mismatch", "unknown user", "invalid credentials", "pam_authenticate() failed", "user disabled",
    "authentication fail", "authentication refused", "oauth2 failed",
)  # fmt: skip

# other services' lines, but for refused logins
_PASSED: Final = rb"dovecot" + BEHIND_PROGRAM + rb"(?!submission|auth|[\w-]+-login: (?!(?:Info: )?Log))"

VERSIONS: Final = {
    "SSLv3": TlsVersion.SSL3,
    "TLSv1": TlsVersion.V1_0,
    "TLSv1.0": TlsVersion.V1_0,
    "TLSv1.1": TlsVersion.V1_1,
    "TLSv1.2": TlsVersion.V1_2,
    "TLSv1.3": TlsVersion.V1_3,
}
INSTANCE: Final = "dovecot"
_SESSION_IDLE: Final = 86_400
_MOST_SESSIONS: Final = 50_000
_MOST_TRIED: Final = 20_000
"""Sessions whose refused names wait for the line that tells their service."""
_MOST_NAMES: Final = 100
_FALLS_THROUGH: Final = 1
"""Seconds: a user that one database does not know and the next one does is no failure; a real one costs 2 s."""


def queue_id_of(reply: str, transaction: str) -> str:
    """The queue id in the answer of the server behind, else Dovecot's own *transaction* id."""
    for known in QUEUE_IDS:
        if found := known.match(reply):
            return found[1]
    return transaction


def elements(text: str) -> tuple[str, dict[str, str], TlsVersion]:
    """The login, the named parts and the TLS version of what follows ``user=<`` in a line of a login process.

    The login is what the client said, and may imitate all that follows: the last ``>, method=`` or ``>, rip=`` ends it.
    """
    name, found, rest = text.rpartition(">, method=")
    rest = f"method={rest}" if found else rest
    if not found:
        name, found, rest = text.rpartition(">, rip=")
        rest = f"rip={rest}" if found else rest
    parts: dict[str, str] = {}
    tls = TlsVersion.NONE
    for element in rest.split(", "):
        key, equals, value = element.partition("=")
        if equals and key.isidentifier():
            parts.setdefault(key, value.removeprefix("<").removesuffix(">"))
        elif version := VERSIONS.get(element.partition(" ")[0]):
            tls = version
        elif element.startswith(("TLS", "SSL", "secured", "(proxied)")) and tls == TlsVersion.NONE:
            tls = TlsVersion.UNKNOWN
    return name, parts, tls


@dataclass(slots=True)
class _Login:
    """A session of the submission service, from its ``Login:`` line."""

    last: int
    account: str
    client: str
    mechanism: str
    tls: TlsVersion


@dataclass(slots=True)
class _Tried:
    """One attempt that a password database refused, by the name tried."""

    time: int
    name: str
    databases: list[str]


class DovecotReader(LogReader):
    """Takes the lines of one stream of logs in order; finds submissions and authentication failures."""

    def __init__(self, state: State = None) -> None:
        super().__init__(state)
        self._logins: OrderedDict[tuple[str, str], _Login] = OrderedDict()
        self._tried: OrderedDict[tuple[str, str], list[_Tried]] = OrderedDict()
        self._databases: set[str] = set()
        if state:
            self._databases = set(state["databases"])
            for host, session, login in state["logins"]:
                one = self._logins[host, session] = _Login(*login)
                one.tls = TlsVersion(one.tls)
            for host, session, tried in state["tried"]:
                self._tried[host, session] = [_Tried(*fields) for fields in tried]

    def take(self, line: LogLine) -> None:
        """Read one line of a program that the format owns."""
        self._note_time(line)
        service = line.program.partition("/")[2]
        text = f"{service}: {line.text}" if service else line.text
        if text.startswith("submission"):
            self.used += 1
            self._submission(line, text)
        elif text.startswith("auth"):
            self._refused(line, text)
        elif self._tried and (found := LOGIN_PROCESS.match(text)):
            _, _, rest = text[found.end() :].partition("user=<")
            self._tried.pop((line.host, elements(rest)[1].get("session", "")), None)

    def skim(self, region: Region) -> Skimmed | None:
        """Other services' lines tell nothing, but for refused logins."""
        return Skimmed(_PASSED)

    def pause(self) -> None:
        """The log ends for now: each message was handed out with its line."""

    def state(self) -> dict[str, State]:
        """Open sessions, and refused attempts whose service is not known."""
        oldest = self._newest - _SESSION_IDLE
        return {
            **super().state(),
            "databases": sorted(self._databases),
            "logins": [[*key, list(astuple(one))] for key, one in self._logins.items() if one.last > oldest],
            "tried": [
                [*key, [list(astuple(one)) for one in tried]]
                for key, tried in self._tried.items()
                if tried[-1].time > oldest
            ],
        }

    # the submission service

    def _submission(self, line: LogLine, text: str) -> None:
        if found := LOGIN_PROCESS.match(text):
            rest = text[found.end() :]
            if self._just_begun(line):
                self._orphan(line)  # an earlier log may have attempts of its session
            if rest.startswith(LOGGED_IN):
                self._logged_in(line, rest.partition("user=<")[2])
            else:
                self._rejected(line, rest)
        elif RELAYED in text:
            self._relayed(line, text)
        elif found := ENDED.match(text):
            self._logins.pop((line.host, found[2] or found[1]), None)
            self._logins.pop((line.host, found[1]), None)

    def _logged_in(self, line: LogLine, text: str) -> None:
        name, parts, tls = elements(text)
        session, process = parts.get("session", ""), parts.get("mpid", "")
        if not session and not process:
            self.facts.misread(line)
            return
        login = _Login(line.time, name, parts.get("rip", ""), parts.get("method", "").upper(), tls)
        for key in (session, process):
            if key:
                self._logins.pop((line.host, key), None)
        self._logins[line.host, session or process] = login
        if len(self._logins) > _MOST_SESSIONS:
            self._logins.popitem(last=False)
        for one in self._tried.pop((line.host, session), ()):
            if not self._fell_through(one, line.time, name):
                self._failed(one.time, line.host, one.name, login.client, "")

    def _fell_through(self, tried: _Tried, time: int, name: str) -> bool:
        """Whether one password database refused what the next one accepted."""
        another = len(self._databases) > len(tried.databases)
        return another and time - tried.time <= _FALLS_THROUGH and tried.name.casefold() == name.casefold()

    def _relayed(self, line: LogLine, text: str) -> None:
        head, _, rest = text.partition(RELAYED)
        process = PROCESS.match(head)
        sender = path_end(rest, 0)
        message = MESSAGE.match(rest, sender[1]) if sender else None
        if not process or not sender or not message:
            self.facts.misread(line)
            return
        account, pid, session = process.groups()
        login = self._logins.get((line.host, session or ""))
        if login is None:
            login = self._logins.get((line.host, pid or ""))
            if login and login.account.casefold() != account.casefold():  # another session of a process id used anew
                login = None
        if login:
            login.last = line.time
        else:
            self._orphan(line)
        self.facts.submissions.append(
            Submission(
                time=line.time,
                host=line.host,
                instance=INSTANCE,
                queue_id=queue_id_of(message[4], message[2]),
                account=account,
                sender=sender[0],
                client=login.client if login else "",
                client_name="unknown",
                tls=login.tls if login else TlsVersion.UNKNOWN,
                mechanism=login.mechanism if login else "",
                recipients=int(message[3]),
                size=int(message[1]),
            )
        )

    # failures

    def _refused(self, line: LogLine, text: str) -> None:
        """One attempt, of any service: it counts when a line of the submission service has its session."""
        if found := AUTH.match(text):
            database, name, session = found.groups()
        elif found := AUTH_24.match(text):
            name, session, database = found.groups()
        else:
            return
        reason = text[found.end() :].lower()
        if ",<" in reason or not reason.startswith(REFUSALS):
            return
        if self._just_begun(line):
            self._orphan(line)
        self._databases.add(database)
        tried = self._tried.setdefault((line.host, session), [])
        if tried and tried[-1].name == name and database not in tried[-1].databases:
            tried[-1].databases.append(database)
            tried[-1].time = line.time
        elif len(tried) < _MOST_NAMES:
            tried.append(_Tried(line.time, name, [database]))
        if len(self._tried) > _MOST_TRIED:
            self._tried.popitem(last=False)

    def _rejected(self, line: LogLine, text: str) -> None:
        """A session that ended without a login: how many attempts failed, and the name that the last one tried."""
        reason, _, rest = text.partition("user=<")
        if not rest:
            return
        last, parts, _ = elements(rest)
        tried = self._tried.pop((line.host, parts.get("session", "")), [])
        if found := FAILED.search(reason):
            attempts = int(found[1])
        else:
            attempts = max(len(tried), any(known in reason for known in REFUSED))
        client, mechanism = parts.get("rip", ""), parts.get("method", "").upper()
        named = tried[-attempts:] if attempts else []
        for one in named:
            self._failed(one.time, line.host, one.name, client, mechanism if one is named[-1] else "")
        for _ in range(attempts - len(named)):
            self._failed(line.time, line.host, last, client, mechanism)

    def _failed(self, time: int, host: str, name: str, client: str, mechanism: str) -> None:
        process = f"{INSTANCE}/submission-login"
        tried = name or None
        ordinal = self._repeats.number(time, host, process, client, mechanism, tried)
        self.facts.failures.append(AuthFailure(time, host, process, tried, client, "unknown", mechanism, ordinal))


class Dovecot:
    """The format: which lines are Dovecot's, and who reads them."""

    name = "dovecot"
    title = "Dovecot submission"
    hint = "submission-login: "
    example = (
        "Nov 12 07:37:40 mail dovecot: submission-login: Login: user=<ana@shop.example>, method=PLAIN, rip=192.0.2.7, "
        "lip=198.51.100.1, mpid=247, TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits), session=<lqbqYg9gCdt/>"
    )

    @staticmethod
    def recognises(program: str) -> bool:
        """Whether a program of this name is Dovecot, of any service."""
        return program.partition("/")[0] == "dovecot"

    @staticmethod
    def id_time(text: str) -> None:
        """None: no id that a line begins with carries a time."""

    @staticmethod
    def own_lines(zone: ZoneInfo, host: str) -> None:
        """None: Dovecot is read from syslog."""

    @staticmethod
    def reader(state: State = None) -> DovecotReader:
        """A reader for one stream of logs."""
        return DovecotReader(state)


DOVECOT: Final = Dovecot()
