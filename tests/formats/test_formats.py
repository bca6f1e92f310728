"""Each NAME.log beside its NAME.expected.jsonl: one object a fact, with the fields that matter there."""

import json
from pathlib import Path

import pytest

from smtpauth_tui.formats import FORMATS, LogFormat
from tests.formats.reading import lines_of, read, shown

HERE = Path(__file__).parent
LOGS = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("*/*.log"))


@pytest.mark.parametrize("name", LOGS)
def test_log_holds_what_is_expected(name: str) -> None:
    log = HERE / name
    facts = read(log.read_text(encoding="utf-8").splitlines(), log.parent.name)
    wanted = [json.loads(line) for line in log.with_suffix(".expected.jsonl").read_text(encoding="utf-8").splitlines()]
    submissions = sorted(facts.submissions, key=lambda one: one.time)
    for kind, found in (("submission", submissions), ("failure", facts.failures)):
        rows = [row[kind] for row in wanted if kind in row]
        fields = [shown(fact) for fact in found]
        assert len(fields) == len(rows), fields
        assert [{key: field[key] for key in row} for field, row in zip(fields, rows, strict=True)] == rows
    for row in wanted:
        if "incomplete" in row:
            assert (facts.incomplete, len(facts.misread_lines)) == (row["incomplete"], row["misread"])


def test_each_format_has_logs() -> None:
    assert {name.partition("/")[0] for name in LOGS} == {known.name for known in FORMATS}


def test_each_log_has_its_expected_facts() -> None:
    expected = {path.relative_to(HERE).as_posix() for path in HERE.glob("*/*.expected.jsonl")}
    assert expected == {name.replace(".log", ".expected.jsonl") for name in LOGS}


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_example_of_a_format_is_its_own(known: LogFormat) -> None:
    assert lines_of([known.example], known)
