"""Recipients are untrusted text: each is checked before it comes near a mail."""

import re
from collections.abc import Collection
from typing import Final

import idna

from smtpauth_tui.errors import UsageError
from smtpauth_tui.safe import safe

LONGEST: Final = 254
"""Bytes of an address in an SMTP command (RFC 5321, 4.5.3.1.3, with its erratum)."""
_LONGEST_LOCAL: Final = 64
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_BETWEEN: Final = re.compile(r"[\s,;]+")
_EXAMPLE: Final = "Write it as admin@contoso.example."


def split_recipients(text: str) -> list[str]:
    """The entries of a list: at commas, semicolons, blanks and line breaks; each once, in their order."""
    return list(dict.fromkeys(entry for entry in _BETWEEN.split(text) if entry))


def checked_recipient(text: str, allowed_domains: Collection[str] = ()) -> str:
    """An address as it stands in a mail, its domain in ASCII; UsageError says what is wrong with any other text.

    The local part is a dot-atom of RFC 5322: quoted ones are not taken, since programs on the way disagree on them,
    nor ones beyond ASCII, which many servers refuse. *allowed_domains*: the only ones that there may be, if any.
    """
    local, sign, domain = text.rpartition("@")
    shown = safe(text[:100])
    if not sign or not local or not domain:
        raise UsageError(f"{shown!r} is no mail address.", _EXAMPLE)
    if not local.isascii():
        raise UsageError(
            f"{shown!r} has letters beyond ASCII before the @, which not every server takes.", "Use another address."
        )
    if len(local) > _LONGEST_LOCAL or not _ATOMS.fullmatch(local):
        raise UsageError(f"{shown!r} has something before the @ that is not taken.", _EXAMPLE)
    address = f"{local}@{domain_in_ascii(domain)}"
    if len(address) > LONGEST:
        raise UsageError(f"{shown!r} is longer than an address may be ({LONGEST} bytes).", _EXAMPLE)
    allowed = {domain_in_ascii(one.strip().lstrip("@")) for one in allowed_domains}
    if allowed and address.rpartition("@")[2] not in allowed:
        raise UsageError(
            f"Reports may not be sent to {shown}.", f"The setting allowed_domains has: {', '.join(sorted(allowed))}."
        )
    return address


def domain_in_ascii(domain: str) -> str:
    """A domain name in lower case, as A-labels where it is international (IDNA 2008); UsageError for no domain name."""
    name = domain.lower()
    if not name.isascii():
        try:
            if not name.isprintable():  # what cannot be seen would be taken out
                raise idna.IDNAError
            name = idna.encode(domain, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            raise UsageError(f"{safe(domain[:100])!r} is no domain name.", _EXAMPLE) from None
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
        raise UsageError(f"{safe(domain[:100])!r} is no domain name.", _EXAMPLE)
    return name
