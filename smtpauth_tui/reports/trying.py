"""Failed sign-ins by source: client address, network, host name, country or AS, with what was accepted from there."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.conditions import Kind as ColumnKind
from smtpauth_tui.networks import network_of
from smtpauth_tui.places.networks import Kind
from smtpauth_tui.query import ReportQuery, SenderOrder
from smtpauth_tui.reports.arranged import arranged
from smtpauth_tui.reports.figures import number, utc, utc_minute
from smtpauth_tui.reports.filtered import SEEN_COLUMNS, count_column, text_column
from smtpauth_tui.reports.judged_here import day_in
from smtpauth_tui.reports.origins import By, Spot, source_label, spot_of
from smtpauth_tui.reports.patterns import PENDING, Pattern, Teller, Tries, Verdict, of_source
from smtpauth_tui.reports.sources import finder_for, source_note
from smtpauth_tui.reports.tried import ACCEPTED_FIRST, FAILURES_FIRST, ORDERS, AllTried, Tried
from smtpauth_tui.reports.tried import load as load_tried
from smtpauth_tui.reports.values import Cell, Column, Fields, Report, Tone
from smtpauth_tui.store import tries
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.tries import ClientTries

if TYPE_CHECKING:
    from smtpauth_tui.places.databases import Finder


@dataclass(frozen=True, slots=True)
class Trying:
    """A source that was refused in a period. Times are UTC seconds."""

    by: By
    key: str
    """As `Spot.key`."""
    clients: tuple[int, ...]
    """The numbers of its clients."""
    spots: tuple[Spot, ...]
    """Its addresses, the one with most failures first."""
    failures: int
    names: int
    """How many names it tried; those not logged are none."""
    accounts: int
    """How many of them are accounts, or addresses that send."""
    messages: int | None
    """What was accepted from there in the period; None where that was not asked."""
    senders: tuple[int, ...]
    """The clients, by number, from which it came; they need not have been refused."""
    first: int
    last: int
    verdict: Verdict

    @property
    def host(self) -> str:
        """The host name of the address with most failures that has one."""
        return next((spot.host for spot in self.spots if spot.host), "")

    @property
    def kind(self) -> Kind:
        """What the address with most failures is."""
        return self.spots[0].kind

    @property
    def addresses(self) -> int:
        """How many, as they are written whatever may be shown of them."""
        return len({spot.exact for spot in self.spots})

    @property
    def networks(self) -> list[str]:
        """Those of its addresses, in order."""
        return list(dict.fromkeys(spot.network for spot in self.spots if spot.network))

    @property
    def countries(self) -> list[tuple[str, str]]:
        """Code and name, in order; so are the systems, by number and name."""
        return list(dict.fromkeys(spot.country for spot in self.spots if spot.country))

    @property
    def systems(self) -> list[tuple[int, str]]:
        """Number and name of the AS."""
        return list(dict.fromkeys(spot.system for spot in self.spots if spot.system))

    @property
    def place(self) -> str:
        """``DE, AS64500 Contoso``; ``private network``; empty where nothing is known."""
        known = [*(code for code, _ in self.countries[:3]), *(f"AS{n} {name}".rstrip() for n, name in self.systems[:2])]
        if known or self.kind in (Kind.PUBLIC, Kind.NONE):
            return ", ".join(known)
        return str(self.kind)


async def load(
    store: Store, query: ReportQuery, by: By, found: AllTried | None = None, *, sent: bool = True
) -> list[Trying]:
    """The sources of a period, what matters most first. Kept for as long as the names that were tried are.

    *found*: those names, where they are known already. *sent*: count what was accepted from each, for which all
    messages of the period are looked at. UsageError as `finder_for`.
    """
    finder = finder_for(store, by)
    found = await load_tried(store, query) if found is None else found
    known = store.kept.get((load, by))
    if isinstance(known, _Kept) and known.found is found and known.finder is finder:
        return known.rows
    rows = await _load(store, query, by, finder, found, sent=sent)
    if sent and found.signs is not None:
        store.kept[load, by] = _Kept(found, finder, rows)
    return rows


class _Kept(NamedTuple):
    """The last answer."""

    found: AllTried
    finder: "Finder"
    rows: list[Trying]


async def _load(
    store: Store, query: ReportQuery, by: By, finder: "Finder", found: AllTried, *, sent: bool
) -> list[Trying]:
    accounts = {row.id: row for row in found.accounts}
    rows = await tries.clients(store, query.period)
    pairs: dict[int, dict[int, int]] = defaultdict(dict)
    for pair in await tries.pairs_of_names(store, query.period, accounts.keys()):
        pairs[pair.client][pair.name] = pair.failures
    groups = _grouped(store, finder, rows, by)
    names = await _names(store, query, [some for some in groups.values() if len(some) > 1])
    accepted = await _accepted(store, query, finder, by, groups) if sent else None
    entered = await _entered(store, query, found) if sent else {}
    tell = Teller(store.zone, query.period.last, store.places.shown)
    told = []
    for group, some in groups.items():
        clients = [row.id for row, _ in some]
        number_of_names = len(set().union(*(names[one] for one in clients))) if len(some) > 1 else some[0][0].names
        tried = _accounts(clients, pairs, accounts)
        sent_there = None if accepted is None else accepted.get(group, {})
        said = Tries(
            by=by,
            key=group[0],
            addresses={row.address for row, _ in some},
            failures=sum(row.failures for row, _ in some),
            names=number_of_names,
            accounts=tried,
            accepted=sum((sent_there or {}).values()),
            entered=_networks_of(entered, sent_there or {}),
        )
        verdict = PENDING if found.signs is None or sent_there is None else of_source(said, found.signs, tell)
        told.append(_trying(said, some, sent_there, verdict))
    return sorted(told, key=_matters)


_Group = list[tuple[ClientTries, Spot]]
_Groups = dict[tuple[str, Kind], _Group]


def _grouped(store: Store, finder: "Finder", rows: Sequence[ClientTries], by: By) -> _Groups:
    """The clients by what they have in common. What has no key stands apart by kind of address."""
    groups: _Groups = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-row.failures, row.address)):
        spot = spot_of(store, finder, row.address, row.host)
        groups[_group(spot, by)].append((row, spot))
    return dict(groups)


def _group(spot: Spot, by: By) -> tuple[str, Kind]:
    key = spot.key(by)
    return key, Kind.PUBLIC if key or by is By.HOST else spot.kind


async def _accepted(
    store: Store, query: ReportQuery, finder: "Finder", by: By, groups: _Groups
) -> dict[tuple[str, Kind], dict[int, int]]:
    """By group and client, the messages of the period: also of clients that were never refused."""
    alone = by is By.ADDRESS and not store.places.truncate
    ids = {row.id for some in groups.values() for row, _ in some} if alone else None
    sent = await tries.sent_from(store, query.period, ids)
    found: dict[tuple[str, Kind], dict[int, int]] = defaultdict(dict)
    for client, (address, host) in (await tries.addresses(store, sent.keys())).items():
        group = _group(spot_of(store, finder, address, host), by)
        if group in groups:
            found[group][client] = sent[client].messages
    return found


async def _names(store: Store, query: ReportQuery, groups: Sequence[_Group]) -> dict[int, set[int]]:
    """The names that clients tried who are not alone in their group, as numbers."""
    clients = {row.id for some in groups for row, _ in some}
    found: dict[int, set[int]] = {client: set() for client in clients}
    for name, client in await tries.names_of_clients(store, query.period, clients):
        found[client].add(name)
    return found


def _accounts(
    clients: Sequence[int], pairs: Mapping[int, Mapping[int, int]], accounts: Mapping[int, Tried]
) -> dict[int, tuple[str, int]]:
    """The accounts that some clients tried, by number, with their failures from there."""
    found: dict[int, tuple[str, int]] = {}
    for client in clients:
        for name, failures in pairs.get(client, {}).items():
            row = accounts[name]
            # an account that only exports know has no number of its own
            account = -name if row.address is None else row.address
            found[account] = row.account or "", found.get(account, ("", 0))[1] + failures
    return found


async def _entered(store: Store, query: ReportQuery, found: AllTried) -> dict[int, dict[int, str]]:
    """By client, the accounts that got in after failures and sent from it, each with the network."""
    accounts = {sign.account for sign in (found.signs.success if found.signs else ()) if sign.account is not None}
    pairs = await tries.clients_of_accounts(store, query.period, accounts)
    addresses = await tries.addresses(store, {client for _, client in pairs})
    entered: dict[int, dict[int, str]] = defaultdict(dict)
    for account, client in pairs:
        entered[client][account] = network_of(addresses[client][0])
    return entered


def _networks_of(entered: Mapping[int, Mapping[int, str]], clients: Iterable[int]) -> dict[int, set[str]]:
    networks: dict[int, set[str]] = defaultdict(set)
    for client in clients:
        for account, network in entered.get(client, {}).items():
            networks[account].add(network)
    return networks


def _trying(said: Tries, some: _Group, accepted: Mapping[int, int] | None, verdict: Verdict) -> Trying:
    return Trying(
        by=said.by,
        key=said.key,
        clients=tuple(row.id for row, _ in some),
        spots=tuple(spot for _, spot in some),
        failures=said.failures,
        names=said.names,
        accounts=len(said.accounts),
        messages=None if accepted is None else said.accepted,
        senders=tuple(accepted or ()),
        first=min(row.first for row, _ in some),
        last=max(row.last for row, _ in some),
        verdict=verdict,
    )


def _matters(row: Trying) -> tuple[int, int, str]:
    return row.verdict.pattern.rank, -row.failures, row.key


_ORDERS: Final[dict[SenderOrder, Callable[[Trying], Any]]] = {
    SenderOrder.NAME: lambda row: row.key,
    FAILURES_FIRST: lambda row: row.failures,
    ACCEPTED_FIRST: lambda row: row.messages or 0,
    SenderOrder.FIRST_SEEN: lambda row: row.first,
    SenderOrder.LAST_SEEN: lambda row: row.last,
}


def words(row: Trying) -> str:
    """What a search looks through."""
    return " ".join(
        [source_label(row), row.host, row.place, row.verdict.pattern, row.verdict.words, *row.networks[:1]]
    ).casefold()


# for programs and people


def fields(row: Trying) -> Fields:
    """What it is, its counts, and the pattern with what it rests on; ``kind`` says what an address is."""
    return {**_own(row), **_counts(row)}


def _own(row: Trying) -> Fields:
    country, country_name = next(iter(row.countries), ("", ""))
    asn, as_name = next(iter(row.systems), (None, ""))
    if row.by is By.ADDRESS:
        return {
            "address": row.key or None,
            "host": row.host or None,
            "network": next(iter(row.networks), None),
            "kind": row.kind,
            "country": country or None,
            "asn": asn,
            "as_name": as_name or None,
        }
    common = {"kind": row.kind, "networks": len(row.networks), "addresses": row.addresses}
    if row.by is By.COUNTRY:
        return {"country": row.key or None, "country_name": country_name or None, **common}
    countries = [code for code, _ in row.countries]
    if row.by is By.AS:
        return {"asn": int(row.key) if row.key else None, "as_name": as_name or None, "countries": countries, **common}
    asns = [f"AS{asn}" for asn, _ in row.systems]
    return {row.by.value: row.key or None, **common, "countries": countries, "asns": asns}


def _counts(row: Trying) -> Fields:
    return {
        "failures": row.failures,
        "names": row.names,
        "accounts": row.accounts,
        "messages": row.messages,
        "pattern": row.verdict.pattern,
        "says": row.verdict.words,
        "first_seen": utc(row.first),
        "last_seen": utc(row.last),
    }


def filter_columns(by: By) -> tuple[FilterColumn, ...]:
    """What a filter may name."""
    own = (FilterColumn("address", ColumnKind.ADDRESS, "address"),) if by is By.ADDRESS else ()
    texts = [text_column(name) for name in ("host", "country", "as")]
    texts.append(text_column("pattern", words=(pattern for pattern in Pattern if pattern is not Pattern.PENDING)))
    return (*own, _NETWORK_COLUMN, *texts, *(count_column(name) for name in _COUNTED), *SEEN_COLUMNS)


def filter_values(zone: ZoneInfo) -> dict[str, Callable[[Trying], Any]]:
    """What it compares; of several, one is enough."""
    return {
        "address": lambda row: row.key if row.by is By.ADDRESS else None,
        "network": lambda row: row.networks,
        "host": lambda row: list(dict.fromkeys(spot.host for spot in row.spots)),
        "country": lambda row: [word for one in row.countries for word in one] or "",
        "as": lambda row: [word for asn, name in row.systems for word in (f"AS{asn}", str(asn), name)] or "",
        "pattern": lambda row: row.verdict.pattern.value,
        **{name: attrgetter(name) for name in _COUNTED},
        "first_seen": lambda row: day_in(zone, row.first),
        "last_seen": lambda row: day_in(zone, row.last),
    }


_NETWORK_COLUMN: Final = FilterColumn("network", ColumnKind.ADDRESS, "network")
_COUNTED: Final = ("failures", "names", "accounts", "messages", "addresses")
_COUNTS: Final = ("failures", "names", "accounts", "messages", "pattern", "says", "first_seen", "last_seen")
_OWN_NAMES: Final[dict[By, tuple[str, ...]]] = {
    By.ADDRESS: ("address", "host", "network", "kind", "country", "asn", "as_name"),
    By.NETWORK: ("network", "kind", "networks", "addresses", "countries", "asns"),
    By.HOST: ("host", "kind", "networks", "addresses", "countries", "asns"),
    By.COUNTRY: ("country", "country_name", "kind", "networks", "addresses"),
    By.AS: ("asn", "as_name", "countries", "kind", "networks", "addresses"),
}
_TITLES: Final = {
    By.ADDRESS: "Client address",
    By.NETWORK: "Network",
    By.HOST: "Host name",
    By.COUNTRY: "Country",
    By.AS: "AS",
}


def columns(by: By) -> tuple[Column, ...]:
    """The columns of `cells`."""
    return (
        Column(by, _TITLES[by]),
        Column("pattern", "Pattern"),
        Column("failures", "Failures", numeric=True, short="Failed"),
        Column("names", "Names", numeric=True),
        Column("accounts", "Accounts", numeric=True, short="Acc."),
        Column("messages", "Accepted", numeric=True, short="Sent"),
        *((Column("addresses", "Addresses", numeric=True, short="Addr."),) if by is not By.ADDRESS else ()),
        Column("last_seen", "Last seen (UTC)"),
        *((Column("host", "Host name"),) if by is By.ADDRESS else ()),
        *((Column("place", "Place"),) if by not in (By.COUNTRY, By.AS) else ()),
    )


def cells(row: Trying) -> tuple[Cell, ...]:
    """A source for people."""
    return (
        Cell(source_label(row), Tone.PLAIN if row.key else Tone.MUTED),
        Cell(row.verdict.pattern, row.verdict.pattern.tone),
        Cell(number(row.failures)),
        Cell(number(row.names)),
        Cell(number(row.accounts)),
        _accepted_cell(row),
        *((Cell(number(row.addresses)),) if row.by is not By.ADDRESS else ()),
        Cell(utc_minute(row.last), Tone.MUTED),
        *((Cell(row.host, Tone.MUTED),) if row.by is By.ADDRESS else ()),
        *((Cell(row.place, Tone.MUTED),) if row.by not in (By.COUNTRY, By.AS) else ()),
    )


def _accepted_cell(row: Trying) -> Cell:
    if row.messages is None:
        return Cell(PENDING.pattern, Tone.MUTED)
    return Cell(number(row.messages), Tone.BAD if row.messages and row.verdict.pattern.tone is Tone.BAD else Tone.PLAIN)


def _report(by: By) -> Report:
    async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[Trying, None]:
        for row in arranged(await load(store, query, by), query, _ORDERS, words)[:limit]:
            yield row

    return Report(
        name="failures",
        title=f"Failed sign-ins by {by if by is not By.AS else 'AS'}",
        help="failed sign-ins: --by account, name, address, network, host, country or as",
        note_on=lambda store: source_note(store, by),
        records=records,
        fields=fields,
        names=lambda query: (*_OWN_NAMES[by], *_COUNTS),
        columns=columns(by),
        cells=cells,
        filters=lambda _: filter_columns(by),
        values=filter_values,
        orders={by.value: (SenderOrder.NAME, False), **ORDERS},
    )


BY_SOURCE: Final = {by.value: _report(by) for by in By}
