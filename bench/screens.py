"""Screens: how soon they are there, and what a key costs on a slow line, in a terminal of their own."""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from bench.cache import Log, kept, made_log
from bench.logs import Plan
from bench.made_store import make
from bench.ours import imported
from bench.page import Page, Workplace
from bench.results import Result
from bench.rounds import Ratio, say
from bench.shown import lnav, ours, report, show, started
from bench.terminal import Cost, Size, Terminal, Unseen

SECTION: Final = "screens"
_WIDE: Final = (160, 48)
_SIZES: Final = ((120, 40), _WIDE)
_STEPS: Final = 20
_SMALL: Final = 2_000
_MANY: Final = (1_400, 1_400_000)
"""Senders of a store; in seven days about seven of ten send."""
_FEWEST: Final = 100_000
"""Where no larger stores are asked questions, none of a million is made for this either: that takes two minutes."""
_ROWS: Final = re.compile(r"row 1 of ([\d,]+)")
_OURS: Final = "smtpauth-tui"
_LNAV: Final = "lnav"


def page(work: Workplace) -> Page:
    """All goals of the screens that the programs at hand allow."""
    told = Page()
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    large = work.logs[0].truth.lines
    small_log = _log(work, "a small log", Plan(_SMALL, senders=200, days=3, first=yesterday - timedelta(days=2)))
    large_log = _log(work, "a large log", Plan(large, first=yesterday - timedelta(days=29)))
    small, large_store = _store(work, small_log), _store(work, large_log)
    _starts(told, work, small_log, small, 1.0, 1.5)
    _starts(told, work, large_log, large_store, None, 0.2)
    _keys(told, large_store, large_log)
    _tables(told, work)
    return told


def _log(work: Workplace, name: str, plan: Plan) -> Log:
    return made_log(work.cache / "logs", name, plan)


def _store(work: Workplace, log: Log) -> Path:
    return imported(work.scratch / "screens" / f"{log.name}.db", log.path, log.truth)


# starts


def _starts(
    told: Page, work: Workplace, log: Log, store: Path, useful_limit: float | None, answered_limit: float
) -> None:
    """Against lnav, which opens the log itself."""
    lines = f"{log.truth.lines:,} lines"
    programs = {_OURS: ours(store)} | ({_LNAV: lnav(log, work.scratch)} if shutil.which(_LNAV) else {})
    useful: defaultdict[str, list[float]] = defaultdict(list)
    answered: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(work.rounds + 1):
        for name, program in list(programs.items()):
            say(f"start, round {number} of {work.rounds}: {name}, {lines}" if number else f"warm-up: {name}")
            try:
                first, second = started(program, _SIZES[0])
            except Unseen as why:
                if name == _OURS:
                    raise
                say(f"{name} is left out: {why}")
                del programs[name]
                continue
            if number:
                useful[name].append(first)
                answered[name].append(second)
    rows = [
        [name, *(f"{1000 * median(found[name]):,.0f}" for found in (useful, answered)), str(work.rounds)]
        for name in programs
    ]
    told.tables.append((f"Start, {lines}, {_sized(_SIZES[0])}", ["program", "useful ms", "answers ms", "rounds"], rows))
    if _LNAV not in programs:
        told.notes.append(f"Starts against lnav, {lines}: it is not installed, or shows something else.")
        return
    for found, what, limit in (
        (useful, "first useful line", useful_limit),
        (answered, "first key answered", answered_limit),
    ):
        if limit:
            ratio = Ratio.of(found[_OURS], found[_LNAV])
            told.told(ratio.result(SECTION, f"{what} against lnav, {lines}", limit))


# keys


