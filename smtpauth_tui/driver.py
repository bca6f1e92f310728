"""The terminal as Textual drives it, with less written to it: what it shows already is not sent again."""

from typing import Any

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.messages import InBandWindowResize

from smtpauth_tui.shadow import Shadow


class TerseDriver(LinuxDriver):
    """Textual's own driver behind a shadow of the terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._shadow = Shadow(*self._get_terminal_size())

    def write(self, data: str) -> None:
        """Write what of *data* the terminal does not show yet."""
        size = self._get_terminal_size()
        if size != self._shadow.size:
            self._shadow.resize(*size)
        data = self._shadow.shortened(data)
        if data:
            super().write(data)

    def forget(self) -> None:
        """What the terminal shows may be something else: write all of the next frame."""
        self._shadow.forget()

    def start_application_mode(self) -> None:
        """Begin, or go on after the program was stopped, on a screen that somebody else may have used."""
        self.forget()
        super().start_application_mode()
