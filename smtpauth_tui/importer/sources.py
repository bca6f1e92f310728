"""The files to import: put in order, told by name and compression, opened as blocks of bytes."""

import bz2
import io
import lzma
import os
import re
import select
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from smtpauth_tui.importer.finding import STDIN, FoundFile, Identity, identity_of, readable

BLOCK: Final = 1 << 22
HEAD: Final = 1 << 16
LONGEST_LINE: Final = 1 << 16
TAIL: Final = 1024


def _gzip(raw: Any) -> io.BufferedIOBase:
    from smtpauth_tui.importer.gzip_stream import GzipStream

    return GzipStream(raw)


def _zstd(raw: Any) -> io.BufferedIOBase:
    """Imported late: few logs are packed so."""
    if sys.version_info >= (3, 14):
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    else:
        from backports import zstd
    file: io.BufferedIOBase = zstd.ZstdFile(raw)
    return file


_OPENERS: Final[tuple[tuple[bytes, str, Callable[[Any], io.BufferedIOBase]], ...]] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"BZh", "bzip2", bz2.BZ2File),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMAFile),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
)
_LATE_ERRORS: Final = ("ZstdError", "IsalError")
_BOMB_BYTES: Final = 4 << 30
_BOMB_RATIO: Final = 1000
_IDLE: Final = 1.0
# mail.log.2.gz  mail.log-20261115.xz  maillog.20260410-010001.gz
_ROTATED: Final = re.compile(
    r"(?P<stem>.+?)(?:[.-](?P<date>\d{8}(?:-\d{6})?))?(?:\.(?P<number>\d{1,4}))?(?:\.(?:gz|bz2|xz|zst|Z))?"
)
# RECV2026111609-1.LOG: Exchange begins a file each hour, and when one is full
_HOURLY: Final = re.compile(r"\d{8,10}-\d{1,4}(?=\.LOG$)", re.IGNORECASE)


class DamagedError(Exception):
    """A compressed file ends early or is broken; what came before it was read."""


class MovedError(Exception):
    """Between two looks another file took the name: it was rotated."""


