"""The sources in a sender's flyout: nothing foreign reaches the terminal, nothing runs over the edge."""

from pathlib import Path

import pytest

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.settings import Settings
from tests.mmdb import GERMANY, write_mmdb
from tests.screens.conftest import NOON, Opener
from tests.store.facts import fill, sent

HOSTILE = "\x1b]0;owned\x07\u202e[red]x[/]." + "a" * 200 + ".example"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_hostile_and_long_names(size: tuple[int, int], tmp_path: Path, interface: Opener) -> None:
    now = int(NOON.timestamp())
    facts = [
        sent("A", now, client="2001:db8:1234:5678:9abc:def0:1234:5678")._replace(client_name=HOSTILE),
        sent("B", now, client=HOSTILE, tls=TlsVersion.NONE),
        sent("C", now, client="192.0.2.1")._replace(client_name="日本語.example"),
    ]
    fill(tmp_path / "store.db", facts)
    async with interface(tmp_path / "store.db", size) as seen:
        await seen.press("enter", "enter", "t", "enter", *["down"] * 16)
        lines = seen.text.splitlines()
    assert any("One login, 3 addresses in 2 networks." in line for line in lines)
    assert any("2001:db8:1234:5678:9abc:def0:1234:5678" in line for line in lines)
    assert any("\\x1b]0;owned\\x07\\u202e[red]x[/]" in line for line in lines)
    assert not [character for line in lines for character in line if not character.isprintable()]


async def test_settings_reach_the_flyout(tmp_path: Path, interface: Opener) -> None:
    file = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": GERMANY})
    fill(tmp_path / "store.db", [sent("A", int(NOON.timestamp()), client="192.0.2.217")])
    settings = Settings(tmp_path / "store.db", places={"databases": [str(file)], "truncate": True})
    async with interface(tmp_path / "store.db", settings=settings) as seen:
        await seen.press("enter", "enter", "t", "enter", *["down"] * 16)
        text = seen.text
    assert "192.0.2.0/24" in text
    assert "192.0.2.217" not in text
    assert " DE" in text
