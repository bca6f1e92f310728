"""Random filters, each as the text that a person writes and as a function that judges a row of a report's JSON.

The function knows nothing of the program's own reading of filters, nor of SQL.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from ipaddress import ip_address, ip_network
from operator import ge, gt, le, lt
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
Holds = Callable[[Row], bool]
BARE = re.compile(r"[^\s(),\"'][^\s(),]*")
KEYWORDS = {"and", "or", "not", "is", "in", "between", "contains", "starts", "ends"}
COMPARED: Sequence[tuple[tuple[str, ...], Callable[[Any, Any], bool]]] = (
    (("<",), lt),
    (("<=", "≤"), le),
    ((">",), gt),
    ((">=", "≥"), ge),
)


@dataclass(frozen=True)
class Written:
    """A filter."""

    text: str
    holds: Holds


@dataclass(frozen=True)
class Known:
    """A column: its name, its kind, its value in a row, and values to compare it with."""

    name: str
    kind: str
    of: Callable[[Row], Any]
    some: Sequence[Any]


def sender_columns(by: str, zone: ZoneInfo, names: Sequence[str], days: Sequence[date]) -> list[Known]:
    """The columns of ``show senders``."""
    domains = sorted({name.rpartition("@")[2] for name in names if "@" in name} | {"", "SHOP.example"})
    parts = {"none": "none", "ssl3": "ssl3", "unknown": "unknown", **{f"tls1.{n}": f"1.{n}" for n in range(4)}}
    kinds = {"basic": "basic", "oauth": "oauth", "unknown_auth": "unknown"}
    counts: dict[str, Callable[[Row], int]] = {
        **{name: lambda row, key=key: row["tls"].get(key, 0) for name, key in parts.items()},  # type: ignore[misc]
        **{name: lambda row, key=key: row["auth"][key] for name, key in kinds.items()},  # type: ignore[misc]
    }
    return [
        Known(by, "text", lambda row: row[by] or "<>", [*names, "<>"]),
        Known("name", "text", lambda row: row[by] or "<>", [*names, "<>"]),
        Known("domain", "text", lambda row: row["domain"], domains),
        Known("messages", "count", lambda row: row["messages"], range(12)),
        Known("recipients", "count", lambda row: row["recipients"], range(25)),
        *(Known(name, "count", of, range(6)) for name, of in counts.items()),
        *(
            Known(f"{name}%", "share", lambda row, of=of: Fraction(100 * of(row), row["messages"]), SHARES)  # type: ignore[misc]
            for name, of in counts.items()
        ),
        *seen_columns(zone, days),
    ]


SHARES = [*map(Fraction, (0, 1, 5, 20, 25, 40, 50, 75, 100)), Fraction(333333, 10000), Fraction(1, 2), Fraction(1, 8)]


def seen_columns(zone: ZoneInfo, days: Sequence[date]) -> list[Known]:
    """``first_seen`` and ``last_seen``."""

    def day(moment: str) -> date:
        return datetime.fromisoformat(moment).astimezone(zone).date()

    return [
        Known("first_seen", "day", lambda row: day(row["first_seen"]), days),
        Known("last_seen", "day", lambda row: day(row["last_seen"]), days),
    ]


def refused_columns(zone: ZoneInfo, names: Sequence[str], clients: Sequence[str], days: Sequence[date]) -> list[Known]:
    """The columns of ``show failures`` and, with more, of ``show signins``."""
    networks = ["192.0.2.0/24", "192.0.2.7/30", "::ffff:192.0.2.0/120", "2001:db8::/32", "0.0.0.0/0", "::/0"]
    return [
        Known("account", "text", lambda row: row["account"] or "", [*names, ""]),
        Known("client", "address", lambda row: row["client"], [*clients, *networks]),
        Known("failures", "count", lambda row: row["failures"], range(6)),
        *seen_columns(zone, days),
    ]


# how it is written


def cased(dice: Random, words: str) -> str:
    """Words of the language in any case, with any blanks."""
    blank = dice.choice([" ", "  ", "\n\t"])
    return blank.join(dice.choice([word, word.upper(), word.title()]) for word in words.split())


def quoted(dice: Random, text: str) -> str:
    """A value, in quotes where it needs them."""
    if BARE.fullmatch(text) and text.casefold() not in KEYWORDS and dice.choice([True, False]):
        return text
    sign = dice.choice("'\"")
    return sign + text.replace(sign, sign * 2) + sign


def value_of(dice: Random, column: Known, today: date) -> tuple[str, Any]:
    """A value as it is written, and what it stands for."""
    value = dice.choice(list(column.some))
    if column.kind == "count":
        return quoted(dice, str(value)), value
    if column.kind == "share":
        text = f"{float(value):.4f}".rstrip("0").rstrip(".")
        return quoted(dice, text + dice.choice(["", "%"])), value
    if column.kind == "day":
        ago = (today - value).days
        ways = [value.isoformat(), *([f"-{ago}d"] if ago >= 0 else []), *(["today"] if ago == 0 else [])]
        return quoted(dice, dice.choice(ways)), value
    if column.kind == "text" and dice.choice([True, False]):
        start = dice.randint(0, len(value))
        value = value[start : dice.randint(start, len(value))]
    value = dice.choice([value, value.upper(), value.lower()]) if column.kind == "text" else value
    return quoted(dice, value), value


# what it means


def same(column: Known, row: Row, value: Any) -> bool:
    """Whether a row has a value."""
    own = column.of(row)
    if column.kind == "text":
        return bool(own.casefold() == value.casefold())
    if column.kind != "address":
        return bool(own == value)
    try:
        network = plain_network(value)
    except ValueError:
        return bool(own.casefold() == value.casefold())
    address = plain_address(own)
    return address is not None and address in network


def plain_address(text: str) -> Any:
    """An address without its zone and without the two ways to write an IPv4 one; None for what is none."""
    try:
        address = ip_address(ip_address(text) and text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def plain_network(text: str) -> Any:
    """A network, likewise."""
    network = ip_network(ip_network(text, strict=False) and text.partition("%")[0], strict=False)
    if network.version == 6 and network[0].ipv4_mapped and network.prefixlen >= 96:
        return ip_network((int(network[0].ipv4_mapped), network.prefixlen - 96))
    return network


def before(column: Known, compared: Callable[[Any, Any], bool], row: Row, value: Any) -> bool:
    """Whether a row's value is before, or behind, another one."""
    own = column.of(row)
    if column.kind == "text":
        return compared(own.casefold(), value.casefold())
    if column.kind != "address":
        return compared(own, value)
    network, address = plain_network(value), plain_address(own)
    if address is None or address.version != network.version:
        return False
    return compared(address, network[0] if compared in (lt, ge) else network[-1])


