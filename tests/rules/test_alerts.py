"""Alerts by mail: `check --mail`, what the mails say, and how it ends."""

import json
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from smtpauth_tui.cli.alerting import MOST_MAILS
from smtpauth_tui.cli.checking import check
from smtpauth_tui.cli.context import Context
from smtpauth_tui.cli.findings import findings
from smtpauth_tui.errors import SmtpAuthTuiError, UsageError
from smtpauth_tui.settings import Settings
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.outbox import Outbox
from tests.logs import CLOCK
from tests.rules.company import Company, at, staff

PERSON = "person0@contoso.example"
HIRE = "hire@contoso.example"
ADMIN = "admin@contoso.example"
HOSTILE = "=?utf-8?q?=0D=0A?=$(reboot)\x1b[2J http://evil.example/@contoso.example"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    company = Company()
    staff(company)
    company.works(HIRE, [2])
    for one in range(100):
        company.refused(PERSON, at(2, 20) + timedelta(seconds=4 * one), f"203.0.{one}.7")
    company.sends(PERSON, at(2, 21), client="203.0.5.77", name="dsl-203-0-5-77.isp.example")
    return company.store(tmp_path_factory.mktemp("alerts"))


@pytest.fixture
def db(store: Path, tmp_path: Path) -> Path:
    """A store without notes and mails."""
    (tmp_path / "mails").mkdir()
    (tmp_path / "store.db").write_bytes(store.read_bytes())
    return tmp_path / "store.db"


def run(db: Path, *words: str, command: Any = check, truncate: bool = False, **mail: object) -> Result:
    mail = {"folder": str(db.parent / "mails"), "from": "reports@contoso.example", **mail}
    context = Context(Settings(db, mail=mail, places={"truncate": truncate}), "never", CLOCK, mouse=False)
    result = CliRunner().invoke(command, list(words), obj=context)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def mails(db: Path) -> list[EmailMessage]:
    """In the order in which they were queued."""
    with Outbox(db) as outbox:
        return [
            message_from_bytes(outbox.message(row.id) or b"", policy=SMTP)
            for row in sorted(outbox.mails(), key=lambda row: row.id)
        ]


def subjects(db: Path) -> list[str]:
    return [one["Subject"] for one in mails(db)]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return body.get_content()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.elements: list[tuple[str, str]] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += [(tag, name) for name, _ in attrs if name in ("href", "src")]


def html_of(mail: EmailMessage) -> str:
    """What the HTML part shows; it leads nowhere, and loads nothing."""
    body = mail.get_body(("html",))
    assert body
    reader = _Text()
    reader.feed(body.get_content())
    assert not reader.elements
    return "".join(reader.said)


def test_each_finding_is_mailed_once(db: Path) -> None:
    first = run(db, "--quiet", "--mail", ADMIN)
    assert (first.exit_code, first.output) == (3, "")
    assert subjects(db)[1:] == [
        "Medium: person0@contoso.example: 100 failures from 100 addresses on Sat 21 Nov",
        "Notice: hire@contoso.example first seen on Sat 21 Nov; it never sent by SMTP AUTH before",
    ]
    assert subjects(db)[0].startswith("High: person0@contoso.example signed in from 203.0.5.77 at 21:00")
    assert [one["To"] for one in mails(db)] == [ADMIN] * 3
    assert len(list((db.parent / "mails").iterdir())) == 3
    again = run(db, "--quiet", "--mail", ADMIN)
    assert (again.exit_code, len(mails(db))) == (0, 3)


def test_printed_and_mailed_are_told_apart(db: Path) -> None:
    assert "3 new findings" in run(db).stdout
    assert run(db, "--mail", ADMIN).exit_code == 3  # printed before, but not mailed
    assert len(mails(db)) == 3
    assert run(db, "--mail", ADMIN).exit_code == 0
    assert run(db).exit_code == 0


