"""Which files an import reads, in which order, and what it says about the others."""

import bz2
import gzip
import importlib
import lzma
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from smtpauth_tui.importer import gzip_stream
from smtpauth_tui.importer.gzip_stream import GzipStream
from tests.logs import (
    CLIENT,
    asked,
    bring_in,
    command,
    command_line,
    contents,
    counted,
    line,
    mail_log,
    session,
    surroundings,
    tls_by_sender,
    touch,
    write,
)

DAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
LOG = mail_log(DAY, 20)
PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def text_of(lines: list[str]) -> bytes:
    return "".join(f"{text}\n" for text in lines).encode()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store" / "store.db"


@pytest.mark.parametrize("ending", [*PACKED, "log"])
def test_compressed_log_is_read_whatever_its_name(db: Path, tmp_path: Path, ending: str) -> None:
    data = PACKED.get(ending, bytes)(text_of(LOG))
    for name in (f"mail.{ending}", "odd-name"):
        (tmp_path / name).write_bytes(data)
        touch(tmp_path / name)
    first = bring_in(db, tmp_path / f"mail.{ending}")
    assert (first.submissions, first.auth_failures, first.lines, first.bytes) == (20, 5, len(LOG), len(text_of(LOG)))
    again = bring_in(db, tmp_path / "odd-name")
    assert (again.submissions, again.auth_failures, again.already_known) == (0, 0, 25)


def test_session_across_a_rotation_is_joined_whatever_the_order_of_the_words(db: Path, tmp_path: Path) -> None:
    lines = session(DAY, "A1", tls="TLSv1.1")
    (tmp_path / "mail.log.2.gz").write_bytes(
        gzip.compress(text_of([*session(DAY - timedelta(days=1), "A0"), *lines[:2]]))
    )
    touch(tmp_path / "mail.log.2.gz")
    write(tmp_path / "mail.log.1", lines[2:4])
    write(tmp_path / "mail.log", lines[4:])
    outcome = bring_in(db, tmp_path / "mail.log", tmp_path / "mail.log.2.gz", tmp_path / "mail.log.1")
    assert (outcome.submissions, outcome.incomplete, outcome.files) == (2, 0, 3)
    assert tls_by_sender(db) == {"ana@shop.example": {11: 1, 13: 1}}


def test_session_across_a_rotation_within_a_folder(db: Path, tmp_path: Path) -> None:
    lines = session(DAY, "A1", tls="TLSv1.1")
    write(tmp_path / "log" / "mail.log-20261116", lines[:3])
    write(tmp_path / "log" / "mail.log", lines[3:])
    assert bring_in(db, tmp_path / "log").submissions == 1
    assert tls_by_sender(db) == {"ana@shop.example": {11: 1}}


def test_two_servers_logs_beside_one_another_do_not_mix(db: Path, tmp_path: Path) -> None:
    lines = session(DAY, "A1", tls="TLSv1.1")
    write(tmp_path / "a.log", lines[:3])
    write(tmp_path / "b.log", [text.replace(" mx1 ", " mx2 ") for text in lines[3:]])
    outcome = bring_in(db, tmp_path / "a.log", tmp_path / "b.log")
    assert (outcome.submissions, outcome.incomplete) == (0, 1)


def test_pattern_names_files(db: Path, tmp_path: Path) -> None:
    write(tmp_path / "mail.log", LOG[:40])
    write(tmp_path / "mail.log.1", LOG[40:])
    assert bring_in(db, tmp_path / "mail.log*").files == 2
    outcome = bring_in(db, tmp_path / "nothing*")
    assert "No file matches" in outcome.problems[0]


