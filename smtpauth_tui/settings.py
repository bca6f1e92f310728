"""What the admin can set: TOML in the configuration folder, and SMTPAUTH_TUI_* in the environment.

Each import by cron passes here. Hence plain checks instead of Pydantic, and little is loaded (see ARCHITECTURE.md).
"""

import os
from collections.abc import Mapping

from smtpauth_tui.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT_PREFIX = "SMTPAUTH_TUI_"
PASSWORD_VARIABLE = "SMTPAUTH_TUI_MAIL_PASSWORD"  # noqa: S105 - its name
TABLES = ("mail", "places")
"""Settings that are tables, each checked by its own room when it is needed."""
_RULES_PREFIX = f"{ENVIRONMENT_PREFIX}RULES_"
SYSTEM_CONFIG = "/etc/smtpauth-tui/config.toml"
_CHOICES = {"animations": ("auto", "on", "off"), "mouse": ("on", "off")}


class Settings:
    """All settings, each with its default."""

    __slots__ = ("db", "timezone", "theme", "animations", "mouse", "keys", *TABLES, "rules")

    def __init__(
        self,
        db: str | os.PathLike[str] = "",
        timezone: str = "",
        theme: str = "",
        animations: str = "auto",
        mouse: str = "on",
        keys: Mapping[str, str] | None = None,
        mail: Mapping[str, object] | None = None,
        rules: Mapping[str, Mapping[str, object]] | None = None,
        places: Mapping[str, object] | None = None,
    ) -> None:
        self.db = os.fspath(db)
        """The store's file; where empty ``smtpauth-tui/store.db`` in the XDG data folder."""
        self.timezone = timezone
        """The zone in which a new store counts its days; by default the machine's."""
        self.theme = theme
        """The name of one of Textual's themes; by default one that suits the terminal."""
        self.animations = animations
        """``on``, ``off``, or ``auto``: off over SSH."""
        self.mouse = mouse
        """``off`` leaves the mouse to the terminal."""
        self.keys = keys or {}
        """Keys by the id of a binding: ``report.next-view = "w"``."""
        self.mail = mail or {}
        """How reports are mailed, as it was written; `mailing.options` checks it when it is needed."""
        self.rules = rules or {}
        """What is unusual: a table for each rule, as it was written; `rules.options` checks it when it is needed."""
        self.places = places or {}
        """How places are told and shown, as it was written; `places.places_of` checks it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]

    def _values(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}

    def with_store(self, path: str | os.PathLike[str]) -> "Settings":
        """The same settings for another store."""
        return Settings(**{**self._values(), "db": path})  # type: ignore[arg-type]

    @property
    def store_place(self) -> str:
        """Where the store is."""
        return self.db or default_store()

    @property
    def store_path(self) -> "Path":
        """Where the store is, for whoever has loaded paths."""
        from pathlib import Path

        return Path(self.store_place)


def default_store() -> str:
    """``$XDG_DATA_HOME/smtpauth-tui/store.db``."""
    return _in_folder("XDG_DATA_HOME", ".local/share", "store.db")


def crash_file() -> "Path":
    """``$XDG_STATE_HOME/smtpauth-tui/crash.txt``: where the trace of the last crash is."""
    from pathlib import Path

    return Path(_in_folder("XDG_STATE_HOME", ".local/state", "crash.txt"))


def _in_folder(variable: str, usual: str, name: str) -> str:
    """A file of ours by the XDG Base Directory Specification, also on a Mac: a server's admin looks for it there."""
    folder = os.environ.get(variable, "")
    return os.path.join(folder if os.path.isabs(folder) else home_expanded(f"~/{usual}"), "smtpauth-tui", name)


def config_folder() -> str:
    """``$XDG_CONFIG_HOME/smtpauth-tui``; empty for a user without a home folder."""
    try:
        return os.path.dirname(_in_folder("XDG_CONFIG_HOME", ".config", "config.toml"))
    except UsageError:
        return ""


def config_files(named: str | os.PathLike[str] | None) -> list[str]:
    """The configuration files to look for, the first one found counts; only *named* where it is given."""
    if named:
        return [os.fspath(named)]
    try:
        return [_in_folder("XDG_CONFIG_HOME", ".config", "config.toml"), SYSTEM_CONFIG]
    except UsageError:  # a user without a home folder
        return [SYSTEM_CONFIG]


