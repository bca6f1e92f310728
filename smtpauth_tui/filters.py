"""The language of filters: ``messages > 100 and (sender ends with "@shop.example" or not tls1.0 = 0)``.

    filter    = all {OR all}
    all       = one {AND one}
    one       = NOT one | "(" filter ")" | condition
    condition = COLUMN comparison
    comparison = ("=" | "!=" | "<" | "<=" | ">" | ">=" | [IS] [NOT] …) value
               | [NOT] (CONTAINS | STARTS WITH | ENDS WITH) value
               | [NOT] BETWEEN value AND value
               | [NOT] IN ("(" value {"," value} ")" | value)

Words count without regard to case. A value is a word, or a text in quotes of either kind, in which the quote stands
twice for itself. It is read once from left to right.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from smtpauth_tui.addresses import network_keys
from smtpauth_tui.conditions import (
    SHARE_SCALE,
    AddressRange,
    Combined,
    Condition,
    Filter,
    FilterColumn,
    Kind,
    Node,
    Operator,
    Value,
)
from smtpauth_tui.errors import UsageError
from smtpauth_tui.query import parse_day

LONGEST_FILTER: Final = 10_000
DEEPEST: Final = 50
"""How many parentheses and NOTs may stand inside one another."""

_BLANK: Final = re.compile(r"\s*")
_COLUMN: Final = re.compile(r"[^\s()<>=!≠≤≥,\"']+")
_WORD: Final = re.compile(r"[^\s(),\"'][^\s(),]*")
_LETTERS: Final = re.compile(r"[a-z]+", re.IGNORECASE | re.ASCII)
_SIGN: Final = re.compile(r"<=|>=|!=|<>|==|[=≠≤≥<>]")
_COUNT: Final = re.compile(r"[0-9]{1,15}")
_SHARE: Final = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?%?")
_SIGNS: Final = {
    "=": Operator.IS,
    "==": Operator.IS,
    "<": Operator.LESS,
    "<=": Operator.AT_MOST,
    "≤": Operator.AT_MOST,
    ">": Operator.MORE,
    ">=": Operator.AT_LEAST,
    "≥": Operator.AT_LEAST,
}
_OF_TEXTS: Final = (Operator.CONTAINS, Operator.STARTS, Operator.ENDS)
_KEYWORDS: Final = frozenset({"and", "or", "not", "is", "in", "between", "contains", "starts", "ends"})
_MOST_SHOWN: Final = 40
"""Characters of a filter that an error quotes."""
_ALWAYS: Final = "=, !=, <, <=, >, >=, between, in"
_SIGNS_FIRST: Final = 6
"""Of `comparisons`, how many are signs; NOT goes before the others."""
_EXAMPLES: Final[dict[Kind, tuple[str, ...]]] = {Kind.DAY: ("today", "yesterday", "-7d", "-30d")}
JOINING: Final = ("and", "or")
"""What joins a condition to the next one."""
_EXPECTED: Final = {
    Kind.TEXT: ("a text", "A text with blanks, or one that is a word of filters, goes into quotes."),
    Kind.NUMBER: ("a number", "Write a whole number in digits, such as 100."),
    Kind.SHARE: ("a share", "Write a number from 0 to 100, such as 5 or 0.5%."),
    Kind.DAY: ("a day", "Write 2026-11-17, today, yesterday, or -7d."),
    Kind.ADDRESS: ("an address", "Write an address such as 192.0.2.7, or a network such as 10.0.0.0/8."),
}


class FilterError(UsageError):
    """A filter that cannot be taken, and where."""

    def __init__(
        self, message: str, hint: str, place: int, words: tuple[str, ...] = (), *, quoted: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.place = place
        """How many characters stand before what cannot be taken."""
        self.words = words
        """Words and signs that could stand there instead, where they can be told; a column by its name."""
        self.quoted = quoted
        """Whether a text in quotes begins there that does not end."""


def parse(text: str, columns: Sequence[FilterColumn], today: date) -> Filter:
    """What a filter says of a report with some *columns*; FilterError in words where it cannot be taken.

    Days such as ``-7d`` are counted back from *today*.
    """
    if len(text) > LONGEST_FILTER:
        raise FilterError(
            f"The filter is longer than {LONGEST_FILTER:,} characters.", "Give a shorter one.", LONGEST_FILTER
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FilterError("The filter has bytes that are no text.", "Write it in UTF-8.", error.start) from None
    if not text.strip():
        words = (*(column.name for column in columns), "not", "(")
        raise FilterError("The filter is empty.", f"Write a condition, such as {columns[0].name} = …", 0, words)
    return Filter(text.strip(), _Reader(text, columns, today).whole())


def column_names(columns: Iterable[FilterColumn]) -> str:
    """The names of columns, for people: those of shares in a word."""
    names = [column.name for column in columns if column.kind is not Kind.SHARE]
    shares = [column.name for column in columns if column.kind is Kind.SHARE]
    example = next((name for name in shares if "." in name), "".join(shares[:1]))
    return ", ".join(names) + (f"; with % in per cent, such as {example}" if shares else "")


def comparisons(kind: Kind) -> tuple[str, ...]:
    """How a column of a kind may be compared: signs first."""
    of_texts = tuple(map(str, _OF_TEXTS)) if kind in (Kind.TEXT, Kind.ADDRESS) else ()
    return ("=", "!=", "<", "<=", ">", ">=", *of_texts, "between", "in")


class _Reader:
    """Reads one filter from left to right."""

    def __init__(self, text: str, columns: Sequence[FilterColumn], today: date) -> None:
        self._text = text
        self._columns = columns
        self._today = today
        self._named = {column.name: column for column in columns}
        for column in columns:
            self._named.setdefault(f"{column.key}%" if column.kind is Kind.SHARE else column.key, column)
        self._end = 0
        """Behind what was read."""
        self._at = self._behind_blanks()
        self._begin = 0
        """Where the condition begins that is read, or was the last one."""

    def whole(self) -> Node:
        tree = self._any(0)
        if self._at < len(self._text):
            raise self._unexpected(
                "AND, OR or the end", "Join conditions by AND or OR; a text with blanks goes into quotes.", JOINING
            )
        return tree

    # the parts of a filter

    def _any(self, depth: int) -> Node:
        parts = [self._all(depth)]
        while self._took("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Combined("or", tuple(parts))

    def _all(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while self._took("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Combined("and", tuple(parts))

    def _one(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._error(f"more than {DEEPEST} parentheses and NOTs stand inside one another", "Make it simpler.")
        if self._took("not"):
            return Combined("not", (self._one(depth + 1),))
        if self._took_sign("("):
            tree = self._any(depth + 1)
            self._close("AND, OR or ')'", (*JOINING, ")"))
            return tree
        return self._condition()

    def _condition(self) -> Node:
        column = self._column()
        operator, negated = self._comparison(column)
        if operator is Operator.BETWEEN:
            values = self._two_values(column)
        elif operator is None:
            operator, values = Operator.IS, self._listed(column)
        else:
            values = (self._value(column, operator),)
        found = Condition(column, operator, values)
        return Combined("not", (found,)) if negated else found

    def _column(self) -> FilterColumn:
        word = _COLUMN.match(self._text, self._at)
        name = word[0] if word else ""
        words = (*(column.name for column in self._columns), "not", "(")
        if not word or name.casefold() in _KEYWORDS:
            raise self._unexpected("a column", self._all_columns(), words)
        column = self._named.get(name.casefold())
        if column is None:
            hint = self._nearest(name) + self._all_columns()
            raise self._error(f"there is no column {_shown(name)}", hint, words)
        self._begin = self._at
        self._take(word.end())
        return column

    def _comparison(self, column: FilterColumn) -> tuple[Operator | None, bool]:
        """How a column is compared (None for IN), and whether that is to be false."""
        sign = _SIGN.match(self._text, self._at)
        if sign:
            self._take(sign.end())
            return _SIGNS.get(sign[0], Operator.IS), sign[0] not in _SIGNS
        if self._took("is"):
            return Operator.IS, self._took("not")
        negated = self._took("not")
        if self._took("in"):
            return None, negated
        if self._took("between"):
            return Operator.BETWEEN, negated
        of_texts = column.kind in (Kind.TEXT, Kind.ADDRESS)
        for operator in _OF_TEXTS if of_texts else ():
            first, _, second = operator.value.partition(" ")
            if self._took(first):
                if second and not self._took(second):
                    raise self._unexpected(second.upper(), f"Write: {operator.value}", (second,))
                return operator, negated
        allowed = f"{_ALWAYS}, contains, starts with, ends with" if of_texts else _ALWAYS
        words = comparisons(column.kind)
        hint = f"{column.name} is {_EXPECTED[column.kind][0]}, which takes {allowed}."
        raise self._unexpected("a comparison", hint, words[_SIGNS_FIRST:] if negated else (*words, "not"))

    def _listed(self, column: FilterColumn) -> tuple[Value, ...]:
        if not self._took_sign("("):
            return (self._value(column, Operator.IS),)
        values = [self._value(column, Operator.IS)]
        while self._took_sign(","):
            values.append(self._value(column, Operator.IS))
        self._close("a comma or ')'", (",", ")"))
        return tuple(values)

    def _two_values(self, column: FilterColumn) -> tuple[Value, ...]:
        first = self._value(column, Operator.BETWEEN)
        if not self._took("and"):
            raise self._unexpected("AND", "Write: between 1 and 5", ("and",))
        second = self._value(column, Operator.BETWEEN)
        if isinstance(first, AddressRange) and isinstance(second, AddressRange):
            in_order = first.low[0] == second.low[0] and first.low <= second.high
        else:
            in_order = first <= second  # type: ignore[operator]
        if not in_order:
            raise self._error("nothing is between the two: the first of them is larger", "Turn them round.")
        return first, second

    # values

    def _value(self, column: FilterColumn, operator: Operator) -> Value:
        text, end = self._word(column, operator)
        if operator in _OF_TEXTS or column.kind is Kind.TEXT:
            value: Value | None = text.casefold()
        elif column.kind is Kind.NUMBER:
            value = int(text) if _COUNT.fullmatch(text) else None
        elif column.kind is Kind.SHARE:
            value = _share(text)
        elif column.kind is Kind.DAY:
            value = self._day(text)
        else:
            keys = network_keys(text)
            value = AddressRange(*keys) if keys else text.casefold() if operator is Operator.IS else None
        if value is None:
            raise self._unexpected(*_EXPECTED[column.kind], _EXAMPLES.get(column.kind, ()))
        self._take(end)
        return value

    def _word(self, column: FilterColumn, operator: Operator) -> tuple[str, int]:
        """A text in quotes or a word, and where it ends."""
        sign = self._text[self._at : self._at + 1]
        words = tuple(map(_written, column.words)) if operator is Operator.IS else ()
        if sign in ("'", '"'):
            return self._quoted(sign, words)
        word = _WORD.match(self._text, self._at)
        if not word or word[0].casefold() in _KEYWORDS:
            raise self._unexpected(*_EXPECTED[column.kind], words or _EXAMPLES.get(column.kind, ()))
        return word[0], word.end()

    def _quoted(self, sign: str, words: tuple[str, ...]) -> tuple[str, int]:
        parts: list[str] = []
        begin = self._at + 1
        while (end := self._text.find(sign, begin)) >= 0:
            if not self._text.startswith(sign, end + 1):
                return "".join([*parts, self._text[begin:end]]), end + 1
            parts.append(self._text[begin : end + 1])
            begin = end + 2
        what = f"the text that begins with {_shown(self._text[self._at :])} does not end"
        raise self._error(what, "Close its quote.", words, quoted=True)

    def _day(self, text: str) -> date | None:
        try:
            return parse_day(text, self._today)
        except UsageError as error:
            if len(text) > _MOST_SHOWN:
                return None
            what = f"a day is expected: {error.message.rstrip('.')}"
            raise self._error(what, error.hint, _EXAMPLES[Kind.DAY]) from None

    # what stands at a place

    def _took(self, keyword: str) -> bool:
        """Whether a word of the language stands here; it is read then."""
        word = _LETTERS.match(self._text, self._at)
        if not word or word[0].lower() != keyword:
            return False
        follows = self._text[word.end() : word.end() + 1]
        if follows and not follows.isspace() and follows not in "()'\"":
            return False
        self._take(word.end())
        return True

    def _took_sign(self, sign: str) -> bool:
        if not self._text.startswith(sign, self._at):
            return False
        self._take(self._at + 1)
        return True

    def _close(self, expected: str, words: tuple[str, ...]) -> None:
        if not self._took_sign(")"):
            raise self._unexpected(expected, "Close each parenthesis.", words)

    def _take(self, end: int) -> None:
        self._end = end
        self._at = self._behind_blanks()

    def _behind_blanks(self) -> int:
        blank = _BLANK.match(self._text, self._end)
        return blank.end() if blank else self._end

    # what is said

    def _error(self, what: str, hint: str, words: tuple[str, ...] = (), *, quoted: bool = False) -> FilterError:
        read = self._text[self._begin : self._end].strip()
        place = f"after {_shown(read, last=True)} " if read else ""
        return FilterError(f"In the filter, {place}{what}.", hint, self._at, words, quoted=quoted)

    def _unexpected(self, expected: str, hint: str, words: tuple[str, ...] = ()) -> FilterError:
        rest = _WORD.match(self._text, self._at)
        found = rest[0] if rest else self._text[self._at : self._at + 1]
        return self._error(
            f"{expected} is expected, " + (f"not {_shown(found)}" if found else "and it ends there"), hint, words
        )

    def _all_columns(self) -> str:
        return f"Columns are: {column_names(self._columns)}."

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name.casefold()[:30], self._named, 1)
        return f"Did you mean {self._named[near[0]].name}? " if near else ""


def _written(text: str) -> str:
    """A text as it is written in a filter: in quotes where it needs them."""
    word = _WORD.fullmatch(text)
    return text if word and text.casefold() not in _KEYWORDS else '"{}"'.format(text.replace('"', '""'))


def _share(text: str) -> int | None:
    """Ten-thousandths of a per cent; None for what is not from 0 to 100."""
    found = _SHARE.fullmatch(text)
    value = int(found[1]) * SHARE_SCALE + int((found[2] or "").ljust(4, "0")) if found else None
    return value if value is not None and value <= 100 * SHARE_SCALE else None


def _shown(text: str, *, last: bool = False) -> str:
    """A piece of a filter in quotes, not too long."""
    if len(text) > _MOST_SHOWN:
        text = f"…{text[1 - _MOST_SHOWN :]}" if last else f"{text[: _MOST_SHOWN - 1]}…"
    return f"'{text}'"
