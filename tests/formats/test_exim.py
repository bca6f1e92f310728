"""Exim: the same facts from each of its logs, whatever clients write into it, and the hours that clocks repeat."""

import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtpauth_tui.formats.exim import EXIM, message_id_time
from smtpauth_tui.formats.facts import Facts
from smtpauth_tui.formats.stamps import Years, latest_day, years_of
from smtpauth_tui.formats.syslog import SyslogLines, looks_like_log, sightings
from smtpauth_tui.model import AuthFailure, LogLine, Submission
from tests.formats.reading import read

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SUMMER_ENDS = 1792890000  # 25 October 2026, 01:00 UTC: in Berlin 02:00 for the second time


def message_id(seconds: int, number: int = 1) -> str:
    """A message id as Exim makes it at that second."""
    digits = ""
    while seconds:
        seconds, digit = divmod(seconds, 62)
        digits = DIGITS[digit] + digits
    return f"{digits}-0000{number:02}-1a"


def arrival(seconds: int, stamp: str, **fields: str) -> str:
    """A line of the main log."""
    about = {"sender": "ana@shop.example", "helo": "pc", "ident": "", "id": "1@pc", "subject": "hi", "login": "ana"}
    about |= fields
    subject = about["subject"].replace("\\", "\\\\").replace('"', '\\"')
    login = f" A=plain_server:{about['login']}" if about["login"] else ""
    return (
        f"{stamp} {message_id(seconds)} <= {about['sender']} H=({about['helo']}) [192.0.2.7]{about['ident']} "
        f'P={"esmtpa" if login else "esmtp"}{login} S=500 id={about["id"]} T="{subject}"'
    )


def facts_of(lines: list[str], zone: str = "UTC") -> Facts:
    """What the reader finds in the lines of one file."""
    own = EXIM.own_lines(ZoneInfo(zone), "mail")
    split = SyslogLines(ZoneInfo(zone), Years(2026), own=[own])
    reader = EXIM.reader()
    for text in lines:
        for line in split.lines(text):
            if EXIM.recognises(line.program):
                reader.take(line)
    reader.pause()
    return reader.facts


def test_a_message_id_tells_its_second() -> None:
    assert message_id_time(message_id(SUMMER_ENDS)) == SUMMER_ENDS


@pytest.mark.parametrize("off", [3600, -3600, 7 * 3600, -19800, 45 * 60])
@pytest.mark.parametrize("slow", [-7, 0, 300])
def test_a_stamp_read_in_the_wrong_zone_is_put_right(off: int, slow: int) -> None:
    begun = SUMMER_ENDS - 86400
    (one,) = facts_of(
        [
            arrival(
                begun,
                f"2026-10-24 {(begun + slow + off) // 3600 % 24:02}:"
                f"{(begun + slow + off) // 60 % 60:02}:{(begun + slow + off) % 60:02}",
            )
        ]
    ).submissions
    assert (one.time - begun - slow) % 86400 == 0


def test_each_message_of_the_repeated_hour_has_its_own_time() -> None:
    lines = [
        arrival(SUMMER_ENDS - 1800, "2026-10-25 02:30:00"),
        arrival(SUMMER_ENDS - 60, "2026-10-25 02:59:00"),
        arrival(SUMMER_ENDS + 60, "2026-10-25 02:01:00"),
        arrival(SUMMER_ENDS + 1800, "2026-10-25 02:30:00"),
        arrival(SUMMER_ENDS + 3600, "2026-10-25 03:00:00"),
    ]
    wanted = [SUMMER_ENDS + each for each in (-1800, -60, 60, 1800, 3600)]
    assert [one.time for one in facts_of(lines, "Europe/Berlin").submissions] == wanted
    assert [one.time for one in facts_of(lines[3:], "Europe/Berlin").submissions] == wanted[3:]
    stamped = [f"Oct 25 {line[11:19]} mail exim[7]: {line}" for line in lines]
    assert [one.time for one in facts_of(stamped[3:], "Europe/Berlin").submissions] == wanted[3:]


def test_a_failure_in_the_repeated_hour_follows_the_messages_before_it() -> None:
    failed = "2026-10-25 02:31:00 plain authenticator failed for [192.0.2.9]: 535 Incorrect authentication data"
    lines = [arrival(SUMMER_ENDS + 1800, "2026-10-25 02:30:00"), failed]
    assert facts_of(lines, "Europe/Berlin").failures[0].time == SUMMER_ENDS + 1860
    assert facts_of([failed], "Europe/Berlin").failures[0].time == SUMMER_ENDS - 1740


