"""What else tells who sent how much with which TLS version from a Postfix log, and how its answer is read."""

import importlib.util
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from bench.rounds import Contestant
from bench.truth import EXACT, VERSIONS, Key, Truth, verdict

MAWK: Final = "mawk, exact"
PERL: Final = "perl, exact"
LNAV: Final = "lnav, SQL join"
PFLOGSUMM: Final = "pflogsumm --detail 0"
GOACCESS: Final = "goaccess on grep's output"
DUCKDB: Final = "DuckDB, SQL join"

# The session's TLS version by process, the login's day by queue id, a count when the queue manager takes the message.
# P is the field of the program's name: the third behind an RFC 3339 stamp, the fifth behind a traditional one.
MAWK_SCRIPT: Final = r"""
/\/smtpd\[[0-9]+\]: connect from / { delete tls[/^[0-9]/ ? $3 : $5] }
/ TLS connection established from / { P = /^[0-9]/ ? 3 : 5; tls[$P] = $(P + 7) }
/: client=/ { P = /^[0-9]/ ? 3 : 5; if ($(P + 2) ~ /^client=/) { at = index($0, ", sasl_username=")
    if (at) open[$(P + 1)] = (P == 3 ? substr($1, 1, 10) : $1 " " $2) "\t" substr($0, at + 16) "\t" tls[$P]; else delete open[$(P + 1)] } }
/\/qmgr\[[0-9]+\]: .*: from=</ { id = $(/^[0-9]/ ? 4 : 6); if (id in open) { ++sent[open[id]]; delete open[id] } }
END { for (key in sent) print key "\t" sent[key] }
"""
PERL_SCRIPT: Final = r"""
my ($ident, $text);
while (<>) {
    if (index($_, "connect from ") >= 0) { delete $tls{$1} if m{^\S+(?: +\d+ \S+)? \S+ (\S+/smtpd\[\d+\]): connect from } }
    elsif (index($_, " TLS connection established from ") >= 0) {
        $tls{$1} = $2 if m{^\S+(?: +\d+ \S+)? \S+ (\S+/smtpd\[\d+\]): \w+ TLS connection established from \S+: (\S+)} }
    elsif (index($_, ": client=") >= 0) {
        next unless m{^(\S+)(?: +(\d+) \S+)? \S+ (\S+/smtpd\[\d+\]): (\w+): client=\S+\[[^]]+\](?:, sasl_method=\w+, sasl_username=(.*))?};
        if (defined $5) { $open{$4} = (defined $2 ? "$1 $2" : substr($1, 0, 10)) . "\t$5\t" . ($tls{$3} // "") } else { delete $open{$4} } }
    elsif (index($_, ": from=<") >= 0) {
        next unless m{^\S+(?: +\d+ \S+)? \S+ \S+/qmgr\[\d+\]: (\w+): from=<};
        if (defined(my $key = delete $open{$1})) { ++$sent{$key} } }
}
print "$_\t$sent{$_}\n" for keys %sent;
"""
# As an admin would ask: it does not look whether the message was queued.
LNAV_QUERY: Final = r""";
SELECT day, login, tls, count(*) FROM (
    SELECT day, login, max(version) OVER (PARTITION BY process, session) AS tls FROM (
        SELECT substr(log_time, 1, 10) AS day, log_procname || log_pid AS process,
            regexp_match('^\w+: client=[^,]+, sasl_method=\w+, sasl_username=(.*)$', log_body) AS login,
            regexp_match('^\w+ TLS connection established from \S+ (TLSv[\d.]+) ', log_body) AS version,
            sum(log_body LIKE 'connect from %') OVER (PARTITION BY log_procname || log_pid ORDER BY log_line) AS session
        FROM syslog_log WHERE log_procname LIKE '%/smtpd' AND (log_body LIKE 'connect from %'
            OR log_body LIKE '% TLS connection established from %' OR log_body LIKE '%: client=%sasl_username=%')))
WHERE login IS NOT NULL GROUP BY day, login, tls
"""
DUCKDB_SCRIPT: Final = r"""
import sys, duckdb
rows = duckdb.sql('''
WITH line AS (
    SELECT row_number() OVER () AS place, substr(l, 1, 10) AS day, split_part(l, ' ', 2) || split_part(l, ' ', 3) AS process,
        regexp_replace(l, '^\\S+ \\S+ \\S+ ', '') AS said
    FROM read_csv($path, columns = {'l': 'VARCHAR'}, delim = '\\x01', quote = '', escape = '', header = false)
    WHERE contains(l, 'connect from ') OR contains(l, ' TLS connection established from ')
        OR contains(l, ': client=') OR contains(l, ': from=<')),
part AS (
    SELECT *, regexp_extract(said, '^(\\w+): client=', 1) AS opened, regexp_extract(said, '^(\\w+): from=<', 1) AS queued,
        regexp_extract(said, '^\\w+: client=[^,]+, sasl_method=\\w+, sasl_username=(.*)$', 1) AS login,
        regexp_extract(said, '^\\w+ TLS connection established from \\S+ (\\S+) ', 1) AS version,
        sum((said LIKE 'connect from %')::INT) OVER (PARTITION BY process ORDER BY place) AS session FROM line),
joined AS (
    SELECT *, max(version) OVER (PARTITION BY process, session) AS tls,
        lead(queued) OVER (PARTITION BY CASE WHEN opened != '' THEN opened ELSE queued END ORDER BY place) AS next
    FROM part)
SELECT day, login, tls, count(*) FROM joined WHERE login != '' AND next = opened GROUP BY ALL
''', params={'path': sys.argv[1]}).fetchall()
for row in rows:
    print(*row, sep="\t")
"""


