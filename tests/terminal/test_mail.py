"""A report is requested in a real terminal; the mail reaches the server whatever becomes of the interface."""

import time
from pathlib import Path

import pytest

from smtpauth_tui.store.outbox import MailState, Outbox
from tests.mailing.smtp_server import smtp_server
from tests.terminal.conftest import Open, make_store
from tests.terminal.logs import ordinary_log
from tests.terminal.pty_session import PATIENCE, PtySession

ADA = "ada@contoso.example"


def end_of(session: PtySession, way: str) -> None:
    match way:
        case "q":
            session.press("q")
            assert session.exit_status() == 0
        case "hang up":
            session.hang_up()
            session.process.wait(PATIENCE)
        case _:
            session.process.kill()
            session.process.wait()


@pytest.mark.parametrize("way", ["q", "hang up", "kill"])
def test_a_mail_goes_on_when_the_interface_ends(start: Open, tmp_path: Path, way: str) -> None:
    store = make_store(tmp_path, ordinary_log())
    with smtp_server(tmp_path / "server") as server:
        server.says(delay=2)
        config = tmp_path / "mail.toml"
        config.write_text(
            f"[mail]\nhost = 'localhost'\nport = {server.port}\nca_file = '{server.ca_file}'\n"
            f"from = 'reports@contoso.example'\nto = '{ADA}'\n"
        )
        session = start("--config", str(config), db=store)
        session.wait_for("sent 98 messages")
        session.shows("r", "by localhost", f"To              {ADA}", "SMTP Auth: 98 messages", "⏎ Send")
        session.press("enter")
        session.wait_for("Queued: SMTP Auth: 98")
        assert server.mails() == []
        end_of(session, way)
        end = time.monotonic() + PATIENCE
        while not server.mails():
            assert time.monotonic() < end, "the mail was lost with the interface"
            time.sleep(0.05)
        assert server.mails()[0].recipients == (ADA,)
        with Outbox(store) as outbox:
            while outbox.mails()[0].state is not MailState.SENT:
                assert time.monotonic() < end, "what the server said was not noted"
                time.sleep(0.05)
    assert len(server.mails()) == 1
