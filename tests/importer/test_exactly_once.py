"""The same log in any shape, in pieces, twice, at once, or after a kill: each message counts once."""

import fcntl
import gzip
import itertools
import signal
import struct
import subprocess
import termios
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.logs import (
    asked,
    bring_in,
    command_line,
    contents,
    counted,
    failure,
    iso_line,
    mail_log,
    session,
    surroundings,
    tls_by_sender,
    touch,
    write,
)

DAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
LOG = mail_log(DAY, 40)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def whole(db: Path, tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
    bring_in(db, write(tmp_path / "mail.log", LOG))
    assert counted(db) == (40, 10)
    return contents(db)


def test_again_renamed_and_copied(db: Path, tmp_path: Path, whole: object) -> None:
    bring_in(db, tmp_path / "mail.log")
    (tmp_path / "mail.log").rename(tmp_path / "mail.log.1")
    bring_in(db, tmp_path / "mail.log.1")
    bring_in(db, write(tmp_path / "elsewhere" / "copy", LOG))
    assert contents(db) == whole


def test_compressed(db: Path, tmp_path: Path, whole: object) -> None:
    (tmp_path / "mail.log.2.gz").write_bytes(gzip.compress((tmp_path / "mail.log").read_bytes()))
    outcome = bring_in(db, touch(tmp_path / "mail.log.2.gz"))
    assert (outcome.submissions, outcome.auth_failures, outcome.already_known) == (0, 0, 50)
    assert contents(db) == whole


def test_in_another_form(db: Path, tmp_path: Path, whole: object) -> None:
    bring_in(db, write(tmp_path / "mail-iso.log", [iso_line(text) for text in LOG]))
    assert contents(db) == whole


def test_in_a_form_whose_stamps_are_a_second_later_and_whose_host_has_its_domain(
    db: Path, tmp_path: Path, whole: object
) -> None:
    """Two collectors stamp each line when they take it."""
    sessions_only = [text for text in LOG if "authentication failed" not in text]
    later = []
    for text in sessions_only:
        when = datetime.strptime(f"2026 {text[:15]}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC) + timedelta(seconds=1)
        later.append(f"{when.isoformat()} mx1.shop.example{text[19:]}")
    outcome = bring_in(db, write(tmp_path / "mail-iso.log", later))
    assert (outcome.submissions, outcome.already_known) == (0, 40)
    assert contents(db) == whole


def test_concatenated_and_doubled_in_one_file(db: Path, tmp_path: Path, whole: object) -> None:
    outcome = bring_in(db, write(tmp_path / "both.log", LOG + LOG))
    assert (outcome.submissions, outcome.auth_failures) == (0, 0)
    fresh = tmp_path / "fresh.db"
    assert bring_in(fresh, tmp_path / "both.log").submissions == 40
    assert contents(fresh) == contents(db) == whole


def test_in_two_files_of_one_run(db: Path, tmp_path: Path, whole: object) -> None:
    fresh = tmp_path / "fresh.db"
    bring_in(fresh, tmp_path / "mail.log", write(tmp_path / "mail.log.1", LOG), write(tmp_path / "x" / "syslog", LOG))
    assert contents(fresh) == whole


def test_log_that_grows_between_imports(db: Path, tmp_path: Path, whole: object) -> None:
    fresh = tmp_path / "fresh.db"
    for lines in range(7, len(LOG) + 7, 7):
        bring_in(fresh, write(tmp_path / "mail.log", LOG[:lines]))
    assert contents(fresh) == whole


def test_newest_file_first(db: Path, tmp_path: Path, whole: object) -> None:
    fresh = tmp_path / "fresh.db"
    parts = [mail_log(DAY, 20), mail_log(DAY + 20 * timedelta(minutes=7), 20, start=20)]
    bring_in(fresh, write(tmp_path / "b.log", parts[1]))
    bring_in(fresh, write(tmp_path / "a.log", parts[0]))
    assert contents(fresh) == whole


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, len(LOG)), max_size=4), st.booleans(), st.booleans())
def test_cut_anywhere_into_rotated_files(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], pack: bool, again: bool
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    bring_in(folder / "whole.db", write(folder / "whole" / "mail.log", LOG))
    places = [0, *sorted(cuts), len(LOG)]
    pieces = [LOG[start:end] for start, end in itertools.pairwise(places) if start < end]
    for age, piece in enumerate(reversed(pieces)):
        log = write(folder / "log" / ("mail.log" if not age else f"mail.log.{age}"), piece)
        if pack and age:
            log.with_name(f"{log.name}.gz").write_bytes(gzip.compress(log.read_bytes()))
            touch(log.with_name(f"{log.name}.gz"))
            log.unlink()
    bring_in(folder / "cut.db", folder / "log")
    if again:
        assert bring_in(folder / "cut.db", folder / "whole", folder / "log").submissions == 0
    assert contents(folder / "cut.db") == contents(folder / "whole.db")


