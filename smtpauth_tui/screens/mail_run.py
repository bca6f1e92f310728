"""Mails that the interface has begun to send: the command itself, in a process that goes on when the interface ends."""

import asyncio
import os
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, Final

from smtpauth_tui.conditions import Filter
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.screens.command_run import ROOT, CommandRun, OwnCommand, json_object
from smtpauth_tui.store.outbox import MailRow, MailState, RecipientRow, RecipientState
from smtpauth_tui.switches import words_of

_GLANCE: Final = 0.1
"""Seconds between two looks at what the process has said."""
_MOST: Final = 1 << 20
"""Bytes of what it says that are taken at once; it says a few hundred."""


class LastingRun(CommandRun):
    """Runs a command that goes on when the interface ends, also where its terminal is gone.

    It runs when this is made, whatever becomes of the event loop. What it says goes to files without a name: pipes
    would break when the interface ends.
    """

    mails: tuple[MailRow, ...] = ()
    """The mails as they are now, when it has ended."""
    problem: str = ""
    """Why it came to nothing; empty where it has not ended, or where *mails* tell all."""

    def __init__(self, command: OwnCommand, *words: str, wake: Callable[[], None]) -> None:
        self._files = ExitStack()
        self._running: subprocess.Popen[bytes] | None = None
        self._wake = wake
        """Called when there is something new to tell."""
        try:
            self._out, self._err = (self._files.enter_context(TemporaryFile(buffering=0)) for _ in range(2))
            self._running = self._start(command.line(*words), command.environment)
        except (OSError, ValueError) as error:
            self._failed(getattr(error, "strerror", None) or str(error))
        super().__init__(command, *words)
        self._task.add_done_callback(lambda _: self._wake())

    def _start(self, line: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - a command of ours, without a shell
            line,
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self._task.done()

    def stop(self) -> None:
        """Listen to it no more: it ends by itself."""
        self._wake = lambda: None
        self._task.cancel()

    async def _run(self) -> None:
        with self._files:
            self.begun.set()
            if self._running is None:
                return
            read = 0
            while True:
                ended = self._running.poll() is not None
                said = os.pread(self._err.fileno(), _MOST, read)
                whole = len(said) if ended else said.rfind(b"\n") + 1
                for line in said[:whole].splitlines():
                    self._hear(line)
                read += whole
                if ended:
                    break
                await asyncio.sleep(_GLANCE)
            self._out.seek(0)
            self._ended(json_object(self._out.read()), self._others, self._running.returncode)

    def _failed(self, reason: str) -> None:
        self.problem = f"No process can be started for it: {reason}."

    def _ended(self, outcome: Mapping[str, Any] | None, others: Sequence[str], status: int) -> None:
        told = (outcome or {}).get("mails", (outcome or {}).get("mail"))
        with suppress(KeyError, TypeError, ValueError):
            self.mails = tuple(_mail(one) for one in (told if isinstance(told, list) else [told]))
            return
        self.problem = others[-1] if others else f"The mail was not sent (exit status {status})."


class MailRun(LastingRun):
    """Runs ``mail``: makes a report, puts it into the outbox, and sends it."""

    queued: str = ""
    """The subject, as soon as the mail is in the outbox."""
    queued_told: bool = False
    """Whether that was shown."""

    def __init__(
        self,
        command: OwnCommand,
        report: str,
        query: ReportQuery,
        to: Sequence[str],
        attachments: Collection[str],
        wake: Callable[[], None],
    ) -> None:
        super().__init__(
            command,
            *("mail", report, f"--start={query.period.first}", f"--end={query.period.last}"),
            *([] if query.domain is None else [f"--domain={query.domain}"]),
            *_filter_words(query.where),
            *(words_of(query.switches) if query.switches else ()),
            *(f"--to={','.join(to)}", f"--attach={','.join(attachments) or 'none'}"),
            *("--json", "--progress", "json"),
            wake=wake,
        )

    def _progressed(self, told: Mapping[str, Any]) -> None:
        self.queued = str(told["subject"])
        self._wake()


def _filter_words(where: Filter | None) -> list[str]:
    """By its name, so that the mail says it."""
    if where is None:
        return []
    return [f"--filter={where.name}" if where.name else f"--where={where.text}"]


class SendRun(LastingRun):
    """Runs ``outbox send``: sends what is due."""

    def __init__(self, command: OwnCommand, *, asked: bool, wake: Callable[[], None]) -> None:
        self.asked = asked
        """Whether a person asked for it, who wants to know also that it came to nothing."""
        super().__init__(command, "outbox", "send", "--json", wake=wake)


def _mail(told: Mapping[str, Any]) -> MailRow:
    """A mail as the command prints it; KeyError, TypeError or ValueError for what is none."""
    return MailRow(
        id=int(told["id"]),
        message_id=str(told["message_id"]),
        report=str(told["report"]),
        subject=str(told["subject"]),
        sender="",
        size=0,
        state=MailState(told["state"]),
        tries=int(told["tries"]),
        created=_moment(told["created"]) or 0,
        changed=_moment(told["changed"]) or 0,
        next_try=_moment(told["next_try"]),
        answer=str(told["answer"]),
        recipients=tuple(
            RecipientRow(str(one["address"]), RecipientState(one["state"]), str(one["answer"]))
            for one in told["recipients"]
        ),
    )


def _moment(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text).timestamp())
