"""Whatever a client or a stranger gets into a log: no reader stumbles, and no field is taken from another."""

import contextlib
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.formats import FORMATS
from smtpauth_tui.formats.stamps import Years, latest_day, years_of
from smtpauth_tui.formats.syslog import SyslogLines, looks_like_log, sightings
from smtpauth_tui.importer.lines import LineSplitter
from smtpauth_tui.model import LogLine
from tests.formats.reading import read, shown

CLIENT = "pc.example[192.0.2.10]"
PIECES = st.sampled_from(
    [
        "from=<",
        ">",
        ", ",
        "sasl_method=",
        "sasl_username=boss",
        "client=x[198.51.100.1]",
        ": client=",
        "size=1",
        "nrcpt=9 (queue active)",
        "A1B2C3",
        "connect from ",
        "disconnect from ",
        " starttls=1",
        "warning: ",
        ": SASL ",
        " authentication failed: ",
        "TLS connection established from ",
        "TLSv1 with cipher ",
        "message repeated 3 times: [",
        "]",
        "[ID 1 mail.info]",
        "\\",
        '"',
        "'",
        "(",
        ")",
        "??",
        "header Received: from ",
        "reject",
        "\x00",
        "\x1b[31m",
        "\u202e",
        "\u2028",
        "\x85",
        "\x0b",
        "é",
        "\ud800",
        " ",
        "z" * 12,
        "9" * 30,
        "Nov 31",
        "orig_client=x",
        "00000000000000a1 smtp ",
        "event=",
        "connected address=192.0.2.10 host=pc.example",
        "authentication user=ana result=ok",
        "message msgid=366cbd36 size=1 nrcpt=1 proto=ESMTP",
        "envelope evpid=366cbd3600000001 from=<ana@shop.example> to=<",
        "submission-login: ",
        "Login: user=<",
        ">, method=PLAIN, rip=192.0.2.10, lip=198.51.100.1, mpid=1, TLS, session=<S1>",
        "(auth failed, 2 attempts in 1 secs): user=<",
        "auth: sql(ana,192.0.2.10,<S1>): unknown user",
        "submission(ana)<1><S1>: Successfully relayed message: from=<",
        ">, size=1, id=x, nrcpt=1, reply=`250 2.0.0 Ok: queued as A1'",
        "1,198.51.100.1:587,192.0.2.10:4000,",
        "<,AUTH LOGIN,",
        "<,MAIL FROM:<ana@shop.example> SIZE=1,",
        "*,SHOP\\ana,authenticated",
        "*,,Inbound AUTH LOGIN failed because of LogonDenied",
        "<,XPROXY SID=08D7D6C2A1B0C0D1 IP=192.0.2.9 ,",
        ">,250 2.6.0 <1@pc> [InternalId=1] Queued mail for delivery,",
        "-,,Remote",
    ]
)
TEXT = st.one_of(st.text(max_size=40), st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=8).map("".join))
DAEMONS = st.sampled_from(
    [
        "postfix/smtpd",
        "postfix/qmgr",
        "postfix/cleanup",
        "postfix/smtps/smtpd",
        "x/smtpd",
        "a/b/qmgr",
        "smtpd",
        "dovecot",
        "dovecot/submission-login",
        "SmtpReceive",
    ]
)
STAMPS = st.one_of(
    TEXT,
    st.sampled_from(["Nov 16 09:00:00", "Feb 29 09:00:00", "Jan  1 00:00:60", "2026-11-16T09:00:00Z", "1794373206.4"]),
    st.builds(
        "{} {:>2} {:02}:{:02}:{:02}".format,
        st.sampled_from(["Jan", "Feb", "Oct", "Dec", "Xxx"]),
        st.integers(0, 39),
        st.integers(0, 99),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
)


def entry(text: str, time: str) -> str:
    """A line of journalctl -o json."""
    return json.dumps({"__REALTIME_TIMESTAMP": time, "SYSLOG_IDENTIFIER": "postfix/smtpd", "MESSAGE": text})


LINES = st.one_of(
    TEXT,
    st.builds("{} mx1 {}[{}]: {}".format, STAMPS, DAEMONS, st.integers(1, 3), TEXT),
    st.builds(entry, TEXT, TEXT),
    TEXT.map(lambda text: "{" + text),
    TEXT.map(lambda text: "#" + text),
    st.builds("{},EX1\\Default EX1,08D7D6C2A1B0C0D1,{}".format, STAMPS, TEXT),
    st.sampled_from(
        ["#Log-type: SMTP Receive Protocol Log", "#Date: 2026-11-16T09:00:00Z", "#Date: 2026-13-16T09:00:00"]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=12))
def test_no_splitter_stumbles_over_any_text(lines: list[str]) -> None:
    zone = ZoneInfo("Europe/Berlin")
    split = SyslogLines(zone, Years(2026), own=[own for one in FORMATS if (own := one.own_lines(zone, ""))])
    for line in lines:
        with contextlib.suppress(ValueError):
            for found in split.lines(line):
                assert 0 <= found.time < 2**36
    looks_like_log(lines)
    seen = list(sightings(lines, lambda text: next((t for one in FORMATS if (t := one.id_time(text))), None)))
    years = years_of(seen, latest_day(datetime(2026, 11, 23, tzinfo=UTC), None))
    assert 1900 < years.first < 4200


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(DAEMONS, st.integers(1, 3), TEXT), max_size=15))
@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_no_reader_stumbles_over_any_text(known: object, lines: list[tuple[str, int, str]]) -> None:
    reader = known.reader()  # type: ignore[attr-defined]
    for place, (program, pid, text) in enumerate(lines):
        reader.take(LogLine(1_794_373_206 + place, "mx1", program, str(pid), text))
        known.id_time(text)  # type: ignore[attr-defined]
    reader.pause()
    known.reader(json.loads(json.dumps(reader.state()))).pause()  # type: ignore[attr-defined]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(1, 60), max_size=6))
