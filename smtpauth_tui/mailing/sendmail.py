"""Mail by the sendmail program of this machine's own mail server, which has a queue of its own."""

import asyncio
import os
from typing import Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.faults import Fault, Kind
from smtpauth_tui.store.outbox import Answer, Outcome, TakenMail

_PATIENCE: Final = 120.0
_FOR_GOOD: Final = frozenset({64, 65, 67, 68, 77, 78})
"""Exit statuses of sysexits.h that another try does not change: usage, data, user, host, rights, configuration."""


class SendmailTransport:
    """Hands a mail to a program such as /usr/sbin/sendmail, without a shell."""

    def __init__(self, program: str) -> None:
        """UsageError where there is no such program."""
        if not os.access(program, os.X_OK):
            raise UsageError(f"{program} cannot be run.", "Check sendmail in [mail], or name a host instead.")
        self._program = program

    async def check(self) -> str:
        """What there is; whether the mail server behind it works shows with the first mail."""
        return "the program is there"

    async def send(self, mail: TakenMail) -> dict[str, Answer]:
        """Hand a mail over; the mail server's own log tells what became of it then."""
        try:
            answer = await self._run(mail)
        except Fault as fault:
            answer = fault.answer()
        return dict.fromkeys(mail.recipients, answer)

    async def _run(self, mail: TakenMail) -> Answer:
        words = (self._program, "-i", "-f", mail.sender, "--", *mail.recipients)
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise Fault(Kind.PROGRAM, f"{self._program} cannot be run: {error.strerror}.") from None
        try:
            message = mail.message.replace(b"\r\n", b"\n")
            _, said = await asyncio.wait_for(process.communicate(message), _PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise Fault(Kind.PROGRAM, f"{self._program} did not end within {_PATIENCE:.0f} seconds.") from None
        status = process.returncode or 0
        if status == 0:
            return Answer(Outcome.TAKEN, f"handed over to {self._program}")
        words_of_it = " ".join(said.decode("utf-8", "backslashreplace").split())
        text = f"{self._program} ended with status {status}: {words_of_it or 'no reason given'}"
        raise Fault(Kind.PROGRAM, text, for_good=status in _FOR_GOOD)
