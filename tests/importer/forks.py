"""Imports in forked processes, a place in memory for them, and small steps in which they read and write."""

import contextlib
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from smtpauth_tui.importer import run, sources

SMALL_STEPS: Final = {(sources, "BLOCK"): 700, (run, "_BATCH"): 5, (run, "_CHUNK"): 1500}
"""Constants of the importer: bytes read, facts written, bytes made to last at a time."""
PATIENCE: Final = 60
"""Seconds after which a forked import that hangs is ended, and fails."""


def fork(action: Callable[[], object], die_before: int = 0) -> int:
    """The process that does *action*, killing itself before a certain call of SQLite (0: none)."""
    process = os.fork()
    if process:
        return process
    try:
        signal.alarm(PATIENCE)
        if die_before:
            sys.setprofile(_killer(die_before))
        action()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _killer(calls: int) -> Callable[[Any, str, Any], None]:
    left = calls

    def watch(_: Any, event: str, called: Any) -> None:
        nonlocal left
        if event == "c_call" and called.__name__ in ("execute", "executemany"):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    return watch


@contextlib.contextmanager
def in_small_steps(*, small: bool = True) -> Iterator[None]:
    """Let imports read, write and commit a few lines at a time, as they do with millions."""
    places = [(module, name, value) for (module, name), value in SMALL_STEPS.items() if hasattr(module, name)]
    before = [getattr(module, name) for module, name, _ in places]
    for module, name, value in places if small else ():
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(places, before, strict=True):
            setattr(module, name, value)


@contextlib.contextmanager
def place() -> Iterator[Path]:
    """A folder of its own, in memory where that is possible."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)
