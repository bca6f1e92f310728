"""Imports: a whole log into a new store, against programs that only count what is in it."""

import importlib.util
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from bench import peers
from bench.cache import Log
from bench.ours import importing, judged, size_of
from bench.page import MIB, Page, Workplace, costs
from bench.results import Result
from bench.rounds import Contestant, Failed, Measured, Ratio, Run, in_turn

SECTION: Final = "import"
OURS: Final = "smtpauth-tui import"
OURS_PACKED: Final = "smtpauth-tui import, .gz"
_NOTHING_NEW: Final = "smtpauth-tui import, nothing new"
_BARE: Final = "python -c pass"
_SHORT_RUNS: Final = 4
"""A run of milliseconds is repeated so many times as often."""

_Figure = Callable[[Run], float]


def _cpu(run: Run) -> float:
    return run.cpu


def _wall(run: Run) -> float:
    return run.wall


def page(work: Workplace) -> Page:
    """All goals of the import that the logs at hand allow."""
    told = Page()
    log = work.logs[0]
    found = _whole(told, work, log)
    _packed(told, work, log)
    for other in work.logs[1:]:
        _other(told, work, other)
    if work.large:
        _large(told, work, work.large, found[OURS])
    else:
        told.notes.append("Imports of 10 M lines, and the growth of memory up to there: SCALE=full.")
    _nothing_new(told, work, log)
    return told


def _whole(told: Page, work: Workplace, log: Log) -> dict[str, Measured]:
    """The import, and all that is installed, in turn."""
    store = work.scratch / "import" / "store.db"
    found = in_turn([_ours(store, log), *peers.peers(log.path, log.truth)], work.rounds, work.scratch)
    if OURS not in found:
        raise Failed("the import did not run")
    ours = found[OURS]
    told.tables.append(costs(log.title, found.values(), log.size))
    add = partial(_against, told, found, OURS)
    add(peers.MAWK, "CPU", _cpu, 1.35, log)
    add(peers.MAWK, "wall time", _wall, 1.2, log)
    add(peers.PFLOGSUMM, "CPU", _cpu, 1 / 8, log)
    add(peers.LNAV, "CPU", _cpu, 1 / 4, log)
    told.told(Result(SECTION, f"peak memory, {log.name}", ours.peak / MIB, 150, "MiB"), ours.judgement)
    share = 100 * size_of(store) / log.size
    told.told(
        Result(SECTION, f"size of the store in that of the log, {log.name}", share, 1.5, "%"), judged(store, log.truth)
    )
    return found


def _packed(told: Page, work: Workplace, log: Log) -> None:
    """The same log, as gzip packed it."""
    packed = log.packed()
    ours = _ours(work.scratch / "packed" / "store.db", log, packed, OURS_PACKED)
    found = in_turn([ours, *peers.gzip_mawk(packed, log.truth)], work.rounds, work.scratch)
    told.tables.append(costs(f"{log.name}, packed by gzip, unpacked here by {_unpacker()}", found.values(), log.size))
    _against(told, found, OURS_PACKED, peers.GZIP_MAWK, "CPU", _cpu, 0.8, log)


def _other(told: Page, work: Workplace, log: Log) -> None:
    """Another kind of log: the same figure, and the same truth."""
    found = in_turn(
        [_ours(work.scratch / "other" / "store.db", log), *peers.mawk(log.path, log.truth)], work.rounds, work.scratch
    )
    told.tables.append(costs(log.title, found.values(), log.size))
    _against(told, found, OURS, peers.MAWK, "CPU", _cpu, 1.35, log)


def _large(told: Page, work: Workplace, log: Log, small: Measured) -> None:
    """A log that is ten times as long."""
    store = work.scratch / "large" / "store.db"
    rounds = max(1, work.rounds // 2)
    found = in_turn([_ours(store, log), *peers.mawk(log.path, log.truth)], rounds, work.scratch)
    ours = found[OURS]
    told.tables.append(costs(log.title, found.values(), log.size))
    _against(told, found, OURS, peers.MAWK, "CPU", _cpu, 1.35, log)
    _against(told, found, OURS, peers.MAWK, "wall time", _wall, 1.2, log)
    told.told(Result(SECTION, f"peak memory, {log.name}", ours.peak / MIB, 150, "MiB"), ours.judgement)
    told.told(Result(SECTION, "peak memory of 10 M lines against that of 1 M", ours.peak / small.peak, 1.6, "×"))
    share = 100 * size_of(store) / log.size
    told.told(Result(SECTION, f"size of the store in that of the log, {log.name}", share, 1.5, "%"), ours.judgement)


def _nothing_new(told: Page, work: Workplace, log: Log) -> None:
    """The same log again, into the store that has it; as cron does."""
    store = work.scratch / "import" / "store.db"
    again = importing(_NOTHING_NEW, store, [log.path], log.truth, fresh=False)
    bare = Contestant(_BARE, (sys.executable, "-c", "pass"))
    found = in_turn([again, bare], _SHORT_RUNS * work.rounds, work.scratch)
    told.tables.append(costs("Nothing new", found.values(), 0))
    for figure, unit in ((_cpu, "CPU"), (_wall, "wall time")):
        _against(told, found, _NOTHING_NEW, _BARE, unit, figure, 3, log)


def _ours(store: Path, log: Log, path: Path | None = None, name: str = OURS) -> Contestant:
    return importing(name, store, [path or log.path], log.truth)


def _against(
    told: Page, found: dict[str, Measured], ours: str, peer: str, unit: str, figure: _Figure, limit: float, log: Log
) -> None:
    """A goal that is a ratio."""
    goal = f"{ours.removeprefix('smtpauth-tui ')}: {unit} against {peer}, {log.name}"
    if ours not in found:
        told.judgements[goal] = "did not run"
    elif peer not in found:
        told.notes.append(f"{goal}: {peer} is not installed, or did not run.")
    else:
        ratio = Ratio.of(map(figure, found[ours].runs), map(figure, found[peer].runs))
        told.told(ratio.result(SECTION, goal, limit), found[ours].judgement)


def _unpacker() -> str:
    for module, name in (("isal", "isal"), ("zlib_ng", "zlib-ng")):
        if importlib.util.find_spec(module):
            return name
    return "zlib of the standard library"
