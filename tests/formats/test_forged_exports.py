"""Whatever stands in a field of an export changes that field and no other; no text makes a reader stumble."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.reading_exports import pieces, read, shown
from tests.formats.test_hostile import PIECES, TEXT
from tests.fuzz.targets import TARGETS

HEADER = "date,senderName,senderDomain,authMethod,original_client_ip,tls_version,tls_cipher,message_count,message_id"
ROW = "2026-11-16 09:00:00,ana,shop.example,Basic,192.0.2.10,TLS1.2,X,1,1@pc"
SIGN_IN: dict[str, Any] = {
    "id": "1",
    "createdDateTime": "2026-11-16T05:03:52Z",
    "userPrincipalName": "ana@shop.example",
    "userDisplayName": "Ana",
    "clientAppUsed": "Authenticated SMTP",
    "userAgent": "x",
    "ipAddress": "192.0.2.10",
    "location": {"city": "Ulm", "countryOrRegion": "DE"},
    "status": {"errorCode": 50126, "failureReason": "no"},
}
EAC_HEADER = "Sender address,Domain,TLS 1.0,TLS 1.2,Messages sent"
SYNTAX = st.sampled_from(
    [
        '"', '""', '",', ",", ";", "\n", "\r\n", "\t",
        '",2026-11-16 09:00:00,boss,shop.example,Basic,1.2.3.4,,,9,b@x\n',
        '"}, {"id": "2", "clientAppUsed": "SMTP", "createdDateTime": "2026-11-16T05:03:52Z"}, {"a": "', '\\"', "\\",
        "sep=;", "#TYPE x", HEADER, EAC_HEADER, "\ufeff", "\x00x", "{", "[", "]}", "03/04/2026", "(2)", "=1",
    ]
)  # fmt: skip
ANY = (
    st.lists(st.one_of(SYNTAX, PIECES, TEXT), max_size=4)
    .map("".join)
    .map(lambda text: text.encode("utf-8", "backslashreplace").decode())
)


def table(header: str, *rows: list[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue()


def facts(text: str, name: str) -> list[dict[str, Any]]:
    found = read(pieces(text, 37), name).facts
    return [shown(one) for one in (*found.submissions, *found.sign_ins, *found.snapshots)]


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_smtp_cs_report_takes_no_field_from_another(text: str) -> None:
    row, other = ROW.split(","), ROW.replace("1@pc", "2@pc").split(",")
    plain = facts(table(HEADER, row, other), "smtpcsreport")
    for place, fields in ((1, {"sender", "account"}), (6, set()), (8, {"queue_id"})):
        changed = facts(table(HEADER, [*row[:place], text, *row[place + 1 :]], other), "smtpcsreport")
        assert len(changed) == 2
        assert changed[1] == plain[1]
        assert {name for name in plain[0] if plain[0][name] != changed[0][name]} <= fields


@settings(max_examples=200, deadline=None)
@given(ANY, st.booleans())
def test_entra_takes_no_field_from_another(text: str, ascii_only: bool) -> None:
    other = {**SIGN_IN, "id": "2"}
    plain = facts(json.dumps([SIGN_IN, other]), "entra")
    changes: list[tuple[dict[str, Any], set[str]]] = [
        ({"userPrincipalName": text}, {"account"}),
        ({"userAgent": text}, set()),
        ({"userDisplayName": text}, set()),
        ({"ipAddress": text}, {"client"}),
        ({"id": text}, {"id"}),
        ({"location": {"city": text, "countryOrRegion": "DE"}}, {"city"}),
        ({"location": {"city": "Ulm", "countryOrRegion": text}}, {"country"}),
        ({"status": {"errorCode": 50126, "failureReason": text}}, {"reason"}),
    ]
    for change, fields in changes:
        export = json.dumps([{**SIGN_IN, **change}, other], ensure_ascii=ascii_only)
        changed = facts(export, "entra")
        assert len(changed) == 2
        assert changed[1] == plain[1]
        assert {name for name in plain[0] if plain[0][name] != changed[0][name]} <= fields, change


@settings(max_examples=200, deadline=None)
@given(ANY.filter(lambda text: text.strip()))
def test_eac_export_takes_no_field_from_another(text: str) -> None:
    rows = [["ana@shop.example", "shop.example", "1", "2", "3"], ["bo@shop.example", "shop.example", "4", "5", "9"]]
    (plain,) = facts(table(EAC_HEADER, *rows), "eac")
    (changed,) = facts(table(EAC_HEADER, [text, *rows[0][1:]], rows[1]), "eac")
    assert [one["messages"] for one in changed["senders"]] == [3, 9]
    assert changed["senders"][1] == plain["senders"][1]
    assert changed["senders"][0]["tls"] == plain["senders"][0]["tls"]


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, max_size=12).map("\n".join), st.sampled_from(["", HEADER + "\n", EAC_HEADER + "\n", "[", "{"]))
@pytest.mark.parametrize("name", [name for name in TARGETS if name != "import"])
def test_no_target_stumbles_over_any_text(name: str, text: str, beginning: str) -> None:
    TARGETS[name]((beginning + text).encode())


@settings(max_examples=30, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(ANY, max_size=12).map(lambda texts: "\n".join(texts).encode())))
def test_no_import_stumbles_over_any_bytes(data: bytes) -> None:
    TARGETS["import"](data)
