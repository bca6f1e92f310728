"""A log that is read in two parts, with the reader's state kept between them, gives what it gives at once."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.formats import FORMATS, LogFormat
from smtpauth_tui.model import AuthFailure, LogLine, Submission, TlsVersion
from tests.formats.reading import lines_of

HERE = Path(__file__).parent
LOGS = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("*/*.log"))
GUESSED = {"postfix/tls-logging-switched-off.log"}
"""A pause has to guess there what later lines tell otherwise."""
TOLD_BY_ALL = {"dovecot/two-password-databases.log"}
"""That there are two databases is known when both were seen."""
UNKNOWN: tuple[Any, ...] = ("", TlsVersion.UNKNOWN, 0)


def merged(submissions: list[Submission]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Each message once: what was unknown at first is filled in by what came later."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in submissions:
        known = found.setdefault((one.host, one.instance, one.queue_id), {})
        for field in fields(one):
            value = getattr(one, field.name)
            if known.get(field.name, "") in UNKNOWN or value not in UNKNOWN:
                known[field.name] = value
    return found


def of(lines: list[LogLine], known: LogFormat) -> tuple[dict[tuple[str, ...], dict[str, Any]], set[AuthFailure]]:
    return parts([lines], known)


def parts(cut: list[list[LogLine]], known: LogFormat) -> tuple[dict[tuple[str, ...], dict[str, Any]], set[AuthFailure]]:
    """What is found in a log's parts, each read by a reader of its own that takes the state of the one before."""
    state = None
    submissions: list[Submission] = []
    failures: list[AuthFailure] = []
    for lines in cut:
        reader = known.reader(state)
        for line in lines:
            reader.take(line)
        reader.pause()
        submissions += reader.facts.submissions
        failures += reader.facts.failures
        state = json.loads(json.dumps(reader.state()))
    assert len(failures) == len(set(failures))
    return merged(submissions), set(failures)


@pytest.mark.parametrize("name", [name for name in LOGS if name not in GUESSED])
def test_log_cut_in_two_gives_what_it_gives_at_once(name: str) -> None:
    known = next(one for one in FORMATS if one.name == name.partition("/")[0])
    lines = lines_of((HERE / name).read_text(encoding="utf-8").splitlines(), known)
    whole = of(lines, known)
    for place in range(len(lines) + 1):
        assert parts([lines[:place], lines[place:]], known) == whole, lines[max(0, place - 1) : place + 1]


@pytest.mark.parametrize("name", [name for name in LOGS if not name.startswith("postfix/") and name not in TOLD_BY_ALL])
def test_newer_part_read_first_is_completed_by_the_older(name: str) -> None:
    """The newer part's first lines, read again after the older part, tell what they lacked: nothing comes twice."""
    known = next(one for one in FORMATS if one.name == name.partition("/")[0])
    lines = lines_of((HERE / name).read_text(encoding="utf-8").splitlines(), known)
    for place in range(len(lines) + 1):
        newer = known.reader()
        for line in lines[place:]:
            newer.take(line)
        newer.pause()
        again = parts([lines[:place], newer.orphans], known)
        submissions = merged([*newer.facts.submissions, *(Submission(**one) for one in again[0].values())])
        whole, failures = of(lines, known)
        assert set(submissions) == set(whole), lines[max(0, place - 1) : place + 1]
        assert len(again[1] | set(newer.facts.failures)) <= len(failures)
        for key, one in submissions.items():
            assert one["client"] == whole[key]["client"]
            if "handed-on" in name:  # the front end's session may be in the part that is not read again
                assert one["tls"] in (whole[key]["tls"], TlsVersion.UNKNOWN)
            else:
                assert (one["account"], one["tls"]) == (whole[key]["account"], whole[key]["tls"])
