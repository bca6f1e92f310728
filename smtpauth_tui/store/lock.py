"""One writer at a time: a lock beside the store."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from smtpauth_tui.errors import StoreError

PATIENCE: Final = 600.0
"""Seconds for which an import waits for another one."""
_SOON: Final = 0.5
_PAUSE: Final = 0.05


class Lock:
    """Held by the process that writes to a store; the system frees it when the process ends, however it ends."""

    def __init__(self, store: Path, say: Callable[[str], None]) -> None:
        """Take the lock; wait while another process has it, and *say* so. StoreError when that takes too long."""
        self._path = store.with_name(store.name + ".lock")
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"The store {store} cannot be written: {error.strerror} ({self._path}).",
                "Check the rights of its folder.",
            ) from error
        started, said = time.monotonic(), False
        while not self._taken():
            waited = time.monotonic() - started
            if waited > PATIENCE:
                os.close(self._file)
                raise StoreError(
                    f"Another import has been writing to {store} for {PATIENCE:.0f} seconds.",
                    "Wait until it is done, then import again.",
                )
            if waited > _SOON and not said:
                say(f"Another import is writing to {store}; waiting for it.")
                said = True
            time.sleep(_PAUSE)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let the next one write."""
        os.close(self._file)
