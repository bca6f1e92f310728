"""The dashboard that stands while the interface is still being loaded: the same picture, and a quiet terminal."""

import signal
import sqlite3
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from smtpauth_tui.rules.look import row_of
from smtpauth_tui.rules.values import Finding, Severity
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.findings import Checked, Looked, ToKeep, keep, note_check
from smtpauth_tui.store.notes import Notes
from tests.terminal.conftest import Open
from tests.terminal.pty_session import PtySession, environment
from tests.terminal.test_ending import CARDS, ENDING, SOON, assert_given_back, modes

WAITING = """
    import builtins, os, time
    from importlib import abc
    import sys

    class Loading(abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name == "textual":
                open(os.environ["HOME"] + "/loading", "w").close()
                while not os.path.exists(os.environ["HOME"] + "/go"):
                    time.sleep(0.01)
                {then}

    sys.meta_path.insert(0, Loading())
"""
"""Textual is loaded when the test says so, and not earlier."""


def waiting(start: Open, tmp_path: Path, then: str = "pass", **options: Any) -> PtySession:
    """The program, with all that it shows before Textual is loaded."""
    session = start(changed=WAITING.replace("{then}", then), **options)
    session.wait(lambda: (tmp_path / "loading").exists(), "the loading of Textual")
    session.settle()
    return session


def go(tmp_path: Path) -> None:
    (tmp_path / "go").touch()


def cells(session: PtySession) -> list[tuple[Any, ...]]:
    """What is in each cell, and how it looks; a blank has only a background."""
    found = []
    for y in range(session.size[1]):
        for x in range(session.size[0]):
            cell = session.cell(x, y)
            ink = (cell.fg, cell.bold) if cell.data != " " else ()
            found.append((x, y, cell.data, cell.bg, cell.reverse, *ink))
    return found


COLOURS: list[dict[str, str]] = [
    {},
    {"COLORTERM": ""},
    {"NO_COLOR": "1"},
    {"TERM": "linux", "COLORTERM": ""},
]


@pytest.mark.parametrize("variables", COLOURS, ids=["all colours", "256 colours", "no colour", "16 colours"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (133, 37)])
def test_the_interface_takes_over_unseen(
    start: Open, tmp_path: Path, size: tuple[int, int], variables: dict[str, str]
) -> None:
    """Each cell is what Textual makes of it, colours included; not one is drawn again."""
    session = waiting(start, tmp_path, size=size, **variables)
    session.wait_for(*CARDS)
    before, length = cells(session), len(session.output)
    go(tmp_path)
    session.shows("right", "┏━ TLS below 1.2")
    session.shows("left", "┏━ SMTP Auth clients")
    session.settle()
    assert cells(session) == before
    drawn = session.output[length:].decode()
    assert not any(text in drawn for text in CARDS)
    assert drawn.count("\x1b[?1049h") == 0


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_open_findings_are_in_the_picture(start: Open, tmp_path: Path, store: Path, size: tuple[int, int]) -> None:
    """Also those of accounts whose names take two columns a character."""
    copy = Path(copyfile(store, tmp_path / "found.db"))
    now = int(time.time())
    today = date.today()
    found = Finding("U11", Severity.HIGH, "\u4f1a\u8a08@contoso.example", today, today, now, "got in", "", "")
    with Notes(copy) as notes:
        keep(notes, [ToKeep("U11", today, [row_of(found, now)], Looked("", 1, number_of(today), b"1234"))])
        note_check(notes, Checked(now, None, today, ("U11",), {}, {}))
    session = waiting(start, tmp_path, size=size, db=copy)
    session.wait_for("1 high", "newest just now: ??@contoso.")
    before = cells(session)
    go(tmp_path)
    session.shows("right", "┏━ TLS below 1.2")
    session.shows("left", "┏━ SMTP Auth clients")
    session.settle()
    assert cells(session) == before


def test_keys_wait_for_the_interface(start: Open, tmp_path: Path) -> None:
    """They are neither lost nor shown meanwhile, also not the ones that the terminal itself would obey."""
    session = waiting(start, tmp_path)
    shown = session.text
    session.press("v", "t", "\x03", "\x1a", "\x1c")
    session.settle()
    assert session.text == shown
    go(tmp_path)
    session.wait_for("row 1 of 30")
    session.press("q")
    assert session.exit_status() == 0
    assert_given_back(session)


