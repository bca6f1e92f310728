"""Sending what the outbox holds: one mail after the other, each in one hand, each answer noted at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from smtpauth_tui.clock import Clock
from smtpauth_tui.mailing.transport import Transport
from smtpauth_tui.store.outbox import LEASE, Answer, MailRow, Outbox, TakenMail

_BEAT: Final = LEASE / 3


async def deliver(store: Path, transport: Transport, clock: Clock, only: int | None = None) -> AsyncIterator[MailRow]:
    """Try each mail that is due, once; each as it stands after that. *only*: this mail and no other."""
    begun = _now(clock)
    with Outbox(store) as outbox:
        while mail := outbox.take(_now(clock), only, due=begun):
            answers = await _in_hand(outbox, mail, transport, clock)
            if answers is not None:
                outbox.settle(mail, answers, _now(clock))
            if (row := outbox.mail(mail.id)) is not None:
                yield row
            if only is not None:
                return


def _now(clock: Clock) -> int:
    return int(clock.now().timestamp())


async def _in_hand(outbox: Outbox, mail: TakenMail, transport: Transport, clock: Clock) -> dict[str, Answer] | None:
    """The answers for a mail that stays in our hand as long as that takes.

    None where another process has taken it meanwhile, since this one had been stopped: then it is left to that one.
    """
    sending = asyncio.ensure_future(transport.send(mail))
    try:
        while not (await asyncio.wait([sending], timeout=_BEAT))[0]:
            if not outbox.hold(mail, _now(clock)):
                return None
        return sending.result()
    finally:
        sending.cancel()
