"""Words that Microsoft's exports share: TLS versions, kinds of authentication, addresses with ports."""

import re
from typing import Final

from smtpauth_tui.model import AuthKind, TlsVersion, auth_kind

MICROSOFT_365: Final = "Microsoft 365"
"""The server's name where the admin gives none: exports do not name their tenant."""
_MOST_SAID: Final = 5
_LONGEST_WORD: Final = 60
_LONGEST_ADDRESS: Final = 255

# SP_PROT_TLS1_2_SERVER, TLS 1.2, TLSv1.2, TLSv1
_TLS: Final = re.compile(r"(?:SP_PROT_)?TLS ?V?(1)(?:[._]([0-3]))?(?:_(?:SERVER|CLIENT))?")
_TLS_WORDS: Final = {
    "": TlsVersion.NONE,
    "NO TLS": TlsVersion.NONE,
    "SP_PROT_SSL3_SERVER": TlsVersion.SSL3,
    "SP_PROT_SSL3_CLIENT": TlsVersion.SSL3,
    # Schannel's flags, in hexadecimal, and the versions of the TLS record
    **dict.fromkeys(("40", "0X301"), TlsVersion.V1_0),
    **dict.fromkeys(("100", "0X302"), TlsVersion.V1_1),
    **dict.fromkeys(("400", "0X303"), TlsVersion.V1_2),
    **dict.fromkeys(("1000", "0X304"), TlsVersion.V1_3),
}
# 203.0.113.5:51000
_IPV4: Final = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?::\d{1,5})?", re.ASCII)
# [2001:db8::1]:443
_BRACKETED: Final = re.compile(r"\[([0-9A-Fa-f:.]{2,45})(?:%[^\]]{1,40})?\](?::\d{1,5})?", re.ASCII)


def tls_version(word: str) -> TlsVersion | None:
    """The TLS version of a word; none where it is empty, None where it is not known."""
    name = word.strip().upper()
    found = _TLS_WORDS.get(name)
    if found is None and (match := _TLS.fullmatch(name.replace("-", "_"))):
        found = TlsVersion(f"1.{match[2] or 0}")
    return found


def mechanism(word: str) -> str | None:
    """A word for a kind of authentication, if `model.auth_kind` knows its kind; None otherwise.

    It is matched loosely: ``Basic``, ``Basic Authentication``, ``OAuth``, ``Modern Authentication``.
    """
    folded = word.casefold()
    basic = "basic" in folded
    token = any(part in folded for part in ("oauth", "modern"))
    return word[:_LONGEST_WORD] if basic != token else None


def kind_of(word: str) -> AuthKind:
    """The kind of authentication of a word; unknown where it is not known."""
    return auth_kind(mechanism(word) or "")


def address_of(text: str) -> str:
    """A client's address without port, IPv6 in its short form; what is no address stays as it is."""
    if match := _IPV4.fullmatch(text) or _BRACKETED.fullmatch(text):
        text = match[1]
    if ":" in text and len(text) <= _LONGEST_ADDRESS:
        from ipaddress import IPv6Address  # loaded where there is any

        try:
            address = IPv6Address(text.partition("%")[0])
        except ValueError:
            return text
        return str(address.ipv4_mapped or address)
    return text[:_LONGEST_ADDRESS]


class Unknown:
    """Says each word that a reader does not know once, and not more than a few of them."""

    def __init__(self, notes: list[str]) -> None:
        self._notes = notes
        self._said: set[str] = set()

    def say(self, what: str, word: str) -> None:
        """Note that a *word* of some column is not known."""
        note = f"{what} not known: '{word[:_LONGEST_WORD]}'. It counts as unknown."
        if len(self._said) < _MOST_SAID and note not in self._said:
            self._said.add(note)
            self._notes.append(note)