def test_what_a_mail_says(db: Path) -> None:
    run(db, "--quiet", "--mail", ADMIN)
    success = mails(db)[0]
    text, html = text_of(success), html_of(success)
    told = json.loads(run(db, "--all", "--json").stdout)["findings"][0]
    for part in (
        "High: Success after failures",
        "U11 Success after failures (success)",
        f"smtpauth-tui findings ack {told['id']} --reason 'why' --for 90d",
        "tail -f /var/log/mail.log | grep -F sasl_username=person0@contoso.example",
        "203.0.5.77",
        "dsl-203-0-5-77.isp.example",
        "it used 1 network in the 30 days before",
        "Messages per day",
    ):
        assert part in text, part
        assert part in html, part
    assert all(len(line) <= 72 or line.startswith("  ") for line in text.splitlines())
    assert success["Auto-Submitted"] == "auto-generated"


def test_a_heartbeat_only_where_it_is_asked_for(db: Path) -> None:
    run(db, "--quiet", "--mail", ADMIN, "--when", "always")
    assert len(mails(db)) == 3
    run(db, "--quiet", "--mail", ADMIN, "--when", "new")
    assert len(mails(db)) == 3
    beat = run(db, "--quiet", "--mail", ADMIN, "--when", "always")
    assert beat.exit_code == 0
    assert subjects(db)[3:] == ["Checked, nothing new; 3 still open (1 high, 1 medium, 1 notice)"]
    for said in (text_of(mails(db)[3]), html_of(mails(db)[3])):
        assert "U9 Guessing · person0@contoso.example" in said
        assert "Newest message" in said
    run(db, "--quiet", "--mail", ADMIN, "--when", "always")
    assert len(mails(db)) == 5


