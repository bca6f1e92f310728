"""Each example log, cut in two at any line: two imports, in any order, bring what one import of the whole brings."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.logs import bring_in, contents, touch

EXAMPLES: Final = Path(__file__).parent.parent / "formats"
LOGS: Final = sorted(path for path in EXAMPLES.glob("*/*.log"))
SHORT: Final = 12
"""Lines up to which a log is cut at each of them."""
MOST_CUTS: Final = 5
WAYS: Final = ("older first", "newer first", "grown")
ANY: Final = range(1000)

NO_LOG_BY_ITSELF: Final = {
    # lines of the authentication service alone tell nothing of submissions: most such logs are an IMAP server's
    "dovecot/failed-then-logged-in": range(1, 2),
    "dovecot/failures-named": range(1, 4),
    "dovecot/two-password-databases": range(1, 3),
    # a part that begins in the dump of a message, with one line of a log behind it
    "exim/rejectlog": ANY,
    # only the file's beginning says what the columns are, and whose log it is
    "exchange/other-columns": ANY,
    "exchange/send-log": ANY,
    # the part that is left has no line but "last message repeated"
    "postfix/repeated-by-bsd": range(3, 6),
    # two services' logs in one file: its second half is the older one
    "exchange/handed-on-front-end-read-later": ANY,
}
"""Logs, and cuts that leave a part which is no log: such parts only come to be where a file grows."""

THE_WHOLE_DECIDES: Final = {
    # a session without TLS line had no TLS if TLS is logged; that it is not logged, several sessions together tell
    "postfix/tls-logging-switched-off": (ANY, WAYS),
    "postfix/tls-logging-switched-on": (ANY, ("newer first",)),
    # whether equal lines are copies of one another, other failures tell
    "exim/syslog-without-copies": (range(1, 3), ("newer first",)),
    # a log whose only line is the next one's first line, too, is taken for an older copy of that one
    "exim/failures": (range(1, 2), ("older first",)),
    # the line for which "last message repeated" stands was not read yet, and the store keeps no line
    "postfix/repeated-by-bsd": (range(1, 3), ("newer first",)),
}
"""Logs, cuts and orders in which the first import cannot know what only the whole log says."""


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def cuts(lines: list[str]) -> list[int]:
    """Where to cut: at each line of a short log, else spread over it."""
    if len(lines) <= SHORT:
        return list(range(1, len(lines)))
    return sorted({1 + number * (len(lines) - 2) // (MOST_CUTS - 1) for number in range(MOST_CUTS)})


def exempt(name: str, cut: int, way: str) -> bool:
    where, ways = THE_WHOLE_DECIDES.get(name, ((), ()))
    return (cut in where and way in ways) or (way != "grown" and cut in NO_LOG_BY_ITSELF.get(name, ()))


def import_cut(folder: Path, lines: list[str], cut: int, way: str) -> Path:
    """A store with a log that was cut before a line."""
    folder.mkdir()
    db, older, newer = folder / "test.db", folder / "mail.log.1", folder / "mail.log"
    older.write_text("".join(lines[:cut]), encoding="utf-8")
    newer.write_text("".join(lines[cut:]), encoding="utf-8")
    if way == "grown":
        bring_in(db, touch(older))
        older.write_text("".join(lines), encoding="utf-8")
        bring_in(db, touch(older))
    else:
        for part in (older, newer) if way == "older first" else (newer, older):
            bring_in(db, touch(part))
    return db


def found(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a store holds; there is none where the log is none of ours."""
    return {kind: rows for kind, rows in contents(db).items() if rows} if db.exists() else {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("log", LOGS, ids=named)
def test_cut_log_brings_what_the_whole_brings(tmp_path: Path, log: Path, way: str) -> None:
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = tmp_path / "whole.db"
    (tmp_path / "mail.log").write_text("".join(lines), encoding="utf-8")
    bring_in(whole, touch(tmp_path / "mail.log"))
    wanted = found(whole)
    for cut in cuts(lines):
        if not exempt(named(log), cut, way):
            assert found(import_cut(tmp_path / str(cut), lines, cut, way)) == wanted, cut


@pytest.mark.parametrize("services", [("FrontEnd", "Hub"), ("Hub", "FrontEnd")])
def test_services_of_exchange_are_joined_across_their_folders(tmp_path: Path, services: tuple[str, ...]) -> None:
    whole = EXAMPLES / "exchange" / "handed-on.log"
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    half = lines.index(lines[0], 1)
    for service, part in (("FrontEnd", lines[:half]), ("Hub", lines[half:])):
        (tmp_path / service).mkdir()
        log = tmp_path / service / "RECV2026111609-1.LOG"
        log.write_text("".join(part), encoding="utf-8")
        touch(log)
    for service in services:
        bring_in(tmp_path / "parts.db", tmp_path / service)
    bring_in(tmp_path / "whole.db", whole)
    assert contents(tmp_path / "parts.db") == contents(tmp_path / "whole.db")
