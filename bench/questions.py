"""Questions: what the screens and `show` ask of a store of many senders, each measured against its goal.

    python bench/questions.py --senders 100000 --days 90

Times are those of the whole question as the program asks it, the best of some rounds, with the page cache warm.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.made_store import FIRST_DAY, make
from bench.page import MIB, Page, Workplace
from bench.results import Result
from bench.rounds import Contestant, measured, say
from smtpauth_tui.filters import parse
from smtpauth_tui.query import Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.senders import filter_columns
from smtpauth_tui.reports.views import VIEWS
from smtpauth_tui.store.days import day_of
from smtpauth_tui.store.reader import Store

SECTION: Final = "questions"
DAYS: Final = 90
Tell = Callable[[Result], None]
ROUNDS: Final = 3
_LONG: Final = 3000
"""Milliseconds."""
MANY: Final = 1_000_000
"""From so many senders on, the first page of a preset period may take longer."""
_DASHBOARD: Final = ("totals", "parties", "accounts_below_tls_1_2", "daily_usage", "failure_summary", "daily_failures")
_PRESETS: Final = (7, 30, 90)
_FILTERS: Final = ("messages > 100 and tls1.0 > 0", "not (tls1.3% >= 50 or sender contains 77)", "last_seen < -3d")


def page(work: Workplace) -> Page:
    """Each figure that is counted ahead is held against a plain count first."""
    told = Page()
    for senders in work.senders:
        say(f"{senders:,} senders × {DAYS} days")
        try:
            told.results += measure(senders, DAYS, work.cache / "stores")
        except AssertionError as why:
            told.judgements[f"{senders:,} senders"] = str(why)
    return told


def measure(senders: int, days: int, folder: Path | None = None, tell: Tell = lambda _: None) -> list[Result]:
    """Ask all of a store of so many senders; it is kept in *folder* between runs. *Tell* hears each result at once."""
    folder = folder or Path(os.environ.get("XDG_CACHE_HOME") or gettempdir()) / "smtpauth-tui-bench" / "questions"
    path = made(folder, senders, days)
    asyncio.run(_exact(path, days))
    results: list[Result] = []

    def found(result: Result) -> None:
        results.append(result)
        tell(result)

    asyncio.run(_ask(path, senders, days, found))
    _show(path, senders, days, found)
    return results


def made(folder: Path, senders: int, days: int) -> Path:
    """The store, made if it is not there yet."""
    path = folder / f"{senders}x{days}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        make(new, senders, days)
        new.rename(path)
    return path


async def _time(ask: Callable[[], Awaitable[object]]) -> tuple[float, tuple[float, float]]:
    """Milliseconds of the best round, and the span of all; what takes seconds is asked once."""
    times: list[float] = []
    while len(times) < ROUNDS and sum(times) < _LONG:
        start = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - start) * 1000)
    return min(times), (min(times), max(times))


async def _ask(path: Path, senders: int, days: int, found: Tell) -> None:
    async def goal(what: str, limit: float, ask: Callable[[], Awaitable[object]]) -> None:
        best, spread = await _time(ask)
        found(Result(SECTION, f"{senders:,} senders: {what}", best, limit, "ms", spread))

    last = day_of(FIRST_DAY + days - 1)
    presets = [span for span in _PRESETS if span <= days]
    async with await Store.open(path) as store:
        for span in presets:
            query = ReportQuery(period=Period.ending(last, span))
            for name in _DASHBOARD:
                await goal(f"{name}, {span} days", 5, partial(getattr(store, name), query))
            for view in VIEWS:
                await goal(f"{view.id} chart, {span} days", 5, partial(view.chart, store, query))
        await goal("freshness", 5, store.freshness)
        for span in presets:
            query = ReportQuery(period=Period.ending(last, span))
            await goal(
                f"first page of {span} days",
                100 if senders >= MANY else 50,
                partial(_first_page, store, query),
            )
            for text in _FILTERS if senders < MANY else ():
                asked = replace(query, where=parse(text, filter_columns(query.by), last))
                await goal(f"first page of {span} days where {text}", 300, partial(_first_page, store, asked))
        # no goal is set for putting a million senders of any period in order: it takes 10 s and more
        for what, query in _free(days) if senders < MANY else []:
            await goal(f"all in order, {what}", 1500, partial(_first_page, store, query, complete=True))
        for what, query in _free(days)[:2]:
            await goal(f"first rows, {what}", 500 if senders < MANY else 1500, partial(_first_page, store, query))


def _free(days: int) -> list[tuple[str, ReportQuery]]:
    """Any period, order and search: the largest ones."""
    last = day_of(FIRST_DAY + days - 1)
    whole = Period(first=day_of(FIRST_DAY), last=last - timedelta(days=1))
    part = Period.ending(last - timedelta(days=days // 4), max(days // 2, 1))
    asked = [
        ("all days but one", ReportQuery(period=whole)),
        ("half of the days", ReportQuery(period=part)),
        ("all days but one, one domain", ReportQuery(period=whole, domain="d3.example")),
    ]
    for order in (SenderOrder.NAME, SenderOrder.RECIPIENTS, SenderOrder.V1_0, SenderOrder.LAST_SEEN):
        for descending in (True, False):
            turn = "descending" if descending else "ascending"
            query = ReportQuery(period=whole, order=order, descending=descending)
            asked.append((f"all days but one by {order.value}, {turn}", query))
    preset = ReportQuery(period=Period.ending(last, max(span for span in _PRESETS if span <= days)))
    asked.append(("a preset by TLS 1.0", replace(preset, order=SenderOrder.V1_0)))
    asked.append(("a preset, ascending", replace(preset, descending=False)))
    asked.append(("a preset, search", replace(preset, search="u00012")))
    asked.append(("all days but one, search", ReportQuery(period=whole, search="12")))
    return asked


async def _first_page(store: Store, query: ReportQuery, *, complete: bool = False) -> None:
    """As the details table asks for it: all in one snapshot. *Complete*, when all rows are in order."""
    async with store.snapshot() as seen:
        listing = await seen.listing(query)
        await listing.page(0)
        if complete:
            await listing.complete()
        await listing.close()


_PLAIN: Final = """
    SELECT count(DISTINCT account), count(DISTINCT sender), sum(messages) FROM daily WHERE day BETWEEN ? AND ?
