"""Tables, JSON and times of exports: cut anywhere they give the same, and nothing in them stops a reader."""

import csv
import io
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.formats import DOCUMENTS
from smtpauth_tui.formats.csv_rows import LONGEST_ROW, Rows
from smtpauth_tui.formats.json_objects import LARGEST_RECORD, JsonObjects
from smtpauth_tui.formats.microsoft import address_of, tls_version
from smtpauth_tui.formats.moments import Dates
from smtpauth_tui.formats.tables import decoder_for
from smtpauth_tui.formats.unusable import why_not
from smtpauth_tui.store.writer import Writer
from tests.formats.reading_exports import pieces, read
from tests.store.facts import source_of

SAMPLE = "date,senderName\n2026-11-16,Zoë"


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"], ids=lambda codec: str(codec)
)
def test_encoding_is_told_from_the_first_bytes(codec: str) -> None:
    content = SAMPLE.encode(codec)
    assert content.decode(decoder_for(content)) == SAMPLE
    marked = b"\xfe\xff" + SAMPLE.encode("utf-16-be")
    assert marked.decode(decoder_for(marked)) == SAMPLE


def test_bytes_that_are_no_text_do_not_stop_the_decoding() -> None:
    for content in (b"\xff\xfeab\x00\xd8x", b"caf\xe9", b"", b"\x00", b"a\x00\xd8\x00\xd8" * 9):
        assert isinstance(content.decode(decoder_for(content), "backslashreplace"), str)


# rows


def rows_of(text: str, size: int) -> tuple[list[list[str]], list[str]]:
    cutter = Rows()
    found = [row for piece in pieces(text, size) for row in cutter.take(piece)]
    return found + cutter.finish(), cutter.bad


CELLS = st.text(st.sampled_from('a,;"\n \t\u2028\x85é='), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5), st.integers(1, 30))
def test_rows_are_those_that_were_written_wherever_they_are_cut(rows: list[list[str]], size: int) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["a", "b", "c", "d"], *rows])
    assert rows_of(out.getvalue(), size) == ([["a", "b", "c", "d"], *rows], [])


@given(st.text(st.sampled_from('a,"\n\r x'), max_size=60), st.integers(1, 9))
def test_rows_do_not_depend_on_the_cuts(text: str, size: int) -> None:
    assert rows_of(text, size) == rows_of(text, 1 << 20)


@pytest.mark.parametrize("size", [1 << 16, 1 << 24])
def test_row_that_is_too_long_is_passed_over_and_no_cell_becomes_a_row(size: int) -> None:
    long = "x" * LONGEST_ROW
    text = f'a,b\n1,{long}\n2,2\n3,"{long}\nforged,row\n{long}\nforged,row"\n4,4\n5,{long}"\n6,6\n'
    rows, bad = rows_of(text, size)
    assert rows[:2] == [["a", "b"], ["2", "2"]]
    assert ["4", "4"] in rows
    assert ["forged", "row"] not in rows
    assert [row[:2] for row in bad] == ["1,", "3,", "5,"]


def test_quote_that_stays_open_is_said() -> None:
    reader = read(
        ['date,authMethod,original_client_ip,tls_version\n2026-11-16,"Basic,1,2\n2026-11-17,a,b,c\n'], "smtpcsreport"
    )
    assert len(reader.facts.misread_lines) == 1
    assert reader.notes == ["The file ends within a quoted cell: it is cut off, or a quote is missing in it."]


def test_limit_of_an_export_is_said() -> None:
    head = "date,senderName,authMethod,original_client_ip,tls_version\n"
    row = "2026-11-16T08:00:00Z,a,Basic,192.0.2.1,TLS1.2\n"
    for number, said in ((100_000, 1), (99_999, 0)):
        reader = read([head + row * number], "smtpcsreport")
        assert len(reader.facts.submissions) == number
        assert len(reader.notes) == said


# JSON


def records_of(text: str, size: int) -> tuple[list[dict[str, Any]], int]:
    cutter = JsonObjects()
    found = [record for piece in pieces(text, size) for record in cutter.take(piece)]
    cutter.finish()
    return found, len(cutter.bad)


VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(st.sampled_from('a"\\{}[]:,\n\ud800é '), max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(st.sampled_from(["k", "value ", "records", "\\"]), VALUES, max_size=3), max_size=4)
RECORDS = RECORDS.filter(lambda some: not any(isinstance(one.get("records"), list) for one in some))
FORMS = st.sampled_from(["list", "page", "lines", "pages", "indented"])


def in_form(records: list[dict[str, Any]], form: str) -> str:
    if form == "lines":
        return "\n".join(map(json.dumps, records))
    page = json.dumps(
        {"@odata.context": 'x"[{', "value": records, "more": "]}"}, indent=2 if form == "indented" else None
    )
    return {"list": json.dumps(records), "pages": f"{page}\n{page}"}.get(form, page)


@given(RECORDS, FORMS, st.integers(1, 40))
def test_records_are_those_that_were_written_wherever_they_are_cut(
    records: list[dict[str, Any]], form: str, size: int
) -> None:
    assert records_of(in_form(records, form), size) == (records * (2 if form == "pages" else 1), 0)


@given(st.text(st.sampled_from('{}[]"\\:, \na'), max_size=80), st.integers(1, 9))
def test_records_do_not_depend_on_the_cuts(text: str, size: int) -> None:
    assert records_of(text, size) == records_of(text, 1 << 20)


@pytest.mark.parametrize("size", [1 << 16, 1 << 24])
def test_record_that_is_too_large_is_passed_over(size: int) -> None:
    text = json.dumps({"value": [{"k": 1}, {"k": 'x{"' * LARGEST_RECORD}, {"k": 2}]})
    assert records_of(text, size) == ([{"k": 1}, {"k": 2}], 1)


def test_record_that_json_refuses_is_counted() -> None:
    for bad in ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", '{"a":' + "9" * 5000 + "}", "{a}", '{"a":1]'):
        assert records_of(f'{bad}\n{{"k":2}}', 1000) == ([{"k": 2}], 1)


def test_time_to_cut_grows_with_the_length_only() -> None:
    for part in ("[", "{", '"', "\\", '{"a":[', '"\\', " ", '{"":', "\n", "}{", '{"value":['):
        begun = time.process_time()
        records_of(part * (600_000 // len(part)), 1 << 16)
        rows_of(part.replace("\\", ",") * (600_000 // len(part)), 1 << 16)
        assert time.process_time() - begun < 5, part


# times


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-25T08:14:03.0000000Z", 1774426443),
        ("2026-03-25 08:14:03.160562400", 1774426443),
        ("2026-03-25T09:14:03+01:00", 1774426443),
        ("2026-03-25T03:44:03-0430", 1774426443),
        ("2026-03-25 08:14:03 UTC", 1774426443),
        ("2026/3/25 8:14:03", 1774426443),
        ("25/03/2026 08:14:03", 1774426443),
        ("3/25/2026 8:14:03 AM", 1774426443),
        ("3/25/2026, 8:14:03.160\u202fa.m.", 1774426443),
        ("25.03.2026 08:14:03", 1774426443),
        ("25-03-2026 08.14.03", 1774426443),
        ("/Date(1774426443000)/", 1774426443),
        ("/Date(1774426443999+0100)/", 1774426443),
        ("2026-03-25", 1774396800),
        ("12/25/2026 12:00:00 AM", 1798156800),
        ("12/25/2026 12:00 PM", 1798200000),
    ],
)
def test_times(text: str, utc: int) -> None:
    assert Dates().utc(text) == utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2026-13-01",
        "31/02/2026",
        "3/25/2026 13:00 AM",
        "25/03-2026",
        "٢٠٢٦-03-25",
        "2026-03-25T08:14:03Zx",
        "1/1/0001 12:00:00 AM",
        "/Date(-1)/",
        "/Date(999999999999999)/",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        Dates().utc(text)


def test_order_of_day_and_month_is_that_of_the_whole_export() -> None:
    dates = Dates()
    assert dates.utc("03/04/2026") is None
    assert dates.utc("05/05/2026") is not None
    assert dates.utc("03/14/2026") is not None
    assert dates.utc("03/04/2026") == Dates().utc("2026-03-04")
    with pytest.raises(ValueError):
        dates.utc("14/03/2026")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.5:51000", "203.0.113.5"),
        ("203.0.113.5", "203.0.113.5"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:DB8:0::1]", "2001:db8::1"),
        ("2001:db8::1:443", "2001:db8::1:443"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("[fe80::1%eth0]:25", "fe80::1"),
        ("", ""),
        ("a:b:c", "a:b:c"),
        ("=1+2", "=1+2"),
    ],
)
def test_addresses_lose_their_port_and_nothing_else(text: str, address: str) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.0", "SP_PROT_TLS1_0_SERVER|TLS1.0|TLS 1.0|TLSv1|40|0x301|tlsv1.0"),
        ("1.1", "SP_PROT-TLS1_1_CLIENT|TLS1.1|TLS 1.1|TLSv1.1|100|0x302"),
        ("1.2", "SP_PROT_TLS1_2_SERVER|TLS1.2|TLS 1.2|TLSv1.2|400|0x303"),
        ("1.3", "SP_PROT_TLS1_3_SERVER|TLS1.3|TLS 1.3|TLSv1.3|1000|0x304"),
        ("ssl3", "SP_PROT_SSL3_SERVER"),
        ("none", "|No Tls|NO TLS"),
    ],
)
def test_tls_versions(version: str, words: str) -> None:
    for word in words.split("|"):
        assert tls_version(word) == version, word


