"""What opens where: the interface in a terminal, text elsewhere, and what the terminal and the settings ask for."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.terminal.conftest import PROGRAM, Open
from tests.terminal.pty_session import PATIENCE, PtySession, environment, sequences
from tests.terminal.test_ending import CARDS, SHORT_DEMO, assert_given_back

RGB = re.compile(r"\x1b\[(?:[\d;]*;)?[34]8;2;")
BY_NUMBER = re.compile(r"\x1b\[(?:[\d;]*;)?[34]8;5;")


def walk(session: PtySession) -> str:
    """Through each screen once; what was written."""
    session.wait_for(*CARDS)
    session.shows("enter", "Messages per day")
    session.shows("enter", "View data by", "Sending volume", "contoso.example")
    session.shows("v", "TLS usage", "TLS 1.3")
    session.shows("f", "Start date", "last 30 days")
    session.press("escape")
    session.wait_until_gone("Start date")
    session.shows("d", "type to search", "3 sender domains")
    session.press("escape")
    session.wait_until_gone("type to search")
    session.shows("t", "row 1 of 30")
    session.shows("enter", "Login names used")
    session.press("escape")
    session.wait_until_gone("Login names used")
    session.shows("?", "Help: ")
    session.press("escape")
    session.wait_until_gone("Help: ")
    session.press("q")
    assert session.exit_status() == 0
    return session.decoded


# the terminal


@pytest.mark.parametrize(
    ("variables", "rgb", "by_number"),
    [
        ({"NO_COLOR": "1"}, False, False),
        ({"TERM": "vt100", "COLORTERM": ""}, False, False),
        ({"TERM": "linux", "COLORTERM": ""}, False, False),
        ({"COLORTERM": ""}, False, True),
        ({}, True, None),
    ],
    ids=["no colour", "vt100", "linux", "256 colours", "all colours"],
)
def test_only_colours_that_the_terminal_has(
    start: Open, variables: dict[str, str], rgb: bool, by_number: bool | None
) -> None:
    output = walk(start(**variables))
    assert bool(RGB.search(output)) is rgb
    assert by_number is None or bool(BY_NUMBER.search(output)) is by_number


def test_a_dumb_terminal_is_refused(start: Open) -> None:
    session = start(TERM="dumb")
    assert session.exit_status() == 2
    assert session.decoded.splitlines() == [
        "smtpauth-tui: This terminal (TERM=dumb) cannot show the interface. "
        "Set TERM to what it is, or print a report: smtpauth-tui show summary"
    ]


@pytest.mark.parametrize("size", [(60, 15), (79, 24), (80, 23), (2, 1)])
def test_a_terminal_that_is_too_small(start: Open, size: tuple[int, int]) -> None:
    """It says so, and goes on when it is enlarged."""
    session = start(size=size)
    if size[0] > 20:
        session.wait(lambda: "this needs 80 columns and 24 rows." in " ".join(session.text.split()), "the sentence")
        assert "98 messages" not in session.text
    else:
        session.wait(lambda: "\x1b[?2004h" in session.decoded, "the interface to begin")
        session.settle()
    session.resize(80, 24)
    session.wait_for(*CARDS)
    session.shows("enter", "Messages per day")
    session.resize(*size)
    session.settle()
    session.resize(100, 30)
    session.wait_for("Messages per day")
    session.press("q")
    assert session.exit_status() == 0
    assert_given_back(session)


# no terminal


@pytest.mark.parametrize("missing", ["stdin", "stdout", "stderr"])
def test_without_a_terminal_the_dashboard_is_text(start: Open, missing: str, tmp_path: Path, store: Path) -> None:
    env = environment(tmp_path, SMTPAUTH_TUI_DB=str(store))
    with (tmp_path / "stream").open("w+b") as stream:
        session = PtySession.start(*PROGRAM, env=env, **{missing: stream})
        with session:
            assert session.exit_status() == 0
            assert session.attributes == session.before
        stream.seek(0)
        text = stream.read().decode() + session.decoded
    assert "SMTP Auth clients" in text
    assert "\x1b[?" not in text
    assert missing != "stdout" or "\x1b" not in text


@pytest.mark.parametrize("closed", ["", "<&-", ">&-", "2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(tmp_path: Path, store: Path, closed: str) -> None:
    """Neither a trace nor the interface; what goes to standard output has no escape sequence."""
    env = environment(tmp_path, SMTPAUTH_TUI_DB=str(store))
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *PROGRAM]
    done = subprocess.run(command, env=env, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
    assert b"SMTP Auth clients" in done.stdout or ">&-" in closed.split()


def test_an_import_without_streams(tmp_path: Path, store: Path) -> None:
    """As a careless cron job has it."""
    log = store.parent.parent / "mail.log"
    env = environment(tmp_path, SMTPAUTH_TUI_DB=str(tmp_path / "new" / "store.db"))
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *PROGRAM, "import", str(log)]
    assert subprocess.run(command, env=env, timeout=PATIENCE).returncode == 0
    assert (tmp_path / "new" / "store.db").read_bytes().startswith(b"SQLite format 3")


def test_stdin_closed_in_a_terminal(tmp_path: Path, store: Path) -> None:
    env = environment(tmp_path, SMTPAUTH_TUI_DB=str(store))
    with PtySession.start("sh", "-c", 'exec "$@" <&-', "sh", *PROGRAM, env=env) as session:
        assert session.exit_status() == 0
        assert "SMTP Auth clients" in session.decoded
        assert "\x1b[?" not in session.decoded


def test_the_demo_in_a_pipe(tmp_path: Path) -> None:
    script = tmp_path / "demo.py"
    script.write_text(f"{SHORT_DEMO}\nfrom smtpauth_tui.cli import run\nrun()\n")
    command = [PROGRAM[0], str(script), "demo"]
    done = subprocess.run(
        command, env=environment(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert b"SMTP Auth clients" in done.stdout
    assert b"\x1b" not in done.stdout + done.stderr
    assert not list(tmp_path.glob("smtpauth-tui-demo-*"))


# the settings


def test_the_mouse_left_to_the_terminal(start: Open) -> None:
    for arguments, variables in ((("--no-mouse",), {}), ((), {"SMTPAUTH_TUI_MOUSE": "off"})):
        session = start(*arguments, **variables)
        session.wait_for(*CARDS)
        session.press("q")
        assert session.exit_status() == 0
        asked = [found for found in sequences(session.decoded) if re.fullmatch(r"\x1b\[\?10(?:0[0-36]|15|16)h", found)]
        assert not asked


def test_other_keys(start: Open) -> None:
    """A key by the id of its binding; the key that it had before does nothing then."""
    session = start(SMTPAUTH_TUI_KEYS="dashboard.report=w,report.next-view=w,screen.quit=x")
    session.wait_for(*CARDS)
    session.press("v")
    session.shows("?", "Help: Dashboard")
    session.press("escape")
    session.wait_until_gone("Help: Dashboard")
    session.shows("w", "View data by", "Sending volume")
    session.shows("w", "TLS usage")
    session.press("q")
    session.shows("t", "row 1 of 30")
    session.press("x")
    assert session.exit_status() == 0


def test_another_theme(start: Open) -> None:
    plain, other = (background(start(**changes)) for changes in ({}, {"SMTPAUTH_TUI_THEME": "textual-light"}))
    assert plain != other


def background(session: PtySession) -> str:
    """The background that most cells have."""
    session.wait_for(*CARDS)
    session.settle()
    found = re.findall(r"48;2;\d+;\d+;\d+", session.decoded)
    return max(set(found), key=found.count)


def test_a_theme_that_there_is_not(start: Open) -> None:
    session = start(SMTPAUTH_TUI_THEME="nonesuch")
    session.wait(lambda: session.process.poll() is not None or "98 messages" in session.text, "the dashboard or an end")
    if session.process.poll() is None:
        session.press("q")
        assert session.exit_status() == 0
    assert "Traceback" not in session.decoded


def test_over_ssh(start: Open) -> None:
    """Without animations one gets to the same screens."""
    walk(start(SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22", COLORTERM=""))


def test_a_place_without_a_store(start: Open, tmp_path: Path) -> None:
    session = start(db=tmp_path / "none" / "store.db")
    session.wait_for("smtpauth-tui import")
    session.press("q")
    assert session.exit_status() == 0
    assert_given_back(session)
    assert not os.path.lexists(tmp_path / "none")
