"""A long queue id carries its time: it settles what a stamp without a zone leaves open."""

from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.formats import FORMATS
from smtpauth_tui.formats.postfix import moment_of, queue_id_time
from smtpauth_tui.formats.stamps import Years
from smtpauth_tui.formats.syslog import SyslogLines

DIGITS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
SUMMER_ENDS = 1792890000  # 25 October 2026, 01:00 UTC: in Berlin 02:00 for the second time


def long_id(seconds: int) -> str:
    """A queue id as Postfix makes it at that second."""
    digits = ""
    while seconds:
        seconds, digit = divmod(seconds, 52)
        digits = DIGITS[digit] + digits
    return f"{digits}1234zAbC"


def test_a_long_id_tells_its_second() -> None:
    assert queue_id_time(long_id(SUMMER_ENDS)) == SUMMER_ENDS
    assert queue_id_time("A25A325AB0A") is None


@pytest.mark.parametrize("off", [3600, -3600, 2 * 3600, -19800, 45 * 60])
def test_a_stamp_read_in_the_wrong_zone_is_put_right(off: int) -> None:
    assert moment_of(SUMMER_ENDS + off + 1, long_id(SUMMER_ENDS)) == SUMMER_ENDS


@pytest.mark.parametrize("off", [0, 1, -2, 400, 3600 + 300, 40 * 3600, 400 * 86400])
def test_a_stamp_that_differs_for_another_reason_stays(off: int) -> None:
    assert moment_of(SUMMER_ENDS + off, long_id(SUMMER_ENDS)) == SUMMER_ENDS + off


def test_the_repeated_hour_is_settled_where_nothing_else_tells() -> None:
    """The log has one message at 02:30, of the second time that the clocks showed it."""
    queue_id = long_id(SUMMER_ENDS + 1800)
    split = SyslogLines(ZoneInfo("Europe/Berlin"), Years(2026))
    reader = FORMATS[0].reader()
    for text in (
        "postfix/smtpd[7]: connect from h.example[192.0.2.1]",
        f"postfix/smtpd[7]: {queue_id}: client=h.example[192.0.2.1], sasl_method=PLAIN, sasl_username=ana",
        f"postfix/qmgr[8]: {queue_id}: from=<ana@shop.example>, size=9, nrcpt=1 (queue active)",
        "postfix/smtpd[7]: disconnect from h.example[192.0.2.1] ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6",
    ):
        for line in split.lines(f"Oct 25 02:30:00 mail {text}"):
            reader.take(line)
    reader.pause()
    assert [one.time for one in reader.facts.submissions] == [SUMMER_ENDS + 1800]
