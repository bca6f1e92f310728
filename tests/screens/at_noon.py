"""The program at the moment of the tests, for the processes that the interface begins."""

from smtpauth_tui.cli import run
from smtpauth_tui.clock import Clock
from tests.screens.conftest import NOON

if __name__ == "__main__":
    Clock.__init__.__defaults__ = (lambda: NOON,)  # type: ignore[attr-defined]
    run()
