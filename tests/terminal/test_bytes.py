"""What a key costs on a slow line: bytes, which a busy machine does not change."""

from datetime import UTC, datetime, timedelta

from tests.terminal.conftest import Open
from tests.terminal.test_keys import report, table

ROW_STEP = 1_500
DAY_STEP = 2_500


def test_a_step_in_the_table(start: Open) -> None:
    session = table(start)
    cost = [session.bytes_for("down", f"row {row} of 30") for row in (2, 3, 4)]
    print("a row's step:", cost)
    assert max(cost) <= ROW_STEP


def test_a_step_in_the_chart(start: Open) -> None:
    for view in ("Sending volume", "TLS usage"):
        session = report(start)
        if view == "TLS usage":
            session.shows("v", "View data by TLS usage", "100%")
        cost = []
        for days_ago in (1, 2, 3):
            day = datetime.now(UTC).date() - timedelta(days=days_ago)
            cost.append(session.bytes_for("left", f"{day:%a} {day.day} {day:%b %Y}"))
        print(f"a day's step in {view}:", cost)
        assert max(cost) <= DAY_STEP


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
