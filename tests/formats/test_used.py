"""A program's name alone does not make a log of its mail."""

import pytest

from smtpauth_tui.formats import FORMATS
from tests.formats.reading import lines_of

OTHERS = {
    "dovecot": [
        "dovecot: imap-login: Login: user=<ana>, method=PLAIN, rip=192.0.2.10, lip=198.51.100.1, mpid=9, session=<S>",
        "dovecot: auth: passwd-file(nagios,192.0.2.12): Password mismatch",
        "dovecot: lmtp(ana)<9><S>: msgid=<1@pc>: saved mail to INBOX",
    ],
    "opensmtpd": ["smtpd[5]: info: OpenSMTPD 7.4.0p1-portable starting", "smtpd[5]: 00000000000000a1 mta connected"],
}


@pytest.mark.parametrize("name", OTHERS)
def test_lines_of_other_services_are_not_used(name: str) -> None:
    known = next(one for one in FORMATS if one.name == name)
    reader = known.reader()
    lines = lines_of([f"Nov 16 09:00:00 mx1 {text}" for text in OTHERS[name]], known)
    assert len(lines) == len(OTHERS[name])
    for line in lines:
        reader.take(line)
    reader.pause()
    assert (reader.used, reader.orphans, reader.facts.submissions, reader.facts.failures) == (0, [], [], [])
