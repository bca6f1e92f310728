"""Reads the files in order and writes what they hold: one transaction a file."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import Clock
from smtpauth_tui.formats import FORMATS, Facts, LogFormat, OwnLines, Reader
from smtpauth_tui.formats.stamps import Sighting, Years, latest_day, years_of
from smtpauth_tui.formats.syslog import SyslogLines, looks_like_log, sightings
from smtpauth_tui.importer.lines import LineSplitter, text_lines
from smtpauth_tui.importer.outcome import Outcome
from smtpauth_tui.importer.sources import HEAD, STDIN, DamagedError, Found, Source
from smtpauth_tui.model import LogLine
from smtpauth_tui.store.writer import SourceRead, Writer

_BATCH: Final = 20_000
_EXAMPLES: Final = 5
_PROBE_LINES: Final = 200
_SAMPLED: Final = 1 << 18
_SAMPLE: Final = 4096


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the command line says about an import."""

    zone: ZoneInfo
    """The zone of stamps that carry none."""
    year: int | None = None
    """The newest year of stamps that carry none; by default worked out."""
    host: str = ""
    """The server's name where the source does not say it."""
    formats: tuple[LogFormat, ...] = FORMATS
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is, told while it runs."""

    path: str
    done: int
    """Bytes of all files as they lie on the disk."""
    total: int
    """0 where it cannot be known."""
    lines: int
    seconds: float

    def as_line(self) -> str:
        """``mail.log.1  45 %  1,234,567 lines  830,000 lines/s  3 s left``."""
        parts = [self.path.rpartition("/")[2]]
        if self.total:
            parts.append(f"{100 * self.done // self.total} %")
        parts.append(f"{self.lines:,} lines")
        if self.seconds > 0.2:
            parts.append(f"{self.lines / self.seconds:,.0f} lines/s")
            if self.total and self.done:
                parts.append(f"{self.seconds * (self.total - self.done) / self.done:.0f} s left")
        return "  ".join(parts)


@dataclass(slots=True)
class _Log:
    """A source that is a log."""

    source: Source
    years: Years
    first: int
    """UTC seconds of its first stamp."""


@dataclass(slots=True)
class _Reading:
    """What is read of one file while it is read."""

    lines: LineSplitter = field(default_factory=LineSplitter)
    first: int | None = None
    last: int | None = None
    host: str = ""
    formats: set[str] = field(default_factory=set)
    incomplete: int = 0
    not_understood: int = 0
    damaged: str = ""
    source_id: int | None = None


class Importer:
    """One run of the import command. *open_writer* is called when there is something to write."""

    def __init__(
        self,
        open_writer: Callable[[], Writer],
        options: ImportOptions,
        clock: Clock,
        report: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self.outcome = Outcome(zone=options.zone.key, dry_run=options.dry_run)
        self._open_writer = open_writer
        self._options = options
        self._clock = clock
        self._report = report
        self._writer: Writer | None = None
        self._named: set[str] = set()
        self._skipped = 0
        self._total = 0
        self._done = 0
        self._started = 0.0

    def run(self, found: Found) -> Outcome:
        """Import what was found; problems with one file leave the others alone."""
        self._started = time.monotonic()
        self.outcome.problems += found.problems
        self._named = found.named
        logs = [log for source in found.sources if (log := self._examine(source))]
        self._total = sum(log.source.size for log in logs)
        try:
            for stream in _streams(logs):
                self._read_stream(stream)
            if self._writer:
                self._writer.begin()
                self._writer.finish()
                self._writer.commit(keep=not self._options.dry_run)
        finally:
            if self._writer:
                self._writer.close()
        if self._skipped and not self.outcome.files:
            self.outcome.problems.append("None of the files found there is a log that can be read. Name the mail log.")
        elif self._skipped:
            self.outcome.warnings.append(f"{_count(self._skipped, 'file')} passed over: no log of a mail server.")
        self.outcome.seconds = time.monotonic() - self._started
        return self.outcome

    # what is a log, and when it begins

    def _examine(self, source: Source) -> _Log | None:
        """The source as a log; None for what is none, with a sentence where it was named itself."""
        try:
            head = source.look()
        except DamagedError as error:
            self._refuse(source, f"is damaged: {error}. Take another copy of it.")
            return None
        except OSError as error:
            self._refuse(source, f"cannot be read: {error.strerror}. Check its rights.")
            return None
        if not head.strip(b"\0 \r\n\t"):
            self._refuse(source, "is empty. If it was just rotated, name the older file as well.")
            return None
        lines = text_lines(head, whole=len(head) < HEAD)[:_PROBE_LINES]
        if not looks_like_log(lines, self._own_lines()):
            self._refuse(source, f"is not a log that can be read. {_what_can_be_read()}")
            return None
        years = self._years(source)
        return _Log(source, years, _first_stamp(self._splitter(years), lines))

    def _splitter(self, years: Years) -> SyslogLines:
        return SyslogLines(self._options.zone, years, self._options.host, self._own_lines())

    def _own_lines(self) -> list[OwnLines]:
        """What splits the lines of logs without syslog, for one file."""
        zone, host = self._options.zone, self._options.host
        return [own for known in self._options.formats if (own := known.own_lines(zone, host))]

    def _refuse(self, source: Source, what: str) -> None:
        if source.path in self._named:
            self.outcome.problems.append(f"{_name(source)} {what}")
        else:
            self._skipped += 1

    def _years(self, source: Source) -> Years:
        """The years of a file's stamps; where nothing at its head settles them, by samples of the rest."""
        latest = latest_day(self._clock.now(), source.changed)
        seen = self._sightings(text_lines(source.head, whole=len(source.head) < HEAD))
        settled = self._options.year is None and any(sighting.utc is not None for sighting in seen)
        if seen and not settled and not source.once:
            done = 0
            try:
                for block in source.blocks():
                    for part in _samples(block, len(source.head) - done):
                        seen += self._sightings(text_lines(part, whole=False)[1:])
                    done += len(block)
            except DamagedError:
                pass  # said when the file is read
        return years_of(seen, latest, self._options.year)

    def _sightings(self, lines: Iterable[str]) -> list[Sighting]:
        return list(sightings(lines, self._id_time))

    def _id_time(self, text: str) -> int | None:
        return next((found for known in self._options.formats if (found := known.id_time(text)) is not None), None)

    # reading

    def _read_stream(self, logs: list[_Log]) -> None:
        """Read files that continue one another: sessions and messages reach from one into the next."""
        readers: dict[str, Reader] = {}
        for place, log in enumerate(logs, start=1):
            reading = _Reading()
            self._read_file(log, readers, reading)
            if place == len(logs):
                for reader in readers.values():
                    reader.pause()
            self._finish_file(log, readers, reading)
            self._done += log.source.size

    def _read_file(self, log: _Log, readers: dict[str, Reader], reading: _Reading) -> None:
        split = self._splitter(log.years)
        owners: dict[str, Reader | None] = {}
        try:
            for batch in reading.lines.batches(log.source.blocks()):
                for text in batch:
                    try:
                        found = split.lines(text)
                    except ValueError:
                        self._not_understood(log, reading, text)
                        continue
                    for line in found:
                        if line.program not in owners:
                            owners[line.program] = self._owner(line.program, readers, reading)
                        reader = owners[line.program]
                        if reader:
                            self._note_line(line, reading)
                            reader.take(line)
                    if not found:
                        self._not_understood(log, reading, text)
                self._flush(log, readers, reading, at_least=_BATCH)
                self._report(
                    Progress(
                        log.source.path,
                        self._done + log.source.read_so_far,
                        self._total,
                        self.outcome.lines + reading.lines.lines,
                        time.monotonic() - self._started,
                    )
                )
        except DamagedError as error:
            reading.damaged = str(error)
        if split.yearless and reading.formats:
            self.outcome.warnings.append(
                f"{_name(log.source)}: its stamps carry no year and no zone; "
                f"read as {_years_read(log.years.first, split.clock.year)}, {self._options.zone.key}."
            )
        if split.forged:
            self.outcome.warnings.append(
                f"{_name(log.source)}: {_count(split.forged, 'line')} under a mail server's name were written by a "
                "user's own process; they were not counted."
            )

    def _owner(self, program: str, readers: dict[str, Reader], reading: _Reading) -> Reader | None:
        """The reader of a program's lines; None where no format recognises the program."""
        for known in self._options.formats:
            if known.recognises(program):
                reading.formats.add(known.name)
                if known.name not in readers:
                    readers[known.name] = known.reader()
                return readers[known.name]
        return None

    @staticmethod
    def _note_line(line: LogLine, reading: _Reading) -> None:
        moment = line.time
        if reading.first is None or reading.last is None:
            reading.first = reading.last = moment
            reading.host = line.host
        elif moment > reading.last:
            reading.last = moment
        elif moment < reading.first:
            reading.first = moment

    def _not_understood(self, log: _Log, reading: _Reading, text: str) -> None:
        """Count a line that has no readable stamp, if a mail server's name stands in it."""
        if any(known.hint in text for known in self._options.formats):
            self._example(log, reading, text)

    def _example(self, log: _Log, reading: _Reading, text: str) -> None:
        reading.not_understood += 1
        if self.outcome.not_understood + reading.not_understood <= _EXAMPLES:
            self.outcome.warnings.append(
                f"{_name(log.source)}, near line {reading.lines.lines:,}: not understood: {text[:120]}"
            )

    # writing

    def _flush(self, log: _Log, readers: dict[str, Reader], reading: _Reading, at_least: int) -> None:
        waiting = sum(len(reader.facts.submissions) + len(reader.facts.failures) for reader in readers.values())
        if waiting < at_least:
            return
        for reader in readers.values():
            facts = reader.facts.take()
            reading.incomplete += facts.incomplete
            for line in facts.misread_lines:
                self._example(log, reading, line.text)
            self._write(log, facts, reading)

    def _write(self, log: _Log, facts: Facts, reading: _Reading) -> None:
        if self._writer is None:
            self._writer = self._open_writer()
        self._writer.begin()
        if reading.source_id is None:
            reading.source_id = self._writer.source(self._source_read(log, reading))
        added = self._writer.add(facts.submissions, facts.failures, reading.source_id)
        self.outcome.submissions += added.submissions
        self.outcome.auth_failures += added.auth_failures
        self.outcome.already_known += added.already_known

    def _finish_file(self, log: _Log, readers: dict[str, Reader], reading: _Reading) -> None:
        if not reading.formats:
            self._no_mail_lines(log, reading)
            return
        self.outcome.lines += reading.lines.lines
        self.outcome.bytes += reading.lines.read
        if reading.lines.unfinished:
            self.outcome.warnings.append(
                f"{_name(log.source)}: its last line has no end yet; left for the next import."
            )
        if reading.lines.overlong:
            reading.not_understood += reading.lines.overlong
            self.outcome.warnings.append(
                f"{_name(log.source)}: {_count(reading.lines.overlong, 'line')} of more than 64 KiB passed over."
            )
        if reading.damaged:
            self.outcome.warnings.append(
                f"{_name(log.source)} is damaged after line {reading.lines.lines:,} ({reading.damaged}); "
                "what stands before was read. Import a whole copy when you have one."
            )
        self._flush(log, readers, reading, at_least=0)
        self.outcome.files += 1
        self.outcome.incomplete += reading.incomplete
        self.outcome.not_understood += reading.not_understood
        for name in sorted(reading.formats):
            self.outcome.formats[name] = self.outcome.formats.get(name, 0) + 1
        if reading.first is not None and reading.last is not None:
            self.outcome.first = min(self.outcome.first or reading.first, reading.first)
            self.outcome.last = max(self.outcome.last or reading.last, reading.last)
        if self._writer and reading.source_id is not None:
            self._writer.source(self._source_read(log, reading))
            if not self._options.dry_run:
                self._writer.commit()

    def _no_mail_lines(self, log: _Log, reading: _Reading) -> None:
        what = "is a log, but no line in it is a mail server's."
        if reading.damaged:
            what = f"is damaged ({reading.damaged}), and no line before that is a mail server's."
        self._refuse(log.source, f"{what} {_what_can_be_read()}")

    def _source_read(self, log: _Log, reading: _Reading) -> SourceRead:
        return SourceRead(
            path=log.source.path,
            head=log.source.digest,
            format=", ".join(sorted(reading.formats)),
            host=self._options.host or reading.host,
            lines=reading.lines.lines,
            bytes=reading.lines.read,
            incomplete=reading.incomplete,
            not_understood=reading.not_understood,
            damaged=reading.damaged,
            first=reading.first,
            last=reading.last,
            imported_at=int(self._clock.now().timestamp()),
        )


