"""The files to import: found, told apart from what is no log, put in order, opened as blocks of bytes."""

import bz2
import glob
import gzip
import hashlib
import io
import lzma
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from smtpauth_tui.errors import UnreadableSourceError

STDIN: Final = "-"
BLOCK: Final = 1 << 20
HEAD: Final = 1 << 16
LONGEST_LINE: Final = 1 << 16

_OPENERS: Final[tuple[tuple[bytes, str, Callable[[Any], io.BufferedIOBase]], ...]] = (
    (b"\x1f\x8b", "gzip", lambda raw: gzip.GzipFile(fileobj=raw)),
    (b"BZh", "bzip2", bz2.BZ2File),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMAFile),
)
_BOMB_BYTES: Final = 4 << 30
_BOMB_RATIO: Final = 1000
# mail.log.2.gz  mail.log-20261115.xz  maillog.20260410-010001.gz
_ROTATED: Final = re.compile(
    r"(?P<stem>.+?)(?:[.-](?P<date>\d{8}(?:-\d{6})?))?(?:\.(?P<number>\d{1,4}))?(?:\.(?:gz|bz2|xz|zst|Z))?"
)


class DamagedError(Exception):
    """A compressed file ends early or is broken; what came before it was read."""


@dataclass(slots=True)
class Source:
    """A file to read, or standard input."""

    path: str
    """The place as people read it: absolute, ``-`` for standard input."""
    file: Path | None
    """What to open; None for standard input."""
    stream: tuple[str, str]
    """Folder and name without rotation and compression: its files continue one another."""
    rotation: int
    """How often it was rotated; the greater, the older."""
    size: int
    changed: datetime | None
    once: bool = False
    """A pipe: what was read of it does not come again."""
    read_so_far: int = 0
    """Bytes of the file as it lies on the disk, for the progress."""
    compression: str = ""
    head: bytes = b""
    _ahead: list[bytes] = field(default_factory=list)
    _damage: DamagedError | None = None
    _stream: io.BufferedIOBase | None = None
    _raw: io.BufferedReader | None = None

    def look(self) -> bytes:
        """The first bytes, decompressed; they come again from `blocks`. DamagedError where there are none."""
        if not self.head:
            gathered: list[bytes] = []
            try:
                self._open()
                for block in self._read():
                    gathered.append(block)
                    if sum(map(len, gathered)) >= HEAD:
                        break
            except DamagedError as error:
                if not gathered:
                    raise
                self._damage = error
            finally:
                if self.once:
                    self._ahead = gathered
                else:
                    self._close()
            self.head = b"".join(gathered)[:HEAD]
        return self.head

    @property
    def digest(self) -> bytes:
        """What identifies how the file begins, whatever it is called: its first 1,024 bytes."""
        return hashlib.blake2b(self.head[:1024], digest_size=16).digest()

    def blocks(self) -> Iterator[bytes]:
        """All bytes, decompressed, in blocks. DamagedError after the last block before a damage."""
        self.read_so_far = 0
        if self.once:
            yield from self._ahead
            self._ahead = []
            if self._damage:
                raise self._damage
        else:
            self._open()
        try:
            yield from self._read()
        finally:
            self._close()

    def _open(self) -> None:
        if self._stream is not None:
            return
        raw: Any = self.file.open("rb") if self.file else sys.stdin.buffer
        self._raw = raw
        self._stream, self.compression = _decompressed(raw, raw.peek(8)[:8])

    def _close(self) -> None:
        """Close the file as well as what decompresses it."""
        for opened in (self._stream, self._raw if self.file else None):
            if opened is not None:
                opened.close()
        self._stream = self._raw = None

    def _read(self) -> Iterator[bytes]:
        """The blocks, without the NULs at the file's beginning: a hole as large as the log that copytruncate cut."""
        total = 0
        begun = bool(self._ahead or self.head)
        try:
            while self._stream and (block := self._stream.read1(BLOCK)):
                total += len(block)
                self._measure(total)
                if not begun:
                    block = block.lstrip(b"\0")
                    begun = bool(block)
                if block:
                    yield block
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
            raise DamagedError(str(error) or "the compressed data ends early") from error
        except OSError as error:
            raise DamagedError(error.strerror or str(error)) from error

    def _measure(self, total: int) -> None:
        self.read_so_far = self._raw.tell() if self._raw and not self.once else total
        if self.compression and total > _BOMB_BYTES and total > self.read_so_far * _BOMB_RATIO:
            raise DamagedError("it unpacks to more than a thousand times its size; that is no log")


