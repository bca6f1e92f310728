"""Mail as files in a folder, for another program to take or for a look."""

import hashlib
import os
from pathlib import Path

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.faults import Fault, Kind
from smtpauth_tui.store.outbox import Answer, Outcome, TakenMail


class FolderTransport:
    """Writes each mail as a file ``.eml``, which nobody sees before it is complete."""

    def __init__(self, folder: str) -> None:
        """UsageError where there is no such folder."""
        self._folder = Path(folder)
        if not self._folder.is_dir():
            raise UsageError(f"There is no folder {folder}.", "Make it, or name another: folder in [mail].")

    async def check(self) -> str:
        """Whether files can be made there; Fault where they cannot."""
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise Fault(Kind.PROGRAM, f"{self._folder} cannot be written.")
        return "the folder can be written"

    async def send(self, mail: TakenMail) -> dict[str, Answer]:
        """Write a mail. Its name is made of its Message-ID, so that a second try writes the same file."""
        name = hashlib.sha256(mail.message_id.encode()).hexdigest()[:20]
        path = self._folder / f"{name}.eml"
        try:
            write_private(path, mail.message)
            answer = Answer(Outcome.TAKEN, f"written to {path}")
        except OSError as error:
            answer = Fault(Kind.PROGRAM, f"{path} cannot be written: {error.strerror}.").answer()
        return dict.fromkeys(mail.recipients, answer)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, complete or not at all; OSError where that cannot be."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
