"""Whatever happens to the logs and to the imports of them: no message and no failure is lost or counted twice.

``SMTPAUTH_TUI_ORACLE=SCENARIOS,KILLS,SEED`` makes the run longer or another one; a scenario that fails says how to
repeat it alone.
"""

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.importer.mail_server import FORMS, STARTS, MailServer
from tests.importer.store_check import broken_roll_up, differences, found_in
from tests.logs import bring_in, surroundings

CHUNKS = 25
SCENARIOS, KILLS, SEED = map(int, os.environ.get("SMTPAUTH_TUI_ORACLE", "500,300,1").split(","))
A_CHUNK = 1_000_000
"""Seeds from one chunk's first to the next one's."""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_scenarios(chunk: int, tmp_path: Path) -> None:
    """In a process of its own, which has one thread and can fork the imports that it kills."""
    seed, scenarios, kills = SEED + chunk * A_CHUNK, -(-SCENARIOS // CHUNKS), -(-KILLS // CHUNKS)
    done = subprocess.run(
        [sys.executable, "-m", "tests.importer.oracle", str(seed), str(scenarios), str(kills)],
        env=surroundings(tmp_path / "store.db"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture
def server() -> MailServer:
    return MailServer(random.Random(7), ("mx1", "mx2"), int(STARTS[0].timestamp()))


def whole_log(server: MailServer, path: Path, form: str) -> None:
    lines = server.lines(400) + server.end()
    path.write_text("".join(f"{line.written(form)}\n" for line in lines))
    bring_in(path.with_name("store.db"), path, now=datetime.fromtimestamp(server.time, UTC))


@pytest.mark.parametrize("form", FORMS)
def test_model_server_and_its_whole_log_agree(server: MailServer, tmp_path: Path, form: str) -> None:
    whole_log(server, tmp_path / "mail.log", form)
    found = found_in(tmp_path / "store.db")
    assert found.messages == server.messages
    assert found.failures == server.failures


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM auth_failure WHERE FIRST", "missing failure: 1"),
        ("UPDATE submission SET tls = 99 WHERE FIRST", "unknown tls: 1"),
        ("UPDATE submission SET tls = 3 WHERE FIRST", "wrong tls: 1"),
        ("UPDATE daily SET messages = messages + 1 WHERE FIRST", "roll-up: daily is not"),
        ("UPDATE daily_total SET recipients = recipients + 1 WHERE FIRST", "roll-up: daily_total is not"),
        ("DELETE FROM daily_failure WHERE FIRST", "roll-up: daily_failure is not"),
        ("UPDATE window SET tls_13 = tls_13 + 1 WHERE FIRST", "roll-up: the window of"),
        ("DELETE FROM setting WHERE name = 'window_end'", "roll-up: the windows are not up to date"),
    ],
)
def test_judge_sees_what_is_wrong(server: MailServer, tmp_path: Path, damage: str, said: str) -> None:
    whole_log(server, tmp_path / "mail.log", "syslog")
    db = tmp_path / "store.db"
    table = damage.removeprefix("DELETE FROM ").removeprefix("UPDATE ").partition(" ")[0]
    with closing(sqlite3.connect(db)) as store:
        columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})") if row[5]]
        key = ", ".join(columns)
        first = f"({key}) = (SELECT {key} FROM {table} LIMIT 1)"
        store.execute(damage.replace("FIRST", first))
        store.commit()
    wrong = differences(found_in(db), server.messages, server.failures, whole=True)
    assert any(text.startswith(said) for text in wrong + broken_roll_up(db, finished=True))


def test_extra_rows_are_seen(server: MailServer, tmp_path: Path) -> None:
    whole_log(server, tmp_path / "mail.log", "syslog")
    found = found_in(tmp_path / "store.db")
    server.messages.subtract([next(iter(found.messages))])
    server.failures.subtract([next(iter(found.failures))])
    wrong = differences(found, server.messages, server.failures, whole=False)
    assert {text.partition(":")[0] for text in wrong} >= {"extra message", "extra failure"}
