"""The flyout of an account that would stop sending, where it can be noted what is done about it."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from smtpauth_tui.reports.break_flyout import one_account
from smtpauth_tui.reports.flyouts import Flyout, Paragraph
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.flyout import FlyoutScreen

if TYPE_CHECKING:
    from smtpauth_tui.screens.breaks import BreaksScreen


class AccountFlyout(FlyoutScreen):
    """What is noted here is noted by the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", tooltip="Edit: who changes the account, and a note", id="break-flyout.edit"),
        Binding("x", "done", "Done", tooltip="Done, or not: mark the account", id="break-flyout.done"),
    ]

    def __init__(self, desk: Desk, below: "BreaksScreen", account: int, title: str) -> None:
        super().__init__(title, self._account, wide=True)
        self._below = below
        self._desk = desk
        self._number = account

    async def _account(self) -> Flyout:
        row = self._below.row_of(self._number)
        if row is None:
            return Flyout(self._heading, (Paragraph("This account would not break any more.", Tone.GOOD),))
        async with (await self._desk.store()).snapshot() as store:
            return await one_account(store, self._below.query_now, row)

    def action_edit(self) -> None:
        """Note who changes the account, and how."""
        self._below.edit(self._number, self.fill)

    def action_done(self) -> None:
        """Mark the account as done, or as not done."""
        self._below.turn_done(self._number, self.fill)
