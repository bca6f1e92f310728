"""The fields of a form whose last line does what it is for; among them one for mail addresses."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

from smtpauth_tui.errors import UsageError
from smtpauth_tui.safe import safe

_SEPARATOR: Final = re.compile(r"[\s,;]")


class Field(Input):
    """A field: Enter leads on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "To Send", key_display="⏎", tooltip="On to the line that sends", id="request.go-on"),
    ]


@dataclass(frozen=True, slots=True)
class Recipients:
    """What stands in a field for recipients."""

    addresses: tuple[str, ...] = ()
    """As they stand in the mail, each once."""
    changed: tuple[str, ...] = ()
    """Which of them are written otherwise there: ``me@bücher.example is me@xn--bcher-kva.example``."""
    problem: str = ""
    """What is wrong with the first one that is none."""


class RecipientsField(Field):
    """A field for several recipients; a list with line breaks becomes one line."""

    def __init__(self, *, id: str) -> None:
        self.known: Sequence[str] = ()
        """Addresses that complete what is typed, the likeliest first."""
        super().__init__(id=id, compact=True, select_on_focus=False, suggester=_Completed(self))

    def _on_paste(self, event: events.Paste) -> None:
        from smtpauth_tui.mailing.recipients import split_recipients

        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(", ".join(safe(entry) for entry in split_recipients(event.text)))

    def read(self, allowed_domains: Collection[str], *, complete: bool) -> Recipients:
        """What was typed. Where it is not *complete*, nothing is said of the entry that is still being typed."""
        from smtpauth_tui.mailing.recipients import checked_recipient, split_recipients

        typed = "" if complete else _last_entry(self.value)
        found: dict[str, str] = {}
        for entry in split_recipients(self.value):
            try:
                found.setdefault(checked_recipient(entry, allowed_domains), entry)
            except UsageError as error:
                if entry != typed:
                    return Recipients(problem=str(error))
        changed = (f"{entry} is {address}" for address, entry in found.items() if address.lower() != entry.lower())
        return Recipients(tuple(found), tuple(changed))


class _Completed(Suggester):
    """Completes the last of several recipients."""

    def __init__(self, field: RecipientsField) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._field = field

    async def get_suggestion(self, value: str) -> str | None:
        """The list with its last entry completed by the first known address that goes on like it."""
        begun = _last_entry(value)
        before = value[: len(value) - len(begun)]
        for address in self._field.known if begun else ():
            if address.casefold().startswith(begun.casefold()) and address not in before and safe(address) == address:
                return value + address[len(begun) :]
        return None


def _last_entry(text: str) -> str:
    """What stands after the last separator."""
    return _SEPARATOR.split(text)[-1]
