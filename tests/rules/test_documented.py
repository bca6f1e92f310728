"""What docs/rules.md says of the rules, their settings and the commands is so."""

import os
import re
import shlex
import tomllib
from pathlib import Path

from smtpauth_tui.cli import main
from smtpauth_tui.rules.described import rules_markdown
from smtpauth_tui.rules.options import chosen_rules
from smtpauth_tui.settings import Settings

PAGE = Path(__file__).parents[2] / "docs/rules.md"
BEGIN, END = "<!-- rules: generated -->\n", "<!-- /rules -->"


def test_the_rules_are_described_as_they_are() -> None:
    """With SNAPSHOT_UPDATE=1 the page is written anew."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    described, _, after = rest.partition(END)
    now = f"\n{rules_markdown()}\n"
    if os.environ.get("SNAPSHOT_UPDATE"):
        PAGE.write_text(f"{before}{BEGIN}{now}{END}{after}", encoding="utf-8")
    else:
        assert described == now, "make snapshots writes it anew"


def test_the_settings_that_it_shows_can_be_taken() -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    chosen = {one.rule.name: one for one in chosen_rules(Settings(rules=tomllib.loads(shown)["rules"]))}
    assert chosen["volume"].on
    assert (chosen["volume"].limits["k"], chosen["rate"].limits["messages"]) == (8, 60)


def test_the_commands_that_it_shows_are_ones_that_there_are() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("smtpauth-tui ")]
    assert len(lines) >= 10
    for line in lines:
        for part in re.split(r" \|\| |   +", line):
            if not part.startswith("smtpauth-tui "):
                continue
            command, words = main, shlex.split(part)[1:]
            context = main.make_context("smtpauth-tui", list(words), resilient_parsing=True)
            while hasattr(command, "commands"):
                found = command.get_command(context, words.pop(0))
                assert found, line
                command = found
            options = {name for parameter in command.params for name in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= options, line