def load(named: str | os.PathLike[str] | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings; UsageError names the file or variable and what is wrong with it."""
    values = _from_file(named)
    for name in Settings.__slots__:
        where = ENVIRONMENT_PREFIX + name.upper()
        if name not in (*TABLES, "rules") and (text := environment.get(where)):
            values[name] = _checked(name, _pairs(text, where) if name == "keys" else text, where)
    for table in TABLES:
        prefix = f"{ENVIRONMENT_PREFIX}{table.upper()}_"
        given = {
            name.removeprefix(prefix).lower(): text
            for name, text in environment.items()
            if name.startswith(prefix) and text and name != PASSWORD_VARIABLE
        }
        if given:
            values[table] = {**values.get(table, {}), **given}  # type: ignore[dict-item]
    if any(name.startswith(_RULES_PREFIX) for name in environment):
        values["rules"] = _with_rules(values.get("rules", {}), environment)  # type: ignore[arg-type]
    return Settings(**values)  # type: ignore[arg-type]


def _with_rules(
    rules: Mapping[str, Mapping[str, object]], environment: Mapping[str, str]
) -> dict[str, dict[str, object]]:
    """The tables of rules with what the environment says: ``SMTPAUTH_TUI_RULES_VOLUME_K=8``."""
    tables = {rule: dict(table) for rule, table in rules.items()}
    for name, text in environment.items():
        if name.startswith(_RULES_PREFIX) and text:
            rule, _, limit = name.removeprefix(_RULES_PREFIX).lower().partition("_")
            tables.setdefault(rule, {})[limit] = text
    return tables


def _from_file(named: str | os.PathLike[str] | None) -> dict[str, object]:
    for path in config_files(named):
        try:
            with open(path, "rb") as file:
                text = file.read()
        except FileNotFoundError:
            if named:
                raise UsageError(f"There is no configuration file {path}.", "Check the path after --config.") from None
            continue
        except OSError as error:
            raise _unreadable(path, error) from error
        return {name: _checked(name, value, str(path)) for name, value in _table(path, text).items()}
    return {}


def _table(path: str, text: bytes) -> dict[str, object]:
    import tomllib  # many have no configuration file

    try:
        return tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: Exception) -> UsageError:
    return UsageError(f"The configuration {path} cannot be read: {error}.", "Mend it, or name another with --config.")


def _pairs(text: str, where: str) -> dict[str, str]:
    pairs = [entry.partition("=") for entry in text.split(",") if entry.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise UsageError(f"{where}: keys are written as id=key,id=key.")
    return {name.strip(): key.strip() for name, _, key in pairs}


def _checked(name: str, value: object, where: str) -> object:
    if name not in Settings.__slots__:
        raise UsageError(f"{where}: there is no setting {name!r}.", f"Settings are: {', '.join(Settings.__slots__)}.")
    if name == "keys":
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value.values()):
            return dict(value)
        raise UsageError(f"{where}: keys is a table of binding ids and keys.")
    if name in TABLES:
        if isinstance(value, Mapping):
            return dict(value)
        raise UsageError(f"{where}: {name} is a table: [{name}], then a setting a line.")
    if name == "rules":
        if isinstance(value, Mapping) and all(isinstance(table, Mapping) for table in value.values()):
            return {rule: dict(table) for rule, table in value.items()}
        raise UsageError(f"{where}: rules are tables: [rules.volume], then a setting a line.")
    if name == "mouse" and isinstance(value, bool):
        return "on" if value else "off"
    if not isinstance(value, str):
        raise UsageError(f"{where}: {name} is a text.")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise UsageError(f"{where}: {name} is one of {', '.join(_CHOICES[name])}, not {value!r}.")
    return home_expanded(value) if name == "db" else value


def home_expanded(path: str | os.PathLike[str]) -> str:
    """*path* with a leading ``~`` or ``~user`` as a home folder; UsageError where there is no such user."""
    expanded = os.path.expanduser(path)
    if expanded.startswith("~"):
        raise UsageError(f"There is no home folder for {expanded}.", "Write the path from / on.")
    return expanded
