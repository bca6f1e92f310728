"""What all commands share: what the options before the command say, and what the output can show."""

import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from smtpauth_tui.clock import Clock
from smtpauth_tui.settings import Settings


class Context:
    """What the options before the command say."""

    def __init__(
        self, settings: Settings, color: str, clock: Clock, *, mouse: bool, config: Path | None = None
    ) -> None:
        self.settings = settings
        self.color = color
        self.clock = clock
        self.mouse = mouse
        self.config = config
        """The configuration file that was named."""

    @property
    def path(self) -> Path:
        """The store's file."""
        return self.settings.store_path

    @property
    def colour(self) -> bool:
        """Whether to colour what goes to standard output."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
            return True
        return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def is_text(word: str) -> bool:
    """Whether a word of the command line is UTF-8; bytes that are not come as lone surrogates."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def ascii_only() -> bool:
    """Whether standard output cannot take block characters."""
    try:
        "█┤…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def run_async(work: Coroutine[Any, Any, None]) -> None:
    """Run *work* to its end in an event loop, which is loaded only now."""
    import asyncio

    asyncio.run(work)