def test_a_heartbeat_of_a_quiet_store(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    db = company.store(tmp_path)
    (tmp_path / "mails").mkdir()
    assert run(db, "--quiet", "--mail", ADMIN, "--when", "always").exit_code == 0
    assert subjects(db) == ["Checked, nothing new; nothing open"]
    assert "Not looked for" in text_of(mails(db)[0])


def test_acknowledged_and_allowed_are_not_mailed(db: Path) -> None:
    run(db, "ack", "new", HIRE, "--reason", "our new colleague", command=findings)
    run(db, "allow", "account", PERSON, "--reason", "a test", command=findings)
    assert run(db, "--quiet", "--mail", ADMIN).exit_code == 0
    assert mails(db) == []


def test_many_at_once_are_a_mail_each_and_one_for_the_rest(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(MOST_MAILS + 15):
        company.works(f"hire{one:02}@contoso.example", [2])
    company.works(PERSON, [1], messages=1, hour=13)
    for one in range(100):
        company.refused(PERSON, at(1, 20) + timedelta(seconds=4 * one), f"203.0.{one}.7")
    db = company.store(tmp_path)
    (tmp_path / "mails").mkdir()
    run(db, "--quiet", "--mail", ADMIN)
    assert len(mails(db)) == MOST_MAILS + 1
    assert subjects(db)[0].startswith("Medium: person0@contoso.example")
    assert subjects(db)[-1] == "Notice: 16 further new findings (16 notice)"
    own = {subject.split()[1] for subject in subjects(db)[:-1]}
    listed = {f"hire{one:02}@contoso.example" for one in range(MOST_MAILS + 15)} - own
    assert len(listed) == 16
    for said in (text_of(mails(db)[-1]), html_of(mails(db)[-1])):
        assert all(name in said for name in listed)
    assert run(db, "--quiet", "--mail", ADMIN).exit_code == 0
    assert len(mails(db)) == MOST_MAILS + 1


def test_to_whom_the_settings_say(db: Path) -> None:
    run(db, "--quiet", "--mail", "--when", "new", to=["night@contoso.example"])
    assert {one["To"] for one in mails(db)} == {"night@contoso.example"}
    with pytest.raises(UsageError, match="Nobody is named"):
        run(db, "--mail")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--when", "always"], "--when goes with --mail"),
        (["--mail", "nobody"], "is no mail address"),
        (["--mail", ADMIN, "--preview", "30d"], "not a trial"),
        (["--mail", ADMIN, "--set", "volume.k=3"], "not a trial"),
    ],
)
def test_words_that_cannot_be_taken(db: Path, words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(db, *words)
    assert not Notes.path_of(db).exists()


def test_an_outbox_that_cannot_be_used_leaves_all_untold(db: Path) -> None:
    Outbox.path_of(db).write_text("no database")
    with pytest.raises(SmtpAuthTuiError, match="outbox"):
        run(db, "--quiet", "--mail", ADMIN)
    Outbox.path_of(db).unlink()
    assert run(db, "--quiet", "--mail", ADMIN).exit_code == 3
    assert len(mails(db)) == 3


def test_without_a_way_they_wait_in_the_outbox(db: Path) -> None:
    with pytest.raises(SmtpAuthTuiError, match="Mail 1 is in the outbox and cannot be sent yet"):
        run(db, "--quiet", "--mail", ADMIN, folder="", sendmail="/nowhere/sendmail", transport="sendmail")
    assert len(mails(db)) == 3
    assert run(db, "--quiet", "--mail", ADMIN).exit_code == 0


def test_as_json(db: Path) -> None:
    told = json.loads(run(db, "--json", "--mail", ADMIN).stdout)
    assert set(told) == {"schema", "start", "end", "findings", "rules", "mails"}
    assert [one["state"] for one in told["mails"]] == ["sent"] * 3
    assert {one["report"] for one in told["mails"]} == {"findings"}
    assert json.loads(run(db, "--json", "--mail", ADMIN).stdout)["mails"] == []


def test_no_whole_address_where_they_may_not_be_shown(db: Path) -> None:
    """In what is printed, in JSON and in mails; not even in those of what was found before."""
    run(db, "--quiet")
    listed = run(db, "list", command=findings, truncate=True).stdout
    as_list = run(db, "list", "--json", command=findings, truncate=True).stdout
    tried = run(db, "--set", "guessing.minute=20", truncate=True).stdout
    preview = run(db, "--preview", "7d", "--json", truncate=True).stdout
    text = run(db, "--all", truncate=True).stdout
    in_json = run(db, "--all", "--json", truncate=True).stdout
    run(db, "--quiet", "--mail", ADMIN, truncate=True)
    run(db, "--quiet", "--mail", ADMIN, "--when", "always", truncate=True)
    said = [listed, as_list, tried, preview, text, in_json]
    said += [part for mail in mails(db) for part in (mail["Subject"], text_of(mail), html_of(mail))]
    assert len(said) == 6 + 3 * 4
    for part in said:
        assert "203.0.5.77" not in part
        assert "10.0.0.5 " not in part and '10.0.0.5"' not in part
        assert "203-0-5-77" not in part
    assert "203.0.5.0/24" in listed and "203.0.5.0/24" in text
    (success, *_) = json.loads(in_json)["findings"]
    assert success["evidence"]["addresses"][0]["address"].endswith("/24")
    assert "signed in from 203.0.5.0/24 at 21:00" in success["reason"]
    assert "203.0.5.77" in run(db, "--all").stdout  # the notes have it whole


def test_hostile_names_in_mails(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(40):
        company.sends(HOSTILE, at(1, 10, 0, one), recipients=300)
    db = company.store(tmp_path)
    (tmp_path / "mails").mkdir()
    run(db, "--quiet", "--mail", ADMIN)
    found = mails(db)
    assert found
    for mail in found:
        raw = bytes(mail)
        assert b"\x1b" not in raw
        assert mail["Subject"].isascii() and "evil" not in mail["Subject"] and "=?" not in mail["Subject"]
        assert "REJECT" not in text_of(mail)
        assert "stands in no command" in text_of(mail)
        assert "\\x1b" in text_of(mail) and "\\x1b" in html_of(mail)
