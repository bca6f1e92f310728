"""The interface: composes the store, the clock, the settings and the theme."""

import asyncio
import codecs
import gc
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on, work
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, Provider
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.drivers import linux_driver
from textual.screen import ModalScreen
from textual.worker import Worker, WorkerFailed

from smtpauth_tui import __version__
from smtpauth_tui.clock import Clock
from smtpauth_tui.driver import TerseDriver, driver_on
from smtpauth_tui.errors import UsageError
from smtpauth_tui.first_picture import Picture
from smtpauth_tui.places import places_of
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import BaseScreen, LeftOnce
from smtpauth_tui.screens.dashboard import DashboardScreen
from smtpauth_tui.screens.desk import Desk, News
from smtpauth_tui.settings import Settings
from smtpauth_tui.terminal import CRASHED, Guard, report_crash

if TYPE_CHECKING:
    from smtpauth_tui.screens.menu import Entry

_BREATH: Final = 0.3
"""Seconds after the first picture that are left to the person's own keys."""
_LOOK_SECONDS: Final = 2
"""How often to ask whether the store has changed."""
_SEND_SECONDS: Final = 30
"""How often to ask whether a mail is to be sent."""

# A terminal set to Latin-1 sends bytes that are no UTF-8: they go unheard, where Textual would end.
linux_driver.getincrementaldecoder = (  # type: ignore[attr-defined]
    lambda name: partial(codecs.getincrementaldecoder(name), "ignore")
)


def commands() -> type[Provider]:
    """What the command palette finds, which knows all screens: loaded with the first one."""
    from smtpauth_tui.commands import Commands

    return Commands


class Palette(CommandPalette, LeftOnce[Any]):
    """The command palette, which a second Enter does not leave again."""


