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
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

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


@st.composite
def cased(draw: st.DrawFn, words: str) -> str:
    """Words of the language in any case, with any blanks."""
    blank = draw(st.sampled_from([" ", "  ", "\n\t"]))
    return blank.join(draw(st.sampled_from([word, word.upper(), word.title()])) for word in words.split())


@st.composite
def quoted(draw: st.DrawFn, text: str) -> str:
    """A value, in quotes where it needs them."""
    if BARE.fullmatch(text) and text.casefold() not in KEYWORDS and draw(st.booleans()):
        return text
    sign = draw(st.sampled_from("'\""))
    return sign + text.replace(sign, sign * 2) + sign


def number_text(value: Fraction) -> str:
    """A share as it is written."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


@st.composite
def value_of(draw: st.DrawFn, column: Known, today: date) -> tuple[str, Any]:
    """A value as it is written, and what it stands for."""
    value = draw(st.sampled_from(list(column.some)))
    if column.kind == "count":
        return draw(quoted(str(value))), value
    if column.kind == "share":
        return draw(quoted(number_text(value) + draw(st.sampled_from(["", "%"])))), value
    if column.kind == "day":
        ago = (today - value).days
        ways = [value.isoformat(), *([f"-{ago}d"] if ago >= 0 else []), *(["today"] if ago == 0 else [])]
        return draw(quoted(draw(st.sampled_from(ways)))), value
    if column.kind == "text" and draw(st.booleans()):
        start = draw(st.integers(0, len(value)))
        value = value[start : draw(st.integers(start, len(value)))]
    value = draw(st.sampled_from([value, value.upper(), value.lower()])) if column.kind == "text" else value
    return draw(quoted(value)), value


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


@st.composite
def conditions(draw: st.DrawFn, columns: Sequence[Known], today: date) -> Written:
    """One comparison."""
    column = draw(st.sampled_from(list(columns)))
    name = draw(st.sampled_from([column.name, column.name.upper()]))
    texts = column.kind in ("text", "address")
    way = draw(st.sampled_from(["is", "compared", "between", "in", *(["part"] * 2 if texts else [])]))
    text, value = draw(value_of(column, today))
    negated = draw(st.booleans())
    no = draw(cased("not")) + " " if negated else ""
    if way in ("compared", "between") and column.kind == "address" and not is_address(value):
        way = "is"
    if way == "is":
        sign = draw(st.sampled_from(["!=", "≠", "<>", "is not"] if negated else ["=", "==", "is"]))
        written = f"{name} {draw(cased(sign))} {text}"
        return Written(written, lambda row: same(column, row, value) is not negated)
    if way == "compared":
        signs, compared = draw(st.sampled_from(COMPARED))
        gap = draw(st.sampled_from(["", " "])) if text[0] not in "<>=!" else " "
        written = f"{name}{gap}{draw(st.sampled_from(signs))}{gap}{text}"
        return Written(written, lambda row: before(column, compared, row, value))
    if way == "between":
        other_text, other = draw(value_of(column, today))
        if column.kind == "address" and not is_address(other):
            other_text, other = text, value
        keys = [sort_key(column, one) for one in (value, other)]
        if column.kind == "address" and keys[0][0] != keys[1][0]:
            (other_text, other), keys = (text, value), keys[:1] * 2
        if keys[0] > keys[1]:
            text, value, other_text, other = other_text, other, text, value
        return Written(
            f"{name} {no}{draw(cased('between'))} {text} {draw(cased('and'))} {other_text}",
            lambda row: (before(column, ge, row, value) and before(column, le, row, other)) is not negated,
        )
    if way == "in":
        more = [draw(value_of(column, today)) for _ in range(draw(st.integers(0, 3)))]
        values = [value, *(one for _, one in more)]
        comma = draw(st.sampled_from([",", ", ", " , "]))
        listed = f"({comma.join([text, *(one for one, _ in more)])})" if more else text
        return Written(
            f"{name} {no}{draw(cased('in'))} {listed}",
            lambda row: any(same(column, row, one) for one in values) is not negated,
        )
    part, found = draw(
        st.sampled_from(
            [
                ("contains", lambda own, part: part in own),
                ("starts with", lambda own, part: own.startswith(part)),
                ("ends with", lambda own, part: own.endswith(part)),
            ]
        )
    )
    return Written(
        f"{name} {no}{draw(cased(part))} {text}",
        lambda row: found(column.of(row).casefold(), value.casefold()) is not negated,
    )


def sort_key(column: Known, value: Any) -> Any:
    """What says which of two values is the first."""
    if column.kind == "text":
        return value.casefold()
    if column.kind == "address":
        network = plain_network(value)
        return network.version, int(network[0])
    return value


def filters(columns: Sequence[Known], today: date) -> st.SearchStrategy[Written]:
    """Conditions joined in any way."""

    def joined(inner: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
        @st.composite
        def one(draw: st.DrawFn) -> Written:
            how = draw(st.sampled_from(["and", "or", "not"]))
            if how == "not":
                part = draw(inner)
                return Written(f"{draw(cased('not'))} ({part.text})", lambda row: not part.holds(row))
            parts = draw(st.lists(inner, min_size=2, max_size=3))
            together = all if how == "and" else any
            text = f" {draw(cased(how))} ".join(f"({part.text})" for part in parts)
            return Written(text, lambda row: together(part.holds(row) for part in parts))

        return one()

    @st.composite
    def chained(draw: st.DrawFn) -> Written:
        """Without parentheses: AND binds before OR, NOT before both."""
        lists = draw(st.lists(st.lists(conditions(columns, today), min_size=1, max_size=3), min_size=1, max_size=3))
        turned = [[draw(st.booleans()) for _ in some] for some in lists]
        texts = [
            " and ".join(f"not {one.text}" if turn else one.text for one, turn in zip(some, turns, strict=True))
            for some, turns in zip(lists, turned, strict=True)
        ]
        return Written(
            " or ".join(texts),
            lambda row: any(
                all(one.holds(row) is not turn for one, turn in zip(some, turns, strict=True))
                for some, turns in zip(lists, turned, strict=True)
            ),
        )

    return st.recursive(conditions(columns, today) | chained(), joined, max_leaves=5)


def shifted(day: date, *by: int) -> list[date]:
    """Days around one."""
    return [day + timedelta(days=n) for n in by]
