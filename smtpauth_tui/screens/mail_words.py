"""What became of a mail, in words; what a server answered is raw in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from smtpauth_tui.reports.values import Tone
from smtpauth_tui.store.outbox import MailRow, MailState, RecipientRow, RecipientState

_TONES: Final = {MailState.SENT: Tone.GOOD, MailState.FAILED: Tone.BAD, MailState.CANCELLED: Tone.MUTED}
RECIPIENT_TONES: Final = {
    RecipientState.WAITING: Tone.PLAIN,
    RecipientState.TAKEN: Tone.GOOD,
    RecipientState.REFUSED: Tone.BAD,
}
WAITING: Final = (MailState.QUEUED, MailState.SENDING)
_LONGEST_ANSWER: Final = 300
_NAMED: Final = 3
"""Recipients that are told one by one in a notice."""


@dataclass(frozen=True, slots=True)
class News:
    """What is to be said of a mail, in some lines."""

    lines: tuple[str, ...]
    good: bool = True


def tone_of(mail: MailRow) -> Tone:
    """What a mail's state means; one that waits for another try is warned of."""
    return _TONES.get(mail.state, Tone.WARN if mail.tries and mail.state is MailState.QUEUED else Tone.PLAIN)


def news_of(mail: MailRow, now: datetime) -> News:
    """What became of a mail: who has it, who has not and why, and when it is tried again."""
    by = {state: [one for one in mail.recipients if one.state is state] for state in RecipientState}
    taken, refused, waiting = by[RecipientState.TAKEN], by[RecipientState.REFUSED], by[RecipientState.WAITING]
    if mail.state is MailState.CANCELLED:
        return News((f"Cancelled: {mail.subject}",))
    if mail.state is MailState.SENDING:
        return News((f"Being sent: {mail.subject}",))
    if not mail.tries:
        return News((f"In the outbox: {mail.subject}", f"It was not tried yet for {names(waiting)}."))
    head = "Sent" if not refused and not waiting else "Sent in part" if taken else "Not sent"
    lines = [f"{head}: {mail.subject}"]
    lines += [f"The server took it for {names(taken)}."] if taken else []
    lines += [f"Refused for {one.address}: {one_line(one.answer)}." for one in refused[:_NAMED]]
    lines += [f"Refused for {len(refused) - _NAMED} more."] if len(refused) > _NAMED else []
    if waiting:
        why = one_line(waiting[0].answer or mail.answer)
        again = f" It is tried again {until(mail.next_try, now)}." if mail.next_try is not None else ""
        lines.append(f"Not yet for {names(waiting)}: {why}.{again}")
    return News(tuple(lines), good=not refused and not waiting)


def names(recipients: Sequence[RecipientRow]) -> str:
    """``ada@contoso.example``, ``ada@contoso.example and 2 others``."""
    rest = len(recipients) - 1
    first = recipients[0].address if recipients else "nobody"
    return f"{first} and {rest} other{'s' if rest > 1 else ''}" if rest > 0 else first


def one_line(answer: str) -> str:
    """A server's answer on one line, without the stop at its end."""
    return " ".join(answer.split())[:_LONGEST_ANSWER].rstrip(".")


def until(moment: int | None, now: datetime) -> str:
    """``in 5 min``, ``in 4 h``; ``now`` for what is due."""
    if moment is None:
        return "never"
    seconds = moment - int(now.timestamp())
    if seconds <= 0:
        return "now"
    minutes = -(-seconds // 60)
    return f"in {minutes} min" if minutes < 90 else f"in {round(minutes / 60)} h"
