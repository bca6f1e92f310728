"""What the machine lends to the program: configuration, terminal, SQLite, and the store's file and folder."""

import os
import shlex
import shutil
import stat
from pathlib import Path
from typing import Final

from smtpauth_tui.doctor.findings import Finding, Patient, notice, ok, warning
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.settings import Settings, config_files, load
from smtpauth_tui.store.health import damage, sqlite_version
from smtpauth_tui.store.reader import Store
from smtpauth_tui.terminal import suitable_theme

MIN_COLUMNS: Final = 80
MIN_ROWS: Final = 24
_MEGABYTE: Final = 1_000_000
_LARGE_WAL: Final = 64 * _MEGABYTE
_LITTLE_ROOM: Final = 64 * _MEGABYTE
_SCARCE_ROOM: Final = 1000 * _MEGABYTE


async def configuration(patient: Patient) -> list[Finding]:
    """Whether the settings can be read."""
    try:
        load(patient.config, patient.environment)
    except SmtpAuthTuiError as error:
        return [warning("configuration", error.message, error.hint)]
    used = next((path for path in map(Path, config_files(patient.config)) if path.is_file()), None)
    return [ok("configuration", f"{used} is valid." if used else "There is no configuration file: all is as usual.")]


async def terminal(patient: Patient) -> list[Finding]:
    """Whether the interface can be shown well."""
    seen = patient.terminal
    if seen is None:
        return []
    name = seen.environment.get("TERM", "")
    found = []
    if name in ("", "dumb"):
        found.append(
            warning(
                "terminal",
                f"TERM is {name or 'not set'}: the interface cannot be shown.",
                "Set TERM to what the terminal is, for example xterm-256color.",
            )
        )
    elif suitable_theme(Settings(), seen.environment) == "ansi-dark" and not seen.environment.get("NO_COLOR"):
        found.append(
            notice(
                "terminal",
                f"TERM={name} stands for 16 colours.",
                f"If the terminal has more: TERM={name if name in ('screen', 'tmux') else 'xterm'}-256color",
            )
        )
    if seen.encoding.lower().replace("-", "") not in ("utf8", "utf_8"):
        found.append(
            notice(
                "terminal",
                f"The locale's encoding is {seen.encoding}: lines and charts may come out wrong.",
                "Use a UTF-8 locale, for example: export LC_ALL=C.UTF-8",
            )
        )
    if seen.columns < MIN_COLUMNS or seen.rows < MIN_ROWS:
        found.append(
            warning(
                "terminal",
                f"The terminal has {seen.columns} columns and {seen.rows} rows.",
                f"The interface needs {MIN_COLUMNS} and {MIN_ROWS}: enlarge it, or use a smaller font.",
            )
        )
    return found or [ok("terminal", f"{name}, {seen.columns} columns and {seen.rows} rows, UTF-8.")]


def bug_of(version: tuple[int, int, int]) -> bool:
    """Whether an SQLite may damage a WAL file that two connections reset at once (sqlite.org/wal.html#walresetbug).

    From 3.7.0 to 3.51.2; mended in 3.51.3, and in 3.50.7 and 3.44.6 for those branches.
    """
    if version[:2] == (3, 50) and version >= (3, 50, 7):
        return False
    if version[:2] == (3, 44) and version >= (3, 44, 6):
        return False
    return (3, 7, 0) <= version <= (3, 51, 2)


async def sqlite(patient: Patient) -> list[Finding]:
    """Whether this Python's SQLite has the bug."""
    version = sqlite_version()
    name = ".".join(map(str, version))
    if not bug_of(version):
        return [ok("sqlite", f"SQLite {name}.")]
    return [
        notice(
            "sqlite",
            f"SQLite {name} can damage a store that two programs write at the same time. That does not happen here: "
            "one import writes at a time, and the interface only reads.",
            "Do not write to the store with other programs. SQLite 3.51.3 and newer, 3.50.7 and 3.44.6 are mended: "
            "they come with a newer system or Python.",
        )
    ]


async def store_file(patient: Patient) -> list[Finding]:
    """Who can read and write the store and its folder, and whether there is room."""
    path = patient.path
    try:
        status = path.stat()
    except OSError:
        return _folder(path)  # that there is none is said when it is opened
    found = []
    if not stat.S_ISREG(status.st_mode):
        return []
    if status.st_mode & 0o077:
        found.append(
            warning(
                "store",
                f"{path} can be read by others (mode {stat.S_IMODE(status.st_mode):04o}); it tells who mailed when.",
                f"chmod 600 {shlex.quote(str(path))}",
            )
        )
    if status.st_uid != os.geteuid():
        found.append(
            notice(
                "store",
                f"{path} belongs to another user (uid {status.st_uid}).",
                "Let the same user import and look, or let the other one import only.",
            )
        )
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        found.append(
            notice("store", f"{path} or its folder cannot be written: no import as this user.", "Import as its owner.")
        )
    found += _folder(path)
    found += _wal(path)
    return found or [ok("store", f"{path}: {status.st_size / _MEGABYTE:,.1f} MB, for its owner alone.")]


def _folder(path: Path) -> list[Finding]:
    folder, mode = next(there for parent in path.absolute().parents if (there := _mode_of(parent)))
    found = []
    if mode & 0o022 and not mode & stat.S_ISVTX:
        found.append(
            warning(
                "store",
                f"Others can replace the store: they may write to {folder}.",
                f"chmod go-w {shlex.quote(str(folder))}",
            )
        )
    free = shutil.disk_usage(folder).free
    if free < _SCARCE_ROOM:
        say = warning if free < _LITTLE_ROOM else notice
        found.append(say("store", f"The disk of {folder} has {free / _MEGABYTE:,.0f} MB left.", "Make room there."))
    return found


def _mode_of(folder: Path) -> tuple[Path, int] | None:
    """A folder with its mode; None where it is not there or cannot be asked."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return None
    return (folder, mode) if stat.S_ISDIR(mode) else None


def _wal(path: Path) -> list[Finding]:
    try:
        size = path.with_name(path.name + "-wal").stat().st_size
    except OSError:
        return []
    if size < _LARGE_WAL:
        return []
    return [
        notice(
            "store",
            f"{path}-wal has {size / _MEGABYTE:,.0f} MB: something has kept the store open for long.",
            "Close what reads the store; the next import tidies up.",
        )
    ]


async def store_sound(patient: Patient, store: Store) -> list[Finding]:
    """Whether the file's structure is whole."""
    problem = await damage(store)
    if problem:
        return [
            warning(
                "sound",
                f"The store {store.path} is damaged: {problem}",
                "Move it away and import the logs again, or restore a copy.",
            )
        ]
    return [ok("sound", "The store's file is sound (quick check).")]
