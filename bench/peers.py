"""What else tells who sent how much with which TLS version from a Postfix log, and how its answer is read."""

import importlib.util
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from bench.rounds import Contestant
from bench.truth import VERSIONS, Key, Truth, verdict

MAWK: Final = "mawk, exact"
PERL: Final = "perl, exact"
DUCKDB: Final = "DuckDB, SQL join"
LNAV: Final = "lnav, SQL join"
GOACCESS: Final = "goaccess behind grep"
PFLOGSUMM: Final = "pflogsumm --detail 0"
GZIP_MAWK: Final = "gzip -dc into mawk, exact"

_SCRIPTS: Final = Path(__file__).with_name("scripts")
_AWK: Final = ("mawk", "-f", str(_SCRIPTS / "exact.awk"))
_DUCKDB: Final = """
import csv, duckdb, sys
rows = duckdb.execute(sys.argv[1], {"path": sys.argv[2]}).fetchall()
csv.writer(sys.stdout, delimiter="\t").writerows(rows)
"""
_GOACCESS: Final = (
    r"goaccess - --no-global-config --date-format %Y-%m-%d --time-format %H:%M:%S -o csv "
    r"--log-format '%dT%t.%^ %^: %^: %^[%h], sasl_method=%U, sasl_username=%e'"
)


def peers(log: Path, truth: Truth) -> Iterator[Contestant]:
    """Those that are installed, each on a log; the slow ones take fewer rounds."""
    judge = partial(_judged, truth=truth)
    if shutil.which("mawk"):
        yield Contestant(MAWK, (*_AWK, str(log)), judge)
    if shutil.which("perl"):
        yield Contestant(PERL, ("perl", str(_SCRIPTS / "exact.pl"), str(log)), judge)
    if _iso(log) and importlib.util.find_spec("duckdb"):
        yield Contestant(DUCKDB, (sys.executable, "-c", _DUCKDB, _sql("duckdb"), str(log)), judge)
    if _iso(log) and shutil.which("goaccess"):
        script = f"grep ': client=.*, sasl_username=' {shlex.quote(str(log))} | {_GOACCESS}"
        yield Contestant(GOACCESS, ("sh", "-c", script), partial(_hits, truth=truth), rounds=3)
    if shutil.which("lnav"):
        command = ("lnav", "-n", "-c", f";{_sql('lnav')}", "-c", ":write-csv-to -", str(log))
        yield Contestant(LNAV, command, partial(judge, separator=","), rounds=3)
    if shutil.which("pflogsumm"):
        yield Contestant(PFLOGSUMM, ("pflogsumm", "--detail", "0", str(log)), lambda _: "no login, no TLS", rounds=3)


def mawk(log: Path, truth: Truth) -> Iterator[Contestant]:
    """The exact script alone."""
    return (one for one in peers(log, truth) if one.name == MAWK)


def gzip_mawk(packed: Path, truth: Truth) -> Iterator[Contestant]:
    """The exact script at the end of a pipe."""
    if shutil.which("mawk") and shutil.which("gzip"):
        script = f"gzip -dc {shlex.quote(str(packed))} | {shlex.join(_AWK)}"
        yield Contestant(GZIP_MAWK, ("sh", "-c", script), partial(_judged, truth=truth))


def _sql(name: str) -> str:
    """A script without its comment, in one line."""
    lines = (_SCRIPTS / f"join_{name}.sql").read_text(encoding="utf-8").splitlines()
    return " ".join(line.strip() for line in lines if not line.startswith("--"))


def _iso(log: Path) -> bool:
    with log.open("rb") as file:
        return file.read(1).isdigit()


def _judged(output: Path, truth: Truth, separator: str = "\t") -> str:
    return verdict(_counts(output.read_text(encoding="utf-8"), truth, separator), truth.messages)


def _counts(text: str, truth: Truth, separator: str) -> Counter[Key]:
    """Rows of day, login, TLS version and count; the day of a traditional stamp is the truth's day of that name."""
    days = {f"{date.fromisoformat(day):%b} {date.fromisoformat(day).day}": day for day in truth.days}
    found: Counter[Key] = Counter()
    for row in text.splitlines():
        parts = row.split(separator)
        if len(parts) == 4 and parts[3].isdecimal():
            day, login, version, count = parts
            found[days.get(day, day), login.casefold(), VERSIONS.get(version, version)] += int(count)
    return found


def _hits(output: Path, truth: Truth) -> str:
    """goaccess counts lines."""
    said = re.search(r'"(\d+)","valid_requests"', output.read_text(encoding="utf-8"))
    more = int(said[1]) - truth.messages.total() if said else 0
    return f"{more:,} too many, no TLS"
