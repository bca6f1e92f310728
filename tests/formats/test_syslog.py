"""Every form in which a line of a log can come: what stands before the program's own words."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.formats.stamps import Years
from smtpauth_tui.formats.syslog import SyslogLines, looks_like_log
from smtpauth_tui.model import LogLine

BERLIN = ZoneInfo("Europe/Berlin")
NINE = int(datetime(2026, 11, 16, 8, 0, 5, tzinfo=UTC).timestamp())
TEXT = "connect from pc.example[192.0.2.10]"


def splitter(host: str = "") -> SyslogLines:
    return SyslogLines(BERLIN, Years(2026), host)


def journal(**fields: object) -> str:
    entry = {
        "_SOURCE_REALTIME_TIMESTAMP": str(NINE * 1_000_000 + 999_999),
        "__REALTIME_TIMESTAMP": str(NINE * 1_000_000 + 1_500_000),
        "_HOSTNAME": "mx1",
        "SYSLOG_IDENTIFIER": "postfix/smtpd",
        "SYSLOG_PID": "12",
        "_UID": "89",
        "_COMM": "smtpd",
        "MESSAGE": TEXT,
    }
    return json.dumps({**entry, **fields})


@pytest.mark.parametrize(
    "line",
    [
        f"Nov 16 09:00:05 mx1 postfix/smtpd[12]: {TEXT}",
        f"<22>Nov 16 09:00:05 mx1 postfix/smtpd[12]: {TEXT}",
        f"Nov 16 09:00:05 <mail.info> mx1 postfix/smtpd[12]: {TEXT}",
        f"Nov 16 09:00:05.999999 mx1 postfix/smtpd[12]: {TEXT}",
        f"Nov 16 09:00:05 mx1 postfix/smtpd[12]: [ID 197553 mail.info] {TEXT}",
        f"2026-11-16T09:00:05.422379+01:00 mx1 postfix/smtpd[12]: {TEXT}",
        f"2026-11-16T09:00:05+0100 mx1 postfix/smtpd[12]: {TEXT}",
        f"2026-11-16T09:00:05,422379+0100 mx1 postfix/smtpd[12]: {TEXT}",
        f"2026-11-16T08:00:05Z mx1 postfix/smtpd[12]: {TEXT}",
        f"<22>2026-11-16T08:00:05.1Z mx1 postfix/smtpd[12]: {TEXT}",
        f"<22>1 2026-11-16T09:00:05.422379+01:00 mx1 postfix/smtpd 12 - - {TEXT}",
        f'<22>1 2026-11-16T08:00:05Z mx1 postfix/smtpd 12 ID47 [a@1 x="y"] {TEXT}',
        f'<22>1 2026-11-16T08:00:05Z mx1 postfix/smtpd 12 ID47 [a@1 x="\\]"][b@1 z="[q"] \ufeff{TEXT}',
        f"{NINE}.422379 mx1 postfix/smtpd[12]: {TEXT}",
        journal(),
        journal(_SOURCE_REALTIME_TIMESTAMP=None, __REALTIME_TIMESTAMP=str(NINE * 1_000_000)),
        journal(SYSLOG_PID=None, _PID="12"),
        journal(MESSAGE=list(TEXT.encode())),
    ],
)
def test_form_is_read(line: str) -> None:
    assert splitter().split(line) == LogLine(NINE, "mx1", "postfix/smtpd", "12", TEXT)


def test_forms_may_change_within_a_file() -> None:
    split = splitter()
    lines = [
        f"Nov 16 09:00:05 mx1 postfix/smtpd[12]: {TEXT}",
        journal(),
        f"2026-11-16T08:00:05Z mx1 postfix/smtpd[12]: {TEXT}",
        f"Nov 16 09:00:05 mx1 postfix/smtpd[12]: {TEXT}",
    ]
    assert len({split.split(line) for line in lines}) == 1


def test_line_without_pid_and_day_with_a_leading_zero() -> None:
    assert splitter().split("Nov 06 09:00:05 mx1 dovecot: auth: x")[1:] == ("mx1", "dovecot", "", "auth: x")  # type: ignore[index]
    assert splitter().split("<22>1 2026-11-16T08:00:05Z mx1 dovecot - - - x")[1:] == ("mx1", "dovecot", "", "x")  # type: ignore[index]


def test_journal_bytes_that_are_no_utf8_and_line_breaks_stay_in_one_line() -> None:
    assert splitter().split(journal(MESSAGE=[65, 10, 255, 66])).text == "A?\\xffB"  # type: ignore[union-attr]


def test_journal_text_can_be_stored_even_with_half_of_a_surrogate_pair() -> None:
    line = splitter().split('{"__REALTIME_TIMESTAMP":"1","SYSLOG_IDENTIFIER":"a/b","MESSAGE":"x\\ud800y"}')
    assert line is not None
    assert line.text == "x\\ud800y"


def test_host_of_the_command_line_stands_in_where_the_journal_names_none() -> None:
    assert splitter("mx9").split(journal(_HOSTNAME=None)).host == "mx9"  # type: ignore[union-attr]
    assert splitter("mx9").split(journal()).host == "mx1"  # type: ignore[union-attr]


def test_line_that_a_person_wrote_with_logger_is_not_the_mail_servers() -> None:
    split = splitter()
    assert split.split(journal(_UID="1001", _COMM="logger")).program == ""  # type: ignore[union-attr]
    assert split.forged == 1
    assert split.split(journal(_UID="0", _COMM="smtpd")).program == "postfix/smtpd"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Xyz 16 09:00:05 mx1 postfix/smtpd[12]: x",
        "Nov 16 09:00 mx1 postfix/smtpd[12]: x",
        "2026-11-16 09:00:05 mx1 postfix/smtpd[12]: x",
        "2026-11-16T09:00:05 mx1 postfix/smtpd[12]: x",
        "{",
        "{}",
        "[" * 100_000,
        '{"a":' * 10_000,
        '{"__REALTIME_TIMESTAMP": 5, "MESSAGE": "x"}',
        '{"__REALTIME_TIMESTAMP": "9999999999999999999999", "MESSAGE": "x"}',
        '{"__REALTIME_TIMESTAMP": ' + "9" * 5000 + "}",
        "Traceback (most recent call last):",
    ],
)
def test_other_line_is_no_log_line(line: str) -> None:
    assert splitter().split(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "Nov 31 09:00:05 mx1 postfix/smtpd[12]: x",
        "Feb 29 09:00:05 mx1 postfix/smtpd[12]: x",
        "Nov 16 24:00:05 mx1 postfix/smtpd[12]: x",
        "Nov 16 09:00:61 mx1 postfix/smtpd[12]: x",
        "2026-02-30T09:00:05Z mx1 postfix/smtpd[12]: x",
        "0001-01-01T00:00:00+14:00 mx1 postfix/smtpd[12]: x",
        "9999-12-31T23:59:59-14:00 mx1 postfix/smtpd[12]: x",
        "99999999999.0 mx1 postfix/smtpd[12]: x",
    ],
)
def test_stamp_that_cannot_be_is_told(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        splitter().split(line)


def test_what_looks_like_a_log() -> None:
    line = f"Nov 16 09:00:05 mx1 postfix/smtpd[12]: {TEXT}"
    assert looks_like_log([line])
    assert looks_like_log(["", line, "Nov 16 09:00:09 mx1 last message repeated 2 times"])
    assert looks_like_log(["half of a line that rotation cut", line, line])
    assert not looks_like_log([])
    assert not looks_like_log(["Dear Ana,", "", line, "on Nov 16 09:00:05 we wrote that.", "Bye"])
