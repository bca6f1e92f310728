"""Blocks of bytes as whole lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from smtpauth_tui.importer.sources import LONGEST_LINE, TAIL

_SPLIT: Final = 1 << 20
"""Bytes whose lines are made at once: a bomb of line ends is no list of millions."""


class Piece(NamedTuple):
    """Whole lines: some bytes from *start* to *end*."""

    data: bytes
    start: int
    end: int


@dataclass(slots=True)
class LineSplitter:
    """Cuts a file's blocks at the ends of lines and counts what it could not hand on."""

    place: int = 0
    """Bytes of the content up to the end of the last whole line; at first, where the blocks begin."""
    recent: bytes = b""
    """What stands before `place`, up to `TAIL` bytes."""
    lines: int = 0
    read: int = 0
    overlong: int = 0
    """Lines of more than 64 KiB, which no mail server writes: passed over."""
    unfinished: bool = False
    """The last line has no end yet: it is left for the next import."""
    _done: int = field(init=False)
    _last: bytes = field(init=False)

    def __post_init__(self) -> None:
        self._done, self._last = self.place, self.recent

    def pieces(self, blocks: Iterable[bytes]) -> Iterator[Piece]:
        """The whole lines of each block; an empty piece for an empty block."""
        rest = b""
        skipping = False
        for block in blocks:
            self.read += len(block)
            end = block.rfind(b"\n") + 1
            start = block.find(b"\n", 0, end) + 1 if rest or skipping else 0
            if start and not skipping:
                line = rest + block[:start]
                self._reach(block, start, 1)
                yield Piece(line, 0, len(line))
            if end:
                self._reach(block, end, block.count(b"\n", start, end))
                if end > start:
                    yield Piece(block, start, end)
                rest, skipping = b"", False
            elif not block:
                yield Piece(b"", 0, 0)
            self._done += len(block)
            self._last = block[-TAIL:] if len(block) >= TAIL else (self._last + block)[-TAIL:]
            rest += block[end:]
            if rest[:1] == b"\0":
                rest = rest.lstrip(b"\0")
            if len(rest) > LONGEST_LINE:
                self.overlong += not skipping
                self.lines += not skipping
                rest, skipping = b"", True
        self.unfinished = bool(rest.strip(b"\0\r "))

    def texts(self, piece: Piece) -> Iterator[str]:
        """The lines of a piece without their ends; bytes that are no UTF-8 come as ``\\xff``.

        Lines that are passed over come as empty ones.
        """
        data, start, end = piece
        while start < end:
            stop = data.find(b"\n", min(start + _SPLIT, end - 1), end) + 1
            yield from self._texts(data[start:stop])
            start = stop

    def _texts(self, block: bytes) -> list[str]:
        """The lines of whole lines."""
        if block.isascii() and b"\r" not in block and b"\0" not in block:
            texts = block.decode("ascii").split("\n")
            texts.pop()
            if len(block) <= LONGEST_LINE or max(map(len, texts)) <= LONGEST_LINE:
                return texts
        lines = block.split(b"\n")
        lines.pop()
        return [self.text(line) if line else "" for line in lines]

    def _reach(self, block: bytes, end: int, lines: int) -> None:
        """The lines up to a place in a block are handed on."""
        self.lines += lines
        self.place = self._done + end
        self.recent = block[end - TAIL : end] if end >= TAIL else (self._last + block[:end])[-TAIL:]

    def text(self, line: bytes) -> str:
        """A line without its end, as `texts` has it."""
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
