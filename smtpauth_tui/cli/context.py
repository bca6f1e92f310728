"""What all commands share: what the options before the command say, and what the output can show."""

import os
import shutil
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from smtpauth_tui.clock import Clock
from smtpauth_tui.errors import UsageError
from smtpauth_tui.places import Places, places_of
from smtpauth_tui.safe import safe
from smtpauth_tui.settings import Settings

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

T = TypeVar("T")


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
    def places(self) -> Places:
        """What the settings say of places."""
        return places_of(self.settings)

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


class LateName(click.ParamType[str]):
    """One of some names, such as a report's; what knows the names is loaded when one is asked for."""

    def __init__(self, what: str, names: Callable[[], Sequence[str]]) -> None:
        self.name = what
        self._names = names

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name itself; a usage error lists the names that there are."""
        if value not in self._names():
            all_names = f"{self.name.capitalize()}s are: {', '.join(self._names())}."
            self.fail(f"there is no {self.name} {safe(str(value))!r}. {all_names}", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The names that begin with what was typed."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self._names() if name.startswith(incomplete)]


def checked_text(what: str, text: str | None) -> str | None:
    """A text that is asked for, as *what*; UsageError where it is too long, or bytes that are no text."""
    from smtpauth_tui.query import LONGEST_TEXT

    if text and (len(text) > LONGEST_TEXT or not is_text(text)):
        raise UsageError(f"The {what} is not a text of at most {LONGEST_TEXT:,} characters.", "Give a shorter one.")
    return text


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


def table_width() -> int | None:
    """The columns that a table may take; None where it is not for a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """What *work* comes to, in an event loop, which is loaded only now."""
    import asyncio

    return asyncio.run(work)
