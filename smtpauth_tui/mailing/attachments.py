"""The files of a mailed report: the workbook and the senders as CSV, cut to what a mail may hold."""

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.errors import SmtpAuthTuiError, UsageError
from smtpauth_tui.export import csv_lines
from smtpauth_tui.mailing.content import Content, subject
from smtpauth_tui.mailing.to_do import ToDo
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.senders import SENDERS
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import SenderTotal

KINDS: Final = ("xlsx", "csv")
"""What can be attached."""
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LINE: Final = 57
"""Bytes of a line in base64 (RFC 2045)."""
_ENCODED: Final = 78
"""Bytes that such a line takes in a mail, with its line end."""
_HEADERS: Final = 500
"""Bytes for a part's own headers and boundary, with some to spare."""
_SMALLEST_ROW: Final = 60
"""Bytes that no line of CSV is shorter than: a name, twelve counts and two times."""
_SAMPLE: Final = 2000
"""Senders of which a workbook is made first, to see how much room one takes."""
_MOST_TO_DO: Final = 1_000_000
"""Accounts in a workbook: what a sheet has room for."""
_MOST_NAMES: Final = 1000
"""Names tried, and clients that tried them, in a workbook."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail."""

    name: str
    """In letters, digits, dots, dashes and underscores."""
    media_type: str
    content: bytes
    rows: int
    """How many senders are in it."""
    of: int
    """How many there are; if more than *rows*, it has those with most messages."""
    thing: str = "sender"
    """What its rows stand for, in the singular; *measure*: of what those that are in it have most."""
    measure: str = "messages"
    filtered: bool = False
    """Whether those are the senders of a filter."""

    @property
    def size(self) -> int:
        """Bytes that it takes in a mail."""
        return -(-len(self.content) // _LINE) * _ENCODED + _HEADERS


async def load_attachments(store: Store, content: Content, kinds: Collection[str], room: int) -> tuple[Attachment, ...]:
    """The files of a report, in the order of `KINDS`, that take at most *room* bytes of a mail together.

    If there is no room for all senders, those with most messages are in them. SmtpAuthTuiError if there is none for
    any. Of the content's own moment where *store* is that of its snapshot.
    """
    if unknown := set(kinds) - set(KINDS):
        raise UsageError(f"{min(unknown)!r} cannot be attached.", f"What can is: {', '.join(KINDS)}.")
    found: list[Attachment] = []
    if content.todo:
        for kind in (kind for kind in KINDS if kind in kinds):
            share = _share(kind, kinds, room - sum(one.size for one in found))
            found.append(await _to_do(content, content.todo, kind, _inside(share), store.zone))
        return tuple(found)
    async with store.snapshot() as seen:
        senders = content.matching if content.query.where else (await seen.parties(content.query)).senders
        for kind in (kind for kind in KINDS if kind in kinds):
            share = _share(kind, kinds, room - sum(one.size for one in found))
            load = _workbook if kind == "xlsx" else _table
            found.append(await load(seen, content, senders, _inside(share)))
    return tuple(found)


def _share(kind: str, kinds: Collection[str], room: int) -> int:
    """The part of what room is left that a file gets: a workbook takes less for the same rows, and gets more."""
    return room * 3 // 4 if kind == "xlsx" and "csv" in kinds else room


def _inside(room: int) -> int:
    """How many bytes a file may have that takes *room* bytes of a mail."""
    return max((room - _HEADERS) // _ENCODED * _LINE, 0)


def _name(report: str, query: ReportQuery, suffix: str) -> str:
    return f"smtp-auth-{report}_{query.period.first}_{query.period.last}.{suffix}"


def _no_room() -> SmtpAuthTuiError:
    return SmtpAuthTuiError("The size limit of mails leaves no room for attachments.", "Raise it, or attach nothing.")


# who breaks


async def _to_do(content: Content, todo: ToDo, kind: str, room: int, zone: ZoneInfo) -> Attachment:
    """The accounts that are to be changed, as many as there is room for."""

    from smtpauth_tui.mailing.to_do_files import to_do_csv, to_do_workbook

    async def made(rows: int) -> bytes:
        some = todo.rows[:rows]
        return await (to_do_workbook(todo, zone, some) if kind == "xlsx" else to_do_csv(some, content.query))

    of = len(todo.rows)
    rows = min(of, _MOST_TO_DO)
    file = await made(rows)
    while len(file) > room and rows:
        rows = min(int(rows * room / len(file)), rows - 1)
        file = await made(rows)
    if len(file) > room or rows < min(of, 1):
        raise _no_room()
    media = _XLSX if kind == "xlsx" else "text/csv"
    name = _name(content.report, content.query, kind)
    return Attachment(name, media, file, rows, of, "account", "refused messages", filtered=bool(content.query.where))


# CSV


async def _table(seen: Store, content: Content, senders: int, room: int) -> Attachment:
    """The senders as ``show senders --format csv`` prints them, as many lines as there is room for."""
    query = content.query
    text = bytearray()
    limit = room // _SMALLEST_ROW + 1
    async with aclosing(SENDERS.records(seen, query, limit)) as records:
        async for piece in csv_lines(SENDERS, records, query, None):
            text += piece.encode()
            if len(text) > room:
                del text[text.rfind(b"\r\n", 0, room) + 2 :]
                break
    rows = text.count(b"\r\n") - 1
    if rows < min(senders, 1):
        raise _no_room()
    return Attachment(
        _name(SENDERS.name, query, "csv"), "text/csv", bytes(text), rows, senders, filtered=bool(query.where)
    )


# the workbook


async def _workbook(seen: Store, content: Content, senders: int, room: int) -> Attachment:
    """The workbook with all senders or, after a smaller one showed what room a sender takes, with as many as fit."""
    from smtpauth_tui.mailing.workbook import MOST_ROWS

    most = min(senders, MOST_ROWS)
    rows = min(most, _SAMPLE)
    file = await _file(seen, content, rows)
    if len(file) > room or rows < most:
        empty = await _file(seen, content, 0)
        if len(empty) > room:
            raise _no_room()
        each = (len(file) - len(empty)) / max(rows, 1)
        rows = min(most, int((room - len(empty)) / each))
        file = await _file(seen, content, rows)
        while len(file) > room:
            rows = min(int(rows * (room - len(empty)) / (len(file) - len(empty))), rows - 1)
            file = await _file(seen, content, rows)
    if rows < min(senders, 1):
        raise _no_room()
    return Attachment(
        _name(content.report, content.query, "xlsx"), _XLSX, file, rows, senders, filtered=bool(content.query.where)
    )


async def _file(seen: Store, content: Content, rows: int) -> bytes:
    """A workbook with so many senders."""
    from smtpauth_tui.mailing.sheets import Failed, sheets
    from smtpauth_tui.mailing.workbook import workbook

    query = content.query
    failed = Failed(await seen.tried_names(query, _MOST_NAMES), await seen.trying_clients(query, _MOST_NAMES))
    async with aclosing(_senders(seen, query, rows)) as found:
        return await workbook(subject(content), sheets(content, found, failed, seen.zone))


async def _senders(seen: Store, query: ReportQuery, rows: int) -> AsyncGenerator[SenderTotal, None]:
    if not rows:
        return
    async with aclosing(seen.senders(query, rows)) as found:
        async for row in found:
            yield row
