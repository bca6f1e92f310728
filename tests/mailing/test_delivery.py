"""Mails on their way to a real server: what the outbox says afterwards, and what the server has."""

import re
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.clock import Clock
from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing import delivery
from smtpauth_tui.mailing.delivery import deliver
from smtpauth_tui.mailing.options import MailSettings
from smtpauth_tui.mailing.smtp import SmtpTransport
from smtpauth_tui.mailing.transport import transport_of
from smtpauth_tui.store.outbox import LEASE, PAUSES, MailRow, MailState, NewMail, Outbox, RecipientState
from tests.mailing.smtp_server import Server, smtp_server
from tests.mailing.token_server import token_server

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SENDER = "reports@contoso.example"
TO = ("a@contoso.example", "b@contoso.example", "c@contoso.example")
MAIL = NewMail(
    "<1@contoso.example>", "tls", "TLS", SENDER, TO, b"Message-ID: <1@contoso.example>\r\n\r\nHello\r\n.\r\nend\r\n"
)


class Post:
    """An outbox, a server, and a clock that goes on when it is told to."""

    def __init__(self, folder: Path, server: Server, **options: Any) -> None:
        self.store = folder / "store.db"
        self.server = server
        self.now = NOW
        given = {"host": "localhost", "port": server.port, "ca_file": str(server.ca_file), "timeout": 2, **options}
        self.mail = MailSettings(**given)
        with Outbox(self.store) as outbox:
            outbox.add(MAIL, int(NOW.timestamp()))

    async def send(self, secret: str = "correct horse") -> MailRow:
        transport = SmtpTransport(self.mail, secret)
        rows = [row async for row in deliver(self.store, transport, Clock(lambda: self.now))]
        assert len(rows) == 1
        return rows[0]

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with smtp_server(tmp_path / "server") as server:
        yield Post(tmp_path, server, security="implicit")


def states(row: MailRow) -> list[RecipientState]:
    return [one.state for one in row.recipients]


async def test_server_takes_it(post: Post) -> None:
    row = await post.send()
    assert row.state is MailState.SENT
    assert row.answer.startswith("250 2.0.0 Ok: queued as ")
    (received,) = post.server.mails()
    assert (received.sender, received.recipients, received.message) == (SENDER, TO, MAIL.message)
    assert received.encrypted
    assert [row async for row in deliver(post.store, SmtpTransport(post.mail, ""), Clock())] == []


async def test_one_of_three_is_refused(post: Post) -> None:
    post.server.says(rcpt={TO[1]: "550 5.1.1 <b@contoso.example>: no such user"})
    row = await post.send()
    assert row.state is MailState.FAILED
    assert states(row) == [RecipientState.TAKEN, RecipientState.REFUSED, RecipientState.TAKEN]
    assert row.recipients[1].answer.startswith("550 5.1.1 <b@contoso.example>: no such user → There is no such mailbox")
    assert row.next_try is None
    assert post.server.mails()[0].recipients == (TO[0], TO[2])


async def test_later_and_then_taken(post: Post) -> None:
    post.server.says(rcpt={TO[2]: ["451 4.7.1 Greylisted, come back in 5 minutes", ""]})
    row = await post.send()
    assert row.state is MailState.QUEUED
    assert row.answer.startswith("451 4.7.1 Greylisted")
    assert row.next_try == int(NOW.timestamp()) + PAUSES[0]
    post.later(PAUSES[0])
    row = await post.send()
    assert (row.state, row.tries) == (MailState.SENT, 2)
    assert [mail.recipients for mail in post.server.mails()] == [TO[:2], TO[2:]]
    first, second = post.server.mails()
    assert first.message == second.message  # the same Message-ID, by which a copy can be told


@pytest.mark.parametrize(
    ("behaviour", "state", "said"),
    [
        ({"data": "451 4.3.0 try again"}, MailState.QUEUED, "451 4.3.0 try again"),
        ({"data": "554 5.7.1 spam"}, MailState.FAILED, "554 5.7.1 spam"),
        (
            {"mail": "550 5.7.60 SMTP; Client does not have permissions to send as this sender"},
            MailState.FAILED,
            "from",
        ),
        ({"mail": "451 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"}, MailState.QUEUED, "451 4.3.2"),
        ({"data": "drop"}, MailState.QUEUED, "no answer came .* may have it already.* same Message-ID"),
        ({"stall": "RCPT"}, MailState.QUEUED, "did not answer within 2 s"),
        ({"stall": "EHLO"}, MailState.QUEUED, "did not answer within 2 s"),
        ({"stall": "connect"}, MailState.QUEUED, "did not answer within 2 s"),
        ({"rcpt": dict.fromkeys(TO, "421 4.4.2 closing")}, MailState.QUEUED, "421 4.4.2 closing"),
    ],
    ids=str,
)
async def test_server_that_does_not_take_it(post: Post, behaviour: Any, state: MailState, said: str) -> None:
    post.server.says(**behaviour)
    row = await post.send()
    assert row.state is state
    assert len(set(states(row))) == 1
    assert re.search(said, row.answer), row.answer
    assert not post.server.mails()
    if state is MailState.QUEUED:
        post.server.says()
        post.later(PAUSES[0])
        assert (await post.send()).state is MailState.SENT
        assert len(post.server.mails()) == 1


