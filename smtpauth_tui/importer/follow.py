"""Imports again whenever the logs have grown, for as long as it is let."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from smtpauth_tui.importer.finding import STDIN, Found, find
from smtpauth_tui.importer.outcome import Outcome

PAUSE: Final = 1.0
"""Seconds between two looks at the files."""


def follow(
    words: Sequence[str],
    store: Path,
    bring_in: Callable[[Found], Outcome],
    say: Callable[[Outcome], None],
    *,
    looks: int | None = None,
) -> None:
    """Import what *words* name, and again whenever a file of it has changed; *say* hears of each import.

    Each time is an import like any other: it goes on where the last one stopped, finds the end of a log that was
    rotated meanwhile, and lets other imports write in between. A pipe is read until it ends. *looks* bounds how
    often the files are looked at.
    """
    if STDIN in words:
        found = find(list(words), store)
        for file in found.files:
            file.live = True
        say(bring_in(found))
        return
    before: object = None
    told: set[str] = set()
    while looks is None or looks > 0:
        found = find(list(words), store)
        now = [(file.path, file.identity) for file in found.files]
        if now != before:
            before = now
            outcome = bring_in(found)
            outcome.problems = [text for text in outcome.problems if text not in told]
            outcome.warnings = [text for text in outcome.warnings if text not in told]
            told.update(outcome.problems, outcome.warnings)
            say(outcome)
        looks = None if looks is None else looks - 1
        if looks != 0:
            time.sleep(PAUSE)
