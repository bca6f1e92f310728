"""The rules as a page of Markdown: docs/rules.md has it."""

from collections.abc import Iterator

from smtpauth_tui.rules import RULES
from smtpauth_tui.rules.values import Rule, Severity


def rules_markdown() -> str:
    """A table of all rules, and what each reads, its limits, how it can be wrong, and what makes a finding normal."""
    return "\n".join([*_table(), *(line for rule in RULES for line in _section(rule))])


def _table() -> Iterator[str]:
    yield "| rule | name | looks for | by default |"
    yield "|---|---|---|---|"
    for rule in RULES:
        yield f"| {rule.id} {rule.title} | `{rule.name}` | {rule.about} | {_default(rule)} |"
    yield ""


def _default(rule: Rule) -> str:
    if rule.look is None:
        return "not yet"
    return "on" if rule.on else "preview"


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id} {rule.title} (`{rule.name}`)"
    yield ""
    if rule.look is None:
        yield f"{rule.about[0].upper()}{rule.about[1:]}. Not yet: the store does not have what it reads ({rule.reads})."
        yield ""
        return
    yield f"{rule.about[0].upper()}{rule.about[1:]}. Severity: {_severity(rule)}."
    yield ""
    yield f"- **Reads** {rule.reads}."
    for limit in rule.limits:
        yield f"- `{limit.name} = {limit.default:g}`: {limit.about}."
    yield f"- **Normal if**: {rule.normal}."
    yield f"- **Can be wrong**: {rule.wrong}."
    yield ""


def _severity(rule: Rule) -> str:
    others = [severity.value for severity in Severity if severity in rule.severities and severity is not rule.severity]
    return rule.severity.value + (f", or {' or '.join(others)}" if others else "")
