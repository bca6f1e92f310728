"""Mailing a report from the command line: what goes out, what is said of it, and how it ends."""

import json
import os
import signal
import stat
import subprocess
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from smtpauth_tui.mailing.content import MAILED
from smtpauth_tui.model import AuthFailure, Submission, TlsVersion
from smtpauth_tui.store.outbox import MailState, Outbox
from tests.cli.conftest import Cli
from tests.logs import command_line, surroundings
from tests.mailing.smtp_server import Server
from tests.store.facts import fill, refused, sent

ANA, BO, CY = (f"{name}@contoso.example" for name in ("ana", "bo", "cy"))
WEEK = ("--start", "2026-11-16", "--end", "2026-11-22")
TLS = ("mail", "tls", "--to", ANA, *WEEK)


def parsed(message: bytes) -> EmailMessage:
    return message_from_bytes(message, policy=SMTP)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body
    return body.get_content()


def names_of(message: EmailMessage) -> list[str]:
    return [part.get_filename("") for part in message.iter_attachments()]


def states(db: Path) -> list[MailState]:
    with Outbox(db) as outbox:
        return [row.state for row in reversed(outbox.mails())]


def environment(db: Path, **more: str) -> dict[str, str]:
    settings = {name: value for name, value in os.environ.items() if name.startswith("SMTPAUTH_TUI_")}
    return surroundings(db, **settings, **more)


# sending


