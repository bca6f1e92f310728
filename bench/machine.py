"""On what the figures were taken: the machine and the versions of all that took part."""

import importlib.metadata
import os
import platform
import re
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import smtpauth_tui

_TOOLS: Final = (
    ("mawk", "-W", "version"),
    ("perl", "-v"),
    ("pflogsumm", "--version"),
    ("goaccess", "-V"),
    ("lnav", "-V"),
    ("gzip", "--version"),
)
_PACKAGES: Final = ("textual", "duckdb", "isal", "zlib-ng")


def machine() -> list[str]:
    """A line each: the processor, the system, this program and its packages, the other programs."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    packages = [f"{name} {version}" for name in _PACKAGES if (version := _package(name))]
    tools = [f"{tool[0]} {version}" for tool in _TOOLS if (version := _version(*tool))]
    return [
        f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} × {_processor()}, {memory:.0f} GiB; load at the end {load}",
        f"{platform.system()} {_release()}, Python {platform.python_version()}",
        f"smtpauth-tui {smtpauth_tui.__version__}, SQLite {sqlite3.sqlite_version}, {', '.join(packages)}",
        ", ".join(tools),
    ]


def _release() -> str:
    """Of the kernel, without whose build it is."""
    return ".".join(platform.release().split(".")[:2])


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _package(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _version(program: str, *asked: str) -> str | None:
    if not shutil.which(program):
        return None
    done = subprocess.run([program, *asked], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"\d+\.\d+(\.\d+)*", done.stdout + done.stderr)
    return found[0] if found else "?"