def _keys(told: Page, store: Path, log: Log) -> None:
    """Bytes and CPU time of single steps; the limits hold for the wide terminal."""
    rows = []
    for size in _SIZES:
        for what, limit, costs in _steps(store, size):
            rows.append([_sized(size), _OURS, what, *_middle(costs)])
            if size == _WIDE:
                _judge(told, what, limit, costs)
    if shutil.which(_LNAV):
        program = lnav(log, store.parent)
        for size in _SIZES:
            with suppress(Unseen), Terminal(program.command, size, program.environment) as terminal:
                terminal.seen(program.useful, "a useful line")
                terminal.settle(1)
                for what, key in (("a line up", "k"), ("a page up", "b")):
                    rows.append([_sized(size), _LNAV, what, *_middle(_costs(terminal, key, _STEPS))])
    told.tables.append(("A key, medians", ["terminal", "program", "key", "bytes", "CPU ms"], rows))


def _steps(store: Path, size: Size) -> Iterator[tuple[str, int, list[Cost]]]:
    """What a step is, how many bytes it may cost, and what each cost."""
    with report(store, size) as terminal:
        yield "a day's step, volume of 7 days", 1_200, _costs(terminal, "left", 6)
        show(terminal, "v", lambda text: "View data by TLS usage" in text and "100%" in text)
        yield "a day's step, TLS usage of 7 days", 1_200, _costs(terminal, "left", 5)
        show(terminal, "t", lambda text: "row 1 of" in text)
        yield "a row's step in the table", 500, _costs(terminal, "down", _STEPS)
        yield "a page's step in the table", 9_000, _costs(terminal, "page down", _STEPS)


def _costs(terminal: Terminal, key: str, times: int) -> list[Cost]:
    """Of the presses that had an effect; at the end of a table there is none."""
    costs = [terminal.cost(key) for _ in range(times)]
    return [cost for cost in costs if cost.octets] or costs


def _judge(told: Page, what: str, limit: int, costs: list[Cost]) -> None:
    where = _sized(_WIDE)
    octets = [float(cost.octets) for cost in costs]
    told.told(Result(SECTION, f"{what}, {where}", median(octets), limit, "bytes", (min(octets), max(octets))))
    spent = [1000 * cost.cpu for cost in costs if cost.cpu is not None]
    if spent:
        told.told(Result(SECTION, f"{what}, {where}: CPU", median(spent), 10, "ms", (min(spent), max(spent))))


def _middle(costs: list[Cost]) -> tuple[str, str]:
    spent = [1000 * cost.cpu for cost in costs if cost.cpu is not None]
    return f"{median(cost.octets for cost in costs):,.0f}", f"{median(spent):.1f}" if spent else ""


# the details table


def _tables(told: Page, work: Workplace) -> None:
    """The details table of a million senders against that of a thousand."""
    if max(work.senders) < _FEWEST:
        told.notes.append("The details table of a million rows: SCALE=default.")
        return
    stores = [_many(work, senders) for senders in _MANY]
    opened: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(work.rounds):
        for store in stores:
            say(f"details table, round {number + 1} of {work.rounds}: {store.name}")
            count, seconds = _opened(store)
            opened[count].append(seconds)
    rows = [[count, f"{1000 * median(times):,.0f}", str(work.rounds)] for count, times in opened.items()]
    told.tables.append(("The details table opens", ["rows", "ms", "rounds"], rows))
    few, many = opened
    ratio = Ratio.of(opened[many], opened[few])
    told.told(ratio.result(SECTION, f"the details table of {many} rows opens, against {few} rows", 1.2))


def _many(work: Workplace, senders: int) -> Path:
    """A store of so many senders in the last seven days."""
    first = datetime.now(UTC).date() - timedelta(days=6)
    day = (first - date(1970, 1, 1)).days
    name = f"{senders} senders.{first}.db"
    return kept(work.cache / "stores", name, lambda path: make(path, senders, 7, first_day=day))


def _opened(store: Path) -> tuple[str, float]:
    """How many rows, and the seconds from the key until they show."""
    with report(store, _SIZES[0]) as terminal:
        pressed = terminal.press("t")
        seconds = terminal.seen(_ROWS.search, "the table") - pressed
        found = _ROWS.search(terminal.text)
        return found[1] if found else "", seconds


def _sized(size: Size) -> str:
    return f"{size[0]}×{size[1]}"
