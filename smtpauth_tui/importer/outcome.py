"""What an import did, for people and for scripts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from smtpauth_tui.importer.sources import STDIN, Source
from smtpauth_tui.safe import safe

SCHEMA: Final = 1


@dataclass(slots=True)
class Outcome:
    """The figures of one run; `as_json` is the contract of the command line."""

    files: int = 0
    lines: int = 0
    bytes: int = 0
    submissions: int = 0
    auth_failures: int = 0
    already_known: int = 0
    incomplete: int = 0
    not_understood: int = 0
    sign_ins: int = 0
    """Sign-ins at an identity service; they are no messages."""
    snapshots: int = 0
    """Totals of a period without days."""
    pruned: int = 0
    """Older than the store keeps."""
    formats: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Files that were named and could not be taken, each a sentence with what to do."""
    first: int | None = None
    last: int | None = None
    zone: str = ""
    dry_run: bool = False

    def count_file(self, formats: Iterable[str]) -> None:
        """Count a file that has lines of some formats."""
        self.files += 1
        for name in formats:
            self.formats[name] = self.formats.get(name, 0) + 1

    def as_json(self) -> dict[str, Any]:
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
    zone = ZoneInfo(outcome.zone)
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
            f"  Mail server lines from {_when(outcome.first, zone)} to {_when(outcome.last, zone)}, {outcome.zone}."
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


def _when(moment: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def name_of(source: Source) -> str:
    """What people call a source."""
    return "Standard input" if source.path == STDIN else source.path
