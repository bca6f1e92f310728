"""The outbox at the command line: what it shows and says, and how it ends."""

import os
import subprocess
import sys
import time
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from smtpauth_tui.store.outbox import MailState, NewMail, Outbox
from tests.cli.conftest import Cli, Done
from tests.logs import command_line, surroundings
from tests.mailing.smtp_server import Server

ANA, BO, CY = (f"{name}@contoso.example" for name in ("ana", "bo", "cy"))


def queued(db: Path, *recipients: str, text: str = "Good figures.\n", subject: str = "SMTP Auth: 5 messages") -> int:
    """Put a mail into the outbox; its number."""
    message = EmailMessage(SMTP)
    message["From"], message["To"], message["Subject"] = "reports@shop.example", ", ".join(recipients or [ANA]), subject
    message.set_content(text)
    message.add_attachment(b"a,b\r\n1,2\r\n", maintype="text", subtype="csv", filename="report.csv")
    with Outbox(db) as outbox:
        number = outbox.add(
            NewMail(
                f"<{time.monotonic_ns()}@shop.example>",
                "tls",
                subject,
                "reports@shop.example",
                recipients or (ANA,),
                bytes(message),
            ),
            int(time.time()),
        )
    assert number
    return number


def state(db: Path, number: int) -> MailState:
    with Outbox(db) as outbox:
        row = outbox.mail(number)
    assert row
    return row.state


def assert_harmless(text: str) -> None:
    assert all(sign.isprintable() or sign == "\n" for sign in text)


# list and show


def test_empty_outbox_is_not_made_by_looking_at_it(cli: Cli, db: Path) -> None:
    assert cli("outbox", "list").out == "The outbox is empty.\n"
    assert cli("outbox", "list", "--json").json == {"schema": 1, "mails": []}
    assert cli("outbox", "send") == Done(0, "", "")
    assert cli("outbox", "send", "--json").json == {"schema": 1, "mails": []}
    assert cli("outbox", "show", "1").status == 1
    assert list(db.parent.iterdir()) == []


@pytest.mark.usefixtures("server")
def test_list_has_a_line_for_each_mail_the_newest_first(cli: Cli, db: Path) -> None:
    queued(db, ANA, BO, CY)
    cli("outbox", "send")
    queued(db)
    head, rule, second, first = cli("outbox", "list").out.splitlines()
    assert head.split() == "ID State Tries Created (UTC) Next try (UTC) Subject To Last answer".split()
    assert set(rule) == {"─", " "}
    assert second.split()[:3] == ["2", "queued", "0"]
    assert first.split()[:3] == ["1", "sent", "1"]
    assert f"{ANA} and 2 more" in first
    assert first.endswith("250 2.0.0 Ok: queued as 0000000001")
    assert [row["id"] for row in cli("outbox", "list", "--json").json["mails"]] == [2, 1]


