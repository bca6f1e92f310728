"""A mail server in memory that writes Postfix lines and knows the truth about them."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

STARTS: Final = (datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2025, 12, 31, 23, 59, 30, tzinfo=UTC))
PEOPLE: Final = ("ana@shop.example", "Bo@shop.example", "cy@other.example", "dee@third.example", "")
CLIENTS: Final = ("pc.example[192.0.2.10]", "unknown[192.0.2.11]", "h.example[2001:db8::7]")
TRIED: Final = ("guess", "Admin", "ana@shop.example", "a, sasl_username=b", None)
VERSIONS: Final = ("TLSv1.3", "TLSv1.3", "TLSv1.2", "TLSv1", None, None)
PROCESSES: Final = (
    ("postfix/submission/smtpd", 101),
    ("postfix/submission/smtpd", 102),
    ("postfix/smtpd", 103),
    ("postfix/smtps/smtpd", 104),
)
WRAPPED: Final = ("postfix/smtps/smtpd",)
MOST_OPEN: Final = 6
USED_AGAIN_AFTER: Final = 3600
"""Seconds until a queue id is given again. Short ones have a file's number and the second's fraction in them: a
server gives none again at once."""
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log, in any form; *number* counts the lines of a server."""

    number: int
    time: int
    host: str
    program: str
    pid: int
    text: str

    def written(self, form: str) -> str:
        """The line as a collector writes it: ``syslog``, ``iso``, ``rfc5424``, ``journal``."""
        return FORMS[form](self)

    @property
    def micros(self) -> int:
        """Microseconds since 1970: within a second, lines follow one another."""
        return self.time * 1_000_000 + self.number % 1_000_000


def _traditional(line: Line) -> str:
    when = datetime.fromtimestamp(line.time, UTC)
    return f"{when:%b} {when.day:>2} {when:%H:%M:%S} {line.host} {line.program}[{line.pid}]: {line.text}"


def _full_stamp(line: Line) -> str:
    return datetime.fromtimestamp(line.micros / 1_000_000, UTC).isoformat(timespec="milliseconds")


def _iso(line: Line) -> str:
    return f"{_full_stamp(line)} {line.host}.shop.example {line.program}[{line.pid}]: {line.text}"


def _rfc5424(line: Line) -> str:
    return f"<22>1 {_full_stamp(line)} {line.host} {line.program} {line.pid} - - {line.text}"


def _journal(line: Line) -> str:
    entry = {
        "__REALTIME_TIMESTAMP": str(line.micros),
        "_HOSTNAME": line.host,
        "SYSLOG_IDENTIFIER": f"{line.program}",
        "SYSLOG_PID": str(line.pid),
        "_UID": "112",
        "MESSAGE": line.text,
    }
    return json.dumps(entry)


FORMS: Final[dict[str, Callable[[Line], str]]] = {
    "syslog": _traditional,
    "iso": _iso,
    "rfc5424": _rfc5424,
    "journal": _journal,
}

Step = tuple[str, str, int, str]
"""Host, program, pid and text of a line to come."""


