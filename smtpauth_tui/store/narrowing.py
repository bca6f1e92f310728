"""Whose rows have to be counted for a filter: what is counted ahead of more days rules most senders out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from smtpauth_tui.conditions import Combined, Condition, Filter, Kind, Node, Operator
from smtpauth_tui.query import Grouping, ReportQuery
from smtpauth_tui.store.asking import IN_DOMAIN, LOOKED_UP, ROWS, rows_of, where_of
from smtpauth_tui.store.where import Where

if TYPE_CHECKING:
    from smtpauth_tui.store.reader import Store


async def rows_for(store: "Store", query: ReportQuery, where: Where) -> tuple[str, Where]:
    """The rows of ``daily`` to count for a query whose filter is *where*, and that filter with their parameters."""
    window = await store.window_around(query.period)
    tree = could_hold(query.where.tree) if query.where else None
    if tree is None or window is None or query.by is not Grouping.SENDER:
        return ROWS, where
    could = where_of(replace(query, where=Filter("", tree)), "window", "could")
    those = f"window JOIN address ON address.id = sender WHERE span = {window:d}"
    ((all_, number),) = await store._rows(f"SELECT count(*), total({could.rows}) FROM {those}", could.values)
    those = f"SELECT sender FROM {those} AND {could.rows}"
    if number * query.period.days <= LOOKED_UP:
        senders = [sender for (sender,) in await store._rows(those, could.values)]
        return f"{rows_of(senders)} AND {IN_DOMAIN}", where
    if number * 2 > all_:  # to ask of each sender costs less than of each of its days
        return ROWS, Where(groups=f"({where.rows} AND {where.groups})", values=where.values)
    if where.groups == "true":
        return ROWS, where
    return f"{ROWS} AND sender IN ({those})", where._replace(values={**where.values, **could.values})


def could_hold(node: Node, *, negated: bool = False) -> Node | None:
    """What holds of a sender in more days wherever a filter holds of it in some of them; None where that is nothing.

    No count of some days is larger than that of all.
    """
    if isinstance(node, Combined):
        if node.how == "not":
            return could_hold(node.parts[0], negated=not negated)
        found = [could_hold(part, negated=negated) for part in node.parts]
        known = tuple(part for part in found if part is not None)
        together = (node.how == "and") is not negated
        if not known or (not together and len(known) < len(found)):
            return None
        return Combined("and" if together else "or", known)
    if node.column.kind in (Kind.TEXT, Kind.ADDRESS):
        return Combined("not", (node,)) if negated else node
    if node.column.kind is Kind.DAY:
        return None
    least = _least(node.operator, [one for one in node.values if isinstance(one, int)], negated=negated)
    if node.column.kind is Kind.SHARE:
        least = min(least, 1)
    column = node.column._replace(kind=Kind.NUMBER)
    return Condition(column, Operator.AT_LEAST, (least,)) if least > 0 else None


def _least(operator: Operator, values: Sequence[int], *, negated: bool) -> int:
    """The least number of which a comparison holds."""
    if operator is Operator.IS:
        return next(n for n in range(len(values) + 1) if n not in values) if negated else min(values)
    if operator is Operator.BETWEEN:
        return (values[1] + 1 if values[0] == 0 else 0) if negated else values[0]
    if operator in (Operator.MORE, Operator.AT_LEAST) if negated else operator in (Operator.LESS, Operator.AT_MOST):
        return 0
    return values[0] + (operator in (Operator.MORE, Operator.AT_MOST))
