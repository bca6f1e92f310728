"""Unpacks gzip block by block, with all that stands before a damage; by isal where it is installed."""

import io
from typing import Any, Final

try:
    from isal import isal_zlib as zlib
except ImportError:
    import zlib  # type: ignore[no-redef,unused-ignore]

_CHUNK: Final = 1 << 18
_GZIP: Final = 31
"""The window's size and a gzip header, as zlib names them."""


class GzipStream(io.BufferedIOBase):
    """The content of a gzip file: one or more members, and maybe NULs behind them.

    `read1` raises EOFError where the data ends early, and zlib's or isal's error where it is broken.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._packed = b""
        self._member: Any = None
        self._members = 0

    def read1(self, size: int = -1, /) -> bytes:
        """The next bytes, at most *size*; none at the end."""
        while True:
            if not self._packed:
                self._packed = self._raw.read1(_CHUNK)
                if not self._packed:
                    if self._member is not None:
                        raise EOFError("the compressed data ends early")
                    return b""
            if self._member is None:
                if self._members:
                    self._packed = self._packed.lstrip(b"\0")
                    if not self._packed:
                        continue
                self._member = zlib.decompressobj(_GZIP)
                self._members += 1
            data: bytes = self._member.decompress(self._packed, size)
            self._packed = self._member.unconsumed_tail
            if self._member.eof:
                self._packed = self._member.unused_data
                self._member = None
            if data:
                return data
