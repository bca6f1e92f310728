"""U15: what to look for once the store has what it needs."""

from typing import Final

from smtpauth_tui.rules.values import Limits, Rule, Severity
from smtpauth_tui.store.activity import Supply


def _lacks_delivery(_: Supply, __: Limits) -> str:
    return "what became of messages; the store keeps what was accepted, not what was delivered"


BOUNCED: Final = Rule(
    id="U15",
    name="bounced",
    title="Refused and bounced",
    about="many messages that were refused or came back",
    on=False,
    severity=Severity.MEDIUM,
    limits=(),
    reads="what became of each message",
    normal="an old list of addresses",
    wrong="a destination that is down",
    lacks=_lacks_delivery,
)
