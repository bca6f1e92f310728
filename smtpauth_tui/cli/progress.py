"""How far an import is: a line on the terminal, or lines of JSON for a program."""

import shutil
import sys
import time
from typing import TYPE_CHECKING, Final

import click

from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.importer.options import Progress

_PROGRESS_SECONDS: Final = 0.2

_progress_shown = False


def say_progress(progress: "Progress | None") -> None:
    """A line on the terminal that is written over; None takes it away."""
    global _progress_shown
    if not sys.stderr.isatty() or (progress is None and not _progress_shown):
        return
    text = ""
    if progress:
        width = shutil.get_terminal_size().columns - 1
        text = safe(progress.as_line())[:width]
    sys.stderr.write(f"\r{text}\x1b[K")
    sys.stderr.flush()
    _progress_shown = bool(text)


class JsonProgress:
    """Progress for a program: ``{"progress": {"path": ..., "done": ...}}``, a line each on standard error."""

    def __init__(self) -> None:
        self._last = -_PROGRESS_SECONDS

    def __call__(self, progress: "Progress | None") -> None:
        now = time.monotonic()
        if progress is None or now - self._last < _PROGRESS_SECONDS:
            return
        self._last = now
        import json

        told = {name: getattr(progress, name) for name in ("path", "done", "total", "lines", "seconds")}
        click.echo(json.dumps({"progress": told}), err=True)
