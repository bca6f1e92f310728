"""Entra sign-in logs: who signed in by SMTP AUTH, from where, and how it ended. They say nothing of messages."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from smtpauth_tui.formats.facts import Facts
from smtpauth_tui.formats.json_objects import JsonObjects
from smtpauth_tui.formats.microsoft import MICROSOFT_365, address_of
from smtpauth_tui.formats.moments import Dates
from smtpauth_tui.formats.tables import Cells, Table, header_of, key_of, storable
from smtpauth_tui.model import LogLine, SignIn, SignInOutcome

SMTP_CLIENT_APPS: Final = ("authenticated smtp", "smtp")
"""What stands for SMTP AUTH: the portal's and Azure Monitor's name, and the one of Graph's documentation."""

# Codes that ask for something more (a second factor, its registration, whether to stay signed in): no attack.
_INTERRUPTS: Final = frozenset({50072, 50074, 50076, 50079, 50140})
_LONGEST_REASON: Final = 300
_LONGEST_TEXT: Final = 500
_LARGEST_JSON_CELL: Final = 1 << 16

FIELDS: Final = {
    "time": ("dateutc", "createddatetime", "timegenerated", "timegeneratedutc", "timestamp", "time"),
    "id": ("requestid", "id"),
    "account": ("username", "userprincipalname", "accountupn"),
    "identifier": ("signinidentifier", "userdisplayname", "userid"),
    "app": ("clientapp", "clientappused"),
    "client": ("ipaddress", "calleripaddress"),
    "location": ("locationdetails", "location"),
    "country": ("country", "countryorregion"),
    "city": ("city",),
    "status": ("status",),
    "code": ("signinerrorcode", "errorcode", "resulttype"),
    "reason": ("failurereason", "resultdescription"),
    "asn": ("autonomoussystemnumber",),
    "interactive": ("isinteractive",),
    "category": ("category",),
}
"""What a field means, and the keys that it has in the forms of the log, the best first."""

_TABLES: Final = (
    {"dateutc", "username", "clientapp"},
    {"timegenerated", "clientappused"},
    {"timegeneratedutc", "clientappused"},
    {"timestamp", "accountupn", "errorcode", "clientappused"},
    {"createddatetime", "userprincipalname", "clientappused"},
)
# a key of an object; within a string its quotes would be escaped
_KEY: Final = re.compile(r'[{,]\s{0,200}"([A-Za-z]{2,40})"\s{0,20}:')
_OBJECTS: Final = (
    {"createddatetime", "clientappused"},
    {"timegenerated", "clientappused"},
    {"category", "properties"},
)


class EntraSignIns:
    """The format."""

    name = "entra"
    title = "Entra sign-in logs"
    example = '{"value": [{"id": "…", "createdDateTime": "2026-11-16T05:03:52Z", "clientAppUsed": "Authenticated SMTP"'

    def recognises(self, head: str) -> bool:
        """By the columns, or by the keys of the first records."""
        start = head.lstrip("\ufeff \t\r\n")
        if start[:1] in ("{", "["):
            keys = {match[1].casefold() for match in _KEY.finditer(start)}
            return any(wanted <= keys for wanted in _OBJECTS) or _is_empty_page(start)
        columns = set(header_of(head))
        return any(wanted <= columns for wanted in _TABLES)

    def reader(self, host: str) -> "EntraReader":
        """A reader for one export."""
        return EntraReader(host or MICROSOFT_365)


def _is_empty_page(start: str) -> bool:
    # {"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns","value":[]}
    return start.startswith('{"@odata.context"') and "#auditlogs/signins" in start[:300].casefold()


