"""Which findings went out by mail: each once, also where the program is killed while it queues them.

A mail stands in the outbox before the notes say so, and says itself (`NewMail.once`) which findings it is about. So one
that was queued by a process that did not live to note it is noted by the next one, and not queued again.
"""

import json
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from smtpauth_tui.store.findings import KEPT_DAYS
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.outbox import NewMail, Outbox

REPORT: Final = "findings"
"""What the outbox calls such mails."""


class Episode(NamedTuple):
    """Days on which a rule spoke of a unit, by the numbers of the first and the last one."""

    rule: str
    unit: str
    since: int
    until: int

    def meets(self, other: "Episode") -> bool:
        """Whether both are about the same: a later import may move where a finding begins or ends."""
        same = self.rule == other.rule and self.unit.casefold() == other.unit.casefold()
        return same and self.since <= other.until + 1 and other.since <= self.until + 1


class Told:
    """Tells which episodes somebody was told of by mail."""

    def __init__(self, episodes: Iterable[Episode]) -> None:
        self._by_unit: dict[tuple[str, str], list[Episode]] = {}
        for one in episodes:
            self._by_unit.setdefault(_unit(one), []).append(one)

    def knows(self, episode: Episode) -> bool:
        """Whether an episode, or one that it goes on from, was told."""
        return any(one.meets(episode) for one in self._by_unit.get(_unit(episode), ()))


def _unit(episode: Episode) -> tuple[str, str]:
    return episode.rule, episode.unit.casefold()


def once_of(episodes: Collection[Episode]) -> str:
    """What the mail of some episodes has as its ``once``."""
    return json.dumps([REPORT, *map(list, sorted(episodes))])


def told(notes: Notes, outbox: Outbox) -> Told:
    """What the notes say, and what the outbox has beyond them."""
    rows = [Episode(*row) for row in notes._rows("SELECT rule, unit, since, until FROM mailed")]
    waiting = [Episode(*row) for once in outbox.once_of(REPORT) for row in json.loads(once)[1:]]
    return Told([*rows, *waiting])


def queue(notes: Notes, outbox: Outbox, mail: NewMail, episodes: Collection[Episode], now: int) -> int | None:
    """Queue the mail of some episodes, and note that they were told; its number.

    None where another process told all of them meanwhile. *now*: UTC seconds.
    """
    with notes._writing() as run:  # no other process queues at the same time
        known = told(notes, outbox)
        number = None if all(map(known.knows, episodes)) else outbox.add(mail, now)
        for one in episodes:
            run("INSERT OR IGNORE INTO mailed VALUES (?, ?, ?, ?, ?)", (*one, now))
        run("DELETE FROM mailed WHERE at < ?", (now - KEPT_DAYS * 86_400,))
    return number
