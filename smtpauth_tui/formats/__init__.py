"""What each mail program writes, as submissions and authentication failures: one module a format."""

from typing import Final, Protocol
from zoneinfo import ZoneInfo

from smtpauth_tui.formats.dovecot import DOVECOT
from smtpauth_tui.formats.eac_export import EAC_EXPORT
from smtpauth_tui.formats.entra import ENTRA
from smtpauth_tui.formats.exchange import EXCHANGE
from smtpauth_tui.formats.exim import EXIM
from smtpauth_tui.formats.facts import Facts, State
from smtpauth_tui.formats.opensmtpd import OPENSMTPD
from smtpauth_tui.formats.postfix import POSTFIX
from smtpauth_tui.formats.region import Region, Skimmed
from smtpauth_tui.formats.sendmail import SENDMAIL
from smtpauth_tui.formats.smtp_cs_report import SMTP_CS_REPORT
from smtpauth_tui.formats.syslog import OwnLines
from smtpauth_tui.model import AuthFailure, LogLine

__all__ = [
    "DOCUMENTS",
    "FORMATS",
    "DocumentFormat",
    "DocumentReader",
    "Facts",
    "LogFormat",
    "OwnLines",
    "Reader",
    "State",
]


class Reader(Protocol):
    """Reads one stream of logs; what it found waits in `facts`."""

    facts: Facts
    used: int
    """Lines so far that it made something of: a program's name alone does not make a log of its mail."""
    orphans: list[LogLine]
    """Lines at the stream's beginning that only an earlier log completes, at most `MOST_ORPHANS`: sessions and
    messages that began before it. Read again after the earlier log, they give what they lacked."""

    def take(self, line: LogLine) -> None:
        """Read one line of a program that the format recognises."""

    def pause(self) -> None:
        """No line follows for now: hand out each accepted message as far as it is known, count what is open.

        What waits goes on waiting. Where later lines tell more of a message that was handed out, it is handed
        out again, and the store fills in what it lacked.
        """

    def next_log(self, *, follows: bool) -> None:
        """The lines that follow come from another log. *follows*: nothing is missing between the two."""

    def part(self, region: Region) -> tuple[int, int] | None:
        """From where to where `skim` can take a region; the lines around that are read one by one. None: nowhere."""

    def skim(self, region: Region) -> Skimmed | None:
        """Take a region at once but for some lines, with the same result; None: each of its lines is to be read."""

    def sign(self, line: LogLine) -> None:
        """A line of those that `skim` names as signs: what was taken at once counts as read up to it."""

    def reach(self, line: LogLine) -> None:
        """The last line of those that were passed over: so far the log was read."""

    def counted(self, one: AuthFailure) -> bool:
        """Whether the log had an attempt equal to this one in its last seconds."""

    def state(self) -> State:
        """What waits: `LogFormat.reader` goes on from it."""


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

    def own_lines(self, zone: ZoneInfo, host: str) -> OwnLines | None:
        """What splits the lines of the program's own log, with stamps in *zone*; None where it only has syslog."""

    def reader(self, state: State = None) -> Reader:
        """A reader for one stream of logs, from its beginning or from where the last import stopped."""


class DocumentReader(Protocol):
    """Reads one export, as text in pieces of any length."""

    facts: Facts
    notes: list[str]
    """What people should know of how it was read: sentences."""

    def take(self, text: str) -> None:
        """Read the next piece."""

    def finish(self) -> None:
        """Nothing follows."""


class DocumentFormat(Protocol):
    """An export that is read as a whole: a table or JSON, without lines of a log."""

    @property
    def name(self) -> str:
        """What the command line calls it."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def example(self) -> str:
        """How it begins."""

    def recognises(self, head: str) -> bool:
        """Whether an export whose text begins so is one of these."""

    def reader(self, host: str) -> DocumentReader:
        """A reader for one export; *host* names the server where the export does not."""


FORMATS: Final[tuple[LogFormat, ...]] = (POSTFIX, EXIM, SENDMAIL, OPENSMTPD, DOVECOT, EXCHANGE)
DOCUMENTS: Final[tuple[DocumentFormat, ...]] = (SMTP_CS_REPORT, EAC_EXPORT, ENTRA)