def test_list_in_a_narrow_terminal_cuts_the_subject(cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(db, subject="SMTP Auth: " + "9" * 80)
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setattr("smtpauth_tui.cli.outbox.table_width", lambda: 110)
    lines = cli("outbox", "list").out.splitlines()
    assert max(map(len, lines)) == 110
    assert "999…" in lines[2]
    assert ANA in lines[2]


def test_a_mail_as_json_has_the_fields_of_the_contract(cli: Cli, db: Path) -> None:
    queued(db, ANA, BO)
    (row,) = cli("outbox", "list", "--json").json["mails"]
    assert list(row) == ("id message_id report subject state tries created changed next_try answer recipients".split())
    assert row["created"] == row["changed"] == row["next_try"]
    assert row["created"].endswith("Z")
    assert (row["id"], row["report"], row["state"], row["tries"], row["answer"]) == (1, "tls", "queued", 0, "")
    assert row["recipients"] == [{"address": name, "state": "waiting", "answer": ""} for name in (ANA, BO)]


def test_show_has_the_envelope_and_the_text(cli: Cli, db: Path) -> None:
    queued(db, ANA, BO, text="Messages  41,723\nTLS 1.3   ·····\n")
    shown = cli("outbox", "show", "1")
    assert (shown.status, shown.err) == (0, "")
    envelope, _, text = shown.out.partition("\n\n")
    for words in (
        "1, queued, next try ",
        "<",
        "SMTP Auth: 5 messages",
        "reports@shop.example",
        ANA,
        BO,
        "report.csv (10",
    ):
        assert words in envelope
    assert text == "Messages  41,723\nTLS 1.3   ·····\n"
    told = cli("outbox", "show", "1", "--json").json
    assert told["text"] == text
    assert told["attachments"] == [{"name": "report.csv", "bytes": 10}]
    assert told["mail"]["id"] == 1


def test_what_is_hostile_reaches_no_terminal(cli: Cli, db: Path, server: Server) -> None:
    server.says(rcpt={ANA: "550 5.1.1 \x1b]0;owned\x07 no"})
    queued(db, ANA, BO, text="From \x9b31m\u202eevil\x0c\n", subject="Hello")
    for words in (("send",), ("list",), ("show", "1"), ("retry", "1")):
        for form in ((), ("--json",)):
            done = cli("outbox", *words, *form)
            assert_harmless(done.out + done.err)
            assert done.out + done.err
    assert "\\x1b]0;owned\\x07" in cli("outbox", "list").out
    assert "\\u202e" in cli("outbox", "show", "1").out


# send


def test_send_tells_what_was_taken(cli: Cli, db: Path, server: Server) -> None:
    queued(db, ANA, BO)
    queued(db, CY)
    done = cli("outbox", "send")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"Mail 1 was taken for {ANA}, {BO}: 250 2.0.0 Ok: queued as 0000000001",
        f"Mail 2 was taken for {CY}: 250 2.0.0 Ok: queued as 0000000002",
    ]
    assert [mail.recipients for mail in server.mails()] == [(ANA, BO), (CY,)]
    assert cli("outbox", "send") == Done(0, "", "")


def test_refused_for_good_ends_with_1(cli: Cli, db: Path, server: Server) -> None:
    server.says(rcpt={BO: "550 5.1.1 No such user here"})
    queued(db, ANA, BO, CY)
    done = cli("outbox", "send")
    assert done.status == 1
    assert done.out.startswith(f"Mail 1 was taken for {ANA}, {CY}: 250 ")
    assert f"Mail 1 was refused for {BO}: 550 5.1.1 No such user here" in done.err
    assert state(db, 1) is MailState.FAILED


def test_what_waits_ends_with_3_and_says_when(cli: Cli, db: Path, server: Server) -> None:
    server.says(rcpt={BO: "451 4.7.1 Greylisted"})
    queued(db, ANA, BO)
    done = cli("outbox", "send", "--json")
    assert done.status == 3
    assert f"Mail 1 waits for {BO}: 451 4.7.1 Greylisted" in done.err
    assert "The next try is due at 20" in done.err
    (row,) = done.json["mails"]
    assert (row["state"], row["tries"]) == ("queued", 1)
    assert [one["state"] for one in row["recipients"]] == ["taken", "waiting"]


def test_refusal_counts_more_than_waiting(cli: Cli, db: Path, server: Server) -> None:
    server.says(rcpt={ANA: "451 4.7.1 Greylisted", BO: "550 5.1.1 No such user"})
    queued(db, ANA, BO)
    assert cli("outbox", "send").status == 1


