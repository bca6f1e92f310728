"""What the flyouts say: a few kinds of block, filled from the store's answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Grouping, ReportQuery
from smtpauth_tui.reports import sender, whence
from smtpauth_tui.reports.earlier import sender_changes
from smtpauth_tui.reports.figures import local, number, plural, share, short_period
from smtpauth_tui.reports.origins import By, source_label
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.sources import tls_versions
from smtpauth_tui.reports.tls import ROLES, shown_versions, tls_tone
from smtpauth_tui.reports.values import Cell, Chart, Role, Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayUsage

_LISTED: Final = 8


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or two."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above what belongs together."""

    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart: a label, a count, its share, and the part of the width that it fills."""

    label: str
    count: int
    whole: int
    role: Role
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Bars:
    """Lines with a bar each."""

    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Lines of a name and a value."""

    rows: tuple[tuple[Cell, Cell], ...]


@dataclass(frozen=True, slots=True)
class Days:
    """A small chart of the days."""

    chart: Chart


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a log, each with its number; as long as they are."""

    rows: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Lines that are shown as they are."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Two lines: a name with what belongs to it, and figures, which stand below those of the other entries."""

    name: Cell
    aside: Cell
    figures: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries with as many figures each."""

    rows: tuple[Entry, ...]


Block = Paragraph | Heading | Bars | Pairs | Days | Lines | Preformatted | Entries


@dataclass(frozen=True, slots=True)
class Flyout:
    """A flyout's title, its blocks, and the link at its end."""

    title: str
    blocks: tuple[Block, ...]
    link: str = ""
    """The link's text; none where it is empty."""
    leads_to: str = ""
    """The id of the report's view that the link opens, or the name of the app's action: ``imports``."""
    also: tuple[str, str] | None = None
    """A second link: its text, and what it leads to."""


def tls_bars(counts: Mapping[TlsVersion, int]) -> Bars:
    """A bar for each TLS version, No TLS first as in the portal; unknown only where there is any."""
    whole = sum(counts.values())
    versions = [TlsVersion.NONE, *(v for v in shown_versions(counts) if v is not TlsVersion.NONE)]
    return Bars(tuple(Bar(v.label, counts.get(v, 0), whole, ROLES[v], tls_tone(v, counts.get(v, 0))) for v in versions))


def warned(count: int) -> Cell:
    return Cell(number(count), Tone.WARN if count else Tone.PLAIN)


def source_name(path: str) -> str:
    """A source as a person calls it: its file's name."""
    return "standard input" if path == "-" else path.rpartition("/")[2]


async def one_source(store: Store, source_id: int) -> Flyout:
    """All that is known of a source, and the lines of it that were not understood."""
    row = next((one for one in await store.sources() if one.id == source_id), None)
    if row is None:
        return Flyout("", (Paragraph("This source is not in the store any more."),))
    lines = await store.unread_lines(source_id)
    blocks: list[Block] = [
        Paragraph("Standard input" if row.path == "-" else row.path),
        Pairs(
            (
                (Cell("Format"), Cell(row.format)),
                (Cell("Host"), Cell(row.host or "not named")),
                (Cell("Zone of its stamps"), Cell(row.zone or "they carry it")),
                (Cell("Oldest line"), Cell(local(row.first, store.zone))),
                (Cell("Newest line"), Cell(local(row.last, store.zone))),
                (Cell("Imported"), Cell(local(row.imported_at, store.zone))),
            )
        ),
        Pairs(
            (
                (Cell("Lines"), Cell(number(row.lines))),
                (Cell("Submissions added"), Cell(number(row.submissions))),
                (Cell("Failed sign-ins added"), Cell(number(row.auth_failures))),
                (Cell("Began and did not end"), Cell(number(row.incomplete))),
                (Cell("Lines not understood"), warned(row.not_understood)),
            )
        ),
    ]
    if row.damaged:
        blocks.append(
            Paragraph(f"Damaged: {row.damaged}. What stood before was read; import a whole copy of it.", Tone.WARN)
        )
    if lines and store.places.truncate:
        hidden = "Lines were not understood. Their text is not shown: it may hold addresses ([places] truncate)."
        blocks.append(Paragraph(hidden, Tone.MUTED))
    elif lines:
        kept = f", {number(len(lines))} of {number(row.not_understood)}" if len(lines) < row.not_understood else ""
        blocks += [Heading(f"Lines not understood{kept}"), Lines(tuple((one.number, one.text) for one in lines))]
    return Flyout(source_name(row.path), tuple(blocks))


