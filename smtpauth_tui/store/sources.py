"""What was read: sources known by their content, how far each was read, and what waits in them for the next import."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any, Final

from smtpauth_tui.store.seen import SeenFiles

MOST_UNREAD_LINES: Final = 20
"""Lines that could not be read are kept up to this number for each source."""
_DAY: Final = 86_400


@dataclass(slots=True)
class SourceRow:
    """What was read of one content, under whatever name it lies."""

    path: str
    """Where it was seen last."""
    stem: str
    """Folder and name without rotation: sources with the same one continue each other."""
    head_length: int
    head: bytes
    """A digest of the first *head_length* bytes."""
    fork: int = 0
    """0, 1, ...: contents that begin alike."""
    place: int = 0
    """Bytes that were read."""
    tail: bytes = b""
    """A digest of what stands before *place*."""
    format: str = ""
    form: str = ""
    """The form of its lines."""
    anew: int = 0
    """1: an earlier log came later; it is to be read again from its beginning."""
    host: str = ""
    zone: str = ""
    """The zone of stamps that carry none; empty where all do."""
    lines: int = 0
    octets: int = 0
    incomplete: int = 0
    not_understood: int = 0
    damaged: str = ""
    first: int | None = None
    last: int | None = None
    imported_at: int = 0
    split: str = ""
    state: str = ""
    orphans: str = ""
    """JSON, what waits: in the splitter of lines, in the readers; and lines that only an earlier log completes."""
    submissions: int = 0
    auth_failures: int = 0
    """Both that this source brought; the writer counts them."""
    facts: int = 0
    """Submissions and failures that stand in it, also those that the store had."""
    id: int | None = None


_COLUMNS: Final = [field.name for field in fields(SourceRow)][:-1]
_COUNTED: Final = {"submissions", "auth_failures", "facts"}
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)}, id FROM source"


class Sources(SeenFiles):
    """The sources of one store, on a connection of the caller's and in its transactions."""

    def head_lengths(self) -> list[int]:
        """The lengths of the beginnings by which sources are known."""
        return [row[0] for row in self._run("SELECT DISTINCT head_length FROM source WHERE head_length > 0")]

    def beginning(self, length: int, head: bytes) -> list[SourceRow]:
        """The sources whose first *length* bytes have this digest, the furthest read first."""
        return self._all("head_length = ? AND head = ? ORDER BY place DESC", length, head)

    def at(self, path: str) -> list[SourceRow]:
        """The sources that were seen under a name, the newest first."""
        return self._all("path = ? ORDER BY imported_at DESC, id DESC", path)

    def pipe(self, path: str, host: str) -> SourceRow | None:
        """What was read from a pipe before."""
        return self._one("path = ? AND head_length < 0 AND host = ?", path, host)

    def before(self, first: int, stem: str, host: str, but: int | None = None) -> list[SourceRow]:
        """The sources that a log may go on from which begins at *first* (UTC seconds), the closest first.

        *but*: the number of the log itself.
        """
        return self._all(
            """state <> '' AND last <= :first AND id IS NOT :but AND (stem = :stem AND last > :first - 90 * :day
                   OR host = :host AND host <> '' AND last > :first - :day)
               ORDER BY stem = :stem DESC, last DESC, first DESC, id DESC LIMIT 4""",
            {"first": first, "stem": stem, "host": host, "day": _DAY, "but": but},
        )

    def next_of(self, row: SourceRow) -> list[SourceRow]:
        """The sources of the same stem that may go on from another one, the closest first."""
        return self._all(
            """stem = :stem AND id <> :id AND head <> :head AND first BETWEEN :last AND :last + 90 * :day
               AND (first, last) >= (:first, :last) ORDER BY first, last LIMIT 4""",
            {"stem": row.stem, "id": row.id, "head": row.head, "first": row.first, "last": row.last, "day": _DAY},
        )

    def read_anew(self, row: SourceRow) -> None:
        """Let a source be read again from its beginning, by this import or the next."""
        self._run("UPDATE source SET anew = 1 WHERE id = ?", (row.id,))
        self._run("DELETE FROM file_seen WHERE source = ?", (row.id,))

    def after(self, last: int, stem: str, host: str) -> list[SourceRow]:
        """The sources with lines that a log which ends at *last* (UTC seconds) may complete."""
        return self._all(
            """orphans <> '' AND first BETWEEN :last - 2 AND :last + :day
               AND (stem = :stem OR host = :host AND host <> '') ORDER BY first LIMIT 8""",
            {"last": last, "stem": stem, "host": host, "day": _DAY},
        )

    def save(self, row: SourceRow) -> int:
        """Write what is known of a source; its number. What it brought is counted by `count` alone."""
        alike = (row.head_length, row.head, row.fork)
        taken = self._run("SELECT id FROM source WHERE head_length = ? AND head = ? AND fork = ?", alike).fetchone()
        if taken and taken[0] != row.id:
            row.fork = self._run(
                "SELECT max(fork) + 1 FROM source WHERE head_length = ? AND head = ?", alike[:2]
            ).fetchone()[0]
        if row.id is None:
            marks = ",".join("?" * len(_COLUMNS))
            row.id = self._run(
                f"INSERT INTO source ({', '.join(_COLUMNS)}) VALUES ({marks})", astuple(row)[:-1]
            ).lastrowid
        else:
            names = [name for name in _COLUMNS if name not in _COUNTED]
            self._run(
                f"UPDATE source SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
                (*(getattr(row, name) for name in names), row.id),
            )
        return row.id or 0

    def count(self, source: int, submissions: int, failures: int, facts: int) -> None:
        """Add to what a source brought, and to what stood in it."""
        self._run(
            "UPDATE source SET submissions = submissions + ?, auth_failures = auth_failures + ?, facts = facts + ? "
            "WHERE id = ?",
            (submissions, failures, facts, source),
        )

    def unread(self, source: int, lines: Sequence[tuple[int, str]]) -> None:
        """Keep lines that could not be read, each with its number."""
        kept = self._run("SELECT count(*) FROM unread_line WHERE source = ?", (source,)).fetchone()[0]
        for number, text in lines[: max(0, MOST_UNREAD_LINES - kept)]:
            self._run("INSERT OR IGNORE INTO unread_line VALUES (?,?,?)", (source, number, text))

    def _one(self, where: str, *values: Any) -> SourceRow | None:
        rows = self._all(where, *values)
        return rows[0] if rows else None

    def _all(self, where: str, *values: Any) -> list[SourceRow]:
        named = values[0] if values and isinstance(values[0], dict) else values
        return [SourceRow(*row) for row in self._run(f"{_SELECT} WHERE {where}", named)]