class MailServer:
    """One or more hosts that log to one place.

    Sessions interleave; most lines share their second with others. `messages` and `failures` are the truth of
    the lines that were written so far.
    """

    def __init__(self, draw: random.Random, hosts: tuple[str, ...], start: int) -> None:
        self.time = start
        self.messages: Counter[tuple[str, str]] = Counter()
        """By sender and TLS version (``none`` for none)."""
        self.failures: Counter[tuple[str, str]] = Counter()
        """By the name tried and the client's address."""
        self._draw = draw
        self._hosts = hosts
        self._free = [(host, *process) for host in hosts for process in PROCESSES]
        self._sessions: list[Iterator[Step]] = []
        self._deliveries: list[Iterator[Step]] = []
        self._written = 0
        self._ids: dict[tuple[str, str], int] = {}
        """When a queue id is free again, by host."""
        self._failed: set[tuple[object, ...]] = set()
        self._fenced: set[tuple[object, ...]] = set()

    def lines(self, count: int) -> list[Line]:
        """The next *count* lines of the log."""
        found: list[Line] = []
        while len(found) < count:
            if self._free and len(self._sessions) < MOST_OPEN and self._draw.random() < 0.15:
                self._sessions.append(self._session(*self._free.pop(self._draw.randrange(len(self._free)))))
            tasks = self._sessions + self._deliveries
            if tasks:
                task = self._draw.choice(tasks)
                for _ in range(self._draw.choice((1, 1, 1, 2, 5))):
                    if not self._step(task, found):
                        break
            elif self._draw.random() < 0.1:
                self.time += self._draw.choice((600, 7200, DAY, DAY, 3 * DAY, 8 * DAY))
        return found

    def end(self) -> list[Line]:
        """The rest of all sessions, and on each host a last one that shows that TLS is logged."""
        found: list[Line] = []
        for _ in range(2):
            while tasks := self._sessions + self._deliveries:
                self._step(tasks[0], found)
            self.time += 60
            for host in self._hosts:
                process = next(
                    process for process in self._free if process[0] == host and process[1] != "postfix/smtpd"
                )
                self._free.remove(process)
                self._sessions.append(self._session(*process, tls="TLSv1.3"))
        while tasks := self._sessions + self._deliveries:
            self._step(tasks[0], found)
        return found

    def fence(self) -> None:
        """A file ends here: what failed in this second fails again in the next one at the earliest.

        Equal failures in one second, one at the end of a file and one at the beginning of the next, cannot be
        told from one failure that is in both.
        """
        self._fenced |= self._failed

    def _step(self, task: Iterator[Step], found: list[Line]) -> bool:
        """The task's next line; false where it has none."""
        self._pass_time()
        step = next(task, None)
        if step is None:
            (self._sessions if task in self._sessions else self._deliveries).remove(task)
            return False
        self._written += 1
        found.append(Line(self._written, self.time, *step))
        return True

    def _pass_time(self) -> None:
        chance = self._draw.random()
        if chance > 0.75:
            self._tick(1 if chance < 0.9 else self._draw.choice((1, 2, 3, 30, 400)))

    def _tick(self, seconds: int) -> None:
        self.time += seconds
        self._failed.clear()
        self._fenced.clear()

    def _session(self, host: str, program: str, pid: int, tls: str | None = "drawn") -> Iterator[Step]:
        """From ``connect from`` to ``disconnect from``."""
        draw = self._draw
        client = draw.choice(CLIENTS)
        if tls == "drawn":
            tls = "TLSv1.3" if program in WRAPPED else draw.choice(VERSIONS)
        late = tls is not None and program not in WRAPPED and draw.random() < 0.05
        yield host, program, pid, f"connect from {client}"
        if tls and not late:
            yield host, program, pid, _tls_line(client, tls)
        for _ in range(draw.choice((0, 0, 0, 1, 3, 6))):
            yield self._failure(host, program, pid, client)
        for number in range(draw.choice((0, 1, 1, 2, 4))):
            if late and tls and number == 1:
                yield host, program, pid, _tls_line(client, tls)
                late = False
            yield from self._message(host, program, pid, client, "none" if late else (tls or "none"))
        if late and tls:
            yield host, program, pid, _tls_line(client, tls)
        starttls = " starttls=1" if tls and program not in WRAPPED else ""
        yield host, program, pid, f"disconnect from {client} ehlo=2{starttls} auth=1 mail=1 rcpt=1 data=1 commands=7"
        self._free.append((host, program, pid))

    def _failure(self, host: str, program: str, pid: int, client: str) -> Step:
        name = self._draw.choice(TRIED[:2]) if self._draw.random() < 0.8 else self._draw.choice(TRIED)
        key = (host, program, pid, client, name)
        if key in self._fenced:
            self._tick(1)
        self._failed.add(key)
        self.failures[(name or "").lower(), client.partition("[")[2][:-1]] += 1
        said = f"warning: {client}: SASL LOGIN authentication failed: no"
        return host, program, pid, said if name is None else f"{said}, sasl_username={name}"

    def _message(self, host: str, program: str, pid: int, client: str, tls: str) -> Iterator[Step]:
        """The lines of smtpd and of cleanup; the queue manager's come when they come."""
        draw = self._draw
        sender = draw.choice(PEOPLE)
        queue_id = self._queue_id(host)
        signed_in = draw.random() > 0.1
        login = f", sasl_method=PLAIN, sasl_username={sender or 'scanner'}" if signed_in else ""
        yield host, program, pid, f"{queue_id}: client={client}{login}"
        ending = draw.random()
        if ending < 0.05:  # the client is gone
            self._ids[host, queue_id] = self.time + USED_AGAIN_AFTER
        elif ending < 0.1:
            self._ids[host, queue_id] = self.time + USED_AGAIN_AFTER
            said = (
                f"{queue_id}: milter-reject: END-OF-MESSAGE from {client}: 5.7.1 no; from=<{sender}> to=<x@y.example>"
            )
            yield host, "postfix/cleanup", 90, said
        else:
            yield host, "postfix/cleanup", 90, f"{queue_id}: message-id=<{queue_id}@pc.example>"
            self._deliveries.append(self._delivery(host, queue_id, sender, tls if signed_in else ""))

    def _delivery(self, host: str, queue_id: str, sender: str, tls: str) -> Iterator[Step]:
        """The queue manager takes the message up, once or, where it was deferred, several times."""
        if tls:
            self.messages[sender.lower(), tls] += 1
        for again in range(self._draw.choice((1, 1, 1, 2, 3))):
            yield host, "postfix/qmgr", 7, f"{queue_id}: from=<{sender}>, size=1000, nrcpt=1 (queue active)"
            status = "deferred" if again else "sent"
            yield (
                host,
                "postfix/smtp",
                80,
                f"{queue_id}: to=<x@y.example>, relay=y.example[203.0.113.1]:25, status={status} (x)",
            )
        self._ids[host, queue_id] = self.time + USED_AGAIN_AFTER
        yield host, "postfix/qmgr", 7, f"{queue_id}: removed"

    def _queue_id(self, host: str) -> str:
        """A short id, the first that is free: they come again soon."""
        number = 0xA0
        while self._ids.get((host, f"{number:X}"), 0) > self.time:
            number += 1
        self._ids[host, f"{number:X}"] = 1 << 62
        return f"{number:X}"


def _tls_line(client: str, version: str) -> str:
    return f"Anonymous TLS connection established from {client}: {version} with cipher X (256/256 bits)"
