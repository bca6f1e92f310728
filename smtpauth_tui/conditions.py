"""What a filter says: conditions on the columns of a report, and how they are combined.

They are written by `filters.parse`, and read by the store, which makes a question of them. Queries hold them, and
queries are made before the first screen is drawn: so these are tuples, which are defined sooner than dataclasses.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Final, Literal, NamedTuple, TypeAlias

SHARE_SCALE: Final = 10_000
"""Of a share's value, so many are one per cent."""


class Kind(StrEnum):
    """What stands in a column: what it may be compared with, and how."""

    TEXT = "text"
    """Compared without regard to case."""
    NUMBER = "number"
    """A count."""
    SHARE = "share"
    """A count's part of all messages of its row, in per cent: compared as it is, not as it is rounded to be shown."""
    DAY = "day"
    """A moment, of which the day in the store's zone counts."""
    ADDRESS = "address"
    """The address of a client: as a text, and by the network that it is in."""


class FilterColumn(NamedTuple):
    """A column that a filter may name."""

    name: str
    """As people write it; a share ends with ``%``."""
    kind: Kind
    key: str
    """As the store knows it, and as it is called in CSV; filters may say it too."""
    words: tuple[str, ...] = ()
    """The texts that stand in it, where no others do: to be offered. It may be compared with any."""


class Operator(StrEnum):
    """How a column is compared with values."""

    IS = "is"
    """It is one of the values."""
    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    BETWEEN = "between"
    """From the first to the second of two values, both included."""


class AddressRange(NamedTuple):
    """The addresses of a network, or one of them, as `addresses.address_key` has them."""

    low: bytes
    high: bytes


Value: TypeAlias = str | int | date | AddressRange
"""A text casefolded; a count; a share in parts of a per cent (`SHARE_SCALE`); a day; addresses."""


class Condition(NamedTuple):
    """One comparison. CONTAINS, STARTS and ENDS have a text, IS any number of values, BETWEEN two, the others one."""

    column: FilterColumn
    operator: Operator
    values: tuple[Value, ...]


class Combined(NamedTuple):
    """Conditions that hold together, of which one holds, or (of one) that does not hold."""

    how: Literal["and", "or", "not"]
    parts: tuple["Node", ...]


Node: TypeAlias = Condition | Combined


class Filter(NamedTuple):
    """A filter as it was written, and what it says."""

    text: str
    tree: Node
    name: str = ""
    """The one under which it is saved, where it is known by one."""

    @property
    def called(self) -> str:
        """As people know it: its name, where it has one, and its text, on one line."""
        text = " ".join(self.text.split())
        return f"{self.name}: {text}" if self.name else text


def both(one: Filter, other: Filter) -> Filter:
    """What two filters say together."""
    return Filter(f"({one.text}) and ({other.text})", Combined("and", (one.tree, other.tree)))


def conditions_of(node: Node) -> Iterator[Condition]:
    """All conditions of a tree, as they were written."""
    if isinstance(node, Condition):
        yield node
    else:
        for part in node.parts:
            yield from conditions_of(part)
