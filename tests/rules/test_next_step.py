"""Commands to copy: by kind of server, and never with a name that is anything but plain."""

import shlex
import shutil
import subprocess

import pytest

from smtpauth_tui.rules.next_step import is_plain, steps

KINDS = ["postfix", "postfix-out", "exim", "sendmail", "exchange", "smtp-cs-report", "dovecot", "opensmtpd"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_server_has_a_command(kind: str) -> None:
    found = steps("mara@contoso.example", [kind])
    assert found
    for step in found:
        assert "mara@contoso" in step.command
        assert step.words


@pytest.mark.parametrize(
    "name",
    [
        "$(reboot)@contoso.example",
        "a b@contoso.example",
        "a'b@contoso.example",
        "-rf@contoso.example",
        "a;b",
        "a\nb@contoso.example",
        "ä@contoso.example",
        "a@contoso.example\n",
        "*",
        "",
        "a" * 400,
    ],
)
def test_a_name_that_is_not_plain_stands_in_no_command(name: str) -> None:
    assert not is_plain(name)
    assert steps(name, KINDS) == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("exchange", "smtp-cs-report")])
def test_a_shell_reads_the_name_as_one_word(kind: str) -> None:
    name = "first.last+tag_1@sub-domain.contoso.example"
    for step in steps(name, [kind]):
        assert any("first" in word and word.count("@") <= 1 for word in shlex.split(step.command))
        shell = shutil.which("bash") or shutil.which("sh")
        assert shell
        assert subprocess.run([shell, "-n", "-c", step.command], capture_output=True, check=False).returncode == 0
