"""What the outbox's screen says after a real server took a mail, refused it, put it off, or never answered."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.clock import Clock
from smtpauth_tui.mailing.delivery import deliver
from smtpauth_tui.mailing.options import MailSettings
from smtpauth_tui.mailing.smtp import SmtpTransport
from smtpauth_tui.store.outbox import Outbox
from tests.mailing.smtp_server import Server, smtp_server
from tests.screens.conftest import NOON, Opener
from tests.screens.mails import queue

ADA, BO, CY = "ada@contoso.example", "bo@contoso.example", "cy@contoso.example"


async def sent_by(db: Path, server: Server, **options: Any) -> None:
    given = {"host": "localhost", "port": server.port, "ca_file": str(server.ca_file), "timeout": 1, **options}
    transport = SmtpTransport(MailSettings(**given), "")
    async for _ in deliver(db, transport, Clock(lambda: NOON)):
        pass


@pytest.mark.parametrize(
    ("how", "says", "options", "state", "said"),
    [
        ({}, {}, {}, "sent", ["The server took it for ada@contoso.example and 2 others"]),
        (
            {},
            {"rcpt": {BO: "550 5.1.1 no such user"}},
            {},
            "failed",
            ["took it for ada@contoso.example and 1 other", "Refused for bo@contoso.example: 550 5.1.1 no such user"],
        ),
        ({}, {"data": "451 4.3.0 try again"}, {}, "queued", ["451 4.3.0 try again", "It is tried again in 1 min"]),
        ({}, {"data": "drop"}, {}, "queued", ["it may have it already", "It is tried again in 1 min"]),
        ({"tls": "none"}, {}, {"security": "starttls"}, "queued", ["does not offer STARTTLS; nothing was sent"]),
        ({"name": "other.example"}, {}, {}, "queued", ["cannot be trusted", "not valid for 'localhost'"]),
        ({}, {"stall": "RCPT"}, {}, "queued", ["did not answer within 1 s"]),
    ],
    ids=["accepts", "refuses one", "puts off", "drops in DATA", "no STARTTLS", "wrong certificate", "stalls"],
)
async def test_what_the_screen_says(
    demo_db: Path,
    tmp_path: Path,
    interface: Opener,
    how: Mapping[str, Any],
    says: Mapping[str, Any],
    options: Mapping[str, Any],
    state: str,
    said: list[str],
) -> None:
    queue(demo_db, "SMTP Auth: 3,680 messages", ADA, BO, CY)
    with smtp_server(tmp_path / "server", **how) as server:
        server.says(**says)
        await sent_by(demo_db, server, **options)
    async with interface(demo_db, (120, 40)) as seen:
        await seen.press("o")
        assert seen.text.splitlines()[3].split()[2] == state
        shown = " ".join(seen.text.split())
        for sentence in said:
            assert sentence in shown


async def test_put_off_and_then_taken(demo_db: Path, tmp_path: Path, interface: Opener) -> None:
    queue(demo_db, "SMTP Auth: 3,680 messages", ADA, ago=600)
    with smtp_server(tmp_path / "server") as server:
        server.says(data=["451 4.7.1 come later", ""])
        await sent_by(demo_db, server)
        async with interface(demo_db, (120, 40)) as seen:
            await seen.press("o")
            assert "451 4.7.1 come later" in seen.text
            with Outbox(demo_db) as outbox:
                outbox.retry(1, int(NOON.timestamp()))
            await sent_by(demo_db, server)
            seen.app.look_at_store()  # type: ignore[attr-defined]
            await seen.settle()
            assert "The server took it for ada@contoso.example" in seen.text
