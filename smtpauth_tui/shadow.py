"""What the terminal shows, cell by cell, so that only what differs is written: over a slow line bytes are time."""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from unicodedata import category, east_asian_width

_TOKEN: Final = re.compile(r"\x1b\[(?:(\d*)(?:;(\d*))?H|([\d;]*)m)|([^\x00-\x1f\x7f-\x9f]+)|\n")
"""What frames are made of: the cursor's place, a style, text; and line ends, which a place follows."""
_SYNC_BEGIN: Final = "\x1b[?2026h"
_SYNC_END: Final = "\x1b[?2026l"
_GAP: Final = 4
"""So many cells that are right already are written again, where that is shorter than to move the cursor over them."""
_SHOW_ON_BLANKS: Final = frozenset({"4", "7", "9", "21", "53"})
"""Attributes that a blank shows, too: lines, and reverse."""


class _Style(NamedTuple):
    """What an SGR sequence (ECMA-48, 8.3.117) sets after a reset."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""


_PLAIN: Final = _Style()


@lru_cache(maxsize=4096)
def _style(parameters: str) -> _Style:
    """``1;38;5;15;44``: bold, white of the 256 colours, on blue."""
    attributes: list[str] = []
    foreground = background = ""
    numbers = iter(parameters.split(";"))
    for number in numbers:
        if number in ("38", "48"):
            kind = next(numbers, "5")
            colour = ";".join([number, kind, *(next(numbers, "0") for _ in range(3 if kind == "2" else 1))])
            foreground, background = (colour, background) if number == "38" else (foreground, colour)
        elif re.fullmatch(r"[39][0-7]", number):
            foreground = number
        elif re.fullmatch(r"4[0-7]|10[0-7]", number):
            background = number
        elif number not in ("", "0", "39", "49"):
            attributes.append(number)
    return _Style(frozenset(attributes), foreground, background)


@lru_cache(maxsize=4096)
def _on_blank(style: _Style) -> _Style:
    """What a blank shows of a style."""
    if style.attributes & _SHOW_ON_BLANKS:
        return style
    return _Style(background=style.background)


@lru_cache(maxsize=4096)
def _change(before: _Style | None, after: _Style) -> str:
    """The shortest SGR sequence from one style to another; from an unknown one by a reset."""
    if before == after:
        return ""
    whole = (*sorted(after.attributes), after.foreground, after.background)
    anew = "\x1b[" + "".join(f";{part}" for part in whole if part) + "m"
    if before is None or before.attributes - after.attributes:
        return anew
    parts = sorted(after.attributes - before.attributes)
    if after.foreground != before.foreground:
        parts.append(after.foreground or "39")
    if after.background != before.background:
        parts.append(after.background or "49")
    return min("\x1b[" + ";".join(parts) + "m", anew, key=len)


class _NarrowCharacters(dict[str, bool]):
    """Whether a character takes one column in every terminal: signs of other widths are not counted on."""

    def __missing__(self, character: str) -> bool:
        narrow = east_asian_width(character) in ("Na", "N", "A", "H") and category(character)[0] not in "MC"
        self[character] = narrow
        return narrow


_NARROW: Final = _NarrowCharacters()


class Shadow:
    """Shortens what is written to a terminal of *width* columns and *height* rows to what it does not show yet.

    The terminal has to be in the state in which `forget` finds it: its content and style unknown. Lines do not wrap.
    """

    def __init__(self, width: int, height: int) -> None:
        self.resize(width, height)
        self._in_sync = self._began_sync = False

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size."""
        self._width, self._height = width, height
        self.forget()

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._width, self._height

    def forget(self) -> None:
        """What the terminal shows is not known any more."""
        self._cells = [[""] * self._width for _ in range(self._height)]
        self._styles: list[list[_Style | None]] = [[None] * self._width for _ in range(self._height)]
        self._place: tuple[int, int] | None = None
        self._style: _Style | None = None

    def shortened(self, data: str) -> str:
        """What to write instead of *data*: frames by what is new in them, anything else as it is."""
        if data == _SYNC_BEGIN:
            self._in_sync = True
            return ""
        if data == _SYNC_END:
            began, self._in_sync, self._began_sync = self._began_sync, False, False
            return data if began else ""
        strips = _strips(data)
        if strips is None:
            if "H" in data:  # a frame with what is not known here: it may have changed any cell
                self.forget()
            return data
        out: list[str] = []
        for strip in strips:
            if 0 <= strip.y < self._height and 0 <= strip.x < self._width:
                (self._write if strip.narrow else self._write_as_it_is)(out, strip)
        if out and (strips[-1].x, strips[-1].y) != self._place:
            out.append(self._moved(strips[-1].x, strips[-1].y))  # a frame ends with the place of the cursor
        if out and self._in_sync and not self._began_sync:
            self._began_sync = True
            out.insert(0, _SYNC_BEGIN)
        return "".join(out)

    def _write_as_it_is(self, out: list[str], strip: "_Strip") -> None:
        """Write a strip whose width is the terminal's to know; what stands in its row from there on is not known."""
        x, y = strip.x, strip.y
        out.append(self._moved(x, y))
        for style, text in strip.parts:
            out += (self._styled(style), text)
        self._place = None
        x = max(x - 1, 0)  # a mark at its beginning goes on the cell before
        self._cells[y][x:] = [""] * (self._width - x)
        self._styles[y][x:] = [None] * (self._width - x)

    def _write(self, out: list[str], strip: "_Strip") -> None:
        """Write the cells of a strip that the terminal does not show yet."""
        x, y = strip.x, strip.y
        cells, styles = self._cells[y], self._styles[y]
        for style, text in strip.parts:
            new = list(text[: self._width - x])
            end = x + len(new)
            blank = _on_blank(style)
            wanted: list[_Style | None] = [blank if character == " " else style for character in new]
            if cells[x:end] != new or styles[x:end] != wanted:
                for place, character, look in zip(range(x, end), new, wanted, strict=True):
                    if cells[place] == character and styles[place] == look:
                        continue
                    if self._place != (place, y):
                        out.append(self._to(place, y))
                    if character != " " or self._style is None or _on_blank(self._style) != blank:
                        out.append(self._styled(style))
                    out.append(character)
                    self._place = (place + 1, y) if place + 1 < self._width else None
                cells[x:end] = new
                styles[x:end] = wanted
            x = end

    def _to(self, x: int, y: int) -> str:
        """The shortest way to a cell: by writing again what lies between, or by moving the cursor."""
        if self._place and self._place[1] == y and x - self._place[0] > 0:
            gap = slice(self._place[0], x)
            between = self._cells[y][gap]
            plain = self._style and _on_blank(self._style)
            if len(between) <= _GAP and all(
                character and style in ((plain, self._style) if character == " " else (self._style,))
                for character, style in zip(between, self._styles[y][gap], strict=True)
            ):
                self._place = (x, y)
                return "".join(between)
        return self._moved(x, y)

    def _moved(self, x: int, y: int) -> str:
        before, self._place = self._place, (x, y)
        if before and before[1] == y and x > before[0]:
            return f"\x1b[{x - before[0]}C" if x - before[0] > 1 else "\x1b[C"
        return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"

    def _styled(self, style: _Style) -> str:
        before, self._style = self._style, style
        return _change(before, style)


def is_frame(data: str) -> bool:
    """Whether it draws, or brackets what draws, and sets nothing else in the terminal."""
    return data in (_SYNC_BEGIN, _SYNC_END) or _strips(data) is not None


class _Strip(NamedTuple):
    """Text from a place on, in one or more styles."""

    x: int
    y: int
    parts: list[tuple[_Style, str]]

    @property
    def narrow(self) -> bool:
        """Whether each of its characters takes one column."""
        return all(text.isascii() or all(map(_NARROW.__getitem__, text)) for _, text in self.parts)


def _strips(data: str) -> list[_Strip] | None:
    """What a frame writes and where, the last place being the cursor's; None for what is no frame."""
    strips: list[_Strip] = []
    style = _PLAIN
    place = 0
    for found in _TOKEN.finditer(data):
        if found.start() != place:
            return None
        place = found.end()
        row, column, parameters, text = found.groups()
        if text:
            if not strips:
                return None
            strips[-1].parts.append((style, text))
        elif parameters is not None:
            style = _style(parameters)
        elif found[0] != "\n":
            strips.append(_Strip(int(column or 1) - 1, int(row or 1) - 1, []))
    return strips if strips and place == len(data) else None