def test_lines_are_the_same_however_the_blocks_are_cut(data: bytes, cuts: list[int]) -> None:
    blocks, rest = [], data
    for cut in cuts:
        blocks.append(rest[:cut])
        rest = rest[cut:]
    blocks.append(rest)
    whole, pieces = LineSplitter(), LineSplitter()
    assert [line for piece in whole.pieces([data]) for line in whole.texts(piece) if line] == [
        line for piece in pieces.pieces(blocks) for line in pieces.texts(piece) if line
    ]
    assert (whole.lines, whole.read, whole.unfinished) == (pieces.lines, pieces.read, pieces.unfinished)


def log(helo: str = "pc", message_id: str = "1@pc", sender: str = "ana@shop.example", name: str = "bo") -> list[str]:
    """A log with free texts in the places where clients choose them."""
    about = f"from {CLIENT}; from=<{sender}> to=<x@far.example> proto=ESMTP helo=<{helo}>"
    texts = [
        ("smtpd[1]", f"connect from {CLIENT}"),
        ("smtpd[1]", f"Anonymous TLS connection established from {CLIENT}: TLSv1.2 with cipher X (1/1 bits)"),
        ("smtpd[1]", f"warning: {CLIENT}: SASL PLAIN authentication failed: no, sasl_username={name}"),
        ("smtpd[1]", f"NOQUEUE: reject: RCPT from {CLIENT}: 504 5.5.2 <{helo}>: refused; {about}"),
        ("smtpd[1]", f"A1: client={CLIENT}, sasl_method=PLAIN, sasl_username=ana"),
        ("cleanup[9]", f"A1: message-id=<{message_id}>"),
        ("cleanup[9]", f"A1: warning: header Subject: {message_id} {about}: x"),
        ("qmgr[7]", f"A1: from=<{sender}>, size=1000, nrcpt=2 (queue active)"),
        ("smtpd[1]", f"disconnect from {CLIENT} ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8"),
    ]
    return [f"Nov 16 09:00:{place:02} mx1 postfix/{program}: {text}" for place, (program, text) in enumerate(texts)]


