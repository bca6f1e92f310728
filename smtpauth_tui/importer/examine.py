"""Tells what a file is: a log and of which years, an export, or nothing that can be read."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.errors import UnreadableSourceError
from smtpauth_tui.formats import DocumentFormat, OwnLines
from smtpauth_tui.formats.stamps import Sighting, Years, latest_day, years_of
from smtpauth_tui.formats.syslog import SyslogLines, looks_like_log, sightings
from smtpauth_tui.formats.tables import decoder_for
from smtpauth_tui.formats.unusable import why_not
from smtpauth_tui.importer.lines import text_lines
from smtpauth_tui.importer.options import ImportOptions
from smtpauth_tui.importer.sources import HEAD, DamagedError, MovedError, Source
from smtpauth_tui.model import LogLine

_PROBE_LINES: Final = 200
_SAMPLED: Final = 1 << 18
_SAMPLE: Final = 4096


@dataclass(slots=True)
class Log:
    """A source that is a log."""

    source: Source
    years: Years
    first: int
    """UTC seconds of its first stamp."""
    host: str
    """The host that its first line names."""
    mail: bool = False
    """Its first lines have some of a mail server."""
    known: bool = False
    """Its years are those of a place in its midst, up to which it was read before."""


@dataclass(slots=True)
class Document:
    """A source that is an export."""

    source: Source
    format: DocumentFormat
    encoding: str


class Examiner:
    """Looks at how sources begin."""

    def __init__(self, options: ImportOptions, present: datetime) -> None:
        self._options = options
        self._present = present

    def examine(self, source: Source, *, years: Years | None = None) -> Log | Document:
        """What the source is; UnreadableSourceError with what people should know where it is neither.

        *years* are those of a log of which they are known.
        """
        try:
            head = source.look()
        except DamagedError as error:
            raise UnreadableSourceError(f"is damaged: {error}.", "Take another copy of it.") from error
        except MovedError as error:
            raise UnreadableSourceError("was rotated just now.", "Import again.") from error
        except OSError as error:
            raise UnreadableSourceError(f"cannot be read: {error.strerror}.", "Check its rights.") from error
        if not head.strip(b"\0 \r\n\t"):
            raise UnreadableSourceError("is empty.", "If it was just rotated, name the older file as well.")
        encoding = decoder_for(head)
        text = codecs.getincrementaldecoder(encoding)("backslashreplace").decode(head)
        for known in self._options.documents:
            if known.recognises(text):
                return Document(source, known, encoding)
        if useless := why_not(text):
            raise UnreadableSourceError("is of no use here.", useless)
        lines = text_lines(head, whole=len(head) < HEAD)[:_PROBE_LINES]
        if not looks_like_log(lines, self._own_lines(self._options.zone)):
            raise UnreadableSourceError("is not a log that can be read.", self.what_can_be_read())
        taken_over, years = years is not None, years or self._years(source)
        found = _split(self.splitter(years), lines)
        first = next((line for line in found if line.program), found[0] if found else None)
        host = (first.host if first else "") or self._options.host
        mail = any(known.recognises(line.program) for line in found for known in self._options.formats)
        return Log(source, years, first.time if first else 0, host, mail, taken_over)

    def splitter(self, years: Years, zone: ZoneInfo | None = None) -> SyslogLines:
        """What splits the lines of one file; *zone* is the one of its stamps, by default that of the import."""
        zone = zone or self._options.zone
        return SyslogLines(zone, years, self._options.host, self._own_lines(zone))

    def latest(self, source: Source) -> datetime:
        """The latest that a line of a source can be."""
        return latest_day(self._present, source.changed)

    def what_can_be_read(self) -> str:
        """A sentence with the formats."""
        names = ", ".join(
            [known.title for known in self._options.formats] + [known.title for known in self._options.documents]
        )
        return f"What can be read: {names}; smtpauth-tui formats says more."

    def _own_lines(self, zone: ZoneInfo) -> list[OwnLines]:
        """What splits the lines of logs without syslog, for one file."""
        host = self._options.host
        return [own for known in self._options.formats if (own := known.own_lines(zone, host))]

    def _years(self, source: Source) -> Years:
        """The years of a file's stamps; where nothing at its head settles them, by samples of the rest."""
        seen = self._sightings(text_lines(source.head, whole=len(source.head) < HEAD))
        settled = self._options.year is None and any(sighting.utc is not None for sighting in seen)
        if seen and not settled and not source.once:
            done = 0
            try:
                for block in source.blocks():
                    for part in _samples(block, len(source.head) - done):
                        seen += self._sightings(text_lines(part, whole=False)[1:])
                    done += len(block)
            except (DamagedError, MovedError):
                pass  # said when the file is read
        return years_of(seen, self.latest(source), self._options.year)

    def _sightings(self, lines: Iterable[str]) -> list[Sighting]:
        return list(sightings(lines, self._id_time))

    def _id_time(self, text: str) -> int | None:
        return next((found for known in self._options.formats if (found := known.id_time(text)) is not None), None)


def _samples(block: bytes, begin: int) -> Iterator[bytes]:
    """Pieces of a block in their order: one in each quarter of a MiB, and its end; nothing before *begin*."""
    end = 0
    for place in (*range(0, len(block), _SAMPLED), len(block) - _SAMPLE):
        start = max(place, end, begin)
        end = max(place + _SAMPLE, end)
        if start < end:
            yield block[start:end]


def _split(split: SyslogLines, lines: Iterable[str]) -> list[LogLine]:
    """The parts of the lines that have a stamp."""
    found = []
    for line in lines:
        try:
            parts = split.split(line)
        except ValueError:
            continue
        if parts:
            found.append(parts)
    return found
