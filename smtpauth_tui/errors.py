"""The errors that a person gets to read: what happened, and what to do."""


class SmtpAuthTuiError(Exception):
    """Something that the admin can act on: a sentence that says what happened, and one that says what to do."""

    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class UsageError(SmtpAuthTuiError):
    """A word of the command line or the settings that cannot be taken."""

    exit_status = 2


class StoreError(SmtpAuthTuiError):
    """The store cannot be opened, read or written."""


class NoStoreError(StoreError):
    """There is no store yet: nothing was imported."""


class UnreadableSourceError(SmtpAuthTuiError):
    """A file that was to be imported is missing, empty, or no log of a mail server."""
