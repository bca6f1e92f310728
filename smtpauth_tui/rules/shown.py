"""Findings as they may be shown: where the settings say so, with networks in place of client addresses."""

from collections.abc import Iterable
from dataclasses import replace

from smtpauth_tui.places import Places
from smtpauth_tui.rules.standing import Standing
from smtpauth_tui.rules.values import Evidence, Finding


def as_shown(one: Standing, places: Places) -> Standing:
    """A finding whose addresses may be told to whoever reads it; its key and its id stay."""
    return replace(one, finding=finding_shown(one.finding, places)) if places.truncate else one


def finding_shown(finding: Finding, places: Places) -> Finding:
    """The same of a finding that has no standing."""
    if not places.truncate:
        return finding
    return replace(
        finding,
        reason=words_shown(finding.reason, places),
        crossed=words_shown(finding.crossed, places),
        baseline=words_shown(finding.baseline, places),
        evidence=_evidence(finding.evidence, places),
    )


def words_shown(text: str, places: Places) -> str:
    """A sentence of a rule; what else stands in it, such as an account's name, is as it was."""
    return " ".join(_word(word, places) for word in text.split(" ")) if places.truncate else text


def _word(word: str, places: Places) -> str:
    from smtpauth_tui.places.networks import known

    # an IPv6 address may begin and end with colons itself
    for bare in (word, word.rstrip(",;."), word.strip("()[],;:.")):
        if known(bare).address is not None:
            return word.replace(bare, places.shown(bare))
    return word


def _evidence(evidence: Evidence, places: Places) -> Evidence:
    return replace(
        evidence,
        addresses=_together(evidence.addresses, places),
        networks=True,
        at_least=not evidence.has_all_addresses,
        messages=tuple((*row[:4], places.shown(row[4]), row[5]) for row in evidence.messages),
    )


def _together(rows: Iterable[tuple[str, str, int, int]], places: Places) -> tuple[tuple[str, str, int, int], ...]:
    """Addresses of one network as one, in the place of the first of them; with their domain where they share it."""
    found: dict[str, tuple[str, int, int]] = {}
    for address, host, messages, failures in rows:
        network, name = places.shown(address), places.shown_host(host)
        if before := found.get(network):
            # one that was refused has no name: that says nothing against the others' names
            name = before[0] or name if before[0] == name or "" in (before[0], name) else "unknown"
            messages, failures = before[1] + messages, before[2] + failures
        found[network] = name, messages, failures
    return tuple((network, *rest) for network, rest in found.items())
