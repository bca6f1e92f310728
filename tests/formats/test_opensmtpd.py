"""Sessions of OpenSMTPD whose beginning is in an earlier log."""

from smtpauth_tui.formats.opensmtpd import OPENSMTPD
from smtpauth_tui.model import TlsVersion
from tests.formats.reading import lines_of

SESSION = [
    "connected address=192.0.2.10 host=pc.example",
    "tls ciphers=TLSv1.2:X:256",
    "authentication user=bo result=permfail",
    "authentication user=ana result=ok",
    "message msgid=366cbd36 size=3 nrcpt=1 proto=ESMTP",
    "envelope evpid=366cbd3600000001 from=<ana@shop.example> to=<x@far.example>",
    "disconnected reason=quit",
]
LINES = lines_of(
    [f"Nov 16 09:00:{n:02} mx1 smtpd[1]: 00000000000000a1 smtp {text}" for n, text in enumerate(SESSION)], OPENSMTPD
)


def test_failure_whose_client_is_in_an_earlier_log_counts_once_with_it() -> None:
    newer = OPENSMTPD.reader()
    for line in LINES[2:]:
        newer.take(line)
    newer.pause()
    assert [(one.account, one.client) for one in newer.facts.failures] == [("bo", "")]
    assert newer.orphans == LINES[2:]
    assert [one.tls for one in newer.facts.submissions] == [TlsVersion.UNKNOWN]
    older = OPENSMTPD.reader()
    for line in LINES[:2]:
        older.take(line)
    again = OPENSMTPD.reader(older.state())
    for line in newer.orphans:
        again.take(line)
    assert [(one.account, one.client) for one in again.facts.failures] == [("bo", "192.0.2.10")]
    assert [(one.client, one.tls) for one in again.facts.submissions] == [("192.0.2.10", TlsVersion.V1_2)]


def test_pause_hands_out_a_message_before_its_sender_is_known() -> None:
    reader = OPENSMTPD.reader()
    for line in LINES[:5]:
        reader.take(line)
    reader.pause()
    assert [one.sender for one in reader.facts.submissions] == [""]
    assert reader.facts.incomplete == 1
    reader.take(LINES[5])
    assert [one.sender for one in reader.facts.submissions] == ["", "ana@shop.example"]
