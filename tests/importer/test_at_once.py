"""Several imports at once give what one after the other would; whoever reads meanwhile sees counts that only grow."""

import itertools
import random
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from tests.importer.log_folder import LogFolder
from tests.importer.mail_server import STARTS, MailServer
from tests.importer.store_check import broken_roll_up, differences, found_in
from tests.logs import asked, command_line, surroundings

ROUNDS = 3
AT_ONCE = 4
PATIENCE = 120.0
COUNTS = """
    SELECT (SELECT count(*) FROM submission), (SELECT coalesce(sum(messages), 0) FROM daily),
           (SELECT coalesce(sum(messages), 0) FROM daily_total), (SELECT count(*) FROM auth_failure),
           (SELECT coalesce(sum(failures), 0) FROM daily_failure)
"""


def start(words: list[Path], db: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command_line("import", *words, db=db),
        env=surroundings(db),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def counts(db: Path) -> tuple[int, ...] | None:
    """The counts in one snapshot; None while there is no store."""
    if not db.exists():
        return None
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as store:
        if not store.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'daily_total'").fetchone()[0]:
            return None
        found: tuple[int, ...] = store.execute(COUNTS).fetchone()
        return found


def test_imports_at_once_while_somebody_reads(tmp_path: Path) -> None:
    draw = random.Random(20)
    server = MailServer(random.Random(21), ("mx1", "mx2"), int(STARTS[0].timestamp()))
    logs = [LogFolder(tmp_path / "log", "mail.log", "syslog"), LogFolder(tmp_path / "log", "syslog", "iso")]
    db = tmp_path / "store.db"
    seen: list[tuple[int, ...]] = [(0,) * 5]
    for number in range(ROUNDS):
        lines = server.lines(6000) if number < ROUNDS - 1 else server.end()
        for log in logs:
            if log.held:
                log.let_go([], server.time)
            log.append(draw, lines, server.time)
            log.finish_line(server.time)
        files = [file.path for log in logs for file in log.files]
        words = [[tmp_path / "log"], files[:1], files[::-1], draw.sample(files, len(files))]
        running = [start(each, db) for each in words[:AT_ONCE]]
        until = time.monotonic() + PATIENCE
        while any(process.poll() is None for process in running) and time.monotonic() < until:
            if found := counts(db):
                seen.append(found)
            time.sleep(0.002)
        said = [process.communicate(timeout=PATIENCE)[1] for process in running]
        assert [process.returncode for process in running] == [0] * AT_ONCE, said
        for log in logs:
            log.rotate_by_renaming(draw, server.time)
        server.fence()
    for before, after in itertools.pairwise(seen):
        assert all(one <= other for one, other in zip(before, after, strict=True))
    assert all(messages == daily == total and failed == days for messages, daily, total, failed, days in seen)
    assert not differences(found_in(db), server.messages, server.failures, whole=True)
    assert not broken_roll_up(db, finished=True)
    assert asked(db, "PRAGMA integrity_check") == [("ok",)]
