"""What an import is told, and what it tells while it runs."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from smtpauth_tui.formats import DOCUMENTS, FORMATS, DocumentFormat, LogFormat


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the command line says about an import."""

    zone: ZoneInfo
    """The zone of stamps that carry none."""
    year: int | None = None
    """The newest year of stamps that carry none; by default worked out."""
    host: str = ""
    """The server's name where the source does not say it."""
    formats: tuple[LogFormat, ...] = FORMATS
    documents: tuple[DocumentFormat, ...] = DOCUMENTS
    dry_run: bool = False
    period: tuple[date, date] | None = None
    """First and last day of exports that have totals and do not name their period."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is, told while it runs."""

    path: str
    done: int
    """Bytes of all files as they lie on the disk."""
    total: int
    """0 where it cannot be known."""
    lines: int
    seconds: float

    def as_line(self) -> str:
        """``mail.log.1  45 %  1,234,567 lines  830,000 lines/s  3 s left``."""
        parts = [self.path.rpartition("/")[2]]
        if self.total:
            parts.append(f"{100 * self.done // self.total} %")
        parts.append(f"{self.lines:,} lines")
        if self.seconds > 0.2:
            parts.append(f"{self.lines / self.seconds:,.0f} lines/s")
            if self.total and self.done:
                parts.append(f"{self.seconds * (self.total - self.done) / self.done:.0f} s left")
        return "  ".join(parts)
