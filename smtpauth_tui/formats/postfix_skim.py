"""Postfix, by the block: finds the logins among the bytes of a log, and looks back and ahead for what goes with them.

A login stands on a line of its own. The session's TLS line is the nearest one before it of the same process, the
queue manager's line the next one behind it with the same queue id. Where a session is out of the ordinary, or goes
beyond the region, its lines are left to the reader that takes them one by one, and which knows all the rules.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from smtpauth_tui.formats.facts import JUST_BEGUN, Facts, Repeats
from smtpauth_tui.formats.postfix_lines import (
    NO_LOGIN_NAME,
    QUEUE_MANAGERS,
    USED_STARTTLS_BYTES,
    WRAPPED,
    queue_id_time,
)
from smtpauth_tui.formats.region import CELL, STAMPS, Region, Skimmed
from smtpauth_tui.formats.syslog import MOST_REPEATS
from smtpauth_tui.formats.tls_names import VERSIONS
from smtpauth_tui.model import AuthFailure, Submission, TlsVersion
from smtpauth_tui.remembered import Remembered

_LOGIN_SIGN: Final = b", sasl_username="
_FAILED_SIGN: Final = b" authentication failed"
_TLS_SIGN: Final = b" TLS connection "
_STARTTLS_SIGN: Final = b" starttls="

_CLIENT: Final = rb"([^\s\[\]]*)\[([0-9a-fA-F.:%\w]+)\](?::\d+)?"


def _lines(process: bytes, text: bytes = b"") -> dict[str, re.Pattern[bytes]]:
    """For each form of stamps the pattern of a line by a *process*, whose words begin with *text*."""
    return {form: re.compile(stamp + process + text) for form, stamp in STAMPS.items()}


HEAD: Final = _lines(rb"( (\S+) ([^\s\[:]+)\[(\d+)\]: )")
LOGIN: Final = _lines(
    rb"( \S+ [^\s\[:]+\[\d+\]: )",
    rb"(\w+): client=" + _CLIENT + rb", sasl_method=([^\s,]+), sasl_username=([^,\r\n]+)\n",
)
FAILED: Final = _lines(
    rb"( \S+ [^\s\[:]+\[\d+\]: )",
    rb"(?:message repeated (\d{1,6}) times: \[ ?)?+warning: "
    + _CLIENT
    + rb": SASL (\S+) authentication failed(?:: ([^\r\n]*?))?(\]?)\n",
)
CONNECTION: Final = re.compile(rb"smtpd\[(\d+)\]: (c|disc)onnect from ")
SERVER: Final = re.compile(rb"smtpd\[(\d+)\]: ")
SESSION: Final = re.compile(
    rb"\w+ TLS connection (?:established|reused) from "
    + _CLIENT
    + rb"(?: to \S+)?: ((?:TLS|SSL)v[\d.]+) with cipher |(connect) from "
    + _CLIENT
    + rb"\n|(disconnect) from |(\w+): client="
    + _CLIENT
    + rb"[,\n]|(lost connection|timeout) after (?:DATA|BDAT)(?: \(\d+ bytes\))? from "
    + _CLIENT
    + rb"\n"
)
_SECURED, _CONNECTED, _ENDED, _MESSAGE, _GAVE_UP = 3, 6, 7, 10, 13
"""The last groups of the pattern's branches."""
QUEUED: Final = re.compile(rb"from=<([^>\r\n]*)>, size=(\d{1,12}), nrcpt=(\d{1,9}) \(queue \w+\)\n")
CHANGES_NOTHING: Final = (b"message-id=", b"resent-message-id=")
"""What cleanup says of each message."""
TELLING: Final = (b"connect from ", b" TLS connection ", b": client=", b"proxy-accept")
"""What is in lines that tell of a session, also where `SESSION` does not know their form."""

