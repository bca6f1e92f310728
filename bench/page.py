"""What a page of benchmarks gets, and what it gives."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.cache import Log
from bench.results import Result
from bench.rounds import Measured
from bench.truth import EXACT

Table = tuple[str, list[str], list[list[str]]]
"""Title, columns, rows."""
MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a page works, and how long."""

    cache: Path
    """Kept between runs."""
    scratch: Path
    """Gone after the run."""
    rounds: int
    logs: tuple[Log, ...]
    """The first is what figures are told of; in the others the import has to be exact as well."""
    senders: tuple[int, ...]
    """Of the stores that are asked questions."""
    large: Log | None = None
    """Ten times as long as the first, where the time for that is given."""


@dataclass(slots=True)
class Page:
    """What was found."""

    results: list[Result] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    """Figures without a goal."""
    judgements: dict[str, str] = field(default_factory=dict)
    """Of each goal whose figure rests on counts: whether they are right."""
    notes: list[str] = field(default_factory=list)
    """What was not measured, and why."""

    @property
    def exact(self) -> bool:
        """Whether all that this program counted is right."""
        return all(judgement == EXACT for judgement in self.judgements.values())

    def told(self, result: Result, judgement: str = "") -> None:
        """One more goal, and whether the counts behind it are right."""
        self.results.append(result)
        if judgement:
            self.judgements[result.goal] = judgement


PageMaker = Callable[[Workplace], Page]


def costs(title: str, found: Iterable[Measured], size: int) -> Table:
    """What programs cost that read so many bytes."""
    rows = [
        [
            one.name,
            f"{one.wall:.3f}",
            f"{one.cpu:.3f}",
            f"{size / one.cpu / 1e6:,.0f}" if size else "",
            f"{one.peak / MIB:,.0f}",
            str(len(one.runs)),
            one.judgement,
        ]
        for one in found
    ]
    return title, ["program", "wall s", "CPU s", "MB / CPU s", "peak MiB", "rounds", "counts"], rows
