"""What each mail program writes, as submissions and authentication failures: one module a format."""

from typing import Final, Protocol

from smtpauth_tui.formats.facts import Facts
from smtpauth_tui.formats.postfix import POSTFIX
from smtpauth_tui.model import LogLine

__all__ = ["FORMATS", "Facts", "LogFormat", "Reader"]


class Reader(Protocol):
    """Reads one stream of logs; what it found waits in `facts`."""

    facts: Facts

    def take(self, line: LogLine) -> None:
        """Read one line of a program that the format recognises."""

    def next_file(self) -> None:
        """The lines that follow come from the next file of the same stream."""

    def finish(self) -> None:
        """No line follows: settle what waits."""


class LogFormat(Protocol):
    """A mail program's log."""

    @property
    def name(self) -> str:
        """What the command line calls it."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def hint(self) -> str:
        """A text that is in its lines and hardly in others: for counting lines that could not be read."""

    @property
    def example(self) -> str:
        """A line of it."""

    def recognises(self, program: str) -> bool:
        """Whether a syslog program of this name writes this format."""

    def id_time(self, text: str) -> int | None:
        """UTC seconds that an id in a line's text carries; None where there is none."""

    def reader(self) -> Reader:
        """A reader for one stream of logs."""


FORMATS: Final[tuple[LogFormat, ...]] = (POSTFIX,)
