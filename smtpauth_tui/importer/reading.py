"""Reads one log: its lines go to the readers of the formats, what they find goes to the store."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from smtpauth_tui.formats import Facts, LogFormat, Reader
from smtpauth_tui.formats.region import Region, Skimmed
from smtpauth_tui.formats.syslog import SyslogLines
from smtpauth_tui.importer.contents import IDENTIFYING, digest
from smtpauth_tui.importer.lines import LineSplitter, Piece
from smtpauth_tui.importer.outcome import counted, name_of
from smtpauth_tui.importer.skimming import region_of
from smtpauth_tui.importer.sources import Source
from smtpauth_tui.model import LogLine
from smtpauth_tui.store.sources import MOST_UNREAD_LINES, SourceRow

_MANY: Final = 1_000
_WORTH_SKIMMING: Final = 1 << 18
"""Bytes from which on it pays to look for the lines that matter."""
_HEAD: Final = 1 << 14
"""Bytes at a log's beginning that are read line by line."""
_MOST_PROGRAMS: Final = 100
_FAR: Final = 5_000
"""Lines from a region's end within which the last ones are looked for that were passed over."""
_LAST_LINES: Final = 3
"""Lines of a format that are looked at there: the very last one need not be the newest."""
Readers = dict[str, Reader]
"""The readers of a stream, by the names of their formats."""


