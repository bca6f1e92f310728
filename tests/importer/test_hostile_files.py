"""Files that attack whoever reads them: a sentence each, bounded memory, and the files beside them are read."""

import bz2
import gzip
import io
import json
import lzma
import os
import resource
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.logs import (
    asked,
    bring_in,
    command,
    command_line,
    counted,
    failure,
    mail_log,
    session,
    surroundings,
    touch,
    write,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
LINES = mail_log(DAY, 20)
LOG = "".join(f"{text}\n" for text in LINES).encode()
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd.compress,
}  # fmt: skip
MEMORY = 200 << 20
"""Bytes of memory in which an import of anything has to do with."""
LONG_RUNS = bool(os.environ.get("LONG_RUNS"))


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store" / "store.db"


@pytest.mark.parametrize("ending", PACKED)
def test_archive_cut_anywhere_gives_what_stands_before(db: Path, tmp_path: Path, ending: str) -> None:
    data = PACKED[ending](LOG)
    places = (
        range(1, len(data))
        if LONG_RUNS
        else sorted({1, 2, 3, 5, 9, 17, len(data) - 9, len(data) - 1, *range(30, len(data), len(data) // 8)})
    )
    write(tmp_path / "whole.log", [failure(DAY, "zed")])
    for place in places:
        log = tmp_path / f"cut-{place}.{ending}"
        log.write_bytes(data[:place])
        touch(log)
        outcome = bring_in(db, log, tmp_path / "whole.log")
        said = " ".join(outcome.warnings + outcome.problems)
        assert str(log) in said, place
        assert outcome.formats.get("postfix", 0) >= 1
    (tmp_path / "mail.log").write_bytes(data)
    touch(tmp_path / "mail.log")
    bring_in(db, tmp_path / "mail.log")
    assert counted(db) == (20, 6)


@pytest.mark.parametrize("ending", PACKED)
def test_damaged_archive_is_said(db: Path, tmp_path: Path, ending: str) -> None:
    data = bytearray(PACKED[ending](LOG * 3))
    for place in (len(data) // 2, len(data) // 2 + 1, len(data) - 3):
        data[place] ^= 0xFF
    (tmp_path / "mail.log").write_bytes(data)
    touch(tmp_path / "mail.log")
    outcome = bring_in(db, tmp_path / "mail.log")
    assert any("damaged" in text for text in outcome.warnings + outcome.problems)


def limited(*words: str | Path, db: Path, memory: int = MEMORY, before: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run the real program in so much memory; *before* is Python that runs before it."""
    line = list(command_line(*words, db=db))
    if before:
        line[1:3] = ["-c", f"{before}\nfrom smtpauth_tui.cli import run\nrun()"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    return subprocess.run(line, capture_output=True, env=surroundings(db), timeout=120, preexec_fn=limit)


SMALL_BOMB = "import smtpauth_tui.importer.sources as s; s._BOMB_BYTES = 16 << 20"


def bomb(beginning: bytes, filling: bytes, mebibytes: int) -> bytes:
    """A gz file of several parts that unpacks to so much."""
    part = gzip.compress(filling * ((16 << 20) // len(filling)))
    return gzip.compress(beginning) + part * (mebibytes // 16)


@pytest.mark.parametrize("filling", [b"\0", b"x", b"\n", b'{"a":[', b'"'])
@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        LOG,
        b"date,senderName,senderDomain,authMethod,original_client_ip,tls_version,tls_cipher,message_count,message_id\n",
        b'[{"createdDateTime": "2026-11-16T05:03:52Z", "clientAppUsed": "',
    ],
)
def test_bomb_is_stopped_in_bounded_memory(db: Path, tmp_path: Path, beginning: bytes, filling: bytes) -> None:
    (tmp_path / "bomb.gz").write_bytes(bomb(beginning, filling, 10_240 if LONG_RUNS else 32))
    write(tmp_path / "whole.log", [failure(DAY, "zed")])
    run = limited("import", tmp_path / "bomb.gz", tmp_path / "whole.log", db=db, before="" if LONG_RUNS else SMALL_BOMB)
    said = run.stderr.decode()
    assert b"Traceback" not in run.stderr, said[-2000:]
    assert str(tmp_path / "bomb.gz") in said or b"1 not understood" in run.stdout
    assert asked(db, "SELECT count(*) FROM tried_name WHERE text = 'zed'") == [(1,)]
    if beginning == LOG:
        assert counted(db)[0] == 20


def test_archive_that_asks_for_much_memory_is_refused(db: Path, tmp_path: Path) -> None:
    packed = bytearray(lzma.compress(LOG, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]))
    # the block header: size, flags, filter LZMA2 with one byte for the dictionary's size; then its checksum
    size = (packed[12] + 1) * 4
    place = packed.index(b"\x21\x01", 12) + 2
    packed[place] = 38  # 2 GiB
    packed[12 + size - 4 : 12 + size] = zlib.crc32(bytes(packed[12 : 12 + size - 4])).to_bytes(4, "little")
    (tmp_path / "mail.log.xz").write_bytes(packed)
    write(tmp_path / "whole.log", [failure(DAY, "zed")])
    run = limited("import", tmp_path / "mail.log.xz", tmp_path / "whole.log", db=db)
    assert b"Traceback" not in run.stderr, run.stderr.decode()[-1500:]
    assert b"mail.log.xz" in run.stderr
    assert counted(db)[1] == 1


CUT = LOG.index(b"\n", 1500) + 1
ODD = [
    b"\0" * 5_000_000 + LOG,
    LOG[:CUT] + b"\0" * 3_000_000 + LOG[CUT:],
    LOG + b"\xff\xfe\x80\xc3\n" + b"\xed\xa0\x80" * 99 + b"\n",
    LOG[:CUT] + b"x" * 5_000_000 + b"\n" + LOG[CUT:],
    LOG.replace(b"\n", b"\r\n") + b"Nov 16 09:00:00 mx1 postfix/smtpd[1]: " + b"A" * 65_400 + b"\n",
]


@pytest.mark.parametrize("data", ODD, ids=range(len(ODD)))
def test_holes_odd_bytes_and_endless_lines_lose_nothing(db: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "mail.log").write_bytes(data)
    touch(tmp_path / "mail.log")
    run = limited("import", "--year", "2026", tmp_path / "mail.log", db=db)
    assert b"Traceback" not in run.stderr, run.stderr.decode()[-1500:]
    assert counted(db) == (20, 5), run.stderr
    assert run.stderr.decode().isprintable() or "\x1b" not in run.stderr.decode()


def test_what_is_no_file_is_said_and_nothing_waits(db: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    write(tmp_path / "mail.log", LINES)
    bring_in(db, tmp_path / "mail.log")
    words = [tmp_path / "fifo", "/dev/zero", "/dev/null", tmp_path / "folder", tmp_path / "none"]
    run = command("import", *words, tmp_path / "mail.log", db=db)
    said = run.stderr.decode().splitlines()
    assert [text.count("fifo is no regular file") for text in said].count(1) == 1
    assert len(said) == 5, said
    assert run.returncode == 1
    assert command("import", tmp_path, db=db).returncode == 0, "found in a folder, such files are passed over"
    assert counted(db) == (20, 5)


def test_the_store_its_companions_and_its_copies_are_no_logs(db: Path, tmp_path: Path) -> None:
    write(tmp_path / "mail.log", LINES)
    bring_in(db, tmp_path / "mail.log")
    before = db.read_bytes()
    (tmp_path / "copy.db").write_bytes(before)
    (tmp_path / "copy.gz").write_bytes(gzip.compress(before))
    os.link(db, tmp_path / "link.db")
    (tmp_path / "soft.db").symlink_to(db)
    holder = sqlite3.connect(db)
    holder.execute("SELECT count(*) FROM submission").fetchone()
    lock = db.with_name(db.name + ".lock")
    for word in (
        db,
        tmp_path / "link.db",
        tmp_path / "soft.db",
        db.with_name(db.name + "-wal"),
        lock,
        tmp_path / "copy.db",
        tmp_path / "copy.gz",
    ):
        if word.exists():
            run = command("import", word, db=db)
            assert run.returncode == 1, word
            (said,) = run.stderr.decode().splitlines()
            assert str(word) in said
            assert ".lock" in said or "store" in said, said
    with db.open("rb") as opened:
        run = subprocess.run(
            command_line("import", "-", db=db), stdin=opened, capture_output=True, env=surroundings(db)
        )
    assert run.returncode == 1
    assert b"Traceback" not in run.stderr
    run = command("import", db.parent, tmp_path, db=db)
    assert (run.returncode, counted(db)) == (0, (20, 5))
    holder.close()


CSV = "date,senderName,senderDomain,authMethod,original_client_ip,tls_version,tls_cipher,message_count,message_id\n"
ROW = "2026-11-16 09:00:00,ana,shop.example,Basic,192.0.2.10,TLS1.2,X,1,<{}@pc>\n"
RECORD = {
    "id": "1", "createdDateTime": "2026-11-16T05:03:52Z", "userPrincipalName": "ana@shop.example",
    "clientAppUsed": "Authenticated SMTP", "ipAddress": "192.0.2.10", "status": {"errorCode": 0},
}  # fmt: skip


def odd_tables() -> dict[str, str]:
    good = ROW.format(1)
    return {
        "endless field": CSV + good + 'x,"' + "y" * 3_000_000 + '"\n' + ROW.format(2),
        "columns": CSV + good + "," * 1_000_000 + "\n" + ROW.format(2),
        "header": CSV.strip() + "," * 50_000 + "\n",
        "numbers": CSV
        + good
        + ROW.format(3).replace(",1,", f",{'9' * 5000},")
        + ROW.format(4).replace(",1,", ",-1,")
        + ROW.format(2),
        "dates": CSV
        + good
        + ROW.format(3).replace("2026", "99999999")
        + ROW.format(5).replace("2026", "0000")
        + ROW.format(2),
    }


def odd_records() -> dict[str, str]:
    good, other = json.dumps(RECORD), json.dumps({**RECORD, "id": "2"})
    deep = "[" * 200_000 + "]" * 200_000
    return {
        "deep": f'[{good}, {{"a": {deep}}}, {other}]',
        "deep objects": f"[{good}, " + '{"a":' * 200_000 + "1" + "}" * 200_000 + f", {other}]",
        "only deep": f"[{good}, {other}, " + "[" * 500_000,
        "numbers": f'[{good}, {{"clientAppUsed": "SMTP", "createdDateTime": 1e999, "id": {"9" * 9000}}}, {other}]',
        "twice": f'[{good[:-1]}, "id": {{"id": 1}}, "id": "1"}}, {other}]',
        "surrogates": f"[{good}, {good[:-1]},"
        f' "id": "\\ud800x", "userPrincipalName": "\\udfff\\u0000\\u001b"}}, {other}]',
        "nothing": f'[{good}, {{}}, null, 1, [], {{"clientAppUsed": null, "createdDateTime": {{}}}}, {other}]',
        "types": f"[{good}, {json.dumps({name: [[1], {'a': None}] for name in RECORD})}, {other}]",
        "endless": f'[{good}, {{"a": "' + "x" * 3_000_000 + f'"}}, {other}]',
    }


@pytest.mark.parametrize("kind", odd_tables())
def test_odd_tables_give_what_can_be_read(db: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "report.csv").write_text(odd_tables()[kind])
    run = limited("import", tmp_path / "report.csv", db=db, memory=MEMORY + (200 << 20))
    assert b"Traceback" not in run.stderr, run.stderr.decode()[-1500:]
    if kind != "header":
        assert counted(db)[0] == 2, run.stderr.decode()


@pytest.mark.parametrize("kind", odd_records())
def test_odd_records_give_what_can_be_read(db: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "signins.json").write_text(odd_records()[kind])
    run = limited("import", tmp_path / "signins.json", db=db, memory=MEMORY + (200 << 20))
    assert b"Traceback" not in run.stderr, run.stderr.decode()[-1500:]
    assert asked(db, "SELECT count(*) FROM sign_in WHERE key LIKE '%1' OR key LIKE '%2'")[0][0] >= 2, (
        run.stderr.decode()
    )


def test_dates_that_wait_for_a_day_are_bounded_by_their_size(db: Path, tmp_path: Path) -> None:
    row = '03/04/2026 09:00,"{}",shop.example,Basic,192.0.2.10,TLS1.2,X,1,<1@pc>\n'.format("a" * 1_000_000)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as out:
        out.write(CSV.encode())
        for _ in range(400):
            out.write(row.encode())
    (tmp_path / "report.csv.gz").write_bytes(packed.getvalue())
    run = limited("import", tmp_path / "report.csv.gz", db=db, memory=MEMORY + (100 << 20))
    assert b"Traceback" not in run.stderr, run.stderr.decode()[-1500:]
    assert b"can be read in two ways" in run.stderr


def test_repeated_lines_without_end_are_read_in_bounded_memory(db: Path, tmp_path: Path) -> None:
    failed = "warning: x[192.0.2.1]: SASL LOGIN authentication failed: no, sasl_username=boss"
    lines = [
        *session(DAY, "A1"),
        *(f"Nov 16 09:00:0{n} mx1 postfix/smtpd[1]: message repeated 99999 times: [ {failed}]" for n in range(3)),
    ]
    write(tmp_path / "mail.log", lines)
    run = limited("import", tmp_path / "mail.log", db=db, memory=MEMORY + (200 << 20))
    assert b"Traceback" not in run.stderr, run.stderr.decode()[-1500:]
    assert counted(db)[0] == 1
