"""Reads exports as an import does, for tests of what a document format finds."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from smtpauth_tui.formats import DOCUMENTS, DocumentReader
from smtpauth_tui.formats.tables import decoder_for


def pieces(text: str, size: int) -> list[str]:
    """A text in pieces of *size* characters."""
    return [text[start : start + size] for start in range(0, len(text), size)]


def read(parts: Iterable[str], name: str, host: str = "") -> DocumentReader:
    """The reader of a format after some pieces of one export."""
    reader = next(known for known in DOCUMENTS if known.name == name).reader(host)
    for part in parts:
        reader.take(part)
    reader.finish()
    return reader


def decoded(content: bytes) -> str:
    """An export's text, as an import decodes it."""
    return content.decode(decoder_for(content[:4096]), "backslashreplace")


def recognised(text: str) -> list[str]:
    """The names of the formats that take an export for theirs."""
    return [known.name for known in DOCUMENTS if known.recognises(text[:65_536])]


def shown(fact: Any) -> dict[str, Any]:
    """A fact as the expected files have it: the time as RFC 3339, without what is the same in all."""
    fields = fact._asdict() if isinstance(fact, tuple) else asdict(fact)
    if "time" in fields:
        fields["time"] = datetime.fromtimestamp(fact.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return fields
