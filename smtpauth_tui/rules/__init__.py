"""What is unusual about an account: one module a rule, and what they found, by a look at the store."""

from typing import Final

from smtpauth_tui.rules.new_sender import NEW_SENDER
from smtpauth_tui.rules.rate import RATE
from smtpauth_tui.rules.values import Rule

RULES: Final[tuple[Rule, ...]] = (NEW_SENDER, RATE)
"""All rules, by their number."""
