"""No line takes longer than in proportion to its length: patterns and readers, on strings made of their own pieces."""

import importlib
import inspect
import itertools
import os
import pkgutil
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui import formats, importer
from smtpauth_tui.formats import DOCUMENTS, FORMATS
from smtpauth_tui.formats.stamps import Years
from smtpauth_tui.formats.syslog import SyslogLines
from smtpauth_tui.model import LogLine
from tests.formats.reading_exports import decoded

HERE = Path(__file__).parent
SHORT = 4_096
LONG = 1 << 16
QUICK = 0.004
"""Seconds in which any linear scan of so many characters is done; a quadratic one goes through millions of steps."""
MOST = 3.2
"""Times as long for twice the length: 2 is linear, 4 is quadratic."""

CUT_BEFORE = {"sendmail.RELAY": 400}
"""Patterns that see so many characters of a line at most."""
MOST_STRINGS = 1_000_000 if os.environ.get("LONG_RUNS") else 400
"""Strings for each pattern and reader, taken at random from all."""


def patterns() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    """Each pattern of the rooms that read what strangers wrote, and whether it is searched for, not only matched."""
    for room in (formats, importer):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            loaded = importlib.import_module(module.name)
            source = inspect.getsource(loaded)
            for name, value in vars(loaded).items():
                for number, one in enumerate(value if isinstance(value, tuple) else [value]):
                    if isinstance(one, re.Pattern) and re.search(rf"^{name}\b", source, re.MULTILINE):
                        searched = re.search(rf"\b{name}\.(?:search|sub|finditer|findall|split)\(", source)
                        called = f"{module.name.rpartition('.')[2]}.{name}"
                        yield called + (f"-{number}" if isinstance(value, tuple) else ""), one, bool(searched)


Text = TypeVar("Text")
PATTERNS = {name: (pattern, searched) for name, pattern, searched in patterns()}
SAMPLES = "a1 x0A-.:/=<>[](){}\"'\\,;@#\n%|é"


