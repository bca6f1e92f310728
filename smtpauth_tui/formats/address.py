"""Mail addresses within a log's line: where one ends, whatever its quoted local part imitates."""

import re
from typing import Final

# "local part, quoted: \" and > may stand in it"@domain        or any text without >
PATH: Final = re.compile(r'((?:"(?:[^"\\]|\\.)*")?[^>]*)>', re.DOTALL)


def path_end(text: str, begin: int) -> tuple[str, int] | None:
    """The address of a path whose ``<`` stands just before *begin*, and where its ``>`` ends; None where none does.

    A quoted local part (RFC 5321) may hold ``>`` and anything else.
    """
    found = PATH.match(text, begin)
    return (found[1], found.end()) if found else None


def client_address(text: str) -> str:
    """An address as servers write it, without brackets, ``IPv6:`` and the port after a bracket."""
    text = text.removeprefix("IPv6:")
    if text.startswith("["):
        text = text[1:].partition("]")[0].removeprefix("IPv6:")
    return text
