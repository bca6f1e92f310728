"""An import that the interface has begun: the command itself, in a process of its own, which alone writes the store."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import smtpauth_tui
from smtpauth_tui.reports.figures import number, plural

_PATIENCE: Final = 3.0
_LONGEST_LINE: Final = 1 << 20
_ROOT: Final = Path(smtpauth_tui.__file__).parents[1]
"""Where the process starts: Python looks for packages there first, which must not be a folder of somebody else's."""
_KEPT: Final = "Files that were complete stay; of the others nothing does."
_PROGRESS: Final = b'{"progress":'


@dataclass(frozen=True, slots=True)
class Step:
    """How far it is, as the command tells it."""

    path: str = ""
    done: int = 0
    """Bytes of all files as they lie on the disk."""
    total: int = 0
    """0 where it cannot be known."""
    lines: int = 0
    seconds: float = 0.0

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where it is not known."""
        return min(self.done / self.total, 1.0) if self.total else None

    def words(self) -> str:
        """``1,234,567 lines · 830,000 lines/s · 3 s left``."""
        parts = [plural(self.lines, "line")]
        if self.seconds > 0.2:
            parts.append(f"{self.lines / self.seconds:,.0f} lines/s")
            if self.total and self.done:
                left = max(self.seconds * (self.total - self.done) / self.done, 0)
                parts.append(f"{left:.0f} s left" if left < 90 else f"{left / 60:.0f} min left")
        return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of it."""

    good: bool
    headline: str
    details: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class ImportRun:
    """Runs ``import --json`` on some files; `step` says how far it is, `ending` what came of it."""

    def __init__(self, db: Path, words: Sequence[str], zone_name: str = "") -> None:
        self.words = tuple(words)
        """Absolute paths and patterns."""
        self.step = Step()
        self.ending: Ending | None = None
        self.said = ""
        """What the command said last beside its progress."""
        self.told = False
        """Whether the ending was shown."""
        self._command = [
            *(sys.executable, "-m", "smtpauth_tui", "--db", str(db.absolute())),
            *("import", "--json", "--progress", "json", "--", *self.words),
        ]
        self._environment = os.environ | ({"SMTPAUTH_TUI_TIMEZONE": zone_name} if zone_name else {})
        self._process: asyncio.subprocess.Process | None = None
        self._stopping: asyncio.Task[None] | None = None
        self.begun = asyncio.Event()
        """Set when the command runs, or cannot be started."""
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Ask the command to end, then tell it to; files that are complete stay in the store."""
        if self._stopping is None and self.ending is None:
            self._stopping = asyncio.create_task(self._stop())

    async def wait(self) -> None:
        """Until it has ended."""
        await asyncio.wait([self._task])

    async def _stop(self) -> None:
        for number_ in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if self._process and self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.send_signal(number_)
            if (await asyncio.wait([self._task], timeout=_PATIENCE))[0]:
                return

    async def _run(self) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=_ROOT,
                env=self._environment,
                limit=_LONGEST_LINE,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.ending = Ending(good=False, headline=f"The import cannot be started: {reason}.")
            self.begun.set()
            return
        self.begun.set()
        try:
            assert self._process.stdout and self._process.stderr
            said, problems = await asyncio.gather(self._process.stdout.read(), self._listen(self._process.stderr))
            status = await self._process.wait()
            self.ending = _ending(said, problems, status, stopped=self._stopping is not None)
        finally:
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.terminate()

    async def _listen(self, stream: asyncio.StreamReader) -> list[str]:
        """Follow the progress; the other lines of standard error."""
        others: list[str] = []
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than any of ours
                continue
            if not line:
                return others
            if line.startswith(_PROGRESS):
                self.step = _step(line) or self.step
            elif len(others) < 1000:
                self.said = line.decode("utf-8", "backslashreplace").rstrip("\n").removeprefix("smtpauth-tui: ")
                others.append(self.said)


def _step(line: bytes) -> Step | None:
    try:
        told = json.loads(line)["progress"]
        return Step(
            str(told["path"]), int(told["done"]), int(told["total"]), int(told["lines"]), float(told["seconds"])
        )
    except (ValueError, KeyError, TypeError):
        return None


def _ending(said: bytes, others: Sequence[str], status: int, *, stopped: bool) -> Ending:
    try:
        outcome = json.loads(said)
    except ValueError:
        outcome = None
    if isinstance(outcome, dict):
        warnings = tuple(str(text) for text in outcome.get("warnings", ()))
        return Ending(status == 0, _headline(outcome), _details(outcome), warnings)
    if stopped:
        return Ending(good=False, headline="The import was stopped.", details=(_KEPT,))
    what = others[-1] if others else f"The import failed (exit status {status})."
    return Ending(good=False, headline=what, warnings=tuple(others[:-1]))


def _headline(outcome: Mapping[str, Any]) -> str:
    files = outcome.get("files", 0)
    if not files:
        return "Nothing was imported."
    return (
        f"Imported {plural(outcome.get('submissions', 0), 'submission')} and "
        f"{plural(outcome.get('auth_failures', 0), 'failed sign-in')} from {plural(files, 'file')} "
        f"in {outcome.get('seconds', 0):.1f} s."
    )


def _details(outcome: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (
        ("lines", "lines read"),
        ("already_known", "already known: the store had them"),
        ("incomplete", "began and did not end in what was read"),
        ("not_understood", "lines not understood"),
    )
    lines = [f"{number(outcome[name]):>12}  {what}" for name, what in counts if outcome.get(name)]
    formats = outcome.get("formats") or {}
    if formats:
        lines.append(f"{'':>12}  read as {', '.join(f'{name} ({number(count)})' for name, count in formats.items())}")
    return tuple(lines)