class Pieces:
    """A string that a pattern takes, in pieces, and those of its other branches."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
        self.others: list[str] = []
        self.spine = [piece for piece in self._of(_parser.parse(text, pattern.flags & ~re.UNICODE)) if piece]

    def _of(self, tree: Any) -> list[str]:
        found: list[str] = []
        for code, value in tree:
            if code is sre.LITERAL:
                if found and self._literal:
                    found[-1] += chr(value)
                else:
                    found.append(chr(value))
                self._literal = True
                continue
            found += self._part(code, value)
            self._literal = False
        return found

    _literal = False

    def _part(self, code: Any, value: Any) -> list[str]:
        if code is sre.ANY:
            return ["a"]
        if code is sre.NOT_LITERAL:
            return [next(sample for sample in SAMPLES if ord(sample) != value)]
        if code is sre.IN:
            return [next((sample for sample in SAMPLES if _in(value, ord(sample))), "")]
        if code in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, _, inner = value
            self._literal = False
            pieces = self._of(inner)
            if least > 1:
                return ["".join(pieces) * min(least, 300)]
            self.others.append("".join(pieces))
            return pieces
        if code is sre.SUBPATTERN:
            self._literal = False
            return self._of(value[-1])
        if code is sre.ATOMIC_GROUP:
            self._literal = False
            return self._of(value)
        if code is sre.BRANCH:
            branches = []
            for branch in value[1]:
                self._literal = False
                branches.append(self._of(branch))
            self.others += ["".join(branch) for branch in branches]
            return max(branches, key=len)
        return []


def _in(items: Any, code: int) -> bool:
    inside = False
    negated = False
    for kind, value in items:
        if kind is sre.NEGATE:
            negated = True
        elif kind is sre.LITERAL:
            inside |= code == value
        elif kind is sre.RANGE:
            inside |= value[0] <= code <= value[1]
        elif kind is sre.CATEGORY:
            text = chr(code)
            digit, space, word = text.isdecimal(), text.isspace(), text.isalnum() or text == "_"
            inside |= {
                sre.CATEGORY_DIGIT: digit, sre.CATEGORY_NOT_DIGIT: not digit, sre.CATEGORY_SPACE: space,
                sre.CATEGORY_NOT_SPACE: not space, sre.CATEGORY_WORD: word, sre.CATEGORY_NOT_WORD: not word,
            }[value]  # fmt: skip
    return inside != negated


def seconds(work: Callable[[], object], best_of: int = 1) -> float:
    """Processor time of the quickest run."""
    quickest = float("inf")
    for _ in range(best_of):
        started = time.process_time()
        work()
        quickest = min(quickest, time.process_time() - started)
    return quickest


def assert_linear(work: Callable[[int], Callable[[], object]], length: int, what: object, quick: float = QUICK) -> None:
    """*work* gives what to do for a length. Only what is slow at *length* is looked at more closely."""
    if seconds(work(length)) < quick or seconds(work(length), 3) < quick:
        return
    cost = [seconds(work(length * times), 5) for times in (1, 2, 4)]
    grows = [after / before for before, after in itertools.pairwise(cost)]
    assert min(grows) < MOST, f"{what!r}: {[round(one * 1000, 1) for one in cost]} ms"


def some(all_of: Iterable[Text]) -> list[Text]:
    """So many of some strings, the same in each run."""
    found = list(all_of)
    return found if len(found) <= MOST_STRINGS else random.Random(len(found)).sample(found, MOST_STRINGS)


def pumped(spine: list[str], pumps: Iterable[str], ends: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """A beginning that is taken, what follows it again and again, and an end that fails."""
    pumps, ends = list(dict.fromkeys(pump for pump in pumps if pump)), list(ends)
    for place in range(len(spine) + 1):
        for pump in pumps:
            for end in ends:
                yield "".join(spine[:place]), pump, end


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern_is_linear(name: str) -> None:
    pattern, searched = PATTERNS[name]
    pieces = Pieces(pattern)
    spine = pieces.spine
    windows = ["".join(spine[start : start + width]) for width in range(1, 9) for start in range(len(spine))]
    pumps = [*windows, *pieces.others, "".join(spine), "a", " ", "1", "\\"]
    ways = [pattern.search] if searched else [pattern.match, pattern.fullmatch]
    for begin, pump, end in some(pumped(spine, pumps, ["", "\x00!"])):

        def work(length: int, begin: str = begin, pump: str = pump, end: str = end) -> Callable[[], object]:
            text: Any = begin + pump * (length // len(pump)) + end
            if isinstance(pattern.pattern, bytes):
                text = text.encode("latin-1", "replace")
            return lambda: [way(text) for way in ways]

        assert_linear(work, CUT_BEFORE.get(name, SHORT), (pattern.pattern, begin, pump, end))


@pytest.mark.parametrize("bad", [r"(.*)[^=]*=", r"\(.*?\) U=.*?: x", r"(\w+)[^=]*=x"])
def test_a_quadratic_pattern_is_found_out(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PATTERNS, "bad", (re.compile(bad), False))
    with pytest.raises(AssertionError, match="ms"):
        test_pattern_is_linear("bad")


def texts_of(name: str) -> tuple[list[LogLine], list[str]]:
    """Lines of a format's examples, and one text of each kind among them."""
    known = next(one for one in FORMATS if one.name == name)
    lines: list[LogLine] = []
    kinds: dict[object, str] = {}
    for path in sorted((HERE / name).glob("*.log")):
        own = known.own_lines(ZoneInfo("UTC"), "")
        split = SyslogLines(ZoneInfo("UTC"), Years(2026), own=[own] if own else [])
        for raw in path.read_text("utf-8", "backslashreplace").splitlines():
            for line in split.lines(raw):
                if known.recognises(line.program):
                    lines.append(line)
                    kinds.setdefault((line.program, *re.findall(r"[A-Za-z]{4,}|[^\w\s]", line.text)[:6]), line.text)
    return lines, list(kinds.values())