@pytest.mark.parametrize("word", ["TLS1.4", "1.2", "TLS2", "-", "TLS1.2x", "5000", "None"])
def test_other_words_are_no_tls_version(word: str) -> None:
    assert tls_version(word) is None


# anything at all

TOKENS = st.sampled_from(
    [
        "date,senderName,senderDomain,authMethod,original_client_ip,tls_version,message_count,message_id\n",
        "Sender address,Domain,TLS 1.0,TLS 1.2,Messages sent,Tls11Count\n",
        "Date (UTC),Request ID,Username,Client app,IP address,Location,Status,Sign-in error code\n",
        "2026-11-16T05:03:52Z,",
        "3/4/2026,",
        "Authenticated SMTP,",
        "100%(472),",
        "1,234",
        '"',
        '""',
        "\n",
        "\r",
        "\r\n",
        ",",
        '{"value":[',
        '{"createdDateTime":"2026-11-16T05:03:52Z","clientAppUsed":"SMTP",',
        '"status":{"errorCode":50126},',
        '"userPrincipalName":"\\ud800\\u0000",',
        '"location":',
        '"properties":"{}"',
        "}",
        "]",
        "9" * 5000,
        "\x00",
        "\ud800",
        "\u2028",
        "\ufeff",
        "=cmd|",
        "sep=;\n",
    ]
)
ANYTHING = st.lists(st.one_of(TOKENS, st.text(max_size=5)), max_size=25).map("".join)


def found(parts: list[str], name: str) -> Any:
    reader = read(parts, name)
    facts = reader.facts
    misread = sorted(line.text for line in facts.misread_lines)
    return facts.submissions, facts.sign_ins, facts.snapshots, misread, sorted(reader.notes)


@settings(max_examples=150)
@given(ANYTHING, st.sampled_from([known.name for known in DOCUMENTS]), st.integers(1, 50))
def test_no_export_stops_a_reader_or_the_store_and_cuts_do_not_matter(text: str, name: str, size: int) -> None:
    for known in DOCUMENTS:
        known.recognises(text)
    why_not(text)
    submissions, sign_ins, snapshots, *rest = found(pieces(text, size), name)
    assert [submissions, sign_ins, snapshots, *rest] == list(found([text], name))
    writer = Writer(None, "UTC")
    writer.begin()
    source = source_of(writer)
    writer.add(submissions, [], source)
    writer.add_sign_ins(sign_ins, source)
    for snapshot in snapshots:
        writer.add_snapshot(snapshot, source)
    writer.finish()
    writer.commit()
    writer.close()
