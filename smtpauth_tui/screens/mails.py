"""The mails of this interface: what it has begun to send, what is to be told of it, whether the outbox has changed."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from smtpauth_tui.clock import Clock
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.screens.command_run import OwnCommand
from smtpauth_tui.store.files import traces

if TYPE_CHECKING:
    from smtpauth_tui.screens.mail_run import MailRun, SendRun
    from smtpauth_tui.screens.mail_words import News
    from smtpauth_tui.store.outbox import MailRow, Outbox

T = TypeVar("T")
_PATIENCE: Final = 600
"""Seconds to leave the outbox alone after its mails could not be tried, as without settings of mail."""


class Mails:
    """Begins processes that send, and knows what of them was not told yet. All of it is loaded when it is needed."""

    def __init__(self, path: Path, clock: Clock, command: OwnCommand) -> None:
        self._path = path
        self._clock = clock
        self._command = command
        self.wake: Callable[[], None] = lambda: None
        """Called when there is something new to tell."""
        self._begun: list[MailRun] = []
        self._sending: SendRun | None = None
        self._send_again = False
        self._awaited: set[int] = set()
        """Mails that were requested here and wait for another try."""
        self._traces: object = ...
        self._pause_until = 0.0
        self._problem = ""

    def request(self, report: str, query: ReportQuery, to: Sequence[str], attachments: Collection[str]) -> None:
        """Put a report into the outbox, and send it."""
        from smtpauth_tui.screens.mail_run import MailRun

        self._begun.append(MailRun(self._command, report, query, to, attachments, lambda: self.wake()))

    def send(self, *, asked: bool = True) -> None:
        """Send what is due; where that is being done already, again when it has ended if a person asked for it."""
        from smtpauth_tui.screens.mail_run import SendRun

        if self._sending is None:
            self._sending = SendRun(self._command, asked=asked, wake=lambda: self.wake())
        else:
            self._send_again |= asked

    def leave(self) -> None:
        """The interface ends: what is under way goes on by itself."""
        for run in (*self._begun, *([self._sending] if self._sending else [])):
            run.stop()

    async def send_due(self) -> None:
        """Send what is due, if there is anything."""
        now = self._clock.now().timestamp()
        with suppress(SmtpAuthTuiError):  # the outbox's screen says it
            if now >= self._pause_until and await self.ask(lambda outbox: outbox.due(int(now))):
                self.send(asked=False)

    async def ask(self, what: "Callable[[Outbox], T]") -> T | None:
        """What the outbox answers; None where there is none yet. StoreError where it cannot be read or written."""

        def answer() -> T | None:
            from smtpauth_tui.store.outbox import Outbox

            outbox = Outbox.open_existing(self._path)
            if outbox is None:
                return None
            with outbox:
                return what(outbox)

        return await asyncio.to_thread(answer)

    async def changed(self) -> bool:
        """Whether somebody has written to the outbox since this was last asked."""
        before, self._traces = self._traces, await asyncio.to_thread(self._look)
        return before != self._traces

    def _look(self) -> object:
        from smtpauth_tui.store.outbox import Outbox

        return traces(Outbox.path_of(self._path))

    # what there is to tell

    async def news(self, *, changed: bool) -> "list[News]":
        """What there is to tell, each thing once; *changed*: whether somebody has written to the outbox."""
        told: list[News] = []
        for run in list(self._begun):
            told += self._of_request(run)
        if self._sending and self._sending.has_ended:
            ended, self._sending = self._sending, None
            told += self._of_sending(ended)
            if self._send_again:
                self._send_again = False
                self.send()
        if changed and self._awaited and not (self._sending or self._begun):
            told += await self._sent_by_others()
        return told

    def _of_request(self, run: "MailRun") -> "list[News]":
        from smtpauth_tui.screens.mail_words import News

        if run.has_ended:
            self._begun.remove(run)
            if run.problem:
                self._pause(run.problem)
                words = run.problem if run.queued else f"The report was not mailed: {run.problem}"
                return [News((words,), good=False)]
            return self._of_mails(run.mails)
        if run.queued and not run.queued_told:
            run.queued_told = True
            return [News((f"Queued: {run.queued}",))]
        return []

    def _of_sending(self, run: "SendRun") -> "list[News]":
        """A person who asked is told all; else only what has changed."""
        from smtpauth_tui.screens.mail_words import News

        before, self._problem = self._problem, run.problem
        self._pause(run.problem)
        if not run.problem:
            return self._of_mails(run.mails, also_waiting=run.asked)
        again = run.problem == before and not run.asked
        return [] if again else [News((f"The outbox was not sent: {run.problem}",), good=False)]

    def _pause(self, problem: str) -> None:
        """Leave the outbox alone for a while, if there is a problem."""
        self._pause_until = self._clock.now().timestamp() + _PATIENCE if problem else 0.0

    def _of_mails(self, mails: "Sequence[MailRow]", *, also_waiting: bool = True) -> "list[News]":
        from smtpauth_tui.screens.mail_words import WAITING, news_of

        waiting = {mail.id for mail in mails if mail.state in WAITING}
        self._awaited = (self._awaited | waiting) - {mail.id for mail in mails if mail.id not in waiting}
        now = self._clock.now()
        return [news_of(mail, now) for mail in mails if also_waiting or mail.id not in waiting]

    async def _sent_by_others(self) -> "list[News]":
        """Mails that wait here for another try, and were sent or given up by a process that is not ours."""
        awaited = sorted(self._awaited)
        with suppress(SmtpAuthTuiError):
            found = await self.ask(lambda outbox: [mail for id in awaited if (mail := outbox.mail(id))])
            return self._of_mails(found or [], also_waiting=False)
        return []
