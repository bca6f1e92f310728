"""Cuts the records out of JSON of any size, in pieces: lists, pages with a list in them, one object a line."""

import json
import re
from typing import Any, Final

LARGEST_RECORD: Final = 1 << 20
"""Characters of a record; a larger one is passed over."""
SHOWN: Final = 200
_LOOK_BACK: Final = 64

# everything up to the next bracket, whole strings included; a string that does not end on its line stops it
_LEAP: Final = re.compile(r'(?:[^"{}\[\]]++|"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+")*+')
_IN_STRING: Final = re.compile(r'[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+')
# {"@odata.context": "…", "value": [
_PAGE: Final = re.compile(r'"(?:value|records)"\s{0,20}:\s{0,20}\Z', re.IGNORECASE)


class JsonObjects:
    """Gives each record as it is complete. What is no JSON is passed over up to the next record, and counted."""

    def __init__(self) -> None:
        self.bad: list[str] = []
        """How the records that could not be read begin."""
        self.cut_off = False
        """The text ended within a record."""
        self._depth = 0
        self._in_string = False
        self._parts: list[str] = []
        self._size = 0
        self._before = ""
        self._held = ""

    def take(self, text: str) -> list[dict[str, Any]]:
        """The records that are complete now."""
        text, self._held = self._held + text, ""
        backslashes = len(text) - len(text.rstrip("\\"))
        if backslashes % 2:  # what the last one escapes is in the next piece
            text, self._held = text[:-1], "\\"
        return self._cut(text)

    def _cut(self, text: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        place = start = 0
        while place < len(text):
            if self._in_string:
                place = _IN_STRING.match(text, place).end()  # type: ignore[union-attr]
                if place == len(text):
                    break
                self._in_string = False
                if text[place] != '"':  # a line ends within a string: this is no JSON
                    self._give_up(text[start:place])
                    place += 1
                    continue
                place += 1
            place = _LEAP.match(text, place).end()  # type: ignore[union-attr]
            if place == len(text):
                break
            sign = text[place]
            if sign == '"':
                self._in_string = True
            elif sign in "[{":
                if self._opens(sign, text, start, place):
                    start = place
            elif self._depth:
                self._depth -= 1
                if not self._depth:
                    self._parts.append(text[start : place + 1])
                    found += self._record()
            place += 1
        if self._depth:
            self._keep(text[start:])
        return found

    def _opens(self, sign: str, text: str, start: int, place: int) -> bool:
        """An opening bracket: whether a record begins with it."""
        if not self._depth:
            if sign == "{":
                self._begin()
            return sign == "{"
        before = text[max(start, place - _LOOK_BACK) : place]
        if len(before) < _LOOK_BACK:
            before = self._before + before
        last = before.rstrip()[-1:]
        if sign == "{" and last and last not in ":,[":  # the record before does not end
            self._give_up(text[start:place])
            self._begin()
            return True
        if sign == "[" and self._depth == 1 and _PAGE.search(before):
            self._depth = 0
            self._parts.clear()
            return False
        self._depth += 1
        return False

    def _begin(self) -> None:
        self._depth = 1
        self._parts.clear()
        self._size = 0
        self._before = ""

    def _give_up(self, text: str) -> None:
        """What was begun is no JSON."""
        if self._depth and self._size <= LARGEST_RECORD:
            self.bad.append("".join((*self._parts, text))[:SHOWN])
        self._depth = 0
        self._parts.clear()

    def _keep(self, text: str) -> None:
        """Keep the piece of a record that goes on; of one that is too large keep nothing."""
        self._before = (self._before + text[-_LOOK_BACK:])[-_LOOK_BACK:]
        if self._size <= LARGEST_RECORD:
            self._parts.append(text)
            if self._size + len(text) > LARGEST_RECORD:
                self.bad.append("".join(self._parts)[:SHOWN])
                self._parts.clear()
        self._size += len(text)

    def _record(self) -> list[dict[str, Any]]:
        if self._size > LARGEST_RECORD:
            return []
        text = "".join(self._parts)
        self._parts.clear()
        try:
            if len(text) > LARGEST_RECORD:
                raise ValueError("too large")
            record = json.loads(text)
        except (ValueError, RecursionError):
            self.bad.append(text[:SHOWN])
            return []
        return [record]

    def finish(self) -> None:
        """Nothing follows."""
        if self._depth:
            self.cut_off = True
            self._give_up("")
