"""What readers share: the facts found so far, equal lines told apart, and what waits between two imports."""

from collections.abc import Hashable
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from smtpauth_tui.formats.region import OUT_OF_ORDER, Region, Skimmed
from smtpauth_tui.model import AuthFailure, LogLine, SignIn, Snapshot, Submission

State = Any
"""What waits in a reader, as values that JSON has: it is kept in the store from one import to the next."""

MOST_ORPHANS: Final = 5_000
"""Lines at the beginning of a log that are kept until an earlier log completes them."""
_LATE: Final = 5
JUST_BEGUN: Final = 900
"""Seconds from a log's beginning in which most of what began before it ends."""
_MOST_REPEATS: Final = 10_000
_TAIL: Final = 2_000
"""Bytes at a region's end that are read line by line."""


@dataclass(slots=True)
class Facts:
    """Submissions and failures in the order in which they were settled, and what stayed open or unread."""

    submissions: list[Submission] = field(default_factory=list)
    failures: list[AuthFailure] = field(default_factory=list)
    incomplete: int = 0
    """Sessions or messages that began and whose end was not read."""
    misread_lines: list[LogLine] = field(default_factory=list)
    """Lines that looked like the format's and could not be read."""
    sign_ins: list[SignIn] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    withdrawn: list[Submission] = field(default_factory=list)
    """Messages that a pause handed out and that were refused after all."""

    def misread(self, line: LogLine) -> None:
        """Note a line that looked like the format's and could not be read."""
        self.misread_lines.append(line)

    def take(self) -> "Facts":
        """All that was found since the last call."""
        taken = replace(self)
        fresh = Facts()
        for each in fields(Facts):
            setattr(self, each.name, getattr(fresh, each.name))
        return taken


class Repeats:
    """Numbers equal attempts within one second, so that each is counted and a copy of the log adds none.

    Where a host's lines run back by more than a few seconds, an older log begins: its attempts are numbered anew.
    """

    def __init__(self, state: State = None) -> None:
        self._hosts: dict[str, tuple[int, dict[tuple[int, Hashable], int]]] = {}
        for host, newest, counts in state or ():
            self._hosts[host] = newest, {(time, tuple(key)): number for time, key, number in counts}

    def number(self, time: int, host: str, process: str, client: str, mechanism: str, account: str | None) -> int:
        """How many equal attempts there were before within the second *time* (UTC)."""
        key = process, client, mechanism, account
        newest, counts = self._hosts.get(host, (0, {}))
        if time < newest - _LATE:
            newest, counts = time, {}
        elif len(counts) > _MOST_REPEATS:
            counts = {each: number for each, number in counts.items() if each[0] >= newest - _LATE}
        found = counts.get((time, key), -1) + 1
        counts[time, key] = found
        self._hosts[host] = max(newest, time), counts
        return found

    def counted(self, one: AuthFailure) -> bool:
        """Whether an attempt equal to this one was numbered."""
        counts = self._hosts.get(one.host, (0, {}))[1]
        return counts.get((one.time, (one.process, one.client, one.mechanism, one.account)), -1) >= one.ordinal

    def state(self) -> State:
        """The last seconds' numbers; `Repeats` takes them again."""
        return [
            [host, newest, [[time, key, count] for (time, key), count in counts.items() if time >= newest - _LATE]]
            for host, (newest, counts) in self._hosts.items()
        ]


class LogReader:
    """What readers of logs have in common: where the log begins, equal attempts, and lines of an earlier log."""

    def __init__(self, state: State = None) -> None:
        self.facts = Facts()
        self.used = 0
        self.orphans: list[LogLine] = []
        self._repeats = Repeats(state["repeats"] if state else None)
        self._begun: int = state["begun"] if state else 0
        self._newest: int = state["newest"] if state else 0
        self._goes_on = False
        """Whether the log goes on from one that was read, so that no other one can complete it."""
        self._follows = False

    def next_log(self, *, follows: bool) -> None:
        """Another log begins; sessions and messages may go on in it. *follows*: nothing is missing between."""
        self._begun = 0
        self._goes_on, self._follows = False, follows
        if not follows:
            self._repeats = Repeats()

    def counted(self, one: AuthFailure) -> bool:
        """Whether the log had an attempt equal to this one in its last seconds."""
        return self._repeats.counted(one)

    def part(self, region: Region) -> tuple[int, int] | None:
        """From where to where `skim` can take a region: not at the log's beginning, and without the last lines."""
        cell = region.cell_at(self._begun + JUST_BEGUN + OUT_OF_ORDER) if self._begun else None
        if cell is None:
            return None
        start = max(region.start, region.line_start(cell))
        end = region.end
        if end == region.stop:
            end = region.line_start(max(region.begin, end - _TAIL))
        return (start, end) if start < end else None

    def skim(self, region: Region) -> Skimmed | None:
        """The lines of a region to be read that the format passes over; None where it has to be read line by line."""
        return Skimmed()

    def sign(self, line: LogLine) -> None:
        """A line that `skim` named as a sign stands here."""

    def reach(self, line: LogLine) -> None:
        """The last line of those that were passed over stands here."""
        self._note_time(line)

    def state(self) -> dict[str, State]:
        """What waits; the subclass adds its own."""
        return {"repeats": self._repeats.state(), "begun": self._begun, "newest": self._newest}

    def _note_time(self, line: LogLine) -> None:
        if not self._begun:
            self._begun = line.time
            self._goes_on = self._follows and 0 <= line.time - self._newest < JUST_BEGUN
        if line.time > self._newest:
            self._newest = line.time

    def _just_begun(self, line: LogLine, within: int = JUST_BEGUN) -> bool:
        """Whether a line stands so near the log's beginning that it may end what began before."""
        return line.time < self._begun + within

    def _at_border(self, line: LogLine) -> bool:
        """Whether a line is of the log's first second, in which the earlier log may have equal attempts."""
        return line.time <= self._begun + 1

    def _orphan(self, line: LogLine) -> None:
        """Keep a line that an earlier log may complete."""
        if not self._goes_on and len(self.orphans) < MOST_ORPHANS:
            self.orphans.append(line)