def is_address(text: str) -> bool:
    """Whether a value is an address or a network."""
    try:
        plain_network(text)
    except ValueError:
        return False
    return True


# the parts of it

WAYS = ("is", "in", "between", *(sign for signs, _ in COMPARED for sign in signs))
PARTS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda own, part: part in own,
    "starts with": lambda own, part: own.startswith(part),
    "ends with": lambda own, part: own.endswith(part),
}


def ways_of(column: Known) -> Sequence[str]:
    """How a column can be compared."""
    return (*WAYS, *PARTS) if column.kind in ("text", "address") else WAYS


def condition(dice: Random, column: Known, way: str, today: date) -> Written:
    """A comparison of a column."""
    name = dice.choice([column.name, column.name.upper()])
    negated = dice.choice([True, False])
    no = cased(dice, "not") + " " if negated else ""
    texts, values = zip(*sorted_values(dice, column, way, today), strict=True)
    if way == "is":
        sign = cased(dice, dice.choice(["!=", "≠", "<>", "is not"] if negated else ["=", "==", "is"]))
        return Written(f"{name} {sign} {texts[0]}", lambda row: same(column, row, values[0]) is not negated)
    if way == "in":
        listed = f"({dice.choice([',', ', ', ' , ']).join(texts)})" if len(texts) > 1 else texts[0]
        return Written(
            f"{name} {no}{cased(dice, 'in')} {listed}",
            lambda row: any(same(column, row, one) for one in values) is not negated,
        )
    if way == "between":
        return Written(
            f"{name} {no}{cased(dice, 'between')} {texts[0]} {cased(dice, 'and')} {texts[1]}",
            lambda row: (before(column, ge, row, values[0]) and before(column, le, row, values[1])) is not negated,
        )
    if way in PARTS:
        return Written(
            f"{name} {no}{cased(dice, way)} {texts[0]}",
            lambda row: PARTS[way](column.of(row).casefold(), values[0].casefold()) is not negated,
        )
    compared = next(function for signs, function in COMPARED if way in signs)
    gap = dice.choice(["", " "]) if texts[0][0] not in "<>=!" else " "
    return Written(
        f"{no}{name}{gap}{way}{gap}{texts[0]}", lambda row: before(column, compared, row, values[0]) is not negated
    )


