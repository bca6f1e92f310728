"""Reads an export whole, in pieces of text, and writes what it holds."""

import codecs
import itertools
from dataclasses import replace

from smtpauth_tui.clock import Clock
from smtpauth_tui.formats import Facts
from smtpauth_tui.importer.contents import IDENTIFYING, digest, new_row, recognised
from smtpauth_tui.importer.examine import Document
from smtpauth_tui.importer.options import ImportOptions
from smtpauth_tui.importer.outcome import Outcome, name_of
from smtpauth_tui.importer.sources import DamagedError, Source
from smtpauth_tui.importer.writing import Writing
from smtpauth_tui.store.sources import SourceRow


def read_document(document: Document, writing: Writing, outcome: Outcome, options: ImportOptions, clock: Clock) -> None:
    """Read an export whole, in one transaction, and write what it holds; one that was read before is left alone.

    OSError, MovedError: it cannot be read any more, and nothing of it was kept.
    """
    source, sources = document.source, writing.sources
    row = recognised(source, sources) if sources and not source.once else None
    if row and (row.format != document.format.name or row.place + 1 in source.tails([row.place + 1])):
        row = None
    if row and not options.period:
        outcome.already_read(row)
        _note_name(source, row, writing)
        return
    row = row or new_row(source, options.host)
    row.path, row.lines, row.octets = source.path, 0, 0
    row.format, row.form = document.format.name, "document"
    reader = document.format.reader(options.host)
    decode = codecs.getincrementaldecoder(document.encoding)("backslashreplace").decode
    recent, unread = b"", 0
    writing.writer.begin()
    writing.writer.sources.save(row)
    try:
        for block in itertools.chain(source.blocks(), [b""]):
            row.octets += len(block)
            row.lines += block.count(b"\n")
            recent = (recent + block)[-IDENTIFYING:]
            reader.take(decode(block, final=not block))
            unread += _write(_dated(reader.facts.take(), options), row, writing)
    except DamagedError as error:
        row.damaged = str(error)
    reader.finish()
    row.not_understood = unread + _write(_dated(reader.facts.take(), options), row, writing)
    row.place, row.tail = row.octets, digest(recent)
    row.imported_at = int(clock.now().timestamp())
    number = writing.writer.sources.save(row)
    if source.identity:
        writing.writer.sources.note_file(source.identity, number)
    writing.commit()
    outcome.count_file([row.format])
    outcome.lines += row.lines
    outcome.bytes += row.octets
    outcome.not_understood += row.not_understood
    outcome.warnings += [f"{name_of(source)}: {note}" for note in reader.notes]
    if row.damaged:
        outcome.warnings.append(f"{name_of(source)} is damaged ({row.damaged}); what stands before was read.")


def _dated(facts: Facts, options: ImportOptions) -> Facts:
    """The facts, snapshots with the period that the admin named where the export names none."""
    if options.period:
        first, last = options.period
        facts.snapshots = [one if one.first else replace(one, first=first, last=last) for one in facts.snapshots]
    return facts


def _write(facts: Facts, row: SourceRow, writing: Writing) -> int:
    """Write what was read of an export; how many of its rows could not be read."""
    number = row.id or 0
    times = [one.time for kind in (facts.submissions, facts.failures, facts.sign_ins) for one in kind]
    if times:
        row.first = min(times) if row.first is None else min(row.first, *times)
        row.last = max(times) if row.last is None else max(row.last, *times)
    writing.write(facts, row)
    for added in (
        writing.writer.add_sign_ins(facts.sign_ins, number),
        *(writing.writer.add_snapshot(snapshot, number) for snapshot in facts.snapshots),
    ):
        writing.count(added)
    unread = [(row.lines, line.text) for line in facts.misread_lines]
    writing.writer.sources.unread(number, unread)
    return len(unread)


def _note_name(source: Source, row: SourceRow, writing: Writing) -> None:
    """A content has another name now."""
    row.path = source.path
    writing.writer.begin()
    writing.writer.sources.save(row)
    if source.identity and row.id is not None:
        writing.writer.sources.note_file(source.identity, row.id)
    writing.commit()
