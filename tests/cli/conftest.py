"""Runs commands as the program does, in this process, and shows how they ended."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.cli import run
from smtpauth_tui.model import SignInOutcome, TlsVersion
from tests.mailing.smtp_server import Server, smtp_server
from tests.store.facts import DAY, NOON, bring_in_exports, fill, refused, sent, signed_in


@dataclass
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Done]


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("SMTPAUTH_TUI_") or name in (
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "FORCE_COLOR",
            "CLICOLOR_FORCE",
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SMTPAUTH_TUI_TIMEZONE", "UTC")
    return tmp_path / "store.db"


@pytest.fixture
def cli(db: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    def call(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["smtpauth-tui", "--db", str(db), *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def filled(db: Path) -> Path:
    fill(
        db,
        [
            sent("A1", account="ana", sender="Ana@shop.example", recipients=2),
            sent("A2", account="ana", sender="ana@shop.example", tls=TlsVersion.V1_0, mechanism="XOAUTH2"),
            sent("A3", NOON + DAY, account="ana", sender="", tls=TlsVersion.NONE),
            sent(
                "A4", NOON + DAY, account="bo", sender="bo@other.example", tls=TlsVersion.UNKNOWN, mechanism="XCLIENT"
            ),
            sent("A5", NOON - 60 * DAY, account="old", sender="old@shop.example"),
        ],
        [refused("root"), refused("root", NOON + 1), refused(None, NOON + DAY)],
    )
    bring_in_exports(
        db,
        [
            signed_in("1", account="ana@shop.example"),
            signed_in("2", NOON + DAY, account="Ana@shop.example"),
            signed_in("3", NOON + DAY, account="", country="", outcome=SignInOutcome.INTERRUPTED),
            signed_in("4", NOON - 60 * DAY),
        ],
    )
    return db


@pytest.fixture
def server(db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A mail server that the settings name."""
    with smtp_server(tmp_path / "smtp") as server:
        for name, value in {
            "HOST": "localhost",
            "PORT": str(server.port),
            "CA_FILE": str(server.ca_file),
            "FROM": "reports@shop.example",
        }.items():
            monkeypatch.setenv(f"SMTPAUTH_TUI_MAIL_{name}", value)
        yield server
