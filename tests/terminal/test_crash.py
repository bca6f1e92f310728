"""A mistake of the program's own: three lines, a file for its owner alone, and no value of a variable anywhere."""

import stat
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.pty_session import PtySession
from tests.terminal.test_ending import CARDS, SOON, assert_given_back

CANARY = "canary-secret"
IN_A_HANDLER = """
    from smtpauth_tui.screens.dashboard import DashboardScreen

    def show_flyout(self, *_):
        password = "canary-" + "secret"
        raise RuntimeError("there is a hole")

    DashboardScreen.action_move = show_flyout
"""
IN_A_WORKER = """
    from smtpauth_tui.reports.card_flyouts import CARD_FLYOUTS

    async def failures(store, moment, seen):
        password = "canary-" + "secret"
        raise RuntimeError("there is a hole")

    CARD_FLYOUTS["failures"] = failures
"""
WHILE_DRAWING = """
    from smtpauth_tui.widgets.insight_card import Card

    def render(self):
        password = "canary-" + "secret"
        raise RuntimeError("there is a hole")

    Card.render = render
"""


def assert_reported(session: PtySession, tmp_path: Path) -> str:
    """The three lines, after the interface is gone; the trace in the file."""
    file = tmp_path / "state" / "smtpauth-tui" / "crash.txt"
    assert_given_back(session)
    said = session.decoded.rpartition("\x1b[?1049l")[2]
    lines = [line for line in said.rpartition("\x1b")[2].partition("smtpauth-tui: ")[2].splitlines() if line]
    assert lines == [
        "the interface failed: RuntimeError: there is a hole",
        "Nothing in the store was changed by it. Reports can still be printed: smtpauth-tui show summary",
        f"The trace is in {file}; please send it with your report.",
    ]
    assert "Traceback" not in session.decoded
    assert CANARY not in session.decoded
    trace = file.read_text()
    assert CANARY not in trace
    assert "RuntimeError: there is a hole" in trace
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    return trace


@pytest.mark.parametrize("mistake", [IN_A_HANDLER, WHILE_DRAWING, IN_A_WORKER])
def test_a_crash(start: Open, tmp_path: Path, mistake: str) -> None:
    """The store is open when it comes; the program ends all the same."""
    session = start(changed=mistake, XDG_STATE_HOME=str(tmp_path / "state"))
    if mistake is not WHILE_DRAWING:
        session.wait_for(*CARDS)
        session.press("j")
    if mistake is IN_A_WORKER:
        session.wait_for("┏━ Failed sign-ins")
        session.press("enter")
    assert session.exit_status(SOON) == 70
    trace = assert_reported(session, tmp_path)
    assert "changed.py" in trace


def test_a_crash_where_nothing_can_be_written(start: Open, tmp_path: Path) -> None:
    """No trace is kept, the rest is as always."""
    (tmp_path / "state").write_text("in the way")
    session = start(changed=IN_A_HANDLER, XDG_STATE_HOME=str(tmp_path / "state"))
    session.wait_for(*CARDS)
    session.press("j")
    assert session.exit_status(SOON) == 70
    assert_given_back(session)
    assert "smtpauth-tui show summary" in session.decoded
    assert "The trace is in" not in session.decoded
    assert "Traceback" not in session.decoded


def test_keys_that_are_not_utf_8(start: Open) -> None:
    """A terminal set to Latin-1 sends a letter that no UTF-8 has: it goes unheard, the next ones do not."""
    session = start()
    session.wait_for(*CARDS)
    session.press_bytes(b"\xe9\xff")
    session.shows("?", "Help: Dashboard")
    session.press("escape")
    session.wait_until_gone("Help: Dashboard")
    session.press("q")
    assert session.exit_status(SOON) == 0
    assert_given_back(session)
