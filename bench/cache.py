"""Where logs and stores are kept between runs, and how they come there."""

import gzip
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench import truth
from bench.logs import Plan, truth_path, write_log
from bench.rounds import say
from bench.truth import Truth


def default_folder() -> Path:
    """In the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smtpauth-tui-bench"


@dataclass(frozen=True)
class Log:
    """A log and its truth."""

    name: str
    path: Path
    truth_path: Path
    folder: Path
    """Where to keep what is made of it."""

    @cached_property
    def truth(self) -> Truth:
        """What truly happened."""
        return truth.load(self.truth_path)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.name}: {self.truth.lines:,} lines, {self.size / 1e6:,.0f} MB"

    def packed(self) -> Path:
        """The log as gzip packs it."""

        def pack(made: Path) -> None:
            with self.path.open("rb") as file, gzip.open(made, "wb", compresslevel=6) as packed:
                shutil.copyfileobj(file, packed, 1 << 20)

        stat = self.path.stat()
        mark = hashlib.sha256(f"{self.path.resolve()} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:8]
        path = kept(self.folder, f"{self.name}-packed.{mark}.log.gz", pack)
        os.utime(path, (stat.st_mtime, stat.st_mtime))
        return path


def made_log(folder: Path, name: str, plan: Plan) -> Log:
    """A log of a plan, made if it is not there yet, or was made by another generator."""
    sources = [
        Path(__file__).with_name(f"{module}.py").read_bytes() for module in ("logs", "server", "people", "truth")
    ]
    mark = hashlib.sha256(b"".join([*sources, repr(plan).encode()])).hexdigest()[:8]

    def write(made: Path) -> None:
        write_log(plan, made).save(truth_path(folder / f"{name}.{mark}.log"))

    path = kept(folder, f"{name}.{mark}.log", write)
    return Log(name, path, truth_path(path), folder)


def kept(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """A file of the cache; *make* writes it if it is not there. Its older forms go."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{name.partition('.')[0]}.*"):
            old.unlink()
        say(f"making {path}")
        unfinished = path.with_name(f"{path.name}.part")
        make(unfinished)
        unfinished.rename(path)
        for left in folder.glob(f"{unfinished.name}*"):
            left.unlink()
    return path
