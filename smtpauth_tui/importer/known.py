"""Which files there is something to read of: an import leaves alone what is as the last one left it."""

from smtpauth_tui.importer.finding import Found, FoundFile
from smtpauth_tui.importer.outcome import Outcome
from smtpauth_tui.store.seen import SeenFile, SeenFiles


def unknown(found: Found, seen: SeenFiles, outcome: Outcome, *, again: bool = False) -> list[FoundFile]:
    """The files that the store does not know as they are. The others are counted in the outcome.

    *again*: read also those that are known, but for what is no log.
    """
    left = []
    for file in found.files:
        known = seen.of_file(file.identity) if file.identity else False
        if known is True and file.path not in found.named:
            outcome.passed_over += 1
        elif isinstance(known, SeenFile) and known.path == file.path and not again:
            outcome.already_read(known)
        else:
            left.append(file)
    return left