"""


async def _exact(path: Path, days: int) -> None:
    """Whether what is counted ahead is what a plain count gives."""
    last = FIRST_DAY + days - 1
    with closing(sqlite3.connect(path)) as connection:
        for first in {last - 6, FIRST_DAY}:
            plain = connection.execute(_PLAIN, (first, last)).fetchone()
            query = ReportQuery(period=Period(first=day_of(first), last=day_of(last)))
            async with _opened(path) as store:
                parties, totals = await store.parties(query), await store.totals(query)
            if (parties.accounts, parties.senders, totals.messages) != plain:
                raise AssertionError(f"{parties} and {totals.messages} are not {plain}")


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[Store]:
    async with await Store.open(path) as store:
        yield store


# show


def _show(path: Path, senders: int, days: int, found: Tell) -> None:
    """`show` of all senders in each form, against the same SQL in plain Python."""
    period = Period.ending(day_of(FIRST_DAY + days - 1), min(days, 30))
    rounds = ROUNDS if senders < MANY else 1
    raw = min(_raw(path, period) for _ in range(rounds))
    for form in ("text", "csv", "json"):
        command = (sys.executable, "-m", "smtpauth_tui", "--db", str(path), "show", "senders", "--format", form)
        dates = ("--start", str(period.first), "--end", str(period.last))
        runs = [_run((*command, *dates)) for _ in range(rounds)]
        times = [seconds / raw for seconds, _ in runs]
        name = f"{senders:,} senders: show senders, {period.days} days, {form}"
        found(Result(SECTION, f"{name}, CPU", min(times), 3, "× raw SQL", (min(times), max(times))))
        peaks = [peak for _, peak in runs]
        found(Result(SECTION, f"{name}, memory", min(peaks), 150, "MiB", (min(peaks), max(peaks))))


def _raw(path: Path, period: Period) -> float:
    """CPU seconds of a Python that asks the SQL of `show senders` and fetches all rows."""
    sql, values = Store.senders_question(ReportQuery(period=period))
    code = f"import sqlite3; sqlite3.connect({str(path)!r}).execute({sql!r}, {values!r}).fetchall()"
    return _run((sys.executable, "-c", code))[0]


def _run(command: tuple[str, ...]) -> tuple[float, float]:
    """CPU seconds and peak MiB of a command, with Python's modules compiled."""
    run = measured(Contestant("show", command, environment={"PYTHONDONTWRITEBYTECODE": ""}), Path(os.devnull))
    return run.cpu, run.peak / MIB


def main() -> int:
    """Print each goal: what was measured, its limit, whether it is met."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    ask.add_argument("--senders", type=int, default=100_000)
    ask.add_argument("--days", type=int, default=90)
    ask.add_argument("--folder", type=Path, help="where the store is kept between runs")
    asked = ask.parse_args()
    measure(asked.senders, asked.days, asked.folder, _print)
    return 0


def _print(result: Result) -> None:
    met = "met" if result.met else "MISSED"
    figures = f"{result.measured:10.2f} {result.unit} | {result.limit:g} {result.unit}"
    sys.stdout.write(f"{result.goal:84} | {figures} | {met}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
