"""Says on the standard streams what an import did."""

import sys

from smtpauth_tui.importer.outcome import Outcome, summary_lines
from smtpauth_tui.safe import safe


def say(text: str) -> None:
    """A sentence for people, apart from the results."""
    sys.stderr.write(f"smtpauth-tui: {safe(text)}\n")
    sys.stderr.flush()


def say_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """What was noticed, and the figures for people or for scripts."""
    for text in outcome.warnings + outcome.problems:
        say(text)
    if as_json:
        import json

        lines = [json.dumps(outcome.as_json())]
    else:
        lines = summary_lines(outcome) if outcome.files else []
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()
