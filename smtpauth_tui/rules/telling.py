"""Findings in words for people, and as fields for programs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from smtpauth_tui.rules.next_step import Step, is_plain, network_steps, steps
from smtpauth_tui.rules.standing import Standing
from smtpauth_tui.rules.values import Severity, UnitKind
from smtpauth_tui.rules.words import plural
from smtpauth_tui.safe import safe

_SHOWN: Final = 3


def fields(one: Standing) -> dict[str, Any]:
    """A finding as the JSON contract has it; names are neutralised."""
    finding = one.finding
    evidence = finding.evidence.as_json()
    for message in evidence["messages"]:
        message["time"] = _utc(message["time"])
    said = {
        "id": one.id,
        "rule": finding.rule,
        "name": one.rule.name,
        "severity": finding.severity.value,
        "account": finding.unit if one.rule.unit is UnitKind.ACCOUNT else None,
        "unit": finding.unit,
        "since": finding.since.isoformat(),
        "until": finding.until.isoformat(),
        "time": None if finding.moment is None else _utc(finding.moment),
        "reason": finding.reason,
        "threshold": finding.crossed,
        "baseline": finding.baseline,
        "raised": finding.raised,
        "normal": one.rule.normal,
        "evidence": evidence,
        "wrong": one.rule.wrong,
        "next": [step._asdict() for step in next_steps(one)],
        "new": one.new,
        "preview": one.preview,
        "acknowledged": one.acknowledgement.reason if one.acknowledgement else None,
    }
    return {name: _harmless(value) for name, value in said.items()}


def next_steps(one: Standing) -> list[Step]:
    """The commands that watch or stop what a finding is about; none for a name that may stand in no command."""
    if one.rule.unit is UnitKind.NETWORK:
        return network_steps(one.finding.unit)
    return steps(one.finding.unit, one.finding.evidence.servers)


def heading(one: Standing, zone: ZoneInfo) -> str:
    """A finding in a line: its rule, its unit, when, and what it is called; names are neutralised."""
    finding = one.finding
    when = finding.since.isoformat() if finding.moment is None else _local(finding.moment, zone)
    mark = " (preview)" if one.preview else ""
    return f"{one.rule.id} {one.rule.title}{mark} · {safe(finding.unit)} · {when} · {one.id}"


def lines(one: Standing, zone: ZoneInfo) -> Iterator[str]:
    """A finding for people: a heading and what is below it; names are neutralised."""
    finding = one.finding
    yield heading(one, zone)
    yield safe(finding.reason)
    raised = f"; high {finding.raised}" if finding.raised else ""
    baseline = f"; {finding.baseline}" if finding.baseline else ""
    yield safe(f"Threshold: {finding.crossed}{baseline}{raised}")
    evidence = finding.evidence
    if evidence.addresses:
        shown = [
            f"{address}{f' ({name})' if name not in ('', 'unknown') else ''}"
            f"{_count(messages, failures, at_least=evidence.at_least)}"
            for address, name, messages, failures in evidence.addresses[:_SHOWN]
        ]
        more = evidence.others("addresses", _SHOWN).words
        whole = evidence.totals.addresses if evidence.at_least else None
        in_all = f"; {plural(whole, 'address', 'addresses')} in all" if whole else ""
        yield safe(f"From {', '.join(shown)}{f' and {more} more' if more else ''}{in_all}")
    if evidence.names:
        shown = [f"{name} ({failures:,})" for name, failures in evidence.names[:_SHOWN]]
        more = evidence.others("names", _SHOWN).words
        yield safe(f"Tried: {', '.join(shown)}{f' and {more} more' if more else ''}")
    if one.acknowledgement:
        yield safe(f"Acknowledged: {one.acknowledgement.reason}")
    yield f"Normal if: {one.rule.normal}"
    if one.open and finding.severity is not Severity.NOTICE:
        for step in next_steps(one):
            yield f"{step.words}: {step.command}"
        if one.rule.unit is UnitKind.ACCOUNT and not is_plain(finding.unit):
            yield "The account's name is not plain: it stands in no command. Look at the log by the addresses."


def _count(messages: int, failures: int, *, at_least: bool) -> str:
    counts = [plural(n, word) for n, word in ((messages, "message"), (failures, "failure")) if n]
    return f" {'at least ' if at_least else ''}{', '.join(counts)}" if counts else ""


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, dict):
        return {key: _harmless(inner) for key, inner in value.items()}
    return [_harmless(inner) for inner in value] if isinstance(value, list) else value


def _utc(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _local(moment: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
