"""A filter as SQL: each value of it is a parameter, and the rest is put together from the columns of a question.

A question says by a `Source` where it has each column. Conditions on a name are looked up in its dictionary, once for
all rows; conditions on counts are asked of a group of rows, when they are counted.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from smtpauth_tui.addresses import range_begin, range_end
from smtpauth_tui.conditions import SHARE_SCALE, AddressRange, Combined, Condition, Filter, Kind, Node, Operator, Value
from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES, Party
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.where import Where

_COMPARED: Final = {Operator.LESS: "<", Operator.AT_MOST: "<=", Operator.MORE: ">", Operator.AT_LEAST: ">="}
_WHOLE: Final = 100 * SHARE_SCALE


class Source(NamedTuple):
    """Where a question has a column."""

    value: str
    """Its value: a count, a day's number, a folded text, an address."""
    among: str = "{}"
    """What holds of a row where a condition on the value, put into it, holds in a dictionary."""
    counted: bool = False
    """Whether it is known only when the rows were counted."""
    whole: str = ""
    """What its share is part of."""


Sources = Mapping[str, Source]
"""By the keys of the columns that a filter may name."""


def sql_of(where: Filter, sources: Sources, prefix: str) -> Where:
    """The SQL of a filter; the names of its parameters begin with *prefix*."""
    writer = _Writer(sources, prefix)
    parts = where.tree.parts if isinstance(where.tree, Combined) and where.tree.how == "and" else (where.tree,)
    rows = [writer.sql(part) for part in parts if not _counted(part, sources)]
    groups = [writer.sql(part) for part in parts if _counted(part, sources)]
    return Where(_joined(rows, "AND"), _joined(groups, "AND"), writer.values)


def _counted(node: Node, sources: Sources) -> bool:
    if isinstance(node, Condition):
        return sources[node.column.key].counted
    return any(_counted(part, sources) for part in node.parts)


def _joined(parts: Sequence[str], word: str) -> str:
    """The conditions as a tree that is not deep: SQLite takes no chain of a thousand."""
    if len(parts) < 2:
        return parts[0] if parts else "true"
    middle = len(parts) // 2
    return f"({_joined(parts[:middle], word)} {word} {_joined(parts[middle:], word)})"


class _Writer:
    """Writes the conditions of one question, and collects their values."""

    def __init__(self, sources: Sources, prefix: str) -> None:
        self._sources = sources
        self._prefix = prefix
        self.values: dict[str, Any] = {}

    def sql(self, node: Node) -> str:
        if isinstance(node, Condition):
            return self._condition(node)
        parts = [self.sql(part) for part in node.parts]
        return f"NOT ({parts[0]})" if node.how == "not" else _joined(parts, node.how.upper())

    def _condition(self, condition: Condition) -> str:
        source = self._sources[condition.column.key]
        kind, operator, values = condition.column.kind, condition.operator, condition.values
        if operator in (Operator.CONTAINS, Operator.STARTS, Operator.ENDS):
            text = f"casefolded({source.value})" if kind is Kind.ADDRESS else source.value
            test = self._part_of(text, operator, values[0])
        elif kind is Kind.ADDRESS:
            test = self._address(source.value, operator, values)
        elif kind is Kind.SHARE:
            test = self._compared(f"{source.value} * {_WHOLE}", operator, values, f" * {source.whole}")
        else:
            test = self._compared(source.value, operator, values)
        return source.among.replace("{}", test)

    def _compared(self, value: str, operator: Operator, values: Sequence[object], times: str = "") -> str:
        names = [self._named(number_of(one) if isinstance(one, date) else one) + times for one in values]
        if operator is Operator.IS:
            return f"{value} IN ({', '.join(names)})"
        if operator is Operator.BETWEEN:
            return f"{value} BETWEEN {names[0]} AND {names[1]}"
        return f"{value} {_COMPARED[operator]} {names[0]}"

    def _part_of(self, text: str, operator: Operator, value: Value) -> str:
        """Unlike LIKE, these take all signs as they are, also NUL."""
        name = self._named(value)
        if operator is Operator.CONTAINS or not value:
            return f"instr({text}, {name}) > 0"
        if operator is Operator.STARTS:
            return f"instr({text}, {name}) = 1"
        # IS, since no bytes have no end, not an empty one
        return f"substr(CAST({text} AS BLOB), -length(CAST({name} AS BLOB))) IS CAST({name} AS BLOB)"

    def _address(self, value: str, operator: Operator, values: Sequence[Value]) -> str:
        """What is no address is in no network, and neither before nor behind one."""
        begin, end = f"range_begin({value})", f"range_end({value})"
        ranges = [one for one in values if isinstance(one, AddressRange)]
        if operator is Operator.IS:
            texts = [one for one in values if not isinstance(one, AddressRange)]
            parts = [self._between(begin, end, one.low, one.high) for one in ranges]
            if texts:
                parts.append(self._compared(f"casefolded({value})", Operator.IS, texts))
            return _joined(parts, "OR")
        first, last = ranges[0], ranges[-1]
        version = first.low[0]
        if operator is Operator.BETWEEN:
            return self._between(begin, end, first.low, last.high)
        if operator in (Operator.LESS, Operator.AT_MOST):
            most = first.low if operator is Operator.LESS else first.high
            return f"({begin} >= {self._named(bytes((version,)))} AND {self._compared(end, operator, [most])})"
        least = first.high if operator is Operator.MORE else first.low
        return f"({end} < {self._named(bytes((version + 1,)))} AND {self._compared(begin, operator, [least])})"

    def _between(self, begin: str, end: str, low: bytes, high: bytes) -> str:
        return f"({begin} >= {self._named(low)} AND {end} <= {self._named(high)})"

    def _named(self, value: object) -> str:
        name = f"{self._prefix}_{len(self.values)}"
        self.values[name] = value
        return f":{name}"


