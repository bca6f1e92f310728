"""However the program ends, the terminal is as it was before; and it does end."""

import signal
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.pty_session import PtySession, sequences

SOON = 5.0
ENDING = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)]
CARDS = ("SMTP Auth clients", "Failed sign-ins", "98 messages")
SLOW_QUESTION = """
    from smtpauth_tui.store.reader import Store

    async def slow(self, *_):
        await self._rows("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")

    Store.freshness = slow
"""
_MODES = {"alternate screen": "1049", "cursor": "25", "mouse": "1000", "all movements": "1003", "focus": "1004"}
_MODES |= {"long coordinates": "1015", "mouse's form": "1006", "paste": "2004", "line wrap": "7"}


def modes(session: PtySession) -> dict[str, str]:
    """Each mode of the terminal as the program last set it: ``h`` or ``l``."""
    last = {}
    for name, number in _MODES.items():
        set_to = [
            found[-1] for found in sequences(session.decoded) if found in (f"\x1b[?{number}h", f"\x1b[?{number}l")
        ]
        last[name] = set_to[-1] if set_to else ""
    return last


def assert_given_back(session: PtySession) -> None:
    """The terminal is set as before, shows the main screen and the cursor, and reports nothing."""
    assert session.attributes == session.before
    assert modes(session) == dict.fromkeys(_MODES, "l") | {"cursor": "h", "line wrap": "h"}
    pushed = sequences(session.decoded).count("\x1b[>25u")
    assert sequences(session.decoded).count("\x1b[<u") >= pushed


def test_q_leaves(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    assert session.attributes != session.before
    session.press("q")
    assert session.exit_status() == 0
    assert_given_back(session)
    assert session.decoded.partition("\x1b[?1049l")[0].rpartition("\x1b[2J")[1]  # tmux keeps some of it otherwise


@pytest.mark.parametrize(("number", "status"), ENDING)
def test_a_signal_on_the_dashboard(start: Open, number: signal.Signals, status: int) -> None:
    session = start()
    session.wait_for(*CARDS)
    session.send_signal(number)
    assert session.exit_status(SOON) == status
    assert_given_back(session)


@pytest.mark.parametrize(("number", "status"), ENDING[:3])
def test_a_signal_while_a_flyout_is_open(start: Open, number: signal.Signals, status: int) -> None:
    session = start()
    session.wait_for(*CARDS)
    session.shows("enter", "Messages per day")
    session.send_signal(number)
    assert session.exit_status(SOON) == status
    assert_given_back(session)


@pytest.mark.parametrize(("number", "status"), ENDING[:3])
def test_a_signal_while_a_question_runs(start: Open, number: signal.Signals, status: int) -> None:
    session = start(changed=SLOW_QUESTION)
    session.wait_for("loading", "Menu")
    session.send_signal(number)
    assert session.exit_status(SOON) == status
    assert_given_back(session)


def test_q_while_a_question_runs(start: Open) -> None:
    session = start(changed=SLOW_QUESTION)
    session.wait_for("loading", "Menu")
    session.press("q")
    assert session.exit_status(SOON) == 0
    assert_given_back(session)


def test_a_signal_before_the_first_screen(start: Open) -> None:
    """From when on signals pass through the guard, none is lost."""
    session = start(
        changed="""
        import os, signal
        from smtpauth_tui.app import SmtpAuthApp

        def run(self, run=SmtpAuthApp.run, **options):
            os.kill(os.getpid(), signal.SIGTERM)
            run(self, **options)

        SmtpAuthApp.run = run
        """
    )
    assert session.exit_status(SOON) == 143
    assert session.attributes == session.before


def test_a_second_signal_changes_nothing(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    session.send_signal(signal.SIGTERM)
    session.send_signal(signal.SIGTERM)
    session.send_signal(signal.SIGTERM)
    assert session.exit_status(SOON) == 143
    assert_given_back(session)


@pytest.mark.parametrize("own_terminal", [True, False])
def test_a_lost_line(start: Open, own_terminal: bool) -> None:
    """The kernel's SIGHUP ends the program, also where it was ignored (nohup); where none comes, the check does."""
    session = start(own_terminal=own_terminal, ignored=[signal.SIGHUP])
    session.wait_for(*CARDS)
    session.hang_up()
    assert session.ends_unread(SOON) == 129


def test_a_terminal_that_takes_nothing(start: Open) -> None:
    """The interface waits for a terminal that does not read; the guard does not wait with it."""
    session = start()
    session.wait_for(*CARDS)
    session.shows("v", "View data by")
    session.stall("v")
    session.send_signal(signal.SIGTERM)
    assert session.ends_unread(SOON + 1) == 143
    assert session.attributes == session.before


@pytest.mark.parametrize("ending", ["q", "SIGTERM", "SIGHUP", "SIGINT", "unread"])
def test_the_demo_leaves_nothing_behind(start: Open, tmp_path: Path, ending: str) -> None:
    """The folder with the made-up store goes, also where the terminal takes nothing and the end comes by force."""
    session = start("demo", changed=SHORT_DEMO)
    session.wait_for("SMTP Auth clients", "Failed sign-ins", "Basic authentication")
    (folder,) = tmp_path.glob("smtpauth-tui-demo-*")
    if ending == "q":
        session.press("q")
        assert session.exit_status() == 0
    elif ending == "unread":
        session.shows("v", "View data by")
        session.stall("v")
        session.send_signal(signal.SIGTERM)
        assert session.ends_unread(SOON + 1) == 143
    else:
        session.send_signal(signal.Signals[ending])
        assert session.exit_status(SOON) == 128 + signal.Signals[ending]
        assert_given_back(session)
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_demo_leaves_nothing_behind_while_it_is_made(start: Open, tmp_path: Path, number: signal.Signals) -> None:
    session = start("demo")
    session.wait(lambda: list(tmp_path.glob("smtpauth-tui-demo-*/*")), "the demo's log")
    session.send_signal(number)
    assert session.exit_status(SOON) == 128 + number
    assert not list(tmp_path.glob("smtpauth-tui-demo-*"))
    assert session.attributes == session.before


SHORT_DEMO = "import smtpauth_tui.demo as demo\ndemo.DAYS = 3"
