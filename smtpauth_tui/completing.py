"""What could be typed next in a filter: columns, comparisons and words, as the language itself reads them."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.filters import JOINING, FilterError, parse

_BEGUN: Final = re.compile(r"[^\s()<>=!≠≤≥,\"']*\Z|[<>=!]+\Z")
_TOUCHING: Final = frozenset("(),")


class Completion(NamedTuple):
    """What could stand at a place of a text."""

    start: int
    """Where the word begins that is typed there."""
    words: tuple[str, ...] = ()
    """What it could be, in the order of the language; none where anything could stand there."""


def completion(text: str, columns: Sequence[FilterColumn], today: date) -> Completion:
    """What could follow a text, or be its last word; nothing where what stands before that cannot be taken."""
    if quoted := _in_quotes(text, columns, today):
        return quoted
    begun = _BEGUN.search(text)
    start = begun.start() if begun else len(text)
    before, typed = text[:start], text[start:].casefold()
    if (
        typed
        and before.strip()
        and not before[-1].isspace()
        and before[-1] not in "(,<>=!≠≤≥"
        and typed[0] not in "<>=!"
    ):
        return Completion(start)  # it touches a text in quotes
    words = [word for word in _expected(before, columns, today) if _bare(word).startswith(typed)]
    if not typed:  # a share is offered when its name is begun
        words = [word for word in words if not word.endswith("%")]
    return Completion(start, tuple(word for word in words if word != text[start:]))


def completed(text: str, start: int, word: str) -> str:
    """The text with its last word, from *start* on, as *word* has it, and a blank where one belongs."""
    before = text[:start]
    gap = "" if not before or before[-1].isspace() or before[-1] == "(" or word in _TOUCHING - {"("} else " "
    return f"{before}{gap}{word}{'' if word == '(' else ' '}"


def _in_quotes(text: str, columns: Sequence[FilterColumn], today: date) -> Completion | None:
    """What the text in quotes could be that was begun last; None where none was."""
    try:
        parse(text, columns, today)
    except FilterError as error:
        if error.quoted:
            typed = text[error.place + 1 :].casefold()
            return Completion(error.place, tuple(word for word in error.words if _bare(word).startswith(typed)))
    return None


def _bare(word: str) -> str:
    """A word as it is compared with what is typed: quotes are not typed first."""
    return word.strip('"').casefold()


def _expected(before: str, columns: Sequence[FilterColumn], today: date) -> tuple[str, ...]:
    try:
        parse(before, columns, today)
    except FilterError as error:
        return error.words if error.place >= len(before.rstrip()) else ()
    return JOINING
