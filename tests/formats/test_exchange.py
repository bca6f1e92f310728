"""Receive protocol logs of Exchange Server as files: what they begin with, and what is none of them."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.formats.exchange import EXCHANGE
from smtpauth_tui.formats.exchange_lines import ExchangeLines
from smtpauth_tui.formats.syslog import looks_like_log
from tests.formats.reading import lines_of

LOG = Path(__file__).parent / "exchange" / "messages.log"
LINES = LOG.read_text(encoding="utf-8").splitlines()


def own() -> ExchangeLines:
    return EXCHANGE.own_lines(ZoneInfo("Europe/Berlin"), "")


@pytest.mark.parametrize("lines", [7, 8, 40])
def test_file_is_known_by_its_beginning(lines: int) -> None:
    assert looks_like_log(LINES[:lines], [own()])
    assert looks_like_log(["\ufeff" + LINES[0], *LINES[1:lines]], [own()])


def test_log_of_sent_mail_and_other_tables_are_none() -> None:
    sent = [line.replace("SMTP Receive", "SMTP Send") for line in LINES]
    assert not looks_like_log(sent, [own()])
    assert not looks_like_log(["date,user", "2026-11-16T09:00:00Z,ana,1,2,3,4,5,6,7"], [own()])


def test_stamps_are_in_utc_whatever_the_zone() -> None:
    (line,) = lines_of([LINES[5]], EXCHANGE)
    assert line.time == 1794819600
    assert (line.host, line.pid) == ("EX1", "08D7D6C2A1B0C0D1")
    assert own().zoneless == 0


@pytest.mark.parametrize("stamp", ["2026-13-16T09:00:00.532Z", "2026-11-31T09:00:00.532Z", "0001-01-01T00:00:00.000Z"])
def test_stamp_that_cannot_be_is_told(stamp: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        own()(stamp + LINES[5][24:])
