"""An import that the interface has begun: the command itself, in a process of its own, which alone writes the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from smtpauth_tui.reports.figures import number, plural
from smtpauth_tui.screens.command_run import CommandRun, OwnCommand

_KEPT: Final = "Files that were complete stay; of the others nothing does."


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


class ImportRun(CommandRun):
    """Runs ``import --json`` on some files; `step` says how far it is, `ending` what came of it.

    Files that are complete stay in the store when it is stopped.
    """

    def __init__(self, command: OwnCommand, words: Sequence[str]) -> None:
        self.words = tuple(words)
        """Absolute paths and patterns."""
        self.step = Step()
        self.ending: Ending | None = None
        super().__init__(command, "import", "--json", "--progress", "json", "--", *self.words)

    def _progressed(self, told: Mapping[str, Any]) -> None:
        path, seconds = str(told["path"]), float(told["seconds"])
        self.step = Step(path, int(told["done"]), int(told["total"]), int(told["lines"]), seconds)

    def _failed(self, reason: str) -> None:
        self.ending = Ending(good=False, headline=f"The import cannot be started: {reason}.")

    def _ended(self, outcome: Mapping[str, Any] | None, others: Sequence[str], status: int) -> None:
        if outcome is not None:
            warnings = tuple(str(text) for text in outcome.get("warnings", ()))
            self.ending = Ending(status == 0, _headline(outcome), _details(outcome), warnings)
        elif self.stopping:
            self.ending = Ending(good=False, headline="The import was stopped.", details=(_KEPT,))
        else:
            what = others[-1] if others else f"The import failed (exit status {status})."
            self.ending = Ending(good=False, headline=what, warnings=tuple(others[:-1]))


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