@pytest.mark.parametrize(("number", "status"), ENDING)
def test_a_signal_while_the_interface_is_loaded(
    start: Open, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    session = waiting(start, tmp_path)
    assert session.attributes != session.before
    session.send_signal(number)
    assert session.exit_status(SOON) == status
    assert session.attributes == session.before
    assert modes(session)["alternate screen"] == "l"
    assert modes(session)["cursor"] == "h"


@pytest.mark.parametrize("own_terminal", [True, False])
def test_a_line_that_is_lost_while_the_interface_is_loaded(start: Open, tmp_path: Path, own_terminal: bool) -> None:
    session = waiting(start, tmp_path, own_terminal=own_terminal)
    session.hang_up()
    go(tmp_path)
    assert session.ends_unread(SOON) == 129


def test_an_interface_that_cannot_be_loaded(start: Open, tmp_path: Path) -> None:
    session = waiting(start, tmp_path, then="raise ImportError('no textual here')")
    go(tmp_path)
    assert session.exit_status() == 1
    assert "no textual here" in session.decoded.rpartition("\x1b[?1049l")[2]
    assert session.attributes == session.before


@pytest.mark.parametrize("what", ["theme", "keys"])
def test_a_setting_that_there_is_not(start: Open, what: str) -> None:
    session = start(**{f"SMTPAUTH_TUI_{what.upper()}": "nonesuch" if what == "theme" else "nonesuch=x"})
    assert session.exit_status() == 2
    assert "nonesuch" in session.decoded.rpartition("\x1b[?1049l")[2]
    assert session.attributes == session.before


def test_a_resize_while_the_interface_is_loaded(start: Open, tmp_path: Path) -> None:
    session = waiting(start, tmp_path)
    session.resize(120, 40)
    go(tmp_path)
    session.wait(lambda: session.text.splitlines()[-1].startswith("⏎ Open"), "the footer in the last row")
    session.settle()
    assert session.text.count("SMTP Auth clients") == 1
    assert session.text.splitlines()[1].endswith("╮")


# where there is nothing to show at once


def broken(path: Path, store: Path) -> str:
    path.write_bytes(b"SQLite format 3\x00" + b"\x01" * 4096)
    return "is damaged"


def newer(path: Path, store: Path) -> str:
    copyfile(store, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    return "newer smtpauth-tui"


def empty(path: Path, store: Path) -> str:
    path.touch()
    return "Press i to bring in a log"


def absent(path: Path, store: Path) -> str:
    return "There is no store yet"


@pytest.mark.parametrize("kind", [broken, newer, empty, absent], ids=lambda kind: kind.__name__)
def test_no_picture_of_a_store_that_says_nothing(start: Open, tmp_path: Path, store: Path, kind: Any) -> None:
    said = kind(tmp_path / "other.db", store)
    session = waiting(start, tmp_path, db=tmp_path / "other.db")
    assert session.output == b""
    assert session.attributes == session.before
    go(tmp_path)
    session.wait_for(said)
    session.press("q")
    assert session.exit_status() == 0


def test_no_picture_where_it_has_no_room_or_no_colours_that_are_known(start: Open, tmp_path: Path) -> None:
    for options in ({"size": (79, 24)}, {"SMTPAUTH_TUI_THEME": "nord"}):
        (tmp_path / "loading").unlink(missing_ok=True)
        assert waiting(start, tmp_path, **options).output == b""


# what is loaded for it

LOADED = """
import atexit, os, sys
from importlib import abc

class Loading(abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == {stop!r}:
            os.write(1, ("LOADED " + " ".join(sys.modules) + " END").encode())
            os._exit(0)

sys.meta_path.insert(0, Loading())
from smtpauth_tui.cli import run
run()
"""


MAIL = {"smtpauth_tui.mailing", "aiosmtplib", "xlsxwriter", "jinja2"}


def loaded_before(stop: str, store: Path, tmp_path: Path) -> set[str]:
    """The modules that are there when *stop* is about to be loaded."""
    env = environment(tmp_path, SMTPAUTH_TUI_DB=str(store))
    with PtySession.start(sys.executable, "-c", LOADED.format(stop=stop), env=env, size=(400, 200)) as session:
        session.wait(lambda: " END" in session.decoded, "the list of modules")
        return set(session.decoded.partition("LOADED ")[2].partition(" END")[0].split())


def test_what_the_first_picture_loads(store: Path, tmp_path: Path) -> None:
    heavy = {"asyncio", "aiosqlite", "ssl", "pydantic", "plotext", "rich", "textual", "csv", "email", *MAIL}
    assert not loaded_before("smtpauth_tui.app", store, tmp_path) & heavy


def test_what_the_first_screen_loads(store: Path, tmp_path: Path) -> None:
    """Until the store is opened for it; the other screens and what draws charts come when they are asked for."""
    loaded = loaded_before("aiosqlite", store, tmp_path)
    assert "textual" in loaded
    assert not loaded & {"pydantic", "plotext", "smtpauth_tui.commands", "smtpauth_tui.importer", *MAIL}
    screens = {name.rpartition(".")[2] for name in loaded if name.startswith("smtpauth_tui.screens.")}
    assert screens == {"base", "command_run", "dashboard", "desk", "import_run", "mails", "watch"}
