"""From which client addresses messages came: asked of the facts, since the roll-up has no addresses."""

from typing import Any, Final, NamedTuple

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Grouping, ReportQuery
from smtpauth_tui.store.asking import IN_DOMAIN, values_of
from smtpauth_tui.store.codes import TLS_CODES
from smtpauth_tui.store.days import DayFinder, number_of
from smtpauth_tui.store.reader import Store

_VERSIONS: Final = {code: version for version, code in TLS_CODES.items()}


class ClientUse(NamedTuple):
    """What an account sent from a client address with one TLS version and one mechanism, in a period."""

    client: str
    """The address as logged, whatever the settings let be shown; empty where the source has none."""
    host: str
    """Its host name, as it was logged first; ``unknown`` where it has none."""
    account: int
    """Its number in the store."""
    tls: TlsVersion
    mechanism: str
    """Its name as logged."""
    messages: int
    first: int
    """UTC seconds; so is *last*."""
    last: int
    within: int
    """Messages of the sender that was to be counted apart."""


_USES: Final = """
    SELECT client, account, tls, mechanism, count(*), min(time), max(time), sum(sender = :within)
    FROM {facts} GROUP BY client, account, tls, mechanism
"""
_OF_ALL: Final = f"submission WHERE time >= :begin AND time < :end AND {IN_DOMAIN}"
_OF_ACCOUNT: Final = f"""
    submission WHERE time >= :begin AND time < :end AND account = (SELECT id FROM {Store._NAMED}) AND {IN_DOMAIN}
"""

# on each of its days a sender's messages lie between its first one and its last one
_OF_SENDER: Final = f"""
    (SELECT named.id, min(daily.first) AS since, max(daily.last) AS until
     FROM {Store._NAMED} CROSS JOIN {Store._ROWS_OF[Grouping.SENDER]} GROUP BY daily.day) AS days
    CROSS JOIN submission ON time BETWEEN since AND until AND sender = days.id
    WHERE {IN_DOMAIN}
"""
_CLIENTS: Final = "SELECT id, address, name FROM client WHERE id BETWEEN :least AND :most"
_MECHANISMS: Final = "SELECT id, name FROM mechanism"
_ADDRESS: Final = "SELECT id FROM address WHERE folded = :name"


async def client_uses(store: Store, query: ReportQuery, within: str | None = None) -> list[ClientUse]:
    """Where the messages of a period came from; only those of the query's sender (or account) where it names one.

    *within*: the sender address whose messages are counted apart among them. What is asked of all, or of an account,
    costs what the period's messages do; of a sender, what is logged between its first and last message of each day.
    """
    facts = _OF_ALL
    if query.sender is not None:
        facts = _OF_ACCOUNT if query.by is Grouping.ACCOUNT else _OF_SENDER
    number = await store._rows(_ADDRESS, {"name": within.casefold()}) if within is not None else []
    values = {**values_of(query), **_bounds(store, query), "within": number[0][0] if number else None}
    rows = await store._rows(_USES.format(facts=facts), values)
    if not rows:
        return []
    ends = {"least": rows[0][0], "most": rows[-1][0]}
    clients = {number: (address, name) for number, address, name in await store._rows(_CLIENTS, ends)}
    mechanisms = dict(await store._rows(_MECHANISMS))
    return [
        ClientUse(*clients[client], account, _VERSIONS[tls], mechanisms[mechanism], messages, first, last, of or 0)
        for client, account, tls, mechanism, messages, first, last, of in rows
    ]


def _bounds(store: Store, query: ReportQuery) -> dict[str, Any]:
    """The first UTC second of a period, and the first one after it."""
    days = DayFinder(store.zone)
    first, last = number_of(query.period.first), number_of(query.period.last)
    return {"begin": days.bounds(first)[0], "end": days.bounds(last)[1]}
