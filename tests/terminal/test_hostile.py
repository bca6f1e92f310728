"""Names that attack the terminal or the interface: they are shown, as text, and do nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtpauth_tui.safe import safe
from tests.terminal.conftest import Open, make_store
from tests.terminal.logs import DAYS, Postfix
from tests.terminal.pty_session import PtySession, sequences
from tests.terminal.test_ending import assert_given_back
from tests.terminal.test_opening import BY_NUMBER

HOSTILE = (
    "user[/foo]x",
    "[link=https://evil.example/]click[/link]",
    "[@click=app.quit]q[/]",
    "[red]x[/]",
    "[TODO][$primary]x[/",
    "\x1b]52;c;ZXZpbA==\x07x",
    "\x1b]8;;https://evil.example/\x1b\\x\x1b]8;;\x1b\\",
    "\x1b]0;PWNED\x07x",
    "\x1b[2Jx",
    "\x1bcx",
    "\x1b[6nx",
    "\x9b2Jx",
    "\x9d0;PWNED\x9cx",
    "\u202ex\u2066y\u200bz",
    "e" + "\u0301" * 40,
    "tab\tx",
    "nul\x00x",
    "bell\x07back\x08x\x7f\x18\x0e",
    "long" * 225,
    "収支報告書" * 12,
    "🦊👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "‏عربي\u2067",
    "=cmd|'/c calc'!A0",
    "a\u2028b\u2029c\ufeffd\U000e0041e",
)
_SAID_BY_TEXTUAL = (
    r"\x1b\[[\d;]*m",
    r"\x1b\[\d+(?:;\d+)?H|\x1b\[\d*C|\x1b\[2J",
    r"\x1b\[\?(?:25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048|7)[hl]",
    r"\x1b\[\?20(?:26|48)\$p",
    r"\x1b\[>25u|\x1b\[<u",
    r"\x1b\]22;[a-z-]*\x07",
)
ALLOWED = re.compile("|".join(_SAID_BY_TEXTUAL) + r"|\r\n")
CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def hostile_log() -> str:
    """Each name as a login, a sender's local part, its domain, the client's own name, and a login that was tried."""
    postfix = Postfix()
    for _ in range(DAYS + 1):
        for name in HOSTILE:
            client = re.sub(r"[\s\[\]]", "?", name)[:200] or "x"
            postfix.session(name, f"{name}@contoso.example", "1.0", client)
            postfix.session(f"{name}@contoso.example", f"x@{name}", "", client)
            postfix.session("plain@contoso.example", f'"{name}> to=<x"@contoso.example')
            postfix.failure(name, client)
        postfix.next_day()
    return "".join(postfix)


@pytest.fixture(scope="module")
def hostile_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield make_store(tmp_path_factory.mktemp("hostile"), hostile_log())


def shown(session: PtySession) -> str:
    """The screen in one line, as names may be broken over several."""
    return session.text.replace("\n", "")


def opened(session: PtySession, *texts: str) -> None:
    """Wait for texts, then until all is drawn."""
    session.wait_for(*texts)
    session.settle()


def closed(session: PtySession, text: str) -> None:
    session.press("escape")
    session.wait_until_gone(text)
    session.settle()


def test_a_walk_through_hostile_names(start: Open, hostile_store: Path) -> None:
    session = start(db=hostile_store, size=(120, 40), TERM="linux", COLORTERM="")
    opened(session, "SMTP Auth clients", "users and service accounts")
    for text in (
        "Stolen logins",
        "Accounts that sent",
        "Logins that the server",
        "What rules",
        "is a login with",
        "Lines not",
    ):
        session.press("enter")
        opened(session, text)
        session.press(*"jjjjjjjjjjjj")
        session.settle()
        closed(session, "Close")
        session.press("tab")
        session.settle()
    session.press("v")
    opened(session, "View data by Sending volume", "┤")
    session.press("left", "left", "home", "right")
    session.press("v")
    opened(session, "View data by TLS usage", "100%")
    walk_domains(session)
    session.press("t")
    opened(session, "row 1 of")
    for _ in range(8):
        session.press("s")
        session.settle()
        session.press("S")
    session.press("G")
    session.settle()
    walk_rows(session)
    for ask, title in (("?", "Help: "), (":", "key:")):
        session.press(ask)
        opened(session, title)
        closed(session, title)
    walk_sources(session)
    session.press("q")
    assert session.exit_status() == 0
    assert_given_back(session)
    assert_only_textual_spoke(session)


def walk_sources(session: PtySession) -> None:
    """What was imported, one source, and what the doctor says of it all."""
    session.press("I")
    opened(session, "1 source")
    session.press("l", "l", "h", "h", "enter")
    opened(session, "Zone of its stamps")
    closed(session, "Zone of its stamps")
    session.press("tab", "enter")
    opened(session, "R: look again")
    session.press("j", "G", "g")
    session.settle()


def test_files_and_folders_of_hostile_names_are_imported(start: Open, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    names = [name.replace("/", "-").replace("\x00", "")[:60] for name in HOSTILE]
    for number, name in enumerate(names):
        (logs / f"f-{name}").mkdir()
        (logs / f"{name}.log").write_text(hostile_log() if number == 0 else "no log \x1b[2J\x9b2J\n")
    session = start(db=tmp_path / "store.db", size=(120, 60), TERM="linux", COLORTERM="")
    opened(session, "There is no store yet")
    session.press("i")
    opened(session, "Enter imports a file")
    session.press("shift+tab")
    session.press("ctrl+u")  # one key, since Textual takes letters before what is bound, if both come at once
    session.wait_until_gone("Path   /")
    for letter in f"{logs}/f-":
        session.press(letter)  # what it suggests is hostile
    session.wait_for("logs/f-")
    session.press("backspace", "backspace")
    session.wait_until_gone("logs/f-")
    session.press("enter")
    opened(session, "user[-foo]x.log")
    for _ in names[1:]:
        session.press("l")
        session.wait_until_gone("user[-foo]x.log")
        session.press("h")
        opened(session, "user[-foo]x.log")
        session.press("j")
        session.settle()
    session.press("g", "j")
    session.press(*" " * len(names) * 2)
    opened(session, f"{2 * len(names)} files or folders marked")
    session.press("enter")
    opened(session, "All imports")
    session.press("enter")
    opened(session, "1 source")
    session.press("enter")
    opened(session, "Zone of its stamps")
    session.press("q")
    assert session.exit_status() == 0
    assert_only_textual_spoke(session)


def walk_domains(session: PtySession) -> None:
    """The domain picker: all of them, and each narrowed to."""
    session.press("d")
    opened(session, "type to search", "sender domains")
    session.press("pagedown", "pagedown", "pagedown")
    session.settle()
    session.press("\u202e")
    session.settle()
    session.press("backspace")
    session.settle()
    for letter in "[red]":
        session.press(letter)
    opened(session, "1 sender domain found", "[red]x[/]")
    session.press("enter")
    opened(session, "[red]x[/] ·", "Show data for [red]x[/]")
    session.press("d")
    opened(session, "type to search", "sender domains")
    session.press("pageup", "pageup", "pageup", "pageup", "enter")
    opened(session, "all sender domains ·")


def walk_rows(session: PtySession) -> None:
    """A flyout of each row by search, and the search itself."""
    for word in ("[/foo]", "PWNED", "longl", "🦊"):
        session.press("/")
        opened(session, "part of a sender address")
        for letter in word:
            session.press(letter)
        opened(session, f"search: {word}", "row 1 of")
        session.press("enter")
        session.wait_until_gone("Esc: end the search")
        session.press("enter")
        opened(session, "Login names used")
        closed(session, "Login names used")
        session.press("escape")
        session.wait_until_gone("search:")


def assert_only_textual_spoke(session: PtySession) -> None:
    """Nothing in the output but what Textual and its driver write, and printing characters."""
    foreign = [found for found in sequences(session.decoded) if not ALLOWED.fullmatch(found)]
    assert not foreign
    rest = ALLOWED.sub("", session.decoded)
    found = CONTROL.search(rest)
    assert not found, ascii(rest[max(found.start() - 60, 0) : found.end() + 20])
    assert "\ufffd" not in rest
    assert not re.search("\u0301{5}", rest)
    assert not BY_NUMBER.search(session.decoded)


def test_names_are_shown_as_safe_has_them(start: Open, hostile_store: Path) -> None:
    """Each sender in the details table, each tried name in its flyout, each login in its row's flyout."""
    session = start(db=hostile_store, size=(200, 60))
    opened(session, "users and service accounts")
    session.press("v")
    opened(session, "View data by", "┤")
    session.press("t")
    opened(session, "row 1 of")
    session.press("s")
    opened(session, "Sender address▲")
    seen = shown(session)
    session.press("G")
    session.settle()
    seen += shown(session)
    narrow = [name for name in HOSTILE if len(name) < 100 and not re.search("[^\x00-\u02ff\u2000-\u206f]", name)]
    missing = [name for name in narrow if safe(name) not in seen]
    assert not missing
