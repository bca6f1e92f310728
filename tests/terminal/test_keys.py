"""Each key does the same everywhere: what shared keys promise, pressed in a real terminal."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.terminal.conftest import PROGRAM, Open, make_store
from tests.terminal.logs import Postfix, ordinary_log
from tests.terminal.pty_session import PtySession, environment
from tests.terminal.test_ending import CARDS, SOON

TODAY = datetime.now(UTC).date()
CLIENTS, TLS, FAILED, DATA = "SMTP Auth clients", "TLS below 1.2", "Failed sign-ins", "Data"
UNUSUAL, BASIC = "Unusual activity", "Basic authentication"


def has_focus(session: PtySession, title: str) -> bool:
    """Whether a card has the heavy border of the focus."""
    return f"┏━ {title} ━" in session.text


def moves(session: PtySession, key: str, title: str) -> None:
    """Press a key and wait for the focus on a card."""
    session.press(key)
    session.wait(lambda: has_focus(session, title), f"the focus on {title} after {key}")


def on_the_day(session: PtySession, key: str, days_ago: int) -> None:
    """Press a key and wait for the readout of a day."""
    day = TODAY - timedelta(days=days_ago)
    session.shows(key, f"{day:%a} {day.day} {day:%b %Y}")


def report(start: Open, **options: Any) -> PtySession:
    session = start(**options)
    session.wait_for(*CARDS)
    session.shows("v", "View data by Sending volume", "all sender domains · 98 messages · 30 accounts", "┤")
    return session


def table(start: Open, **options: Any) -> PtySession:
    session = report(start, **options)
    session.shows("t", "row 1 of 30", "Message count▼")
    return session


def first_row(session: PtySession) -> str:
    """The sender in the first row of the details table, when its page has come."""

    def first() -> str:
        lines = session.text.splitlines()
        head = next(place for place, line in enumerate(lines) if "Sender address" in line)
        return lines[head + 1].split()[0]

    session.wait(lambda: first() != "…", "the first page")
    return first()


def left_with(session: PtySession, key: str) -> None:
    session.press(key)
    assert session.exit_status(SOON) == 0


# the dashboard


@pytest.mark.parametrize("keys", [("right", "down", "left", "up"), ("l", "j", "h", "k")])
def test_arrows_move_between_cards(start: Open, keys: tuple[str, str, str, str]) -> None:
    session = start()
    session.wait_for(*CARDS)
    assert has_focus(session, CLIENTS)
    right, down, left, up = keys
    moves(session, right, TLS)
    moves(session, down, UNUSUAL)
    moves(session, down, DATA)
    moves(session, left, BASIC)
    moves(session, up, FAILED)
    moves(session, up, CLIENTS)
    session.press(up, left)
    session.settle()
    assert has_focus(session, CLIENTS)


def test_escape_as_a_bare_byte(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    session.shows("enter", "Messages per day")
    session.press_bytes(b"\x1b")
    session.wait_until_gone("Messages per day")


def test_tab_goes_round_the_cards(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    for title in (TLS, FAILED, UNUSUAL, BASIC, DATA, CLIENTS):
        moves(session, "tab", title)
    moves(session, "shift+tab", DATA)


def test_enter_opens_and_escape_closes_each_flyout(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    said = (
        (CLIENTS, "98 messages of 30 accounts"),
        (TLS, "Accounts that sent without TLS"),
        (FAILED, "Logins that the server refused"),
        (UNUSUAL, "A finding is a question"),
        (BASIC, "can be guessed and stolen"),
        (DATA, "Lines not understood"),
    )
    for title, text in said:
        assert has_focus(session, title)
        session.shows("enter", text)
        session.press("escape")
        session.wait_until_gone(text)
        session.press("tab")
        session.settle()
    session.press("escape")
    session.settle()
    assert has_focus(session, CLIENTS)
    left_with(session, "q")


def test_the_link_of_a_flyout_leads_to_the_report(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    session.shows("enter", "SMTP Auth clients report →")
    session.shows("enter", "View data by Sending volume", "┤")
    session.shows("escape", "users and service accounts")
    moves(session, "right", TLS)
    session.shows("enter", "TLS usage report →")
    session.shows("enter", "View data by TLS usage", "100%")


def test_a_flyout_scrolls(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    session.shows("enter", "SMTP AUTH is how")
    for keys in (("down", "up"), ("j", "k")):
        session.press(keys[0])
        session.press(keys[0])
        session.wait_until_gone("SMTP AUTH is how")
        session.press(keys[1])
        session.shows(keys[1], "SMTP AUTH is how")
    left_with(session, "q")


# the report


def test_the_day_cursor(start: Open) -> None:
    session = report(start)
    on_the_day(session, "left", 1)
    on_the_day(session, "h", 2)
    on_the_day(session, "right", 1)
    on_the_day(session, "l", 0)
    on_the_day(session, "home", 6)
    on_the_day(session, "end", 0)
    on_the_day(session, "g", 6)
    on_the_day(session, "G", 0)


def test_v_turns_the_views(start: Open) -> None:
    session = report(start)
    session.shows("v", "View data by TLS usage", "No TLS 41 (41.84 %)", "100%")
    session.shows("v", "View data by Authentication", "Basic 98 (100.00 %)", "100%")
    session.shows("v", "View data by Sending volume", "contoso.example 78")


def test_d_chooses_a_domain(start: Open) -> None:
    session = report(start)
    session.shows("d", "type to search", "3 sender domains")
    session.press("n", "o", "r", "t", "h")
    session.wait_for("1 sender domain found")
    session.shows("enter", "Show data for northwind.test", "northwind.test · 10 messages")
    session.shows("d", "3 sender domains")
    session.press("escape")
    session.wait_until_gone("type to search")
    assert "northwind.test · 10 messages" in session.text
    session.shows("d", "3 sender domains")
    session.press("up", "up", "up")
    session.shows("enter", "all sender domains · 98 messages")


@pytest.mark.parametrize(("key", "days"), [("7", 7), ("3", 30), ("9", 90)])
def test_f_chooses_the_days(start: Open, key: str, days: int) -> None:
    session = report(start)
    session.shows("f", "Start date", "End date")
    session.press("escape")
    session.wait_until_gone("Start date")
    session.shows("f", "Start date")
    session.press(key)
    session.wait_until_gone("Start date")
    first = TODAY - timedelta(days=days - 1)
    session.wait(lambda: re.search(rf"(?m)^ {first.day}( {first:%b})?( {first:%Y})? ?–", session.text), f"{days} days")
    session.wait_for("98 messages")


def test_t_turns_chart_and_table(start: Open) -> None:
    session = report(start)
    session.shows("t", "row 1 of 30", "Sender address", "sender-00@contoso.example")
    session.shows("t", "┤", "contoso.example 78")
    session.press("escape")
    session.wait_for("users and service accounts")


def test_keys_that_do_not_apply_say_why(start: Open) -> None:
    session = report(start)
    session.shows("/", "Search works in the")
    session.shows("o", "The outbox is empty")
    session.shows("x", "There is no mail")
    left_with(session, "q")


def test_r_and_o_and_m_everywhere(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    ways = ((), (("v", "┤"),), (("v", "┤"), ("t", "row 1 of 30")), (("I", "1 source"),), (("D", "R: look again"),))
    for way in ways:
        for key, text in way:
            session.shows(key, text)
        session.shows("m", "a key or first letter")
        session.press("escape")
        session.wait_until_gone("a key or first letter")
        session.shows("o", "The outbox is empty")
        session.press("escape")
        session.wait_until_gone("The outbox is empty")
        session.shows("r", "Sender domain", "SMTP Auth: 98 messages")
        session.press("escape")
        session.wait_until_gone("Sender domain")
        session.wait_for(*([text for _, text in way][-1:] or CARDS))
        if way:
            session.press("escape")
            session.wait_for(*CARDS)


# the details table


def test_rows(start: Open) -> None:
    session = table(start)
    session.shows("down", "row 2 of 30")
    session.shows("j", "row 3 of 30")
    session.shows("up", "row 2 of 30")
    session.shows("k", "row 1 of 30")
    session.shows("end", "row 30 of 30")
    session.shows("home", "row 1 of 30")
    session.shows("G", "row 30 of 30", "sender-29")
    session.shows("g", "row 1 of 30", "sender-00")
    session.press("pagedown")
    session.wait(lambda: re.search(r"row (1[5-9]|2\d) of 30", session.text), "a page further down")
    session.shows("pageup", "row 1 of 30")


def test_s_sorts_by_each_column(start: Open) -> None:
    session = table(start)
    assert first_row(session) == "sender-00@contoso.example"
    session.shows("s", "Sender address▲")
    session.shows("S", "Sender address▼")
    session.wait(lambda: first_row(session) == "sender-29@northwind.test", "the last name first")
    session.shows("S", "Sender address▲")
    session.shows("s", "Message count▼")
    session.shows("S", "Message count▲")
    session.shows("v", "View data by TLS usage", "No TLS%")
    seen = set()
    for _ in range(10):
        session.settle()
        head = next(line for line in session.text.splitlines() if "Sender" in line and "%" in line)
        (column,) = re.findall(r"(\S+)[▲▼]", head)
        if column in seen:
            break
        seen.add(column)
        session.press("s")
        session.wait(
            lambda column=column: not re.search(rf"{column}[▲▼]", session.text), f"another column than {column}"
        )
    assert len(seen) >= 6


def test_a_search(start: Open) -> None:
    session = table(start)
    session.shows("/", "part of a sender address")
    session.press("R", "-", "0", "7")
    session.wait_for("row 1 of 1", "search: R-07", "Esc: end the search")
    session.press("enter")
    session.wait_until_gone("Esc: end the search")
    session.shows("enter", "Login names used", "Sources")
    session.press("escape")
    session.wait_until_gone("Login names used")
    session.shows("/", "Esc: end the search")
    session.press("q", "v")
    session.wait_for("No sender like that", "search: R-07qv")
    session.shows("escape", "row 1 of 30")
    session.press("escape")
    session.wait_for("users and service accounts")


def test_a_row_opens_its_flyout(start: Open) -> None:
    session = table(start)
    session.shows("down", "row 2 of 30")
    session.shows("enter", "Login names used", "TLS 1.3  6  100.00 %", "sender-03@contoso.example  6 messages")
    session.press("escape")
    session.wait_until_gone("Login names used")
    assert "row 2 of 30" in session.text


# everywhere


def test_help_and_palette(start: Open) -> None:
    session = start()
    session.wait_for(*CARDS)
    for key, help_title in (("", "Help: Dashboard"), ("v", "Help: SMTP Auth clients report"), ("t", "Help: SMTP")):
        if key:
            session.shows(key, "View data by")
            session.settle()
        for ask in ("?", "f1"):
            session.shows(ask, help_title, "Keys", "Esc closes")
            session.press("escape")
            session.wait_until_gone(help_title)
        for ask in (":", "ctrl+p"):
            session.shows(ask, "key:")
            session.press("escape")
            session.wait_until_gone("key:")
    session.press(":")
    session.wait_for("key:")
    session.press("T", "L", "S")
    session.wait_for("Report: TLS usage")
    session.shows("enter", "View data by TLS usage")
    left_with(session, "q")


def test_R_loads_what_was_imported_since(start: Open, tmp_path: Path) -> None:
    db = make_store(tmp_path, ordinary_log())
    dashboard, listed = start(db=db), start(db=db)
    dashboard.wait_for("98 messages")
    listed.wait_for("98 messages")
    listed.shows("v", "all sender domains · 98 messages")
    listed.shows("t", "row 1 of 30")
    more = Postfix()
    more.next_day()
    more.session("new@contoso.example", "new@contoso.example")
    (tmp_path / "more.log").write_text("".join(more))
    command = [*PROGRAM, "--db", str(db), "import", str(tmp_path / "more.log")]
    subprocess.run(command, env=environment(tmp_path), check=True, capture_output=True)
    dashboard.shows("R", "sent 99 messages")
    listed.shows("R", "all sender domains · 99 messages", "row 1 of 31")


@pytest.mark.parametrize("where", ["dashboard", "flyout", "report", "table"])
def test_q_leaves_from_everywhere(start: Open, where: str) -> None:
    session = table(start) if where == "table" else report(start) if where == "report" else start()
    session.wait_for("98 messages")
    if where == "flyout":
        session.shows("enter", "Messages per day")
    left_with(session, "q")


def test_keys_that_are_typed_ahead_leave_a_dialog_once(start: Open) -> None:
    session = report(start)
    session.shows("f", "Start date")
    session.press(*["enter"] * 8)
    session.wait_until_gone("Start date")
    session.settle()
    session.press(*["escape"] * 8)
    session.wait_for("users and service accounts")
    left_with(session, "q")


def test_a_storm_of_keys(start: Open) -> None:
    """Keys faster than the store answers neither end the program nor leave it without an answer."""
    session = start()
    session.wait_for(*CARDS)
    session.press("RRRRRR")
    session.settle()
    session.wait_for(*CARDS)
    session.press("vRvRvtRvsRtvRRR" * 4)
    session.press("GgsSsvtRR" * 6)
    session.settle()
    session.wait_for("┤")  # an even number of t's: the chart
    session.shows("t", "row ", "of 30")
    left_with(session, "q")


def test_the_domains_have_their_counts_beside_a_scrollbar(start: Open, tmp_path: Path) -> None:
    postfix = Postfix()
    for place in range(40):
        postfix.session("anna", f"anna@d{place}.example")
    session = start(db=make_store(tmp_path, "".join(postfix)))
    session.wait_for("40 messages")
    session.shows("v", "all sender domains · 40 messages")
    session.shows("d", "40 sender domains")
    assert re.search(r"All sender domains +40\b", session.text)
    assert re.search(r"d1\.example +1\b", session.text)


def test_what_something_else_wrote_goes(start: Open) -> None:
    """A message of the system on the terminal, and a terminal that was small for a moment."""
    session = start()
    session.wait_for(*CARDS)
    session.settle()
    shown = session.text
    session.overwrite("\x1b[8;10Hsystem going down\r\n")
    assert session.text != shown
    session.press_bytes(b"\x0c")
    session.wait(lambda: session.text == shown, "the dashboard as it was")
    session.resize(60, 12)
    session.resize(80, 24)
    session.wait(lambda: session.text == shown, "the dashboard as it was")