# where the questions have their columns


_SHOWN_NAME: Final = "iif(folded = '', '<>', folded)"
"""A sender's address as reports show it."""


def _senders_by_day(name: str) -> Sources:
    """The columns of the senders' report in ``daily``, grouped by sender or account."""
    domains = "SELECT address.id FROM domain CROSS JOIN address ON address.domain = domain.id"
    count = {
        "messages": "sum(messages)",
        "recipients": "sum(recipients)",
        **{f"tls_{version}": f"sum(iif(tls = {code}, messages, 0))" for version, code in TLS_CODES.items()},
        **{f"auth_{kind}": f"sum(iif(auth = {code}, messages, 0))" for kind, code in AUTH_CODES.items()},
    }
    return {
        "name": Source(_SHOWN_NAME, f"{name} IN (SELECT id FROM address WHERE {{}})"),
        "domain": Source("domain.name", f"{name} IN ({domains} WHERE {{}})"),
        **{key: Source(sql, counted=True, whole=count["messages"]) for key, sql in count.items()},
        "first_seen": Source("min(daily.day)", counted=True),
        "last_seen": Source("max(daily.day)", counted=True),
    }


# a window ends on the newest day, so that nobody in it was seen later
_SEEN: Final = f"(SELECT {{}} FROM seen WHERE party = {Party.SENDER:d} AND id = sender)"


def _senders_of_window() -> Sources:
    """The columns of the senders' report in ``window`` with ``address``.

    That one has no days; but while it is up to date, so is what tells them.
    """
    return {
        "name": Source(_SHOWN_NAME),
        "domain": Source("name", "address.domain IN (SELECT id FROM domain WHERE {})"),
        "messages": Source("messages"),
        "recipients": Source("recipients"),
        **{f"tls_{version}": Source(f"tls_{code}", whole="messages") for version, code in TLS_CODES.items()},
        **{f"auth_{kind}": Source(f"auth_{code}", whole="messages") for kind, code in AUTH_CODES.items()},
        "first_seen": Source(_SEEN.format("first_day(seen.first, days, :first)")),
        "last_seen": Source(_SEEN.format("last_day(seen.first, days)")),
    }


def _refused(table: str, *counts: str, address: str = "address") -> Sources:
    return {
        "account": Source("folded", f"{table}.name IN (SELECT id FROM tried_name WHERE {{}})"),
        "client": Source(address, f"{table}.client IN (SELECT id FROM client WHERE {{}})"),
        **{name: Source(f"sum({name})", counted=True) for name in counts},
        "first_seen": Source("min(day)", counted=True),
        "last_seen": Source("max(day)", counted=True),
    }


def _sign_ins(address: str = "address") -> Sources:
    counts = _refused("daily_sign_in", "sign_ins", "failures", address=address)
    return {**counts, "country": Source("casefolded(country)")}


# where only networks of clients are shown, a row is a network, and it is what conditions are asked of
_NETWORK: Final = "shown_client(address)"

SOURCES: Final[Mapping[str, Sources]] = {
    "sender": _senders_by_day("sender"),
    "account": _senders_by_day("account"),
    "window": _senders_of_window(),
    "failures": _refused("daily_failure", "failures"),
    "failures of networks": _refused("daily_failure", "failures", address=_NETWORK),
    "sign_ins": _sign_ins(),
    "sign_ins of networks": _sign_ins(_NETWORK),
}
"""By question."""


# functions that SQLite has not


def _first_day(first: int, days: bytes, low: int) -> int:
    """The first of the days of ``seen`` from *low* on, of which there is one."""
    bits = int.from_bytes(days, "little") >> max(low - first, 0)
    return max(low, first) + (bits & -bits).bit_length() - 1


def _last_day(first: int, days: bytes) -> int:
    """The last of the days of ``seen``."""
    return first + int.from_bytes(days, "little").bit_length() - 1


FUNCTIONS: Final = (
    ("casefolded", 1, str.casefold),
    ("range_begin", 1, range_begin),
    ("range_end", 1, range_end),
    ("first_day", 3, _first_day),
    ("last_day", 2, _last_day),
)
"""Name, number of arguments, and the function; a connection has to know them before it is asked with a filter."""
