"""The settings: their file, the environment, and what is wrong with either."""

from pathlib import Path

import pytest

from smtpauth_tui.clock import machine_zone_name, zone_named
from smtpauth_tui.errors import UsageError
from smtpauth_tui.settings import Settings, default_store, load


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def config(home: Path, text: str, place: str = ".config/smtpauth-tui/config.toml") -> Path:
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_defaults(home: Path) -> None:
    settings = load(environment={})
    assert settings == Settings()
    assert settings.store_path == home / ".local/share/smtpauth-tui/store.db"


def test_data_folder_of_the_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_store() == "/data/smtpauth-tui/store.db"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/paths/are/ignored")
    assert Path(default_store()).is_relative_to(Path.home())


def test_file_then_environment(home: Path) -> None:
    config(home, 'db = "~/mail.db"\ntimezone = "Europe/Berlin"\nmouse = false\n[keys]\n"report.next-view" = "w"\n')
    settings = load(environment={"SMTPAUTH_TUI_TIMEZONE": "Asia/Tokyo", "SMTPAUTH_TUI_THEME": "", "OTHER": "x"})
    assert settings.store_path == home / "mail.db"
    assert (settings.timezone, settings.mouse, settings.keys) == ("Asia/Tokyo", "off", {"report.next-view": "w"})


def test_environment_alone(home: Path) -> None:
    settings = load(
        environment={"SMTPAUTH_TUI_DB": "~/x.db", "SMTPAUTH_TUI_KEYS": "a.b=x, c.d = y", "SMTPAUTH_TUI_MOUSE": "off"}
    )
    assert (settings.store_path, settings.keys, settings.mouse) == (home / "x.db", {"a.b": "x", "c.d": "y"}, "off")


def test_named_file_counts_alone(home: Path) -> None:
    config(home, 'theme = "nord"')
    assert load(config(home, 'timezone = "UTC"', "other.toml"), {}) == Settings(timezone="UTC")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tiemzone = 'UTC'", "no setting 'tiemzone'"),
        ("timezone = 5", "timezone is a text"),
        ("db = 5", "db is a text"),
        ("animations = 'sometimes'", "animations is one of auto, on, off"),
        ("keys = 'w'", "keys is a table"),
        ("[keys]\nx = 5", "keys is a table"),
        ("timezone = ", "cannot be read"),
        ("db = '~nobody-of-that-name/x.db'", "no home folder"),
    ],
)
def test_what_is_wrong_with_the_file_is_told(home: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load(config(home, text), {})


def test_file_that_is_missing_or_no_text(home: Path) -> None:
    with pytest.raises(UsageError, match="no configuration file"):
        load(home / "none.toml", {})
    (home / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        load(home / "binary.toml", {})
    with pytest.raises(UsageError, match="cannot be read"):
        load(home, {})


def test_what_is_wrong_with_the_environment_is_told_by_the_variables_name() -> None:
    with pytest.raises(UsageError, match="SMTPAUTH_TUI_ANIMATIONS: animations is one of"):
        load(environment={"SMTPAUTH_TUI_ANIMATIONS": "yes"})
    with pytest.raises(UsageError, match="SMTPAUTH_TUI_KEYS: keys are written"):
        load(environment={"SMTPAUTH_TUI_KEYS": "w"})


# zones


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "Asia/Kathmandu"])
def test_zone(name: str) -> None:
    assert zone_named(name).key == name


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "x" * 5000, "a\0b", "\ud800"]
)
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        zone_named(name)


@pytest.mark.parametrize(
    ("variable", "zone"),
    [("Asia/Tokyo", "Asia/Tokyo"), (":Asia/Tokyo", "Asia/Tokyo"), ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo")],
)
def test_machines_zone_by_the_environment(monkeypatch: pytest.MonkeyPatch, variable: str, zone: str) -> None:
    monkeypatch.setenv("TZ", variable)
    assert machine_zone_name() == zone


@pytest.mark.parametrize("variable", ["", "Mars/Olympus", "<+03>-3"])
def test_machine_has_some_zone(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("TZ", variable)
    assert zone_named(machine_zone_name())
