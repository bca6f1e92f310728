"""What is left out of a frame: the terminal shows the same as if all of it had been written."""

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpauth_tui.shadow import Shadow

WIDTH, HEIGHT = 14, 4
STYLES = ("", "1", "0;31", "1;38;5;15;48;5;17", "7", "4;32", "38;2;1;2;3;48;2;4;5;6", "44", "2;91", "1;107", "3;7;44")
COLUMNS = {"日": 2, "\u0301": 0}

Strip = tuple[int, int, list[tuple[str, str]]]
parts = st.tuples(st.sampled_from(STYLES), st.text("ab  ─█é日\u0301", min_size=1, max_size=8))
# Textual cuts no text before a mark: what follows a place begins with a character of its own
texts = st.lists(parts, min_size=1, max_size=4).filter(lambda parts: not parts[0][1].startswith("\u0301"))
strips = st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), texts)
frames = st.lists(strips, min_size=1, max_size=5)


def frame(strips: list[Strip]) -> str:
    """As Textual writes it: a place, then text in styles, up to the last column; the cursor's place at the end."""
    out = ""
    for x, y, parts in strips:
        out += f"\x1b[{y + 1};{x + 1}H"
        room = WIDTH - x
        for style, text in parts:
            while sum(COLUMNS.get(character, 1) for character in text) > room:
                text = text[:-1]
            room -= sum(COLUMNS.get(character, 1) for character in text)
            if text:
                out += f"\x1b[{style}m{text}\x1b[0m" if style else text
        out += "\n" if y < HEIGHT - 1 else ""
    return out + "\x1b[1;1H"


class Terminal:
    """A terminal that shows what is written to it."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.screen.reset_mode(pyte.modes.DECAWM)
        self._stream = pyte.Stream(self.screen)

    def write(self, data: str) -> None:
        self._stream.feed(data)

    @property
    def look(self) -> list[tuple[object, ...]]:
        """Each cell: its sign, background and lines, and where there is something to see, its colour."""
        cells = [self.screen.buffer[y][x] for y in range(HEIGHT) for x in range(WIDTH)]
        return [
            (cell.data, cell.bg, cell.reverse, cell.underscore)
            + ((cell.fg, cell.bold, cell.italics) if cell.data.strip() or cell.reverse or cell.underscore else ())
            for cell in cells
        ]


@given(st.lists(frames, min_size=1, max_size=5))
@example([[(9, 0, [("", "a")])], [(10, 0, [("", "\u0301")])], [(9, 0, [("", "a")])]])
def test_the_terminal_shows_the_same(drawn: list[list[Strip]]) -> None:
    whole, short, shadow = Terminal(), Terminal(), Shadow(WIDTH, HEIGHT)
    for strips in drawn:
        data = frame(strips)
        whole.write(data)
        less = shadow.shortened(data)
        short.write(less)
        assert short.look == whole.look
        assert not less or (short.screen.cursor.x, short.screen.cursor.y) == (0, 0)


def test_nothing_is_written_twice() -> None:
    shadow = Shadow(20, 3)
    row = "\x1b[1;1H\x1b[31mname\x1b[0m 1,234\x1b[1;1H"
    assert shadow.shortened(row) == "\x1b[1H\x1b[;31mname \x1b[m1,234\x1b[1H"
    assert shadow.shortened(row) == ""
    assert shadow.shortened(row.replace("1,234", "1,235")) == "\x1b[9C5\x1b[1H"
    shadow.forget()
    assert shadow.shortened(row) == "\x1b[1H\x1b[;31mname \x1b[m1,234\x1b[1H"


def test_a_frame_of_nothing_new_is_not_bracketed() -> None:
    shadow = Shadow(20, 3)
    frame = ("\x1b[?2026h", "\x1b[2;1Hnews\x1b[1;1H", "\x1b[?2026l")
    assert [shadow.shortened(part) for part in frame] == ["", "\x1b[?2026h\x1b[2H\x1b[mnews\x1b[1H", "\x1b[?2026l"]
    assert [shadow.shortened(part) for part in frame] == ["", "", ""]


@pytest.mark.parametrize("data", ["\x1b[?1000h", "\x07", "\x1b]22;default\x07", "\x1b[?2048$p", "\x1b[>25u", "\x1b[<u"])
def test_what_is_no_frame_is_written_as_it_is(data: str) -> None:
    shadow = Shadow(20, 3)
    shadow.shortened("\x1b[1;1Hname")
    assert shadow.shortened(data) == data
    assert shadow.shortened("\x1b[1;1Hname\x1b[1;5H") == ""


def test_what_is_not_known_of_a_frame_is_not_counted_on() -> None:
    shadow = Shadow(20, 3)
    shadow.shortened("\x1b[1;1Hname")
    link = "\x1b[1;1H\x1b]8;;http://mail.example\x1b\\name\x1b]8;;\x1b\\"
    assert shadow.shortened(link) == link
    assert "name" in shadow.shortened("\x1b[1;1Hname")
