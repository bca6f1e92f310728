"""What can go wrong between here and a mail server, what it means, and what to do about it, in words."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smtpauth_tui.store.outbox import Answer, Outcome

LONGEST_ANSWER: Final = 600


class Kind(StrEnum):
    """Where an attempt ended."""

    NAME = "name"
    CONNECTION_REFUSED = "connection refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    LOST = "lost"
    IN_DOUBT = "in doubt"
    """The connection ended between the end of the message and the answer to it."""
    NO_STARTTLS = "no STARTTLS"
    CERTIFICATE = "certificate"
    TLS = "TLS"
    NO_LOGIN = "no login"
    """The server does not take the kind of login that the settings ask for."""
    TOKEN = "token"  # noqa: S105
    ANSWER = "answer"
    """The server answered that it does not do it."""
    PROGRAM = "program"


@dataclass(eq=False)
class Fault(Exception):
    """An attempt that ended; *text* is what the server or the system said, raw."""

    kind: Kind
    text: str
    code: int | None = None
    """The server's reply code."""
    server: str = ""
    """Host and port."""
    for_good: bool = False
    """Whether another try would come to the same, as with a reply code from 500 on."""

    def __str__(self) -> str:
        return f"{self.said} {self.todo}".rstrip()

    @property
    def outcome(self) -> Outcome:
        """Whether it is worth another try."""
        refused = self.code is not None and 500 <= self.code < 600
        return Outcome.REFUSED if refused or self.for_good else Outcome.LATER

    @property
    def said(self) -> str:
        """What happened, a sentence."""
        text = " ".join(self.text.split())[:LONGEST_ANSWER]
        if self.kind in (Kind.ANSWER, Kind.PROGRAM, Kind.TOKEN):
            return text if self.code is None else f"{self.code} {text}"
        return _SAID[self.kind].format(server=self.server, host=self.server.rpartition(":")[0], text=text.rstrip("."))

    @property
    def todo(self) -> str:
        """What to do, a sentence; empty where there is nothing to do but wait."""
        if self.kind in (Kind.ANSWER, Kind.TOKEN):
            return meaning(self.said)
        return _TODO.get(self.kind, "")

    def answer(self) -> Answer:
        """What the outbox notes of it."""
        return Answer(self.outcome, with_meaning(self.said, self.todo))


def with_meaning(said: str, todo: str) -> str:
    """Both sentences; the second behind an arrow."""
    return f"{said} → {todo}" if todo else said


def refusal(code: int, text: str) -> Answer:
    """A server's answer for one recipient."""
    return Fault(Kind.ANSWER, text, code).answer()


def meaning(reply: str) -> str:
    """What a server's reply asks one to do; empty for one that nobody has explained."""
    return next((words for pattern, words in _MEANINGS if pattern.search(reply)), "")


