"""Sendmail: connections across files, what clients write into lines, and what queue ids tell of the time."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.formats.facts import Facts
from smtpauth_tui.formats.sendmail import SENDMAIL, queue_id_time
from smtpauth_tui.formats.stamps import latest_day, years_of
from smtpauth_tui.formats.syslog import SyslogLines, sightings
from smtpauth_tui.model import LogLine, TlsVersion

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
SUMMER_ENDS = 1792890000  # 25 October 2026, 01:00 UTC: in Berlin 02:00 for the second time


def queue_id(seconds: int, pid: int = 7, number: str = "aa") -> str:
    """A queue id as Sendmail makes it at that second."""
    at = datetime.fromtimestamp(seconds, UTC)
    parts = ((at.year - 1900) % 60, at.month - 1, at.day, at.hour, at.minute, at.second)
    return "".join(DIGITS[part] for part in parts) + f"{number}{pid:06}"


def line(text: str, time: int = SUMMER_ENDS, pid: int = 7) -> LogLine:
    return LogLine(time, "mail", "sm-mta", str(pid), text)


def session(time: int = SUMMER_ENDS, pid: int = 7, login: str = "ana") -> list[LogLine]:
    return [
        line("STARTTLS=server, relay=[192.0.2.7], version=TLSv1.2, verify=NO, cipher=X, bits=256/256", time, pid),
        line(f"AUTH=server, relay=[192.0.2.7], authid={login}, mech=LOGIN, bits=0", time, pid),
    ]


def message(opened: int, time: int = SUMMER_ENDS, pid: int = 7, **fields: str) -> LogLine:
    about = {"sender": "ana@shop.example", "id": "<1@pc>", "proto": "ESMTPSA", "number": "aa"} | fields
    return line(
        f"{queue_id(opened, pid, about['number'])}: from=<{about['sender']}>, size=500, class=0, nrcpts=2, "
        f"msgid={about['id']}, proto={about['proto']}, daemon=MTA, relay=[192.0.2.7]",
        time,
        pid,
    )


def facts_of(lines: list[LogLine]) -> Facts:
    reader = SENDMAIL.reader()
    for each in lines:
        reader.take(each)
    reader.pause()
    return reader.facts


@pytest.mark.parametrize("seconds", [SUMMER_ENDS, 946684800, 1767225599, 1767225600, 1772323199, 2208988800])
def test_a_queue_id_tells_its_second(seconds: int) -> None:
    assert queue_id_time(queue_id(seconds)) == seconds
    assert SENDMAIL.id_time(f"{queue_id(seconds)}: from=<a>, size=1, class=0, nrcpts=1") == seconds
    assert SENDMAIL.id_time(f"{queue_id(seconds)}: from=<a>, size=1, nrcpt=1 (queue active)") is None


@pytest.mark.parametrize("other", ["", "HAA12345", "6ZB26JkO000240", "6AB26JkO00024x", "6AxxxxkO000240", "NOQUEUE"])
def test_other_ids_tell_no_time(other: str) -> None:
    assert queue_id_time(other) is None


@pytest.mark.parametrize("off", [0, 3600, -3600, 7 * 3600, -19800])
def test_stamps_in_the_wrong_zone_are_put_right_for_a_whole_session(off: int) -> None:
    """The second message's envelope was opened when the first one ended."""
    lines = [
        *session(SUMMER_ENDS + off),
        message(SUMMER_ENDS - 1, SUMMER_ENDS + off),
        message(SUMMER_ENDS, SUMMER_ENDS + off + 5000, number="bb"),
    ]
    assert [one.time for one in facts_of(lines).submissions] == [SUMMER_ENDS, SUMMER_ENDS + 5000]


@pytest.mark.parametrize("idle", [900, 3600, 5 * 3600])
def test_a_client_that_waits_in_its_session_moves_no_stamp(idle: int) -> None:
    lines = [
        *session(SUMMER_ENDS),
        message(SUMMER_ENDS, SUMMER_ENDS + idle),
        message(SUMMER_ENDS + idle, SUMMER_ENDS + 2 * idle, number="bb"),
    ]
    assert [one.time for one in facts_of(lines).submissions] == [SUMMER_ENDS + idle, SUMMER_ENDS + 2 * idle]


