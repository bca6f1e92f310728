"""What an import did, for people and for scripts."""

from collections.abc import Iterable

from smtpauth_tui.importer.finding import STDIN
from smtpauth_tui.safe import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from smtpauth_tui.importer.sources import Source
    from smtpauth_tui.store.seen import SeenFile
    from smtpauth_tui.store.sources import SourceRow

SCHEMA = 1


class Outcome:
    """The figures of one run; `as_json` is the contract of the command line."""

    def __init__(self, zone: str = "", *, dry_run: bool = False) -> None:
        self.zone = zone
        self.dry_run = dry_run
        self.files = 0
        self.lines = 0
        self.bytes = 0
        self.submissions = 0
        self.auth_failures = 0
        self.already_known = 0
        self.incomplete = 0
        self.not_understood = 0
        self.sign_ins = 0
        """Sign-ins at an identity service; they are no messages."""
        self.snapshots = 0
        """Totals of a period without days."""
        self.pruned = 0
        """Older than the store keeps."""
        self.passed_over = 0
        """Files of folders that are no log of a mail server."""
        self.formats: dict[str, int] = {}
        self.seconds = 0.0
        self.warnings: list[str] = []
        self.problems: list[str] = []
        """Files that were named and could not be taken, each a sentence with what to do."""
        self.first: int | None = None
        self.last: int | None = None

    def count_file(self, formats: Iterable[str]) -> None:
        """Count a file that has lines of some formats."""
        self.files += 1
        for name in formats:
            self.formats[name] = self.formats.get(name, 0) + 1

    def already_read(self, known: "SeenFile | SourceRow") -> None:
        """Count a file to which nothing was added since it was read."""
        self.count_file(known.format.split(", "))
        self.already_known += known.facts
        self.incomplete += known.incomplete
        if known.damaged:
            self.warnings.append(f"{known.path} is damaged ({known.damaged}); what stands before was read.")

    def end(self, seconds: float) -> None:
        """Say what was passed over, and how long it all took."""
        if self.passed_over and not self.files:
            self.problems.append("None of the files found there is a log that can be read. Name the mail log.")
        elif self.passed_over:
            self.warnings.append(f"{counted(self.passed_over, 'file')} passed over: no log of a mail server.")
        self.seconds = seconds

    def as_json(self) -> dict[str, object]:
        """One object with the keys of the command line's contract."""
        return {
            "schema": SCHEMA,
            "files": self.files,
            "lines": self.lines,
            "bytes": self.bytes,
            "submissions": self.submissions,
            "auth_failures": self.auth_failures,
            "already_known": self.already_known,
            "incomplete": self.incomplete,
            "not_understood": self.not_understood,
            "formats": self.formats,
            "seconds": round(self.seconds, 3),
            "warnings": [safe(text) for text in self.warnings + self.problems],
        }


def summary_lines(outcome: Outcome) -> list[str]:
    """The outcome for people."""
    did = "Would import" if outcome.dry_run else "Imported"
    rate = f", {outcome.lines / outcome.seconds:,.0f} lines/s" if outcome.seconds > 0.5 else ""
    lines = [
        f"{did} {counted(outcome.submissions, 'submission')} and {counted(outcome.auth_failures, 'failed sign-in')} "
        f"from {counted(outcome.files, 'file')} ({counted(outcome.lines, 'line')}) in {outcome.seconds:.1f} s{rate}."
    ]
    if outcome.sign_ins or outcome.snapshots:
        lines.append(f"  {counted(outcome.sign_ins, 'sign-in')}, {counted(outcome.snapshots, 'snapshot')} of a period.")
    if outcome.first is not None and outcome.last is not None:
        lines.append(
            f"  Mail server lines from {_when(outcome.first, outcome.zone)} "
            f"to {_when(outcome.last, outcome.zone)}, {outcome.zone}."
        )
    rest = [
        (outcome.already_known, "already known"),
        (outcome.incomplete, "began and did not end"),
        (outcome.not_understood, "not understood"),
        (outcome.pruned, "older than what the store keeps"),
    ]
    said = [f"{number:,} {what}" for number, what in rest if number]
    if said:
        lines.append(f"  {', '.join(said)}.")
    return lines


def counted(number: int, word: str) -> str:
    """``1 file``, ``1,234 files``."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _when(moment: int, zone: str) -> str:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def name_of(source: "Source") -> str:
    """What people call a source."""
    return "Standard input" if source.path == STDIN else source.path
