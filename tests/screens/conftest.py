"""A store of made-up data at a fixed moment, an interface on it, and the pictures of its screens."""

import asyncio
import io
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from textual import _wait
from textual.worker import WorkerCancelled

from smtpauth_tui.app import SmtpAuthApp
from smtpauth_tui.clock import Clock
from smtpauth_tui.demo import demo_store
from smtpauth_tui.screens.command_run import OwnCommand
from smtpauth_tui.settings import Settings

# Whether the interface is at rest is asked five times as often as Textual would: tests wait for little else.
_wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.004, 0.0004

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = Clock(lambda: NOON)
SNAPSHOTS = Path(__file__).parents[2] / "snapshots" / "screens"


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's store, as it is at noon of a fixed day."""
    kept = tmp_path_factory.mktemp("demo") / "demo.db"
    with demo_store(CLOCK, "Europe/Berlin", lambda _: None) as path:
        shutil.copy(path, kept)
    with closing(sqlite3.connect(kept)) as connection, connection:
        connection.execute("UPDATE source SET path = '/var/log/mail.log'")  # in the demo, a place of the machine
    return kept


@pytest.fixture
def demo_db(demo_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same in the working folder, so that no picture has the path of a machine."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(demo_file, tmp_path / "demo.db")
    return Path("demo.db")


class Seen:
    """An interface under test, driven by keys."""

    def __init__(self, app: SmtpAuthApp, pilot: object, size: tuple[int, int]) -> None:
        self.app = app
        self.pilot = pilot
        self.size = size

    async def press(self, *keys: str) -> None:
        """Press keys, each when what the one before began has ended."""
        for key in keys:
            await self.pilot.press(key)  # type: ignore[attr-defined]
            await self.settle()

    async def settle(self) -> None:
        """Until nothing is loaded or drawn any more."""
        for _ in range(3):
            await self.pilot.pause()  # type: ignore[attr-defined]
            with suppress(WorkerCancelled):  # one that has taken its place is waited for in the next round
                await self.app.workers.wait_for_complete()
        await self.pilot.pause()  # type: ignore[attr-defined]

    async def still(self) -> None:
        """Until the picture stays as it is: a footer is made anew a moment after the rest."""
        before, same = "", 0
        for _ in range(200):
            now = self.text
            same = same + 1 if now == before else 0
            if same == 3:
                return
            before = now
            await asyncio.sleep(0.02)
            await self.pilot.pause()  # type: ignore[attr-defined]

    @property
    def text(self) -> str:
        """What is on the screen."""
        console = Console(
            width=self.size[0], height=self.size[1], file=io.StringIO(), color_system=None, legacy_windows=False
        )
        console.print(self.app.screen._compositor.render_update(full=True))
        rows = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
        return "\n".join(row.rstrip() for row in rows[: self.size[1]]) + "\n"


Opener = Callable[..., AbstractAsyncContextManager[Seen]]


@pytest.fixture
def interface(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Opens the interface on a store at a size of the terminal."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")

    @asynccontextmanager
    async def opened(
        db: Path, size: tuple[int, int] = (80, 24), settings: Settings | None = None
    ) -> AsyncIterator[Seen]:
        app = SmtpAuthApp(settings or Settings(db=db), CLOCK)
        async with app.run_test(size=size, notifications=True) as pilot:
            seen = Seen(app, pilot, size)
            await seen.settle()
            yield seen

    yield opened


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands that the interface begins run at the same fixed moment."""
    line = OwnCommand.line

    def at_that_moment(command: OwnCommand, *words: str) -> list[str]:
        return [sys.executable, "-m", "tests.screens.at_noon", *line(command, *words)[3:]]

    monkeypatch.setattr(OwnCommand, "line", at_that_moment)


async def compare(name: str, seen: Seen) -> None:
    """The screen, once it is still, against its snapshot, as text and as SVG.

    With SNAPSHOT_UPDATE=1 it becomes the snapshot.
    """
    await seen.still()
    text = seen.text
    svg = re.sub(r"terminal-\d+-", "terminal-", seen.app.export_screenshot(title="smtpauth-tui"))
    for path, now in ((SNAPSHOTS / f"{name}.txt", text), (SNAPSHOTS / f"{name}.svg", svg)):
        if os.environ.get("SNAPSHOT_UPDATE"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(now, encoding="utf-8")
            continue
        assert path.exists(), f"no snapshot {path.name}: make snapshots, and look at it"
        before = path.read_text(encoding="utf-8")
        if path.suffix == ".txt":
            assert now == before
        else:
            assert now == before, f"{path.name} has other colours or styles: make snapshots, and look at it"