class EntraReader:
    """Reads one export, of any form: JSON in a list, in pages, in lines; or a table."""

    def __init__(self, host: str) -> None:
        self.facts = Facts()
        self.notes: list[str] = []
        self._host = host
        self._start = ""
        self._objects: JsonObjects | None = None
        self._table: Table | None = None
        self._dates = Dates()
        self._equal: Counter[tuple[int, str, str]] = Counter()
        self._records = 0
        self._found = 0

    def take(self, text: str) -> None:
        """Read the next piece."""
        if not (self._objects or self._table):
            text = self._start = (self._start + text).lstrip("\ufeff \t\r\n")
            if not text:
                return
            if text[0] in "{[":
                self._objects = JsonObjects()
            else:
                self._table = Table(FIELDS, keep=_is_smtp)
        if self._objects:
            for record in self._objects.take(text):
                self._record(record)
            self._misread(self._objects.bad)
        elif self._table:
            self._rows(self._table.take(text))

    def finish(self) -> None:
        """Nothing follows."""
        if self._objects:
            self._objects.finish()
            self._misread(self._objects.bad)
            if self._objects.cut_off:
                self.notes.append("The file ends within a record: it is cut off.")
        elif self._table:
            self._rows(self._table.finish())
            self.notes += self._table.notes
            self._records = self._table.rows
        if not self._found:
            self.notes.append(
                f"None of the {self._records:,} sign-ins is by the client app Authenticated SMTP. "
                "Export the interactive and the non-interactive sign-ins; Entra keeps them for 7 or 30 days. "
                "What Exchange Online refuses itself is not in these logs."
            )

    def _rows(self, rows: Iterable[tuple[int, Cells]]) -> None:
        for time, cells in rows:
            self._sign_in(time, cells)
        if self._table:
            self._misread(self._table.misread)

    def _record(self, record: Mapping[str, Any]) -> None:
        self._records += 1
        fields = _fields_of(record)
        if not _is_smtp(fields):
            return
        try:
            time = self._dates.utc(_text(fields["time"]))
        except (ValueError, OverflowError):
            time = None
        if time is None:
            self._misread([_text(str(record))])
        else:
            self._sign_in(time, fields)

    def _misread(self, texts: list[str]) -> None:
        for text in texts:
            self.facts.misread(LogLine(0, self._host, ENTRA.name, "", text[:200]))
        texts.clear()

    def _sign_in(self, time: int, fields: Mapping[str, Any]) -> None:
        self._found += 1
        status, place = _inner(fields["status"]), _inner(fields["location"])
        code = _number(status.get("errorcode") or fields["code"])
        if code is None:
            code = _number(status.get("errorcode"))  # zero is no text
        account = _text(fields["account"]) or _text(fields["identifier"])
        client = address_of(_text(fields["client"]))
        id_ = _text(fields["id"]).casefold()
        if not id_:
            self._equal[time, account.casefold(), client] += 1
        city, country = _place(place, fields)
        outcome = _outcome(code, _text(fields["status"]).casefold())
        self.facts.sign_ins.append(
            SignIn(
                id=id_,
                ordinal=0 if id_ else self._equal[time, account.casefold(), client] - 1,
                time=time,
                host=self._host,
                account=account,
                client=client,
                country=country,
                city=city,
                asn=_number(fields["asn"]),
                outcome=outcome,
                code=code,
                reason=""
                if outcome is SignInOutcome.SUCCEEDED
                else _text(status.get("failurereason") or fields["reason"])[:_LONGEST_REASON],
                interactive=_interactive(fields),
            )
        )


def _is_smtp(fields: Mapping[str, Any]) -> bool:
    return _text(fields["app"]).casefold() in SMTP_CLIENT_APPS


def _fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record; of one in an envelope (Azure Monitor) the properties go before it."""
    values = _inner(record)
    values.update(_inner(values.get("properties")))
    return {
        name: next((values[key] for key in keys if values.get(key) not in (None, "")), "")
        for name, keys in FIELDS.items()
    }


def _inner(value: Any) -> dict[str, Any]:
    """An object by the keys of its fields, also where it is JSON within a text; empty for anything else."""
    if isinstance(value, str) and value[:1] == "{" and len(value) <= _LARGEST_JSON_CELL:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return {key_of(key): inner for key, inner in value.items()} if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return storable(value[:_LONGEST_TEXT].strip())
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18 else ""


def _number(value: Any) -> int | None:
    """A number of at most 18 digits, also as a text; None for anything else."""
    digits = _text(value).upper().removeprefix("AADSTS")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 18 else None


def _place(place: Mapping[str, Any], fields: Mapping[str, Any]) -> tuple[str, str]:
    """City and country, also of the portal's ``Melbourne, Victoria, AU``."""
    if place:
        return _text(place.get("city")), _text(place.get("countryorregion"))
    text = _text(fields["location"])
    if text.startswith("Microsoft.Graph."):  # Export-Csv writes the type of an object in its place
        text = ""
    parts = [part.strip() for part in text.split(",")]
    city = parts[0] if len(parts) > 2 else ""
    return _text(fields["city"]) or city, _text(fields["country"]) or parts[-1]


def _outcome(code: int | None, status: str) -> SignInOutcome:
    if code in _INTERRUPTS or status == "interrupted":
        return SignInOutcome.INTERRUPTED
    if code is None:
        words = {"success": SignInOutcome.SUCCEEDED, "failure": SignInOutcome.FAILED}
        return words.get(status, SignInOutcome.UNKNOWN)
    return SignInOutcome.FAILED if code else SignInOutcome.SUCCEEDED


def _interactive(fields: Mapping[str, Any]) -> bool | None:
    """Whether a person signed in; None where the export does not say."""
    category = _text(fields["category"]).casefold()
    if category.startswith("noninteractive"):
        return False
    value = fields["interactive"]
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).casefold())


ENTRA: Final = EntraSignIns()
