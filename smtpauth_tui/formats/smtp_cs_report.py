"""SmtpCSReport, the requested SMTP AUTH report of Microsoft 365: a row for each message."""

from collections import Counter
from hashlib import blake2b
from typing import Final

from smtpauth_tui.formats.facts import Facts
from smtpauth_tui.formats.microsoft import MICROSOFT_365, Unknown, address_of, mechanism, tls_version
from smtpauth_tui.formats.tables import Cells, Table, header_of
from smtpauth_tui.model import LogLine, Submission, TlsVersion

MOST_MESSAGES: Final = 1_000
"""Messages that one row may stand for; a row that says more is not understood."""
_LONGEST_ID: Final = 250
_COLUMNS: Final = {
    "time": ("date", "dateutc"),
    "name": ("sendername", "sender", "senderaddress"),
    "domain": ("senderdomain",),
    "auth": ("authmethod",),
    "client": ("originalclientip",),
    "tls": ("tlsversion",),
    "messages": ("messagecount",),
    "id": ("messageid",),
}


class SmtpCsReport:
    """The format."""

    name = "smtpcsreport"
    title = "Microsoft 365 SMTP AUTH report (SmtpCSReport)"
    example = (
        "date,senderName,senderDomain,authMethod,original_client_ip,tls_version,tls_cipher,message_count,message_id"
    )

    def recognises(self, head: str) -> bool:
        """By its columns; their order is not documented."""
        return {"originalclientip", "tlsversion", "authmethod"} <= set(header_of(head))

    def reader(self, host: str) -> "SmtpCsReportReader":
        """A reader for one report."""
        return SmtpCsReportReader(host or MICROSOFT_365)


class SmtpCsReportReader:
    """Reads one report. The sender stands for the account, which the report does not have."""

    def __init__(self, host: str) -> None:
        self.facts = Facts()
        self.notes: list[str] = []
        self._host = host
        self._table = Table(_COLUMNS)
        self._unknown = Unknown(self.notes)
        self._equal: Counter[str] = Counter()
        self._several = False

    def take(self, text: str) -> None:
        """Read the next piece."""
        for time, cells in self._table.take(text):
            self._row(time, cells)
        self._hand_over_misread()

    def finish(self) -> None:
        """Nothing follows."""
        for time, cells in self._table.finish():
            self._row(time, cells)
        self._hand_over_misread()
        self.notes += self._table.notes

    def _hand_over_misread(self) -> None:
        for text in self._table.misread:
            self._misread(text)
        self._table.misread.clear()

    def _misread(self, text: str) -> None:
        self.facts.misread(LogLine(0, self._host, SMTP_CS_REPORT.name, "", text))

    def _row(self, time: int, cells: Cells) -> None:
        messages = self._messages(cells["messages"])
        if messages is None:
            self._misread(",".join(cells.values()))
            return
        queue_id = self._queue_id(time, cells)
        sender = _sender(cells)
        for number in range(1, messages + 1):
            self.facts.submissions.append(
                Submission(
                    time=time,
                    host=self._host,
                    instance=SMTP_CS_REPORT.name,
                    queue_id=queue_id if number == 1 else f"{queue_id} ({number})",
                    account=sender,
                    sender=sender,
                    client=address_of(cells["client"]),
                    client_name="unknown",
                    tls=self._tls(cells["tls"]),
                    mechanism=self._mechanism(cells["auth"]),
                    recipients=1,
                    size=0,
                )
            )

    def _messages(self, text: str) -> int | None:
        """How many messages a row stands for; None where it cannot be read. What the column means is not documented."""
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0 if text else 1
        if number > 1 and not self._several:
            self._several = True
            self.notes.append("Rows with a message_count above 1 were counted as so many messages.")
        return number if 1 <= number <= MOST_MESSAGES else None

    def _queue_id(self, time: int, cells: Cells) -> str:
        """The message id, or a digest of the row: equal rows of a report without ids are numbered."""
        found = cells["id"].removeprefix("<").removesuffix(">").strip()
        if found and len(found) <= _LONGEST_ID:
            return found
        row = "\0".join((str(time), found, *(cells[name] for name in _COLUMNS if name not in ("time", "id"))))
        digest = f"row {blake2b(row.encode(), digest_size=12).hexdigest()}"
        if found:
            return digest
        self._equal[digest] += 1
        return f"{digest} {self._equal[digest]}"

    def _tls(self, word: str) -> TlsVersion:
        found = tls_version(word) if "tls" in self._table.columns else TlsVersion.UNKNOWN
        if found is None:
            self._unknown.say("TLS version", word)
        return found or TlsVersion.UNKNOWN

    def _mechanism(self, word: str) -> str:
        found = mechanism(word)
        if found is None and word:
            self._unknown.say("Kind of authentication", word)
        return found or ""


def _sender(cells: Cells) -> str:
    """The address: a name that holds ``@`` is all of it."""
    name, domain = cells["name"], cells["domain"]
    return name if "@" in name or not domain else f"{name}@{domain}"


SMTP_CS_REPORT: Final = SmtpCsReport()
