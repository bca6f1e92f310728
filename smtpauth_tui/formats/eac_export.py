"""The export of the Exchange admin center's SMTP AUTH report: totals by sender, over a period that it does not name."""

import re
from collections.abc import Mapping
from typing import Final

from smtpauth_tui.formats.facts import Facts
from smtpauth_tui.formats.microsoft import MICROSOFT_365, Unknown, kind_of
from smtpauth_tui.formats.tables import Cells, Table, header_of
from smtpauth_tui.model import AuthKind, LogLine, Snapshot, SnapshotSender, TlsVersion, domain_of

MOST_SENDERS: Final = 1_000_000
_VERSIONS: Final = {
    TlsVersion.NONE: "notls",
    TlsVersion.V1_0: "tls10",
    TlsVersion.V1_1: "tls11",
    TlsVersion.V1_2: "tls12",
    TlsVersion.V1_3: "tls13",
}
_COLUMNS: Final = {
    "sender": ("senderaddress", "sender"),
    "domain": ("domain", "senderdomain"),
    "messages": ("messagessent", "messagecount", "count", "messages"),
    "auth": ("authenticationprotocol", "authprotocol", "authmethod", "authentication"),
    **{column: (column,) for column in _VERSIONS.values()},
    **{f"{column}count": (f"{column}count",) for column in _VERSIONS.values()},
}
# 1,234; 1.234; 1 234
_NUMBER: Final = r"(\d{1,3}(?:[.,'’ \xa0\u202f]\d{3}){1,3}|\d{1,12})"
_COUNT: Final = re.compile(_NUMBER, re.ASCII)
# 53%(472); 53 %; 53.08%
_SHARE: Final = re.compile(rf"(\d{{1,3}}(?:[.,]\d{{1,6}})?)[ \xa0\u202f]?%(?: ?\({_NUMBER}\))?", re.ASCII)


class EacExport:
    """The format."""

    name = "eac"
    title = "Exchange admin center, export of the SMTP AUTH report"
    example = "Sender address,Domain,TLS 1.0,TLS 1.1,TLS 1.2,Messages sent"

    def recognises(self, head: str) -> bool:
        """By its columns, under either set of names."""
        columns = set(header_of(head))
        return "senderaddress" in columns and bool(columns & {"messagessent", "tls10count", "tls12count"})

    def reader(self, host: str) -> "EacExportReader":
        """A reader for one export."""
        return EacExportReader(host or MICROSOFT_365)


class EacExportReader:
    """Reads one export, as one snapshot."""

    def __init__(self, host: str) -> None:
        self.facts = Facts()
        self.notes: list[str] = []
        self._host = host
        self._table = Table(_COLUMNS, timed=False)
        self._unknown = Unknown(self.notes)
        self._senders: list[SnapshotSender] = []
        self._from_shares = False

    def take(self, text: str) -> None:
        """Read the next piece."""
        for _, cells in self._table.take(text):
            self._row(cells)
        self._hand_over_misread()

    def finish(self) -> None:
        """Nothing follows: the snapshot is complete."""
        for _, cells in self._table.finish():
            self._row(cells)
        self._hand_over_misread()
        self.notes += self._table.notes
        if not self._senders:
            return
        self.facts.snapshots.append(Snapshot(None, None, tuple(self._senders)))
        self._senders = []
        self.notes.append(
            "This export has totals of a period and no days: it is kept as a snapshot (show snapshots), "
            "and is in no figure of a day. Name its period with import --period 2026-11-01..2026-11-30. "
            "For days, request the report SmtpCSReport."
        )
        if self._from_shares:
            self.notes.append("It gives TLS versions in per cent: the counts were worked out from them.")

    def _hand_over_misread(self) -> None:
        for text in self._table.misread:
            self.facts.misread(LogLine(0, self._host, EAC_EXPORT.name, "", text))
        self._table.misread.clear()

    def _row(self, cells: Cells) -> None:
        try:
            if not cells["sender"] or len(self._senders) >= MOST_SENDERS:
                raise ValueError("no sender")
            messages = _count(cells["messages"]) if "messages" in self._table.columns else None
            tls, messages = self._tls(cells, messages)
        except ValueError:
            self._table.misread.append(",".join(cells.values())[:200])
            return
        domain = domain_of(cells["sender"]) or cells["domain"].casefold()
        auth = {self._auth(cells["auth"]): messages}
        self._senders.append(SnapshotSender(cells["sender"], domain, messages, tls, auth))

    def _tls(self, cells: Cells, messages: int | None) -> tuple[Mapping[TlsVersion, int], int]:
        """The messages by version, and their number; what the columns do not cover is unknown."""
        counts: dict[TlsVersion, int] = {}
        shares: dict[TlsVersion, float] = {}
        counted = False
        for version, column in _VERSIONS.items():
            text = cells[f"{column}count"] or cells[column]
            counted |= bool(cells[f"{column}count"])
            if match := _SHARE.fullmatch(text):
                if match[2]:
                    counts[version] = _count(match[2])
                else:
                    shares[version] = float(match[1].replace(",", "."))
            elif text:
                counts[version] = _count(text)
        if not (shares or counted) and messages not in (None, sum(counts.values())) and _is_whole(counts):
            shares, counts = {version: float(count) for version, count in counts.items()}, {}  # bare per cents
        if messages is None:
            messages = sum(counts.values())
        if shares:
            self._from_shares = True
            counts.update(_counts_of(shares, messages - sum(counts.values())))
        rest = messages - sum(counts.values())
        if rest < 0:
            raise ValueError("more by version than there are")
        return counts | ({TlsVersion.UNKNOWN: rest} if rest else {}), messages

    def _auth(self, word: str) -> AuthKind:
        kind = kind_of(word)
        if kind is AuthKind.UNKNOWN and word:
            self._unknown.say("Kind of authentication", word)
        return kind


def _count(text: str) -> int:
    """A number with or without signs between its thousands; ValueError otherwise."""
    if not _COUNT.fullmatch(text):
        raise ValueError(f"no number: {text[:60]}")
    return int("".join(character for character in text if character.isdigit()))


def _is_whole(shares: Mapping[TlsVersion, float]) -> bool:
    """Whether rounded per cents make up all."""
    return abs(sum(shares.values()) - 100) <= len(shares) / 2


def _counts_of(shares: Mapping[TlsVersion, float], messages: int) -> dict[TlsVersion, int]:
    """The counts nearest to some per cents; where the per cents make up all, so do the counts."""
    exact = {version: max(messages, 0) * share / 100 for version, share in shares.items()}
    counts = {version: int(value) for version, value in exact.items()}
    wanted = messages if _is_whole(shares) else min(messages, round(sum(exact.values())))
    nearest = sorted(exact, key=lambda version: counts[version] - exact[version])
    for version in nearest[: max(wanted - sum(counts.values()), 0)]:
        counts[version] += 1
    return counts


EAC_EXPORT: Final = EacExport()
