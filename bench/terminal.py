"""A program in a terminal of its own: when it shows what, and what a key costs in bytes and CPU time."""

import contextlib
import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import pyte

from bench.rounds import Failed

KEYS: Final = {"down": "\x1b[B", "left": "\x1b[D", "right": "\x1b[C", "page down": "\x1b[6~", "home": "\x1b[H"}
_PATIENCE: Final = 60.0
_QUIET: Final = 0.15
"""Seconds without output after which a key counts as answered in full."""
_SEQUENCE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
_UNDRAWN: Final = re.compile(rb"\x1b(?:\[[<>=?].*[^hl]|\[.*[ -/].|[\]P^_X].*|[()].)$", re.DOTALL)
"""Queries, the keyboard protocol, titles and character sets, which pyte would take for text."""

Size = tuple[int, int]
Sight = Callable[[str], object]
"""Whether a screen's text is what is waited for."""


class Unseen(Failed):
    """What was waited for did not come."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a key."""

    octets: int
    """Written to the terminal."""
    cpu: float | None
    """Seconds of all threads; None where the system does not tell."""


class Terminal:
    """A program, and the record of what it wrote and when: the screen is drawn from it only when it is looked at."""

    def __init__(self, command: Sequence[str], size: Size, environment: Mapping[str, str]) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._undrawn = b""
        self._fresh: list[tuple[float, bytes]] = []
        self.octets = 0
        """That the program has written."""
        self._start = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            | dict(environment),
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """The screen, a line a row."""
        return "\n".join(self._screen.display)

    def press(self, key: str) -> float:
        """Press a key; seconds since the start."""
        os.write(self._master, KEYS.get(key, key).encode())
        return time.perf_counter() - self._start

    def seen(self, sight: Sight, what: str, patience: float = _PATIENCE) -> float:
        """Seconds since the start at which something was written that makes the screen look as wanted.

        `Unseen` if it does not within so many seconds.
        """
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            while self._fresh:
                moment, data = self._fresh.pop(0)
                self._draw(data)
                if sight(self.text):
                    return moment
            if not self._read(min(0.5, patience)) and self._process.poll() is not None:
                break
        raise Unseen(f"waited in vain for {what}; the screen:\n{self.text}")

    def settle(self, quiet: float = _QUIET) -> None:
        """Read until nothing more comes for a while, and draw it."""
        while self._read(quiet):
            pass
        while self._fresh:
            self._draw(self._fresh.pop(0)[1])

    def cost(self, key: str) -> Cost:
        """Press a key and wait until all that it brings is there."""
        before, spent = self.octets, self._cpu()
        self.press(key)
        self.settle()
        after = self._cpu()
        return Cost(self.octets - before, None if spent is None or after is None else after - spent)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        data = b""
        with contextlib.suppress(OSError):  # the program has ended
            data = os.read(self._master, 1 << 16)
        self.octets += len(data)
        self._fresh.append((time.perf_counter() - self._start, data))
        return bool(data)

    def _draw(self, data: bytes) -> None:
        data, place = self._undrawn + data, 0
        self._undrawn = b""
        while place < len(data):
            escape = data.find(b"\x1b", place)
            if escape != place:
                end = escape if escape >= 0 else len(data)
                self._stream.feed(data[place:end])
                place = end
                continue
            found = _SEQUENCE.match(data, place)
            if not found:
                self._undrawn = data[place:]
                return
            if not _UNDRAWN.match(found[0]):
                self._stream.feed(found[0])
            place = found.end()

    def _cpu(self) -> float | None:
        """Seconds on a processor, of all threads (Linux)."""
        try:
            tasks = list(Path(f"/proc/{self._process.pid}/task").iterdir())
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except (OSError, ValueError):
            return None
