"""The language of filters: what it takes, and what it says of what it cannot take."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.conditions import FilterColumn, Kind, both
from smtpauth_tui.filters import LONGEST_FILTER, FilterError, column_names, parse

TODAY = date(2026, 11, 23)
COLUMNS = (
    FilterColumn("sender", Kind.TEXT, "name"),
    FilterColumn("messages", Kind.NUMBER, "messages"),
    FilterColumn("tls1.0", Kind.NUMBER, "tls_1.0"),
    FilterColumn("tls1.0%", Kind.SHARE, "tls_1.0"),
    FilterColumn("last_seen", Kind.DAY, "last_seen"),
    FilterColumn("client", Kind.ADDRESS, "client"),
)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("sender = ana", "SENDER is 'Ana'"),
        ("sender=ana", 'sender  ==\n"ANA"'),
        ("sender in ana", "sender in (ana)"),
        ("name = ana", "sender = ana"),
        ("sender = o'brien@x", "sender = 'o''brien@x'"),
        ('sender = "a ""b"" c"', "sender = 'a \"b\" c'"),
        ("sender = <>", "sender = '<>'"),
        ("sender <> <>", "sender is not '<>'"),
        ("sender = 'and'", 'sender = "And"'),
        ("messages<>5", "messages ≠ 5"),
        ("messages != 5", "not messages = 5"),
        ("messages ≤ 5", "messages<=5"),
        ("messages ≥ 5", "messages >= '5'"),
        ("messages = 007", "messages = 7"),
        ("sender not contains x", "not sender contains x"),
        ("sender not in (a,b)", "not (sender in (a , b))"),
        ("messages not between 1 and 5", "not messages between 1 and 5"),
        ("tls1.0% > 5", "TLS1.0% > 5.0%"),
        ("tls_1.0% > 5", "tls1.0%>5%"),
        ("tls_1.0 > 5", "tls1.0 > 5"),
        ("last_seen < -7d", "last_seen < 2026-11-16"),
        ("last_seen in (today, yesterday)", "last_seen in (2026-11-23, 2026-11-22)"),
        ("client in 10.1.2.3/8", "client = 10.0.0.0/8"),
        ("client = ::ffff:192.0.2.1", "client = 192.0.2.1"),
        ("client = 2001:DB8:0::1", "client = 2001:db8::1"),
        ("messages=1 or messages=2 and messages=3", "messages=1 or (messages=2 and messages=3)"),
        ("not messages=1 and messages=2", "(not messages=1) and messages=2"),
        ("messages between 1 and 5 and sender = a", "(messages between 1 and 5) and (sender = a)"),
        ("NOT(messages=1)OR(messages=2)", "not messages = 1 or messages = 2"),
    ],
)
def test_what_can_be_written_in_two_ways(text: str, same: str) -> None:
    assert parse(text, COLUMNS, TODAY).tree == parse(same, COLUMNS, TODAY).tree


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("messages > many", "after 'messages >' a number is expected, not 'many'"),
        ("messages > -1", "after 'messages >' a number is expected, not '-1'"),
        ("messages > 1.5", "after 'messages >' a number is expected, not '1.5'"),
        ("messages > 1234567890123456", "after 'messages >' a number is expected, not '1234567890123456'"),
        ("messages > ١", "after 'messages >' a number is expected, not '١'"),
        ("messages >", "after 'messages >' a number is expected, and it ends there"),
        ("messages > AND sender = x", "after 'messages >' a number is expected, not 'AND'"),
        ("tls1.0% > 101", "after 'tls1.0% >' a share is expected, not '101'"),
        ("last_seen < soon", "after 'last_seen <' a day is expected: 'soon' is not a date"),
        ("last_seen < 2026-02-30", "after 'last_seen <' a day is expected: There is no day '2026-02-30'"),
        ("client < x", "after 'client <' an address is expected, not 'x'"),
        ("sender contains", "after 'sender contains' a text is expected, and it ends there"),
        ("sender contains or", "after 'sender contains' a text is expected, not 'or'"),
        ("sender = 'ana", "after 'sender =' the text that begins with ''ana' does not end"),
        ("sender = ana bo", "after 'sender = ana' AND, OR or the end is expected, not 'bo'"),
        ("sender starts ana", "after 'sender starts' WITH is expected, not 'ana'"),
        ("messages contains 5", "after 'messages' a comparison is expected, not 'contains'"),
        ("messages 5", "after 'messages' a comparison is expected, not '5'"),
        ("messages", "after 'messages' a comparison is expected, and it ends there"),
        ("messages between 1 or 5", "after 'messages between 1' AND is expected, not 'or'"),
        (
            "messages between 5 and 1",
            "after 'messages between 5 and 1' nothing is between the two: the first of them is larger",
        ),
        ("messages in ()", "after 'messages in (' a number is expected, not ')'"),
        ("messages in (1", "after 'messages in (1' a comma or ')' is expected, and it ends there"),
        ("(messages = 1", "after 'messages = 1' AND, OR or ')' is expected, and it ends there"),
        ("messages = 1)", "after 'messages = 1' AND, OR or the end is expected, not ')'"),
        ("messages = 1 and", "after 'messages = 1 and' a column is expected, and it ends there"),
        ("and messages = 1", "a column is expected, not 'and'"),
        ("messages = 1 and (or)", "after 'messages = 1 and (' a column is expected, not 'or'"),
        ("mesages = 1", "there is no column 'mesages'"),
        ("messages = 1 or tls1.4 = 1", "after 'messages = 1 or' there is no column 'tls1.4'"),
        ("(" * 51 + "messages = 1" + ")" * 51, "more than 50 parentheses and NOTs stand inside one another"),
        ("not " * 51 + "messages = 1", "more than 50 parentheses and NOTs stand inside one another"),
    ],
)
def test_error_names_the_place(text: str, said: str) -> None:
    with pytest.raises(FilterError) as error:
        parse(text, COLUMNS, TODAY)
    assert error.value.message.startswith("In the filter, ")
    assert said in error.value.message
    assert error.value.hint
    assert error.value.exit_status == 2
    assert 0 <= error.value.place <= len(text)


def test_error_knows_where_it_is_and_what_there_is() -> None:
    with pytest.raises(FilterError) as error:
        parse("messages > 5 and mesages < 9", COLUMNS, TODAY)
    assert error.value.place == 17
    assert error.value.hint == (
        "Did you mean messages? Columns are: sender, messages, tls1.0, last_seen, client; "
        "with % in per cent, such as tls1.0%."
    )
    with pytest.raises(FilterError) as error:
        parse("messages contains 5", COLUMNS, TODAY)
    assert error.value.hint == "messages is a number, which takes =, !=, <, <=, >, >=, between, in."


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST_FILTER + 1), "sender = '\udc80'"])
def test_what_is_no_filter_at_all(text: str) -> None:
    with pytest.raises(FilterError):
        parse(text, COLUMNS, TODAY)


def test_long_words_are_cut_where_they_are_shown() -> None:
    for text in ("x" * 9000, "messages > " + "9" * 9000, "last_seen > " + "x" * 9000, "sender = '" + "x" * 9000):
        with pytest.raises(FilterError) as error:
            parse(text, COLUMNS, TODAY)
        assert len(error.value.message) < 200


def test_two_filters_together_are_a_filter() -> None:
    one, other = (parse(text, COLUMNS, TODAY) for text in ("messages = 1 or messages = 2", "sender = x"))
    together = both(one, other)
    assert together.text == "(messages = 1 or messages = 2) and (sender = x)"
    assert parse(together.text, COLUMNS, TODAY).tree == together.tree


def test_names_of_columns_without_shares() -> None:
    assert column_names(COLUMNS[:2]) == "sender, messages"


SIGNS = "( ) , = != <> < <= > >= ≠ ' \" '' <> \t \u2028 \ud800 \0".split(" ")
WORDS = "and or not is in between contains starts with ends sender messages tls1.0 tls1.0% last_seen client".split()
VALUES = "5 5% -7d today 10.0.0.0/8 ana@x.example".split()
words = st.sampled_from([*SIGNS, *WORDS, *VALUES])


@given(st.text() | st.lists(words).map(" ".join) | st.lists(words).map("".join))
def test_any_text_is_a_filter_or_a_sentence(text: str) -> None:
    try:
        found = parse(text, COLUMNS, TODAY)
    except FilterError as error:
        assert error.message and error.hint
        assert 0 <= error.place <= len(text)
    else:
        assert found.text == text.strip()
        assert parse(f"({found.text})", COLUMNS, TODAY).tree == found.tree
