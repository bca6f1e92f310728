"""Imports of a log that grows, is rotated, copied and compressed: each goes on where the last one stopped."""

import bz2
import gzip
import lzma
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smtpauth_tui.importer.sources import Source
from tests.logs import asked, bring_in, contents, failure, mail_log, session, tls_by_sender, touch, write

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKINGS = [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("zst", zstd.compress)]
DAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
LOG = mail_log(DAY, 40)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store" / "store.db"


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
    bring_in(tmp_path / "whole" / "store.db", write(tmp_path / "whole" / "mail.log", LOG))
    return contents(tmp_path / "whole" / "store.db")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The files that are read from now on, and from which place."""
    seen: list[tuple[str, int]] = []
    blocks = Source.blocks

    def watched(self: Source, start: int = 0) -> object:
        seen.append((Path(self.path).name, start))
        return blocks(self, start)

    monkeypatch.setattr(Source, "blocks", watched)
    return seen


def grow(path: Path, lines: list[str]) -> Path:
    with path.open("a", encoding="utf-8") as log:
        log.writelines(f"{line}\n" for line in lines)
    return touch(path, DAY + timedelta(days=1, seconds=path.stat().st_size))


def test_only_what_was_added_is_read(db: Path, tmp_path: Path, whole: object, read: list[tuple[str, int]]) -> None:
    log = write(tmp_path / "mail.log", LOG[:100])
    bring_in(db, log)
    place = log.stat().st_size
    read.clear()
    outcome = bring_in(db, grow(log, LOG[100:]))
    assert (outcome.lines, outcome.bytes) == (len(LOG) - 100, log.stat().st_size - place)
    assert read == [("mail.log", place)]
    assert contents(db) == whole


def test_unchanged_file_is_not_opened(db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = write(tmp_path / "mail.log", LOG)
    first = bring_in(db, log)

    def opened(self: Source) -> bytes:
        raise AssertionError(self.path)

    monkeypatch.setattr(Source, "look", opened)
    again = bring_in(db, log)
    assert (again.files, again.lines, again.submissions, again.formats) == (1, 0, 0, {"postfix": 1})
    assert again.already_known == first.submissions + first.auth_failures


def test_half_a_line_waits_for_its_end(db: Path, tmp_path: Path, whole: object) -> None:
    text = "".join(f"{line}\n" for line in LOG)
    for end in (*range(700, len(text), 3001), len(text)):
        (tmp_path / "mail.log").write_text(text[:end], encoding="utf-8")
        bring_in(db, touch(tmp_path / "mail.log"))
    assert contents(db) == whole


def test_end_of_a_log_that_was_rotated_is_read_though_only_the_new_one_is_named(
    db: Path, tmp_path: Path, whole: object
) -> None:
    log = write(tmp_path / "mail.log", LOG[:60])
    bring_in(db, log)
    grow(log, LOG[60:130])
    log.rename(tmp_path / "mail.log.1")
    assert bring_in(db, write(log, LOG[130:])).files == 2
    assert contents(db) == whole


def test_end_of_a_log_that_was_copied_and_truncated(db: Path, tmp_path: Path, whole: object) -> None:
    log = write(tmp_path / "mail.log", LOG[:60])
    bring_in(db, log)
    grow(log, LOG[60:130])
    (tmp_path / "mail.log-20261117.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.write_text("", encoding="utf-8")
    bring_in(db, grow(log, LOG[130:]))
    assert contents(db) == whole


def test_writer_that_did_not_append_leaves_a_hole(db: Path, tmp_path: Path, whole: object) -> None:
    """copytruncate under a writer that keeps its place: NULs as many as the bytes that were cut."""
    bring_in(db, write(tmp_path / "mail.log.1", LOG[:130]))
    with (tmp_path / "mail.log").open("wb") as log:
        log.truncate(50_000)
        log.seek(50_000)
        log.write("".join(f"{line}\n" for line in LOG[130:150]).encode())
    bring_in(db, touch(tmp_path / "mail.log"))
    bring_in(db, grow(tmp_path / "mail.log", LOG[150:]))
    assert contents(db) == whole


@pytest.mark.parametrize(("ending", "pack"), PACKINGS)
def test_compressed_copy_adds_nothing_and_goes_on(
    db: Path, tmp_path: Path, whole: object, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    bring_in(db, write(tmp_path / "mail.log", LOG[:100]))
    packed = tmp_path / f"mail.log.1.{ending}"
    packed.write_bytes(pack((tmp_path / "mail.log").read_bytes()))
    assert bring_in(db, touch(packed)).lines == 0
    packed.write_bytes(pack("".join(f"{line}\n" for line in LOG).encode()))
    outcome = bring_in(db, touch(packed, DAY + timedelta(days=2)))
    assert outcome.lines == len(LOG) - 100
    assert contents(db) == whole


@pytest.mark.parametrize(("ending", "pack"), PACKINGS)
def test_archive_that_breaks_off_gives_what_stands_before(
    db: Path, tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack("".join(f"{line}\n" for line in LOG).encode())
    log = tmp_path / f"mail.log.1.{ending}"
    log.write_bytes(packed[: len(packed) - 5])
    outcome = bring_in(db, touch(log))
    assert any("is damaged" in text for text in [*outcome.warnings, *outcome.problems])
    log.write_bytes(packed)
    bring_in(db, touch(log, DAY + timedelta(days=2)))
    assert asked(db, "SELECT count(*) FROM submission") == [(40,)]


def test_copy_and_its_original_grow_apart(db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", LOG)
    bring_in(db, log)
    copy = tmp_path / "saved" / "mail.log"
    copy.parent.mkdir()
    shutil.copy(log, copy)
    bring_in(db, grow(copy, session(DAY + timedelta(days=1), "C1")))
    assert bring_in(db, grow(log, session(DAY + timedelta(days=1), "L1", pid=101))).lines == 6
    assert asked(db, "SELECT count(*) FROM submission") == [(42,)]
    assert len(asked(db, "SELECT path FROM source")) == 2


def test_tls_line_of_an_earlier_log_fills_the_gap(db: Path, tmp_path: Path) -> None:
    lines = session(DAY, "A1", tls="TLSv1.1")
    bring_in(db, write(tmp_path / "later.log", lines[2:]))
    assert tls_by_sender(db) == {"ana@shop.example": {99: 1}}
    outcome = bring_in(db, write(tmp_path / "sooner.log", lines[:2]))
    assert tls_by_sender(db) == {"ana@shop.example": {11: 1}}
    assert outcome.already_known == 0


def test_message_whose_login_stands_in_an_earlier_log(db: Path, tmp_path: Path) -> None:
    lines = session(DAY, "A1")
    assert bring_in(db, write(tmp_path / "later.log", lines[4:])).submissions == 0
    assert bring_in(db, write(tmp_path / "sooner.log", lines[:4])).submissions == 1


def test_equal_failures_on_both_sides_of_a_rotation(db: Path, tmp_path: Path) -> None:
    bring_in(db, write(tmp_path / "mail.log.1", [*LOG, *[failure(DAY + timedelta(days=1))] * 2]))
    bring_in(db, write(tmp_path / "mail.log", [failure(DAY + timedelta(days=1))] * 3))
    assert asked(db, "SELECT count(*) FROM auth_failure") == [(15,)]


def test_folder_is_read_again_only_where_something_changed(
    db: Path, tmp_path: Path, read: list[tuple[str, int]]
) -> None:
    folder = tmp_path / "log"
    write(folder / "mail.log", LOG[:50])
    write(folder / "dpkg.log", ["2026-11-16 09:00:00 status installed"])
    bring_in(db, folder)
    read.clear()
    assert bring_in(db, folder).files == 1
    assert read == []
    bring_in(db, grow(folder / "mail.log", LOG[50:]))
    assert [name for name, _ in read] == ["mail.log"]


def test_dry_run_leaves_no_checkpoint(db: Path, tmp_path: Path, whole: object) -> None:
    log = write(tmp_path / "mail.log", LOG)
    bring_in(db, write(tmp_path / "other.log", session(DAY - timedelta(days=1), "O1")))
    assert bring_in(db, log, dry_run=True).submissions == 40
    assert bring_in(db, log).submissions == 40


def test_link_that_leads_to_another_log(db: Path, tmp_path: Path) -> None:
    """A link that leads to today's log: the content counts, not the name."""
    one, two = write(tmp_path / "a", LOG[:100]), write(tmp_path / "b", LOG[100:])
    link = tmp_path / "mail.log"
    link.symlink_to(one)
    bring_in(db, link)
    link.unlink()
    link.symlink_to(two)
    bring_in(db, link)
    assert asked(db, "SELECT count(*) FROM submission") == [(40,)]


def test_pipe_that_takes_a_logs_name_is_not_waited_for(
    db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write(tmp_path / "mail.log", LOG)
    look = Source.look

    def swapped(self: Source) -> bytes:
        if log.is_file():
            log.unlink()
            os.mkfifo(log)
        return look(self)

    monkeypatch.setattr(Source, "look", swapped)
    assert bring_in(db, log).problems == [f"{log} was rotated just now. Import again."]
