"""What is unusual about an account: one module a rule, and what they found, by a look at the store."""

from typing import Final

from smtpauth_tui.rules.authentication import AUTHENTICATION
from smtpauth_tui.rules.envelope import ENVELOPE
from smtpauth_tui.rules.guessing import GUESSING
from smtpauth_tui.rules.hours import HOURS
from smtpauth_tui.rules.many_places import MANY_PLACES
from smtpauth_tui.rules.new_place import NEW_PLACE
from smtpauth_tui.rules.new_sender import NEW_SENDER
from smtpauth_tui.rules.not_yet import BOUNCED
from smtpauth_tui.rules.rate import RATE
from smtpauth_tui.rules.recipients import RECIPIENTS
from smtpauth_tui.rules.silence import SILENCE
from smtpauth_tui.rules.spraying import SPRAYING
from smtpauth_tui.rules.success import SUCCESS
from smtpauth_tui.rules.transport import TRANSPORT
from smtpauth_tui.rules.travel import TRAVEL
from smtpauth_tui.rules.values import Rule
from smtpauth_tui.rules.volume import VOLUME
from smtpauth_tui.rules.wakes import WAKES

RULES: Final[tuple[Rule, ...]] = (
    NEW_SENDER,
    WAKES,
    VOLUME,
    RATE,
    RECIPIENTS,
    NEW_PLACE,
    MANY_PLACES,
    TRAVEL,
    GUESSING,
    SPRAYING,
    SUCCESS,
    HOURS,
    TRANSPORT,
    AUTHENTICATION,
    BOUNCED,
    ENVELOPE,
    SILENCE,
)
"""All rules, by their number."""
