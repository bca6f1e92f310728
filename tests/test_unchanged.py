"""The import that finds nothing new: says what the command says, and loads next to nothing."""

import gzip
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.logs import NOW, mail_log, surroundings, touch, write

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
IMPORT = ("--db", "store.db", "import")
SCRIPT = """
import sys
before = set(sys.modules)
import atexit
atexit.register(lambda: sys.__stderr__.write("LOADED " + " ".join(set(sys.modules) - before)))
sys.argv[0] = "smtpauth-tui"
from smtpauth_tui.{module} import run
run()
"""


class Done(NamedTuple):
    """What a command said, how it ended, and what it had loaded by then."""

    out: str
    said: str
    status: int
    loaded: frozenset[str]

    @property
    def result(self) -> tuple[object, str, int]:
        out = json.loads(self.out) | {"seconds": 0} if self.out.startswith("{") else self.out
        return out, self.said, self.status


def run(module: str, *words: str, folder: Path, before: str = "", **environment: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-c", before + SCRIPT.format(module=module), *words],
        cwd=folder,
        env=surroundings(folder / "store.db", **environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said, _, loaded = done.stderr.rpartition("LOADED ")
    return Done(done.stdout, said, done.returncode, frozenset(loaded.split()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store, and the logs that are in it."""
    logs = tmp_path / "logs"
    logs.mkdir()
    write(logs / "mail.log", mail_log(DAY, 5))
    whole = gzip.compress("".join(f"{line}\n" for line in mail_log(DAY.replace(day=18), 40)).encode())
    touch(logs / "mail.log").with_name("old.gz").write_bytes(whole[:-20])
    touch(logs / "old.gz")
    touch(write(logs / "notes.txt", ["nothing of a mail server"]))
    (tmp_path / "empty").mkdir()
    for _ in range(2):  # only a store that is there remembers what is no log
        assert run("cli", *IMPORT, "logs", folder=tmp_path).status == 0
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        (*IMPORT, "logs/mail.log"),
        (*IMPORT, "--json", "logs/mail.log"),
        (*IMPORT, "logs/mail.log", "logs/../logs/./mail.log", "--json"),
        (*IMPORT, "logs/*.log"),
        (*IMPORT, "logs"),
        (*IMPORT, "logs/", "--json"),
        ("import", "logs/mail.log"),
    ],
)
def test_nothing_new_is_said_as_the_command_says_it(folder: Path, words: tuple[str, ...]) -> None:
    place = {"SMTPAUTH_TUI_DB": str(folder / "store.db")}
    quick, whole = (run(module, *words, folder=folder, **place) for module in ("__main__", "cli"))
    assert quick.result == whole.result
    assert (quick.status, "click" in quick.loaded, "click" in whole.loaded) == (0, False, True)


@pytest.mark.parametrize(
    "words",
    [
        (*IMPORT, "logs/mail.log", "logs/none.log"),
        (*IMPORT, "logs/notes.txt"),
        (*IMPORT, "empty"),
        (*IMPORT, "~nobody-of-that-name/mail.log"),
        (*IMPORT, "store.db"),
        (*IMPORT, "-"),
        (*IMPORT, "--", "logs/mail.log"),
        (*IMPORT, "--tz", "Nowhere/None", "logs/mail.log"),
        (*IMPORT, "--dry-run", "logs/mail.log"),
        (*IMPORT, "--jso", "logs/mail.log"),
        (*IMPORT, "--json"),
        IMPORT,
        ("--db", "none.db", "import", "logs/none.log"),
        ("--db", "logs/mail.log", "import", "logs/mail.log"),
        ("--db", "", "import", "logs/mail.log"),
        ("--db", "~nobody-of-that-name/x.db", "import", "logs/mail.log"),
        ("--db", "import", "logs/mail.log"),
        ("--db",),
    ],
)
def test_what_asks_for_more_is_left_to_the_command(folder: Path, words: tuple[str, ...]) -> None:
    quick, whole = (run(module, *words, folder=folder) for module in ("__main__", "cli"))
    assert quick.result == whole.result
    assert "click" in quick.loaded


def spoil(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize(
    ("sql", "environment"),
    [
        ("PRAGMA user_version = 999", {}),
        ("PRAGMA application_id = 1", {}),
        ("DROP TABLE file_seen", {}),
        ("SELECT 1", {"SMTPAUTH_TUI_TIMEZONE": "Europe/Berlin"}),
        ("SELECT 1", {"SMTPAUTH_TUI_MOUSE": "perhaps"}),
    ],
)
def test_what_stands_in_the_way_is_said_by_the_command(folder: Path, sql: str, environment: dict[str, str]) -> None:
    spoil(folder, sql)
    quick, whole = (
        run(module, *IMPORT, "logs/mail.log", folder=folder, **environment) for module in ("__main__", "cli")
    )
    assert quick.status == whole.status
    assert quick.said.splitlines()[-1:] == whole.said.splitlines()[-1:]
    assert "click" in quick.loaded


def test_new_lines_and_what_an_import_left_undone_are_not_passed_over(folder: Path) -> None:
    spoil(folder, "DELETE FROM setting WHERE name = 'window_end'")
    assert "click" in run("__main__", *IMPORT, "logs/mail.log", folder=folder).loaded
    assert "click" not in run("__main__", *IMPORT, "logs/mail.log", folder=folder).loaded
    write(folder / "logs/mail.log", mail_log(DAY, 8))
    assert "Imported 3 submissions" in run("__main__", *IMPORT, "logs/mail.log", folder=folder).out
    touch(folder / "logs/mail.log", NOW.replace(hour=1))
    assert "click" in run("__main__", *IMPORT, "logs/mail.log", folder=folder).loaded


def test_folder_in_which_nothing_is_a_log_is_a_failure_each_time(folder: Path) -> None:
    (folder / "empty/notes.txt").write_text("nothing of a mail server\n")
    words = (*IMPORT, "logs", "empty")
    assert run("__main__", *words, folder=folder).result == run("cli", *words, folder=folder).result
    for _ in range(2):
        done = run("__main__", *IMPORT, "empty", folder=folder)
        assert (done.status, done.out) == (1, "")
        assert "None of the files found there is a log" in done.said


def test_output_that_cannot_be_written_ends_as_the_command_ends(folder: Path) -> None:
    full = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n"
    reader_gone = "import os; here, there = os.pipe(); os.dup2(there, 1); os.close(here)\n"
    closed = "import os, sys; os.close(1); sys.stdout = None\n"
    for before in (full, reader_gone, closed):
        if before is full and not Path("/dev/full").exists():
            continue
        quick, whole = (
            run(module, *IMPORT, "logs/mail.log", folder=folder, before=before) for module in ("__main__", "cli")
        )
        assert quick.result == whole.result


def test_import_with_nothing_new_loads_next_to_nothing(folder: Path) -> None:
    done = run("__main__", *IMPORT, "logs/mail.log", folder=folder)
    assert done.status == 0
    packages = {"click", "textual", "pydantic", "aiosqlite", "plotext", "platformdirs"}
    slow = {"asyncio", "dataclasses", "hashlib", "inspect", "json", "pathlib", "re", "typing", "urllib", "zoneinfo"}
    assert not {name.partition(".")[0] for name in done.loaded} & (packages | slow)
    assert {name.removeprefix("smtpauth_tui.") for name in done.loaded if name.startswith("smtpauth_tui.")} == {
        "__main__",
        "errors",
        "importer",
        "importer.finding",
        "importer.known",
        "importer.outcome",
        "importer.telling",
        "safe",
        "settings",
        "store",
        "store.files",
        "store.schema",
        "store.seen",
        "unchanged",
    }
