"""An import by another process while the interface is open: it shows by itself."""

import subprocess
from pathlib import Path

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