_SAID: Final = {
    Kind.NAME: "No address is known for the name {host}.",
    Kind.CONNECTION_REFUSED: "{server} refuses connections: nothing listens there, or a firewall says so.",
    Kind.UNREACHABLE: "{server} cannot be reached: {text}.",
    Kind.TIMEOUT: "{server} did not answer {text}.",
    Kind.LOST: "{server} closed the connection ({text}).",
    Kind.IN_DOUBT: "The message was handed to {server}, but no answer came ({text}): it may have it already.",
    Kind.NO_STARTTLS: "{server} does not offer STARTTLS; nothing was sent, since it would have gone unencrypted.",
    Kind.CERTIFICATE: "The certificate of {server} cannot be trusted: {text}. Nothing was sent.",
    Kind.TLS: "No encrypted connection to {server} came about: {text}.",
    Kind.NO_LOGIN: "{server} does not offer the login that the settings ask for ({text}).",
}
_TODO: Final = {
    Kind.NAME: "Check host in [mail] for a typing error, and this machine's name server.",
    Kind.CONNECTION_REFUSED: "Check host and port in [mail]: 465 is for implicit TLS, 587 for STARTTLS.",
    Kind.UNREACHABLE: "Check the network and the firewall; many networks block port 25.",
    Kind.TIMEOUT: "Check host, port and security in [mail]: a port for STARTTLS does not speak TLS first.",
    Kind.LOST: "It is tried again; if that does not help, ask the server's log.",
    Kind.IN_DOUBT: "It is tried again with the same Message-ID, by which a second copy can be told.",
    Kind.NO_STARTTLS: 'Use implicit TLS: port = 465, security = "implicit"; or have the server offer STARTTLS.',
    Kind.CERTIFICATE: "Use the name that the certificate is for as host; name an authority of your own by ca_file.",
    Kind.TLS: "Check port and security in [mail]: 465 is implicit, 587 is starttls.",
    Kind.NO_LOGIN: 'Choose another auth in [mail], or "none" for a server that asks for no login.',
    Kind.PROGRAM: "Look into the log of the mail server on this machine.",
}
_OAUTH: Final = 'use OAuth: auth = "xoauth2" with tenant, user and client_id'
_MEANINGS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (
            r"5\.7\.30\b.*basic authentication",
            f"Microsoft 365 does not take passwords here any more: {_OAUTH}, or a relay of your own.",
        ),
        (
            r"5\.7\.139\b.*disabled for the tenant",
            "SMTP AUTH is switched off for the organization: Set-TransportConfig -SmtpClientAuthenticationDisabled "
            "$false, or for this mailbox alone: Set-CASMailbox USER -SmtpClientAuthenticationDisabled $false.",
        ),
        (
            r"5\.7\.139\b.*disabled for the mailbox",
            "SMTP AUTH is switched off for this mailbox: Set-CASMailbox USER -SmtpClientAuthenticationDisabled $false.",
        ),
        (
            r"5\.7\.139\b",
            "Security defaults, an authentication policy or Conditional Access keep passwords out: "
            f"{_OAUTH}, or except this account.",
        ),
        (
            r"535 5\.7\.3\b",
            "With a password: user or password is wrong. With OAuth it is mostly the wrong object id: "
            "New-ServicePrincipal takes that of the enterprise application, and the mailbox has to let it in.",
        ),
        (r"534 5\.7\.9\b|application-specific password", "The server wants a password made for programs: make one."),
        (r"^(535|5\d\d 5\.7\.8)\b", "User or password is wrong, or the account is locked."),
        (
            r"5\.7\.57\b|^530\b|not authenticated|authentication required",
            "The server wants a login: user in [mail], and a password (password_file).",
        ),
        (
            r"5\.7\.60\b|5\.2\.252|SendAsDenied|send as this sender|not owned by user",
            "The login may not send from this address: make from in [mail] the address of user.",
        ),
        (r"^432\b|Concurrent connections|sender thread limit", "Too many connections of this account at once."),
        (
            r"^(523|552|554) 5\.3\.4\b|message size exceeds|too large",
            "The mail is too large for the server: lower size_limit in [mail].",
        ),
        (
            r"5\.2\.25[13-5]\b|5\.7\.23[236]\b",
            "The account or the tenant may not send that much; see Microsoft's limits.",
        ),
        (r"^550 5\.1\.[01]\b|user unknown|no such user", "There is no such mailbox: check the address."),
        (r"5\.7\.1\b.*relay|relay(ing)? (access )?denied", "The server does not relay for this machine: log in."),
        (
            r"AADSTS7000215|AADSTS7000222|invalid_client",
            "The client's secret is wrong or has run out: make a new one in Entra, and put it into the password file.",
        ),
        (
            r"AADSTS700016|unauthorized_client",
            "There is no such application in that tenant: check client_id and tenant.",
        ),
        (r"AADSTS90002|AADSTS900023|invalid_tenant", "There is no such tenant: check tenant."),
        (r"invalid_scope|AADSTS70011", "The scope is wrong; by default it is that of Exchange Online."),
        (r"^4\d\d\b", "The server asks to come again later."),
    )
)
