"""Which process something belongs to, so that another one can tell whether it still runs."""

import os
import secrets
from pathlib import Path


def process_mark() -> str:
    """A text for this process that no other one has: of the running system, its process table, and a start in it.

    Where the system does not tell (no ``/proc``), a random one.
    """
    here = _table()
    started = _started(os.getpid())
    return f"{here} {os.getpid()} {started}" if here and started else secrets.token_hex(8)


def has_ended(mark: str) -> bool:
    """Whether the process of a mark does not run any more; False where that cannot be told from here."""
    here = _table()
    boot, _, rest = mark.partition(" ")
    pid, _, started = rest.partition(" ")
    if not here or boot != here or not pid.isdecimal():
        return False
    return _started(int(pid)) != started


def _table() -> str:
    """The system's start and the table of processes; containers on one machine have tables of their own."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}".replace(" ", "")
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process started (proc(5), field 22 of stat), in ticks since the system's start; empty for none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
