"""What the admin can set: TOML in the configuration folder, and SMTPAUTH_TUI_* in the environment.

Plain checks instead of Pydantic, because each import by cron passes here (see ARCHITECTURE.md).
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from platformdirs.unix import Unix

from smtpauth_tui.errors import UsageError

ENVIRONMENT_PREFIX: Final = "SMTPAUTH_TUI_"
SYSTEM_CONFIG: Final = Path("/etc/smtpauth-tui/config.toml")
_CHOICES: Final = {"animations": ("auto", "on", "off"), "mouse": ("on", "off")}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, each with its default."""

    db: Path | None = None
    """The store's file; by default ``smtpauth-tui/store.db`` in the XDG data folder."""
    timezone: str = ""
    """The zone in which a new store counts its days; by default the machine's."""
    theme: str = ""
    """The name of one of Textual's themes; by default one that suits the terminal."""
    animations: str = "auto"
    """``on``, ``off``, or ``auto``: off over SSH."""
    mouse: str = "on"
    """``off`` leaves the mouse to the terminal."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by the id of a binding: ``report.next-view = "w"``."""

    @property
    def store_path(self) -> Path:
        """Where the store is."""
        return self.db or default_store()


def default_store() -> Path:
    """``$XDG_DATA_HOME/smtpauth-tui/store.db``."""
    return _folders().user_data_path / "store.db"


def crash_file() -> Path:
    """``$XDG_STATE_HOME/smtpauth-tui/crash.txt``: where the trace of the last crash is."""
    return _folders().user_state_path / "crash.txt"


def _folders() -> Unix:
    """The XDG folders, also on a Mac: a server's admin looks for them there."""
    return Unix("smtpauth-tui")


def config_files(named: Path | None) -> list[Path]:
    """The configuration files to look for, the first one found counts; only *named* where it is given."""
    return [named] if named else [_folders().user_config_path / "config.toml", SYSTEM_CONFIG]


def load(named: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings; UsageError names the file or variable and what is wrong with it."""
    values = _from_file(named)
    for setting in fields(Settings):
        text = environment.get(ENVIRONMENT_PREFIX + setting.name.upper())
        if text:
            where = ENVIRONMENT_PREFIX + setting.name.upper()
            values[setting.name] = _checked(
                setting.name, _pairs(text, where) if setting.name == "keys" else text, where
            )
    return Settings(**values)


def _from_file(named: Path | None) -> dict[str, Any]:
    for path in config_files(named):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            if named:
                raise UsageError(f"There is no configuration file {path}.", "Check the path after --config.") from None
            continue
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(
                f"The configuration {path} cannot be read: {error}.", "Mend it, or name another with --config."
            ) from error
        return {name: _checked(name, value, str(path)) for name, value in table.items()}
    return {}


def _pairs(text: str, where: str) -> dict[str, str]:
    pairs = [entry.partition("=") for entry in text.split(",") if entry.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise UsageError(f"{where}: keys are written as id=key,id=key.")
    return {name.strip(): key.strip() for name, _, key in pairs}


def _checked(name: str, value: object, where: str) -> object:
    known = [setting.name for setting in fields(Settings)]
    if name not in known:
        raise UsageError(f"{where}: there is no setting {name!r}.", f"Settings are: {', '.join(known)}.")
    if name == "keys":
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value.values()):
            return dict(value)
        raise UsageError(f"{where}: keys is a table of binding ids and keys.")
    if name == "mouse" and isinstance(value, bool):
        return "on" if value else "off"
    if not isinstance(value, str):
        raise UsageError(f"{where}: {name} is a text.")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise UsageError(f"{where}: {name} is one of {', '.join(_CHOICES[name])}, not {value!r}.")
    return home_expanded(Path(value)) if name == "db" else value


def home_expanded(path: Path) -> Path:
    """*path* with a leading ``~`` or ``~user`` as a home folder; UsageError where there is no such user."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise UsageError(f"There is no home folder for {path}.", "Write the path from / on.") from None
