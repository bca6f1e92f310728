"""The terminal around the interface: what suits it, and its state given back whatever ends the program."""

import contextlib
import os
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from smtpauth_tui.safe import safe
from smtpauth_tui.settings import Settings, crash_file

if TYPE_CHECKING:
    import asyncio

MIN_WIDTH: Final = 80
MIN_HEIGHT: Final = 24
CRASHED: Final = 70
"""Exit status after an error of the program's own (EX_SOFTWARE)."""
_SIXTEEN_COLOURS: Final = frozenset(
    {
        "",
        "xterm",
        "screen",
        "tmux",
        "linux",
        "vt100",
        "vt102",
        "vt220",
        "ansi",
        "rxvt",
        "xterm-ghostty",
        "cygwin",
        "putty",
    }
)
_PATIENCE: Final = 3.0
_LEAVING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_ENDING: Final = (*_LEAVING, signal.SIGINT)
ALTERNATE_SCREEN: Final = "\x1b[?1049h"
MAIN_SCREEN: Final = "\x1b[?1049l"
CLEAR: Final = "\x1b[2J"
_HIDE_CURSOR: Final = "\x1b[?25l"
_GIVE_BACK: Final = (
    b"\x1b[0m\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l\x1b[?2004l"
    b"\x1b[?2048l\x1b[?7h\x1b[<u\x1b[?25h\x1b[?1049l\r\n"
)
"""Mouse, focus, paste and size reports off, lines wrap, keyboard protocol popped, cursor shown, main screen."""


def suitable_theme(settings: Settings, environment: Mapping[str, str]) -> str:
    """The theme for the terminal: the one that is set, or ``ansi-dark`` where there are 16 colours or none."""
    if settings.theme:
        return settings.theme
    if environment.get("NO_COLOR"):
        return "ansi-dark"
    rich = environment.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    return "ansi-dark" if not rich and environment.get("TERM", "") in _SIXTEEN_COLOURS else "textual-dark"


def prepare(settings: Settings) -> None:
    """Tell Textual, before it is loaded, which theme to begin with and whether to animate."""
    os.environ["TEXTUAL_THEME"] = suitable_theme(settings, os.environ)
    still = settings.animations == "off" or (settings.animations == "auto" and "SSH_CONNECTION" in os.environ)
    if still:
        os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")


@contextlib.contextmanager
def leaving_on_signals() -> Iterator[None]:
    """Signals that end the program do it by SystemExit, so that each context is left; those ignored stay so."""

    def leave(number: int, frame: FrameType | None) -> None:
        for one in changed:
            signal.signal(one, signal.SIG_IGN)
        raise SystemExit(128 + number)

    changed = [number for number in _LEAVING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, leave) for number in changed}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Guard:
    """Ends the interface on signals and when the terminal is gone; restores the terminal if nothing else does.

    *last* is called before an end by force, which leaves no context.
    """

    def __init__(self, last: Callable[[], None] | None = None) -> None:
        self.attributes = termios.tcgetattr(sys.stdin.fileno())
        """How the terminal was set before."""
        self._last = last
        self._stop: Callable[[int], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._status: int | None = None
        self._loading = True

    @contextlib.contextmanager
    def loading(self, picture: str) -> Iterator[None]:
        """Show a picture while the interface is loaded: keys wait in the terminal, unheard and without echo.

        The terminal stays so, for the interface to take over; it is given back where that is not loaded.
        """
        try:
            if picture:
                with contextlib.suppress(OSError, termios.error):  # a terminal that is gone: the interface finds out
                    termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, _unheard(self.attributes))
                    sys.stderr.write(ALTERNATE_SCREEN + _HIDE_CURSOR + picture)
                    sys.stderr.flush()
            yield
        except BaseException:
            if picture:
                self.restore()
                self.let_go()
            raise
        finally:
            self._loading = False

    def watch(self, stop: Callable[[int], None], loop: "asyncio.AbstractEventLoop") -> None:
        """*stop*, called in the running loop, ends the interface with an exit status."""
        self._loop, self._stop = loop, stop
        if self._status is not None:
            self._loop.call_soon(stop, self._status)

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Signals that end the program pass through `end`, and stay as they were afterwards."""
        before = {number: signal.signal(number, self._signalled) for number in _ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        if self._loading:
            raise SystemExit(128 + number)
        self.end(128 + number)

    def end(self, status: int) -> None:
        """End the interface; by force when the terminal does not take what is written to it."""
        if self._status is not None:
            return
        self._status = status
        timer = threading.Timer(_PATIENCE, self._by_force, (status,))
        timer.daemon = True
        timer.start()
        if self._loop and self._stop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop, status)

    @property
    def ended(self) -> int | None:
        """The exit status, where a signal or a lost terminal ended the interface."""
        return self._status

    def check(self) -> None:
        """To be called now and then: ends the interface when the terminal has been hung up."""
        try:
            termios.tcgetattr(sys.stdin.fileno())
        except (termios.error, OSError, ValueError):
            self.end(128 + signal.SIGHUP)

    def _by_force(self, status: int) -> None:
        self.restore()
        try:
            if self._last:
                self._last()
        finally:
            os._exit(status)

    def restore(self) -> None:
        """The terminal as it was before, without waiting for it."""
        with contextlib.suppress(OSError, termios.error, ValueError):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self.attributes)
        descriptor = sys.__stderr__.fileno() if sys.__stderr__ else 2
        with contextlib.suppress(OSError):
            # the shell has the same open file: it has to find it as it was
            waits = os.get_blocking(descriptor)
            os.set_blocking(descriptor, False)
            try:
                os.write(descriptor, _GIVE_BACK)
            finally:
                os.set_blocking(descriptor, waits)

    def let_go(self) -> None:
        """Give up what a terminal that is gone did not take, which Python would make an exit status of its own."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                with contextlib.suppress(OSError):
                    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _unheard(attributes: list[Any]) -> list[Any]:
    """A terminal's settings without echo, lines and signals, as the interface has them."""
    unheard = [*attributes]
    unheard[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    unheard[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    return unheard


def report_crash(error: BaseException, version: str) -> None:
    """Three lines on the terminal; the trace, without the values of variables, in a file for its owner alone."""
    import traceback

    path = crash_file()
    trace = "".join(traceback.format_exception(error))
    kept = ""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"smtpauth-tui {version}, {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n{safe_lines(trace)}")
        kept = f"The trace is in {path}; please send it with your report."
    sys.stderr.write(
        f"smtpauth-tui: the interface failed: {safe(type(error).__name__)}: {safe(str(error))[:200]}\n"
        f"Nothing in the store was changed by it. Reports can still be printed: smtpauth-tui show summary\n{kept}\n"
    )


def safe_lines(text: str) -> str:
    """A text of several lines, each neutralised."""
    return "\n".join(safe(line) for line in text.splitlines()) + "\n"