async def test_connection_lost_before_the_answer(post: Post) -> None:
    """The one window that SMTP cannot close: the server has the mail, and nobody knows."""
    post.server.says(data=["drop after", ""])
    row = await post.send()
    assert row.state is MailState.QUEUED
    assert "it may have it already" in row.answer
    post.later(PAUSES[0])
    assert (await post.send()).state is MailState.SENT
    first, second = post.server.mails()
    assert first == second


async def test_nothing_goes_unencrypted_where_starttls_is_missing(tmp_path: Path) -> None:
    with smtp_server(tmp_path / "server", tls="none", login=True) as server:
        row = await Post(tmp_path, server, security="starttls", user="u@contoso.example").send()
        assert row.state is MailState.QUEUED
        assert "does not offer STARTTLS; nothing was sent" in row.answer
        assert not server.mails()
        assert not server.logins()


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ({"name": "other.example"}, "not valid for 'localhost'"),
        ({"expired": True}, "expired"),
        ({}, "unable to get local"),
    ],
    ids=["name", "expired", "authority"],
)
async def test_certificate_that_cannot_be_trusted(tmp_path: Path, tls: str, certificate: Any, said: str) -> None:
    with smtp_server(tmp_path / "server", tls=tls, login=True, **certificate) as server:
        trusted = {} if certificate else {"ca_file": ""}
        row = await Post(tmp_path, server, security=tls, user="u@contoso.example", **trusted).send()
        assert row.state is MailState.QUEUED
        assert said in row.answer
        assert "Nothing was sent" in row.answer
        assert not server.mails()
        assert not server.logins()


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_login_by_password(tmp_path: Path, tls: str) -> None:
    with smtp_server(tmp_path / "server", tls=tls, login=True) as server:
        row = await Post(tmp_path, server, security=tls, user="reports@contoso.example").send("pässword")
        assert row.state is MailState.SENT
        assert server.mails()[0].user == "reports@contoso.example"
        assert server.logins() == ["PLAIN reports@contoso.example pässword"]


async def test_refused_login_is_tried_once_and_tells_nobody_the_password(tmp_path: Path) -> None:
    with smtp_server(tmp_path / "server", tls="starttls", login=True) as server:
        server.says(auth="535 5.7.139 Authentication unsuccessful, basic authentication is disabled (canary-7)")
        post = Post(tmp_path, server, security="starttls", user="reports@contoso.example")
        row = await post.send("canary-7")
        assert row.state is MailState.FAILED
        assert "use OAuth" in row.answer
        assert "canary-7" not in row.answer
        assert len(server.logins()) == 1
        assert b"canary-7" not in (tmp_path / "store.db.outbox").read_bytes()


async def test_oauth_by_client_credentials(tmp_path: Path) -> None:
    with smtp_server(tmp_path / "server", tls="starttls", login=True) as server, token_server() as tokens:
        tokens.trust(server.ca_file)
        post = Post(
            *(tmp_path, server),
            security="starttls",
            user="reports@contoso.example",
            client_id="the-application",
            token_url=tokens.url,
        )
        row = await post.send("the-secret")
        assert row.state is MailState.SENT, row.answer
        assert server.logins() == ["XOAUTH2 reports@contoso.example a-token"]
        assert tokens.asked == [
            {
                "grant_type": "client_credentials",
                "client_id": "the-application",
                "client_secret": "the-secret",
                "scope": "https://outlook.office365.com/.default",
            }
        ]


@pytest.mark.parametrize(
    ("status", "answer", "state", "said"),
    [
        (
            401,
            {"error": "invalid_client", "error_description": "AADSTS7000215: no such-secret"},
            MailState.FAILED,
            "make a new one",
        ),
        (
            400,
            {"error": "unauthorized_client", "error_description": "AADSTS700016: x"},
            MailState.FAILED,
            "check client_id",
        ),
        (503, None, MailState.QUEUED, "HTTP status 503"),
        (302, None, MailState.QUEUED, "HTTP status 302"),
        (200, {"token": "none"}, MailState.QUEUED, "answered without a token"),
        (200, {"access_token": "a\r\nb"}, MailState.QUEUED, "answered without a token"),
    ],
    ids=str,
)
async def test_no_token(tmp_path: Path, status: int, answer: Any, state: MailState, said: str) -> None:
    with smtp_server(tmp_path / "server", tls="starttls", login=True) as server, token_server(status, answer) as tokens:
        tokens.trust(server.ca_file)
        post = Post(
            *(tmp_path, server), security="starttls", user="u@contoso.example", client_id="x", token_url=tokens.url
        )
        row = await post.send("such-secret")
        assert row.state is state
        assert said in row.answer
        assert "such-secret" not in row.answer
        assert not server.logins()