def facts(lines: list[str]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    found = read(lines)
    return [shown(one) for one in found.submissions], [shown(one) for one in found.failures]


# what Postfix itself lets through: no C0 control, no line break
FREE = TEXT.map(lambda text: "".join(c for c in text if c >= " " and c not in "\x7f"))


@settings(max_examples=300, deadline=None)
@given(FREE)
def test_text_in_helo_and_message_id_changes_nothing(text: str) -> None:
    assert facts(log(helo=text, message_id=text)) == facts(log())


@settings(max_examples=300, deadline=None)
@given(FREE)
def test_text_in_the_sender_changes_the_sender_only(text: str) -> None:
    (plain,), failures = facts(log())
    assert facts(log(sender=text)) == ([{**plain, "sender": text}], failures)


@settings(max_examples=300, deadline=None)
@given(FREE.filter(lambda text: text not in ("", "(unavailable)")))
def test_text_in_a_failed_name_changes_that_name_only(text: str) -> None:
    submissions, (plain,) = facts(log())
    assert facts(log(name=text)) == (submissions, [{**plain, "account": text}])


LONG = 60_000
REPEATED_TEXTS = [
    "[" * LONG,
    "[a" * (LONG // 2),
    "a" * LONG + "[192.0.2.10]",
    ", orig_client=x" * (LONG // 15),
    ", orig_queue_id=x" * (LONG // 17),
    "> to=<" * (LONG // 6),
    ">, size=1, nrcpt=1 " * (LONG // 19),
    ", sasl_username=x" * (LONG // 17),
    "(Authenticated sender: " * (LONG // 23),
    "??(using TLSv1.3 with cipher x" * (LONG // 30),
    " " * LONG,
    "1" * LONG,
    "z" * LONG,
    "\\]" * (LONG // 2),
    "]" * LONG,
]
BEGINNINGS = [
    "",
    "connect from ",
    "disconnect from ",
    "A1: client=",
    "A1: client=pc.example[192.0.2.10], sasl_method=PLAIN, sasl_username=",
    "A1: from=<",
    "A1: info: header Received: from ",
    "A1: info: header Received: from x (y [192.0.2.10])??",
    "Anonymous TLS connection established from ",
    "warning: ",
    "warning: pc.example[192.0.2.10]: SASL ",
    "warning: pc.example[192.0.2.10]: SASL PLAIN authentication failed: ",
    "proxy-accept: END-OF-MESSAGE: 250 ",
    "message repeated 2 times: [",
    "[ID 1 ",
]


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_longest_lines_do_not_hold_a_reader_up(beginning: str) -> None:
    """A pattern that goes back and forth over 60,000 characters would not end within the life of a test run."""
    lines = [
        f"Nov 16 09:00:00 mx1 postfix/{daemon}[1]: {beginning}{text}"
        for text in REPEATED_TEXTS
        for daemon in ("smtpd", "cleanup", "qmgr")
    ]
    login = "Nov 16 09:00:00 mx1 postfix/smtpd[1]: A1: client=pc.example[192.0.2.10], sasl_method=X, sasl_username=y"
    read([text for line in lines for text in (login, line)])


@pytest.mark.parametrize("text", REPEATED_TEXTS)
def test_longest_lines_do_not_hold_the_splitter_up(text: str) -> None:
    for beginning in ("", "<22>1 2026-11-16T08:00:05Z mx1 a 1 - [", "Nov 16 09:00:05 ", "{", "2026-11-16T08:00:05Z "):
        looks_like_log([beginning + text])


@pytest.mark.parametrize(
    "stamp", ["9796-03-04 23:06:30 +0000", "9999-12-31 23:59:60", "0000-01-01 00:00:00", "0001-01-01 00:00:00 +1400"]
)
def test_exims_own_stamp_out_of_all_time_makes_no_fact(stamp: str) -> None:
    arrival = f"{stamp} 1vxvIU-000010-1c <= a@shop.example H=pc [192.0.2.7] P=esmtpa A=plain:a S=1"
    split = SyslogLines(ZoneInfo("UTC"), Years(2026), own=[FORMATS[1].own_lines(ZoneInfo("UTC"), "")])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"no |out of|Invalid|must be"):
        split.lines(arrival)
    found = read([f"Nov 16 09:00:05 mx1 exim[7]: {arrival}"], "exim")
    assert [one.time // 86_400 for one in found.submissions] == [1_794_819_605 // 86_400]


def test_hosts_and_processes_without_end_are_not_all_kept() -> None:
    split = SyslogLines(ZoneInfo("UTC"), Years(2026))
    for number in range(3_000):
        split.lines(f"Nov 16 09:00:05 host{number} postfix/smtpd[1]: x")
    assert len(split._last) <= 1_000
    reader = FORMATS[0].reader()
    for number in range(60_000):
        reader.take(LogLine(1_794_373_206, "mx1", "postfix/smtpd", str(number), f"connect from {CLIENT}"))
    assert len(reader.state()["open"]) <= 50_000
