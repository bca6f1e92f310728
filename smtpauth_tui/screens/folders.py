"""The files of the machine, to choose logs from: what a folder holds, and where to begin."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from smtpauth_tui.safe import safe

MOST: Final = 2000
"""Entries of a folder that are listed."""
_LOGS: Final = Path("/var/log")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder."""

    path: Path
    folder: bool
    size: int
    changed: float
    readable: bool


def start_folder(used: Path | None) -> Path:
    """The folder that files were last taken from, else where logs are, else the present one."""
    for folder in (used, _LOGS):
        if folder and folder.is_dir() and os.access(folder, os.R_OK | os.X_OK):
            return folder
    return Path.cwd()


def entries_of(folder: Path) -> tuple[list[Entry], int]:
    """What a folder holds, folders first, each by name, and how many more there are; OSError as the system says.

    Hidden names, and what is neither a folder nor a file to read (pipes, devices), are left out.
    """
    found = []
    with os.scandir(folder) as listing:
        for one in listing:
            if one.name.startswith("."):
                continue
            try:
                status = one.stat()
            except OSError:
                continue
            is_folder = stat.S_ISDIR(status.st_mode)
            if is_folder or stat.S_ISREG(status.st_mode):
                wanted = os.R_OK | os.X_OK if is_folder else os.R_OK
                found.append(
                    Entry(Path(one.path), is_folder, status.st_size, status.st_mtime, os.access(one.path, wanted))
                )
    found.sort(key=lambda entry: (not entry.folder, entry.path.name))
    return found[:MOST], max(len(found) - MOST, 0)


def completed(text: str) -> str | None:
    """A path that is typed, completed by the first name that goes on like it; None where there is none."""
    folder, slash, begun = text.rpartition("/")
    if not slash or not begun:
        return None
    try:
        entries, _ = entries_of(Path(folder + slash).expanduser())
    except (OSError, RuntimeError, ValueError):
        return None
    for entry in entries:
        name = entry.path.name
        if name.startswith(begun) and safe(name) == name:  # a field shows a name as it is
            return f"{folder}/{name}{'/' if entry.folder else ''}"
    return None


def size_words(size: int) -> str:
    """``512 B``, ``12.3 MB``: as much as a person needs."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return ""
