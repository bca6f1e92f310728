"""Logs are brought in from the interface: by the command in a process of its own, which ends with the interface."""

import asyncio
import gzip
import os
from pathlib import Path

import pytest
from textual.widgets import Input

from smtpauth_tui.app import SmtpAuthApp
from smtpauth_tui.screens.folders import MOST, completed, entries_of, size_words, start_folder
from smtpauth_tui.screens.import_run import ImportRun, Step
from smtpauth_tui.screens.importing import ImportScreen
from smtpauth_tui.settings import Settings
from smtpauth_tui.widgets.folder_list import FolderList
from tests.logs import asked
from tests.screens.conftest import CLOCK, Opener, Seen
from tests.terminal.logs import ordinary_log

HOSTILE = ("user[_foo]x.log", "[red]x[.log", "esc\x1b[2J\x1b]0;PWNED\x07.log", "\u202egol.log", "line\nbreak.log")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command that the interface starts knows nothing of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("SMTPAUTH_TUI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    (folder / "old").mkdir(parents=True)
    (folder / "mail.log").write_text(ordinary_log())
    (folder / "notes.txt").write_text("no log\n")
    return folder


def endless(folder: Path, times: int = 60) -> Path:
    """A log that takes a while."""
    path = folder / "endless.log.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(times):
            file.write((ordinary_log() + "Nov 20 00:00:01 mail cron[1]: nothing\n" * 60_000).encode())
    return path


async def typed(seen: Seen, path: Path | str) -> None:
    """A path typed over the one that stands there."""
    field = seen.app.screen.query_one(Input)
    field.focus()
    field.value = str(path)
    await seen.press("enter")


def run_of(seen: Seen) -> ImportRun:
    assert isinstance(seen.app, SmtpAuthApp)
    run = seen.app._desk.importing
    assert run
    return run


async def ended(seen: Seen) -> None:
    """Until the import has ended and its screen has noticed."""
    await asyncio.wait_for(run_of(seen).wait(), 60)
    if isinstance(seen.app.screen, ImportScreen):
        seen.app.screen._look()
    await seen.settle()


async def test_from_nothing_to_figures(tmp_path: Path, logs: Path, interface: Opener) -> None:
    async with interface(tmp_path / "new" / "store.db") as seen:
        assert "Press i to bring in a log" in seen.text
        await seen.press("i")
        await typed(seen, logs)
        assert [row[1] for row in seen.app.screen.query_one(FolderList).rows] == ["..", "old/", "mail.log", "notes.txt"]
        await seen.press("down", "space", "space")
        assert "2 files or folders marked · Space marks · Enter imports them" in seen.text
        await seen.press("enter")
        await ended(seen)
        assert "Imported 98 submissions and 6 failed sign-ins from 1 file" in seen.text
        assert "1 warning" in seen.text
        assert "notes.txt is not a log that can be read" in " ".join(seen.text.split())
        await seen.press("enter")
        assert "1 source · " in seen.text
        await seen.press("escape")
        assert "users and service accounts" in seen.text


async def test_the_same_again_adds_nothing_and_says_so(tmp_path: Path, logs: Path, interface: Opener) -> None:
    db = tmp_path / "store.db"
    async with interface(db) as seen:
        for said in ("Imported 98 submissions", "Imported 0 submissions"):
            await seen.press("i")
            await typed(seen, f"{logs}/mail.*")
            await ended(seen)
            assert said in seen.text
            await seen.press("escape")
    assert asked(db, "SELECT count(*) FROM submission") == [(98,)]


async def test_walking_through_folders(tmp_path: Path, logs: Path, interface: Opener) -> None:
    async with interface(tmp_path / "store.db") as seen:
        await seen.press("i")
        await typed(seen, logs)
        await seen.press("enter")
        assert seen.app.screen.query_one(Input).value == f"{logs}/old/"
        await seen.press("left")
        row = seen.app.screen.query_one(FolderList).row
        assert row and row[1] == "old/"
        await seen.press("up", "enter")
        assert seen.app.screen.query_one(Input).value == f"{tmp_path}/"
        await typed(seen, tmp_path / "nowhere")
        await ended(seen)
        assert "There is no file" in seen.text


async def test_stopping_asks_first(tmp_path: Path, logs: Path, interface: Opener) -> None:
    async with interface(tmp_path / "store.db") as seen:
        await seen.press("i")
        await typed(seen, endless(logs, 35))
        assert "Esc: stop" in seen.text
        await seen.press("escape")
        assert "Stop the import?" in seen.text
        await seen.press("x")
        seen.app.screen._look()  # type: ignore[attr-defined]
        await seen.settle()
        assert "Stop the import?" not in seen.text
        await seen.press("escape", "escape")
        await ended(seen)
        assert "The import was stopped." in seen.text
    assert not (tmp_path / "store.db").exists() or asked(tmp_path / "store.db", "SELECT * FROM submission") == []


async def test_it_goes_on_when_its_screen_is_left_and_is_told_when_it_ends(
    tmp_path: Path, logs: Path, interface: Opener
) -> None:
    async with interface(tmp_path / "store.db") as seen:
        await seen.press("i")
        await typed(seen, endless(logs, 35))
        assert "Esc: stop" in seen.text
        seen.app.action_report("volume")  # type: ignore[attr-defined]
        await ended(seen)
        seen.app.look_at_store()  # type: ignore[attr-defined]
        await seen.settle()
        said, *_ = [said.message for said in seen.app._notifications]
        assert said.startswith("Imported 98 submissions")


async def test_it_reads_the_configuration_file_that_was_named(tmp_path: Path, logs: Path) -> None:
    (tmp_path / "named.toml").write_text('timezone = "Asia/Tokyo"\n')
    db = tmp_path / "store.db"
    app = SmtpAuthApp(Settings(db=db), CLOCK, config=Path(os.path.relpath(tmp_path / "named.toml")))
    async with app.run_test(size=(80, 24)) as pilot:
        seen = Seen(app, pilot, (80, 24))
        await seen.press("i")
        await typed(seen, logs / "mail.log")
        await ended(seen)
    assert asked(db, "SELECT value FROM setting WHERE name = 'timezone'") == [("Asia/Tokyo",)]


async def test_it_ends_with_the_interface(tmp_path: Path, logs: Path, interface: Opener) -> None:
    async with interface(tmp_path / "store.db") as seen:
        await seen.press("i")
        await typed(seen, endless(logs))
        run = run_of(seen)
        await run.begun.wait()
        process = run._process
        assert process and process.returncode is None
    assert process.returncode is not None


async def test_names_of_files_are_shown_as_they_are_safe(tmp_path: Path, logs: Path, interface: Opener) -> None:
    for name in HOSTILE:
        (logs / name).write_text(ordinary_log())
    async with interface(tmp_path / "store.db", (160, 50)) as seen:
        await seen.press("i")
        await typed(seen, logs)
        for shown in ("user[_foo]x.log", "[red]x[.log", "esc\\x1b[2J\\x1b]0;PWNED\\x07.log", "\\u202egol.log"):
            assert shown in seen.text
        await seen.press("G", "enter")
        await ended(seen)
        assert "Imported 98 submissions" in seen.text
        await seen.press("enter", "enter")
        assert "Zone of its stamps" in seen.text


async def test_folders_whose_names_cannot_be_shown(tmp_path: Path, logs: Path, interface: Opener) -> None:
    names = (b"0-esc\x1b]0;PWNED\x07", "1-bidi\u202e".encode(), b"2-bytes\xff\x9b2J", b"3-[@x[")
    for name in names:
        folder = logs / os.fsdecode(name)
        folder.mkdir()
        (folder / "mail.log").write_text(ordinary_log())
    shown_as = ("0-esc\\x1b]0;PWNED\\x07/", "1-bidi\\u202e/", "2-bytes\\udcff\\udc9b2J/", "3-[@x[/")
    async with interface(tmp_path / "store.db", (160, 50)) as seen:
        await seen.press("i")
        for number, shown in enumerate(shown_as):
            await typed(seen, logs)
            assert shown in seen.text
            await seen.press(*["down"] * number, "enter")
            assert "mail.log" in seen.text
            field = seen.app.screen.query_one(Input)
            assert field.value == ("" if number < 3 else f"{logs}/3-[@x[/")
            field.focus()
            field.value = f"{logs}/{number}"
            await seen.settle()
            assert field._suggestion == ("" if number < 3 else f"{logs}/3-[@x[/")
            assert not any(sign in seen.text for sign in "\x1b\x07\x9b\u202e\udcff")
        await seen.press("down", "enter")
        await ended(seen)
        assert "Imported 98 submissions" in seen.text


def test_the_first_folder_is_one_that_can_be_read(tmp_path: Path) -> None:
    assert start_folder(tmp_path) == tmp_path
    assert start_folder(tmp_path / "gone").is_dir()


def test_a_folder_with_many_files_is_cut_and_says_by_how_much(tmp_path: Path) -> None:
    for number in range(MOST + 5):
        (tmp_path / f"{number:05}.log").touch()
    entries, more = entries_of(tmp_path)
    assert (len(entries), more) == (MOST, 5)


def test_what_is_no_file_to_read_is_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    (tmp_path / ".hidden").touch()
    (tmp_path / "mail.log").touch()
    (tmp_path / "zz").mkdir()
    assert [entry.path.name for entry in entries_of(tmp_path)[0]] == ["zz", "mail.log"]


def test_a_path_is_completed(tmp_path: Path) -> None:
    (tmp_path / "mail.log").touch()
    (tmp_path / "mailman").mkdir()
    assert completed(f"{tmp_path}/mail.") == f"{tmp_path}/mail.log"
    assert completed(f"{tmp_path}/mail") == f"{tmp_path}/mailman/"
    assert completed(f"{tmp_path}/x") is None
    assert completed("x") is None
    assert completed("~nobody-of-that-name/x") is None
    assert completed("\0/x") is None


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (123_456, "123 kB"), (5 * 10**12, "5000 GB")]
)
def test_sizes(size: int, words: str) -> None:
    assert size_words(size) == words


def test_progress_in_words() -> None:
    assert Step("x", 25, 100, 1000, 2.0).words() == "1,000 lines · 500 lines/s · 6 s left"
    assert Step("x", 0, 0, 1, 0.1).words() == "1 line"
    assert Step("x", 200, 100, 1, 1.0).share == 1.0