def test_no_way_to_send_is_told_where_there_is_something_to_send(
    cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_TRANSPORT", "sendmail")
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_SENDMAIL", str(db.parent / "none"))
    assert cli("outbox", "send").status == 0
    queued(db)
    done = cli("outbox", "send")
    assert (done.status, done.out) == (2, "")
    assert "cannot be run" in done.err
    assert state(db, 1) is MailState.QUEUED


def test_no_listener_keeps_a_mail_from_being_sent(db: Path, server: Server) -> None:
    """Its outputs are pipes that nobody reads any more."""
    server.says(rcpt={BO: "550 5.1.1 No such user"})
    queued(db, ANA, BO)
    queued(db, CY)
    environment = {name: value for name, value in os.environ.items() if name.startswith("SMTPAUTH_TUI_")}
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            command_line("outbox", "send", db=db),
            stdin=subprocess.DEVNULL,
            stdout=write,
            stderr=write,
            env=surroundings(db, **environment),
            timeout=60,
        )
    finally:
        os.close(write)
    assert done.returncode == 141
    assert [mail.recipients for mail in server.mails()] == [(ANA,), (CY,)]
    assert (state(db, 1), state(db, 2)) == (MailState.FAILED, MailState.SENT)


# retry and cancel


def test_retry_sends_at_once_to_those_who_do_not_have_it(cli: Cli, db: Path, server: Server) -> None:
    server.says(rcpt={BO: "451 4.7.1 Greylisted"})
    queued(db, ANA, BO)
    assert cli("outbox", "send").status == 3
    assert cli("outbox", "retry", "1").status == 3
    server.says()
    done = cli("outbox", "retry", "1")
    assert done.status == 0
    assert f"Mail 1 was taken for {BO}: 250" in done.out
    assert [mail.recipients for mail in server.mails()] == [(ANA,), (BO,)]
    again = cli("outbox", "retry", "1")
    assert (again.status, again.out) == (1, "")
    assert "it is sent" in again.err


def test_cancelled_is_not_sent_until_it_is_tried_again(cli: Cli, db: Path, server: Server) -> None:
    queued(db)
    assert cli("outbox", "cancel", "1").out == "Mail 1 is cancelled.\n"
    assert cli("outbox", "send") == Done(0, "", "")
    again = cli("outbox", "cancel", "1")
    assert (again.status, again.out) == (1, "")
    assert "it is cancelled" in again.err
    assert server.mails() == []
    assert cli("outbox", "retry", "1", "--json").json["mail"]["state"] == "sent"
    assert cli("outbox", "cancel", "1").status == 1


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("word", ["show", "retry", "cancel"])
def test_mail_that_is_not_there(cli: Cli, db: Path, word: str) -> None:
    queued(db)
    done = cli("outbox", word, "7")
    assert (done.status, done.out) == (1, "")
    assert "no mail 7" in done.err
    assert cli("outbox", word, "0").status == cli("outbox", word, "x").status == cli("outbox", word).status == 2


@pytest.mark.usefixtures("server")
def test_mail_in_another_hand_is_left_to_it(cli: Cli, db: Path) -> None:
    queued(db)
    with subprocess.Popen([sys.executable, "-c", HOLDER.format(db=str(db))], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline()
        assert cli("outbox", "send") == Done(0, "", "")
        assert "it is sending" in cli("outbox", "cancel", "1").err
        assert cli("outbox", "retry", "1").status == 1
        holder.kill()
    assert "Mail 1 was taken" in cli("outbox", "send").out


HOLDER = """
import sys, time
from pathlib import Path
from smtpauth_tui.store.outbox import Outbox
with Outbox(Path({db!r})) as outbox:
    assert outbox.take(int(time.time()))
print("taken", flush=True)
time.sleep(60)
"""


def test_help_of_its_commands_begins_with_examples(cli: Cli) -> None:
    assert cli("outbox").status == 2
    assert cli("outbox", "--help").out.startswith("Examples:\n  smtpauth-tui outbox list")
    assert cli("help", "outbox", "retry").out.startswith("Examples:\n  smtpauth-tui outbox retry 3")
    assert "Usage: smtpauth-tui outbox retry [OPTIONS] ID" in cli("help", "outbox", "retry").out
    assert cli("help", "outbox", "nothing").status == cli("help", "show", "tls").status == 2
