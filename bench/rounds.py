"""Runs whole programs in turn, so that what else the machine does hits all alike, and compares what they cost."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final, Self

from bench.results import Result

_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
ROOT: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Run:
    """What a program cost."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, of the program and all that it started."""
    peak: int
    """Bytes of memory of its largest process."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program that is measured."""

    name: str
    command: Sequence[str]
    judge: Callable[[Path], str] = lambda _: ""
    """Says whether what it printed (a file) or made is right; asked once, after the first round."""
    before: Callable[[], None] = lambda: None
    """Makes ready for a run."""
    rounds: int | None = None
    """At most so many, for a slow one."""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Measured:
    """A contestant's runs, round by round."""

    name: str
    judgement: str = ""
    runs: list[Run] = field(default_factory=list)

    @property
    def wall(self) -> float:
        """The median."""
        return median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """The median."""
        return median(run.cpu for run in self.runs)

    @property
    def peak(self) -> int:
        """The greatest."""
        return max(run.peak for run in self.runs)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How one figure compares with another, round by round."""

    middle: float
    spread: tuple[float, float]

    @classmethod
    def of(cls, ours: Iterable[float], theirs: Iterable[float]) -> Self:
        """Ours in units of theirs, of the rounds in which both ran."""
        pairs = [one / other for one, other in zip(ours, theirs, strict=False)]
        return cls(median(pairs), (min(pairs), max(pairs)))

    def result(self, section: str, goal: str, limit: float) -> Result:
        """Beside its goal."""
        return Result(section, goal, self.middle, limit, "×", self.spread)


class Failed(Exception):
    """A program did not run."""


def in_turn(contestants: Sequence[Contestant], rounds: int, folder: Path) -> dict[str, Measured]:
    """Run all, one after the other, so many times; a warm-up that is not counted comes first.

    A contestant that does not run is left out, with its reason on stderr. *folder* takes what the programs print.
    """
    found = {one.name: Measured(one.name) for one in contestants}
    for number in range(rounds + 1):
        for one in contestants:
            if one.name not in found or (one.rounds is not None and number > one.rounds):
                continue
            if number == 0 and one.rounds == 1:
                continue  # too slow to warm up; the log is in the page cache anyway
            say(f"round {number} of {rounds}: {one.name}" if number else f"warm-up: {one.name}")
            output = folder / "output"
            try:
                run = measured(one, output)
            except Failed as why:
                say(f"{one.name} did not run: {why}")
                del found[one.name]
                continue
            if number:
                found[one.name].runs.append(run)
            if not found[one.name].judgement:
                found[one.name].judgement = one.judge(output)
    return found


def measured(one: Contestant, output: Path) -> Run:
    """Run a program once; what it prints goes to a file. `Failed` if it ends with an error."""
    one.before()
    with tempfile.TemporaryFile("w+") as errors:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(_LAUNCHER), str(output), *one.command],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env={**os.environ, "LC_ALL": "C", **one.environment},
        )
        errors.seek(0)
        said = errors.read().strip()[-300:]
    if done.returncode:
        raise Failed(said)
    told = json.loads(done.stdout)
    if told["status"] not in (0, 3):
        raise Failed(f"status {told['status']}: {said}")
    return Run(told["wall"], told["cpu"], told["peak"])


def say(what: str) -> None:
    """What goes on, for who waits."""
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()
