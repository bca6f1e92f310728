"""What docs/mail.md and the units for systemd say is what the program does."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from smtpauth_tui.mailing.options import MailSettings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/mail.md").read_text(encoding="utf-8")
UNITS = sorted((ROOT / "docs/systemd").iterdir())


def test_each_setting_is_in_the_table() -> None:
    table = "\n".join(line.split("|")[1] for line in TEXT.splitlines() if line.startswith("| `"))
    names = {field.alias or name for name, field in MailSettings.model_fields.items()}
    assert set(re.findall(r"`(\w+)`", table)) == names


def test_commands_are_ones_that_there_are() -> None:
    from smtpauth_tui.cli import main

    said = [
        line
        for line in TEXT.splitlines()
        if "smtpauth-tui " in line and line.startswith(("smtpauth-tui", "0 6", "*/5"))
    ]
    said += [line.partition("=")[2] for unit in UNITS for line in unit.read_text().splitlines() if "ExecStart=" in line]
    assert len(said) >= 7
    for line in said:
        words = shlex.split(line.partition("smtpauth-tui ")[2], comments=True)
        command = main
        context = main.make_context("smtpauth-tui", words, resilient_parsing=True)
        while isinstance(command, type(main)) or hasattr(command, "commands"):
            found = command.get_command(context, words[0])
            assert found, line
            command, words = found, words[1:]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_are_sound(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    problems = [line for line in done.stderr.splitlines() if unit.name in line and "not executable" not in line]
    assert not problems
