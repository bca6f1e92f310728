"""Makes Postfix logs of any size, the same for the same plan, and tells the truth about them.

What a log holds on purpose: processes that serve one session after the other, sessions that interleave and run over
midnight, several messages a session, sessions without TLS, ``from=<>`` again at each retry, ``client=`` lines whose
message was never queued, failed sign-ins with and without a name, fields forged in a Message-ID and a HELO, queue ids
that come again, senders that are not the login, and the lines of other programs: nine of ten.

    python -m bench.logs --lines 1000000 mail.log        writes mail.log and mail.log.json, its truth
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Final

from bench.people import people
from bench.server import Server
from bench.truth import Truth

STYLES: Final = ("iso", "bsd", "mixed")
_LINES_A_MESSAGE: Final = 27.6
_FOREIGN: Final = 3.9
"""Visits of others for each message that is handed in."""
_WORKING: Final = "111112599986799975443222"
_ALWAYS: Final = "888889999999999999999888"
_WEEK: Final = (1.0, 1.05, 1.05, 1.0, 0.9, 0.3, 0.22)
_DAY: Final = 86_400
_FIRST: Final = date(2026, 1, 5)
_CLOCK: Final = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(_DAY)]

Line = tuple[float, str]
"""Seconds since the log's first midnight, and what is written from the program's name on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What log is wanted."""

    lines: int
    """About so many."""
    senders: int = 2_000
    days: int = 30
    first: date = _FIRST
    style: str = "iso"
    """Of the stamps: RFC 3339, traditional syslog, or traditional for the first half of the days."""
    short_ids: bool = False
    """Queue ids that come again."""
    seed: int = 1
    host: str = "mail01"


def write_log(plan: Plan, path: Path) -> Truth:
    """Write a log; its file is as old as its last line, as that of a server would be."""
    truth = Truth()
    with path.open("w", encoding="ascii", newline="\n") as file:
        for day, lines in enumerate(_days(plan, truth)):
            file.write(_written(plan, day, lines))
            truth.lines += len(lines)
    end = datetime(plan.first.year, plan.first.month, plan.first.day, tzinfo=UTC) + timedelta(days=plan.days)
    os.utime(path, (end.timestamp(), end.timestamp()))
    return truth


def _days(plan: Plan, truth: Truth) -> Iterator[list[Line]]:
    """The lines of each day, in order, and of the day after, on which the last sessions end."""
    dice = Random(plan.seed)
    everybody = people(plan.senders, dice)
    server = Server(everybody, dice, plan.first, truth, short_ids=plan.short_ids)
    senders = list(accumulate(everybody.weights))
    working, always = _cumulated(_WORKING), _cumulated(_ALWAYS)
    messages = plan.lines / _LINES_A_MESSAGE
    week = [_WEEK[(plan.first + timedelta(days=day)).weekday()] for day in range(plan.days)]
    for day in range(plan.days):
        share = round(messages * week[day] / sum(week))
        visits: list[tuple[float, int, int]] = []
        while share > 0:
            count = min(share, dice.randint(2, 9)) if dice.random() < 0.12 else 1
            share -= count
            visits.append((_moment(day, working, dice), count, 0))
        who = dice.choices(everybody.persons, cum_weights=senders, k=len(visits))
        visits = [(moment, count, place) for place, (moment, count, _) in enumerate(visits)]
        visits += [(_moment(day, always, dice), 0, 0) for _ in range(round(messages / plan.days * _FOREIGN))]
        for moment, count, place in sorted(visits):
            if count:
                server.submission(moment, who[place], count)
            else:
                server.foreign(moment)
        server.statistics(day)
        server.lines.sort(key=itemgetter(0))
        midnight = (day + 1) * _DAY
        later = [line for line in server.lines if line[0] >= midnight]
        yield server.lines[: len(server.lines) - len(later)]
        server.lines = later
    yield server.lines


def _cumulated(hours: str) -> list[int]:
    return list(accumulate(map(int, hours)))


def _moment(day: int, hours: list[int], dice: Random) -> float:
    return day * _DAY + 3600.0 * (dice.choices(range(24), cum_weights=hours)[0] + dice.random())


def _written(plan: Plan, day: int, lines: list[Line]) -> str:
    """A day's lines as they stand in the file."""
    date_, midnight = plan.first + timedelta(days=day), day * _DAY
    if plan.style == "bsd" or (plan.style == "mixed" and day < plan.days // 2):
        front = f"{date_:%b} {date_.day:>2} "
        return "".join([f"{front}{_CLOCK[int(at) - midnight]} {plan.host} {text}\n" for at, text in lines])
    front, behind = f"{date_.isoformat()}T", f"+00:00 {plan.host} "
    parts = []
    for at, text in lines:
        second = int(at)
        parts.append(f"{front}{_CLOCK[second - midnight]}.{int((at - second) * 1e6):06}{behind}{text}\n")
    return "".join(parts)


def main() -> None:
    """Write a log and, beside it, its truth."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("path", type=Path)
    ask.add_argument("--lines", type=int, default=1_000_000)
    ask.add_argument("--senders", type=int, default=2_000)
    ask.add_argument("--days", type=int, default=30)
    ask.add_argument("--first", type=date.fromisoformat, default=_FIRST, metavar="YYYY-MM-DD")
    ask.add_argument("--style", choices=STYLES, default="iso")
    ask.add_argument("--short-ids", action="store_true")
    ask.add_argument("--seed", type=int, default=1)
    asked = ask.parse_args()
    plan = Plan(asked.lines, asked.senders, asked.days, asked.first, asked.style, asked.short_ids, asked.seed)
    write_log(plan, asked.path).save(truth_path(asked.path))


def truth_path(log: Path) -> Path:
    """Where the truth about a log is."""
    return log.with_name(f"{log.name}.json")


if __name__ == "__main__":
    main()
