"""Where the password comes from, in which order, and what is refused."""

import os
from pathlib import Path

import pytest

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.options import MailSettings
from smtpauth_tui.mailing.secret import secret_of

MAIL = MailSettings(host="localhost", user="u@contoso.example")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_order(home: Path, tmp_path: Path) -> None:
    """Credential, file, command, environment: each found only where those before it are not there."""
    credentials = written(tmp_path / "credentials/smtp", "credential\n").parent
    file = written(tmp_path / "pw", "file\n")
    environment = {"CREDENTIALS_DIRECTORY": str(credentials), "SMTPAUTH_TUI_MAIL_PASSWORD": "environment"}
    mail = MAIL.model_copy(update={"password_file": str(file), "password_command": "echo command"})
    assert secret_of(mail, environment) == "credential"
    (credentials / "smtp").unlink()
    assert secret_of(mail, environment) == "file"
    mail = mail.model_copy(update={"password_file": ""})
    usual = written(home / ".config/smtpauth-tui/smtp-password", "usual file\r\nsecond line\n")
    assert secret_of(mail, environment) == "usual file"
    usual.unlink()
    assert secret_of(mail, environment) == "command"
    mail = mail.model_copy(update={"password_command": ""})
    assert secret_of(mail, environment) == "environment"
    with pytest.raises(UsageError, match=r"no password for u@contoso\.example.*smtp-password"):
        secret_of(mail, {})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_file_that_others_can_read_is_refused_with_what_mends_it(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "pass word", "canary", mode)
    with pytest.raises(UsageError) as refused:
        secret_of(MAIL.model_copy(update={"password_file": str(path)}), {})
    assert f"mode {mode:04o}" in refused.value.message
    assert refused.value.hint == f"chmod 600 '{path}'"
    assert "canary" not in str(refused.value)
    assert os.system(refused.value.hint) == 0
    assert secret_of(MAIL.model_copy(update={"password_file": str(path)}), {}) == "canary"


@pytest.mark.parametrize(
    ("content", "said"), [("", "no password in its first line"), ("\nx", "no password"), ("a\x00b", "no password")]
)
def test_file_without_a_password(tmp_path: Path, content: str, said: str) -> None:
    path = written(tmp_path / "pw", content)
    with pytest.raises(UsageError, match=said):
        secret_of(MAIL.model_copy(update={"password_file": str(path)}), {})


def test_file_that_is_none(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none", "cannot be read"), (tmp_path, "is not a file")):
        with pytest.raises(UsageError, match=said):
            secret_of(MAIL.model_copy(update={"password_file": str(path)}), {})
    binary = written(tmp_path / "binary", "")
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        secret_of(MAIL.model_copy(update={"password_file": str(binary)}), {})


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sh -c 'echo canary; echo canary >&2; exit 3'", r"failed \(exit status 3\)"),
        ("/nonexistent/pass show", "cannot be run: No such file"),
        ("'unclosed", "cannot be read"),
        (" ", "cannot be run: it is empty"),
        ("true", "no password in its first line"),
    ],
)
def test_command_that_gives_none(command: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        secret_of(MAIL.model_copy(update={"password_command": command}), {})
    assert "canary" not in str(refused.value)


def test_command_runs_without_a_shell(tmp_path: Path) -> None:
    mail = MAIL.model_copy(update={"password_command": f"echo $HOME; touch {tmp_path}/x"})
    assert secret_of(mail, {}) == f"$HOME; touch {tmp_path}/x"
    assert not (tmp_path / "x").exists()
