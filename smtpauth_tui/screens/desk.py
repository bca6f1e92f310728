"""What every screen works on: the store, opened when it is first asked, and the clock."""

import asyncio
from datetime import date
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import Clock, machine_zone_name, zone_named
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.places import Places
from smtpauth_tui.reports.insights import Moment
from smtpauth_tui.screens.command_run import OwnCommand
from smtpauth_tui.screens.import_run import ImportRun
from smtpauth_tui.screens.mails import Mails
from smtpauth_tui.screens.watch import Watch
from smtpauth_tui.settings import Settings
from smtpauth_tui.store.files import identity, traces
from smtpauth_tui.store.reader import ANYWHERE, Store
from smtpauth_tui.switches import Switches


class News(Enum):
    """What became of the store since somebody looked last."""

    NONE = "none"
    CHANGED = "changed"
    """It was written to; or one is there now, where there was none."""
    REPLACED = "replaced"
    """Another file has its place."""
    GONE = "gone"
    """Its file has been moved or deleted."""


class Desk:
    """Opens the store once and hands it out; after `forget` it is opened anew.

    Whoever asks may be cancelled at any time. Opening and closing go on all the same: a connection that nobody
    closes keeps the program from ending.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        zone_name: str = "",
        config: Path | None = None,
        places: Places = ANYWHERE,
        settings: Settings | None = None,
    ) -> None:
        self.path = path
        self.clock = clock
        self.command = OwnCommand(path, config, zone_name)
        """How a command is begun that works on the same store."""
        self.config = config
        """The configuration file that was named."""
        self.mails = Mails(path, clock, self.command)
        """What is sent from here."""
        self.settings = settings or Settings(path)
        """What the admin has set."""
        self.watch = Watch(path, clock, self.command, self.settings, places)
        """What is unusual, and looking for it."""
        self.places = places
        """What the settings say of where addresses are."""
        self.openings = 0
        """How often the store was forgotten: what was asked before that is to be asked again."""
        self.folder_used: Path | None = None
        """The folder that files were last imported from."""
        self.switches: Switches | None = None
        """What was switched off last, where one asks who breaks."""
        self.importing: ImportRun | None = None
        """The import that was begun last here."""
        self._opening: asyncio.Task[Store] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._identity: tuple[int, int] | None = None
        self._traces: object = None
        self._version = 0
        self._gone = False

    async def store(self) -> Store:
        """The store; NoStoreError where there is none yet, StoreError where it cannot be read."""
        if self._opening is None:
            self._identity, self._traces, self._gone = identity(self.path), traces(self.path), False
            self._opening = asyncio.create_task(self._open())
        opening = self._opening
        try:
            return await asyncio.shield(opening)
        except SmtpAuthTuiError:
            if self._opening is opening:
                self._opening = None
            raise

    @property
    def has_store(self) -> bool:
        """Whether the store is open."""
        opening = self._opening
        return bool(opening and opening.done() and not opening.cancelled() and not opening.exception())

    async def _open(self) -> Store:
        store = await Store.open(self.path, self.places)
        try:
            self._version = await store.version()
        except BaseException:
            await store.close()
            raise
        if self._identity is None:  # it was made a moment ago, as by an import
            self._identity = identity(self.path)
        return store

    async def news(self) -> News:
        """What became of the store since this was last asked. Cheap, and does not wait for a question that runs."""
        opening = self._opening
        if opening is None:
            before, self._traces = self._traces, traces(self.path)
            return News.CHANGED if self._traces not in (before, None) else News.NONE
        if not opening.done() or opening.cancelled() or opening.exception():
            return News.NONE
        there = identity(self.path)
        if there is None:
            before, self._gone = self._gone, True
            return News.NONE if before else News.GONE
        self._gone = False
        if there != self._identity:
            return News.REPLACED
        store = opening.result()
        if store.busy:
            return News.NONE
        try:
            version = await store.version()
        except SmtpAuthTuiError:  # closed meanwhile
            return News.NONE
        changed, self._version = version != self._version, version
        return News.CHANGED if changed else News.NONE

    async def forget(self) -> None:
        """Close the store: it may have been made, replaced or grown."""
        opening, self._opening = self._opening, None
        self.openings += 1
        if opening:
            self._closing.add(asyncio.create_task(self._close(opening)))
        if self._closing:
            await asyncio.wait(self._closing)

    async def leave(self) -> None:
        """End an import or a look that runs, leave mails to themselves, and close the store."""
        self.mails.leave()
        self.watch.leave()
        if self.importing:
            self.importing.stop()
            await self.importing.wait()
        await self.watch.wait()
        await self.forget()

    async def _close(self, opening: asyncio.Task[Store]) -> None:
        try:
            store = await opening
        except SmtpAuthTuiError:
            return
        else:
            await store.close()
        finally:
            self._closing.discard(asyncio.current_task())

    async def zone(self) -> ZoneInfo:
        """The store's zone; the machine's where there is no store."""
        try:
            return (await self.store()).zone
        except SmtpAuthTuiError:
            return zone_named(machine_zone_name())

    def today(self, store: Store) -> date:
        """The present day in the store's zone."""
        return self.clock.today(store.zone)

    def moment(self, store: Store) -> Moment:
        """Now, for the dashboard."""
        return Moment(self.clock.now(), self.today(store))
