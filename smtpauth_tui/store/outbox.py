"""The outbox: mails that are to be sent, who has one in hand, and what the server answered for each recipient.

Each change is on the disk before it counts (`beside`).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from smtpauth_tui.store.beside import Beside
from smtpauth_tui.store.process_mark import has_ended, process_mark

LEASE: Final = 180
"""Seconds for which a process has a mail in hand; it asks for more time while it sends."""
PAUSES: Final = (60, 300, 900, 3_600, 14_400, 43_200, 86_400)
"""Seconds to wait after each try that did not succeed; the last one is repeated."""
GIVE_UP: Final = 5 * 86_400
"""Seconds after which a mail that could not be sent has failed (RFC 5321, 4.5.4.1: at least four to five days)."""
KEPT: Final = 90 * 86_400
"""Seconds for which a mail that is done with is kept."""
_ABANDONED: Final = "The process that was sending it ended before an answer was noted; the server may have it already."
"""The one window in which a mail may come twice: between the server's answer and the note of it (docs/mail.md)."""


class MailState(StrEnum):
    """Where a mail is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    """Refused for good for one recipient or more, or given up."""
    CANCELLED = "cancelled"


class RecipientState(StrEnum):
    """What became of a mail for one of its recipients."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"


class Outcome(StrEnum):
    """What an attempt came to."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt for a recipient, with the words to keep of it, raw as the server gave them."""

    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to be sent."""

    message_id: str
    report: str
    subject: str
    sender: str
    recipients: tuple[str, ...]
    message: bytes
    once: str | None = None
    """What only one mail may have, so that the same report does not go out twice."""


@dataclass(frozen=True, slots=True)
class TakenMail:
    """A mail in hand, for those recipients that are still waiting for it."""

    id: int
    lease: str
    """What shows that it is still in this hand."""
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    message: bytes
    tries: int
    """This try included."""


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """A recipient of a mail."""

    address: str
    state: RecipientState
    answer: str
    """The last one, raw."""


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail as it stands. Times are UTC seconds."""

    id: int
    message_id: str
    report: str
    subject: str
    sender: str
    size: int
    """Bytes of the mail."""
    state: MailState
    tries: int
    created: int
    changed: int
    next_try: int | None
    """None where there will be none."""
    answer: str
    """The last one, raw; empty before the first try."""
    recipients: tuple[RecipientRow, ...]