@pytest.mark.usefixtures("filled")
def test_report_reaches_its_recipients(cli: Cli, server: Server) -> None:
    done = cli("mail", "tls", "--to", f"{ANA}, {BO}", "--to", CY, *WEEK)
    assert (done.status, done.err) == (0, "")
    assert done.out == f"Mail 1 was taken for {ANA}, {BO}, {CY}: 250 2.0.0 Ok: queued as 0000000001\n"
    (mail,) = server.mails()
    assert (mail.sender, mail.recipients, mail.encrypted) == ("reports@shop.example", (ANA, BO, CY), True)
    message = parsed(mail.message)
    assert message["Subject"].startswith("SMTP Auth: 4 messages, ")
    assert message["From"] == "reports@shop.example"
    assert message["To"] == f"{ANA}, {BO}, {CY}"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "16" in text_of(message)
    assert [name.rpartition(".")[2] for name in names_of(message)] == ["xlsx"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("report", MAILED)
def test_each_report_can_be_mailed(cli: Cli, server: Server, report: str) -> None:
    assert cli("mail", report, "--to", ANA, *WEEK, "--attach", "xlsx,csv").status == 0
    (mail,) = server.mails()
    assert sorted(name.rpartition(".")[2] for name in names_of(parsed(mail.message))) == ["csv", "xlsx"]


@pytest.mark.usefixtures("filled", "server")
def test_json_has_the_mail_and_progress_its_number(cli: Cli) -> None:
    done = cli(*TLS, "--json", "--progress", "json")
    (line,) = done.err.splitlines()
    told = done.json
    assert list(told) == ["schema", "mail"]
    assert json.loads(line) == {"progress": {"queued": told["mail"]["id"], "subject": told["mail"]["subject"]}}
    assert (told["mail"]["report"], told["mail"]["state"], told["mail"]["tries"]) == ("tls", "sent", 1)
    assert told["mail"]["next_try"] is None
    assert [one["state"] for one in told["mail"]["recipients"]] == ["taken"]
    assert "--progress" not in cli("mail", "--help").out


@pytest.mark.usefixtures("filled")
def test_refused_for_somebody_ends_with_1(cli: Cli, server: Server) -> None:
    server.says(rcpt={BO: "550 5.1.1 No such user here"})
    done = cli("mail", "tls", "--to", f"{ANA},{BO}", *WEEK)
    assert done.status == 1
    assert done.out.startswith(f"Mail 1 was taken for {ANA}: 250 ")
    assert f"smtpauth-tui: Mail 1 was refused for {BO}: 550 5.1.1 No such user here" in done.err


@pytest.mark.usefixtures("filled")
def test_what_the_server_puts_off_waits_and_is_sent_later(cli: Cli, db: Path, server: Server) -> None:
    server.says(data=["451 4.3.0 Come again later", ""])
    done = cli(*TLS)
    assert (done.status, done.out) == (3, "")
    assert f"Mail 1 waits for {ANA}: 451 4.3.0 Come again later" in done.err
    assert "The next try is due at " in done.err
    waiting = cli("outbox", "list", "--json").json["mails"][0]
    assert cli("outbox", "retry", "1").status == 0
    assert parsed(server.mails()[0].message)["Message-ID"] == waiting["message_id"]


@pytest.mark.usefixtures("filled", "server")
def test_server_that_is_away_keeps_nothing_from_the_outbox(cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_PORT", "1")
    done = cli(*TLS, "--json")
    assert done.status == 3
    assert done.json["mail"]["state"] == "queued"
    assert "localhost:1 refuses connections" in done.err


@pytest.mark.usefixtures("filled")
def test_other_mails_that_are_due_go_along_and_do_not_count(cli: Cli, db: Path, server: Server) -> None:
    assert cli("mail", "tls", "--to", BO, *WEEK, "--no-send").status == 0
    server.says(rcpt={BO: "550 5.1.1 No such user"})
    done = cli(*TLS, "--json")
    assert (done.status, done.json["mail"]["id"]) == (0, 2)
    assert f"Mail 1 was refused for {BO}" in done.err
    assert states(db) == [MailState.FAILED, MailState.SENT]


@pytest.mark.usefixtures("filled")
def test_mail_as_a_file(cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_FOLDER", str(folder))
    done = cli(*TLS)
    (file,) = folder.iterdir()
    assert (done.status, done.out) == (0, f"Mail 1 was taken for {ANA}: written to {file}\n")
    assert parsed(file.read_bytes())["To"] == ANA


# whom, what, when


@pytest.mark.usefixtures("filled")
def test_recipients_of_the_settings(cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_TO", f"{BO} {CY}")
    assert cli("mail", "tls", *WEEK).status == 0
    assert cli(*TLS).status == 0
    assert [mail.recipients for mail in server.mails()] == [(BO, CY), (ANA,)]


@pytest.mark.usefixtures("filled")
def test_an_international_domain_goes_out_in_ascii_and_each_recipient_once(cli: Cli, server: Server) -> None:
    assert cli("mail", "tls", "--to", f"ana@bücher.example,{BO},{BO}\n ana@xn--bcher-kva.example", *WEEK).status == 0
    assert server.mails()[0].recipients == ("ana@xn--bcher-kva.example", BO)


@pytest.mark.usefixtures("filled", "server")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mail", "tls"), "Nobody is named"),
        (("mail", "tls", "--to", " , "), "Nobody is named"),
        (("mail", "tls", "--to", f"{ANA},bo"), "'bo' is no mail address"),
        (("mail", "tls", "--to", '"a b"@contoso.example'), "is no mail address"),
        (("mail", "tls", "--to", "ana@contoso.example\x1b[2J"), "is no domain name"),
        (("mail", "tls", "--to", "ana@elsewhere.example"), "may not be sent to ana@elsewhere.example"),
        ((*TLS, "--attach", "pdf"), "Kinds are: xlsx, csv; or none"),
        ((*TLS, "--attach", ""), "names no attachments"),
        ((*TLS, "--last", "7d"), "do not go together"),
        (("mail", "tls", "--to", ANA, "--start", "never"), "is not a date"),
        ((*TLS, "--domain", "x" * 1001), "at most 1,000"),
        ((*TLS, "--domain", "\udcff"), "is not a text"),
        ((*TLS, "--when", "never"), "never"),
        (("mail", "imports", "--to", ANA), "volume, tls, senders, summary, failures"),
        (("mail",), "Missing argument"),
    ],
)
def test_words_that_cannot_be_taken_queue_nothing(
    cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_ALLOWED_DOMAINS", "contoso.example")
    done = cli(*words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert "\x1b" not in done.err
    assert not Outbox.path_of(db).exists()


@pytest.mark.usefixtures("filled")
def test_period_and_domain_are_those_of_show(cli: Cli, tmp_path: Path) -> None:
    """Text of a mail of 7 days up to a day, of one domain."""
    words = ("--last", "7d", "--end", "2026-11-22", "--domain", "other.example")
    mail = parsed(cli("mail", "senders", "--to", ANA, *words, "--dry-run", "-").out.encode())
    (row,) = cli("show", "senders", *words, "--json").json["rows"]
    assert mail["Subject"].lstrip().startswith(f"SMTP Auth other.example: {row['messages']} message, ")
    assert mail["Subject"].endswith("(16-22 Nov 2026)")
    assert row["sender"] in text_of(mail)
    assert "ana@shop.example" not in text_of(mail)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("attach", ["none", "csv", "xlsx", "csv, XLSX"])
def test_attachments(cli: Cli, tmp_path: Path, attach: str) -> None:
    cli(*TLS, "--attach", attach, "--dry-run", tmp_path / "tls.eml")
    kinds = {name.rpartition(".")[2] for name in names_of(parsed((tmp_path / "tls.eml").read_bytes()))}
    assert kinds == {kind.strip().lower() for kind in attach.split(",")} - {"none"}


@pytest.mark.parametrize(
    ("when", "submissions", "failures", "goes"),
    [
        ("always", [], [], True),
        ("messages", [], [refused("root")], False),
        ("messages", [sent("A1")], [], True),
        ("outdated", [sent("A1")], [], False),
        ("outdated", [sent("A1"), sent("A2", tls=TlsVersion.V1_1)], [], True),
        ("failures", [sent("A1")], [], False),
        ("failures", [sent("A1")], [refused("root")], True),
    ],
)
def test_when_decides(
    cli: Cli,
    db: Path,
    server: Server,
    when: str,
    submissions: list[Submission],
    failures: list[AuthFailure],
    goes: bool,
) -> None:
    fill(db, [sent("A0", 1_700_000_000), *submissions], failures)
    done = cli(*TLS, "--when", when)
    assert done.status == 0
    assert len(server.mails()) == goes
    if not goes:
        assert done.out == ""
        assert done.err.startswith("smtpauth-tui: Not sent: there are no ")
        assert "from 2026-11-16 to 2026-11-22" in done.err
        assert not Outbox.path_of(db).exists()
        assert cli(*TLS, "--when", when, "--json").json == {"schema": 1, "mail": None}


@pytest.mark.usefixtures("filled")
def test_once(cli: Cli, db: Path, server: Server) -> None:
    assert cli(*TLS, "--once").status == 0
    again = cli(*TLS, "--once", "--json")
    assert (again.status, again.json) == (0, {"schema": 1, "mail": None})
    assert "Not queued again" in again.err
    both = ("mail", "tls", *WEEK, "--once", "--to")
    assert cli(*both, f"{BO},{CY}").status == cli(*both, f"{CY};{BO}").status == 0
    assert cli("mail", "volume", "--to", ANA, *WEEK, "--once").status == 0
    assert cli(*TLS, "--once", "--domain", "shop.example").status == 0
    assert cli("mail", "tls", "--to", ANA, "--last", "8d", "--end", "2026-11-22", "--once").status == 0
    assert len(server.mails()) == 5
    assert cli(*TLS).status == 0
    assert len(server.mails()) == 6


@pytest.mark.usefixtures("filled")
def test_once_counts_what_waits_and_not_what_was_cancelled(cli: Cli, server: Server) -> None:
    assert cli(*TLS, "--once", "--no-send").status == 0
    assert "Not queued again" in cli(*TLS, "--once", "--no-send").err
    cli("outbox", "cancel", "1")
    assert cli(*TLS, "--once").status == 0
    assert len(server.mails()) == 1


@pytest.mark.usefixtures("filled")
def test_once_sends_what_it_finds_due(cli: Cli, db: Path, server: Server) -> None:
    """A timer that asks again each hour is enough."""
    assert cli(*TLS, "--once", "--no-send").status == 0
    done = cli(*TLS, "--once")
    assert (done.status, done.out) == (0, f"Mail 1 was taken for {ANA}: 250 2.0.0 Ok: queued as 0000000001\n")
    assert states(db) == [MailState.SENT]


# without sending


@pytest.mark.usefixtures("filled")
def test_no_send_only_queues(cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_TRANSPORT", "sendmail")
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_SENDMAIL", "/nonexistent/sendmail")
    done = cli(*TLS, "--no-send", "--json")
    assert (done.status, done.json["mail"]["state"]) == (0, "queued")
    assert "outbox send" in done.err
    assert states(db) == [MailState.QUEUED]


@pytest.mark.usefixtures("filled")
def test_without_a_password_the_mail_waits(cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_HOST", "localhost")
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_USER", ANA)
    done = cli(*TLS)
    assert (done.status, done.out) == (1, "")
    assert f"Mail 1 is in the outbox and cannot be sent yet: There is no password for {ANA}" in done.err
    assert states(db) == [MailState.QUEUED]
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_COLOUR", "red")
    assert "[mail] has no setting 'colour'" in cli(*TLS).err


@pytest.mark.usefixtures("filled")
def test_dry_run_writes_a_file_that_only_its_owner_reads(cli: Cli, db: Path, tmp_path: Path) -> None:
    place = tmp_path / "tls.eml"
    place.write_text("what was there")
    place.chmod(0o644)
    done = cli(*TLS, "--dry-run", place)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert parsed(place.read_bytes())["To"] == ANA
    assert not Outbox.path_of(db).exists()
    missing = cli(*TLS, "--dry-run", tmp_path / "none" / "tls.eml")
    assert missing.status == 1
    assert "cannot be written: No such file or directory" in missing.err


@pytest.mark.usefixtures("filled")
def test_dry_run_into_a_pipe_leaves_it_a_pipe(cli: Cli, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert cli(*TLS, "--dry-run", pipe).status == 0
    reader.join(30)
    assert parsed(read[0])["To"] == ANA
    assert pipe.is_fifo()


def test_no_store_no_mail(cli: Cli, db: Path) -> None:
    for words in ((), ("--dry-run", "-"), ("--no-send",)):
        done = cli(*TLS, *words)
        assert done.status in (1, 2)
        assert done.out == ""
    assert "no store" in done.err.lower()
    assert not Outbox.path_of(db).exists()


def test_hostile_names_come_out_neutralised(cli: Cli, db: Path) -> None:
    hostile = "\x1b]0;owned\x07\u202e=cmd|'/c calc'!A1<script>@evil.example"
    fill(db, [sent("A1", account=hostile, sender=hostile)], [refused(hostile)])
    for report in MAILED:
        done = cli("mail", report, "--to", ANA, *WEEK, "--domain", hostile.rpartition("@")[2], "--dry-run", "-")
        message = parsed(done.out.encode())
        text = text_of(message).replace("\r\n", "\n")
        assert all(sign.isprintable() or sign == "\n" for sign in text + str(message["Subject"]))
        html = message.get_body(("html",))
        assert html
        assert "<script" not in html.get_content()


# whoever started it may go away


@pytest.mark.usefixtures("filled")
def test_no_listener_keeps_a_mail_from_being_sent(db: Path, server: Server) -> None:
    server.says(rcpt={BO: "451 4.7.1 Greylisted"})
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            command_line("mail", "tls", "--to", f"{ANA},{BO}", *WEEK, "--json", "--progress", "json", db=db),
            stdin=subprocess.DEVNULL,
            stdout=write,
            stderr=write,
            env=environment(db),
            timeout=60,
        )
    finally:
        os.close(write)
    assert done.returncode == 128 + signal.SIGPIPE
    assert [mail.recipients for mail in server.mails()] == [(ANA,)]
    assert states(db) == [MailState.QUEUED]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_terminal_that_goes_away_and_somebody_who_does_not_want_to_wait(
    db: Path, server: Server, number: signal.Signals
) -> None:
    """A mail goes on without a terminal; one that is interrupted is sent by whoever comes next."""
    server.says(delay=3)
    words = command_line(*TLS, "--progress", "json", db=db)
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(db), text=True
    ) as process:
        assert process.stderr
        assert '"queued": 1' in process.stderr.readline()
        while states(db) != [MailState.SENDING]:
            assert process.poll() is None
        process.send_signal(number)
        said = process.stderr.read()
    if number is signal.SIGHUP:
        assert (process.returncode, said) == (0, "")
        assert states(db) == [MailState.SENT]
        assert len(server.mails()) == 1
    else:
        assert process.returncode == 130
        assert "stays in the outbox" in said
        server.says()
        send = subprocess.run(
            command_line("outbox", "send", db=db), env=environment(db), capture_output=True, text=True, timeout=60
        )
        assert send.stdout.startswith(f"Mail 1 was taken for {ANA}")


# filters


def table_of(message: EmailMessage, suffix: str) -> bytes:
    """An attached file."""
    found = next(part for part in message.iter_attachments() if part.get_filename("").endswith(suffix))
    content = found.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


@pytest.mark.usefixtures("filled")
def test_mail_of_the_senders_of_a_filter(cli: Cli, server: Server) -> None:
    assert cli("filters", "save", "old ones", "tls1.0 > 0 or none > 0").status == 0
    words = ("mail", "senders", "--to", ANA, *WEEK, "--attach", "xlsx,csv", "--filter", "old ones")
    assert cli(*words).status == 0
    message = parsed(server.mails()[0].message)
    text = " ".join(text_of(message).split())
    assert "Filter: old ones: tls1.0 > 0 or none > 0" in text
    assert "The filter holds of 2 of 3 senders" in text
    assert "Figures and charts are of all senders" in text
    assert "Messages 4" in text, "the figures are of all"
    top = text[text.index("Top senders of the filter") :].partition("What the words mean")[0]
    assert "Ana@shop.example" in top and "bo@other.example" not in top
    assert "all 2 senders of the filter" in text
    rows = table_of(message, ".csv").decode().splitlines()
    assert [row.partition(",")[0] for row in rows] == ["sender", "Ana@shop.example", "<>"]
    html = message.get_body(("html",))
    assert html and "tls1" in html.get_content() and "Filter: " in html.get_content()


@pytest.mark.usefixtures("filled")
def test_mail_only_where_the_filter_leaves_somebody(cli: Cli, server: Server) -> None:
    words = ("mail", "senders", "--to", ANA, *WEEK, "--when", "messages", "--where")
    done = cli(*words, "messages > 99")
    assert (done.status, server.mails()) == (0, [])
    assert "there are no senders of the filter from 2026-11-16 to 2026-11-22" in done.err
    assert cli(*words, "messages > 1", "--once").status == 0
    assert "Not queued again" in cli(*words, "messages > 1", "--once").err
    assert cli(*words, "messages > 0", "--once").status == 0
    assert len(server.mails()) == 2


@pytest.mark.usefixtures("filled", "server")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tls", "--where", "messages > 1"), "Mails of tls take no filter. Those that do: senders, breaks."),
        (("failures", "--filter", "x"), "Mails of failures take no filter"),
        (("senders", "--where", "messages > many"), "a number is expected, not 'many'"),
        (("senders", "--filter", "nobody"), "There is no filter 'nobody'"),
    ],
)
def test_filter_of_a_mail_that_cannot_be_taken(cli: Cli, words: tuple[str, ...], said: str) -> None:
    done = cli("mail", *words, "--to", ANA, *WEEK)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
