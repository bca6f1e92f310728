"""What could be typed next in a filter."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.completing import completed, completion
from smtpauth_tui.conditions import FilterColumn, Kind
from smtpauth_tui.filters import parse

TODAY = date(2026, 11, 23)
COLUMNS = (
    FilterColumn("sender", Kind.TEXT, "name"),
    FilterColumn("messages", Kind.NUMBER, "messages"),
    FilterColumn("tls1.0", Kind.NUMBER, "tls_1.0"),
    FilterColumn("tls1.0%", Kind.SHARE, "tls_1.0"),
    FilterColumn("last_seen", Kind.DAY, "last_seen"),
)
WORDS = ("new", "old password", "and", "…")
SETS = (*COLUMNS, FilterColumn("state", Kind.TEXT, "state", WORDS))
ALL = ("sender", "messages", "tls1.0", "last_seen", "not", "(")
OF_NUMBERS = ("=", "!=", "<", "<=", ">", ">=", "between", "in", "not")
OF_TEXTS = ("=", "!=", "<", "<=", ">", ">=", "contains", "starts with", "ends with", "between", "in", "not")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ALL),
        ("  ", ALL),
        ("not ", ALL),
        ("(", ALL),
        ("m", ("messages",)),
        ("TLS", ("tls1.0", "tls1.0%")),
        ("tls1.0", ("tls1.0%",)),
        ("(s", ("sender",)),
        ("messages ", OF_NUMBERS),
        ("messages <", ("<=",)),
        ("sender ", OF_TEXTS),
        ("sender st", ("starts with",)),
        ("sender starts ", ("with",)),
        ("sender not ", ("contains", "starts with", "ends with", "between", "in")),
        ("messages > ", ()),
        ("messages >", (">=",)),
        ("messages > 5", ()),
        ("messages > 5 ", ("and", "or")),
        ("messages > 5 a", ("and",)),
        ("messages > 5 and ", ALL),
        ("(messages > 5 ", ("and", "or", ")")),
        ("messages between 1 ", ("and",)),
        ("messages in (1 ", (",", ")")),
        ("last_seen < ", ("today", "yesterday", "-7d", "-30d")),
        ("last_seen <to", ("today",)),
        ("sender = 'ana bo", ()),
        ("sender = 'ana'", ("and", "or")),
        ("sender = 'ana'x", ()),
        ("sender = 'ana' ", ("and", "or")),
        ("nobody = 5 and ", ()),
        ("messages > 5 5 ", ()),
    ],
)
def test_what_could_follow(text: str, words: tuple[str, ...]) -> None:
    assert completion(text, COLUMNS, TODAY).words == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("state = ", ("new", '"old password"', '"and"', "…")),
        ("state = o", ('"old password"',)),
        ("state = AN", ('"and"',)),
        ("not state is n", ("new",)),
        ("state != ", ("new", '"old password"', '"and"', "…")),
        ("state in (new, ", ("new", '"old password"', '"and"', "…")),
        ('state = "', ("new", '"old password"', '"and"', "…")),
        ('state = "Old pa', ('"old password"',)),
        ("messages > 5 or state = 'o", ('"old password"',)),
        ("state = x", ()),
        ("state = x ", ("and", "or")),
        ("state contains ", ()),
        ('state contains "n', ()),
        ('state "', ()),
        ('sender = "', ()),
    ],
)
def test_words_of_a_column_that_has_no_others(text: str, words: tuple[str, ...]) -> None:
    found = completion(text, SETS, TODAY)
    assert found.words == words
    for word in found.words:
        if word not in ("and", "or"):
            parse(completed(text, found.start, word) + ")" * text.count("("), SETS, TODAY)


def test_any_text_may_be_compared_with_them() -> None:
    assert parse("state = gone", SETS, TODAY).text == "state = gone"


@pytest.mark.parametrize(
    ("text", "word", "then"),
    [
        ("mess", "messages", "messages "),
        ("(mess", "messages", "(messages "),
        ("messages > 5 an", "and", "messages > 5 and "),
        ("messages", ">=", "messages >= "),
        ("", "(", "("),
        ("messages <", "<=", "messages <= "),
        ("state = 'old p", '"old password"', 'state = "old password" '),
    ],
)
def test_a_word_is_put_in_its_place(text: str, word: str, then: str) -> None:
    start = completion(text, SETS, TODAY).start if word != ">=" else len(text)
    assert completed(text, start, word) == then


@given(st.text("abmesg tls1.0%()<>=!'\",andor_", max_size=30))
def test_any_text_is_taken_and_what_is_offered_goes_on_from_it(text: str) -> None:
    found = completion(text, SETS, TODAY)
    for word in found.words:
        assert word.strip('"').casefold().startswith(text[found.start :].lstrip("'\"").casefold())
        then = completed(text, found.start, word)
        assert then.startswith(text[: found.start])
