"""What the fuzzer runs: each format's reader, what splits lines, and whole imports, on any bytes.

A target raises nothing, whatever the bytes are; what it gives fits into the store.
"""

import dataclasses
import json
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import Clock
from smtpauth_tui.formats import DOCUMENTS, FORMATS, DocumentFormat, Facts, LogFormat
from smtpauth_tui.formats.stamps import Years, latest_day, years_of
from smtpauth_tui.formats.syslog import SyslogLines, looks_like_log, sightings
from smtpauth_tui.formats.tables import decoder_for
from smtpauth_tui.formats.unusable import why_not
from smtpauth_tui.importer.lines import LineSplitter
from smtpauth_tui.importer.options import ImportOptions
from smtpauth_tui.importer.run import Importer
from smtpauth_tui.importer.sources import find
from smtpauth_tui.model import LogLine
from smtpauth_tui.store.writer import Writer

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROGRAMS: Final = {
    "postfix": ("postfix/smtpd", "postfix/qmgr", "postfix/cleanup", "postfix/submissions/smtpd"),
    "exim": ("exim", "exim.log"),
    "sendmail": ("sendmail", "sm-mta"),
    "opensmtpd": ("smtpd",),
    "dovecot": ("dovecot", "dovecot/submission-login"),
    "exchange": ("SmtpReceive",),
}
"""Under which names lines go to a format's reader that are in no form of a log: the text alone is fuzzed then."""


def storable(facts: Facts) -> None:
    """AssertionError or UnicodeError where a fact does not fit into the store."""
    for one in (*facts.submissions, *facts.failures, *facts.sign_ins):
        assert 0 <= one.time < 2**36
        for value in one if isinstance(one, tuple) else dataclasses.astuple(one):
            if isinstance(value, str):
                value.encode()
            elif isinstance(value, int):
                assert -(2**63) <= value < 2**63
    for snapshot in facts.snapshots:
        for sender in snapshot.senders:
            sender.sender.encode()
            assert all(0 <= number < 2**63 for number in (sender.messages, *sender.tls.values()))


def read_log(known: LogFormat, data: bytes) -> None:
    """The reader of a format, stopped and gone on with after each ten lines."""
    zone = ZoneInfo("Europe/Berlin")
    own = known.own_lines(zone, "")
    split = SyslogLines(zone, Years(2026), own=[own] if own else [])
    reader = known.reader()
    for number, line in enumerate(_lines(data)):
        known.id_time(line)
        for found in _split(split, line):
            if known.recognises(found.program):
                reader.take(found)
        programs = PROGRAMS[known.name]
        reader.take(LogLine(1_794_373_206 + number, "mx1", programs[number % len(programs)], str(number % 3), line))
        if number % 10 == 9:
            storable(reader.facts.take())
            reader = known.reader(json.loads(json.dumps(reader.state())))
            split.restore(json.loads(json.dumps(split.state())))
    reader.pause()
    reader.next_log(follows=len(data) % 2 == 0)
    for orphan in reader.orphans:
        reader.take(orphan)
    reader.pause()
    storable(reader.facts)
    json.dumps(reader.state())


def read_document(known: DocumentFormat, data: bytes) -> None:
    """The reader of an export, in pieces of a length that the bytes tell."""
    text = data.decode(decoder_for(data[:4096]), "backslashreplace")
    known.recognises(text)
    reader = known.reader("")
    size = 1 + sum(data[:8]) % 700
    for start in range(0, len(text), size):
        reader.take(text[start : start + size])
    reader.finish()
    storable(reader.facts)
    assert all(note.isprintable() or note for note in reader.notes)


def split_lines(data: bytes) -> None:
    """What stands before a program's words: all forms of syslog and of programs' own logs."""
    zone = ZoneInfo("Europe/Berlin")
    own = [own for known in FORMATS if (own := known.own_lines(zone, ""))]
    split = SyslogLines(zone, Years(2026), own=own)
    lines = _lines(data)
    for line in lines:
        for found in _split(split, line):
            assert 0 <= found.time < 2**36
            for part in (found.host, found.program, found.pid, found.text):
                part.encode()
    json.dumps(split.state())
    text = "\n".join(lines)
    why_not(text)
    looks_like_log(lines, own)
    seen = sightings(lines, lambda each: next((t for known in FORMATS if (t := known.id_time(each))), None))
    assert 1900 < years_of(list(seen), latest_day(NOW, None)).first < 4200


def bring_in(data: bytes) -> None:
    """A whole import of a file, compressed or not, and of the same file again."""
    with tempfile.TemporaryDirectory() as folder:
        path, store = Path(folder, "mail.log"), Path(folder, "store", "store.db")
        path.write_bytes(data)
        for _ in range(2):
            options = ImportOptions(ZoneInfo("UTC"))
            importer = Importer(lambda: Writer(store, "UTC"), options, Clock(lambda: NOW), store=store)
            outcome = importer.run(find([str(path)], store))
            json.dumps(outcome.as_json()).encode()


def _lines(data: bytes) -> list[str]:
    lines = LineSplitter()
    return [line for piece in lines.pieces([data, b"\n"]) for line in lines.texts(piece)]


def _split(split: SyslogLines, line: str) -> Iterable[LogLine]:
    try:
        return list(split.lines(line))[:100]
    except ValueError:  # a stamp that cannot be
        return ()


TARGETS: Final[dict[str, Callable[[bytes], Any]]] = {
    **{known.name: partial(read_log, known) for known in FORMATS},
    **{known.name: partial(read_document, known) for known in DOCUMENTS},
    "lines": split_lines,
    "import": bring_in,
}
