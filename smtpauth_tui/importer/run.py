"""One import: takes the files in their order, each from where the last import stopped, and writes what is new."""

import gc
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from smtpauth_tui.clock import Clock, zone_named
from smtpauth_tui.errors import UnreadableSourceError
from smtpauth_tui.formats.stamps import Years
from smtpauth_tui.formats.syslog import SyslogLines
from smtpauth_tui.importer.contents import new_row, recognised
from smtpauth_tui.importer.documents import read_document
from smtpauth_tui.importer.examine import Document, Examiner, Log
from smtpauth_tui.importer.finding import Found, FoundFile
from smtpauth_tui.importer.known import unknown
from smtpauth_tui.importer.lineage import Lineage
from smtpauth_tui.importer.lines import LineSplitter
from smtpauth_tui.importer.options import ImportOptions, Progress
from smtpauth_tui.importer.outcome import Outcome, counted, name_of
from smtpauth_tui.importer.reading import LogReading, Readers, loaded, notes_of, replayed, zone_note
from smtpauth_tui.importer.sources import DamagedError, MovedError, Source, goes_before, source_of
from smtpauth_tui.importer.writing import Writing
from smtpauth_tui.store.dictionaries import PROXY
from smtpauth_tui.store.seen import looked_at
from smtpauth_tui.store.sources import SourceRow
from smtpauth_tui.store.writer import Writer

_CHUNK: Final = 64 << 20
"""Bytes after which what was read is made to last."""
_BATCH: Final = 20_000
_EXAMPLES: Final = 5


