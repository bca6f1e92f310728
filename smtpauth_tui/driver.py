"""The terminal as Textual drives it, with less written to it: what it shows already is not sent again."""

import signal
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from smtpauth_tui.shadow import Shadow, is_frame
from smtpauth_tui.terminal import ALTERNATE_SCREEN, CLEAR, MAIN_SCREEN


class TerseDriver(LinuxDriver):
    """Textual's own driver behind a shadow of the terminal.

    Where a first picture is shown already, with its *shadow*, it stays until `release`: what Textual draws before it
    has the figures would be a step back. *attributes* are those that the terminal had before.
    """

    def __init__(self, *arguments: Any, shadow: Shadow | None, attributes: list[Any] | None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._holds = shadow is not None
        self._shadow = shadow or Shadow(*self._get_terminal_size())
        self._attributes = attributes
        self._resized = False

    def write(self, data: str) -> None:
        """Write what of *data* the terminal does not show yet."""
        if self._resized:
            self._resized = False
            self._shadow.resize(*self._get_terminal_size())
        if self._holds and (data == ALTERNATE_SCREEN or is_frame(data)):
            return
        if data == MAIN_SCREEN:  # tmux leaves rows of a picture that was enlarged on the main screen
            super().write(CLEAR)
        data = self._shadow.shortened(data)
        if data:
            super().write(data)

    def release(self) -> bool:
        """Let frames pass from now on; whether any were held, so that the next one has to be whole."""
        held, self._holds = self._holds, False
        return held

    def forget(self) -> None:
        """What the terminal shows may be something else: the next frame, which has to be whole, is written as it is."""
        self._shadow.forget()

    def start_application_mode(self) -> None:
        """Begin, or go on after the program was stopped, on a screen that somebody else may have used."""
        if not self._holds:
            self.forget()
        self._resized = self._shadow.size != self._get_terminal_size()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._attributes:
            self.attrs_before = self._attributes
        tell_textual = cast("Callable[[int, object], None]", signal.getsignal(signal.SIGWINCH))

        def resized(number: int, frame: object) -> None:
            """A terminal that was made smaller and large again has the same size, but not what it showed."""
            self._resized = True
            tell_textual(number, frame)

        signal.signal(signal.SIGWINCH, resized)


def driver_on(shadow: Shadow | None, attributes: list[Any] | None) -> type[Driver]:
    """The class of a driver that takes over a terminal with a picture."""
    return cast(type[Driver], partial(TerseDriver, shadow=shadow, attributes=attributes))
