"""What to do about failed sign-ins, in words and as commands for people to copy; none is ever run by this program."""

from collections.abc import Sequence
from typing import Final

from smtpauth_tui.networks import parse_network
from smtpauth_tui.reports.patterns import Pattern
from smtpauth_tui.rules.next_step import Step, steps

ONLINE: Final = ("entra", "smtp")
"""How the kinds of server begin that are Microsoft 365."""
OF_ACCOUNT: Final = {
    Pattern.SUCCESS: "Ask the person whether that was them. If not: a new password at once, end what is signed in, and "
    "look at what the account has sent since then.",
    Pattern.BRUTE_FORCE: "The password has held. Block the sources, if they are few; a long password, or a login that "
    "is no mail address, ends it for good.",
    Pattern.STUFFING: "Blocking addresses does not help against many of them. Ask for a new password if this one may "
    "have leaked; prefer tokens (OAuth) or passwords made for one device each.",
    Pattern.SPRAYING: "Block the network. Weak passwords are what a spray finds: refuse the common ones.",
    Pattern.GUESSES: "Ask the person whether that was them, at a new place. If not, block the address.",
    Pattern.STALE: "Set the new password in the device or mail program at that address, or take the account out of it.",
    Pattern.NAMES: "If you have no such account, nobody can sign in by it: what tries it may be blocked, so that the "
    "log stays readable. If you have, it is guessed like any other.",
    Pattern.SEVERAL: "Look at the addresses one by one, in the list by address.",
    Pattern.FEW: "Nothing, unless it goes on.",
    Pattern.MISTYPED: "Nothing: people mistype.",
    Pattern.NOT_NAMED: "Let the log name it: a newer Postfix does, or Dovecot's own log with auth_verbose = yes.",
    Pattern.PENDING: "",
}
OF_SOURCE: Final = {
    **OF_ACCOUNT,
    Pattern.SUCCESS: "Block it, and treat the account's password as known to others: a new one, and end what is "
    "signed in.",
    Pattern.BRUTE_FORCE: "Block it.",
    Pattern.STUFFING: "Block it; many others take part, so look at the accounts as well.",
    Pattern.SPRAYING: "Block it. Weak passwords are what a spray finds: refuse the common ones.",
    Pattern.GUESSES: "Ask the person whether that was them, at a new place. If not, block it.",
    Pattern.NAMES: "Block it: it works through a list, and fills the log.",
}
_TO_MAIL: Final = "-p tcp -m multiport --dports 25,465,587"
_BLOCKED: Final = frozenset(
    {Pattern.SUCCESS, Pattern.BRUTE_FORCE, Pattern.STUFFING, Pattern.SPRAYING, Pattern.GUESSES, Pattern.NAMES}
)


def account_steps(pattern: Pattern, account: str, servers: Sequence[str]) -> list[Step]:
    """Commands about an account that somebody may have got into."""
    kinds = dict.fromkeys("smtp" if server.casefold().startswith(ONLINE) else server for server in servers)
    return steps(account, list(kinds)) if pattern is Pattern.SUCCESS else []


def block_steps(pattern: Pattern, source: str, servers: Sequence[str]) -> list[Step]:
    """Commands that block an address or a network; none for what is neither."""
    network = parse_network(source) if pattern in _BLOCKED else None
    if network is None:
        return []
    alone = network.num_addresses == 1
    text = str(network.network_address) if alone else str(network)
    found = []
    if any(server.casefold().startswith("exchange") for server in servers):
        found.append(
            Step("block it (Exchange Management Shell, Edge Transport)", f"Add-IPBlockListEntry -IPRange {text}")
        )
    if any(server.casefold().startswith(ONLINE) for server in servers):
        found.append(Step("in Entra: a named location for it, and a Conditional Access policy that blocks it", text))
    if any(not server.casefold().startswith(("exchange", *ONLINE)) for server in servers) or not found:
        jail = "exim" if "exim" in servers else "postfix-sasl"
        tables = "iptables" if network.version == 4 else "ip6tables"
        found += [
            Step(f"block it for a while (fail2ban, jail {jail})", f"fail2ban-client set {jail} banip {text}"),
            Step("block it at the firewall", f"{tables} -I INPUT -s {text} {_TO_MAIL} -j DROP"),
        ]
    return found
