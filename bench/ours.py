"""This program as a contestant, and what its store has counted, held against the truth."""

import sqlite3
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bench.rounds import Contestant, Failed, measured
from bench.truth import EXACT, Key, Truth, verdict

PROGRAM: Final = (sys.executable, "-m", "smtpauth_tui")
_VERSIONS: Final = {0: "none", 10: "1.0", 11: "1.1", 12: "1.2", 13: "1.3", 99: "unknown"}
_EPOCH: Final = date(1970, 1, 1)
_SENT: Final = "SELECT day, folded, tls, sum(messages) FROM daily JOIN address ON id = account GROUP BY 1, 2, 3"
_FAILED: Final = "SELECT day, sum(failures) FROM daily_failure GROUP BY day"


def importing(name: str, store: Path, files: Sequence[Path], truth: Truth, *, fresh: bool = True) -> Contestant:
    """An import into a store that is made anew for each run; if it is not to be *fresh*, one that cron starts again."""
    reading = ("--tz", "UTC", "--year", max(truth.days)[:4]) if fresh else ()
    return Contestant(
        name,
        (*PROGRAM, "--db", str(store), "import", *reading, *map(str, files)),
        judge=lambda _: judged(store, truth),
        before=(lambda: remove(store)) if fresh else (lambda: None),
        environment=surroundings(store.parent),
    )


def imported(store: Path, log: Path, truth: Truth) -> Path:
    """A store of a log, made if it is not there yet."""
    if not store.exists():
        store.parent.mkdir(parents=True, exist_ok=True)
        made = store.with_suffix(".new")
        measured(importing("import", made, [log], truth), store.parent / "output")
        if judged(made, truth) != EXACT:
            raise Failed(f"the import of {log} is not exact: {judged(made, truth)}")
        made.rename(store)
    return store


def surroundings(folder: Path) -> dict[str, str]:
    """Nobody's settings; days of UTC. Compiled modules are kept, as they are where the program is installed."""
    return {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "SMTPAUTH_TUI_TIMEZONE": "UTC",
        "PYTHONDONTWRITEBYTECODE": "",
    }


def remove(store: Path) -> None:
    """The store and what stands beside it."""
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()


def size_of(store: Path) -> int:
    """Bytes of the store and what stands beside it."""
    return sum(path.stat().st_size for path in store.parent.glob(f"{store.name}*"))


def judged(store: Path, truth: Truth) -> str:
    """Messages by day, login and TLS version, and failures by day, against the truth."""
    sent: Counter[Key] = Counter()
    failed: Counter[str] = Counter()
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        for day, login, tls, messages in connection.execute(_SENT):
            sent[_date(day), login, _VERSIONS[tls]] += messages
        for day, failures in connection.execute(_FAILED):
            failed[_date(day)] += failures
    said = verdict(sent, truth.messages)
    wrong = ((failed - truth.failures) + (truth.failures - failed)).total()
    return said if not wrong else f"{said}; {wrong:,} failures wrong"


def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()