def test_an_earlier_log_completes_the_orphans() -> None:
    earlier, later = (
        session(SUMMER_ENDS - 50),
        [
            message(SUMMER_ENDS),
            line(f"{queue_id(SUMMER_ENDS)}: to=<b@far.example>, delay=00:00:00, mailer=esmtp, pri=1, stat=Sent", pid=9),
            message(SUMMER_ENDS, number="cc"),
            line(f"{queue_id(SUMMER_ENDS, number='cc')}: to=<b@far.example>, delay=00:00:00, pri=1, stat=no"),
        ],
    )
    alone = SENDMAIL.reader()
    for each in later:
        alone.take(each)
    alone.pause()
    assert [(one.account, one.tls) for one in alone.facts.submissions] == [("ana@shop.example", TlsVersion.UNKNOWN)]
    before = SENDMAIL.reader()
    for each in (*earlier, *alone.orphans):
        before.take(each)
    before.pause()
    assert [(one.account, one.tls) for one in before.facts.submissions] == [("ana", TlsVersion.V1_2)]


def test_an_alias_that_has_no_mailer_refuses_no_message() -> None:
    failed = line(f"{queue_id(SUMMER_ENDS)}: to=bad alias, delay=00:00:01, pri=1, stat=Bad address", pid=9)
    assert len(facts_of([*session(), message(SUMMER_ENDS), failed]).submissions) == 1


def test_a_process_id_used_again_begins_anew() -> None:
    lines = [
        *session(),
        message(SUMMER_ENDS),
        line("AUTH=server, relay=[192.0.2.7], authid=bo, mech=PLAIN, bits=0", SUMMER_ENDS + 60),
        message(SUMMER_ENDS + 60, SUMMER_ENDS + 60),
    ]
    assert [(one.account, one.tls) for one in facts_of(lines).submissions] == [
        ("ana", TlsVersion.V1_2),
        ("bo", TlsVersion.UNKNOWN),
    ]


def test_a_session_reaches_into_the_next_log() -> None:
    first = SENDMAIL.reader()
    for each in session(SUMMER_ENDS):
        first.take(each)
    first.pause()
    second = SENDMAIL.reader(first.state())
    second.take(message(SUMMER_ENDS, SUMMER_ENDS + 50_000))
    second.pause()
    assert [(one.account, one.tls) for one in second.facts.submissions] == [("ana", TlsVersion.V1_2)]
    assert second.orphans == []


PIECES = st.sampled_from(
    [", proto=ESMTPA", ", proto=ESMTP", ", daemon=MTA", ", relay=[203.0.113.1]", ", msgid=<", ", size=1, class=0, ",
     "nrcpts=9", ">", "<", '"', "\\", ", mailer=x", ", user=boss", ", authid=boss", ", mech=PLAIN, bits=0", " ", ",",
     "=", "@", "AUTH=server, ", "from=<", ", stat=Sent", "to=<", "(", ")", "x"]
)  # fmt: skip
FREE = st.lists(PIECES, max_size=12).map("".join)


@settings(max_examples=1000, deadline=None)
@given(FREE)
def test_text_in_the_message_id_changes_nothing(text: str) -> None:
    plain = facts_of([*session(), message(SUMMER_ENDS)])
    assert facts_of([*session(), message(SUMMER_ENDS, id=text)]) == plain
    assert facts_of([*session(), message(SUMMER_ENDS, id=text, proto="ESMTPS")]).submissions == []


@settings(max_examples=1000, deadline=None)
@given(FREE)
def test_text_in_a_quoted_sender_changes_the_sender_only(text: str) -> None:
    quoted = '"' + text[:80].replace("\\", "\\\\").replace('"', '\\"') + '"@shop.example'
    (plain,) = facts_of([*session(), message(SUMMER_ENDS)]).submissions
    (found,) = facts_of([*session(), message(SUMMER_ENDS, sender=quoted)]).submissions
    assert (found.sender, found.account, found.size, found.recipients) == (quoted, plain.account, 500, 2)


