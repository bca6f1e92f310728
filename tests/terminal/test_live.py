"""An import by another process while the interface is open: it shows by itself."""

import gzip
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.terminal.conftest import PROGRAM, Open, make_store
from tests.terminal.logs import DAYS, Postfix, ordinary_log
from tests.terminal.pty_session import environment


def more_log(messages: int) -> str:
    """Messages of today by a sender that the ordinary log does not have."""
    postfix = Postfix()
    for _ in range(DAYS):
        postfix.next_day()
    for _ in range(60):
        postfix.failure("nobody@contoso.example")  # queue ids go on from those of the other log
    for _ in range(messages):
        postfix.session("fresh@contoso.example", "fresh@contoso.example", "1.3")
    return "".join(postfix).replace(" mail.example ", " mail-2.example ")


def test_an_import_by_another_process_shows(start: Open, tmp_path: Path) -> None:
    store = make_store(tmp_path, ordinary_log())
    session = start(db=store)
    session.wait_for("sent 98 messages")
    session.shows("v", "all sender domains · 98 messages")
    session.shows("t", "row 1 of 30")
    log = tmp_path / "more.log"
    log.write_text(more_log(40))
    subprocess.run(
        [*PROGRAM, "--db", str(store), "import", str(log)], env=environment(tmp_path), check=True, capture_output=True
    )
    session.wait_for("all sender domains · 138 messages", "row 2 of 31", "fresh@contoso.example")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("way", ["q", "kill"])
def test_an_import_ends_with_the_interface_that_began_it(start: Open, tmp_path: Path, way: str) -> None:
    log = tmp_path / "long.log.gz"
    with gzip.open(log, "wb", compresslevel=1) as file:
        for _ in range(100):
            file.write((ordinary_log() + "Nov 20 00:00:01 mail cron[1]: nothing\n" * 60_000).encode())
    session = start(db=tmp_path / "new" / "store.db")
    session.wait_for("There is no store yet")
    session.shows("i", "Enter imports a file")
    session.press("shift+tab")
    session.settle()
    session.press("ctrl+u")
    session.wait(lambda: not re.search(r"Path +/", session.text), "an empty path")
    session.press(str(log))
    session.wait_for("long.log.gz")
    session.press("enter")
    session.wait_for("lines/s")
    (importing,) = children(session.process.pid)
    if way == "q":
        session.press("q")
        assert session.exit_status() == 0
    else:
        session.process.kill()
        session.process.wait()
    end = time.monotonic() + 10
    while runs(importing):
        assert time.monotonic() < end, "the import goes on"
        time.sleep(0.05)
