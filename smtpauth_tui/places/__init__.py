"""Where clients are: the networks of their addresses and, from files that the settings name, their countries and AS.

All of it is found off line: nobody is asked, no name is resolved, and what no file says is not guessed.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from smtpauth_tui.conditions import AddressRange, Filter, conditions_of
from smtpauth_tui.errors import UsageError
from smtpauth_tui.settings import Settings, home_expanded

if TYPE_CHECKING:
    from smtpauth_tui.places.databases import Finder

_NAMES: Final = ("databases", "truncate")
_YES: Final = ("true", "yes", "on", "1")
_NO: Final = ("false", "no", "off", "0")
_MEND: Final = "Mend it in config.toml."


class Places:
    """What the settings say of places. Each store has one, so that whoever asks the store can ask it, too."""

    def __init__(self, databases: Sequence[str] = (), *, truncate: bool = False) -> None:
        self.databases = tuple(databases)
        """The ``.mmdb`` files, from ``/`` on or from the working folder; of each kind of fact the first one counts."""
        self.truncate = truncate
        """Whether an address is shown as its network (/24, /48), and a host by its domain."""
        self._finder: Finder | None = None

    def shown(self, client: str) -> str:
        """A client address as it may be shown, exported and mailed; raw where it is no address."""
        if not self.truncate:
            return client
        from smtpauth_tui.places.networks import truncated

        return truncated(client)

    def shown_host(self, name: str) -> str:
        """A host name as it may be shown: of one that may tell the address only its domain."""
        if not self.truncate:
            return name
        from smtpauth_tui.places.networks import truncated_host

        return truncated_host(name)

    def check(self, where: Filter) -> None:
        """UsageError where a filter asks for more of client addresses than may be shown."""
        if not self.truncate:
            return
        from smtpauth_tui.places.networks import part_of

        for one in (value for condition in conditions_of(where.tree) for value in condition.values):
            network = part_of(one) if isinstance(one, AddressRange) else ""
            if network:
                raise UsageError(
                    "Clients are shown as networks ([places] truncate), and a filter cannot ask for a part of one.",
                    f"Compare with the network as it is shown, {network}, or with a larger one.",
                )

    def finder(self) -> "Finder":
        """What tells the place of an address; files that are others by now are opened anew.

        UsageError, with what to do, where a file is missing or not of use, or nothing here can read it.
        """
        from smtpauth_tui.places.databases import Finder, identities

        now = identities(self.databases)
        if self._finder is None or self._finder.identities != now:
            self._finder = Finder(self.databases, now)
        return self._finder


def places_of(settings: Settings) -> Places:
    """What the settings say of places; UsageError for a setting that there is not, or a value that it cannot have."""
    given = settings.places
    for name in given:
        if name not in _NAMES:
            raise UsageError(f"[places] has no setting {name!r}.", f"Settings of places are: {', '.join(_NAMES)}.")
    return Places(_databases(given), truncate=_truncate(given))


def _databases(given: Mapping[str, object]) -> list[str]:
    """A list, or one text in the environment, its paths parted as in PATH."""
    value = given.get("databases", [])
    named = value.split(os.pathsep) if isinstance(value, str) else value
    if not isinstance(named, list) or not all(isinstance(path, str) for path in named):
        raise UsageError("[places] databases is a list of paths.", _MEND)
    return [home_expanded(path.strip()) for path in named if path.strip()]


def _truncate(given: Mapping[str, object]) -> bool:
    value = given.get("truncate", False)
    word = str(value).strip().lower()
    if word not in (*_YES, *_NO):
        raise UsageError("[places] truncate is true or false.", _MEND)
    return word in _YES
