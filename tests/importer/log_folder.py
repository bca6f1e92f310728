"""Log files as a collector, logrotate and an admin treat them: what each of them holds is known."""

import bz2
import gzip
import lzma
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tests.importer.mail_server import Line

PACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    ".gz": lambda data: gzip.compress(data, 1),
    ".bz2": lambda data: bz2.compress(data, 1),
    ".xz": lambda data: lzma.compress(data, preset=0),
}


@dataclass(slots=True)
class File:
    """A file and the whole lines in it."""

    path: Path
    lines: list[Line] = field(default_factory=list)
    form: str = "syslog"

    def write(self, data: bytes, changed: int, *, hole: int = 0) -> None:
        """Append to what is there; *hole*: a writer that does not append leaves NULs where truncation cut."""
        with self.path.open("ab") as file:
            if hole and not file.tell():
                file.truncate(hole)
            file.write(data)
        os.utime(self.path, (changed, changed))

    def rename(self, path: Path) -> None:
        """As logrotate does."""
        self.path.rename(path)
        self.path = path


class LogFolder:
    """One log of a collector, for example mail.log, and its rotated files."""

    def __init__(self, folder: Path, name: str, form: str) -> None:
        self.name = name
        self.form = form
        self.files: list[File] = []
        """Newest first; the collector writes to the first, or to `_held`."""
        self.read: set[int] = set()
        """Numbers of the lines that a finished import has read in this log."""
        self._folder = folder
        self._folder.mkdir(exist_ok=True)
        self._held: File | None = None
        self._rest = b""
        self._half: Line | None = None
        self._hole = 0
        self._begin()

    def _begin(self) -> None:
        self.files.insert(0, File(self._folder / self.name, form=self.form))
        self.files[0].path.touch()

    def append(self, draw: random.Random, lines: Sequence[Line], changed: int) -> None:
        """The collector writes; 30 % of its writes end within a line."""
        written = [each for line in lines for each in self._with_others(draw, line)]
        data = "".join(f"{line.written(self.form)}\n" for line in written).encode()
        cut = draw.randrange(1, 30) if data and draw.random() < 0.3 else 0
        cut = min(cut, len(written[-1].written(self.form).encode())) if cut else 0
        whole = ([self._half] if self._half and data else []) + (written[:-1] if cut else written)
        if not data:
            return
        self.files[0].write(self._rest + (data[:-cut] if cut else data), changed, hole=self._hole)
        self.files[0].lines += whole
        self._rest, self._half, self._hole = (data[-cut:], written[-1], 0) if cut else (b"", None, 0)

    def _with_others(self, draw: random.Random, line: Line) -> list[Line]:
        """The line, and in a log that is not for mail alone sometimes another program's."""
        if self.name.startswith("mail") or draw.random() > 0.2:
            return [line]
        return [line, replace(line, program="CRON", pid=draw.randrange(900), text="(root) CMD (true)")]

    def finish_line(self, changed: int) -> None:
        """Write the rest of a half line."""
        if self._half:
            self.files[0].write(self._rest, changed)
            self.files[0].lines.append(self._half)
        self._rest, self._half = b"", None

    @property
    def held(self) -> bool:
        """Whether the collector still has a renamed file open."""
        return self._held is not None

    def let_go(self, lines: Sequence[Line], changed: int) -> None:
        """The collector writes its last lines to the renamed file and opens the new one."""
        assert self._held
        data = self._rest + "".join(f"{line.written(self.form)}\n" for line in lines).encode()
        if data:
            self._held.write(data, changed)
        self._held.lines += ([self._half] if self._half else []) + list(lines)
        self._held, self._rest, self._half = None, b"", None

    def rotate_by_renaming(self, draw: random.Random, changed: int) -> None:
        """The collector goes on writing into the renamed file for a moment, or reopens at once."""
        if self._held:
            self.let_go([], changed)
        self._shift()
        self.files[0].rename(self._folder / f"{self.name}.1")
        if self._half or draw.random() < 0.5:
            self._held = self.files[0]
        self._begin()

    def rotate_by_truncating(self, draw: random.Random, changed: int) -> None:
        """copytruncate; a collector that does not append leaves a hole of NULs."""
        if self._held:
            self.let_go([], changed)
        self.finish_line(changed)
        self._shift()
        current = self.files[0]
        copy = File(self._folder / f"{self.name}.1", current.lines, self.form)
        data = current.path.read_bytes()
        copy.path.write_bytes(data)
        os.utime(copy.path, (changed, changed))
        os.truncate(current.path, 0)
        os.utime(current.path, (changed, changed))
        current.lines = []
        self._hole = len(data) if draw.random() < 0.2 else 0
        self.files.insert(1, copy)

    def _shift(self) -> None:
        for age, file in reversed(list(enumerate(self.files[1:], start=1))):
            ending = file.path.suffix if file.path.suffix in PACK else ""
            file.rename(self._folder / f"{self.name}.{age + 1}{ending}")

    def pack(self, draw: random.Random) -> File | None:
        """Compress a rotated file."""
        plain = [file for file in self.files[1:] if file.path.suffix not in PACK and file is not self._held]
        if not plain:
            return None
        file = draw.choice(plain)
        ending = draw.choice(list(PACK))
        path = file.path.with_name(file.path.name + ending)
        status = file.path.stat()
        path.write_bytes(PACK[ending](file.path.read_bytes()))
        os.utime(path, (status.st_atime, status.st_mtime))
        file.path.unlink()
        file.path = path
        return file

    def drop_oldest(self) -> File | None:
        """Delete the oldest file if a finished import has read all of it."""
        oldest = self.files[-1]
        if (
            len(self.files) < 2
            or oldest is self._held
            or not self.read.issuperset(line.number for line in oldest.lines)
        ):
            return None
        oldest.path.unlink()
        return self.files.pop()
