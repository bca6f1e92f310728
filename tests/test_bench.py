"""The benchmarks count right: what they measure is worth measuring. No figure of time is asserted."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bench import report
from bench.cache import made_log
from bench.logs import STYLES, Plan, write_log
from bench.ours import imported, importing, judged
from bench.page import Page
from bench.peers import DUCKDB, LNAV, MAWK, PERL, gzip_mawk, peers
from bench.results import Result
from bench.rounds import Contestant, in_turn
from bench.shown import ours, started
from bench.shown import report as shown_report
from bench.truth import EXACT, Truth, load, verdict
from tests.logs import asked

PLAN = Plan(6_000, senders=60, days=3, first=date(2026, 2, 27))
PLANS = [replace(PLAN, style=style, short_ids=short) for style in STYLES for short in (False, True)]


def title(plan: Plan) -> str:
    return f"{plan.style}-{'short' if plan.short_ids else 'long'}"


def test_the_same_plan_makes_the_same_log_and_another_seed_another(tmp_path: Path) -> None:
    texts = []
    for number, plan in enumerate((PLAN, PLAN, replace(PLAN, seed=2))):
        truth = write_log(plan, tmp_path / str(number))
        texts.append((tmp_path / str(number)).read_bytes())
        assert truth.lines == texts[-1].count(b"\n")
        assert abs(truth.lines - plan.lines) < 0.15 * plan.lines
    assert texts[0] == texts[1] != texts[2]


def test_a_log_has_its_traps(tmp_path: Path) -> None:
    write_log(Plan(90_000, senders=200, days=5, short_ids=True), tmp_path / "log")
    text = (tmp_path / "log").read_text(encoding="ascii")
    for trap in (
        "message-id=<x, sasl_username=forged@",
        "helo=<1A2B3C: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=forged@",
        "lost connection after DATA",
        "from=<>, size=",
        "status=deferred",
        "authentication failed: authentication failure, sasl_username=",
        "authentication failed: authentication failure\n",
        "[2001:db8:",
        "postfix/smtps/smtpd[",
        "from=<office@",
        " dovecot: ",
        " opendkim[",
        " postfix/postscreen[",
        " postfix/anvil[",
    ):
        assert trap in text, trap
    ids = [line.split()[3] for line in text.splitlines() if ": client=" in line and "NOQUEUE" not in line]
    assert len(set(ids)) < len(ids)
    days = [line[:10] for line in text.splitlines()]
    assert days == sorted(days)


@pytest.mark.parametrize("plan", PLANS, ids=title)
def test_imports_and_scripts_count_exactly(plan: Plan, tmp_path: Path) -> None:
    """Plain and packed; who is installed of the others as well."""
    log = made_log(tmp_path, "log", plan)
    assert load(log.truth_path) == log.truth
    packed = log.packed()
    contestants = [
        importing("plain", tmp_path / "plain" / "store.db", [log.path], log.truth),
        importing("packed", tmp_path / "packed" / "store.db", [packed], log.truth),
        *(one for one in peers(log.path, log.truth) if one.name in (MAWK, PERL, DUCKDB)),
        *gzip_mawk(packed, log.truth),
    ]
    found = in_turn(contestants, 1, tmp_path)
    assert {one.name: found[one.name].judgement for one in contestants} == {one.name: EXACT for one in contestants}
    assert all(one.wall > 0 and one.peak > 0 and len(one.runs) == 1 for one in found.values())
    assert asked(tmp_path / "plain" / "store.db", "SELECT sum(failures) FROM daily_failure") == [
        (log.truth.failures.total(),)
    ]


@pytest.mark.skipif(not shutil.which("lnav"), reason="lnav is not installed")
def test_lnav_counts_what_was_never_queued_too(tmp_path: Path) -> None:
    log = made_log(tmp_path, "log", replace(PLAN, lines=30_000))
    lnav = next(one for one in peers(log.path, log.truth) if one.name == LNAV)
    said = in_turn([lnav], 1, tmp_path)[LNAV].judgement
    assert said.endswith("too many") and "few" not in said


def test_a_wrong_count_is_told(tmp_path: Path) -> None:
    log = made_log(tmp_path, "log", PLAN)
    store = imported(tmp_path / "store" / "store.db", log.path, log.truth)
    wrong = Truth(log.truth.lines, log.truth.messages.copy(), log.truth.failures.copy())
    key = next(iter(wrong.messages))
    wrong.messages[key] += 1
    wrong.failures[key[0]] += 2
    assert judged(store, wrong) == "1 too few; 2 failures wrong"
    assert verdict(log.truth.messages, wrong.messages) == "1 too few"


def test_a_contestant_that_fails_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = Contestant("good", (sys.executable, "-c", "print('hi')"), judge=lambda path: path.read_text().strip())
    bad = Contestant("bad", (sys.executable, "-c", "raise SystemExit('why')"))
    found = in_turn([good, bad], 2, tmp_path)
    assert list(found) == ["good"]
    assert found["good"].judgement == "hi"
    assert "bad did not run: status 1: why" in capsys.readouterr().err


def test_a_start_and_a_key_are_seen(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    log = made_log(tmp_path, "log", Plan(2_000, senders=80, days=3, first=today - timedelta(days=3)))
    store = imported(tmp_path / "store.db", log.path, log.truth)
    useful, answered = started(ours(store), (120, 40))
    assert 0 < useful <= answered
    with shown_report(store, (120, 40)) as terminal:
        step = terminal.cost("left")
        assert 0 < step.octets < 10_000
        assert terminal.cost("x").octets == 0


def test_the_table_says_met_and_missed(tmp_path: Path) -> None:
    page = Page()
    page.told(Result("import", "CPU", 1.25, 1.35, "×", (1.1, 1.4)), EXACT)
    page.told(Result("screens", "a step", 2_832, 500, "bytes"))
    page.notes.append("the rest")
    lines = list(report.report([page], ["a machine"]))
    met, missed = (next(line for line in lines if what in line) for what in ("CPU", "a step"))
    assert [cell.strip() for cell in met.split("|")[1:-1]] == [
        *("import", "CPU", "1.25×", "1.1 – 1.4", "≤ 1.35×", "met", "exact")
    ]
    assert [cell.strip() for cell in missed.split("|")[1:-1]] == [
        *("screens", "a step", "2,832 bytes", "", "≤ 500 bytes", "**missed**", "")
    ]
    assert "- the rest" in lines
    assert lines[-1] == "1 of 2 goals met."
    doc = tmp_path / "page.md"
    doc.write_text(f"before\n{report.BEGIN}old\n{report.END}\nafter\n", encoding="utf-8")
    report.write(doc, lines)
    text = doc.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text and met in text


def test_it_runs_on_a_log_of_another_generator(tmp_path: Path) -> None:
    log = made_log(tmp_path, "log", PLAN)
    command = [sys.executable, "-m", "bench", "imports", "--rounds", "1", "--cache", str(tmp_path / "cache")]
    command += ["--log", str(log.path), "--truth", str(log.truth_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "import: " in done.stdout and " goals met." in done.stdout
    told = json.loads(log.truth_path.read_text(encoding="utf-8"))
    told["day_login_tls"][0][3] += 1
    log.truth_path.write_text(json.dumps(told), encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "1 too few" in done.stdout
