"""What a key costs on a slow line: bytes, which a busy machine does not change."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.terminal.conftest import Open, make_store
from tests.terminal.logs import Postfix
from tests.terminal.pty_session import PtySession
from tests.terminal.test_keys import report, table

ROW_STEP = 500
DAY_STEP = 1_200
PAGE = 5_500
WIDE = (160, 48)
COLOURS: list[dict[str, str]] = [{}, {"COLORTERM": ""}]


@pytest.mark.parametrize("colours", COLOURS, ids=["all colours", "256 colours"])
@pytest.mark.parametrize("size", [(80, 24), WIDE])
def test_a_step_in_the_table(start: Open, size: tuple[int, int], colours: dict[str, str]) -> None:
    session = table(start, size=size, **colours)
    cost = [session.bytes_for("down", f"row {row} of 30") for row in (2, 3, 4)]
    print("a row's step:", cost)
    assert max(cost) <= ROW_STEP


@pytest.mark.parametrize("colours", COLOURS, ids=["all colours", "256 colours"])
def test_a_step_in_the_chart(start: Open, colours: dict[str, str]) -> None:
    for view in ("Sending volume", "TLS usage"):
        session = report(start, size=WIDE, **colours)
        if view == "TLS usage":
            session.shows("v", "View data by TLS usage", "100%")
        cost = []
        for days_ago in (1, 2, 3):
            day = datetime.now(UTC).date() - timedelta(days=days_ago)
            cost.append(session.bytes_for("left", f"{day:%a} {day.day} {day:%b %Y}"))
        print(f"a day's step in {view}:", cost)
        assert max(cost) <= DAY_STEP


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of many senders whose names have little in common."""
    postfix = Postfix()
    for place in range(300):
        local = f"{place * 7919 % 1000:03}-{'abcdefghijklm'[place % 13 :]}-{place * 104729 % 9973}"
        address = f"{local}@{('contoso', 'northwind', 'fabrikam')[place % 3]}.example"
        for _ in range(1 + place % 4):
            postfix.session(address, address, ("", "1.0", "1.2", "1.3")[place % 4])
    return make_store(tmp_path_factory.mktemp("many"), "".join(postfix))


@pytest.mark.parametrize("size", [(120, 40), WIDE])
def test_a_page_of_the_table(start: Open, many: Path, size: tuple[int, int]) -> None:
    session = start(db=many, size=size)
    session.wait_for("SMTP Auth clients")
    session.shows("v", "all sender domains", "┤")
    session.shows("t", "row 1 of 300")
    cost = []
    for page in (2, 3, 4):
        before = row(session)
        session.settle()
        length = len(session.output)
        session.press("pagedown")
        session.wait(lambda: row(session) > before, f"page {page}")  # noqa: B023
        session.settle()
        cost.append(len(session.output) - length)
    print("a page:", cost)
    assert max(cost) <= PAGE


def row(session: PtySession) -> int:
    """The row that the cursor is on."""
    found = re.search(r"row (\d+) of 300", session.text)
    return int(found[1]) if found else 0


def test_nothing_is_written_while_nothing_changes(start: Open) -> None:
    """Over two looks at the store, on the dashboard, the report and a flyout."""
    for open_it in (lambda: start(), lambda: report(start), lambda: table(start)):
        session = open_it()
        session.wait_for("messages")
        for _ in range(20):
            if not session.read(1.0):
                break
        assert not session.read(4.5), session.text
        session.press("q")
        assert session.exit_status() == 0