@dataclass(slots=True)
class LogReading:
    """One log while it is read, from its beginning or from where the last import stopped."""

    source: Source
    row: SourceRow
    """What was read of it before, and with `checkpoint` what is read of it now."""
    split: SyslogLines
    readers: Readers
    formats: tuple[LogFormat, ...]
    lines: LineSplitter
    not_understood: int = 0
    unread: list[tuple[int, str]] = field(default_factory=list)
    """The first lines that could not be read, and where they stand."""
    incomplete: int = 0
    ended: str | None = None
    """How it stood when it had been read the last time; None before that, and for a log that begins anew."""
    _owners: dict[str, Reader | None] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)
    _found: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._found.update(filter(None, self.row.format.split(", ")))
        self._used = {name: reader.used for name, reader in self.readers.items()}

    @property
    def found(self) -> list[str]:
        """The names of the formats of which it has lines."""
        for name, reader in self.readers.items():
            if reader.used > self._used.get(name, 0):
                self._found.add(name)
        return sorted(self._found)

    @property
    def news(self) -> bool:
        """Whether whoever goes on from this log has to know more than it knew before."""
        return self.row.state != self.ended

    def take(self, piece: Piece, flush: Callable[[], None] = lambda: None) -> None:
        """Read some lines; *flush* is called after one that stands for many."""
        if piece.end - piece.start < _WORTH_SKIMMING:
            self._take_lines(piece, piece, flush)
            return
        if not self._owners:  # its form and its programs are not known yet
            first = piece.data.find(b"\n", piece.start + _HEAD, piece.end) + 1 or piece.end
            self._take_lines(piece, piece._replace(end=first), flush)
            piece = piece._replace(start=first)
        if not self._skim(piece, flush):
            self._take_lines(piece, piece, flush)

    def _skim(self, piece: Piece, flush: Callable[[], None]) -> bool:
        """Read what matters of many lines; False where each has to be read."""
        region = region_of(piece, self.split)
        if not region:
            return False
        met = [known for known in self.formats if known.name in self.readers and _writes(known, region)]
        for first in met:
            part = self.readers[first.name].part(region)
            if part:
                inner = replace(region, start=part[0], end=part[1])
                able = [known for known in met if known is first or self.readers[known.name].part(inner) == part]
                self._take_lines(piece, piece._replace(end=part[0]), flush)
                self._take_part(piece, inner, able, flush)
                self._take_lines(piece, piece._replace(start=part[1]), flush)
                return True
        return False

    def _take_part(self, piece: Piece, region: Region, able: Sequence[LogFormat], flush: Callable[[], None]) -> None:
        """Read a part of a piece that the readers of some formats are *able* to skim."""
        region.passed = [b""] if region.writer else self._programs_without_reader()
        skims = self._skims(region, able)
        if not skims:
            self._take_lines(piece, Piece(region.data, region.start, region.end), flush)
            return
        others = [skimmed.others for _, skimmed in skims if skimmed.others is not None]
        lines = set(others[0] if others else region.lines_but())
        signs: dict[int, Callable[[LogLine], None]] = {}
        for place, last in self._last_lines(region, [known for known, one in skims if one.others is None]):
            if last or place not in signs:
                signs[place] = last.reach if last else _unread
        for known, skimmed in skims:
            reader = self.readers[known.name]
            lines |= skimmed.lines
            signs.update((place, reader.sign) for place in skimmed.signs)
        places = sorted(lines)
        for place in sorted(signs.keys() - lines):
            behind = bisect_right(places, place)
            self._take_those(piece, region, places[:behind], flush)
            places = places[behind:]
            self._take_sign(self._text(region, place), signs[place])
        self._take_those(piece, region, places, flush)

    def _take_those(self, piece: Piece, region: Region, places: Sequence[int], flush: Callable[[], None]) -> None:
        """Read the lines that begin at some places."""
        data, find, text = region.data, region.data.find, self.lines.text
        texts = [text(data[place : find(b"\n", place)]) for place in places]
        self._take_texts(texts, lambda place: self._number(piece, places[place]), flush)

    def _take_sign(self, text: str, tell: Callable[[LogLine], None]) -> None:
        """Tell a reader of a line that was passed over."""
        for line in self.split.lines(text):
            tell(line)
            if tell is not _unread:
                self.row.last = max(self.row.last or line.time, line.time)

    def _skims(self, region: Region, able: Sequence[LogFormat]) -> list[tuple[LogFormat, Skimmed]]:
        """What the formats' readers leave of a region; nothing if one of them has to read it whole."""
        found: list[tuple[LogFormat, Skimmed]] = []
        for known in reversed(able):  # Postfix comes last: it takes at once what the others only look for
            skimmed = self.readers[known.name].skim(region)
            if skimmed is None:
                return []
            found.append((known, skimmed))
            region.passed += [skimmed.passes] if skimmed.passes else []
        return found

    def _programs_without_reader(self) -> list[bytes]:
        """Patterns of the programs, met so far, whose lines nobody reads."""
        names = (name for name, reader in self._owners.items() if reader is None and name.isascii() and name)
        return [re.escape(name.encode()) + rb"[\[:]" for name in islice(names, _MOST_PROGRAMS)]

    def _last_lines(self, region: Region, formats: Sequence[LogFormat]) -> Iterator[tuple[int, Reader | None]]:
        """The last lines of some formats, and of each host, among those that are passed over; none far from the end."""
        wanted = list(formats) * _LAST_LINES
        hosts = set() if region.host or region.writer else self.split.hosts
        place = region.end
        for _ in range(_FAR):
            if not (wanted or hosts) or place <= region.start:
                return
            place = region.line_start(place - 1)
            host, program = region.said_by(place)
            if host in hosts:
                hosts.remove(host)
                yield place, None
            for known in [known for known in formats if known in wanted and known.recognises(program)]:
                wanted.remove(known)
                yield place, self.readers[known.name]

    def _text(self, region: Region, place: int) -> str:
        return self.lines.text(region.data[place : region.line_end(place) - 1])

    def _take_lines(self, piece: Piece, lines: Piece, flush: Callable[[], None]) -> None:
        """Read each of some lines of a piece."""
        self._take_texts(self.lines.texts(lines), lambda place: self._number(piece, lines.start) + place, flush)

    def _take_texts(self, texts: Iterable[str], number: Callable[[int], int], flush: Callable[[], None]) -> None:
        """Read some lines; *number* tells where one of them stands in the log."""
        owners, row, split_lines = self._owners, self.row, self.split.lines
        for place, text in enumerate(texts):
            if not text:
                continue
            try:
                found = split_lines(text)
            except ValueError:
                self._could_not_read(number(place), text)
                continue
            for line in found:
                time, _, program, _, _ = line
                if program not in owners:
                    owners[program] = self._owner(program)
                reader = owners[program]
                if reader is not None:
                    if row.first is None or row.last is None:
                        row.first = row.last = time
                        row.host = row.host or line.host
                    elif time > row.last:
                        row.last = time
                    elif time < row.first:
                        row.first = time
                    reader.take(line)
                    if reader.facts.misread_lines:
                        reader.facts.misread_lines.clear()
                        self._could_not_read(number(place), text)
            if not found:
                if any(known.hint in text for known in self.formats):
                    self._could_not_read(number(place), text)
            elif len(found) > _MANY:
                flush()

    def _owner(self, program: str) -> Reader | None:
        for known in self.formats:
            if known.recognises(program):
                if known.name not in self.readers:
                    self.readers[known.name] = known.reader()
                return self.readers[known.name]
        return None

    def _could_not_read(self, number: int, text: str) -> None:
        """Count a line that could not be read."""
        self.not_understood += 1
        if len(self.unread) < MOST_UNREAD_LINES:
            self.unread.append((number, text))

    def _number(self, piece: Piece, place: int) -> int:
        """The number of the line that begins at a place in a piece, from 1 on."""
        return self.row.lines + self.lines.lines - piece.data.count(b"\n", place, piece.end) + 1

    def checkpoint(self) -> SourceRow:
        """The row that says how far the log was read, and keeps what waits."""
        row, lines, source = self.row, self.lines, self.source
        row.path, row.stem = source.path, source.stem
        row.format = ", ".join(self.found)
        row.form = self.split.form
        row.zone = row.zone or (self.split.clock.zone.key if self.split.zoneless else "")
        row.incomplete = self.incomplete
        if source.once:
            row.head_length, row.head = -1, digest(f"{source.path} {row.host}".encode())
        else:
            row.head_length = min(IDENTIFYING, len(source.head), lines.place)
            row.head = digest(source.head[: row.head_length])
            row.place, row.tail = lines.place, digest(lines.recent)
        row.split = json.dumps(self.split.state(), separators=(",", ":"))
        row.state = json.dumps({name: each.state() for name, each in self.readers.items()}, separators=(",", ":"))
        orphans = loaded(row.orphans)
        for name, reader in self.readers.items():
            if reader.orphans:
                orphans.setdefault(name, []).extend(reader.orphans)
                reader.orphans = []
        row.orphans = json.dumps(orphans, separators=(",", ":")) if orphans else ""
        return row

    def count_lines(self) -> tuple[int, int]:
        """Lines and bytes since the last call; they count into the row."""
        read = self.lines.lines, self.lines.read
        self.row.lines += read[0]
        self.row.octets += read[1]
        self.row.not_understood += self.not_understood
        self.lines.lines = self.lines.read = self.not_understood = 0
        return read


