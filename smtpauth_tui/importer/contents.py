"""Files known by what they hold, whatever they are called: how they begin, and what stands before a place in them."""

import hashlib
from collections.abc import Iterable

from smtpauth_tui.importer.sources import HEAD, DamagedError, MovedError, Source
from smtpauth_tui.store.sources import SourceRow, Sources

IDENTIFYING = 1024
"""The bytes of a beginning that identify a content; fewer where there are fewer."""


def digest(data: bytes) -> bytes:
    """16 bytes that stand for some others."""
    return hashlib.blake2b(data, digest_size=16).digest()


def recognised(source: Source, sources: Sources) -> SourceRow | None:
    """What was read of a file's content, the furthest; None for a content of which nothing is known.

    A source is known again where the file begins as it did, and the same bytes stand before the place up to which it
    was read: then the whole of it is in the file.
    """
    head = source.head[:IDENTIFYING]
    rows = [
        row
        for length in sources.head_lengths()
        if length <= len(head)
        for row in sources.beginning(length, digest(head[:length]))
    ]
    tails = source.tails({row.place for row in rows}) if rows else {}
    known = [row for row in rows if row.place in tails and digest(tails[row.place]) == row.tail]
    return max(known, key=lambda row: (row.place, row.path == source.path, row.stem == source.stem), default=None)


def new_row(source: Source, host: str) -> SourceRow:
    """The row of a content of which nothing was read yet."""
    head = source.head[:IDENTIFYING]
    return SourceRow(source.path, source.stem, len(head), digest(head), host=host)


def begins_like(source: Source, rows: Iterable[SourceRow]) -> bool:
    """Whether a file begins as one of some sources did."""
    try:
        head = source.look()
    except (DamagedError, MovedError, OSError):
        return False
    return any(0 < row.head_length <= len(head) and digest(head[: row.head_length]) == row.head for row in rows)


assert IDENTIFYING <= HEAD
