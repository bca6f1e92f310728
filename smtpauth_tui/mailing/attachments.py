"""The files of a mailed report: the workbook and the senders as CSV, cut to what a mail may hold."""

from dataclasses import dataclass
from typing import Final

KINDS: Final = ("xlsx", "csv")
"""What can be attached."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail."""

    name: str
    """In letters, digits, dots, dashes and underscores."""
    media_type: str
    content: bytes
    rows: int
    """How many senders are in it."""
    of: int
    """How many there are; if more than *rows*, it has those with most messages."""
