"""What a report is made of: charts and tables as values, the same for screen, text, mail and files."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.query import DEFAULT_DAYS, Grouping, ReportQuery, SenderOrder
from smtpauth_tui.store.reader import Store


class Tone(StrEnum):
    """What a figure means, for its colour."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure or a text of a table, raw as the log has it: whoever shows it neutralises it."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    key: str
    """The name in files and for sorting."""
    title: str
    numeric: bool = False
    """Right-aligned."""
    short: str = ""
    """The title where there is little room; by default the whole one."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; as many cells in each row as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Role(StrEnum):
    """What a series of a chart stands for; the palette gives each its colour and its glyph."""

    TLS_1_3 = "tls-1.3"
    TLS_1_2 = "tls-1.2"
    TLS_1_1 = "tls-1.1"
    TLS_1_0 = "tls-1.0"
    SSL3 = "ssl3"
    NO_TLS = "no-tls"
    UNKNOWN = "unknown"
    OAUTH = "oauth"
    BASIC = "basic"
    BREAKS = "breaks"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    REST = "rest"


RANKS = (Role.FIRST, Role.SECOND, Role.THIRD, Role.FOURTH)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The days that a column of a chart stands for: one, or a week where there is no room for each."""

    first: date
    last: date

    @property
    def label(self) -> str:
        """``16 Nov``: the first day, for the axis."""
        return f"{self.first.day} {self.first:%b}"

    @property
    def title(self) -> str:
        """``Mon 16 Nov 2026``, or the first and last day of several."""
        if self.first == self.last:
            return f"{self.first:%a} {self.first.day} {self.first:%b %Y}"
        return f"{self.first.day} {self.first:%b} – {self.last.day} {self.last:%b %Y}"


@dataclass(frozen=True, slots=True)
class Series:
    """One layer of a stacked chart: a count for each bucket."""

    name: str
    role: Role
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All buckets together."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts per day, stacked by series, the first series at the bottom."""

    title: str
    buckets: tuple[Bucket, ...] = ()
    series: tuple[Series, ...] = ()
    share: bool = False
    """Draw each bucket's series as per cent of the bucket."""
    counted: str = "message"
    """What is counted, in the singular."""
    distinct: bool = False
    """The same may be counted in several buckets, as an account in each week: they do not add up."""

    @property
    def total(self) -> int:
        """All series and buckets together."""
        return sum(one.total for one in self.series)

    def sum_of(self, bucket: int) -> int:
        """The messages of one bucket."""
        return sum(one.counts[bucket] for one in self.series)


Record = Any
"""A row that the store answers; its type is the report's own affair."""

Fields = Mapping[str, Any]


class Records(Protocol):
    """Asks the store for a report's records, as they come."""

    def __call__(self, store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[Record, None]: ...


@dataclass(frozen=True, slots=True)
class Preface:
    """What a report says before its rows."""

    sentences: tuple[str, ...] = ()
    """For people."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """For programs, as they stand in the JSON object before the rows."""


class LoadPreface(Protocol):
    """Asks the store for what stands before a report's rows."""

    async def __call__(self, store: Store, query: ReportQuery) -> Preface: ...


class LoadChart(Protocol):
    """Asks the store for what a report's chart shows."""

    async def __call__(self, store: Store, query: ReportQuery) -> Chart: ...


@dataclass(frozen=True, slots=True)
class Report:
    """A report of the command line: what it asks, and how a record looks to programs and to people."""

    name: str
    title: str
    help: str
    records: Records
    fields: Callable[[Record], Fields]
    """A record as the JSON contract has it."""
    names: Callable[[ReportQuery], tuple[str, ...]]
    """The names of those fields, also where there are no records."""
    columns: tuple[Column, ...]
    cells: Callable[[Record], Sequence[Cell]]
    """A record for people, a cell for each column."""
    lines: Callable[[Record], Sequence[Sequence[Cell]]] | None = None
    """For a record that is many lines to people."""
    chart: LoadChart | None = None
    orders: Mapping[str, tuple[SenderOrder, bool]] | None = None
    """The names that ``--sort`` takes, each with its order and whether it descends."""
    filters: Callable[[Grouping], tuple[FilterColumn, ...]] | None = None
    """The columns that a filter may name (their keys are those of the store); None where it takes no filter."""
    values: Callable[[ZoneInfo], Mapping[str, Callable[[Record], Any]]] | None = None
    """What a filter compares in a record (see `matching.Values`), where it is judged here and not by the store.

    Days are those of the zone.
    """
    note: str = ""
    """What people have to know of its figures: a sentence above the table."""
    preface: LoadPreface | None = None
    days: int = DEFAULT_DAYS
    """How many days it shows where nobody says for which."""
    note_on: Callable[[Store], str] | None = None
    """The note where it depends on the store; empty where there is nothing to say."""
    groupings: "Mapping[str, Report] | None" = None
    """The same by what ``--by`` takes instead of sender and account; None where it takes those two."""
    of_one: bool = False
    """Whether it can be of one account or one sender: ``--account``, ``--sender``."""
    order: SenderOrder = SenderOrder.MESSAGES
    """By what it is sorted where nobody says by what."""
    narrow: int = 0
    """The place of the column that gives way where a terminal is narrow."""

    def lines_of(self, record: Record) -> Sequence[Sequence[Cell]]:
        """A record's lines in a table for people."""
        return self.lines(record) if self.lines else (self.cells(record),)
