"""What truly happened on a server whose log was made: the measure of everybody's counts."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

Key = tuple[str, str, str]
"""Day (ISO, UTC), login in lower case, and TLS version (``1.3``; ``none``)."""
VERSIONS: Final = {"": "none", "TLSv1": "1.0", "TLSv1.1": "1.1", "TLSv1.2": "1.2", "TLSv1.3": "1.3"}
"""Our names of TLS versions by those in a log."""
EXACT: Final = "exact"


@dataclass(slots=True)
class Truth:
    """Counts of accepted messages and of failed sign-ins."""

    lines: int = 0
    messages: Counter[Key] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    """By day."""

    @property
    def days(self) -> set[str]:
        """On which anything was sent."""
        return {day for day, _, _ in self.messages}

    def save(self, path: Path) -> None:
        """As JSON, with the logs' own names of the versions."""
        logged = {ours: theirs for theirs, ours in VERSIONS.items()}
        rows = [[day, login, logged[version], n] for (day, login, version), n in sorted(self.messages.items())]
        counts = {"lines": self.lines, "messages": self.messages.total(), "failures": self.failures.total()}
        told = {"counts": counts, "day_login_tls": rows, "failures_per_day": sorted(self.failures.items())}
        path.write_text(json.dumps(told), encoding="utf-8")


def load(path: Path) -> Truth:
    """A truth that a generator of logs wrote: ``counts``, ``day_login_tls``, ``failures_per_day``."""
    told = json.loads(path.read_text(encoding="utf-8"))
    found = Truth(int(told["counts"]["lines"]))
    for day, login, version, count in told["day_login_tls"]:
        found.messages[day, login.casefold(), VERSIONS[version]] += int(count)
    found.failures.update({day: int(count) for day, count in told["failures_per_day"]})
    return found


def verdict(found: Counter[Key], true: Counter[Key]) -> str:
    """How counts differ from the truth, in words; `EXACT` if they do not."""
    extra, missing = (found - true).total(), (true - found).total()
    parts = [f"{count:,} too {word}" for count, word in ((extra, "many"), (missing, "few")) if count]
    return ", ".join(parts) or EXACT
