"""Programs in a terminal: this one and lnav, and what each shows first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.cache import Log
from bench.ours import PROGRAM, surroundings
from bench.rounds import ROOT
from bench.terminal import Sight, Size, Terminal, Unseen


@dataclass(frozen=True, slots=True)
class Program:
    """What is started, what its first useful screen has, and a key whose answer can be told."""

    command: Sequence[str]
    environment: dict[str, str]
    useful: Sight
    key: str
    answered: Sight
    patience: float = 60.0
    """Seconds after which the key is pressed again, for a program that forgets keys while it starts."""


def started(program: Program, size: Size) -> tuple[float, float]:
    """Seconds to the first useful line, and until a key that is pressed then is answered."""
    with Terminal(program.command, size, program.environment) as terminal:
        useful = terminal.seen(program.useful, "a useful line")
        while True:
            terminal.press(program.key)
            with suppress(Unseen):
                return useful, terminal.seen(program.answered, f"what {program.key} brings", program.patience)
            if program.patience > 1:
                raise Unseen(f"{program.key} was not answered")


def ours(store: Path) -> Program:
    """The dashboard has figures; the arrow moves the focus, drawn heavily, to the second card."""
    return Program(
        (*PROGRAM, "--db", str(store)),
        surroundings(store.parent) | {"PYTHONPATH": str(ROOT)},
        lambda text: "users and service accounts" in text and " messages" in text,
        "right",
        lambda text: "┏━ TLS below" in text,
    )


def lnav(log: Log, home: Path) -> Program:
    """It shows the end of the log; g goes to its beginning."""
    with log.path.open(encoding="ascii") as file:
        first = file.readline()[:40]
    return Program(
        ("lnav", str(log.path)),
        {"HOME": str(home)},
        lambda text: " mail01 postfix" in text,
        "g",
        lambda text: first in text,
        patience=0.02,
    )


@contextmanager
def report(store: Path, size: Size) -> Iterator[Terminal]:
    """The report, with its chart in view."""
    program = ours(store)
    with Terminal(program.command, size, program.environment) as terminal:
        terminal.seen(program.useful, "the dashboard")
        show(terminal, program.key, program.answered)
        show(terminal, "v", lambda text: "View data by Sending volume" in text and " account" in text)
        yield terminal


def show(terminal: Terminal, key: str, sight: Sight) -> None:
    """Press a key, and wait until what it brings is there and nothing more comes."""
    terminal.press(key)
    terminal.seen(sight, f"what {key} brings")
    terminal.settle(0.5)