class SmtpAuthApp(App[None]):
    """The program's interface on one store."""

    TITLE = "smtpauth-tui"
    CSS_PATH = "app.tcss"
    COMMANDS = {commands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True, id="app.quit"),
    ]

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        guard: Guard | None = None,
        picture: Picture | None = None,
        config: Path | None = None,
    ) -> None:
        super().__init__(
            driver_class=driver_on(picture.shadow if picture else None, guard.attributes if guard else None)
        )
        self._figures = picture.figures if picture else None
        self._desk = Desk(settings.store_path, clock, settings.timezone, config, places_of(settings), settings)
        self._desk.mails.wake = self._desk.watch.wake = self.look_at_store
        self._guard = guard
        self._look: Worker[None] | None = None
        if settings.theme and settings.theme in self.available_themes:
            self.theme = settings.theme
        self.set_keymap(dict(settings.keys))

    def on_mount(self) -> None:
        if self._guard:
            self._guard.watch(self._stop, asyncio.get_running_loop())
            self.set_interval(1, self._guard.check)
        self.push_screen(DashboardScreen(self._desk, self._figures))
        self.set_interval(_LOOK_SECONDS, self.look_at_store)
        self.set_interval(_SEND_SECONDS, self.send_due)
        self.set_interval(60, self.pass_minute)

    def on_resize(self) -> None:
        """Draw all of the screen, also where the terminal has its former size again."""
        self.screen.refresh()

    @on(DashboardScreen.Shown)
    def take_over(self) -> None:
        """The dashboard stands: from now on the terminal shows what is drawn here."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        if isinstance(self._driver, TerseDriver):
            if self._driver.release():
                self.screen.refresh()
            self.set_timer(_BREATH, self.load_more)

    @work(thread=True, exclusive=True, group="load")
    def load_more(self) -> None:
        """Load what the next screen needs, while nobody waits for it."""
        import smtpauth_tui.screens.report  # noqa: F401
        from smtpauth_tui.charts import loaded_plotext

        loaded_plotext()

    def action_redraw(self) -> None:
        """Draw all of the screen: something else may have written to the terminal."""
        if isinstance(self._driver, TerseDriver):
            self._driver.forget()
        self.screen.refresh()

    def look_at_store(self) -> None:
        """Whether somebody has written to the store, or put another one in its place: what is in view loads again."""
        if self._look is None or self._look.is_finished:
            self._look = self._look_at_store()

    @work(exclusive=False, group="store")
    async def _look_at_store(self) -> None:
        self._tell_of_import()
        await self._look_at_outbox()
        news = await self._desk.news()
        if news is News.GONE:
            self._say_of_store("was moved or deleted. What is shown is what was read last.")
        elif news is News.REPLACED:
            await self._desk.forget()
            self._say_of_store("was replaced; the new one is shown.")
        if news in (News.CHANGED, News.REPLACED):
            self._tell("store_changed")
        await self._look_at_findings()

    def _tell_of_import(self) -> None:
        """An import that ended while its screen was not in view."""
        run = self._desk.importing
        if not (run and run.ending) or run.told:
            return
        from smtpauth_tui.screens.importing import ImportScreen

        if not isinstance(self.screen, ImportScreen):
            run.told = True
            self.notify(
                safe(run.ending.headline),
                severity="information" if run.ending.good else "warning",
                markup=False,
                timeout=10,
            )

    async def _look_at_outbox(self) -> None:
        """What became of mails; what shows them loads again."""
        mails = self._desk.mails
        changed = await mails.changed()
        for news in await mails.news(changed=changed):
            text = "\n".join(safe(line) for line in news.lines)
            seconds = 10 if len(news.lines) > 1 else 5
            self.notify(text, severity="information" if news.good else "warning", markup=False, timeout=seconds)
        if changed:
            self._tell("outbox_changed")

    async def _look_at_findings(self) -> None:
        """Have it looked for unusual activity where that is due; what shows findings loads again if they changed."""
        desk = self._desk
        importing = desk.importing is not None and desk.importing.ending is None
        desk.watch.look(quiet=desk.has_store and not importing)
        if problem := desk.watch.news():
            text = safe(f"Unusual activity was not looked for: {problem}")
            self.notify(text, severity="warning", markup=False, timeout=10)
        if await desk.watch.changed():
            self._tell("findings_changed")

    @work(exclusive=True, group="mail")
    async def send_due(self) -> None:
        """Send the mails that are due."""
        await self._desk.mails.send_due()

    def pass_minute(self) -> None:
        """Say anew how long ago things were."""
        self._tell("minute_passed")

    def _say_of_store(self, what: str) -> None:
        self.notify(f"The store {safe(str(self._desk.path))} {what}", severity="warning", markup=False, timeout=10)

    def _tell(self, news: str) -> None:
        """Have all screens hear of something: those in view now, the others when they are in view again."""
        in_view = list(self._in_view())
        for screen in self.screen_stack:
            if isinstance(screen, LeftOnce) and screen.is_mounted:
                screen.hear(news, in_view=screen in in_view)

    def _in_view(self) -> Iterator[LeftOnce[Any]]:
        """The screen in view, and those below that show at its sides."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, LeftOnce) and screen.is_mounted:
                yield screen
            if not isinstance(screen, ModalScreen):
                return

    async def on_unmount(self) -> None:
        await self._desk.leave()

    def action_screen_help(self) -> None:
        """Show the keys and the words of the screen in view."""
        from smtpauth_tui.screens.help import HelpScreen

        if isinstance(self.screen, BaseScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_report(self, view_id: str) -> None:
        """Open a view of the report, from wherever one is."""
        self._dashboard().open_report(view_id)

    def action_card(self, card_id: str) -> None:
        """Open a card's flyout, from wherever one is."""
        self._dashboard().open_card(card_id)

    def action_request_report(self) -> None:
        """Have the report in view sent by mail."""
        from smtpauth_tui.screens.request_report import RequestReportScreen

        shown = next(screen for screen in reversed(self.screen_stack) if isinstance(screen, BaseScreen))
        self._go_to(RequestReportScreen(self._desk, *shown.report_shown()))

    def action_outbox(self) -> None:
        """The mails that were sent, and those that wait."""
        from smtpauth_tui.screens.outbox import OutboxScreen

        self._go_to(OutboxScreen(self._desk))

    def action_breaks(self) -> None:
        """Who stops sending once something is switched off."""
        from smtpauth_tui.screens.breaks import BreaksScreen

        self._go_to(BreaksScreen(self._desk))

    def action_menu(self) -> None:
        """What one can do on the screen in view."""
        from smtpauth_tui.screens.menu import MenuScreen

        if isinstance(self.screen, BaseScreen):
            self.push_screen(MenuScreen(self.screen), self._do)

    def _do(self, entry: "Entry | None") -> None:
        """Something was chosen in the menu."""
        if entry:
            self.call_later(entry.run)

    def action_import_logs(self) -> None:
        """Choose logs to import, or see how far an import is that was begun."""
        from smtpauth_tui.screens.importing import ImportScreen

        self._go_to(ImportScreen(self._desk))

    def action_imports(self) -> None:
        """What was imported."""
        from smtpauth_tui.screens.imports import ImportsScreen

        self._go_to(ImportsScreen(self._desk))

    def action_failures(self) -> None:
        """Failed sign-ins beside successes."""
        from smtpauth_tui.screens.failures import FailuresScreen

        self._go_to(FailuresScreen(self._desk))

    def action_findings(self) -> None:
        """What is unusual."""
        from smtpauth_tui.screens.findings import FindingsScreen

        self._go_to(FindingsScreen(self._desk))

    def action_accounts(self) -> None:
        """Which accounts are new, returned or silent."""
        from smtpauth_tui.screens.accounts import AccountsScreen

        self._go_to(AccountsScreen(self._desk))

    def action_doctor(self) -> None:
        """What would keep this from working here."""
        from smtpauth_tui.screens.doctor import DoctorScreen

        self._go_to(DoctorScreen(self._desk))

    def _go_to(self, screen: BaseScreen) -> None:
        """Put a screen over the one in view; where one of its kind is below, close what lies over that instead."""
        kind = type(screen)
        below = any(isinstance(one, kind) for one in self.screen_stack)
        while isinstance(self.screen, ModalScreen) or (below and not isinstance(self.screen, kind)):
            self.pop_screen()
        if not below:
            self.push_screen(screen)

    def _dashboard(self) -> DashboardScreen:
        """The dashboard, when all that lies over it is closed."""
        while not isinstance(self.screen, DashboardScreen):
            self.pop_screen()
        return self.screen

    def action_command_palette(self) -> None:
        """Open the command palette."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette(id="--command-palette"))

    def pop_screen(self) -> AwaitComplete:
        """Leave the screen in view; the dashboard stays, whatever was typed ahead of a screen that closes."""
        return AwaitComplete() if isinstance(self.screen, DashboardScreen) else super().pop_screen()

    def _stop(self, status: int) -> None:
        self.exit(return_code=status)

    async def run_action(
        self,
        action: str | tuple[str, str, tuple[object, ...]],
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action; where it does not apply here, say why."""
        if not (self.screen.is_mounted or str(action).endswith("quit")):
            return False  # typed ahead of a screen that is not there yet
        try:
            done = await super().run_action(action, default_namespace, namespaces)
        except NoMatches:  # a key for a screen that has been left meanwhile goes unheard
            return False
        screen = self.screen
        if not done and isinstance(screen, BaseScreen) and isinstance(action, str):
            reason = screen.why_not(action.partition("(")[0])
            if reason:
                self.notify(reason, markup=False, timeout=6)
                return True
        return done

    def _handle_exception(self, error: Exception) -> None:
        """End on an error, but not where the store answered after the parts that ask had been taken away."""
        if not (isinstance(error, WorkerFailed) and isinstance(error.error, NoMatches)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave without Textual's trace, which would print the values of variables."""
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """Leave without what Textual has drawn of an error."""
        if self._exception is None:
            self._exception = RuntimeError("the keys cannot be read any more")
        self._close_messages_no_wait()

    @property
    def failure(self) -> BaseException | None:
        """The error that ended the interface, if one did."""
        return self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception


def open_interface(
    settings: Settings,
    clock: Clock,
    guard: Guard,
    picture: Picture | None,
    config: Path | None = None,
    *,
    mouse: bool,
) -> int:
    """Run the interface until it is left; its exit status. The terminal is given back whatever happens.

    *picture* is what the terminal shows already, *config* the configuration file that was named.
    """
    failure: BaseException | None = None
    try:
        app = SmtpAuthApp(settings, clock, guard, picture, config)
        _check(settings, app)
        app.run(mouse=mouse)
    except UsageError:
        if picture:
            guard.restore()
        raise
    except Exception as error:
        guard.restore()
        guard.check()  # a terminal that was hung up is no mistake of the program's
        failure = error
    guard.let_go()
    if guard.ended is not None:
        return guard.ended  # what fails while the interface is torn down is no crash
    failure = failure or app.failure
    if failure:
        report_crash(failure, __version__)
        return CRASHED
    return app.return_code or 0


def _check(settings: Settings, app: SmtpAuthApp) -> None:
    """UsageError for a theme or a key's id that there is not."""
    if settings.theme and settings.theme not in app.available_themes:
        raise UsageError(
            f"There is no theme {settings.theme!r}.", f"Themes are: {', '.join(sorted(app.available_themes))}."
        )
    if not settings.keys:
        return
    from smtpauth_tui.commands import key_ids

    unknown = sorted(set(settings.keys) - key_ids())
    if unknown:
        raise UsageError(f"No key has the id {unknown[0]!r}.", "The README's table of keys has the ids.")