def _decompressed(raw: io.BufferedIOBase, start: bytes) -> tuple[io.BufferedIOBase, str]:
    """The stream and its compression's name, told by how the data begins and not by the file's name."""
    for magic, name, opener in _OPENERS:
        if start.startswith(magic):
            return opener(raw), name
    return raw, ""


@dataclass(slots=True)
class Found:
    """The files that the words of the command line stand for."""

    sources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """For each word that stands for nothing readable: what happened and what to do."""
    named: set[str] = field(default_factory=set)
    """The paths that were named one by one, not found in a folder."""


def find(words: list[str], ours: Path) -> Found:
    """The files that *words* name: files, folders, patterns, ``-``. *ours*, the store, is never read as a log."""
    found = Found()
    seen: set[tuple[int, int]] = set()
    store = {place for end in ("", "-wal", "-shm") if (place := _identity(ours.with_name(ours.name + end)))}
    seen |= store
    for word in words:
        if word == STDIN:
            if STDIN not in found.named:
                found.sources.append(Source(STDIN, None, (STDIN, STDIN), 0, 0, None, once=True))
            found.named.add(STDIN)
            continue
        try:
            for path in _paths_of(word, found):
                status = path.stat()
                if (status.st_dev, status.st_ino) in seen:
                    if (status.st_dev, status.st_ino) in store and readable(path) in found.named:
                        raise UnreadableSourceError(
                            f"{readable(path)} is the store itself.", "Name the mail server's log."
                        )
                    continue
                seen.add((status.st_dev, status.st_ino))
                found.sources.append(_source(path, status))
        except UnreadableSourceError as error:
            found.problems.append(str(error))
        except (OSError, RuntimeError) as error:  # RuntimeError: ~nobody, where there is no such user
            reason = getattr(error, "strerror", None) or str(error).rstrip(".")
            found.problems.append(
                f"{word} cannot be read: {reason}. Check the path and its rights, or run as a user who may."
            )
    return found


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _paths_of(word: str, found: Found) -> list[Path]:
    path = Path(word).expanduser()
    if path.is_dir():
        files = sorted(_files_below(path))
        if not files:
            raise UnreadableSourceError(
                f"The folder {word} has no files.", "Name a folder or a file with a mail server's log."
            )
        return files
    if path.exists():
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not word.startswith("/dev/fd/"):
            raise UnreadableSourceError(
                f"{word} is no regular file.", "To read from a pipe: COMMAND | smtpauth-tui import -"
            )
        found.named.add(readable(path))
        return [path]
    if glob.has_magic(word):
        matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True)) if Path(match).is_file()]  # noqa: PTH207
        if not matches:
            raise UnreadableSourceError(
                f"No file matches {word}.", "Check the pattern; quote it if the shell must not expand it."
            )
        found.named.update(readable(match) for match in matches)
        return matches
    raise UnreadableSourceError(f"There is no file {word}.", "Check the path; the usual one is /var/log/mail.log.")


def _files_below(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(root, name)
            if not name.startswith(".") and stat.S_ISREG(path.stat().st_mode if path.exists() else 0):
                yield path


def _source(path: Path, status: os.stat_result) -> Source:
    place = path.absolute()
    parts = _ROTATED.fullmatch(place.name)
    stem = parts["stem"] if parts else place.name
    rotation = int(parts["number"] or 0) if parts else 0
    changed = datetime.fromtimestamp(status.st_mtime, UTC)
    stream = (str(place.parent), stem)
    once = not stat.S_ISREG(status.st_mode)
    return Source(readable(path), path, stream, rotation, status.st_size, changed, once)


def readable(path: Path) -> str:
    """The absolute path as text; bytes that are no UTF-8 come as ``\\xff``."""
    return os.fsencode(path.absolute()).decode("utf-8", "backslashreplace")