def test_unknown_tls_is_filled_when_a_log_that_knows_it_comes_later(db: Path, tmp_path: Path) -> None:
    lines = session(DAY, "A1", tls="TLSv1.2")
    bring_in(db, write(tmp_path / "late.log", lines[2:]))
    assert tls_by_sender(db) == {"ana@shop.example": {99: 1}}
    outcome = bring_in(db, write(tmp_path / "mail.log", lines))
    assert (outcome.submissions, outcome.already_known) == (0, 1)
    assert tls_by_sender(db) == {"ana@shop.example": {12: 1}}
    bring_in(db, tmp_path / "late.log")
    assert tls_by_sender(db) == {"ana@shop.example": {12: 1}}
    bring_in(tmp_path / "fresh.db", tmp_path / "mail.log")
    assert contents(db) == contents(tmp_path / "fresh.db")


def test_real_repetitions_count_each(db: Path, tmp_path: Path) -> None:
    equal = [failure(DAY)] * 4 + [failure(DAY, pid=301), failure(DAY), failure(DAY, "other"), failure(DAY, None)]
    log = write(tmp_path / "mail.log", [*session(DAY, "A1"), *equal])
    assert bring_in(db, log).auth_failures == 8
    assert bring_in(db, write(tmp_path / "b.log", log.read_text().splitlines())).auth_failures == 0
    assert counted(db) == (1, 8)


def test_queue_id_that_is_used_again_later_is_another_message(db: Path, tmp_path: Path) -> None:
    lines = [*session(DAY, "A1"), *session(DAY + timedelta(minutes=1), "A1")]
    assert bring_in(db, write(tmp_path / "mail.log", lines)).submissions == 2


def test_same_queue_id_on_two_servers_is_two_messages(db: Path, tmp_path: Path) -> None:
    lines = [*session(DAY, "A1"), *session(DAY, "A1", host="mx2")]
    assert bring_in(db, write(tmp_path / "mail.log", lines)).submissions == 2


def big_log(tmp_path: Path, count: int) -> Path:
    folder = tmp_path / "big"
    for number in range(6):
        first = DAY - timedelta(days=number)
        lines = mail_log(first, count, timedelta(seconds=20), start=count * number)
        write(folder / ("mail.log" if not number else f"mail.log.{number}"), lines)
    return folder


def test_import_that_was_killed_ends_exactly_after_another_one(db: Path, tmp_path: Path) -> None:
    folder = big_log(tmp_path, 1500)
    bring_in(tmp_path / "whole.db", folder)
    killed = 0
    for _ in range(3):
        process = subprocess.Popen(
            command_line("import", folder, db=db),
            env=surroundings(db),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 30
        wanted = killed + 1
        while process.poll() is None and time.monotonic() < until:
            if db.exists() and _files_in(db) >= wanted:
                process.send_signal(signal.SIGKILL)
                killed += 1
                break
        process.wait()
    assert killed
    bring_in(db, folder)
    assert contents(db) == contents(tmp_path / "whole.db")
    assert asked(db, "PRAGMA integrity_check") == [("ok",)]


def _files_in(db: Path) -> int:
    import sqlite3

    try:
        return int(asked(db, "SELECT count(*) FROM source")[0][0])
    except sqlite3.Error:
        return 0


def test_imports_at_once_into_a_store_that_is_not_there_yet(db: Path, tmp_path: Path) -> None:
    folder = big_log(tmp_path, 60)
    bring_in(tmp_path / "whole.db", folder)
    running = [
        subprocess.Popen(
            command_line("import", folder, db=db),
            env=surroundings(db),
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0], said
    assert contents(db) == contents(tmp_path / "whole.db")


def test_import_onto_a_full_disk_ends_with_a_sentence_and_goes_on_later(db: Path, tmp_path: Path) -> None:
    folder = big_log(tmp_path, 300)
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000));"
        "from smtpauth_tui.cli import run; run()"
    )
    words = command_line("import", folder, db=db)
    done = subprocess.run([words[0], "-c", script, *words[3:]], env=surroundings(db), capture_output=True, timeout=60)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"try again" in done.stderr or b"import again" in done.stderr
    bring_in(tmp_path / "whole.db", folder)
    bring_in(db, folder)
    assert contents(db) == contents(tmp_path / "whole.db")


def _unread(pipe: int) -> int:
    """Bytes that the other end has not read yet."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]  # type: ignore[no-any-return]


def test_interrupted_import_says_so_and_leaves_no_lock(db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", LOG)
    with subprocess.Popen(
        command_line("import", "-", db=db), env=surroundings(db), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        process.stdin.write(log.read_bytes())
        process.stdin.flush()
        until = time.monotonic() + 30
        while _unread(process.stdin.fileno()) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"interrupted" in said
    assert b"Traceback" not in said
    assert bring_in(db, log).submissions == 40
