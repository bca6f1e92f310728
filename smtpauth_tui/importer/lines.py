"""Blocks of bytes as lines of text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from smtpauth_tui.importer.sources import LONGEST_LINE


@dataclass(slots=True)
class LineSplitter:
    """Cuts a file's blocks into lines and counts what it could not hand on."""

    lines: int = 0
    read: int = 0
    overlong: int = 0
    """Lines of more than 64 KiB, which no mail server writes: passed over."""
    unfinished: bool = False
    """The last line has no end yet: it is left for the next import."""

    def batches(self, blocks: Iterable[bytes]) -> Iterator[list[str]]:
        """The lines without their ends, a list for each block; bytes that are no UTF-8 come as ``\\xff``."""
        rest = b""
        skipping = False
        for block in blocks:
            self.read += len(block)
            parts = (rest + block).split(b"\n")
            rest = parts.pop()
            if skipping and parts:
                del parts[0]
                skipping = False
            self.lines += len(parts)
            yield [text for part in parts if (text := self._text(part))]
            if rest[:1] == b"\0":
                rest = rest.lstrip(b"\0")
            if len(rest) > LONGEST_LINE:
                self.overlong += not skipping
                self.lines += not skipping
                rest, skipping = b"", True
        self.unfinished = bool(rest.strip(b"\0\r "))

    def _text(self, line: bytes) -> str:
        if line[:1] == b"\0":  # a hole that a crash of the machine left
            line = line.lstrip(b"\0")
        if len(line) > LONGEST_LINE:
            self.overlong += 1
            return ""
        if line[-1:] == b"\r":
            line = line[:-1]
        return line.decode("utf-8", "backslashreplace")


def text_lines(data: bytes, *, whole: bool) -> list[str]:
    """The lines of some bytes; the last one only if it is ended or *whole* says that nothing follows."""
    lines = data.split(b"\n")
    if not whole:
        lines.pop()
    return [line.lstrip(b"\0").rstrip(b"\r").decode("utf-8", "backslashreplace") for line in lines if line]