BY_PROXY: Final = b"XCLIENT"
NO_QUEUE: Final = b"NOQUEUE"
_QUEUE_MANAGERS: Final = frozenset(name.encode() for name in QUEUE_MANAGERS)
_GIVEN_UP_HERE: Final = -2
_NO_SESSION: Final = (-1, -1, b"", None)
_SHORT: Final = 11
"""Letters of the longest queue id that may be used again."""
_TWO: Final = {b"%02d" % number: number for number in range(60)}
_BYTE_VERSIONS: Final = {name.encode(): version for name, version in VERSIONS.items()}
PASSED: Final = rb"postfix/|(?!dovecot/)[^\s\[:/]++/"
IDLE: Final = (
    rb"(?!dovecot/)(?:[^\s\[:/]++/)++(?!(?:smtpd|cleanup|"
    + "|".join(sorted(QUEUE_MANAGERS)).encode()
    + rb")[\[:])[^\s\[:/]++[\[:]"
)
"""What follows the host in lines of daemons that tell nothing of logins."""
_NEAR: Final = 1 << 14
LONGEST_SILENCE = 3600
"""Seconds for which a client may be connected before its first message: smtpd gives up after five minutes."""
_AT_THE_END: Final = 1 << 18
_LONGEST_ID: Final = 40
_DAY: Final = 86_000
_DAYS: Final = 5 * 86_400 - 600
_OFF: Final = 600
"""Seconds by which the time in a queue id may differ before the rule about wrong zones is asked."""
_SILENT: Final = 10
_FEW: Final = 8
"""Sessions that are looked for one by one; of more, those whose process is silent are left out first."""


class _UnclearError(Exception):
    """The region holds something that only reading it line by line can settle."""


class _Process(NamedTuple):
    """A process that serves clients."""

    server: tuple[str, str]
    """Host and instance."""
    name: str
    """``postfix/smtpd[123]``"""
    wrapped: bool
    begins: int
    """Up to here its lines belong to a session that began before the region."""
    ends: int
    """From here on they belong to a session that ends behind the region."""


def _near(times: Sequence[int]) -> int:
    """Bytes within which lines are of nearly the same time, by the times of a region's cells."""
    return CELL if all(later - time < _DAY for time, later in zip(times, times[2:], strict=False)) else -1


def _process_of(begins: dict[bytes, int], ends: dict[bytes, int], region: Region, key: bytes) -> _Process | None:
    """Who speaks; None for another program than the one that serves clients."""
    host, program = key.decode("utf-8", "backslashreplace").strip().removesuffix(":").split(" ")
    parts = program.partition("[")[0].split("/")
    if len(parts) < 2 or parts[-1] != "smtpd" or not parts[0]:
        return None
    reach = begins.get(key, region.start), ends.get(key, region.end)
    return _Process((host, parts[0]), program, not WRAPPED.isdisjoint(parts), *reach)


def tls_lines(region: Region, start: int) -> tuple[int, int] | None:
    """Where the first line from *start* on and the region's last one begin that tell of a client's TLS."""
    first = _tls_line(region, start)
    last = _tls_line(region, region.end, back=True)
    return (first, last) if first is not None and last is not None and first < last else None


def _tls_line(region: Region, place: int, *, back: bool = False) -> int | None:
    """Where the next TLS line of a client begins, or with *back* the one before; None where there is none."""
    data, head = region.data, HEAD[region.form]
    while True:
        hit = data.rfind(_TLS_SIGN, region.begin, place) if back else data.find(_TLS_SIGN, place, region.stop)
        if hit < 0:
            return None
        line = region.line_start(hit)
        process = head.match(data, line)
        if process and process[6].endswith(b"/smtpd"):
            found = SESSION.match(data, process.end())
            if found and found.lastindex == _SECURED:
                return line
        place = line if back else region.line_end(hit)


def skim(
    region: Region,
    facts: Facts,
    repeats: Repeats,
    begun: int,
    processes: Iterable[tuple[str, str, str]],
    pending: Collection[str],
) -> Skimmed | None:
    """Take the submissions and failures of a region that begins with a TLS line and ends before one.

    *begun*: the time of the log's first line. *processes*: host, program and pid of those with an open session.
    *pending*: the queue ids of messages that are not accepted yet. None: nothing was taken, read it line by line.
    """
    try:
        return _Skimming(region, begun, pending).run(facts, repeats, processes)
    except (_UnclearError, ValueError):
        return None