@pytest.mark.parametrize("name", [known.name for known in FORMATS])
def test_reader_is_linear(name: str) -> None:
    """Lines of the format's own examples, broken off somewhere and going on for 64 KiB with pieces of themselves."""
    known = next(one for one in FORMATS if one.name == name)
    lines, texts = texts_of(name)
    programs = list(dict.fromkeys(line.program for line in lines))[:4]
    shapes = []
    for number, text in enumerate(texts):
        parts = re.findall(r"\w+|\s+|[^\w\s]+", text)
        for place in sorted({len(parts) * part // 6 for part in range(1, 7)} - {0}):
            begin, end = "".join(parts[:place]), "".join(parts[-3:])
            pumps = (parts[place - 1], "".join(parts[max(0, place - 3) : place]), "".join(parts[place : place + 6]))
            shapes += [(number, begin, pump, end) for pump in dict.fromkeys((*pumps, "x", '"', "\\")) if pump]
    for number, begin, pump, end in some(shapes):
        program = programs[number % len(programs)]

        def work(
            length: int, begin: str = begin, pump: str = pump, end: str = end, program: str = program
        ) -> Callable[[], object]:
            reader = known.reader()
            for line in lines[:20]:
                reader.take(line)
            text = begin + pump * (length // len(pump)) + end
            line = LogLine(lines[-1].time, "mx1", program, "1", text)
            return lambda: (known.id_time(line.text), reader.take(line))

        assert_linear(work, LONG // 4, (begin, pump, end))


FORMS = [
    "Nov 16 09:00:05 mx1 postfix/smtpd[1]: x",
    "<22>Nov 16 09:00:05.123 <mail.info> mx1 postfix/smtpd[1]: x",
    "2026-11-16T09:00:05.123456+01:00 mx1 postfix/smtpd[1]: x",
    '<22>1 2026-11-16T08:00:05Z mx1 postfix/smtpd 1 - [a@1 b="c\\""][d e="f"] x',
    "1794373206.422379 mx1 postfix/smtpd[247]: x",
    "Nov 16 09:00:05 mx1 last message repeated 3 times",
    "Nov 16 09:00:05 mx1 postfix/smtpd[1]: message repeated 2 times: [ x]",
    '{"__REALTIME_TIMESTAMP": "1794373206422379", "SYSLOG_IDENTIFIER": "postfix/smtpd", "MESSAGE": [120, 121]}',
    "2026-03-04 23:06:28.739 -0600 [84] 1vaRwG-00001M-0x <= x",
    "2026-11-16T09:00:05.532Z,EX1\\Default EX1,08D7D6C2A1B0C0D1,0,198.51.100.1:587,192.0.2.10:4000,+,,",
    "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context",
]


@pytest.mark.parametrize("form", FORMS)
def test_splitting_is_linear(form: str) -> None:
    parts = re.findall(r"\w+|\s+|[^\w\s]", form)
    for place in range(len(parts) + 1):
        begin = "".join(parts[:place])
        for pump in dict.fromkeys(
            (*parts[max(0, place - 2) : place + 2], "".join(parts[place - 2 : place]), "[", "\\]")
        ):
            if not pump:
                continue

            def work(length: int, begin: str = begin, pump: str = pump) -> Callable[[], object]:
                own = [own for known in FORMATS if (own := known.own_lines(ZoneInfo("UTC"), ""))]
                split = SyslogLines(ZoneInfo("UTC"), Years(2026), own=own)
                text = begin + pump * (length // len(pump))

                def split_it() -> None:
                    for _ in range(2):
                        try:
                            split.split(text)
                        except ValueError:
                            pass

                return split_it

            assert_linear(work, LONG // 4, (begin, pump))


@pytest.mark.parametrize("name", [known.name for known in DOCUMENTS])
def test_export_is_read_in_linear_time(name: str) -> None:
    known = next(one for one in DOCUMENTS if one.name == name)
    pumps = ('"', ",", "\n", "[", "{", '{"a":', "\\", "1", "a,", '"\n', '""', "\x00", "é", "x")
    shapes = []
    for path in sorted((HERE / "exports" / name).glob("*.*")):
        if path.suffix in (".csv", ".json"):
            text = decoded(path.read_bytes())
            begins = [text, text[: len(text) // 2], text[: text.find("\n") + 1], text[: text.rfind('"') + 1]]
            shapes += [(begin, pump) for begin in begins for pump in pumps]
    for begin, pump in some(shapes):

        def work(length: int, begin: str = begin, pump: str = pump) -> Callable[[], object]:
            whole = begin + pump * (length // len(pump))

            def read_it() -> None:
                reader = known.reader("")
                for start in range(0, len(whole), 5_000):
                    reader.take(whole[start : start + 5_000])
                reader.finish()

            return read_it

        assert_linear(work, LONG // 4, (begin[-40:], pump), quick=0.05)
