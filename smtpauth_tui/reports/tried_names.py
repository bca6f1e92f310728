"""What people read for a name that was tried."""

from typing import Final

NOT_LOGGED: Final = "(not logged)"


def tried_label(account: str | None) -> str:
    """A name that was tried, as people read it."""
    return NOT_LOGGED if account is None else account
