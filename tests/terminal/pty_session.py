"""The program in a real pseudo-terminal: keys go in, bytes come out, and pyte says what a person would see."""

import codecs
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import pyte

PATIENCE: Final = 20.0
"""Seconds after which something that should have happened counts as missing; on a busy machine starting takes long."""
_QUIET: Final = 0.12
_SEQUENCE: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]P^_X][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, PM, APC, SOS
    r"|\x1b[ -/]*[0-~]"  # the other escapes
)
_UNDRAWN: Final = re.compile(r"\x1b\[[<>=?].*[^hl]$|\x1b\[.*[ -/].$")
"""Queries and the keyboard protocol, which pyte would take for text."""

KEYS: Final = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "escape": "\x1b[27u",  # as by the keyboard protocol: the bare byte would make the next key one with alt
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "ctrl+p": "\x10",
    "ctrl+u": "\x15",
    "backspace": "\x7f",
}


def sequences(text: str) -> list[str]:
    """The escape sequences in a program's output, in order."""
    return _SEQUENCE.findall(text)


class PtySession:
    """A program that runs in a terminal of its own, which is read only while something is waited for."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.output = b""
        """All bytes that the program has written to the terminal."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._undrawn = ""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self._screen)
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        self._set_size(*size)
        self.before = termios.tcgetattr(self._slave)
        """How the terminal was set before the program."""

    @classmethod
    def start(
        cls,
        *command: str,
        env: Mapping[str, str],
        size: tuple[int, int] = (80, 24),
        own_terminal: bool = True,
        ignored: Sequence[signal.Signals] = (),
        **streams: Any,
    ) -> Self:
        """Start a program as the leader of a session whose terminal this is, or has none if *own_terminal* is off.

        *ignored* signals are ignored from the beginning, as after nohup; *streams* replace those of the terminal.
        """
        session = cls(size)
        slave = session._slave

        def prepare() -> None:
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)
            if own_terminal:
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        session.process = subprocess.Popen(
            command,
            env=env,
            start_new_session=True,
            preexec_fn=prepare,
            **({"stdin": slave, "stdout": slave, "stderr": slave} | streams),
        )
        return session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # the terminal

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def resize(self, width: int, height: int) -> None:
        """Another size; the kernel tells the program by SIGWINCH."""
        self._screen.resize(height, width)
        self._set_size(width, height)

    def overwrite(self, text: str) -> None:
        """What something else writes to the terminal."""
        self._stream.feed(text)

    def hang_up(self) -> None:
        """The line is lost."""
        os.close(self._master)
        self._master = -1

    @property
    def attributes(self) -> list[Any]:
        """How the terminal is set now."""
        return termios.tcgetattr(self._slave)

    def press(self, *keys: str) -> None:
        """Keys by their names, or as themselves; more than one letter that names no key is typed."""
        for key in keys:
            self.press_bytes(KEYS.get(key, key).encode())

    def press_bytes(self, data: bytes) -> None:
        """What a terminal sends, byte by byte."""
        os.write(self._master, data)

    def stall(self, key: str) -> None:
        """Press a key until the terminal holds no more of what the program writes for it."""
        end = time.monotonic() + PATIENCE
        full = 0
        while full < 40:  # the program itself keeps 30 pieces before it waits
            assert time.monotonic() < end, "the program still writes"
            self.press(key)
            full = 0 if select.select([], [self._slave], [], 0)[1] else full + 1
            time.sleep(0.01)

    # what comes out

    @property
    def text(self) -> str:
        """The screen, a line a row."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def cell(self, x: int, y: int) -> Any:
        """A cell of the screen: its sign and its look, as pyte has them."""
        return self._screen.buffer[y][x]

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._screen.columns, self._screen.lines

    @property
    def decoded(self) -> str:
        """All output as text."""
        return self.output.decode(errors="replace")

    def read(self, seconds: float = 0.0) -> bool:
        """Take what the program has written, waiting at most so long for it; whether there was something."""
        if self._master < 0 or not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.output += data
        self._draw(data)
        return bool(data)

    def _draw(self, data: bytes) -> None:
        text = self._undrawn + self._decoder.decode(data)
        place = 0
        while place < len(text):
            escape = text.find("\x1b", place)
            self._stream.feed(text[place : escape if escape >= 0 else None])
            if escape < 0:
                place = len(text)
                break
            found = _SEQUENCE.match(text, escape)
            place = found.end() if found else escape
            if not found:
                break
            if not _UNDRAWN.match(found[0]):
                self._stream.feed(found[0])
        self._undrawn = text[place:]

    def wait(self, condition: Callable[[], object], what: str, timeout: float = PATIENCE) -> None:
        """Read until a condition holds; AssertionError with the screen if it does not in time."""
        end = time.monotonic() + timeout
        while not condition():
            gone = self.process.poll() is not None
            if not self.read(0.02) and (gone or time.monotonic() > end):
                if condition():
                    return
                ended = f" (it ended with {self.process.returncode})" if gone else ""
                raise AssertionError(f"waited in vain for {what}{ended}; the screen:\n{self.text}")

    def wait_for(self, *texts: str, timeout: float = PATIENCE) -> None:
        """Read until all of some texts are on the screen."""
        self.wait(lambda: all(text in self.text for text in texts), repr(texts), timeout)

    def wait_until_gone(self, text: str, timeout: float = PATIENCE) -> None:
        """Read until a text is no longer on the screen."""
        self.wait(lambda: text not in self.text, f"the end of {text!r}", timeout)

    def settle(self) -> None:
        """Read until nothing more comes."""
        while self.read(_QUIET):
            pass

    def shows(self, key: str, *texts: str) -> None:
        """Press a key and wait for what it should show."""
        self.press(key)
        self.wait_for(*texts)

    def bytes_for(self, key: str, *texts: str) -> int:
        """How many bytes the program writes for a key that makes it show some texts."""
        self.settle()
        before = len(self.output)
        self.shows(key, *texts)
        self.settle()
        return len(self.output) - before

    # the end

    def send_signal(self, number: signal.Signals) -> None:
        """A signal from outside, to the program alone."""
        self.process.send_signal(number)

    def exit_status(self, timeout: float = PATIENCE) -> int:
        """Wait until the program has ended, reading what it still writes; 128 + n where a signal ended it."""
        self.wait(lambda: self.process.poll() is not None, "the end of the program", timeout)
        while self.read():
            pass
        status = self.process.returncode
        return 128 - status if status < 0 else int(status)

    def ends_unread(self, timeout: float) -> int:
        """Wait until the program has ended without reading what it writes."""
        status = self.process.wait(timeout)
        return 128 - status if status < 0 else status

    def close(self) -> None:
        """End the program if it still runs, and close the terminal."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def environment(home: Path, **changes: str) -> dict[str, str]:
    """Nothing of the machine's own: a home of the test's, a terminal of 256 colours, no colours by other ways."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "SMTPAUTH_TUI_TIMEZONE": "UTC",
    } | changes
