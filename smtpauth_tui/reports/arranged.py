"""Rows that are all there: those that a query searches for, in its order."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from smtpauth_tui.query import ReportQuery, SenderOrder

Row = TypeVar("Row")


def arranged(
    rows: Iterable[Row],
    query: ReportQuery,
    orders: Mapping[SenderOrder, Callable[[Row], Any]],
    words: Callable[[Row], str],
) -> list[Row]:
    """Those whose *words*, casefolded, have what is searched for.

    *orders* says what an order compares; in any other one the rows stay as they are, or are turned round.
    """
    text = query.search.casefold()
    kept = [row for row in rows if not text or text in words(row)]
    if query.order in orders:
        kept.sort(key=orders[query.order], reverse=query.descending)
    elif not query.descending:
        kept.reverse()
    return kept
