"""A small store, and the program opened on it in a pseudo-terminal."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.terminal.logs import ordinary_log
from tests.terminal.pty_session import PtySession, environment

Open = Callable[..., PtySession]
ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "smtpauth_tui")


def make_store(folder: Path, log: str) -> Path:
    """A store of a log, imported two and a half hours ago: what is said of that stays the same during a test."""
    source, store = folder / "mail.log", folder / "data" / "store.db"
    source.write_text(log, encoding="utf-8")
    command = [*PROGRAM, "--db", str(store), "import", str(source)]
    subprocess.run(command, env=environment(folder), check=True, capture_output=True, text=True)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE source SET imported_at = imported_at - 9000")
    return store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("terminal"), ordinary_log())


@pytest.fixture
def start(tmp_path: Path, store: Path) -> Iterator[Open]:
    """Starts the program on the small store or another one; what is not an argument or option goes to its environment.

    *changed* is Python that runs before the program, to change it.
    """
    with ExitStack() as stack:

        def start(*arguments: str, db: Path = store, changed: str = "", **options: Any) -> PtySession:
            program = PROGRAM
            if changed:
                script = tmp_path / "changed.py"
                here = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"  # the code beside these tests
                script.write_text(f"{here}{dedent(changed)}\nfrom smtpauth_tui.cli import run\nrun()\n")
                program = (sys.executable, str(script))
            variables = {name: options.pop(name) for name in list(options) if name.isupper()}
            env = environment(tmp_path, SMTPAUTH_TUI_DB=str(db), **variables)
            return stack.enter_context(PtySession.start(*program, *arguments, env=env, **options))

        yield start