async def test_login_that_the_server_does_not_know(tmp_path: Path) -> None:
    with smtp_server(tmp_path / "server") as server:
        server.says(without="AUTH")
        row = await Post(tmp_path, server, security="implicit", user="u@contoso.example").send()
        assert row.state is MailState.FAILED
        assert "does not offer the login" in row.answer


async def test_nobody_there(tmp_path: Path) -> None:
    with smtp_server(tmp_path / "server") as server:
        post = Post(tmp_path, server, security="implicit")
    row = await post.send()
    assert (row.state, row.next_try) == (MailState.QUEUED, int(NOW.timestamp()) + PAUSES[0])
    assert "refuses connections" in row.answer


async def test_name_that_is_none(tmp_path: Path, post: Post) -> None:
    post.mail = post.mail.model_copy(update={"host": "mail.contoso.invalid"})
    row = await post.send()
    assert row.state is MailState.QUEUED
    assert "mail.contoso.invalid" in row.answer


async def test_answer_with_escape_codes_is_kept_as_it_is(post: Post) -> None:
    """What shows it neutralises it; the outbox loses nothing."""
    post.server.says(rcpt=dict.fromkeys(TO, "550 \x1b]0;title\x07 [red] no"))
    row = await post.send()
    assert "\x1b]0;title" in row.answer


async def test_mail_stays_in_hand_while_a_slow_server_thinks(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_BEAT", 0.1)
    post.server.says(delay=2)
    begun = time.monotonic()
    post.now, started = NOW, NOW

    def clock() -> datetime:
        return started + timedelta(seconds=(time.monotonic() - begun) * LEASE)  # a lease a second

    transport = SmtpTransport(post.mail, "")
    others: list[object] = []

    def look() -> None:
        for _ in range(15):
            time.sleep(0.1)
            with Outbox(post.store) as outbox:
                others.append(outbox.take(int(clock().timestamp())))

    thread = threading.Thread(target=look)
    thread.start()
    rows = [row async for row in deliver(post.store, transport, Clock(clock))]
    thread.join()
    assert [row.state for row in rows] == [MailState.SENT]
    assert others == [None] * 15
    assert len(post.server.mails()) == 1


# the other ways


def sendmail(folder: Path, script: str) -> MailSettings:
    program = folder / "sendmail"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return MailSettings(sendmail=str(program))


async def by(mail: MailSettings, store: Path) -> MailRow:
    with Outbox(store) as outbox:
        outbox.add(replace(MAIL, message_id=f"<{time.monotonic()}@x>"), int(NOW.timestamp()))
    return [row async for row in deliver(store, transport_of(mail), Clock(lambda: NOW))][-1]


async def test_by_sendmail(tmp_path: Path) -> None:
    mail = sendmail(tmp_path, f'echo "$@" > {tmp_path}/words; cat > {tmp_path}/mail')
    row = await by(mail, tmp_path / "store.db")
    assert (row.state, row.answer) == (MailState.SENT, f"handed over to {mail.sendmail}")
    assert (tmp_path / "words").read_text() == f"-i -f {SENDER} -- {' '.join(TO)}\n"
    assert (tmp_path / "mail").read_bytes() == MAIL.message.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("script", "state", "said"),
    [
        ("echo queue is full >&2; exit 75", MailState.QUEUED, "ended with status 75: queue is full"),
        ("exit 67", MailState.FAILED, "ended with status 67: no reason given"),
        ("exec 0<&-; exit 70", MailState.QUEUED, "ended with status 70"),
    ],
)
async def test_sendmail_that_does_not_take_it(tmp_path: Path, script: str, state: MailState, said: str) -> None:
    row = await by(sendmail(tmp_path, script), tmp_path / "store.db")
    assert row.state is state
    assert said in row.answer


async def test_as_file(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    row = await by(MailSettings(folder=str(folder)), tmp_path / "store.db")
    (path,) = folder.iterdir()
    assert (row.state, row.answer) == (MailState.SENT, f"written to {path}")
    assert path.read_bytes() == MAIL.message
    assert path.stat().st_mode & 0o777 == 0o600


def test_ways_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        transport_of(MailSettings(folder=str(tmp_path / "none")))
    with pytest.raises(UsageError, match="cannot be run"):
        transport_of(MailSettings(sendmail=str(tmp_path / "none")))
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=r"ca_file .* cannot be used"):
        transport_of(MailSettings(host="localhost", ca_file=str(tmp_path / "ca.pem")))


def test_certificates_are_verified() -> None:
    context = SmtpTransport(MailSettings(host="localhost"), "")._context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
