"""What the doctor finds, and what it looks at."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from smtpauth_tui.clock import Clock
from smtpauth_tui.store.reader import Store


class Severity(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    NOTICE = "notice"
    """To know; the figures are right all the same."""
    WARNING = "warning"
    """Figures may be wrong or missing, or something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    """The name of the check."""
    severity: Severity
    what: str
    """What was seen; raw where it names files and servers: whoever shows it neutralises it."""
    todo: str = ""
    """What to do about it."""

    def as_json(self) -> dict[str, Any]:
        """As the command line has it."""
        return {"check": self.check, "severity": self.severity.value, "what": self.what, "todo": self.todo}


@dataclass(frozen=True, slots=True)
class Terminal:
    """The terminal that the program runs in."""

    columns: int
    rows: int
    encoding: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Patient:
    """What there is to look at."""

    path: Path
    """The store's file."""
    clock: Clock
    config: Path | None = None
    """The configuration file that was named; None for the usual ones."""
    terminal: Terminal | None = None
    """None where there is none."""
    environment: Mapping[str, str] = field(default_factory=dict)


Look = Callable[[Patient], Awaitable[list[Finding]]]
StoreLook = Callable[[Patient, Store], Awaitable[list[Finding]]]


@dataclass(frozen=True, slots=True)
class Check:
    """Something that is looked at: of the machine, or of a store that could be opened."""

    name: str
    title: str
    look: Look | None = None
    look_at_store: StoreLook | None = None


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, Severity.OK, what)


def notice(check: str, what: str, todo: str = "") -> Finding:
    """To know."""
    return Finding(check, Severity.NOTICE, what, todo)


def warning(check: str, what: str, todo: str = "") -> Finding:
    """To mend."""
    return Finding(check, Severity.WARNING, what, todo)