def test_summer_time_begins() -> None:
    begins = 1774746000  # 29 March 2026, 01:00 UTC
    lines = [arrival(begins - 1, "2026-03-29 01:59:59"), arrival(begins + 1, "2026-03-29 03:00:01")]
    assert [one.time for one in facts_of(lines, "Europe/Berlin").submissions] == [begins - 1, begins + 1]


def test_exims_stamp_settles_the_year_of_syslogs() -> None:
    from datetime import UTC, datetime

    text = "2024-12-31 23:59:58 Start queue run: pid=7"
    seen = list(sightings([f"Dec 31 23:59:58 mail exim[7]: {text}"], EXIM.id_time))
    assert years_of(seen, latest_day(datetime(2026, 11, 23, tzinfo=UTC), None)).first == 2024


FAILED = "plain_server authenticator failed for (pc) [192.0.2.9]: 535 Incorrect authentication data (set_id=bo)"
RUN = [
    (SUMMER_ENDS - 86400, arrival(SUMMER_ENDS - 86400, "")[1:]),
    (SUMMER_ENDS - 86398, FAILED),
    (SUMMER_ENDS - 86398, FAILED),
    (SUMMER_ENDS - 86397, f"{message_id(SUMMER_ENDS - 86400)} => bo <bo@far.example> R=all T=null"),
    (SUMMER_ENDS - 86397, f"{message_id(SUMMER_ENDS - 86400)} => cy <cy@far.example> R=all T=null"),
    (SUMMER_ENDS - 86397, f"{message_id(SUMMER_ENDS - 86400)} Completed"),
]


def berlin(seconds: int, form: str) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(seconds, ZoneInfo("Europe/Berlin")).strftime(form)


def forms() -> dict[str, list[str]]:
    """One run as each of the logs has it; in syslog refusals stand twice, and the daemon stamps a second later."""
    forms: dict[str, list[str]] = {name: [] for name in ("main", "zone", "syslog", "iso", "bare", "journal")}
    for seconds, text in RUN:
        own = berlin(seconds, "%Y-%m-%d %H:%M:%S")
        forms["main"].append(f"{own} {text}")
        forms["zone"].append(f"{own}.123 {berlin(seconds, '%z')} [84] {text}")
        for _ in range(2 if text == FAILED else 1):
            late = seconds + 1
            forms["syslog"].append(f"{berlin(late, '%b %d %H:%M:%S')} mail exim[84]: {own} {text}")
            forms["iso"].append(f"{berlin(late, '%Y-%m-%dT%H:%M:%S%z')} mail exim[84]: {own} [84] {text}")
            forms["bare"].append(f"{berlin(seconds, '%b %d %H:%M:%S')} mail exim4: {text}")
            entry = {
                "__REALTIME_TIMESTAMP": f"{late}000000",
                "SYSLOG_IDENTIFIER": "exim",
                "MESSAGE": f"{own} {text}",
                "_HOSTNAME": "mail",
                "_UID": "1001",
                "_COMM": "exim4",
            }
            forms["journal"].append(json.dumps(entry))
    return forms


@pytest.mark.parametrize("form", ["zone", "syslog", "iso", "bare", "journal"])
def test_each_log_of_a_run_gives_the_same_facts(form: str) -> None:
    logs = forms()
    main, other = facts_of(logs["main"], "Europe/Berlin"), facts_of(logs[form], "Europe/Berlin")
    assert (other.submissions, other.failures) == (main.submissions, main.failures)
    assert [one.time for one in main.submissions] == [SUMMER_ENDS - 86400]
    assert [one.recipients for one in main.submissions] == [2]
    assert [one.ordinal for one in main.failures] == [0, 1]


def test_journal_lines_of_a_person_do_not_count() -> None:
    (line, *_) = forms()["journal"]
    assert facts_of([line.replace('"exim4"', '"logger"')]) == Facts()


