"""The terminal as Textual drives it, with less written to it: what it shows already is not sent again."""

from functools import partial
from typing import Any, cast

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from smtpauth_tui.shadow import Shadow, is_frame
from smtpauth_tui.terminal import ALTERNATE_SCREEN


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

    def write(self, data: str) -> None:
        """Write what of *data* the terminal does not show yet."""
        size = self._get_terminal_size()
        if size != self._shadow.size:
            self._shadow.resize(*size)
        if self._holds and (data == ALTERNATE_SCREEN or is_frame(data)):
            return
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
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._attributes:
            self.attrs_before = self._attributes


def driver_on(shadow: Shadow | None, attributes: list[Any] | None) -> type[Driver]:
    """The class of a driver that takes over a terminal with a picture."""
    return cast(type[Driver], partial(TerseDriver, shadow=shadow, attributes=attributes))