def _unread(line: LogLine) -> None:
    """A line that no reader has to know of; a later one may stand for it."""


def _writes(known: LogFormat, region: Region) -> bool:
    """Whether lines of a region may be of a format."""
    return not region.writer or known.recognises(region.writer)


def replayed(reader: Reader, lines: list[list[Any]]) -> Facts:
    """What a reader finds in lines that were kept as `Reader.orphans`."""
    for line in lines:
        reader.take(LogLine(*line))
    reader.pause()
    return reader.facts.take()


def loaded(text: str) -> dict[str, Any]:
    """What `checkpoint` wrote as JSON; nothing where nothing was written."""
    return dict(json.loads(text)) if text else {}


def zone_note(reading: LogReading) -> str:
    """How the stamps of a log were read where they carry no zone; empty where they do, and where it was said before."""
    split = reading.split
    if not split.zoneless or reading.row.zone:
        return ""
    what = f"no year and no zone; read as {split.clock.years}," if split.yearless else "no zone; read in"
    options = "--year and --tz say" if split.yearless else "--tz says"
    return f"stamps carry {what} {split.clock.zone.key} ({options} otherwise)."


def notes_of(reading: LogReading, examples: int) -> list[str]:
    """What people should know of how a log was read, with at most so many of the lines that were not understood."""
    name, split, lines = name_of(reading.source), reading.split, reading.lines
    notes: list[str] = []
    warn = notes.append
    if split.forged:
        warn(
            f"{name}: {counted(split.forged, 'line')} under a mail server's name were written by a user's own "
            "process; they were not counted."
        )
    if lines.unfinished:
        warn(f"{name}: its last line has no end yet; left for the next import.")
    if lines.overlong:
        reading.not_understood += lines.overlong
        warn(f"{name}: {counted(lines.overlong, 'line')} of more than 64 KiB passed over.")
    if reading.row.damaged:
        warn(
            f"{name} is damaged after line {reading.row.lines + lines.lines:,} ({reading.row.damaged}); "
            "what stands before was read. Import a whole copy when you have one."
        )
    for number, text in reading.unread[: max(0, examples)]:
        warn(f"{name}, line {number:,}: not understood: {text[:120]}")
    return notes
