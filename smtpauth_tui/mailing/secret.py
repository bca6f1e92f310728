"""Where the password comes from: a credential of systemd, a file, a command, the environment; never from elsewhere."""

import os
import shlex
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.options import MailSettings
from smtpauth_tui.settings import PASSWORD_VARIABLE, config_folder

CREDENTIAL: Final = "smtp"
"""The name of systemd's credential (``LoadCredentialEncrypted=smtp``)."""
FILE_NAME: Final = "smtp-password"
"""The file in the configuration folder."""
_LONGEST: Final = 16_384
_PATIENCE: Final = 60.0


def secret_of(mail: MailSettings, environment: Mapping[str, str] = os.environ) -> str:
    """The password, or for xoauth2 the client's secret; UsageError where there is none or it is not kept well."""
    if folder := environment.get("CREDENTIALS_DIRECTORY"):
        path = Path(folder) / CREDENTIAL
        if path.exists():
            return _read(path)
    usual = Path(config_folder() or "/nonexistent") / FILE_NAME
    if mail.password_file or usual.exists():
        path = Path(mail.password_file or usual)
        _check(path)
        return _read(path)
    if mail.password_command:
        return _asked(mail.password_command)
    if text := environment.get(PASSWORD_VARIABLE):
        return text
    what = "client's secret" if mail.kind_of_login == "xoauth2" else "password"
    raise UsageError(
        f"There is no {what} for {mail.user}.",
        f"Put it into {usual if config_folder() else 'a file'} (mode 0600), or name password_file or password_command "
        "in [mail].",
    )


def _check(path: Path) -> None:
    """UsageError for a file that others can read."""
    try:
        status = path.stat()
    except OSError as error:
        raise UsageError(f"The password file {path} cannot be read: {error.strerror}.", "Check the path.") from None
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"The password file {path} is not a file.", "Name the file itself.")
    if status.st_mode & 0o077:
        raise UsageError(
            f"The password file {path} can be read by others (mode {stat.S_IMODE(status.st_mode):04o}).",
            f"chmod 600 {shlex.quote(str(path))}",
        )
    if status.st_uid not in (0, os.geteuid()):
        raise UsageError(
            f"The password file {path} belongs to another user.", f"chown {os.geteuid()} {shlex.quote(str(path))}"
        )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return _line(file.read(_LONGEST), f"The password file {path}")
    except OSError as error:
        raise UsageError(f"The password file {path} cannot be read: {error.strerror}.", "Check its rights.") from None


def _asked(command: str) -> str:
    what = "password_command"
    try:
        words = shlex.split(command)
        done = subprocess.run(  # noqa: S603 - the admin's own command, without a shell
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except ValueError as error:
        raise UsageError(f"{what} cannot be read: {error}.", "Mend its quotes.") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{what} did not end within {_PATIENCE:.0f} seconds.", "It must not ask anything.") from None
    except (OSError, IndexError) as error:
        reason = getattr(error, "strerror", None) or "it is empty"
        raise UsageError(f"{what} cannot be run: {reason}.", "Check its path.") from None
    if done.returncode:
        raise UsageError(
            f"{what} failed (exit status {done.returncode}).", "Run it by hand to see why; what it says is not shown."
        )
    return _line(done.stdout, what)


def _line(content: bytes, what: str) -> str:
    """The first line, without its end."""
    try:
        text = content.decode().split("\n", 1)[0].rstrip("\r")
    except UnicodeDecodeError:
        raise UsageError(f"{what} has no text in UTF-8.", "Write the password alone into its first line.") from None
    if not text or "\x00" in text:
        raise UsageError(f"{what} has no password in its first line.", "Write the password alone into its first line.")
    return text