def _streams(logs: list[_Log]) -> list[list[_Log]]:
    """The logs grouped into files that continue one another, each group and all groups oldest first."""

    def stream(log: _Log) -> tuple[str, str]:
        return log.source.stream

    def age(log: _Log) -> tuple[int, int, str]:
        return log.first, -log.source.rotation, log.source.path

    groups = [sorted(group, key=age) for _, group in itertools.groupby(sorted(logs, key=stream), key=stream)]
    return sorted(groups, key=lambda group: age(group[0]))


def _samples(block: bytes, begin: int) -> Iterator[bytes]:
    """Pieces of a block in their order: one in each quarter of a MiB, and its end; nothing before *begin*."""
    end = 0
    for place in (*range(0, len(block), _SAMPLED), len(block) - _SAMPLE):
        start = max(place, end, begin)
        end = max(place + _SAMPLE, end)
        if start < end:
            yield block[start:end]


def _first_stamp(split: SyslogLines, lines: Iterable[str]) -> int:
    """UTC seconds of the first line that has a stamp; 0 where none has."""
    for line in lines:
        try:
            found = split.split(line)
        except ValueError:
            continue
        if found:
            return found.time
    return 0


def _years_read(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _what_can_be_read() -> str:
    names = ", ".join(known.title for known in FORMATS)
    return f"What can be read: {names}, as syslog files or from the journal."


def _name(source: Source) -> str:
    return "Standard input" if source.path == STDIN else source.path


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