class Importer:
    """One run of the import command. *open_writer* is called when there is something to write.

    *store* is the place of the store, so that files which it knows need not be opened.
    """

    def __init__(
        self,
        open_writer: Callable[[], Writer],
        options: ImportOptions,
        clock: Clock,
        report: Callable[[Progress], None] = lambda _: None,
        store: Path | None = None,
    ) -> None:
        self.outcome = Outcome(zone=options.zone.key, dry_run=options.dry_run)
        self._options = options
        self._clock = clock
        self._examiner = Examiner(options, clock.now())
        self._lineage = Lineage(self._examiner, lambda: self._writing.sources)
        self._report = report
        self._store = store
        self._writing = Writing(open_writer, self.outcome, exists=bool(store and store.exists()))
        self._named: set[str] = set()
        self._zone_notes: dict[str, list[str]] = {}
        self._completed: set[int | None] = set()
        self._total = 0
        self._done = 0
        self._started = 0.0

    def run(self, found: Found) -> Outcome:
        """Import what was found; problems with one file leave the others alone."""
        self._started = time.monotonic()
        self.outcome.problems += found.problems
        self._named = found.named
        try:
            with _without_gc():
                self._read_all(found)
        finally:
            self._writing.close()
        for note, names in self._zone_notes.items():
            which = (
                f"{names[0]}: its" if len(names) == 1 else f"{names[0]} and {counted(len(names) - 1, 'other')}: their"
            )
            self.outcome.warnings.append(f"{which} {note}")
        self.outcome.end(time.monotonic() - self._started)
        return self.outcome

    def _read_all(self, found: Found) -> None:
        logs, documents = self._sort_out([source_of(file) for file in self._unknown(found)])
        self._total = sum(log.source.size for log in logs) + sum(document.source.size for document in documents)
        for stream in _streams(logs):
            self._read_stream(stream)
        for document in documents:
            self._read_document(document)
        self._writing.finish()

    # which files there is something to read of

    def _unknown(self, found: Found) -> list[FoundFile]:
        """The files that the store does not know as they are."""
        if not self._store or not self._writing.exists:
            return found.files
        with looked_at(self._store) as seen:
            self._writing.unfinished = seen is not None and not seen.finished()
            if seen is None:
                return found.files
            return unknown(found, seen, self.outcome, again=bool(self._options.period))

    def _sort_out(self, sources: list[Source]) -> tuple[list[Log], list[Document]]:
        """What the sources are; those that are nothing are refused or passed over."""
        logs: list[Log] = []
        documents: list[Document] = []
        taken = {source.path for source in sources}
        for source in sources:
            one = self._examined(source)
            if isinstance(one, Document):
                documents.append(one)
            elif one:
                logs.append(one)
                for left in self._lineage.left_behind(one):
                    if left.path not in taken and isinstance(more := self._examined(left), Log):
                        taken.add(left.path)
                        logs.append(more)
        return logs, documents

    def _examined(self, source: Source) -> Log | Document | None:
        row = self._recognised(source)
        try:
            one = self._examiner.examine(source, years=self._years_of(source, row) if row and row.split else None)
        except UnreadableSourceError as error:
            self._refuse(source, error)
            return None
        if row and row.first is not None and isinstance(one, Log):
            one.first = row.first
        return one

    def _recognised(self, source: Source) -> SourceRow | None:
        """What was read of a file's content; None also where it cannot be looked at: the examiner says why."""
        sources = self._writing.sources
        if sources is None or source.once:
            return None
        try:
            source.look()
            return recognised(source, sources)
        except (DamagedError, MovedError, OSError):
            return None

    def _years_of(self, source: Source, row: SourceRow) -> Years:
        """The years of a log that was read before: they go on from where it was left."""
        return Years(loaded(row.split)["clock"][0], self._examiner.latest(source).date())

    def _refuse(self, source: Source, error: UnreadableSourceError) -> None:
        if source.path in self._named:
            self.outcome.problems.append(f"{name_of(source)} {error}")
            return
        self.outcome.passed_over += 1
        if self._writing.begun and source.identity:
            self._writing.writer.begin()
            self._writing.writer.sources.note_file(source.identity, None)

    # logs

    def _read_stream(self, logs: list[Log]) -> None:
        """Read files that continue one another: sessions and messages reach from one into the next."""
        before: LogReading | None = None
        for place, log in enumerate(logs, start=1):
            try:
                reading = self._begin(log, before)
                self._read(reading, last=place == len(logs))
            except MovedError:
                self.outcome.warnings.append(f"{name_of(log.source)} was rotated while it was read; import again.")
                continue
            except OSError as error:
                self.outcome.problems.append(f"{name_of(log.source)} cannot be read: {error.strerror}. Import again.")
                continue
            before = reading
            self._done += log.source.size

    def _begin(self, log: Log, before: LogReading | None) -> LogReading:
        """Where the reading of a log begins: in its midst where it was read before, with what waits there."""
        source = log.source
        if log.mail and not self._options.dry_run:
            _ = self._writing.writer  # another import may be making the store: wait for it, and go on from what it read
        row = self._lineage.row_of(log)
        follows = before if before and self._lineage.follows(log, before.row, row) else None
        if before and not follows and before.news:
            self._complete_later_logs(before)
            row = self._lineage.row_of(log)
        if row and not source.once:
            if not row.anew:
                return self._resumed(log, row)
            before_row = follows.row if follows else self._lineage.closest(log, row)
            if before_row:
                self._complete(row, before_row)
            ended, row = row.state, self._lineage.anew(source, row)
        else:
            ended, row = None, row or new_row(source, log.host)
        if log.known and isinstance(one := self._examiner.examine(source), Log):
            log = one
        split = self._examiner.splitter(log.years)
        if follows:
            split.follow(follows.split.state())
            readers = follows.readers
            for reader in readers.values():
                reader.next_log(follows=True)
        else:
            readers = self._continued(log, row, split)
        return LogReading(source, row, split, readers, self._options.formats, LineSplitter(), ended=ended)

    def _resumed(self, log: Log, row: SourceRow) -> LogReading:
        source = log.source
        self._lineage.part(source, row)
        zone = zone_named(row.zone) if row.zone else self._options.zone
        if row.zone and zone != self._options.zone:
            self.outcome.warnings.append(
                f"{name_of(source)}: its stamps were read in {row.zone} before, and go on so; "
                f"{self._options.zone.key} would count its end at another time."
            )
        split = self._examiner.splitter(self._years_of(source, row), zone)
        split.restore(loaded(row.split))
        readers = self._restored(loaded(row.state))
        tail = source.tails([row.place])[row.place]
        self.outcome.already_known += row.facts
        lines = LineSplitter(row.place, tail)
        ended = row.state if row.id else None  # a copy is news to the logs that go on from it
        return LogReading(source, row, split, readers, self._options.formats, lines, ended=ended)

    def _restored(self, state: dict[str, object]) -> Readers:
        return {known.name: known.reader(state[known.name]) for known in self._options.formats if known.name in state}

    def _continued(self, log: Log, row: SourceRow, split: SyslogLines) -> Readers:
        """Readers with what waits in the log that this one goes on from."""
        before = self._lineage.closest(log, None if log.source.once else row)
        if before is None:
            return {}
        if goes_before(log.first, log.source.path, before.first, before.path):
            return {}
        readers = self._restored(loaded(before.state))
        if before.stem == log.source.stem and before.split:
            split.follow(loaded(before.split))
        for reader in readers.values():
            reader.next_log(follows=before.stem == log.source.stem)
        return readers

    def _read(self, reading: LogReading, *, last: bool) -> None:
        source, damaged, kept = reading.source, None, reading.lines.place
        try:
            for piece in reading.lines.pieces(source.blocks(reading.lines.place)):
                reading.take(piece, lambda: self._flush(reading, at_least=_BATCH))
                if source.live and not piece.data:
                    self._rest(reading)
                    continue
                self._flush(reading, at_least=_BATCH)
                if reading.lines.place - kept > _CHUNK:
                    kept = reading.lines.place
                    self._checkpoint(reading)
                    self._writing.commit()
                self._tell(reading)
        except DamagedError as error:
            damaged = error
        reading.row.damaged = str(damaged or "")
        if not reading.found:
            self._no_mail_lines(reading)
            return
        if last and reading.lines.read:
            _pause(reading)
        if note := zone_note(reading):
            self._zone_notes.setdefault(note, []).append(name_of(source))
        self.outcome.warnings += notes_of(reading, _EXAMPLES - self.outcome.not_understood)
        self._checkpoint(reading, ended=True)
        if last and reading.news:
            self._complete_later_logs(reading)
        self._writing.commit()
        self.outcome.count_file(reading.found)
        self.outcome.incomplete += reading.row.incomplete

    def _rest(self, reading: LogReading) -> None:
        """Nothing has come through a pipe for a while: make last what there is, and let others write."""
        if reading.lines.read:
            _pause(reading)
            self._checkpoint(reading)
            self._writing.commit()
            self._writing.finish()
            self._writing.close()

    def _flush(self, reading: LogReading, at_least: int = 0) -> None:
        """Hand what the readers found to the store."""
        waiting = sum(len(each.facts.submissions) + len(each.facts.failures) for each in reading.readers.values())
        if waiting < at_least:
            return
        reading.row.form = reading.split.form
        # a proxy's messages first: the server behind it has the same ones
        for _, reader in sorted(reading.readers.items(), key=lambda item: item[0] != PROXY):
            facts = reader.facts.take()
            reading.incomplete += facts.incomplete
            self._writing.write(facts, reading.row)

    def _checkpoint(self, reading: LogReading, *, ended: bool = False) -> None:
        """Write how far a log was read, in the transaction that brings its facts, and make it last."""
        self._flush(reading)
        self._writing.writer.begin()
        not_understood = reading.not_understood
        lines, octets = reading.count_lines()
        self.outcome.lines += lines
        self.outcome.bytes += octets
        self.outcome.not_understood += not_understood
        row = reading.checkpoint()
        row.imported_at = int(self._clock.now().timestamp())
        number = self._writing.writer.sources.save(row)
        if ended and reading.news and (later := self._lineage.next_of(row)):
            self._writing.writer.sources.read_anew(later)
        self._writing.writer.sources.unread(number, reading.unread)
        if ended and reading.source.identity and not reading.lines.unfinished:
            self._writing.writer.sources.note_file(reading.source.identity, number)
        if reading.row.first is not None and reading.row.last is not None:
            self.outcome.first = min(self.outcome.first or reading.row.first, reading.row.first)
            self.outcome.last = max(self.outcome.last or reading.row.last, reading.row.last)

    def _complete_later_logs(self, reading: LogReading) -> None:
        """A log that goes on from this one may have been imported before it: give it what it lacked."""
        row = reading.row
        if row.last is None or row.id in self._completed:
            return
        self._completed.add(row.id)
        later = self._lineage.next_of(row)
        again = self._lineage.file_of(later) if later and later.id not in self._completed else None
        if again:
            try:
                self._read(self._begin(again, reading), last=True)
            except (MovedError, OSError):
                self.outcome.warnings.append(f"{name_of(again.source)} was rotated while it was read; import again.")
            return
        for later in self._writing.writer.sources.after(row.last, row.stem, row.host):
            closest = self._writing.writer.sources.before(later.first or 0, later.stem, later.host, later.id)[:1]
            if later.id == row.id or [each.id for each in closest] != [row.id]:
                continue
            self._complete(later, row)

    def _complete(self, later: SourceRow, before: SourceRow) -> None:
        """Read the lines that a log could not join as going on from *before*; take back what was guessed of them."""
        states, orphans = loaded(before.state), loaded(later.orphans)
        for known in self._options.formats:
            if known.name not in states or known.name not in orphans:
                continue
            behind = known.reader(states[known.name])
            behind.next_log(follows=later.stem == before.stem)
            guessed = replayed(known.reader(), orphans[known.name])
            found = replayed(behind, orphans[known.name])
            messages = {(one.time, one.host, one.instance, one.queue_id) for one in found.submissions}
            self._writing.writer.begin()
            self._writing.writer.withdraw(
                [
                    one
                    for one in guessed.submissions
                    if (one.time, one.host, one.instance, one.queue_id) not in messages
                ],
                [one for one in guessed.failures if not behind.counted(one)],
                later.id,
            )
            found.failures = [one for one in found.failures if one not in guessed.failures]
            known_now = self._writing.write(found, later).already_known
            self.outcome.already_known -= known_now
            self._writing.writer.sources.count(later.id or 0, 0, 0, -known_now)

    # exports

    def _read_document(self, document: Document) -> None:
        try:
            read_document(document, self._writing, self.outcome, self._options, self._clock)
        except (MovedError, OSError):
            self._writing.undo()
            self.outcome.warnings.append(f"{name_of(document.source)} was replaced while it was read; import again.")
        self._done += document.source.size

    # what is said

    def _tell(self, reading: LogReading) -> None:
        source = reading.source
        self._report(
            Progress(
                source.path,
                self._done + source.read_so_far,
                self._total,
                self.outcome.lines + reading.lines.lines,
                time.monotonic() - self._started,
            )
        )

    def _no_mail_lines(self, reading: LogReading) -> None:
        what = "is a log, but no line in it is a mail server's."
        if reading.row.damaged:
            what = f"is damaged ({reading.row.damaged}), and no line before that is a mail server's."
        self._refuse(reading.source, UnreadableSourceError(what, self._examiner.what_can_be_read()))


@contextmanager
def _without_gc() -> Iterator[None]:
    """Facts are made by the million and hold no cycles: the collector would look through them in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _pause(reading: LogReading) -> None:
    reading.incomplete = 0
    for reader in reading.readers.values():
        reader.pause()


def _streams(logs: list[Log]) -> list[list[Log]]:
    """The logs grouped into files that continue one another, each group and all groups oldest first."""

    def stream(log: Log) -> tuple[str, str]:
        return log.source.stream

    def age(log: Log) -> tuple[int, int, str]:
        return log.first, -log.source.rotation, log.source.path

    groups = [sorted(group, key=age) for _, group in itertools.groupby(sorted(logs, key=stream), key=stream)]
    return sorted(groups, key=lambda group: age(group[0]))
