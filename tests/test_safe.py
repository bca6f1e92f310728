"""What comes from a log cannot command a terminal."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.safe import MOST_COMBINING, safe

PAYLOADS = [
    "\x1b]0;title\x07",
    "\x1b]52;c;cm0gLXJm\x1b\\",
    "\x1b]8;;https://evil.example\x1b\\link",
    "\x1b[2J",
    "\x1bc",
    "\x9b31m",
    "\x9d0;title\x9c",
    "\x90+q\x9c",
    "\r\n",
    "\b\b",
    "\x7f",
    "\u202egpj.exe",
    "\u2066x\u2069",
    "a\u200bb",
    "\ufeff",
    "\u2028",
    "\u2029",
    "\ud800",
    "\U000e0041",
    "\xad",
]


def test_every_code_point_comes_out_printable() -> None:
    bad = [
        code
        for code in range(sys.maxunicode + 1)
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for sign in safe(chr(code)))
    ]
    assert bad == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_commands_a_terminal_comes_out_as_text(payload: str) -> None:
    shown = safe(f"ana{payload}@shop.example")
    assert shown.isprintable()
    assert shown != f"ana{payload}@shop.example"
    assert shown.startswith("ana")
    assert shown.endswith("@shop.example")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana@shop.example",
        "front desk",
        "Zoë.Bär@straße.example",
        "日本@例え.example",
        "[TODO] [/] a\\b",
        "a\u0301",
        "😀",
    ],
)
def test_what_prints_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_escapes_are_told_apart() -> None:
    assert safe("\x1b \x9b \u202e \U000e0041 \xa0") == "\\x1b \\x9b \\u202e \\U000e0041 \\xa0"


def test_marks_do_not_pile_up() -> None:
    assert safe("a" + "\u0301" * 50) == "a" + "\u0301" * MOST_COMBINING


@given(st.text())
def test_what_came_out_once_stays(text: str) -> None:
    assert safe(safe(text)) == safe(text)
    assert safe(text).isprintable()
