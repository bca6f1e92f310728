"""What a benchmark found, beside its goal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """A figure and the limit that it should keep."""

    section: str
    goal: str
    measured: float
    limit: float
    unit: str
    spread: tuple[float, float] | None = None
    """The least and the greatest of the rounds."""

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.measured <= self.limit
