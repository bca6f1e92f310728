"""What people decide: until when, what could be allowed, what refuses a network; and the list of how all stands."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.cli.checking import check
from smtpauth_tui.cli.findings import findings
from smtpauth_tui.errors import UsageError
from smtpauth_tui.query import Period
from smtpauth_tui.rules.deciding import end_in_words, how_long, suggestions
from smtpauth_tui.rules.next_step import network_steps
from smtpauth_tui.rules.options import chosen_rules, rule_named, settings_lines
from smtpauth_tui.rules.values import Evidence, Finding, Severity
from smtpauth_tui.settings import Settings
from smtpauth_tui.store import refusals
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.reader import Store
from tests.rules.company import Company, at, day, staff
from tests.rules.test_check_command import run, said

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "said_of_it"),
    [
        ("90d", "until 2027-02-21"),
        (" 2w ", "until 2026-12-07"),
        ("2026-12-24", "until 2026-12-24"),
        ("today", "until 2026-11-23"),
        ("", "for good"),
        ("For Good", "for good"),
    ],
)
def test_until_when_in_words(words: str, said_of_it: str) -> None:
    assert how_long(end_in_words(words, BERLIN, NOW), BERLIN) == said_of_it


@pytest.mark.parametrize("words", ["yesterday", "2026-11-22", "soon", "9999-12-31", "2026-02-30", "9" * 40])
def test_what_is_no_end(words: str) -> None:
    with pytest.raises(UsageError):
        end_in_words(words, BERLIN, NOW)


def finding(unit: str, rule: str = "U7") -> Finding:
    rows = (
        ("198.51.100.7", "unknown", 0, 9),
        ("203.0.113.5", "pc.contoso.example", 7, 0),
        ("2001:db8:5:1::9", "\x1b[2J", 3, 0),
        ("no address; rm", "", 1, 0),
    )
    today = day(0)
    return Finding(rule, Severity.HIGH, unit, today, today, None, "r", "c", "b", Evidence(addresses=rows))


def test_what_could_be_allowed_begins_with_those_that_sent_and_has_only_what_can_be_typed() -> None:
    found = [(one.kind, one.value) for one in suggestions(finding("ana@contoso.example"), rule_named("U7"))]
    assert found == [
        ("account", "ana@contoso.example"),
        ("network", "203.0.113.0/24"),
        ("network", "2001:db8:5::/48"),
        ("network", "198.51.100.0/24"),
        ("host", "pc.contoso.example"),
        ("account", "@contoso.example"),
    ]
    assert suggestions(finding("a\x1b[2J"), rule_named("U7"))[0].kind == "network"
    assert suggestions(finding("198.51.100.0/24", "U10"), rule_named("U10"))[0].value == "198.51.100.0/24"


def test_commands_that_refuse_a_network() -> None:
    for network in ("198.51.100.0/24", "2001:db8:5::/48", "192.0.2.128/25"):
        commands = [step.command for step in network_steps(network)]
        assert len(commands) == 3 and all(shlex.split(command) for command in commands)
        assert sum(network in command for command in commands) == 2
    assert "ip6 saddr 2001:db8:5::/48" in network_steps("2001:db8:5::/48")[-1].command
    assert "grep -F '[198.51.100.'" in network_steps("198.51.100.0/24")[0].command
    assert network_steps("everywhere") == network_steps("$(reboot)") == []


def test_how_the_settings_say_it() -> None:
    (volume,) = [one for one in chosen_rules(Settings(), ["volume.k=8.5", "volume.on=true"]) if one.rule.id == "U3"]
    assert settings_lines(volume) == ["[rules.volume]", "on = true", "k = 8.5"]
    (large,) = [one for one in chosen_rules(Settings(), ["volume.floor=12345678"]) if one.rule.id == "U3"]
    assert settings_lines(large) == ["[rules.volume]", "floor = 12345678"]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    company = Company()
    staff(company)
    company.works("hire@contoso.example", [2])
    for one in range(30):
        company.refused("person0@contoso.example", at(5, 20, one), "198.51.100.9")
        company.refused("Person1@contoso.example", at(4, 20, one), "198.51.100.12")
        company.refused("person2@contoso.example", at(4, 21, one), "198.51.101.1")
    return company.store(tmp_path_factory.mktemp("deciding"))


async def test_refused_attempts_by_day_of_a_name_of_a_network_and_of_all(db: Path) -> None:
    days = Period(day(6), day(3))
    async with await Store.open(db) as store:
        assert await refusals.of_name(store, "PERSON1@contoso.example", days) == {number_of(day(4)): 30}
        both = {number_of(day(5)): 30, number_of(day(4)): 30}
        assert await refusals.of_network(store, "198.51.100.0/24", days) == both
        assert await refusals.of_network(store, "2001:db8::/48", days) == {}
        assert await refusals.of_all(store, days) == {number_of(day(5)): 30, number_of(day(4)): 60}
        assert await refusals.of_name(store, "nobody", days) == {}


def test_the_list_says_when_all_looked_and_takes_state_severity_and_days(db: Path) -> None:
    assert "Nobody has looked with all rules yet" in run(findings, db, "list").stdout
    assert said(run(findings, db, "list", "--json"))["checked"] is None
    run(check, db, "--quiet")
    run(findings, db, "ack", "new", "hire@contoso.example", "--reason", "a colleague")
    listed = run(findings, db, "list", "--state", "open").stdout
    assert "hire@contoso.example" not in listed.partition("acknowledged  U1")[0]
    assert "All rules looked last at 2026-11-23 12:00, at the days from 2026-11-17 to 2026-11-23." in listed
    assert "Listed since 2025-10-19: 3 notice; 3 open." in listed
    told = said(run(findings, db, "list", "--json", "--state", "acknowledged"))
    assert [one["rule"] for one in told["findings"]] == ["U1"]
    assert told["checked"] == {"time": "2026-11-23T12:00:00Z", "start": "2026-11-17", "end": "2026-11-23"}
    assert {one["rule"]: bool(one["missing"]) for one in told["rules"]}["U15"]
    everything = said(run(findings, db, "list", "--json"))["findings"]
    severe = said(run(findings, db, "list", "--json", "--severity", "medium"))["findings"]
    assert {one["severity"] for one in severe} <= {"medium", "high"} and len(severe) < len(everything)
    recent = said(run(findings, db, "list", "--json", "--since", "3d"))["findings"]
    assert [one["rule"] for one in recent] == ["U1"]


def test_a_preview_says_how_limits_are_kept(db: Path) -> None:
    tried = run(check, db, "--preview", "7d", "--rule", "volume", "--set", "volume.k=20")
    assert tried.stdout.endswith(
        "To keep what was set, in config.toml:\n\n[rules.volume]\nk = 20\n"
        "# still a preview, which alerts nobody: on = true switches it on\n"
    )
    assert "To keep" not in run(check, db, "--preview", "7d", "--rule", "volume").stdout
    told = said(run(check, db, "--preview", "7d", "--json", "--rule", "volume", "--set", "volume.k=20"))
    assert told["rules"][0]["settings"] == ["[rules.volume]", "k = 20"]
