"""The commands `check` and `findings`: what they print, and how they end."""

import json
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click import Command
from click.testing import CliRunner, Result

from smtpauth_tui.cli.checking import check
from smtpauth_tui.cli.context import Context
from smtpauth_tui.cli.findings import findings
from smtpauth_tui.errors import NoStoreError, UsageError
from smtpauth_tui.settings import Settings
from tests.logs import CLOCK
from tests.rules.company import Company, at, staff

PERSON = "person0@contoso.example"
HOSTILE = "$(reboot)\x1b[2J;rm@contoso.example"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    company = Company()
    staff(company)
    company.works("hire@contoso.example", [2])
    company.works(PERSON, [1], messages=90, hour=14)
    for one in range(100):
        company.refused(PERSON, at(2, 20) + timedelta(seconds=4 * one), f"203.0.{one}.7")
    return company.store(tmp_path_factory.mktemp("check"))


@pytest.fixture
def db(store: Path, tmp_path: Path) -> Path:
    """A store without notes."""
    (tmp_path / "store.db").write_bytes(store.read_bytes())
    return tmp_path / "store.db"


def run(command: Command, db: Path, *words: str, rules: dict[str, dict[str, object]] | None = None) -> Result:
    context = Context(Settings(db, rules=rules), "never", CLOCK, mouse=False)
    result = CliRunner().invoke(command, list(words), obj=context)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def said(result: Result) -> Any:
    return json.loads(result.stdout)


def test_what_is_new_is_told_once(db: Path) -> None:
    first = run(check, db)
    assert first.exit_code == 3
    assert "medium   U9 Guessing · person0@contoso.example · 2026-11-21 20:00" in first.stdout
    assert "notice   U1 New sender · hire@contoso.example" in first.stdout
    assert "first seen on Sat 21 Nov; it never sent by SMTP AUTH before" in first.stdout
    assert "2 new findings, 2 open from 2026-11-17 to 2026-11-23." in first.stdout
    assert "U3" not in first.stdout
    second = run(check, db)
    assert (second.exit_code, second.stdout) == (0, "0 new findings, 2 open from 2026-11-17 to 2026-11-23.\n")
    assert run(check, db, "--all").exit_code == 3


def test_a_quiet_look_tells_nobody(db: Path) -> None:
    for _ in range(2):
        quiet = run(check, db, "--quiet")
        assert (quiet.exit_code, quiet.output) == (3, "")
    assert run(check, db).exit_code == 3
    assert run(check, db, "--quiet").exit_code == 0


def test_as_json(db: Path) -> None:
    result = run(check, db, "--json")
    told = said(result)
    assert result.exit_code == 3
    assert set(told) == {"schema", "start", "end", "findings", "rules"}
    assert (told["start"], told["end"]) == ("2026-11-17", "2026-11-23")
    guess, new = told["findings"]
    assert (guess["rule"], guess["name"], guess["severity"], guess["account"]) == ("U9", "guessing", "medium", PERSON)
    assert (guess["since"], guess["until"], guess["time"]) == ("2026-11-21", "2026-11-21", "2026-11-21T20:00:56Z")
    assert guess["reason"] == "100 failures from 100 addresses on Sat 21 Nov"
    assert guess["threshold"] == "15 failures in a minute"
    assert guess["evidence"]["addresses"][0] == {"address": "203.0.0.7", "name": "", "messages": 0, "failures": 1}
    assert {step["command"].partition(" ")[0] for step in guess["next"]} == {"tail", "echo"}
    assert (new["account"], new["new"], new["preview"], new["acknowledged"]) == (
        "hire@contoso.example",
        True,
        False,
        None,
    )
    assert new["evidence"]["messages"][0]["address"] == "10.0.0.5"
    rules = {rule["rule"]: rule for rule in told["rules"]}
    assert list(rules) == [f"U{number}" for number in range(1, 18)]
    assert rules["U9"]["on"] and rules["U9"]["missing"] is None and rules["U9"]["partly"] is None
    assert "countries" in rules["U7"]["partly"]
    assert not rules["U8"]["on"] and rules["U8"]["missing"]
    assert rules["U9"]["limits"]["minute"] == 15
    again = said(run(check, db, "--json"))
    assert again["findings"] == []
    everything = said(run(check, db, "--json", "--all"))
    previews = {one["rule"]: one["preview"] for one in everything["findings"]}
    assert previews == {"U1": False, "U9": False, "U3": True, "U12": True}


def test_one_rule_other_limits_and_a_rule_that_is_switched_on(db: Path) -> None:
    assert run(check, db, "--rule", "volume").exit_code == 0
    assert run(check, db, "--rule", "U3", rules={"volume": {"on": True}}).exit_code == 3
    tried = run(check, db, "--rule", "guessing", "--set", "guessing.minute=200", "--set", "guessing.five=200")
    assert tried.exit_code == 3
    assert "Threshold: 50 failures a day" in tried.stdout
    assert run(check, db, "--rule", "guessing", "--set", "guessing.minute=200").exit_code == 3
    assert "2 new findings" in run(check, db).stdout  # what was tried is not kept


