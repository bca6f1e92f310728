"""Which log is known, which one it goes on from, and which one goes on from it."""

from collections.abc import Callable
from pathlib import Path

from smtpauth_tui.errors import UnreadableSourceError
from smtpauth_tui.importer.contents import IDENTIFYING, begins_like, recognised
from smtpauth_tui.importer.examine import Examiner, Log
from smtpauth_tui.importer.finding import STDIN
from smtpauth_tui.importer.sources import DamagedError, MovedError, Source, goes_before, siblings
from smtpauth_tui.store.sources import SourceRow, Sources


class Lineage:
    """Finds the logs of a store that belong together. *sources* gives what was read; None where there is no store."""

    def __init__(self, examiner: Examiner, sources: Callable[[], Sources | None]) -> None:
        self._examiner = examiner
        self._sources = sources

    def row_of(self, log: Log) -> SourceRow | None:
        """What was read of a log; None where nothing was, or a copy of it without what stood before it."""
        source, sources = log.source, self._sources()
        if sources is None:
            return None
        if source.once:
            return sources.pipe(source.path, log.host)
        row = self._known(source)
        if row and row.stem != source.stem:
            before = self.closest(log, row)
            if before and before.stem == source.stem:
                return None
        return row

    def _known(self, source: Source) -> SourceRow | None:
        """What was read of a file's content. A copy that grew apart is known by no less than `IDENTIFYING` bytes.

        Two logs may both begin with the same few lines, where a client fails again and again.
        """
        sources = self._sources()
        row = recognised(source, sources) if sources else None
        if row and row.place < IDENTIFYING and self._elsewhere(row, source):
            return None if row.place + 1 in source.tails([row.place + 1]) else row
        return row

    def _elsewhere(self, row: SourceRow, source: Source) -> bool:
        """Whether a content was seen last in another file, which still begins as that."""
        if row.path in (source.path, STDIN):
            return False
        path = Path(row.path)
        try:
            status = path.stat()
        except (OSError, ValueError):
            return False
        return begins_like(Source(row.path, path, ("", ""), 0, status.st_size, None), [row])

    def part(self, source: Source, row: SourceRow) -> None:
        """Give a copy a row of its own: each goes its own way from here, and what rotated goes on."""
        if row.path not in (source.path, STDIN) and (row.stem != source.stem or self._elsewhere(row, source)):
            row.id, row.fork = None, row.fork + 1
            row.submissions = row.auth_failures = 0

    def anew(self, source: Source, row: SourceRow) -> SourceRow:
        """A log of which the beginning was not known when it was read: it is read again from there."""
        self.part(source, row)
        row.place = row.lines = row.octets = row.not_understood = 0
        row.first = row.last = None
        row.split = row.state = row.orphans = ""
        row.anew = 0
        return row

    def follows(self, log: Log, before: SourceRow, row: SourceRow | None) -> bool:
        """Whether a log goes on from the one that was read before it: no other one that is known lies between."""
        if (before.last or 0) > log.first + 2:
            return False
        closest = self.closest(log, row)
        if closest is None or closest.id == before.id:
            return True
        return (closest.last or 0, closest.first or 0) <= (before.last or 0, before.first or 0)

    def closest(self, log: Log, row: SourceRow | None) -> SourceRow | None:
        """What is known that a log goes on from: no copy of the log itself."""
        source, sources = log.source, self._sources()
        if sources is None:
            return None
        known = sources.before(log.first, source.stem, log.host, row.id if row else None)
        return next((each for each in known if source.once or not begins_like(source, [each])), None)

    def next_of(self, row: SourceRow) -> SourceRow | None:
        """What is known that goes on from a log."""
        sources = self._sources()
        known = sources.next_of(row) if sources else []
        return next((each for each in known if not goes_before(each.first, each.path, row.first, row.path)), None)

    def left_behind(self, log: Log) -> list[Source]:
        """Rotated files that this one goes on from and that have grown since they were read: their end comes first."""
        source, sources = log.source, self._sources()
        if sources is None or source.once:
            return []
        rows = [row for row in sources.at(source.path)[:2] if row.place]
        if rows and begins_like(source, rows[:1]):
            return []
        rows += [row for row in sources.before(log.first, source.stem, log.host) if row.stem == source.stem]
        return [
            sibling
            for sibling in (siblings(source) if rows else [])
            if sibling.identity and not sources.of_file(sibling.identity) and begins_like(sibling, rows)
        ]

    def file_of(self, row: SourceRow) -> Log | None:
        """The file in which a log lies now."""
        sources, path = self._sources(), Path(row.path)
        if sources is None:
            return None
        named = Source(row.path, path, (str(path.parent), row.stem.rpartition("/")[2]), 0, 0, None)
        for source in siblings(named, itself=True) if path.parent.is_dir() else []:
            try:
                source.look()
                known = recognised(source, sources)
                one = self._examiner.examine(source) if known and known.id == row.id else None
            except (DamagedError, MovedError, OSError, UnreadableSourceError):
                continue
            if isinstance(one, Log):
                return one
        return None
