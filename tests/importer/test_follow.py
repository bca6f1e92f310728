"""Following: logs that grow and are rotated, a folder, a pipe that stays open."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtpauth_tui.importer import follow as follow_module
from smtpauth_tui.importer.finding import Found
from smtpauth_tui.importer.follow import follow
from smtpauth_tui.importer.outcome import Outcome
from smtpauth_tui.store.lock import Lock
from tests.logs import asked, bring_in_found, iso_line, mail_log, surroundings, write

DAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
LOG = mail_log(DAY, 20)


def counted(db: Path) -> int:
    return int(asked(db, "SELECT count(*) FROM submission")[0][0])


def followed(
    monkeypatch: pytest.MonkeyPatch, db: Path, words: list[Path], steps: list[Callable[[], object]]
) -> list[Outcome]:
    """What is said while, between two looks, one step after the other happens."""
    told: list[Outcome] = []
    waiting = iter(steps)
    monkeypatch.setattr(follow_module.time, "sleep", lambda _: next(waiting)())

    def bring_in(found: Found) -> Outcome:
        return bring_in_found(db, found)

    follow([str(word) for word in words], db, bring_in, told.append, looks=len(steps) + 1)
    return told


def append(path: Path, lines: list[str]) -> None:
    with path.open("a", encoding="utf-8") as log:
        log.writelines(f"{line}\n" for line in lines)


def test_log_that_grows_and_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db, log = tmp_path / "store" / "store.db", write(tmp_path / "log" / "mail.log", LOG[:30])

    def rotate() -> None:
        append(log, LOG[60:70])
        log.rename(log.with_name("mail.log.1"))
        write(log, LOG[70:90])

    told = followed(
        monkeypatch,
        db,
        [log],
        [lambda: append(log, LOG[30:60]), lambda: None, rotate, lambda: append(log, LOG[90:])],
    )
    assert len(told) == 4
    assert sum(one.submissions for one in told) == counted(db) == 20


def test_folder_with_a_new_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db, folder = tmp_path / "store" / "store.db", tmp_path / "log"
    write(folder / "a.log", LOG[:50])
    followed(monkeypatch, db, [folder], [lambda: write(folder / "b.log", LOG[50:])])
    assert counted(db) == 20


def test_log_that_is_away_for_a_moment_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db, log = tmp_path / "store" / "store.db", write(tmp_path / "log" / "mail.log", LOG[:60])
    told = followed(
        monkeypatch,
        db,
        [log],
        [log.unlink, lambda: None, lambda: write(log, LOG[60:])],
    )
    assert counted(db) == 20
    assert [len(one.problems) for one in told] == [0, 1, 0]


def test_pipe_is_written_as_it_comes_and_others_may_write(tmp_path: Path) -> None:
    db = tmp_path / "store" / "store.db"
    words = [sys.executable, "-m", "smtpauth_tui", "--db", str(db), "import", "--follow", "-"]
    lines = [iso_line(text) for text in LOG]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=surroundings(db)) as process:
        assert process.stdin is not None
        for part, wanted in ((lines[:60], 1), (lines[60:], 20)):
            process.stdin.write("".join(f"{line}\n" for line in part).encode())
            process.stdin.flush()
            until = time.monotonic() + 60
            while (not db.exists() or not known(db, wanted)) and time.monotonic() < until:
                time.sleep(0.05)
            Lock(db, lambda _: None).release()
        assert counted(db) == 20
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def known(db: Path, wanted: int) -> bool:
    try:
        return counted(db) >= wanted
    except Exception:
        return False


def test_interrupt_ends_it(tmp_path: Path) -> None:
    db, log = tmp_path / "store.db", write(tmp_path / "mail.log", LOG)
    words = [sys.executable, "-m", "smtpauth_tui", "--db", str(db), "import", "--follow", str(log)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=surroundings(db)) as process:
        assert process.stdout is not None
        assert b"Imported 20 submissions" in process.stdout.readline()
        os.kill(process.pid, 2)
        assert process.wait(timeout=60) == 130
    assert counted(db) == 20
