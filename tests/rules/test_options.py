"""The settings of the rules: in the file, in the environment, and on the command line."""

from pathlib import Path

import pytest

from smtpauth_tui.errors import UsageError
from smtpauth_tui.rules import RULES
from smtpauth_tui.rules.options import Chosen, chosen_rules, rule_named
from smtpauth_tui.settings import Settings, load


def of(rules: list[Chosen], name: str) -> Chosen:
    return next(one for one in rules if one.rule.name == name)


def test_which_rules_are_on() -> None:
    assert [rule.id for rule in RULES] == [f"U{number}" for number in range(1, 18)]
    assert {rule.id for rule in RULES if rule.on} == {"U1", "U4", "U5", "U7", "U9", "U10", "U11", "U13"}
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(name.isascii() and name.isalpha() for rule in RULES for name in (rule.name,))
    assert all(chosen.limits == chosen.rule.defaults for chosen in chosen_rules(Settings()))


def test_file_environment_and_command_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[rules.volume]\non = true\nk = 8\n[rules.rate]\nmessages = 60\n")
    environment = {"SMTPAUTH_TUI_RULES_VOLUME_FLOOR": "200", "SMTPAUTH_TUI_RULES_RATE_ON": "false"}
    settings = load(tmp_path / "config.toml", environment)
    rules = chosen_rules(settings, ["volume.k=9.5", "U4.minutes=3"])
    volume, rate = of(rules, "volume"), of(rules, "rate")
    assert (volume.on, volume.limits["k"], volume.limits["floor"], volume.limits["hour"]) == (True, 9.5, 200, 100)
    assert (rate.on, rate.limits["messages"], rate.limits["minutes"]) == (False, 60, 3)
    assert settings.with_store("other.db").rules == settings.rules


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"volumes": {}}, "no rule 'volumes'"),
        ({"volume": {"z": 1}}, "no setting 'z'"),
        ({"volume": {"k": "x"}}, r"\[rules.volume\] k"),
        ({"volume": {"floor": 1.5}}, "floor"),
        ({"volume": {"on": "perhaps"}}, "on: .*bool"),
        ({"volume": {"k": float("nan")}}, "k"),
    ],
)
def test_what_is_wrong_is_named(rules: dict[str, dict[str, object]], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        chosen_rules(Settings(rules=rules))


def test_rules_are_tables(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[rules]\nvolume = 3\n")
    with pytest.raises(UsageError, match="rules are tables"):
        load(tmp_path / "config.toml", {})


def test_a_rule_by_name_or_number() -> None:
    assert rule_named("u3") is rule_named(" Volume ")
    with pytest.raises(UsageError, match="Rules are: new, wakes"):
        rule_named("U99")