def test_a_reject_log_adds_nothing_to_the_main_log() -> None:
    main = [*forms()["main"], f"{berlin(SUMMER_ENDS - 86300, '%Y-%m-%d %H:%M:%S')} {FAILED}"]
    rejected = [line for line in main if "failed for" in line]
    assert facts_of(rejected).failures == facts_of(main).failures
    assert facts_of(main + rejected).failures == [one for _ in range(2) for one in facts_of(main).failures]


def test_a_reject_log_that_is_mostly_headers_is_a_log() -> None:
    headers = ["Envelope-from: <a@b>", "P Received: from pc", "\tby mail", "F From: a", "  Subject: x", "* Bcc: y"]
    lines = ["2026-03-04 23:42:00 1vxxt4-000014-3e H=(web) [192.0.2.8] rejected after DATA: no", *headers * 9]
    assert looks_like_log(lines, [EXIM.own_lines(ZoneInfo("UTC"), "")])
    assert not looks_like_log(headers * 9, [EXIM.own_lines(ZoneInfo("UTC"), "")])


def test_another_programs_log_with_such_stamps_is_none_of_exims() -> None:
    lines = ["2026-03-04 23:42:00 status installed exim4:amd64 4.96", "2026-03-04 23:42:00 startup archives unpack"]
    assert not looks_like_log(lines, [EXIM.own_lines(ZoneInfo("UTC"), "")])


def test_a_deferred_message_is_handed_out_again_with_more_recipients() -> None:
    stamp = "2026-10-24 01:00:00"
    key = message_id(SUMMER_ENDS - 86400)
    lines = [
        arrival(SUMMER_ENDS - 86400, stamp),
        f"{stamp} {key} => bo <bo@far.example> R=all T=null",
        f"{stamp} {key} == cy@far.example R=all T=null defer (-53): retry time not reached",
        f"{stamp} {key} Completed",
    ]
    assert [one.recipients for one in facts_of(lines).submissions] == [2]
    own, reader, seen = EXIM.own_lines(ZoneInfo("UTC"), ""), EXIM.reader(), []
    for text in lines:
        line = own(text)
        assert line
        reader.take(line)
        reader.pause()
        seen.append([one.recipients for one in reader.facts.take().submissions])
        reader = EXIM.reader(json.loads(json.dumps(reader.state())))
    assert seen == [[1], [], [2], []]


PIECES = st.sampled_from(
    [
        " P=esmtpa",
        " A=plain:boss",
        " S=9",
        ' T="',
        " id=",
        '"',
        ") [203.0.113.1]",
        " U=",
        " H=(x)",
        " K",
        " for a@b",
        " from <",
        ">",
        "@",
        "\\",
        " ",
        "=",
        ":",
        " X=TLS1:",
        " DN=",
        " SNI=",
        " I=[203.0.113.2]:25",
        "x",
        "boss",
    ]
)
FREE = st.lists(PIECES, max_size=12).map("".join)
STAMP = "2026-10-24 01:00:00"
SECOND = SUMMER_ENDS - 86400


@settings(max_examples=1500, deadline=None)
@given(FREE)
def test_text_in_subject_and_message_id_changes_nothing(text: str) -> None:
    (plain,) = facts_of([arrival(SECOND, STAMP)]).submissions
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"@pc'
    assert facts_of([arrival(SECOND, STAMP, subject=text)]).submissions == [plain]
    assert facts_of([arrival(SECOND, STAMP, id=quoted, subject=text)]).submissions == [plain]
    assert facts_of([arrival(SECOND, STAMP, id=quoted, subject=text, login="")]).submissions == []


