"""Where one sender comes from, for its flyout: the addresses from which its login is used."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.places.networks import Kind
from smtpauth_tui.query import Grouping, ReportQuery
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.reports.origins import By, Origin, origins
from smtpauth_tui.reports.sources import missing
from smtpauth_tui.store.places import client_uses
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import Usage

if TYPE_CHECKING:
    from smtpauth_tui.places.databases import Finder

SHOWN: Final = 8
"""Rows of a flyout; of more addresses their networks are shown, if those are fewer."""


@dataclass(frozen=True, slots=True)
class Whence:
    """What came from one sender, or from its login where it has one only."""

    rows: tuple[Origin, ...]
    """By address, or by network where that says more at a glance; that with most messages first."""
    others: int
    """How many of the messages other senders sent with the same login."""
    lacks: str
    """What keeps places from being told, in words; empty where nothing does."""

    @property
    def messages(self) -> int:
        """All of them."""
        return sum(row.messages for row in self.rows)

    @property
    def words(self) -> str:
        """``One login, 5 addresses in 3 networks and 2 countries.``"""
        logins = len({account for row in self.rows for account in row.accounts})
        addresses = len({address for row in self.rows for address in row.addresses})
        networks = len({network for row in self.rows for network in row.networks})
        countries = len({code for row in self.rows for code, _ in row.countries})
        wide = [plural(networks, "network")] * bool(networks)
        wide += [plural(countries, "country", "countries")] * bool(countries)
        said = "One login" if logins == 1 else plural(logins, "login")
        said += f", {plural(addresses, 'address', 'addresses')}"
        said += f" in {' and '.join(wide)}." if wide and addresses > 1 else "."
        if self.others:
            said += f" Other senders' messages with the same login are among these: {self.others:,}."
        return said


async def load(store: Store, query: ReportQuery, logins: Sequence[Usage]) -> Whence:
    """Where the query's sender (or account) comes from; *logins* are those that it used.

    One login is one secret: whoever has it may send as others. So all that was sent with it is shown.
    """
    sender = query.sender or ""
    if query.by is Grouping.SENDER and len(logins) == 1:
        of_login = replace(query, sender=logins[0].name, by=Grouping.ACCOUNT)
        uses = await client_uses(store, of_login, within=sender)
        others = sum(use.messages - use.within for use in uses)
    else:
        uses, others = await client_uses(store, query), 0
    finder, trouble = _finder(store)
    rows = origins(store, finder, uses, By.ADDRESS)
    if len(rows) > SHOWN:
        rows = min(rows, origins(store, finder, uses, By.NETWORK), key=len)
    public = any(Kind.PUBLIC in row.kinds for row in rows)
    lacks = missing(finder) if public else ""
    return Whence(tuple(rows), others, trouble or (f"{lacks} is named ([places] databases)." if lacks else ""))


def finder_or_none(store: Store) -> "Finder":
    """What tells places; where a file that the settings name is not of use, nothing does."""
    return _finder(store)[0]


def _finder(store: Store) -> "tuple[Finder, str]":
    """What tells places, and what is wrong with the files that the settings name, if something is."""
    try:
        return store.places.finder(), ""
    except UsageError as error:
        from smtpauth_tui.places.databases import Finder

        return Finder((), ()), str(error)
