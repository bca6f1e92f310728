"""The import that finds nothing new, as cron makes it each minute: done before the command line is loaded.

click alone takes longer to load than Python takes to start three times. So the plainest words are read here, and
whatever asks for more, or goes wrong, is left to the command.
"""

import os
import sys
import time
from collections.abc import Sequence

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.importer.finding import find
from smtpauth_tui.importer.known import unknown
from smtpauth_tui.importer.outcome import Outcome
from smtpauth_tui.importer.telling import say_outcome
from smtpauth_tui.settings import home_expanded, load
from smtpauth_tui.store import files
from smtpauth_tui.store.seen import looked_at


def nothing_new(words: Sequence[str]) -> bool:
    """Say what ``[--db PATH] import [--json] PATH...`` did, if nothing in the files is new; else False, unsaid."""
    match words:
        case ["import", *rest]:
            db = None
        case ["--db", db, "import", *rest]:
            pass
        case _:
            return False
    paths = [word for word in rest if word != "--json"]
    if not paths or any(word.startswith("-") for word in paths) or None in (sys.stdin, sys.stdout, sys.stderr):
        return False
    try:
        outcome = _outcome(paths, db)
    except (SmtpAuthTuiError, OSError):
        return False
    return outcome is not None and _said(outcome, as_json="--json" in rest)


def _outcome(paths: list[str], db: str | None) -> Outcome | None:
    """What the import has to say; None where it has something to do, or has more to say than that."""
    started = time.monotonic()
    settings = load()
    store = settings.store_place if db is None else home_expanded(db)
    files.look(store)
    outcome = Outcome()
    with looked_at(store) as seen:
        if seen is None or not seen.finished() or settings.timezone not in ("", seen.zone_name()):
            return None
        found = find(paths, store)
        if found.problems or unknown(found, seen, outcome):
            return None
    outcome.end(time.monotonic() - started)
    return None if outcome.problems else outcome


def _said(outcome: Outcome, *, as_json: bool) -> bool:
    """Say the outcome; False where the output takes nothing: the command tries again, and says so."""
    try:
        say_outcome(outcome, as_json=as_json)
    except OSError:
        output = os.dup(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stdout.flush()  # what is left in the buffer
        os.dup2(output, 1)
        return False
    return True