@settings(max_examples=1500, deadline=None)
@given(FREE)
def test_text_in_a_quoted_sender_changes_the_sender_only(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"@shop.example'
    (plain,) = facts_of([arrival(SECOND, STAMP)]).submissions
    (found,) = facts_of([arrival(SECOND, STAMP, sender=quoted)]).submissions
    assert (found.sender, found.account, found.client, found.size) == (quoted, plain.account, plain.client, plain.size)
    assert facts_of([arrival(SECOND, STAMP, sender=quoted, login="")]).submissions == []


@settings(max_examples=3000, deadline=None)
@given(FREE, FREE)
@example(' P=esmtpa A=plain:boss S=9 for a@b T="', '"')
def test_nobody_logs_in_by_helo_ident_or_subject(text: str, subject: str) -> None:
    """Where ``helo_accept_junk_hosts`` lets any text through, and with an ident server of one's own."""
    for fields in ({"helo": text}, {"ident": f" U={text}"}):
        lines = [arrival(SECOND, STAMP, login="", subject=subject, **fields)]
        assert [one.account for one in facts_of(lines).submissions] == []


@settings(max_examples=500, deadline=None)
@given(FREE)
def test_text_in_a_tried_name_changes_that_name_only(text: str) -> None:
    line = f"2026-10-24 01:00:00 {FAILED}"
    (plain,) = facts_of([line]).failures
    (found,) = facts_of([line.replace("set_id=bo", f"set_id={text}")]).failures
    assert (found.account, found.client, found.mechanism) == (text, plain.client, plain.mechanism)


def test_facts_are_of_their_types() -> None:
    facts = read([arrival(SECOND, STAMP), f"{STAMP} {FAILED}"], "exim")
    assert isinstance(facts.submissions[0], Submission)
    assert isinstance(facts.failures[0], AuthFailure)


def test_a_refused_client_may_call_itself_anything() -> None:
    line = "2026-10-24 01:00:00 " + FAILED.replace("(pc)", "h.example (my (old) pc)")
    (found,) = facts_of([line]).failures
    assert (found.account, found.client, found.client_name) == ("bo", "192.0.2.9", "h.example")


BEGINNINGS = [
    "1xSpby-00001R-1u <= ",
    "1xSpby-00001R-1u <= a H=(",
    "1xSpby-00001R-1u <= a H=h [192.0.2.7]",
    "1xSpby-00001R-1u <= a H=h [192.0.2.7] P=esmtpa DN=",
    "1xSpby-00001R-1u <= a H=h [192.0.2.7] P=esmtpa A=x",
    "1xSpby-00001R-1u <= a H=h [192.0.2.7] P=esmtpa A=x S=1",
    "1xSpby-00001R-1u => ",
    "x authenticator failed for ",
    "x authenticator failed for h (",
    "x authenticator failed for h [192.0.2.7] U=",
    "x authenticator failed for h [192.0.2.7]: 435 x (set_id=",
    "[1/2] ",
    "2026-11-16 06:50:31 ",
]
REPEATED = [
    "[", "a ", " P=esmtpa A=x", " S=1", " K", " PRX=", '"', '\\"', 'x"', ' T="', ") [192.0.2.7]", " U=", " for ",
    "a@b ", ": 535 ", "): ", " <", "\\303", "9", "=",
]  # fmt: skip


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_longest_lines_do_not_hold_the_reader_up(beginning: str) -> None:
    """A pattern that goes back and forth over 60,000 characters would not end within the life of a test run."""
    reader = EXIM.reader()
    for text in REPEATED:
        for program in ("exim", "exim.log"):
            line = LogLine(SECOND, "mail", program, "7", beginning + text * (60_000 // len(text)))
            reader.take(LogLine(SECOND, "mail", program, "7", arrival(SECOND, "")[1:]))
            reader.take(line)
            EXIM.id_time(line.text)
    reader.pause()


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["exim", "exim.log"]), st.sampled_from(BEGINNINGS), FREE), max_size=10))
def test_no_line_makes_the_reader_stumble(lines: list[tuple[str, str, str]]) -> None:
    reader = EXIM.reader()
    own = EXIM.own_lines(ZoneInfo("Europe/Berlin"), "")
    for program, beginning, text in lines:
        reader.take(LogLine(SECOND, "mail", program, "7", beginning + text))
        own(f"2026-10-25 02:30:00 {beginning}{text}")
        reader = EXIM.reader(json.loads(json.dumps(reader.state())))
    reader.pause()


@pytest.mark.parametrize(
    "stamp",
    ["2026-02-30 01:00:00", "2026-03-04 24:00:00", "2026-03-04 23:61:00", "2026-03-04 23:00:61", "0000-01-01 00:00:00"],
)
def test_a_stamp_that_cannot_be(stamp: str) -> None:
    for zone in ("", " +0100"):
        with pytest.raises(ValueError):
            EXIM.own_lines(ZoneInfo("UTC"), "")(arrival(SECOND, f"{stamp}{zone}"))
    line = f"2026-10-24T01:00:00Z mail exim[7]: {arrival(SECOND, stamp)}"
    assert len(facts_of([line]).submissions) == 1
