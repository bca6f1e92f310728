"""Whether a filter holds of a record that is in memory: what `store/filtering.py` asks of rows in SQL, asked of values.

Both agree: a value that is missing (None) is like none, so that a comparison with it does not hold, and NOT turns that
round. A column may have several values in a record; a comparison holds where it holds of one of them.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from operator import ge, gt, le, lt
from typing import Any, Final, TypeVar

from smtpauth_tui.addresses import range_of
from smtpauth_tui.conditions import SHARE_SCALE, AddressRange, Condition, Filter, Kind, Node, Operator, Value

Record = TypeVar("Record")
Values = Mapping[str, Callable[[Record], Any]]
"""What a record has in a column, by the column's key: a text, a count, a day, a client's address or network; by the key
of a share with ``%`` its part and the whole; None for nothing; a list, tuple or set for several texts or addresses."""

_COMPARED: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    Operator.LESS: lt,
    Operator.AT_MOST: le,
    Operator.MORE: gt,
    Operator.AT_LEAST: ge,
}
_WHOLE: Final = 100 * SHARE_SCALE
_Test = Callable[[Any], bool]


def predicate(where: Filter, values: "Values[Record]") -> Callable[[Record], bool]:
    """Tells of a record whether a filter holds of it."""
    return _of(where.tree, values)


def _of(node: Node, values: "Values[Record]") -> Callable[[Record], bool]:
    if isinstance(node, Condition):
        key = node.column.key
        return _condition(node, values[f"{key}%" if node.column.kind is Kind.SHARE else key])
    parts = [_of(part, values) for part in node.parts]
    if node.how == "not":
        return lambda record: not parts[0](record)
    if node.how == "and":
        return lambda record: all(part(record) for part in parts)
    return lambda record: any(part(record) for part in parts)


def _condition(condition: Condition, value: Callable[[Record], Any]) -> Callable[[Record], bool]:
    kind = condition.column.kind
    operator, others = condition.operator, condition.values
    if kind is Kind.SHARE:
        return lambda record: (found := value(record)) is not None and _share(operator, others, *found)
    if operator in (Operator.CONTAINS, Operator.STARTS, Operator.ENDS):
        test = _part_of(operator, str(others[0]))
    elif kind is Kind.ADDRESS:
        test = _address(operator, others)
    else:
        test = _compared(operator, others, folded=kind is Kind.TEXT)

    def holds(record: Record) -> bool:
        found = value(record)
        if isinstance(found, list | tuple | set | frozenset):
            return any(one is not None and test(one) for one in found)
        return found is not None and test(found)

    return holds


def _compared(operator: Operator, others: Collection[Value], *, folded: bool) -> _Test:
    """Texts in the order of their characters, as the database has them."""
    test = _order(operator, tuple(others))
    return (lambda one: test(one.casefold())) if folded else test


def _order(operator: Operator, others: tuple[Any, ...]) -> _Test:
    if operator is Operator.IS:
        among = frozenset(others)
        return lambda one: one in among
    if operator is Operator.BETWEEN:
        low, high = others
        return lambda one: bool(low <= one <= high)
    compared, other = _COMPARED[operator], others[0]
    return lambda one: compared(one, other)


def _share(operator: Operator, others: tuple[Value, ...], part: int, whole: int) -> bool:
    """By whole numbers, as it is and not as it is rounded to be shown."""
    scaled = tuple(one * whole for one in others if isinstance(one, int) and not isinstance(one, date))
    return _order(operator, scaled)(part * _WHOLE)


def _part_of(operator: Operator, part: str) -> _Test:
    if operator is Operator.CONTAINS:
        return lambda one: part in one.casefold()
    if operator is Operator.STARTS:
        return lambda one: one.casefold().startswith(part)
    return lambda one: one.casefold().endswith(part)


def _address(operator: Operator, others: tuple[Value, ...]) -> _Test:
    """What is no address is in no network, and neither before nor behind one; a network is in one that holds it all."""
    ranges = [one for one in others if isinstance(one, AddressRange)]
    texts = frozenset(one for one in others if isinstance(one, str))

    def holds(one: str) -> bool:
        if operator is Operator.IS and one.casefold() in texts:
            return True
        found = range_of(one)
        return found is not None and _holds_of_range(operator, ranges, AddressRange(*found))

    return holds


def _holds_of_range(operator: Operator, ranges: list[AddressRange], own: AddressRange) -> bool:
    if operator is Operator.IS:
        return any(one.low <= own.low and own.high <= one.high for one in ranges)
    first, last = ranges[0], ranges[-1]
    if own.low[0] != first.low[0]:
        return False
    match operator:
        case Operator.BETWEEN:
            return first.low <= own.low and own.high <= last.high
        case Operator.LESS:
            return own.high < first.low
        case Operator.AT_MOST:
            return own.high <= first.high
        case Operator.MORE:
            return own.low > first.high
    return own.low >= first.low
