"""What rules would have found: how often, of whom, with which limits, and how the settings keep other ones."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from smtpauth_tui.reports.figures import number, plural
from smtpauth_tui.reports.findings import rule_state
from smtpauth_tui.reports.values import Cell, Column
from smtpauth_tui.rules.options import Chosen
from smtpauth_tui.rules.values import Severity

COLUMNS: Final = (
    Column("rule", "Rule"),
    Column("title", "Title"),
    Column("state", "State"),
    Column("found", "Found", numeric=True),
    Column("units", "Of", numeric=True),
    Column("weight", "High", numeric=True),
    Column("limits", "Limits"),
)
_LISTED: Final = 8


@dataclass(frozen=True, slots=True)
class Fired:
    """What a rule would have found with some limits."""

    chosen: Chosen
    missing: str
    """What it lacked; empty where it could look."""
    findings: tuple[tuple[str, str], ...] = ()
    """Unit and severity of each. Units are neutralised."""
    partly: str = ""
    """What it lacked to see all that it could."""

    @property
    def units(self) -> Counter[str]:
        """How many it would have found of each unit."""
        return Counter(unit for unit, _ in self.findings)

    @property
    def high(self) -> int:
        """How many of them weigh most."""
        return sum(severity == Severity.HIGH for _, severity in self.findings)


def fired(chosen: Chosen, told: Mapping[str, Any]) -> Fired:
    """What ``check --preview --json`` says of a rule."""
    findings = tuple((str(one["unit"]), str(one["severity"])) for one in told.get("findings", ()))
    return Fired(chosen, str(told.get("missing") or ""), findings, str(told.get("partly") or ""))


def cells(one: Fired) -> Sequence[Cell]:
    """A rule for people, a cell for each of `COLUMNS`."""
    rule = one.chosen.rule
    counts = ("", "", "") if one.missing else tuple(map(number, (len(one.findings), len(one.units), one.high)))
    return (
        Cell(rule.id),
        Cell(rule.title),
        rule_state(rule, on=one.chosen.on, missing=one.missing),
        *map(Cell, counts),
        Cell(f"needs {one.missing}" if one.missing else limits_words(one.chosen)),
    )


def limits_words(chosen: Chosen) -> str:
    """``k 6, floor 50``."""
    return ", ".join(f"{name} {value:g}" for name, value in chosen.limits.items())


def value(one: Fired, key: str) -> object:
    """What a rule is sorted by."""
    return {
        "rule": int(one.chosen.rule.id[1:]),
        "found": len(one.findings),
        "units": len(one.units),
        "weight": one.high,
    }.get(key, one.chosen.rule.title)


def result_lines(one: Fired, before: Fired | None, days: tuple[str, str] | None) -> Iterator[str]:
    """``Would have found 3 findings of 2 accounts``, of whom, and how many with the limits of now. Units are safe."""
    if days is None:
        yield "The store has no submissions yet."
        return
    if one.missing:
        yield f"It cannot look: it needs {one.missing}."
        return
    now = f" (with the limits of now {number(len(before.findings))})" if before and before.chosen != one.chosen else ""
    whom = f" of {plural(len(one.units), one.chosen.rule.unit.value)}" if one.findings else ""
    yield f"From {days[0]} to {days[1]} it would have found {plural(len(one.findings), 'finding')}{whom}{now}."
    yield from (f"{count:>5} × {unit}" for unit, count in one.units.most_common(_LISTED))
    if len(one.units) > _LISTED:
        yield f"      and {plural(len(one.units) - _LISTED, 'other')}"
    if one.partly:
        yield f"In part it cannot look: it needs {one.partly}."