class Outbox(Beside):
    """An outbox opened for reading and writing. Each call is a transaction of its own, and short."""

    WHAT = "outbox"
    APPLICATION_ID = 0x7361746F

    # what goes in

    def add(self, mail: NewMail, now: int) -> int | None:
        """Queue a mail; its number, or None where one of the same ``once`` is on its way or was sent."""
        with self._writing() as run:
            run(
                "DELETE FROM recipient WHERE mail IN (SELECT id FROM mail WHERE state IN (?, ?, ?) AND changed < ?)",
                (*_DONE, now - KEPT),
            )
            run("DELETE FROM mail WHERE state IN (?, ?, ?) AND changed < ?", (*_DONE, now - KEPT))
            if mail.once is not None:
                run(
                    "UPDATE mail SET once = NULL WHERE once = ? AND state IN (?, ?)",
                    (mail.once, MailState.FAILED, MailState.CANCELLED),
                )
                if run("SELECT 1 FROM mail WHERE once = ?", (mail.once,)).fetchone():
                    return None
            number = run(
                """
                INSERT INTO mail (message_id, once, report, subject, sender, message, state, created, changed, give_up,
                                  next_try)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (
                    *(mail.message_id, mail.once, mail.report, mail.subject, mail.sender, mail.message),
                    *(MailState.QUEUED, now, now, now + GIVE_UP, now),
                ),
            ).lastrowid
            for place, address in enumerate(dict.fromkeys(mail.recipients)):
                run(
                    "INSERT INTO recipient (mail, place, address, state) VALUES (?, ?, ?, ?)",
                    (number, place, address, RecipientState.WAITING),
                )
        return number

    # sending

    def take(self, now: int, only: int | None = None, due: int | None = None) -> TakenMail | None:
        """Take the mail that is due for longest in hand; no other process gets it until the lease ends.

        *only*: this mail or none. *due*: mails that were due at that time, by default now.
        """
        with self._writing() as run:
            for number in self._abandoned(now):
                run(
                    "UPDATE mail SET state = ?, next_try = ?, answer = ?, lease = '' WHERE id = ?",
                    (MailState.QUEUED, now if due is None else due, _ABANDONED, number),
                )
            found = run(
                """
                SELECT id, message_id, sender, message, tries FROM mail
                WHERE state = ? AND next_try <= ? AND coalesce(id = ?, TRUE) ORDER BY next_try, id LIMIT 1
                """,
                (MailState.QUEUED, now if due is None else due, only),
            ).fetchone()
            if found is None:
                return None
            number, message_id, sender, message, tries = found
            lease = secrets.token_hex(8)
            run(
                """
                UPDATE mail SET state = ?, tries = tries + 1, changed = ?, lease = ?, lease_until = ?, process = ?
                WHERE id = ?
                """,
                (MailState.SENDING, now, lease, now + LEASE, process_mark(), number),
            )
            waiting = run(
                "SELECT address FROM recipient WHERE mail = ? AND state = ? ORDER BY place",
                (number, RecipientState.WAITING),
            ).fetchall()
        return TakenMail(number, lease, message_id, sender, tuple(row[0] for row in waiting), message, tries + 1)

    def hold(self, mail: TakenMail, now: int) -> bool:
        """Keep a mail in hand for as long again; False where another process has it meanwhile."""
        with self._writing() as run:
            kept = run("UPDATE mail SET lease_until = ? WHERE id = ? AND lease = ?", (now + LEASE, mail.id, mail.lease))
            return kept.rowcount == 1

    def settle(self, mail: TakenMail, answers: Mapping[str, Answer], now: int) -> None:
        """Note what came of a try for each recipient; whoever has no answer goes on waiting."""
        with self._writing() as run:
            in_hand, give_up = run("SELECT lease = ?, give_up FROM mail WHERE id = ?", (mail.lease, mail.id)).fetchone()
            for address, answer in answers.items():
                became, text = _STATES[answer.outcome], answer.text
                if answer.outcome is Outcome.LATER and now >= give_up:
                    became, text = RecipientState.REFUSED, f"Given up after {GIVE_UP // 86_400} days: {text}"
                run(
                    "UPDATE recipient SET state = ?, answer = ? WHERE mail = ? AND address = ? AND state <> ?",
                    (became, text, mail.id, address, RecipientState.TAKEN),
                )
            if not in_hand:
                return  # it took longer than its lease: whoever has it now says how it goes on
            states = dict(
                run("SELECT state, max(answer) FROM recipient WHERE mail = ? GROUP BY state", (mail.id,)).fetchall()
            )
            next_try = None
            if RecipientState.WAITING in states:
                state, decides = MailState.QUEUED, RecipientState.WAITING
                next_try = now + PAUSES[min(mail.tries, len(PAUSES)) - 1]
            elif RecipientState.REFUSED in states:
                state, decides = MailState.FAILED, RecipientState.REFUSED
            else:
                state, decides = MailState.SENT, RecipientState.TAKEN
            run(
                """
                UPDATE mail SET state = ?, changed = ?, next_try = ?, answer = ?, lease = '', lease_until = NULL
                WHERE id = ?
                """,
                (state, now, next_try, states[decides], mail.id),
            )

    def _abandoned(self, now: int) -> list[int]:
        """Mails in the hand of a process that has ended, or that did not ask for more time."""
        rows = self._rows("SELECT id, lease_until, process FROM mail WHERE state = ?", MailState.SENDING)
        return [number for number, until, process in rows if until <= now or has_ended(process)]

    # what people want to know and do

    def due(self, now: int) -> bool:
        """Whether there is something to send now."""
        (waits,) = self._rows("SELECT count(*) FROM mail WHERE state = ? AND next_try <= ?", MailState.QUEUED, now)
        return bool(waits[0]) or bool(self._abandoned(now))

    def mails(self, limit: int = 1000) -> list[MailRow]:
        """The mails, the newest first."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM mail ORDER BY id DESC LIMIT ?", limit)
        return self._with_recipients(rows)

    def mail(self, id: int) -> MailRow | None:
        """One mail; None where there is none of that number."""
        return next(iter(self._with_recipients(self._rows(f"SELECT {_COLUMNS} FROM mail WHERE id = ?", id))), None)

    def _with_recipients(self, rows: Sequence[tuple[Any, ...]]) -> list[MailRow]:
        found = []
        for row in rows:
            recipients = self._rows(
                "SELECT address, state, answer FROM recipient WHERE mail = ? ORDER BY place", row[0]
            )
            to = tuple(RecipientRow(address, RecipientState(state), answer) for address, state, answer in recipients)
            found.append(_mail_row(row, to))
        return found

    def message(self, id: int) -> bytes | None:
        """The mail itself, as it is sent; None where there is none of that number."""
        rows = self._rows("SELECT message FROM mail WHERE id = ?", id)
        return rows[0][0] if rows else None

    def retry(self, id: int, now: int) -> bool:
        """Have a mail tried at once, for those who do not have it; False where there is nothing to try."""
        with self._writing() as run:
            free = (MailState.QUEUED, MailState.FAILED, MailState.CANCELLED)
            found = run("SELECT state FROM mail WHERE id = ?", (id,)).fetchone()
            if found is None or (found[0] not in free and id not in self._abandoned(now)):
                return False
            run(
                "UPDATE recipient SET state = ? WHERE mail = ? AND state = ?",
                (RecipientState.WAITING, id, RecipientState.REFUSED),
            )
            run(
                "UPDATE mail SET state = ?, next_try = ?, give_up = ?, changed = ?, lease = '' WHERE id = ?",
                (MailState.QUEUED, now, now + GIVE_UP, now, id),
            )
        return True

    def cancel(self, id: int, now: int) -> bool:
        """Never send a mail; False where it is not waiting: it is being sent, or it is done with."""
        with self._writing() as run:
            found = run("SELECT state FROM mail WHERE id = ?", (id,)).fetchone()
            if found is None or (found[0] != MailState.QUEUED and id not in self._abandoned(now)):
                return False
            run(
                "UPDATE mail SET state = ?, next_try = NULL, changed = ?, lease = '' WHERE id = ?",
                (MailState.CANCELLED, now, id),
            )
        return True

    def once_of(self, report: str) -> list[str]:
        """The ``once`` of all mails of a report that have one."""
        return [once for (once,) in self._rows("SELECT once FROM mail WHERE report = ? AND once NOT NULL", report)]

    def known_recipients(self, limit: int = 200) -> list[str]:
        """Addresses that mails went to, the newest first."""
        newest = "SELECT address FROM recipient GROUP BY address ORDER BY max(mail) DESC, place LIMIT ?"
        rows = self._rows(newest, limit)
        return [address for (address,) in rows]


_COLUMNS: Final = (
    "id, message_id, report, subject, sender, length(message), state, tries, created, changed, next_try, answer"
)
_DONE: Final = (MailState.SENT, MailState.FAILED, MailState.CANCELLED)
_STATES: Final = {
    Outcome.TAKEN: RecipientState.TAKEN,
    Outcome.LATER: RecipientState.WAITING,
    Outcome.REFUSED: RecipientState.REFUSED,
}


def _mail_row(row: tuple[Any, ...], to: tuple[RecipientRow, ...]) -> MailRow:
    id, message_id, report, subject, sender, size, state, tries, created, changed, next_try, answer = row
    return MailRow(
        id=id,
        message_id=message_id,
        report=report,
        subject=subject,
        sender=sender,
        size=size,
        state=MailState(state),
        tries=tries,
        created=created,
        changed=changed,
        next_try=next_try,
        answer=answer,
        recipients=to,
    )