def sorted_values(dice: Random, column: Known, way: str, today: date) -> list[tuple[str, Any]]:
    """As many values as a comparison takes; where they have an order, in order and of one kind."""
    found = [value_of(dice, column, today) for _ in range(dice.randint(1, 4) if way == "in" else 2)]
    if way in ("is", "in", *PARTS):
        return found
    while column.kind == "address" and not is_address(found[0][1]):
        found[0] = value_of(dice, column, today)
    first = sort_key(column, found[0][1]) if column.kind == "address" else None
    if first and (not is_address(found[1][1]) or sort_key(column, found[1][1])[0] != first[0]):
        found[1] = found[0]
    return sorted(found, key=lambda one: sort_key(column, one[1])) if way == "between" else found


def sort_key(column: Known, value: Any) -> Any:
    """What says which of two values is the first."""
    if column.kind == "text":
        return value.casefold()
    if column.kind == "address":
        network = plain_network(value)
        return network.version, int(network[0])
    return value


def written_filter(dice: Random, columns: Sequence[Known], today: date, depth: int = 2) -> Written:
    """Conditions joined in any way, mostly a few."""
    how = dice.choice(["one", "chain", "and", "or", "not"]) if depth else "one"
    if how == "one":
        column = dice.choice(list(columns))
        return condition(dice, column, dice.choice(list(ways_of(column))), today)
    if how == "chain":
        return chain(dice, columns, today)
    if how == "not":
        part = written_filter(dice, columns, today, depth - 1)
        return Written(f"{cased(dice, 'not')} ({part.text})", lambda row: not part.holds(row))
    parts = [written_filter(dice, columns, today, depth - 1) for _ in range(dice.randint(2, 3))]
    together = all if how == "and" else any
    text = f" {cased(dice, how)} ".join(f"({part.text})" for part in parts)
    return Written(text, lambda row: together(part.holds(row) for part in parts))


def chain(dice: Random, columns: Sequence[Known], today: date) -> Written:
    """Without parentheses: AND binds before OR, NOT before both."""
    either = [
        [(written_filter(dice, columns, today, 0), dice.choice([True, False])) for _ in range(dice.randint(1, 3))]
        for _ in range(dice.randint(1, 3))
    ]
    texts = [" and ".join(f"not {one.text}" if turned else one.text for one, turned in some) for some in either]
    return Written(
        " or ".join(texts),
        lambda row: any(all(one.holds(row) is not turned for one, turned in some) for some in either),
    )


def shifted(day: date, *by: int) -> list[date]:
    """Days around one."""
    return [day + timedelta(days=n) for n in by]
