"""How many there are of what a finding rests on, of which it keeps a part: in text, JSON, the flyout and a mail."""

import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.mailing import alert
from smtpauth_tui.places import Places
from smtpauth_tui.reports.finding_flyout import flyout
from smtpauth_tui.reports.flyouts import Flyout, Pairs, Paragraph
from smtpauth_tui.rules.board import read_board
from smtpauth_tui.rules.options import chosen_rules
from smtpauth_tui.rules.shown import as_shown
from smtpauth_tui.rules.standing import Standing
from smtpauth_tui.rules.telling import lines
from smtpauth_tui.settings import Settings
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.notes import Notes
from tests.logs import NOW
from tests.rules.company import Company, at, day, staff
from tests.rules.test_check_command import check, findings, run

PERSON = "person0@contoso.example"
OTHER = "person1@contoso.example"
ZONE = ZoneInfo("UTC")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One account is guessed from 62 addresses of as many networks; another sends from 62 of one network."""
    company = Company()
    staff(company)
    for one in range(200):
        company.refused(PERSON, at(2, 20) + timedelta(seconds=4 * one), f"203.0.{one % 62}.7")
    for one in range(186):
        when = at(1, 3) + timedelta(seconds=40 * one)
        company.sends(OTHER, when, client=f"198.51.100.{one % 62}", name=f"h{one % 62}.contoso.example", recipients=30)
    return company.store(tmp_path_factory.mktemp("sums"))


@pytest.fixture
def db(store: Path, tmp_path: Path) -> Path:
    """The same when all rules have looked."""
    (tmp_path / "store.db").write_bytes(store.read_bytes())
    run(check, tmp_path / "store.db", "--quiet")
    return tmp_path / "store.db"


def standing(db: Path, rule: str, unit: str, *, truncate: bool = False) -> Standing:
    board = read_board(db, chosen_rules(Settings(db)), day(30), int(NOW.timestamp()))
    (one,) = [one for one in board.standings if (one.rule.id, one.finding.unit) == (rule, unit)]
    return as_shown(one, Places(truncate=truncate))


def paragraphs(shown: Flyout) -> list[str]:
    return [block.text for block in shown.blocks if isinstance(block, Paragraph)]


def told(one: Standing) -> str:
    return "\n".join(lines(one, ZONE))


def forget_totals(db: Path) -> None:
    """As findings were kept before they had totals."""
    with Notes(db) as notes:
        changes = []
        for row in kept.findings(notes):
            evidence = json.loads(row.evidence)
            del evidence["totals"]
            changes.append((row.key, row.severity, json.dumps(evidence)))
        kept.set_severity(notes, changes)


def test_the_others_are_all_that_took_part(db: Path) -> None:
    one = standing(db, "U9", PERSON)
    assert "200 failures from 62 addresses" in one.finding.reason
    assert "203.0.2.7 4 failures and 60 more" in told(one)
    assert "and 55 more; 12 of them: smtpauth-tui findings list --json" in paragraphs(flyout(one, ZONE, {}))
    (found,) = [
        said
        for said in json.loads(run(findings, db, "list", "--json").stdout)["findings"]
        if (said["rule"], said["unit"]) == ("U9", PERSON)
    ]
    assert len(found["evidence"]["addresses"]) == 20
    assert found["evidence"]["totals"] == {"addresses": 63, "names": 0, "messages": 2}
    assert found["evidence"]["at_least"] is False
    titles = [title for title, _ in alert.of_finding(one, ZONE).tables]
    assert "From where (8 of 63)" in titles


def test_messages_of_all_its_days_are_counted(db: Path) -> None:
    shown = paragraphs(flyout(standing(db, "U5", OTHER), ZONE, {}))
    assert "and 180 more in its days; 12 of them: smtpauth-tui findings list --json" in shown


def test_an_old_finding_without_totals_says_at_least(db: Path) -> None:
    forget_totals(db)
    one = standing(db, "U9", PERSON)
    assert "203.0.2.7 4 failures and at least 17 more" in told(one)
    assert "and at least 12 more; 12 of them: smtpauth-tui findings list --json" in paragraphs(flyout(one, ZONE, {}))
    assert "From where (the first 8)" in [title for title, _ in alert.of_finding(one, ZONE).tables]
    assert "and at least" in told(standing(db, "U9", PERSON, truncate=True))


def test_a_network_has_one_row_and_says_that_its_counts_are_of_a_part(db: Path) -> None:
    one = standing(db, "U5", OTHER, truncate=True)
    assert "From 198.51.100.0/24 (*.contoso.example) at least 60 messages; 63 addresses in all" in told(one)
    shown = flyout(one, ZONE, {})
    (sent,) = [
        count.text
        for block in shown.blocks
        if isinstance(block, Pairs)
        for label, count in block.rows
        if label.text.startswith("198.51.100.0/24")
    ]
    assert sent == "at least 60 messages"
    assert "63 addresses in all" in paragraphs(shown)
    assert "at least so many" in str([title for title, _ in alert.of_finding(one, ZONE).tables])


def test_a_network_of_which_all_addresses_are_kept_has_its_sum(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(90):
        company.refused(PERSON, at(2, 20) + timedelta(seconds=4 * one), f"203.0.113.{one % 9}")
    for one in range(60):
        company.sends(PERSON, at(2, 21) + timedelta(seconds=40 * one), client=f"203.0.113.{one % 12}", recipients=9)
    db = company.store(tmp_path)
    run(check, db, "--quiet")
    said = told(standing(db, "U11", PERSON, truncate=True))
    assert said.count("203.0.113.0/24 ") - said.partition("From ")[0].count("203.0.113.0/24 ") == 1
    assert "203.0.113.0/24 60 messages, 90 failures" in said
    assert "at least" not in said
