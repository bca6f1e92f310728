"""A command of ours that the interface has begun, in a process of its own: its words, its progress, what it said."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import smtpauth_tui

_PATIENCE: Final = 3.0
_NICE: Final = 10
_LONGEST_LINE: Final = 1 << 20
_MOST_LINES: Final = 1000
ROOT: Final = Path(smtpauth_tui.__file__).parents[1]
"""Where the process starts: Python looks for packages there first, which must not be a folder of somebody else's."""
_PROGRESS: Final = b'{"progress":'


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """How the program is called so that it works on what the interface works on."""

    db: Path
    config: Path | None = None
    """The configuration file that was named."""
    zone_name: str = ""
    """The zone that the settings name for a new store; empty for the machine's."""

    def line(self, *words: str) -> list[str]:
        """The command line of a command."""
        config = ("--config", str(self.config.absolute())) if self.config else ()
        return [sys.executable, "-m", "smtpauth_tui", "--db", str(self.db.absolute()), *config, *words]

    @property
    def environment(self) -> Mapping[str, str]:
        """What the process finds in its environment."""
        return os.environ | ({"SMTPAUTH_TUI_TIMEZONE": self.zone_name} if self.zone_name else {})


class CommandRun:
    """Runs a command that ends with the interface, because nobody takes what it says any more."""

    SIGNALS: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
    """How it is asked to end, and then told to."""

    def __init__(self, command: OwnCommand, *words: str) -> None:
        self.said = ""
        """What the command said last beside its progress."""
        self.told = False
        """Whether what came of it was shown."""
        self.begun = asyncio.Event()
        """Set when the command runs, or cannot be started."""
        self._line = command.line(*words)
        self._environment = command.environment
        self._others: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._task = asyncio.create_task(self._run())

    # what each command makes of it

    def _progressed(self, told: Mapping[str, Any]) -> None:
        """The command told how far it is; KeyError, TypeError and ValueError for what cannot be understood."""

    def _ended(self, outcome: Mapping[str, Any] | None, others: Sequence[str], status: int) -> None:
        """It has ended: with the JSON object that it printed, the other lines of standard error, its exit status."""

    def _failed(self, reason: str) -> None:
        """It could not be started."""

    def _started(self, pid: int) -> None:
        """It runs, as that process."""

    # the process

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stopping is not None

    def stop(self) -> None:
        """Ask the command to end, then tell it to."""
        if self._stopping is None and not self._task.done():
            self._stopping = asyncio.create_task(self._stop())

    async def wait(self) -> None:
        """Until it has ended."""
        await asyncio.wait([self._task])

    async def _stop(self) -> None:
        for number in self.SIGNALS:
            if self._process and self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.send_signal(number)
            if (await asyncio.wait([self._task], timeout=_PATIENCE))[0]:
                return

    async def _run(self) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._line,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=ROOT,
                env=self._environment,
                limit=_LONGEST_LINE,
            )
        except (OSError, ValueError) as error:
            self._failed(getattr(error, "strerror", None) or str(error))
            self.begun.set()
            return
        self._started(self._process.pid)
        self.begun.set()
        try:
            assert self._process.stdout and self._process.stderr
            said, _ = await asyncio.gather(self._process.stdout.read(), self._listen(self._process.stderr))
            status = await self._process.wait()
            self._ended(json_object(said), self._others, status)
        finally:
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.terminate()

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        """Follow what it says on standard error."""
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than any of ours
                continue
            if not line:
                return
            self._hear(line)

    def _hear(self, line: bytes) -> None:
        """A line of standard error: progress, or something else."""
        if line.startswith(_PROGRESS):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                self._progressed(json.loads(line)["progress"])
        elif len(self._others) < _MOST_LINES:
            self.said = line.decode("utf-8", "backslashreplace").rstrip("\n").removeprefix("smtpauth-tui: ")
            self._others.append(self.said)


class PatientRun(CommandRun):
    """Runs a command that reads, leaves the processor to whatever else wants it, and can be ended at any time."""

    SIGNALS = (signal.SIGTERM, signal.SIGKILL)
    problem: str = ""
    """Why it came to nothing; empty where it has not ended, or did what it was to do."""

    def __init__(self, command: OwnCommand, *words: str, wake: Callable[[], None]) -> None:
        super().__init__(command, *words)
        self._task.add_done_callback(lambda _: wake())

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self._task.done()

    def _started(self, pid: int) -> None:
        with contextlib.suppress(OSError):  # it has ended already, or has less priority than that
            os.setpriority(os.PRIO_PROCESS, pid, _NICE)

    def _failed(self, reason: str) -> None:
        self.problem = f"No process can be started for it: {reason}."


def json_object(text: bytes) -> Mapping[str, Any] | None:
    """The JSON object that a command printed; None for anything else."""
    try:
        outcome = json.loads(text)
    except ValueError:
        return None
    return outcome if isinstance(outcome, dict) else None