@settings(max_examples=500, deadline=None)
@given(FREE)
def test_text_in_a_recipient_makes_no_delivery(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"@far.example'
    refused = line(f"{queue_id(SUMMER_ENDS)}: to=<{quoted}>, delay=00:00:00, pri=31100, stat=content not wanted")
    assert facts_of([*session(), message(SUMMER_ENDS), refused]).submissions == []


@settings(max_examples=500, deadline=None)
@given(FREE.filter(bool))
def test_text_in_a_tried_name_changes_that_name_only(text: str) -> None:
    failed = "authentication failure (-13) SASL(-13): authentication failure: checkpass failed"
    lines = [line(f"{queue_id(SUMMER_ENDS)}: AUTH failure (LOGIN): {failed}, user={text}, relay=pc [192.0.2.7]")]
    (found,) = facts_of(lines).failures
    assert (found.account, found.client, found.client_name, found.mechanism) == (text, "192.0.2.7", "pc", "LOGIN")


@settings(max_examples=500, deadline=None)
@given(FREE)
def test_text_in_a_login_changes_the_login_only(text: str) -> None:
    (found,) = facts_of([*session(login=text), message(SUMMER_ENDS)]).submissions
    assert (found.account, found.mechanism, found.client) == (text, "LOGIN", "192.0.2.7")


def test_a_sender_cut_at_200_characters() -> None:
    sender = "a" * 190 + "@shop.example"
    text = message(SUMMER_ENDS, sender=sender).text.replace(f"<{sender}>", f"<{sender}"[:200])
    (found,) = facts_of([*session(), line(text)]).submissions
    assert (found.sender, found.size) == (sender[:199], 500)


BEGINNINGS = [
    "6AB26JqW000924: from=",
    "6AB26JqW000924: from=<",
    "6AB26JqW000924: from=<a>, size=1, class=0, nrcpts=1",
    "6AB26JqW000924: to=",
    "6AB26JqW000924: to=<a>, ctladdr=",
    "6AB26JqW000924: ruleset=x, ",
    "6AB26JqW000924: Milter (",
    "6AB26JqW000924: milter=",
    "6AB26JqW000924: AUTH failure (",
    "6AB26JqW000924: AUTH failure (X): ",
    "6AB26JqW000924: AUTH decode64 error ",
    "STARTTLS=server, relay=",
    "AUTH=server, relay=",
    "AUTH=server, relay=a, authid=",
    "NOQUEUE: connect from ",
]
REPEATED = [
    "[", "a ", "<", ">", "<a>", ",", ", ", '"', '\\"', 'x"', ", relay=", ", size=1, class=0, nrcpts=1", ", msgid=",
    ", proto=ESMTPA", ", daemon=", ", user=", ", authid=", ", version=x, verify=", ", reject=", "(", "9",
]  # fmt: skip


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_longest_lines_do_not_hold_the_reader_up(beginning: str) -> None:
    """A pattern that goes back and forth over 60,000 characters would not end within the life of a test run."""
    reader = SENDMAIL.reader()
    for text in REPEATED:
        reader.take(message(SUMMER_ENDS))
        reader.take(line(beginning + text * (60_000 // len(text))))
        SENDMAIL.id_time(beginning + text * (60_000 // len(text)))
    reader.pause()


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(BEGINNINGS), FREE), max_size=10))
def test_no_line_makes_the_reader_stumble(lines: list[tuple[str, str]]) -> None:
    reader = SENDMAIL.reader()
    for beginning, text in lines:
        reader.take(line(beginning + text))
        SENDMAIL.id_time(beginning + text)
        reader = SENDMAIL.reader(json.loads(json.dumps(reader.state())))
    reader.pause()


def test_queue_ids_settle_the_year_and_its_turn() -> None:
    lines = []
    for seconds in (1735689598, 1735689601):  # 31 December 2024, 1 January 2025
        at = datetime.fromtimestamp(seconds, UTC).strftime("%b %e %H:%M:%S")
        for each in (*session(seconds), message(seconds, seconds)):
            lines.append(f"{at} mail sm-mta[7]: {each.text}")
    seen = list(sightings(lines, SENDMAIL.id_time))
    split = SyslogLines(ZoneInfo("UTC"), years_of(seen, latest_day(datetime(2026, 11, 23, tzinfo=UTC), None)))
    found = facts_of([each for text in lines for each in split.lines(text)])
    assert [one.time for one in found.submissions] == [1735689598, 1735689601]
