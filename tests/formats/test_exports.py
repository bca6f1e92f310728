"""Each export beside its NAME.expected.jsonl: one object a fact, with the fields that matter there."""

import json
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.formats import DOCUMENTS
from smtpauth_tui.formats.unusable import why_not
from smtpauth_tui.model import auth_kind
from tests.formats.reading_exports import decoded, pieces, read, recognised, shown

HERE = Path(__file__).parent / "exports"
EXPORTS = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("*/*.*") if path.suffix in (".csv", ".json"))


@pytest.mark.parametrize("size", [1, 61, 1 << 20])
@pytest.mark.parametrize("name", EXPORTS)
def test_export_holds_what_is_expected(name: str, size: int) -> None:
    export = HERE / name
    expected = export.with_name(export.stem + ".expected.jsonl").read_text(encoding="utf-8")
    wanted = [json.loads(line) for line in expected.splitlines()]
    reader = read(pieces(decoded(export.read_bytes()), size), export.parent.name)
    senders = [sender for snapshot in reader.facts.snapshots for sender in snapshot.senders]
    found: dict[str, list[Any]] = {
        "submission": reader.facts.submissions,
        "sign_in": reader.facts.sign_ins,
        "sender": senders,
    }
    for kind, facts in found.items():
        rows = [row[kind] for row in wanted if kind in row]
        fields = [shown(fact) for fact in facts]
        assert len(fields) == len(rows), fields
        assert [{key: field[key] for key in row} for field, row in zip(fields, rows, strict=True)] == rows
    for row in wanted:
        if "misread" in row:
            assert len(reader.facts.misread_lines) == row["misread"], reader.facts.misread_lines
        if "notes" in row:
            assert reader.notes == row["notes"]


def test_each_document_format_has_exports() -> None:
    assert {name.partition("/")[0] for name in EXPORTS} == {known.name for known in DOCUMENTS}


@pytest.mark.parametrize("name", EXPORTS)
def test_export_is_taken_for_what_it_is(name: str) -> None:
    text = decoded((HERE / name).read_bytes())
    assert recognised(text) == [name.partition("/")[0]]
    assert why_not(text) is None


@pytest.mark.parametrize("known", DOCUMENTS, ids=lambda known: known.name)
def test_example_of_a_format_is_its_own(known: Any) -> None:
    assert recognised(known.example) == [known.name]


def test_server_is_named_where_the_admin_says_it() -> None:
    text = decoded((HERE / "smtpcsreport" / "plain.csv").read_bytes())
    assert {one.host for one in read([text], "smtpcsreport", "contoso").facts.submissions} == {"contoso"}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("PLAIN", "basic"),
        ("LOGIN", "basic"),
        ("GSSAPI", "basic"),
        ("Basic", "basic"),
        ("Basic Authentication", "basic"),
        ("XOAUTH2", "oauth"),
        ("OAUTHBEARER", "oauth"),
        ("OAuth", "oauth"),
        ("Modern Authentication", "oauth"),
        ("", "unknown"),
        ("XCLIENT", "unknown"),
    ],
)
def test_kind_of_authentication(word: str, kind: str) -> None:
    assert auth_kind(word) == kind


# what is recognised and of no use


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (
            '"Received","SenderAddress","RecipientAddress","Subject","Status","FromIP","ToIP","MessageTraceId"\n',
            "a message trace (Get-MessageTraceV2)",
        ),
        ("Date,Sender,Recipient,Subject,Status\n", "a summary of a message trace"),
        ("origin_timestamp_utc,sender_address,recipient_status\n", "an enhanced summary"),
        ("date_time_utc,client_ip,event_id,sender_address\n", "an extended report"),
        ('#TYPE X\n"Timestamp";"EventId";"Source";"Sender"\n', "a message tracking log"),
        (
            "#Software: Microsoft Exchange Server\r\n#Version: 15\r\n#Log-type: Message Tracking Log\r\n"
            "#Fields: date-time,client-ip,connector-id,source,event-id,message-id\r\n",
            "a message tracking log",
        ),
        ("CreatedDateTime,UserPrincipalName,UserDisplayName,AppDisplayName,IPAddress\n", "an older export of sign-ins"),
        ('{"value":[{"id":"1","senderAddress":"a@b.example","receivedDateTime":"x"}]}', "a message trace (Graph)"),
    ],
)
def test_export_without_use_says_what_to_take_instead(head: str, what: str) -> None:
    why = why_not("\ufeff" + head)
    assert why is not None
    assert why.startswith(f"This is {what}")
    assert "instead" in why
    assert recognised(head) == []


@pytest.mark.parametrize(
    "head",
    [
        "",
        "\n\n",
        "Nov 16 09:00:00 mx1 postfix/smtpd[1]: connect from x, date, sender, recipient, subject, status",
        '{"MESSAGE":"{\\"createdDateTime\\":1,\\"clientAppUsed\\":\\"SMTP\\",\\"receivedDateTime\\":1,'
        '\\"senderAddress\\":1,\\"category\\":1,\\"properties\\":2}"}\n',
        "#Log-type: SMTP Receive Protocol Log\n#Fields: date-time,connector-id,session-id,event,data,context\n",
        "a,b\n1,2\n",
        "[[[[",
        "date,sender",
    ],
)
def test_other_files_are_nobodys(head: str) -> None:
    assert (recognised(head), why_not(head)) == ([], None)


def test_exports_put_into_one_file_are_read_as_one() -> None:
    text = decoded((HERE / "smtpcsreport" / "plain.csv").read_bytes())
    reader = read([text + text], "smtpcsreport")
    assert len(reader.facts.submissions) == 8
    assert (reader.facts.misread_lines, reader.notes) == ([], [])