def peers(log: Path, truth: Truth) -> Iterator[Contestant]:
    """Those that are installed, each on a log."""
    judge = partial(_judged, truth=truth)
    if shutil.which("mawk"):
        yield Contestant(MAWK, ("mawk", MAWK_SCRIPT, str(log)), judge)
    if shutil.which("perl"):
        yield Contestant(PERL, ("perl", "-e", PERL_SCRIPT, str(log)), judge)
    if importlib.util.find_spec("duckdb"):
        yield Contestant(DUCKDB, (sys.executable, "-c", DUCKDB_SCRIPT, str(log)), judge)
    if shutil.which("goaccess"):
        form = r"goaccess - --no-global-config --log-format '%^: client=%^[%h], %^sasl_username=%e' --date-format %Y-%m-%d "
        search = f"grep -E 'smtpd\\[[0-9]+\\]: [^ ]+: client=.*, sasl_username=' {shlex.quote(str(log))}"
        yield Contestant(GOACCESS, ("sh", "-c", f"{search} | {form}"), lambda _: "no TLS", rounds=3)
    if shutil.which("lnav"):
        command = ("lnav", "-n", "-c", " ".join(LNAV_QUERY.split()), "-c", ":write-csv-to -", str(log))
        yield Contestant(LNAV, command, partial(judge, separator=","), rounds=3)
    if shutil.which("pflogsumm"):
        yield Contestant(PFLOGSUMM, ("pflogsumm", "--detail", "0", str(log)), lambda _: "no login, no TLS", rounds=2)


def gzip_mawk(packed: Path, truth: Truth) -> Contestant:
    """mawk at the end of a pipe."""
    script = f"gzip -dc {shlex.quote(str(packed))} | mawk {shlex.quote(MAWK_SCRIPT)}"
    return Contestant("gzip -dc | mawk, exact", ("sh", "-c", script), partial(_judged, truth=truth))


def counts_of(text: str, truth: Truth, separator: str = "\t") -> Counter[Key]:
    """Rows of day, login, TLS version and count; a day of a traditional stamp is the truth's day of that name."""
    days: dict[str, str] = {}
    found: Counter[Key] = Counter()
    for row in text.splitlines():
        parts = row.split(separator)
        if len(parts) != 4 or not parts[3].isdecimal():
            continue
        day, login, version, count = parts
        if "-" not in day and not days:
            days = {_traditional(one): one for one, _, _ in truth.messages}
        found[days.get(day, day), login.casefold(), VERSIONS[version]] += int(count)
    return found


def _traditional(day: str) -> str:
    months: Callable[[int], str] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split().__getitem__
    _, month, number = map(int, day.split("-"))
    return f"{months(month - 1)} {number}"


def _judged(output: Path, truth: Truth, separator: str = "\t") -> str:
    return verdict(counts_of(output.read_text(encoding="utf-8"), truth, separator), truth.messages)


__all__ = ["EXACT"]
