"""A look at the store before the interface is loaded: the same questions, answered without an event loop."""

import sqlite3
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import zone_named
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.store import files
from smtpauth_tui.store.reader import ANYWHERE, Store
from smtpauth_tui.store.schema import check, steps

T = TypeVar("T")
_STEPS: Final = 1000
"""After so many steps of SQLite's machine the clock is looked at."""


def glance(path: Path, ask: Callable[[Store], Coroutine[Any, Any, T]], seconds: float) -> T | None:
    """What *ask* makes of the store at one moment; None where it cannot be opened as it is, or takes longer."""
    end = time.monotonic() + seconds
    with suppress(SmtpAuthTuiError, sqlite3.Error, OSError):
        files.look(path)
        with closing(sqlite3.connect(files.address(path), uri=True, isolation_level=None, timeout=seconds)) as found:
            found.execute("PRAGMA trusted_schema = OFF")
            found.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
            found.execute("BEGIN")
            return _asked(found, path, ask)
    return None


def _asked(found: sqlite3.Connection, path: Path, ask: Callable[[Store], Coroutine[Any, Any, T]]) -> T | None:
    version, mark = (found.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id"))
    check(version, mark, str(path))
    if version != len(steps()):
        return None
    zone = found.execute("SELECT value FROM setting WHERE name = 'timezone'").fetchone()
    if not zone:
        return None
    answer = ask(_Glance(found, path, zone_named(zone[0])))
    try:
        answer.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("a question was waited for")


class _Glance(Store):
    """A store that answers before it is waited for, from one snapshot."""

    def __init__(self, connection: sqlite3.Connection, path: Path, zone: ZoneInfo) -> None:
        self.path, self.zone, self.places = path, zone, ANYWHERE
        self._found = connection
        self._in_snapshot = True

    async def _rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return self._found.execute(sql, values or {}).fetchall()