@dataclass(slots=True)
class Source:
    """A file to read, or a pipe."""

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
    identity: Identity | None = None
    """None for a pipe."""
    once: bool = False
    """A pipe: what was read of it does not come again."""
    live: bool = False
    """A pipe that is followed: `blocks` gives an empty one when nothing has come for a second."""
    read_so_far: int = 0
    """Bytes of the file as it lies on the disk, for the progress."""
    compression: str = ""
    head: bytes = b""
    """The first bytes, decompressed, without NULs before them."""
    _tails: dict[int, bytes] = field(default_factory=dict)
    _ahead: list[bytes] = field(default_factory=list)
    _damage: DamagedError | None = None
    _stream: io.BufferedIOBase | None = None
    _raw: io.BufferedReader | None = None

    @property
    def stem(self) -> str:
        """`stream` as one text."""
        return "/".join(self.stream)

    def look(self) -> bytes:
        """The first bytes, decompressed; they come again from `blocks`. DamagedError where there are none."""
        if not self.head:
            gathered: list[bytes] = []
            known = 0
            try:
                self._open()
                for block in self._read(HEAD):
                    gathered.append(block)
                    known += len(block if known else _without_hole(block))
                    if known >= HEAD or (self.live and b"\n" in block):
                        break
                    if not known and not self.once:
                        gathered.clear()  # a hole as large as the log that copytruncate cut
            except DamagedError as error:
                if not gathered:
                    raise
                self._damage = error
            finally:
                if self.once:
                    self._ahead = gathered
                else:
                    self._close()
            self.head = _without_hole(b"".join(gathered))[:HEAD]
        return self.head

    def tails(self, places: Iterable[int]) -> dict[int, bytes]:
        """What stands before each of some places of the content, up to `TAIL` bytes; none beyond the end."""
        asked = set(places)
        wanted = sorted(asked - self._tails.keys())
        if wanted:
            self._tails |= self._read_tails(wanted)
        return {place: self._tails[place] for place in asked & self._tails.keys()}

    def _read_tails(self, wanted: list[int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        try:
            self._open()
            if self._stream is self._raw and self._stream is not None:
                for place in wanted:
                    start = max(0, place - TAIL)
                    self._stream.seek(start)
                    data = self._stream.read(place - start)
                    if len(data) == place - start:
                        found[place] = data
            else:
                done, before = 0, b""
                for block in self._read():
                    recent = before + block
                    while wanted and wanted[0] <= done + len(block):
                        place = wanted.pop(0)
                        end = len(recent) - (done + len(block) - place)
                        found[place] = recent[max(0, end - TAIL) : end]
                    if not wanted:
                        break
                    done += len(block)
                    before = recent[-TAIL:]
        except DamagedError:
            pass  # said when it is read
        finally:
            self._close()
        return found

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """All bytes from *start* on, decompressed, in blocks. DamagedError after the last block before a damage.

        A pipe is read from where it stands. MovedError: the file was rotated since it was found.
        """
        self.read_so_far = 0
        if self.once:
            yield from self._ahead
            self._ahead = []
            if self._damage:
                raise self._damage
        else:
            self._open()
        try:
            if start and self._stream is self._raw and self._stream is not None:
                self._stream.seek(start)
                start = 0
            for block in self._read():
                if start:
                    rest, start = block[start:], max(0, start - len(block))
                    if rest:
                        yield rest
                else:
                    yield block
        finally:
            self._close()

    def _open(self) -> None:
        if self._stream is not None:
            return
        raw: Any = open(self.file, "rb", opener=_opened if self.identity else None) if self.file else sys.stdin.buffer
        if self.identity:
            status = os.fstat(raw.fileno())
            if identity_of(status)[:2] != self.identity[:2] or not stat.S_ISREG(status.st_mode):
                raw.close()
                raise MovedError
        self._raw = raw
        self._stream, self.compression = _decompressed(raw, raw.peek(8)[:8])

    def _close(self) -> None:
        """Close the file as well as what decompresses it."""
        for opened in (self._stream, self._raw if self.file else None):
            if opened is not None and not (opened is self._stream and not self.file and not self.compression):
                opened.close()
        self._stream = self._raw = None

    def _read(self, size: int = BLOCK) -> Iterator[bytes]:
        """Blocks of up to *size* bytes, as large as they come without waiting; also the last before a damage."""
        total = 0
        gathered: list[bytes] = []
        known = 0
        try:
            for block in self._pieces(size):
                total += len(block)
                self._measure(total)
                gathered.append(block)
                known += len(block)
                if not block or known >= size or self.live:
                    yield gathered[0] if len(gathered) == 1 else b"".join(gathered)
                    gathered, known = [], 0
            if gathered:
                yield b"".join(gathered)
        except DamagedError:
            if gathered:
                yield b"".join(gathered)
            raise

    def _pieces(self, size: int) -> Iterator[bytes]:
        """What the file gives at once; an empty piece where a pipe that is followed has nothing to give."""
        begun = bool(self.head)
        try:
            while self._stream:
                while self.live and begun and not select.select([self._stream], [], [], _IDLE)[0]:
                    yield b""
                block = self._stream.read1(size)
                if not block:
                    break
                begun = True
                yield block
        except (EOFError, zlib.error, lzma.LZMAError) as error:
            raise DamagedError(str(error) or "the compressed data ends early") from error
        except OSError as error:
            raise DamagedError(error.strerror or str(error)) from error
        except MemoryError as error:  # an xz file names the memory that it wants, up to 4 GiB
            raise DamagedError("it takes more memory to unpack than there is") from error
        except Exception as error:
            if type(error).__name__ not in _LATE_ERRORS:  # their modules are loaded only where they are needed
                raise
            raise DamagedError(str(error)) from error

    def _measure(self, total: int) -> None:
        self.read_so_far = self._raw.tell() if self._raw and not self.once else total
        if self.compression and total > _BOMB_BYTES and total > self.read_so_far * _BOMB_RATIO:
            raise DamagedError("it unpacks to more than a thousand times its size; that is no log")


def _opened(path: str, flags: int) -> int:
    """A file that was found; where a named pipe took its name meanwhile, nobody waits for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def _without_hole(data: bytes) -> bytes:
    """Some bytes without the NULs of a hole before them; one NUL may be half a letter of UTF-16."""
    return data.lstrip(b"\0") if data.startswith(b"\0\0") else data


def _decompressed(raw: io.BufferedIOBase, start: bytes) -> tuple[io.BufferedIOBase, str]:
    """The stream and its compression's name, told by how the data begins and not by the file's name."""
    for magic, name, opener in _OPENERS:
        if start.startswith(magic):
            return opener(raw), name
    return raw, ""


def source_of(found: FoundFile) -> Source:
    """What to read of a file that was found."""
    if found.file is None or found.status is None:
        return Source(STDIN, None, (STDIN, STDIN), 0, 0, None, once=True, live=found.live)
    path = Path(found.file)
    parts = _ROTATED.fullmatch(path.name)
    stem = _HOURLY.sub("", parts["stem"] if parts else path.name)
    rotation = int(parts["number"] or 0) if parts else 0
    changed = datetime.fromtimestamp(found.status.st_mtime, UTC)
    stream = (readable(str(path.parent)), os.fsencode(stem).decode("utf-8", "backslashreplace"))
    once, size = found.identity is None, found.status.st_size
    return Source(found.path, path, stream, rotation, size, changed, found.identity, once, once and found.live)


def goes_before(first: int | None, path: str, other_first: int | None, other: str) -> bool:
    """Whether one log is older than another, by their first moments and their names' rotation."""
    return ((first or 0), -_rotation(path)) < ((other_first or 0), -_rotation(other))


def _rotation(path: str) -> int:
    parts = _ROTATED.fullmatch(Path(path).name)
    return int(parts["number"] or 0) if parts else 0


def siblings(source: Source, *, itself: bool = False) -> list[Source]:
    """The other files of a source's stream, as rotation leaves them in its folder; *itself*: and its own."""
    if source.file is None:
        return []
    found = []
    for entry in os.scandir(source.file.absolute().parent):
        like = entry.name.startswith(source.file.name.partition(".")[0])
        if like and (itself or entry.name != source.file.name) and entry.is_file():
            sibling = source_of(FoundFile(readable(entry.path), entry.path, entry.stat()))
            if sibling.stream == source.stream:
                found.append(sibling)
    return found
