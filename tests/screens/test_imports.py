"""What was imported and what the doctor says of it: as tables and sentences, harmless with any name."""

import sqlite3
from contextlib import closing
from pathlib import Path

from smtpauth_tui.screens.doctor import DoctorScreen
from tests.screens.conftest import Opener


async def test_from_the_palette(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("colon", *"doctor", "enter")
        assert isinstance(seen.app.screen, DoctorScreen)
        assert "✓ Store's file: The store's file is sound" in seen.text or "looking" not in seen.text
        assert "R: look again" in seen.text
        await seen.press("escape")
        assert "users and service accounts" in seen.text


async def test_from_the_imports_and_what_changes_is_seen_when_it_looks_again(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (120, 40)) as seen:
        demo_db.chmod(0o600)
        await seen.press("I", "tab", "enter")
        assert isinstance(seen.app.screen, DoctorScreen)
        assert "can be read by others" not in seen.text
        demo_db.chmod(0o644)
        await seen.press("R")
        assert "! Store: demo.db can be read by others (mode 0644)" in seen.text
        assert "→ chmod 600 demo.db" in seen.text


async def test_names_are_shown_as_they_are_safe(demo_db: Path, interface: Opener) -> None:
    hostile = "/var/log/user[/foo]x\x1b]0;PWNED\x07\u202e[@click=app.quit]q[/].log"
    with closing(sqlite3.connect(demo_db)) as connection, connection:
        connection.execute("UPDATE source SET path = ?, format = ?, host = ?, damaged = ?", (hostile,) * 4)
        for number, text in enumerate((hostile, "[red]x[/]", "[/", "long" * 5000), start=1):
            connection.execute("INSERT INTO unread_line SELECT id, ?, ? FROM source", (number, text))
        connection.execute("UPDATE source SET not_understood = 9")
        connection.execute("UPDATE server SET host = ?", (hostile,))
        connection.execute("UPDATE submission SET tls = 99")
    async with interface(demo_db, (160, 48)) as seen:
        await seen.press("I")
        assert "[@click=app.quit]q" in seen.text or "user[/foo]x" in seen.text
        await seen.press("enter")
        flat = "".join(line[line.find("█") + 2 :] for line in seen.text.splitlines())
        assert "user[/foo]x\\x1b]0;PWNED\\x07\\u202e[@click=app.quit]q[/].log" in flat
        assert "2: [red]x[/]" in flat
        assert "Lines not understood, 4 of 9" in flat
        await seen.press("escape", "tab", "enter")
        assert "user[/foo]x\\x1b]0;PWNED" in seen.text
        assert "postconf -e smtpd_tls_loglevel=1" in seen.text
        assert not any(sign in seen.text for sign in ("\x1b", "\x07", "\u202e"))


async def test_columns_to_the_right(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("I")
        assert "Host" not in seen.text
        await seen.press(*["right"] * 8)
        assert "mail.contoso.example" in seen.text
        await seen.press(*["h"] * 5)
        assert "Source" in seen.text


async def test_from_the_data_card(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press(*["right"] * 5, "enter", "enter")
        assert "1 source · 149,454 lines" in seen.text
        await seen.press("escape")
        assert "users and service accounts" in seen.text