class _Skimming:
    """One region."""

    def __init__(self, region: Region, begun: int, pending: Collection[str]) -> None:
        self.region = region
        self.data, self.first, self.last = region.data, region.start, region.end
        self.begun = begun
        self.pending = pending
        self.skimmed = Skimmed(PASSED)
        self._begins: dict[bytes, int] = {}
        """Until where the lines of a process belong to a session that began before the region."""
        self._ends: dict[bytes, int] = {}
        """From where on the lines of a process belong to a session that ends behind the region."""
        self._processes: dict[bytes, _Process | None] = Remembered(
            partial(_process_of, self._begins, self._ends, region)
        )
        self._speakers: dict[bytes, tuple[str, str] | bool] = {}
        self._days: dict[tuple[bytes, bytes], int] = {}
        self._texts: dict[bytes, str] = Remembered(lambda text: text.decode("utf-8", "backslashreplace"))
        self._sessions: dict[bytes, tuple[int, int, bytes, TlsVersion | None]] = {}
        """Of each process' last login: its place, that of the line that tells of the session, client and TLS."""
        self._left_late: set[bytes] = set()
        """The processes of which a session within the region is left to the reader."""
        self._queued: set[bytes] | None = None
        self._left: dict[bytes, list[tuple[int, int]]] = {}
        """The stretches of each process that are left to the reader."""

    def run(self, facts: Facts, repeats: Repeats, processes: Iterable[tuple[str, str, str]]) -> Skimmed:
        """See `skim`."""
        self.skimmed.signs.add(self.first)
        self._reach_over(processes)
        submissions = self._submissions()
        self._leave_unended()
        failures = self._failures()
        facts.submissions += [
            one for key, login, one in submissions if key not in self._left_late or not self._is_left(key, login)
        ]
        for one in failures:
            ordinal = repeats.number(one.time, one.host, one.process, one.client, one.mechanism, one.account)
            facts.failures.append(one._replace(ordinal=ordinal) if ordinal else one)
        self.skimmed.signs -= self.skimmed.lines
        return self.skimmed

    # sessions that reach over the region's ends

    def _reach_over(self, processes: Iterable[tuple[str, str, str]]) -> None:
        """Leave to the reader what began before the region or ends behind it."""
        region = self.region
        early = region.place_at(region.times[0] + LONGEST_SILENCE)
        late = region.place_at(region.times[-1] - LONGEST_SILENCE) - CELL
        first = dict(reversed(CONNECTION.findall(self.data, self.first, min(early, self.last))))
        last = dict(CONNECTION.findall(self.data, max(late, self.first), self.last))
        opened = list(processes)
        if len(opened) > _FEW:
            heard = set(SERVER.findall(self.data, self.first, self.last))
            opened = [process for process in opened if process[2].encode() in heard]
        carried = {f" {host} {program}[{pid}]: ".encode(errors="replace") for host, program, pid in opened}
        for pid in (pid for pid, word in first.items() if word == b"disc"):
            carried.add(self._key_at(self.data.find(b"smtpd[%s]: disconnect from " % pid, self.first, self.last)))
        for key in carried:
            self._begins[key] = self._leave_until_its_end(key, self.first)
        for pid in (pid for pid, word in last.items() if word == b"c"):
            place = self.data.rfind(b"smtpd[%s]: connect from " % pid, self.first, self.last)
            key = self._key_at(place)
            start = self.region.line_start(place)
            if start >= self._begins.get(key, 0):
                self._ends[key] = start
                self._leave_until_its_end(key, start, begins=True)
        for queue_id in self.pending:
            self._leave_queue_lines(queue_id.encode(errors="replace"), self.first)

    def _key_at(self, place: int) -> bytes:
        """The host, program and process of the line that a place is in."""
        found = HEAD[self.region.form].match(self.data, self.region.line_start(place))
        if not found or not found[6].endswith(b"/smtpd") or found.end() < place:
            raise _UnclearError
        return found[4]

    def _lines_of(self, key: bytes, place: int) -> Iterator[tuple[int, re.Match[bytes] | None]]:
        """The lines of a process from *place* on: where each begins, and what `SESSION` makes of it."""
        while (hit := self.data.find(key, place, self.last)) >= 0:
            place = hit + len(key)
            if (line := self._begins_line(hit, key)) is not None:
                yield line, self._session_line(place)

    def _begins_line(self, hit: int, key: bytes) -> int | None:
        """Where the line begins whose process stands at *hit*; None where the line only cites it."""
        line = hit - self.region.width
        if line == self.first or (line > self.first and self.data[line - 1] == 10):
            return line
        line = self.region.line_start(hit)
        found = HEAD[self.region.form].match(self.data, line)
        return line if found and found.end() == hit + len(key) else None

    def _session_line(self, text: int) -> re.Match[bytes] | None:
        """What a line tells of a session; None for nothing. Not clear where it tells something in another form."""
        found = SESSION.match(self.data, text)
        if not found:
            words = self.data[text : min(text + 48, self.last)].partition(b"\n")[0]
            if any(telling in words for telling in TELLING):
                raise _UnclearError
        return found

    def _leave_until_its_end(self, key: bytes, place: int, *, begins: bool = False) -> int:
        """Leave a process' lines to the reader up to its session's end; where that is. *begins*: it begins here."""
        start, end = place, self.last
        secured = False
        queue_lines: list[tuple[bytes, int]] = []
        for line, found in self._lines_of(key, place):
            kind = found.lastindex if found else None
            if kind == _CONNECTED and not begins:
                end = line
                self._left_late.add(key)
                self._leave_until_its_end(key, line, begins=True)
                break
            begins = False
            if kind is None:
                continue
            self.skimmed.lines.add(line)
            secured |= kind == _SECURED
            if kind == _MESSAGE and found:
                queue_lines.append((found[8], line))
            if kind == _ENDED:
                end = self.region.line_end(line)
                if not secured:
                    self._sign_around(line)
                break
        self._left.setdefault(key, []).append((start, end))
        for queue_id, line in queue_lines:
            self._leave_queue_lines(queue_id, self.region.line_end(line), signs=not secured)
        return end

    def _sign_around(self, place: int) -> None:
        """Tell the reader of the TLS lines around a place where it has to know whether TLS is logged."""
        around = self._tls_lines_around(place)
        if around is None:
            raise _UnclearError
        self.skimmed.signs.update(line for line in around if line < self.last)

    def _tls_lines_around(self, place: int) -> tuple[int, int] | None:
        """The TLS lines before and behind a place; None where they do not prove that TLS is logged between them."""
        before, behind = _tls_line(self.region, place, back=True), _tls_line(self.region, place)
        if before is None or behind is None or self.data.count(_STARTTLS_SIGN, before, behind) >= _SILENT:
            return None
        return before, behind

    def _find_id(self, mark: bytes, place: int) -> int:
        """Where a queue id stands next, from *place* on; -1 where it does not, or only in an unfinished message."""
        hit = self.data.find(mark, place, min(place + _NEAR, self.last))
        if hit < 0 and mark[1:-2] in self._queue_ids:
            hit = self.data.find(mark, place, self.last)
        return hit

    @property
    def _queue_ids(self) -> set[bytes]:
        """The queue ids that a queue manager takes up, and where ids are used anew those that messages get."""
        if self._queued is None:
            self._queued = set()
            for sign in (b": from=<", b": client="):
                hit = self.data.find(sign, self.first, self.last)
                while hit >= 0:
                    self._queued.add(self.data[self.data.rfind(b" ", hit - _LONGEST_ID, hit) + 1 : hit])
                    hit = self.data.find(sign, hit + _LONGEST_ID, self.last)
        return self._queued

    def _leave_queue_lines(self, queue_id: bytes, place: int, *, signs: bool = False) -> None:
        """Leave to the reader what is said of a message from *place* on, until it is accepted or its id used anew."""
        mark = b" " + queue_id + b": "
        while (hit := self._find_id(mark, place)) >= 0:
            place = hit + len(mark)
            line = self.region.line_start(hit)
            head = HEAD[self.region.form].match(self.data, line)
            if not head or head.end() != hit + 1:
                continue
            self.skimmed.lines.add(line)
            daemon = head[6].rpartition(b"/")[2]
            if daemon in _QUEUE_MANAGERS and QUEUED.match(self.data, place):
                if signs:
                    self._sign_around(line)
                return
            if daemon == b"smtpd" and self.data.startswith(b"client=", place):
                if self.data.find(_LOGIN_SIGN, place, self.region.line_end(place)) >= 0:
                    self._leave_session(head[4], line)
                return

    def _leave_session(self, key: bytes, login: int) -> None:
        """Leave to the reader all of a session that a login is of."""
        if self._is_left(key, login):
            return
        self._left_late.add(key)
        start = at = login
        while (hit := self.data.rfind(key, self.first, at)) >= 0:
            at = hit
            line = self._begins_line(hit, key)
            if line is None:
                continue
            found = self._session_line(hit + len(key))
            if found and found.lastindex == _ENDED:
                break
            start = line
            if found and found.lastindex == _CONNECTED:
                break
        self._leave_until_its_end(key, start, begins=True)

    def _is_left(self, key: bytes, login: int) -> bool:
        return any(start <= login < end for start, end in self._left.get(key, ()))

    def _leave_unended(self) -> None:
        """Leave to the reader also the sessions that end behind the region and of whose connection no line tells."""
        last_seen = {key: login for key, (login, *_) in self._sessions.items()}
        hit = self.data.find(_TLS_SIGN, max(self.first, self.last - _AT_THE_END), self.last)
        while hit >= 0:
            line = self.region.line_start(hit)
            head = HEAD[self.region.form].match(self.data, line)
            if head and head[6].endswith(b"/smtpd"):
                last_seen[head[4]] = max(line, last_seen.get(head[4], 0))
            hit = self.data.find(_TLS_SIGN, self.region.line_end(hit), self.last)
        for key, place in last_seen.items():
            if place < self._begins.get(key, 0) or key in self._ends:
                continue
            later = self._lines_of(key, self.region.line_end(place))
            if not any(found and found.lastindex in (_ENDED, _CONNECTED) for _, found in later):
                self._leave_session(key, place)

    # messages

    def _submissions(self) -> list[tuple[bytes, int, Submission]]:
        """The messages whose sessions lie in the region, with process and place."""
        # the names of this loop are local, and its tuples plain: it runs for each message of a log
        data, first, last, region = self.data, self.first, self.last, self.region
        find, rfind = data.find, data.rfind
        login_at, session_at, queued_at = LOGIN[region.form].match, SESSION.match, QUEUED.match
        width, near, checked = region.width, _near(region.times), first
        processes, sessions, speakers, texts = self._processes, self._sessions, self._speakers, self._texts
        new, taken = tuple.__new__, []
        place = find(_LOGIN_SIGN, first, last)
        while place >= 0:
            line = rfind(b"\n", first, place) + 1 or first
            login = login_at(data, line)
            if login is None:
                place = find(_LOGIN_SIGN, self._no_login(line, place), last)
                continue
            end = login.end()
            place = find(_LOGIN_SIGN, end, last)
            minute, second, zone, key, queue_id, name, client, mechanism, account = login.groups()
            process = processes[key]
            if process is None or not process.begins <= line < process.ends:
                continue
            if mechanism == BY_PROXY or queue_id == NO_QUEUE:
                self._leave_session(key, line)
                continue
            # back: the session
            lowest, session, session_client, session_tls = sessions.get(key, _NO_SESSION)
            at, begun, tls = line, -1, None
            while (hit := rfind(key, lowest if lowest >= 0 else first, at)) >= 0:
                at = hit - width
                if at > first and data[at - 1] != 10:
                    begins = self._begins_line(hit, key)
                    at = hit if begins is None else begins
                    if begins is None:
                        continue
                if at == lowest:
                    if session_client == client:
                        begun, tls = session, session_tls
                    break
                told = session_at(data, hit + len(key)) or self._session_line(hit + len(key))
                kind = told.lastindex if told else None
                if told is None or (kind == _MESSAGE and told[10] == client):
                    continue
                if kind == _SECURED and told[2] == client:
                    begun, tls = at, _BYTE_VERSIONS.get(told[3], TlsVersion.UNKNOWN)
                elif kind == _CONNECTED and told[6] == client:
                    begun = at
                break
            time = self._utc(minute, second, zone)
            if begun < 0 or (line - begun > near and time - region.not_before(begun) > _DAY):
                sessions.pop(key, None)
                self._leave_session(key, line)
                continue
            sessions[key] = line, begun, client, tls
            # ahead: the queue manager
            hit = find(b" " + queue_id + b": from=<", end, min(end + _NEAR, last)) if tls else -1
            if hit >= 0 and len(queue_id) > _SHORT and b"z" in queue_id:
                pass  # a long id is not used again: what cleanup says of it is of no account
            else:
                hit = self._taken_up(b" " + queue_id + b": ", key, client, end)
            if hit == _GIVEN_UP_HERE:
                continue
            queued = queued_at(data, hit + len(queue_id) + 3) if hit >= 0 else None
            speaker = data[rfind(b"\n", first, hit) + 1 + width : hit]
            if (
                queued is None
                or (speakers.get(speaker) or self._speaker(hit)) != process.server
                or (hit - line > near and region.not_after(hit) - time > _DAYS)
            ):
                self._leave_session(key, line)
                continue
            if tls is None:
                tls = self._without_tls(process, key, client, line, hit)
                if tls is None:
                    self._leave_session(key, line)
                    continue
            if line >= checked:
                self._check_clock(time, queue_id)
                checked = line + CELL
            sender, size, recipients = queued.groups()
            host, instance = process.server
            one = (
                time,
                host,
                instance,
                queue_id.decode(),
                texts[account],
                texts[sender],
                texts[client],
                texts[name],
                tls,
                texts[mechanism],
                int(recipients),
                int(size),
            )
            taken.append((key, line, new(Submission, one)))
        return taken

    def _taken_up(self, mark: bytes, key: bytes, client: bytes, place: int) -> int:
        """Where the queue manager takes a message up; -1: it is not clear; `_GIVEN_UP_HERE`: the client left before."""
        data = self.data
        hit = data.find(mark, place, min(place + _NEAR, self.last))
        if hit < 0:
            if self._is_given_up(key, client, place):
                return _GIVEN_UP_HERE
            hit = self._find_id(mark, place)
        while hit >= 0:
            text = hit + len(mark)
            if data.startswith(b"from=<", text):
                return hit
            if not data.startswith(CHANGES_NOTHING, text) and self._speaker(hit) is not True:
                return -1
            hit = data.find(mark, text, self.last)
        return -1

    def _check_clock(self, time: int, queue_id: bytes) -> None:
        """Not clear where the times are not those of the queue ids, or too near to the beginning of the log."""
        known = queue_id_time(queue_id.decode())
        if time < self.begun + JUST_BEGUN or (known is not None and abs(time - known) > _OFF):
            raise _UnclearError

    def _utc(self, minute: bytes, second: bytes, zone: bytes) -> int:
        """UTC seconds of a stamp: from its day's beginning on, as the clock went in the region."""
        clock = _TWO[minute[-5:-3]] * 3600 + _TWO[minute[-2:]] * 60
        day = minute[:-6], zone
        begins = self._days.get(day)
        if begins is None:
            begins = self._days[day] = self.region.utc(minute, zone) - clock
        return begins + clock + _TWO[second]

    def _is_given_up(self, key: bytes, client: bytes, place: int) -> bool:
        """Whether the next that a process says is that its client left in the midst of a message."""
        hit = self.data.find(key, place, min(place + _NEAR, self.last))
        if hit < 0 or self._begins_line(hit, key) is None:
            return False
        found = SESSION.match(self.data, hit + len(key))
        return found is not None and found.lastindex == _GAVE_UP and found[13] == client

    def _no_login(self, line: int, place: int) -> int:
        """The end of a line that has the sign of a login and is none; not clear where it may be one all the same."""
        end = self.region.line_end(place)
        text = self.data[line:end]
        if b": client=" in text and not FAILED[self.region.form].match(self.data, line):
            head = HEAD[self.region.form].match(self.data, line)
            if not head:
                raise _UnclearError
            if head[6].endswith(b"/smtpd") and b": client=" in self.data[head.end() : head.end() + 40]:
                self._leave_session(head[4], line)
        return end

    def _speaker(self, hit: int) -> tuple[str, str] | bool:
        """Who says something of a queue id: host and instance of a queue manager; True for whoever changes nothing."""
        line = self.data.rfind(b"\n", self.first, hit) + 1 or self.first
        said_by = self.data[line + self.region.width : hit]
        found = self._speakers.get(said_by)
        if found is None:
            found = False
            head = HEAD[self.region.form].match(self.data, line)
            if head and head.end() == hit + 1:
                instance, _, daemon = head[6].decode("utf-8", "backslashreplace").rpartition("/")
                if daemon in QUEUE_MANAGERS and instance:
                    found = head[5].decode("utf-8", "backslashreplace"), instance.partition("/")[0]
                elif daemon not in ("smtpd", "cleanup"):
                    found = True
                if head.start() + self.region.width == head.start(4):
                    self._speakers[said_by] = found
        return found

    def _without_tls(
        self, process: _Process, key: bytes, client: bytes, login: int, accepted: int
    ) -> TlsVersion | None:
        """Under which TLS a message came whose session has no TLS line up to its login; None: the reader settles it."""
        if process.wrapped:
            return None
        for line, told in self._lines_of(key, login):
            kind = told.lastindex if told else None
            if kind == _SECURED and told and told[2] == client:
                return TlsVersion.NONE
            if kind == _ENDED:
                if USED_STARTTLS_BYTES.search(self.data, line, self.region.line_end(line)):
                    return TlsVersion.UNKNOWN
                return TlsVersion.NONE if self._tls_lines_around(max(line, accepted)) else None
            if kind == _CONNECTED or (kind == _MESSAGE and told and told[10] != client):
                return None
        return None

    # failures

    def _failures(self) -> list[AuthFailure]:
        """The refused attempts to log in, in their order, which tells equal ones apart."""
        data, last, region = self.data, self.last, self.region
        find, rfind, failed_at = data.find, data.rfind, FAILED[region.form].match
        processes, texts, new = self._processes, self._texts, tuple.__new__
        taken: list[AuthFailure] = []
        place = find(_FAILED_SIGN, self.first, last)
        while place >= 0:
            line = rfind(b"\n", self.first, place) + 1 or self.first
            failed = failed_at(data, line)
            if failed is None:
                place = region.line_end(place)
                if b"warning: " in data[line:place]:
                    raise _UnclearError
                place = find(_FAILED_SIGN, place, last)
                continue
            place = find(_FAILED_SIGN, failed.end(), last)
            minute, second, zone, key, times, name, client, mechanism, reason, bracket = failed.groups()
            process = processes[key]
            if process is None:
                continue
            if bracket and times is None:
                if reason is None:
                    raise _UnclearError
                reason += bracket
            elif times and not bracket:
                raise _UnclearError
            time = self._utc(minute, second, zone)
            account = texts[reason.partition(_LOGIN_SIGN)[2]] if reason else ""
            tried = None if account in ("", NO_LOGIN_NAME) else account
            one = (time, process.server[0], process.name, tried, texts[client], texts[name], texts[mechanism], 0)
            failure = new(AuthFailure, one)
            taken += [failure] * min(int(times), MOST_REPEATS) if times else [failure]
        return taken
