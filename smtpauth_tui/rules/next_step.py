"""What to do about a finding: commands that watch or stop an account, by kind of server; for people to copy.

None of them is ever run by this program. A name that is not plain stands in no command.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from smtpauth_tui.networks import parse_network

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}(?:@[A-Za-z0-9][A-Za-z0-9.-]{0,253})?")
"""A login or an address that no shell, regular expression or map reads as anything else than its characters."""


class Step(NamedTuple):
    """A command, and what it does."""

    words: str
    command: str


def is_plain(name: str) -> bool:
    """Whether a name may stand in a command."""
    return bool(_PLAIN.fullmatch(name))


def steps(account: str, servers: Sequence[str]) -> list[Step]:
    """The commands for an account, by the kinds of the servers that it used; none for a name that is not plain."""
    if not is_plain(account):
        return []
    return [step for kind in servers for step in _of_kind(kind.casefold(), account)]


def network_steps(network: str) -> list[Step]:
    """The commands for a network that guesses; none for what is no network."""
    found = parse_network(network)
    if found is None:
        return []
    family = "ip6" if found.version == 6 else "ip"
    return [
        Step("what it tries, as it comes", f"tail -f /var/log/mail.log | grep -F {shlex.quote(_prefix(str(found)))}"),
        Step("refuse it for a while, where fail2ban runs", f"fail2ban-client set postfix-sasl banip {found}"),
        Step(
            "refuse it at the firewall, until the next start",
            f"nft insert rule inet filter input {family} saddr {found} tcp dport '{{ 25, 465, 587 }}' drop",
        ),
    ]


def _prefix(network: str) -> str:
    """What the addresses of a network of whole bytes begin with; of another one, its first address."""
    address, _, bits = network.partition("/")
    if ":" not in address and bits in ("8", "16", "24"):
        return "[" + ".".join(address.split(".")[: int(bits) // 8]) + "."
    return address.removesuffix("::") + ":" if address.endswith("::") else f"[{address}]"


def _of_kind(kind: str, account: str) -> Iterator[Step]:
    quoted = shlex.quote(account)
    if kind.startswith("exim"):
        pattern = shlex.quote(f"^{re.escape(account)}$")
        yield Step(
            "what it sends, with its deliveries (the log as Debian has it)", f"exigrep {quoted} /var/log/exim4/mainlog"
        )
        yield Step("freeze what waits in the queue", f"exiqgrep -i -f {pattern} | xargs -r exim -Mf")
    elif kind.startswith("sendmail"):
        yield Step("what waits in the queue", f"mailq -qS{quoted}")
        yield Step("quarantine what waits in the queue", f"sendmail -qS{quoted} -Q'unusual activity'")
    elif kind.startswith("exchange"):
        yield Step("what it sent (Exchange Management Shell)", f"Get-MessageTrackingLog -Sender {_powershell(account)}")
        yield Step(
            "disable it in Active Directory (Exchange Management Shell)",
            f"Disable-ADAccount -Identity (Get-Mailbox {_powershell(account)}).SamAccountName",
        )
    elif kind.startswith("smtp"):
        yield Step("what it sent (Exchange Online)", f"Get-MessageTraceV2 -SenderAddress {_powershell(account)}")
        yield Step(
            "no SMTP AUTH for this mailbox (Exchange Online)",
            f"Set-CASMailbox -Identity {_powershell(account)} -SmtpClientAuthenticationDisabled $true",
        )
    elif kind.startswith("dovecot"):
        yield Step("end its sessions", f"doveadm kick {quoted}")
    elif kind.startswith("opensmtpd"):
        yield Step("what waits in the queue", f"smtpctl show queue | grep -F {quoted}")
    else:
        line = shlex.quote(f"{account} REJECT")
        yield Step("what it sends, as it comes", f"tail -f /var/log/mail.log | grep -F sasl_username={quoted}")
        yield Step(
            "refuse it (once: smtpd_sender_restrictions = check_sasl_access hash:/etc/postfix/sasl_access)",
            f"echo {line} >> /etc/postfix/sasl_access && postmap /etc/postfix/sasl_access",
        )


def _powershell(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