async def one_sender(store: Store, query: ReportQuery) -> Flyout:
    """A row of the details table: the same figures, and what the portal lacks."""
    found = await sender.profile(store, query)
    logins = tuple((Cell(one.name or "<>"), Cell(plural(one.messages, "message"))) for one in found.logins)
    first, last = found.ever or (None, None)
    sent, to = await sender_changes(store, query, found.messages, found.recipients)
    blocks: list[Block] = []
    if found.outdated:
        ways = " and ".join("without TLS" if v is TlsVersion.NONE else f"with {v.label}" for v in found.outdated)
        blocks.append(
            Paragraph(
                f"Warning: sends {ways}. Once that is switched off, this client cannot send any more. "
                "Update the client or device.",
                Tone.BAD,
            )
        )
    blocks += [
        Pairs(
            (
                (Cell("Message count"), Cell(f"{number(found.messages)}, {sent.words}")),
                (Cell("Recipients"), Cell(f"{number(found.recipients)}, {to.words}")),
                (Cell("First seen"), Cell(local(first, store.zone))),
                (Cell("Last seen"), Cell(local(last, store.zone))),
                (Cell("Login by"), Cell(_auth(found.days))),
            )
        ),
        Heading(f"TLS, {short_period(query.period)}"),
        tls_bars(found.tls),
        Heading("Login names used" if query.by is Grouping.SENDER else "Sender addresses used"),
        Pairs(logins) if logins else Paragraph("None in this period.", Tone.MUTED),
        *_sources(await whence.load(store, query, found.logins), store.zone),
        Heading("Messages per day"),
        Days(sender.chart(found.days, query)),
    ]
    return Flyout(sender_label(found.name), tuple(blocks))


def _sources(found: whence.Whence, zone: ZoneInfo) -> list[Block]:
    if not found.rows:
        return []
    shown = found.rows[: whence.SHOWN]
    entries = tuple(
        Entry(
            Cell(source_label(row)),
            Cell(row.host if row.by is By.ADDRESS else plural(len(row.addresses), "address", "addresses"), Tone.MUTED),
            (
                Cell(share(row.messages, found.messages)),
                tls_versions(row, "TLS "),
                Cell(local(row.last, zone)),
                Cell(row.place, Tone.MUTED),
            ),
        )
        for row in shown
    )
    blocks: list[Block] = [Heading("Sources"), Paragraph(found.words), Entries(entries)]
    if more := len(found.rows) - len(shown):
        blocks.append(Paragraph(f"and {number(more)} more", Tone.MUTED))
    if more or shown[0].by is not By.ADDRESS:
        blocks.append(Paragraph("All of them: smtpauth-tui show sources --account NAME", Tone.MUTED))
    if found.lacks:
        blocks.append(Paragraph(found.lacks, Tone.MUTED))
    return blocks


def _auth(days: tuple[DayUsage, ...]) -> str:
    labels = {AuthKind.BASIC: "password (Basic)", AuthKind.OAUTH: "OAuth", AuthKind.UNKNOWN: "unknown"}
    counts = {kind: sum(day.auth.get(kind, 0) for day in days) for kind in labels}
    used = [f"{labels[kind]} {number(count)}" for kind, count in counts.items() if count]
    return ", ".join(used) or "nothing in this period"
