"""What clients choose - logins, senders, greetings - changes its own field and no other, in each format."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.formats import FORMATS
from smtpauth_tui.formats.address import path_end
from smtpauth_tui.formats.opensmtpd import unescaped
from smtpauth_tui.model import LogLine
from tests.formats.reading import read, shown
from tests.formats.test_hostile import FREE, REPEATED_TEXTS

Found = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def found(lines: list[str], format_name: str) -> Found:
    facts = read(lines, format_name)
    assert not facts.misread_lines
    return [shown(one) for one in facts.submissions], [shown(one) for one in facts.failures]


def vis(name: str) -> str:
    """A login as OpenSMTPD writes it, each byte in octal."""
    return "".join(f"\\{byte:03o}" for byte in name.encode("utf-8", "backslashreplace"))


def quoted(local: str) -> str:
    """An address whose local part is quoted."""
    return '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"@far.example'


def opensmtpd(command: str = "x", name: str = "ana", tried: str = "bo") -> list[str]:
    texts = [
        "connected address=192.0.2.10 host=pc.example",
        "tls ciphers=TLSv1.2:X:256",
        f'failed-command command="{command}" result="500 5.5.1 Invalid command"',
        f"authentication user={vis(tried)} result=permfail",
        f"authentication user={vis(name)} result=ok",
        "message msgid=366cbd36 size=3 nrcpt=1 proto=ESMTP",
        "envelope evpid=366cbd3600000001 from=<ana@shop.example> to=<x@far.example>",
        "disconnected reason=quit",
    ]
    return [f"Nov 16 09:00:{n:02} mx1 smtpd[1]: 00000000000000a1 smtp {text}" for n, text in enumerate(texts)]


def dovecot(sender: str = "ana@shop.example", tried: str = "bo", secret: str = "x") -> list[str]:
    texts = [
        "submission-login: Login: user=<ana>, method=PLAIN, rip=192.0.2.10, lip=198.51.100.1, mpid=7, session=<S1>",
        f"auth: sql(cy,192.0.2.66,<S2>): Password mismatch (given password: {secret})",
        "submission-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): "
        f"user=<{tried}>, method=LOGIN, rip=192.0.2.66, lip=198.51.100.1, session=<S3>",
        f"submission(ana)<7><S1>: Successfully relayed message: from=<{sender}>, size=5, id=a1, nrcpt=1, "
        "reply=`250 2.0.0 Ok: queued as 9DBFF2AE965'",
    ]
    return [f"Nov 16 09:00:{n:02} mx1 dovecot: {text}" for n, text in enumerate(texts)]


def csv(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if any(sign in value for sign in ',"') else value


def exchange(
    greeting: str = "pc", sender: str = "ana@shop.example", message_id: str = "1@pc", tried: str = "bo"
) -> list[str]:
    lines = [
        ("+", "", ""),
        ("<", f"EHLO {greeting}", ""),
        ("<", "AUTH LOGIN", ""),
        ("*", "", "Inbound AUTH LOGIN failed because of LogonDenied"),
        ("*", "", f"User Name: {tried}"),
        (">", "535 5.7.3 Authentication unsuccessful", ""),
        ("<", "AUTH LOGIN", ""),
        ("*", "SHOP\\ana", "authenticated"),
        ("<", f"MAIL FROM:<{sender}> SIZE=7", ""),
        (">", "250 2.1.0 Sender OK", ""),
        ("<", "RCPT TO:<x@far.example>", ""),
        (">", "250 2.1.5 Recipient OK", ""),
        (">", f"250 2.6.0 <{message_id}> [InternalId=110, Hostname=ex1.shop.example] Queued mail for delivery", ""),
        ("-", "", "Remote"),
    ]
    start = "EX1\\Client Frontend EX1,08D7D6C2A1B0C0D1"
    return [
        f"2026-11-16T09:00:{n:02}.532Z,{start},{n},198.51.100.1:587,192.0.2.10:4000,{event},{csv(data)},{csv(context)}"
        for n, (event, data, context) in enumerate(lines)
    ]


# of what reaches a line: no line break, no lone surrogate
TEXT = FREE.map(lambda text: text.encode("utf-8", "backslashreplace").decode())
IMITATIONS = st.sampled_from(
    [
        ", session=<S1>",
        ">, method=PLAIN, rip=203.0.113.9, lip=203.0.113.9, mpid=7, TLSv1.3 with cipher X (1/1 bits), session=<S1>",
        ">, size=9, id=b2, nrcpt=9, reply=`250 2.0.0 Ok: queued as BAD'",
        "x,203.0.113.9,<S1>): Password mismatch",
        " result=ok",
        "x result=ok address=203.0.113.9 host=x",
        '",*,SHOP\\boss,authenticated',
        ",authenticated",
        "> [InternalId=666] Queued mail for delivery",
        "[InternalId=6, Hostname=x",
        '> SIZE=9"',
        '\\"> SIZE=9',
    ]
)
ANY = st.one_of(TEXT, IMITATIONS, st.tuples(IMITATIONS, TEXT).map("".join), st.tuples(TEXT, IMITATIONS).map("".join))


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_opensmtpd_takes_no_field_from_another(text: str) -> None:
    submissions, failures = found(opensmtpd(), "opensmtpd")
    assert found(opensmtpd(command=text), "opensmtpd") == (submissions, failures)
    assert found(opensmtpd(tried=text), "opensmtpd") == (submissions, [{**failures[0], "account": text or None}])
    assert found(opensmtpd(name=text), "opensmtpd") == ([{**submissions[0], "account": text}], failures)


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_dovecot_takes_no_field_from_another(text: str) -> None:
    submissions, failures = found(dovecot(), "dovecot")
    assert found(dovecot(secret=text), "dovecot") == (submissions, failures)
    assert found(dovecot(tried=text), "dovecot") == (submissions, [{**failures[0], "account": text or None}])
    sender = quoted(text)
    assert found(dovecot(sender=sender), "dovecot") == ([{**submissions[0], "sender": sender}], failures)


@settings(max_examples=300, deadline=None)
@given(ANY.filter(lambda text: text not in ("", "NULL")))
def test_exchange_takes_no_field_from_another(text: str) -> None:
    submissions, failures = found(exchange(), "exchange")
    assert found(exchange(greeting=text, message_id=text), "exchange") == (submissions, failures)
    assert found(exchange(tried=text), "exchange") == (submissions, [{**failures[0], "account": text}])
    sender = quoted(text)
    assert found(exchange(sender=sender), "exchange") == ([{**submissions[0], "sender": sender}], failures)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_login_that_opensmtpd_escaped_is_what_the_client_gave(name: str) -> None:
    assert unescaped(vis(name)) == name


@pytest.mark.parametrize(("path", "address"), [('"a>b"@x> to=<c>', '"a>b"@x'), (">", ""), ('"a>', '"a'), ("a@x", None)])
def test_path_ends_behind_its_quoted_part(path: str, address: str | None) -> None:
    end = path_end(path, 0)
    assert (end and end[0]) == address


BEGINNINGS = [
    "00000000000000a1 smtp authentication user=",
    "00000000000000a1 smtp envelope evpid=366cbd3600000001 from=<",
    "00000000000000a1 smtp event=message msgid=366cbd36 from=<",
    "00000000000000a1 smtp tls ciphers=",
    "submission(",
    "submission(ana)<1><S1>: Successfully relayed message: from=<",
    'submission(ana)<1><S1>: Successfully relayed message: from=<"',
    "submission(ana)<1><S1>: Successfully relayed message: from=<>, size=1, id=x, nrcpt=1, reply=`250 OK: ",
    "submission-login: Login: user=<",
    "submission-login: Disconnected (auth failed, ",
    "imap-login: ",
    "auth: sql(",
    "auth(",
    "1,a:1,192.0.2.10:4,<,MAIL FROM:<",
    '1,a:1,192.0.2.10:4,<,"MAIL FROM:<""',
    "1,a:1,192.0.2.10:4,>,250 2.6.0 [InternalId=",
    "1,a:1,192.0.2.10:4,*,,TLS protocol SP_PROT_",
    "1,a:1,192.0.2.10:4,*,,Proxy session successfully set up for ",
    "1,a:1,192.0.2.10:4,<,XPROXY SID=",
]
LONG_TEXTS = [
    *REPEATED_TEXTS,
    '"' * 60_000,
    "\\" * 60_000,
    ",<" * 30_000,
    ")<1>" * 15_000,
    ">, method=" * 6_000,
    "\\M-" * 20_000,
]


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_longest_lines_do_not_hold_a_reader_up(known: Any, beginning: str) -> None:
    reader = known.reader()
    reader.take(LogLine(1, "mx1", "smtpd", "1", "00000000000000a1 smtp authentication user=ana result=ok"))
    for text in LONG_TEXTS:
        for end in ("", ",", "'", ">, size=1 ndest=1 proto=X", " Queued mail for delivery,", ">"):
            reader.take(LogLine(1, "mx1", "smtpd", "1", beginning + text + end))
