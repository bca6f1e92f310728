"""U8 and U15: what to look for once the store has what they need."""

from typing import Final

from smtpauth_tui.rules.values import Limits, Rule, Severity
from smtpauth_tui.store.activity import Supply


def _lacks_places(_: Supply, __: Limits) -> str:
    return "the places of client addresses; there are none yet"


def _lacks_delivery(_: Supply, __: Limits) -> str:
    return "what became of messages; the store keeps what was accepted, not what was delivered"


TRAVEL: Final = Rule(
    id="U8",
    name="travel",
    title="Impossible travel",
    about="sign-ins from two places too far apart for the time between them",
    on=False,
    severity=Severity.HIGH,
    limits=(),
    reads="the place of each client address",
    normal="a VPN, roaming, a service in the cloud that sends for the account",
    wrong="places are those of a network's owner",
    lacks=_lacks_places,
)
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