def test_file_named_twice_or_linked_is_read_once(db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", LOG)
    (tmp_path / "link.log").symlink_to(log)
    outcome = bring_in(db, log, log, tmp_path, tmp_path / "link.log")
    assert (outcome.files, outcome.submissions, outcome.problems) == (1, 20, [])


def test_folder_is_searched_below_and_what_is_no_log_is_passed_over(db: Path, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    write(folder / "mx" / "old" / "mail.log", LOG)
    write(folder / "kern.log", ["Nov 16 09:00:00 mx1 kernel: all is well"])
    (folder / "picture.png").write_bytes(bytes(range(256)) * 40)
    (folder / "empty.log").touch()
    (folder / ".hidden").write_bytes(text_of(LOG))
    (folder / "dangling").symlink_to("nowhere")
    outcome = bring_in(db, folder)
    assert (outcome.files, outcome.submissions, outcome.problems) == (1, 20, [])
    assert outcome.warnings[-1] == "3 files passed over: no log of a mail server."


def test_folder_without_logs_says_so_and_makes_no_store(db: Path, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    assert "has no files" in bring_in(db, folder).problems[0]
    (folder / "note.txt").write_text("hello\n")
    assert "None of the files found there is a log" in bring_in(db, folder).problems[0]
    assert not db.parent.exists()


def test_store_in_the_folder_is_passed_over_and_named_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.log", mail_log(DAY, 8))
    db = tmp_path / "b-store.db"
    write(tmp_path / "c.log", mail_log(DAY + timedelta(days=1), 12, start=8))
    assert bring_in(db, tmp_path).submissions == 20
    again = bring_in(db, tmp_path)
    assert (again.files, again.submissions, again.already_known, again.problems) == (2, 0, 25, [])
    assert "is the store itself" in bring_in(db, db).problems[0]
    assert counted(db) == (20, 5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \r\n", "is empty"),
        (b"\0" * 100_000, "is empty"),
        (os.urandom(50_000), "is not a log"),
        (b"Dear Ana,\nthe mail server postfix/smtpd is well.\n" * 50, "is not a log"),
        (b"a,b,c\n1,2,3\n" * 1000, "is not a log"),
        (b'{"a": 1}\n' * 1000, "is not a log"),
        (b"Nov 16 09:00:00 mx1 kernel: all is well\n" * 20, "is a log, but no line in it is a mail server's"),
        (gzip.compress(b"hello\n" * 20, mtime=0), "is not a log"),
        (gzip.compress(text_of(LOG), mtime=0)[:12], "is damaged"),
        (b"\x1f\x8b\x08 no gzip at all", "is damaged"),
        (b"BZh91 no bzip2 at all" * 10, "is damaged"),
        (b"\xfd7zXZ\0 no xz at all", "is damaged"),
    ],
)
def test_bad_file_is_told_and_makes_no_store(db: Path, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "bad").write_bytes(content)
    outcome = bring_in(db, tmp_path / "bad")
    (problem,) = outcome.problems
    assert problem.startswith(f"{tmp_path}/bad {said}")
    assert problem.endswith(".")
    assert (outcome.files, outcome.submissions) == (0, 0)
    assert not db.parent.exists()


def test_missing_file_user_and_folder_are_told(db: Path, tmp_path: Path) -> None:
    outcome = bring_in(db, tmp_path / "none.log", "~nobody-of-that-name/mail.log", "x" * 5000)
    assert ["cannot be read" in problem for problem in outcome.problems] == [False, True, True]
    assert "There is no file" in outcome.problems[0]
    assert not db.parent.exists()


def test_named_pipe_and_device_are_refused_without_waiting(db: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    outcome = bring_in(db, tmp_path / "pipe", "/dev/null")
    assert ["is no regular file" in problem for problem in outcome.problems] == [True, True]


def test_pipe_of_the_shell_is_read_whole(db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", LOG)
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("needs bash")
    words = " ".join(command_line("import", db=db))
    done = subprocess.run(
        [bash, "-c", f"{words} <(gzip -c {log})"], env=surroundings(db), capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert counted(db) == (20, 5)


def test_good_file_is_kept_beside_a_bad_one(db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", LOG)
    outcome = bring_in(db, tmp_path / "none.log", log)
    assert (len(outcome.problems), outcome.submissions) == (1, 20)
    assert counted(db) == (20, 5)


@pytest.mark.parametrize("pack", [bytes, *PACKED.values()])
def test_standard_input_plain_or_compressed(db: Path, pack: type[bytes]) -> None:
    done = command("import", "-", db=db, data=pack(text_of(LOG)))
    assert done.returncode == 0, done.stderr
    assert counted(db) == (20, 5)


def test_cut_gzip_gives_what_stands_before_the_cut(db: Path, tmp_path: Path) -> None:
    big = mail_log(DAY - timedelta(days=5), 400)
    data = gzip.compress(text_of(big))
    for place, length in enumerate((300, len(data) // 3, len(data) - 9)):
        (tmp_path / f"{place}.gz").write_bytes(data[:length])
        touch(tmp_path / f"{place}.gz")
        outcome = bring_in(db, tmp_path / f"{place}.gz")
        assert outcome.problems == []
        assert "is damaged after line" in " ".join(outcome.warnings)
    assert counted(db)[0] >= 399
    (tmp_path / "whole.gz").write_bytes(data)
    touch(tmp_path / "whole.gz")
    bring_in(db, tmp_path / "whole.gz")
    assert counted(db) == (400, 100)
    assert asked(db, "SELECT count(*) FROM source WHERE damaged <> ''") == [(3,)]


def test_cut_gzip_on_standard_input(db: Path) -> None:
    done = command("import", "-", db=db, data=gzip.compress(text_of(LOG))[:-20])
    assert done.returncode == 0
    assert b"Standard input is damaged after line" in done.stderr


@pytest.mark.parametrize("by", ["zlib", "isal.isal_zlib"])
def test_gzip_is_read_up_to_a_cut_whatever_unpacks_it(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzip_stream, "zlib", importlib.import_module(by))
    content = text_of(LOG) * 50
    packed = gzip.compress(content) + gzip.compress(content) + b"\0" * 600

    def read(data: bytes) -> bytes:
        stream, found = GzipStream(BytesIO(data)), b""
        while block := stream.read1(10_000):
            found += block
        return found

    assert read(packed) == content * 2
    cut = GzipStream(BytesIO(packed[: len(packed) // 3]))
    found = b""
    with pytest.raises(EOFError):
        while block := cut.read1(1 << 20):
            found += block
    assert len(found) > len(content) // 3
    assert content.startswith(found)
    with pytest.raises(Exception, match=r"Error|incorrect"):
        read(packed[:-600] + b"no gzip, but long enough for a header")


def test_several_gzip_members_in_one_file(db: Path, tmp_path: Path) -> None:
    (tmp_path / "mail.gz").write_bytes(gzip.compress(text_of(LOG[:50])) + gzip.compress(text_of(LOG[50:])))
    touch(tmp_path / "mail.gz")
    assert bring_in(db, tmp_path / "mail.gz").submissions == 20


@pytest.mark.parametrize("hole", [10, 5000, 3_000_000])
def test_hole_that_copytruncate_left_at_the_beginning(db: Path, tmp_path: Path, hole: int) -> None:
    (tmp_path / "mail.log").write_bytes(b"\0" * hole + text_of(LOG))
    touch(tmp_path / "mail.log")
    outcome = bring_in(db, tmp_path / "mail.log")
    assert (outcome.submissions, outcome.auth_failures, outcome.not_understood, outcome.lines) == (20, 5, 0, len(LOG))


@pytest.mark.parametrize("hole", [1, 5000, 3_000_000])
def test_hole_that_a_crash_left_in_the_middle(db: Path, tmp_path: Path, hole: int) -> None:
    (tmp_path / "mail.log").write_bytes(text_of(LOG[:33]) + b"\0" * hole + text_of(LOG[33:]))
    touch(tmp_path / "mail.log")
    outcome = bring_in(db, tmp_path / "mail.log")
    assert (outcome.submissions, outcome.auth_failures, outcome.not_understood) == (20, 5, 0)


def test_crlf_and_bytes_that_are_no_utf8(db: Path, tmp_path: Path) -> None:
    log = text_of(session(DAY, "A1", sender="h\xe4ns@shop.example")).replace("\xe4".encode(), b"\xe4")
    (tmp_path / "mail.log").write_bytes(log.replace(b"\n", b"\r\n"))
    touch(tmp_path / "mail.log")
    assert bring_in(db, tmp_path / "mail.log").submissions == 1
    assert tls_by_sender(db) == {"h\\xe4ns@shop.example": {13: 1}}


def test_last_line_without_end_waits_for_its_end(db: Path, tmp_path: Path) -> None:
    data = text_of(session(DAY, "A1"))
    end = data.rindex(b"(queue active)")
    (tmp_path / "mail.log").write_bytes(data[:end])
    outcome = bring_in(db, touch(tmp_path / "mail.log"))
    assert outcome.submissions == 0
    assert "its last line has no end yet" in " ".join(outcome.warnings)
    (tmp_path / "mail.log").write_bytes(data)
    assert bring_in(db, touch(tmp_path / "mail.log")).submissions == 1


def test_overlong_lines_are_passed_over_and_counted(db: Path, tmp_path: Path) -> None:
    long_name = line(
        DAY, "smtpd[9]", f"warning: {CLIENT}: SASL PLAIN authentication failed: x, sasl_username=" + "y" * 70_000
    )
    log = write(tmp_path / "mail.log", [*LOG[:33], long_name, "z" * 3_000_000, *LOG[33:], "q" * 66_000])
    outcome = bring_in(db, log)
    assert (outcome.submissions, outcome.auth_failures, outcome.not_understood) == (20, 5, 3)
    assert outcome.lines == len(LOG) + 3


def test_lines_that_cannot_be_read_are_shown_with_file_and_number_a_few_only(db: Path, tmp_path: Path) -> None:
    bad = [f"Nov 31 09:00:00 mx1 postfix/smtpd[{number}]: connect from {CLIENT}" for number in range(9)]
    outcome = bring_in(db, write(tmp_path / "mail.log", [*LOG, *bad]))
    assert (outcome.submissions, outcome.not_understood) == (20, 9)
    examples = [text for text in outcome.warnings if "not understood" in text]
    assert len(examples) == 5
    assert examples[0].startswith(f"{tmp_path}/mail.log, line ")


def test_file_name_that_is_no_utf8(db: Path, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/mail-\xe4.log"))
    outcome = bring_in(db, write(path, LOG))
    assert (outcome.submissions, outcome.problems) == (20, [])
    assert asked(db, "SELECT path FROM source") == [(f"{tmp_path}/mail-\\xe4.log",)]


def test_many_compressed_files_at_once(db: Path, tmp_path: Path) -> None:
    """More than a process may hold open."""
    folder = tmp_path / "log"
    folder.mkdir()
    for number in range(120):
        lines = session(DAY + timedelta(minutes=number), f"B{number:X}")
        (folder / f"mail.log.{number}.gz").write_bytes(gzip.compress(text_of(lines), 1))
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60));"
        "sys.argv[0] = 'smtpauth-tui'; from smtpauth_tui.cli import run; run()"
    )
    words = command_line("import", folder, db=db)
    done = subprocess.run(
        [words[0], "-c", script, *words[3:]], env=surroundings(db), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert counted(db) == (120, 0)


def test_same_facts_in_every_form(tmp_path: Path) -> None:
    from tests.logs import iso_line

    stores = []
    for place, lines in enumerate((LOG, [iso_line(text) for text in LOG], [f"<22>{text}" for text in LOG])):
        stores.append(tmp_path / f"{place}.db")
        bring_in(stores[-1], write(tmp_path / f"mail-{place}.log", lines))
    assert contents(stores[0]) == contents(stores[1]) == contents(stores[2])