def test_a_preview(db: Path) -> None:
    result = run(check, db, "--preview", "30d", "--set", "volume.k=20")
    assert result.exit_code == 0
    assert "What each rule would have found from 2026-10-25 to 2026-11-23:" in result.stdout
    assert (
        "U9   Guessing                 on       1 finding    (minute 15, five 30, day 50, address 5)" in result.stdout
    )
    assert "U8   Impossible travel        preview  needs a file that tells locations: no file is named" in result.stdout
    assert "in part needs a file that tells countries: no file is named in [places] databases" in result.stdout
    told = said(run(check, db, "--preview", "30d", "--json", "--rule", "new"))
    assert told["preview"] == {"start": "2026-10-25", "end": "2026-11-23"}
    assert [one["unit"] for one in told["rules"][0]["findings"]] == ["hire@contoso.example"]
    assert "2 new findings" in run(check, db).stdout  # nobody was told


def test_acknowledged_by_id_or_by_name_and_taken_back(db: Path) -> None:
    told = {one["rule"]: one["id"] for one in said(run(check, db, "--json"))["findings"]}
    assert (
        "until 2026-12-23" in run(findings, db, "ack", told["U1"], "--reason", "new colleague", "--for", "30d").stdout
    )
    assert "for good" in run(findings, db, "ack", "guessing", PERSON.upper(), "--reason", "a test of ours").stdout
    assert run(check, db, "--all").exit_code == 0
    listed = run(findings, db, "list").stdout
    assert "acknowledged  U1 hire@contoso.example until 2026-12-23: new colleague" in listed
    assert "acknowledged  medium  U9 Guessing · person0@contoso.example" in listed
    in_json = said(run(findings, db, "list", "--json"))
    assert {one["rule"]: one["acknowledged"] for one in in_json["findings"]}["U9"] == "a test of ours"
    run(findings, db, "forget", told["U1"])
    assert run(check, db, "--all").exit_code == 3
    with pytest.raises(UsageError, match="neither acknowledged nor allowed"):
        run(findings, db, "forget", told["U1"])


def test_allowed_and_taken_back(db: Path) -> None:
    run(findings, db, "allow", "network", "203.0.0.0/16", "--reason", "our own scanner")
    run(findings, db, "allow", "account", "Hire@contoso.example", "--reason", "known")
    assert run(check, db).exit_code == 0
    assert "allowed       network 203.0.0.0/16: our own scanner" in run(findings, db, "list").stdout
    run(findings, db, "forget", "network", "203.0.99.0/16")
    assert [one["rule"] for one in said(run(check, db, "--json"))["findings"]] == ["U9"]


@pytest.mark.parametrize(
    ("command", "words", "message"),
    [
        (check, ["--rule", "volumes"], "There is no rule 'volumes'"),
        (check, ["--set", "volume.z=1"], "has no setting 'z'"),
        (check, ["--set", "volume.k=much"], "k: .*valid number"),
        (check, ["--set", "volume.k=0"], "k: .*greater than or equal"),
        (check, ["--set", "volume"], "sets no limit"),
        (check, ["--since", "last week"], "is not a"),
        (check, ["--preview", "30d", "--all"], "alone"),
        (findings, ["ack", "12345678", "--reason", "x"], "no finding '12345678'"),
        (findings, ["ack", "volume", PERSON, "--reason", " "], "reason"),
        (findings, ["ack", "volume", PERSON, "--reason", "x", "--until", "2026-11-01"], "is over"),
        (findings, ["ack", "volume", PERSON, "--reason", "x", "--until", "today", "--for", "3d"], "do not go together"),
        (findings, ["allow", "network", "10.0.0.0/99", "--reason", "x"], "is no network"),
        (findings, ["allow", "account", "a\x1bb", "--reason", "x"], "is no account"),
        (findings, ["forget", "network", "10.0.0.0/8"], "neither"),
    ],
)
def test_words_that_cannot_be_taken(db: Path, command: Command, words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(command, db, *words)


def test_without_a_store(tmp_path: Path) -> None:
    for command, words in ((check, []), (findings, ["list"])):
        with pytest.raises(NoStoreError):
            run(command, tmp_path / "none.db", *words)
    assert list(tmp_path.iterdir()) == []


def test_hostile_names_obey_no_terminal_and_stand_in_no_command(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(40):
        company.sends(HOSTILE, at(1, 10, 0, one), recipients=300)
    db = company.store(tmp_path)
    text = run(check, db).stdout
    assert "\x1b" not in text
    assert "$(reboot)\\x1b[2J;rm@contoso.example" in text
    assert "REJECT" not in text
    assert "stands in no command" in text
    (finding, *_) = said(run(check, db, "--json", "--all"))["findings"]
    assert finding["account"] == "$(reboot)\\x1b[2J;rm@contoso.example"
    assert finding["next"] == []
    assert run(findings, db, "ack", finding["id"], "--reason", "known").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("ack", "U1", "hire@contoso.example"),
        ("ack", "guessing", "o'neil and sons@contoso.example"),
        ("allow", "network", "10.0.0.0/8"),
        ("allow", "host", ".lan.contoso.example"),
    ],
)
def test_the_command_that_takes_it_back_is_complete(db: Path, words: tuple[str, ...]) -> None:
    told = run(findings, db, *words, "--reason", "right").stdout
    program, group, *forget = shlex.split(told.partition("To take it back: ")[2])
    assert (program, group) == ("smtpauth-tui", "findings")
    assert "Taken back" in run(findings, db, *forget).stdout


@pytest.mark.parametrize("words", [("ack", "U1", "hire@contoso.example"), ("allow", "account", "a@contoso.example")])
def test_a_reason_has_to_be_given(db: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"^Give a reason\.$"):
        run(findings, db, *words, "--reason", " ")
