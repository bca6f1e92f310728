"""The doctor tries the mail server, and says in words what is wrong with it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smtpauth_tui.clock import Clock
from smtpauth_tui.doctor import examine
from smtpauth_tui.doctor.findings import Finding, Patient, Severity
from smtpauth_tui.store.outbox import Answer, NewMail, Outbox, Outcome
from tests.mailing.smtp_server import smtp_server

NO_BASIC = "Basic authentication is not supported for Client Submission"
SWITCHED_OFF = "Authentication unsuccessful, SmtpClientAuthentication is disabled for"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


async def of(folder: Path, check: str, mail: Mapping[str, object] | None = None) -> list[Finding]:
    config = folder / "config.toml"
    lines = [
        f"{name} = {str(value).lower() if value in (True, False) else repr(value)}"
        for name, value in (mail or {}).items()
    ]
    config.write_text("\n".join(["[mail]", *lines]))
    patient = Patient(folder / "store.db", Clock(lambda: NOW), config, None, {"SMTPAUTH_TUI_MAIL_PASSWORD": "canary-9"})
    return [found async for found in examine(patient) if found.check == check]


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_server_that_works(folder: Path, tls: str) -> None:
    with smtp_server(folder / "server", tls=tls, login=True) as server:
        options = {"host": "localhost", "port": server.port, "security": tls, "ca_file": str(server.ca_file)}
        (found,) = await of(folder, "mail", {**options, "user": "r@contoso.example"})
        assert found.severity is Severity.OK
        assert found.what.endswith("connected and logged in; from r@contoso.example.")
        assert not server.mails()


@pytest.mark.parametrize(
    ("options", "says", "what", "todo"),
    [
        ({"port": 1}, {}, "localhost:1 refuses connections", "Check host and port"),
        ({"host": "mail.contoso.invalid"}, {}, "mail.contoso.invalid", "host"),
        ({"security": "implicit"}, {}, "No encrypted connection", "465 is implicit, 587 is starttls"),
        ({"ca_file": ""}, {}, "certificate of localhost:", "ca_file"),
        ({}, {"without": "STARTTLS"}, "does not offer STARTTLS", "port = 465"),
        ({}, {"without": "AUTH"}, "does not offer the login", "Choose another auth"),
        (
            {},
            {"auth": "550 5.7.30 Basic authentication is not supported for Client Submission."},
            "550 5.7.30",
            "xoauth2",
        ),
        (
            {},
            {"auth": "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox."},
            "535",
            "Set-CASMailbox",
        ),
        ({}, {"auth": "535 5.7.3 Authentication unsuccessful canary-9"}, "535 5.7.3", "user or password is wrong"),
        ({"timeout": 1}, {"stall": "EHLO"}, "did not answer within 1 s", "Check host"),
        ({"password_file": "/nonexistent"}, {}, "/nonexistent cannot be read", "Check the path"),
        ({"prot": 1}, {}, "no setting 'prot'", "Settings of mail are"),
    ],
    ids=str,
)
async def test_what_is_wrong_in_words(
    folder: Path, options: Mapping[str, object], says: Mapping[str, str], what: str, todo: str
) -> None:
    with smtp_server(folder / "server", tls="starttls", login=True) as server:
        server.says(**says)
        usual = {"host": "localhost", "port": server.port, "security": "starttls", "ca_file": str(server.ca_file)}
        (found,) = await of(folder, "mail", {**usual, "user": "r@contoso.example", **options})
        assert found.severity is Severity.WARNING
        assert what in found.what
        assert todo in found.todo
        assert "canary-9" not in found.what + found.todo


async def test_mail_that_is_not_set_up_is_no_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtpauth_tui.mailing.options.SENDMAIL_PLACES", ())
    (found,) = await of(folder, "mail")
    assert found.severity is Severity.OK
    assert "not set up" in found.what


async def test_what_was_not_sent(folder: Path) -> None:
    (found,) = await of(folder, "outbox")
    assert found.severity is Severity.OK
    now = int(NOW.timestamp())
    with Outbox(folder / "store.db") as outbox:
        for number in (1, 2):
            mail = NewMail(f"<{number}@x>", "tls", f"Report {number}", "r@x.example", ("a@x.example",), b"")
            outbox.add(mail, now - 7200)
        for outcome in (Outcome.REFUSED, Outcome.LATER):
            mail = outbox.take(now - 7000)
            assert mail
            outbox.settle(mail, {"a@x.example": Answer(outcome, f"{outcome} by mail.example")}, now - 7000)
    failed, waiting = await of(folder, "outbox")
    assert failed.what == "Mail 1 (Report 1) failed 1 h ago: refused by mail.example"
    assert failed.todo.endswith("outbox retry 1")
    assert waiting.what == "1 mail waits in the outbox, the oldest since 2 h ago: later by mail.example"
    with Outbox(folder / "store.db") as outbox:
        outbox.cancel(2, now)
        outbox.retry(1, now)
        mail = outbox.take(int((NOW + timedelta(hours=1)).timestamp()))
        assert mail
        outbox.settle(mail, {"a@x.example": Answer(Outcome.TAKEN, "250 ok")}, now)
    (found,) = await of(folder, "outbox")
    assert found.severity is Severity.OK
