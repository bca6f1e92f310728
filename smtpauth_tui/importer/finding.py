"""The files that the words of the command line stand for; loads little, since mostly nothing in them is new."""

import errno
import os
import stat

from smtpauth_tui.errors import UnreadableSourceError
from smtpauth_tui.store.files import Place, absolute, identity

STDIN = "-"
Identity = tuple[int, int, int, int, int]
"""A file as the disk knows it: device, inode, size, and its change and that of its inode in nanoseconds since 1970."""


class FoundFile:
    """A file that was found, or a pipe."""

    __slots__ = ("file", "identity", "live", "path", "status")

    def __init__(self, path: str, file: str | None = None, status: os.stat_result | None = None) -> None:
        self.path = path
        """The place as people read it: absolute, ``-`` for standard input."""
        self.file = file
        """What to open; None for standard input."""
        self.status = status
        self.identity = identity_of(status) if status and stat.S_ISREG(status.st_mode) else None
        """None for a pipe: what is read of it does not come again."""
        self.live = False
        """A pipe that is followed."""


class Found:
    """What the words of the command line stand for."""

    def __init__(self) -> None:
        self.files: list[FoundFile] = []
        self.problems: list[str] = []
        """For each word that stands for nothing readable: what happened and what to do."""
        self.named: set[str] = set()
        """The paths that were named one by one, not found in a folder."""


def find(words: list[str], ours: Place) -> Found:
    """The files that *words* name: files, folders, patterns, ``-``. *ours*, the store, is never read as a log."""
    found = Found()
    store = {place for end in ("", "-wal", "-shm", ".lock") if (place := identity(f"{os.fspath(ours)}{end}"))}
    seen = set(store)
    for word in words:
        if word == STDIN:
            if STDIN not in found.named:
                found.files.append(FoundFile(STDIN))
            found.named.add(STDIN)
            continue
        try:
            for file, status in _files_of(word, found):
                if (status.st_dev, status.st_ino) in seen:
                    if (status.st_dev, status.st_ino) in store and readable(file) in found.named:
                        raise UnreadableSourceError(
                            f"{readable(file)} is the store itself.", "Name the mail server's log."
                        )
                    continue
                seen.add((status.st_dev, status.st_ino))
                found.files.append(FoundFile(readable(file), file, status))
        except UnreadableSourceError as error:
            found.problems.append(str(error))
        except OSError as error:
            found.problems.append(
                f"{word} cannot be read: {error.strerror}. Check the path and its rights, or run as a user who may."
            )
    return found


def _files_of(word: str, found: Found) -> list[tuple[str, os.stat_result]]:
    path = os.path.expanduser(word)
    if path.startswith("~"):
        raise UnreadableSourceError(
            f"{word} cannot be read: Could not determine home directory.",
            "Check the path and its rights, or run as a user who may.",
        )
    status = _status(path)
    if status and stat.S_ISDIR(status.st_mode):
        files = _files_below(path)
        if not files:
            raise UnreadableSourceError(
                f"The folder {word} has no files.", "Name a folder or a file with a mail server's log."
            )
        return files
    if status:
        if not stat.S_ISREG(status.st_mode) and not word.startswith("/dev/fd/"):
            raise UnreadableSourceError(
                f"{word} is no regular file.", "To read from a pipe: COMMAND | smtpauth-tui import -"
            )
        found.named.add(readable(path))
        return [(path, status)]
    import glob  # most shells have done this

    if glob.has_magic(word):
        matches = [(match, status) for match in sorted(glob.glob(path, recursive=True)) if (status := _regular(match))]
        if not matches:
            raise UnreadableSourceError(
                f"No file matches {word}.", "Check the pattern; quote it if the shell must not expand it."
            )
        found.named.update(readable(match) for match, _ in matches)
        return matches
    raise UnreadableSourceError(f"There is no file {word}.", "Check the path; the usual one is /var/log/mail.log.")


def _files_below(folder: str) -> list[tuple[str, os.stat_result]]:
    files = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = os.path.join(root, name)
            if not name.startswith(".") and (status := _regular(path)):
                files.append((path, status))
    return sorted(files, key=lambda found: found[0].split("/"))


def _status(path: str) -> os.stat_result | None:
    """A file's status; None where there is no such file."""
    try:
        return os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise


def _regular(path: str) -> os.stat_result | None:
    status = _status(path)
    return status if status and stat.S_ISREG(status.st_mode) else None


def identity_of(status: os.stat_result) -> Identity:
    """A file's `Identity`."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def readable(path: str) -> str:
    """The absolute path as text; bytes that are no UTF-8 come as ``\\xff``."""
    parts = [part for part in absolute(path).split("/") if part not in ("", ".")]
    return os.fsencode("/" + "/".join(parts)).decode("utf-8", "backslashreplace")
