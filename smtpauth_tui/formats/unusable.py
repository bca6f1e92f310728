"""Exports that are recognised and hold nothing of SMTP AUTH: what they are, and what to take instead."""

import re
from typing import Final

from smtpauth_tui.formats.tables import header_of

_INSTEAD: Final = (
    "It does not tell SMTP AUTH from other mail. Take the report SmtpCSReport instead: "
    "Start-HistoricalSearch -ReportType SmtpCSReport, or Request report in the Exchange admin center."
)
_PROTOCOL_LOG: Final = (
    "It does not tell who signed in. Take the SMTP receive protocol logs instead, "
    "in Logs\\FrontEnd\\ProtocolLog\\SmtpReceive."
)
_NO_CLIENT_APP: Final = (
    "It has no client app, so SMTP AUTH cannot be told apart. Take the sign-in logs with all columns instead: "
    "Entra admin center, Sign-in logs, Download, filtered by the client app Authenticated SMTP."
)

_TABLES: Final = (
    ({"messagetraceid", "received", "fromip"}, f"This is a message trace (Get-MessageTraceV2). {_INSTEAD}"),
    ({"origintimestamputc", "senderaddress"}, f"This is an enhanced summary of a message trace. {_INSTEAD}"),
    ({"origintimestamp", "senderaddress"}, f"This is an enhanced summary of a message trace. {_INSTEAD}"),
    ({"datetimeutc", "eventid"}, f"This is an extended report of a message trace. {_INSTEAD}"),
    ({"date", "sender", "recipient", "subject", "status"}, f"This is a summary of a message trace. {_INSTEAD}"),
    ({"timestamp", "eventid", "source", "sender"}, f"This is a message tracking log of Exchange. {_PROTOCOL_LOG}"),
    ({"createddatetime", "userprincipalname"}, f"This is an older export of sign-ins. {_NO_CLIENT_APP}"),
    ({"dateutc", "requestid"}, f"This is an export of sign-ins of another kind. {_NO_CLIENT_APP}"),
    ({"requestid", "authenticationmethod"}, f"This is an export of the details of sign-ins. {_NO_CLIENT_APP}"),
)
_CLIENT_APPS: Final = {"clientapp", "clientappused"}
# #Fields: date-time,client-ip,client-hostname,…
_FIELDS: Final = re.compile(r"^#Fields: ?(.{1,2000})$", re.MULTILINE)
_KEY: Final = re.compile(r'[{,]\s{0,200}"([A-Za-z]{2,40})"\s{0,20}:')


def why_not(head: str) -> str | None:
    """Why an export that begins with *head* is of no use, and what to take instead; None for any other file."""
    start = head.lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "["):
        keys = {match[1].casefold() for match in _KEY.finditer(start)}
        return f"This is a message trace (Graph). {_INSTEAD}" if {"receiveddatetime", "senderaddress"} <= keys else None
    if start.startswith("#"):
        match = _FIELDS.search(start)
        if match and {"event-id", "connector-id"} <= set(match[1].strip().split(",")):
            return f"This is a message tracking log of Exchange. {_PROTOCOL_LOG}"
    columns = set(header_of(head))
    if columns & _CLIENT_APPS:
        return None
    return next((why for wanted, why in _TABLES if wanted <= columns), None)
