"""What waits in a reader between two imports: wherever a log is cut, the same is found."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.formats import FORMATS
from smtpauth_tui.formats.facts import Facts
from smtpauth_tui.formats.stamps import Years
from smtpauth_tui.formats.syslog import SyslogLines
from smtpauth_tui.model import LogLine, Submission, TlsVersion

HERE = Path(__file__).parent
LOGS = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("*/*.log") if path.parent.name != "postfix")
REFUSED_LATER = {"sendmail/refused.log"}
"""A message whose refusal follows its acceptance: an import that ends between the two has counted it."""


def log_lines(name: str) -> list[LogLine]:
    known = next(one for one in FORMATS if one.name == name.partition("/")[0])
    own = known.own_lines(ZoneInfo("UTC"), "")
    split = SyslogLines(ZoneInfo("UTC"), Years(2026), own=[own] if own else [])
    texts = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for text in texts for line in split.lines(text) if known.recognises(line.program)]


def known_by_id(facts: list[Facts]) -> dict[tuple[str, str], Submission]:
    """The messages as the store keeps them: the first time that each was handed out, with its TLS filled in."""
    found: dict[tuple[str, str], Submission] = {}
    for one in (each for part in facts for each in part.submissions):
        before = found.setdefault((one.host, one.queue_id), one)
        if before.tls is TlsVersion.UNKNOWN:
            found[one.host, one.queue_id] = one
    return found


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("name", LOGS)
def test_a_log_may_be_cut_anywhere(name: str, paused: bool) -> None:
    known = next(one for one in FORMATS if one.name == name.partition("/")[0])
    lines = log_lines(name)
    whole = known.reader()
    for line in lines:
        whole.take(line)
    whole.pause()
    for cut in range(len(lines) + 1):
        first = known.reader()
        for line in lines[:cut]:
            first.take(line)
        if paused:
            first.pause()
        second = known.reader(json.loads(json.dumps(first.state())))
        for line in lines[cut:]:
            second.take(line)
        second.pause()
        parts = [first.facts, second.facts]
        assert parts[0].failures + parts[1].failures == whole.facts.failures
        found, wanted = known_by_id(parts), known_by_id([whole.facts])
        if paused and name in REFUSED_LATER:
            assert found.keys() >= wanted.keys()
        elif paused:
            ignored = {"recipients": 0}
            assert {key: _without(one, ignored) for key, one in found.items()} == {
                key: _without(one, ignored) for key, one in wanted.items()
            }
        else:
            assert found == wanted


def _without(one: Submission, ignored: dict[str, int]) -> dict[str, object]:
    return {name: getattr(one, name) for name in Submission.__slots__ if name not in ignored}
