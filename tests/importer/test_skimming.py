"""A log that is skimmed gives what it gives line by line: the same facts, and the same that waits at its end."""

import gzip
import heapq
import json
import os
import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.formats import FORMATS, postfix_skim
from smtpauth_tui.formats.stamps import Years
from smtpauth_tui.formats.syslog import SyslogLines
from smtpauth_tui.importer import reading, run
from smtpauth_tui.importer.contents import new_row
from smtpauth_tui.importer.lines import LineSplitter
from smtpauth_tui.importer.reading import LogReading
from smtpauth_tui.importer.sources import Source
from tests.importer.mail_server import Line, MailServer
from tests.importer.other_servers import OTHERS, Exim
from tests.logs import bring_in, contents, touch, write

SAMPLES = Path(os.environ.get("SMTPAUTH_TUI_SAMPLES", "/nonexistent"))
SCENARIOS = 300 if os.environ.get("LONG_RUNS") else 24
START = 1_773_000_000

Read = tuple[Counter[Any], Counter[Any], dict[str, Any]]


def read(data: bytes, *, block: int, skimming: bool, counts: Counter[str] | None = None) -> Read:
    """Submissions, failures, and what waits in the readers, of a log that is read in blocks.

    Into *counts* go the parts that are skimmed, and the lines that are split.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_WORTH_SKIMMING", 1 if skimming else 1 << 40)
        patch.setattr(postfix_skim, "LONGEST_SILENCE", 1 << 40)  # sessions here last for days
        if counts is not None:
            skim = LogReading._take_part

            def counted(self: LogReading, *args: Any) -> None:
                counts["parts"] += 1
                skim(self, *args)

            patch.setattr(LogReading, "_take_part", counted)
            split_line = SyslogLines.lines

            def counted_line(self: SyslogLines, line: str) -> Any:
                counts["lines"] += 1
                return split_line(self, line)

            patch.setattr(SyslogLines, "lines", counted_line)
        source = Source("log", None, ("", "log"), 0, len(data), None)
        zone = ZoneInfo("Europe/Berlin")
        own = [lines for known in FORMATS if (lines := known.own_lines(zone, "mx1"))]
        split = SyslogLines(zone, Years(2026), own=own)
        log = LogReading(source, new_row(source, ""), split, {}, FORMATS, LineSplitter())
        submissions: list[Any] = []
        failures: list[Any] = []
        for piece in log.lines.pieces(data[start : start + block] for start in range(0, len(data), block)):
            log.take(piece)
        waiting: dict[str, Any] = {name: reader.state() for name, reader in log.readers.items()}
        waiting["incomplete"] = 0
        for reader in log.readers.values():
            reader.pause()
            facts = reader.facts.take()
            submissions += facts.submissions
            failures += facts.failures
            waiting["incomplete"] += facts.incomplete
        waiting["orphans"] = [list(line) for reader in log.readers.values() for line in reader.orphans]
        waiting["row"] = log.row.first, log.row.last, log.lines.lines, log.found
        waiting["split"] = split.state()
        return Counter(submissions), Counter(failures), json.loads(json.dumps(waiting, default=str))


def as_sets(waiting: dict[str, Any]) -> dict[str, Any]:
    """What waits, without the order in which it is written."""
    for state in (one for one in waiting.values() if isinstance(one, dict) and "open" in one):
        sessions = state.pop("sessions")
        state["open"] = sorted(
            ([*process, sessions[number], unsettled] for *process, number, unsettled in state["open"]), key=str
        )
        state["pending"] = sorted(([sessions[number], *rest] for number, *rest in state["pending"]), key=str)
        state["tls_logging"] = [
            [*server, known, sorted(([sessions[number], *rest] for number, *rest in waits), key=str)]
            for *server, (known, _, waits) in state["tls_logging"]
        ]
        state["repeats"] = sorted(state["repeats"], key=str)
    return waiting


def mutated(draw: random.Random, lines: Sequence[str]) -> list[str]:
    """A log in which a few lines are lost, come twice, are out of order, forged, or in another form."""
    found = list(lines)
    for _ in range(draw.choice((0, 0, 3, 10))):
        place = draw.randrange(len(found) - 4)
        line = found[place]
        head, _, text = line.partition("]: ")
        match draw.randrange(11):
            case 0:
                del found[place]
            case 1:
                found.insert(place + draw.randrange(4), line)
            case 2:
                found[place], found[place + 1] = found[place + 1], line
            case 3:
                found[place] = f"{head}]: NOQUEUE: reject: RCPT from x[192.0.2.9]: 554 no; helo=<{text[:90]}>"
            case 4:
                found[place] = f"{head}]: A1: client=h[192.0.2.10], sasl_method=PLAIN, sasl_username=a, sasl_sender=b"
            case 5:
                found.insert(
                    place, f"{head}]: warning: x[192.0.2.9]: SASL LOGIN authentication failed: a, b, sasl_username=c, d"
                )
            case 6:
                found[place] = line.replace("PLAIN", "XCLIENT").replace("192.0.2.1", "192.0.2.7")
            case 7:
                found.insert(
                    place,
                    f"{head}]: warning: \xe9[192.0.2.9]: SASL PLAIN authentication failed: no, sasl_username=\xe9",
                )
            case 8:
                found.insert(place, re.sub(r"postfix/\S+", "opendkim[1]:", head.partition("[")[0] + "[1]: ") + text)
            case 9:
                found[place] = line[: draw.randrange(10, len(line))]
            case 10:
                found[place] = line.replace("connect from", "lost connection after DATA (3 bytes) from")
    for place, line in enumerate(found):
        head, _, text = line.partition("]: ")
        if "authentication failed" in text and draw.random() < 0.2:  # as rsyslog writes it for equal lines
            found[place] = f"{line}\n{head}]: message repeated {draw.randrange(4)} times: [ {text}]"
        queue_id, _, client = text.partition(": client=")
        if queue_id.isalnum() and client and draw.random() < 0.5:
            marks = (f"]: {queue_id}: client=", f"]: {queue_id}: from=<")
            later = next((one for one in found[place + 1 :] if any(mark in one for mark in marks)), "client=")
            if "client=" in later:
                found[place] = f"{line}\n{head}]: lost connection after DATA (3 bytes) from {client.partition(',')[0]}"
    return found


def compare(lines: Sequence[str], block: int) -> Counter[str]:
    """Read a log in blocks both ways and find no difference; how much of it was skimmed."""
    data = "\n".join([*lines, ""]).encode("utf-8", "surrogateescape")
    counts: Counter[str] = Counter()
    skimmed = read(data, block=block, skimming=True, counts=counts)
    whole = read(data, block=block, skimming=False)
    assert skimmed[0] == whole[0]
    assert skimmed[1] == whole[1]
    here, there = as_sets(skimmed[2]), as_sets(whole[2])
    # of a session whose first line was lost in the midst of the log nothing is kept for an earlier log
    kept = there.pop("orphans")
    assert [line for line in here.pop("orphans") if line not in kept] == []
    if "dovecot" in there:
        # what was refused in a session of another service is forgotten where that session's lines are read
        refused = {(host, session) for host, session, _ in here["dovecot"].pop("tried")}
        assert {(host, session) for host, session, _ in there["dovecot"].pop("tried")} <= refused
    assert here == there
    return counts


@pytest.mark.parametrize("form", ["syslog", "iso"])
@pytest.mark.parametrize("seed", range(SCENARIOS))
def test_a_log_that_is_skimmed_gives_what_it_gives_line_by_line(seed: int, form: str) -> None:
    draw = random.Random(f"{seed} {form}")
    hosts = draw.choice((("mx1",), ("mx1",), ("mx1", "mx2")))
    lines = [line.written(form) for line in MailServer(draw, hosts, START).lines(draw.choice((1500, 3000)))]
    compare(mutated(draw, lines), draw.choice((5_000, 20_000, 100_000, 1 << 20)))


@pytest.mark.parametrize("form", ["syslog", "iso"])
@pytest.mark.parametrize("seed", range(SCENARIOS))
def test_a_log_of_several_servers_is_skimmed(seed: int, form: str) -> None:
    draw = random.Random(f"several {seed} {form}")
    kinds = draw.sample([*OTHERS], draw.choice((1, 1, 2, 4)))
    logs = [
        OTHERS[kind](draw, START + draw.choice((0, 0, 7_200, 90_000))).lines(draw.choice((20, 400, 1500)))
        for kind in kinds
    ]
    if draw.random() < 0.7:
        logs.append(MailServer(draw, draw.choice((("mx1",), ("mx1", "mx2"))), START).lines(draw.choice((300, 1500))))
    noise = [Line(0, START + 7 * number, "mx1", "cron", 9, "nothing") for number in range(draw.choice((0, 300)))]
    merged = heapq.merge(noise, *logs, key=lambda line: line.time)
    lines = [line.written(form).replace("dovecot[0]", "dovecot") for line in merged]
    compare(mutated(draw, lines), draw.choice((5_000, 20_000, 100_000, 1 << 20)))


@pytest.mark.parametrize("seed", range(SCENARIOS))
def test_the_log_that_exim_writes_itself_is_skimmed(seed: int) -> None:
    draw = random.Random(f"own {seed}")
    lines = [line.text for line in Exim(draw, START, own=True).lines(draw.choice((400, 3000)))]
    for place in draw.sample(range(len(lines)), 5):
        lines[place] = draw.choice((lines[place][:30], "  F=<a@b.example>", f"{lines[place]} \xff", lines[place - 3]))
    compare(lines, draw.choice((5_000, 20_000, 100_000)))


@pytest.mark.parametrize("kind", OTHERS)
def test_most_of_a_log_is_not_split_into_lines(kind: str) -> None:
    draw = random.Random(kind)
    noise = [Line(0, START + 10 * number, "mx1", "cron", 9, "nothing") for number in range(9_000)]
    lines = heapq.merge(noise, OTHERS[kind](draw, START).lines(1_000), key=lambda line: line.time)
    assert compare([line.written("syslog") for line in lines], 40_000)["lines"] < 3_000


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples of real servers here")
@pytest.mark.parametrize("block", [3_000, 20_000, 1 << 20])
@pytest.mark.parametrize("kind", ["exim", "sendmail", "opensmtpd"])
def test_logs_of_real_servers_are_skimmed(kind: str, block: int) -> None:
    for path in sorted(SAMPLES.glob(f"{kind}/*/*log*")):
        if "json" not in path.name:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            compare(data.decode("utf-8", "surrogateescape").split("\n")[:-1], block)


@pytest.mark.parametrize("seed", range(4))
def test_the_store_is_the_same_for_a_log_that_grows_and_is_rotated(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    form = draw.choice(("syslog", "iso"))
    lines = [line.written(form) for line in MailServer(draw, ("mx1",), START).lines(3000)]
    ends = sorted(draw.sample(range(1, len(lines)), 3))
    monkeypatch.setattr(Source._read, "__defaults__", (draw.choice((20_000, 50_000)),))
    monkeypatch.setattr(run, "_CHUNK", 60_000)
    stores = []
    for least in (1, 1 << 40):
        monkeypatch.setattr(reading, "_WORTH_SKIMMING", least)
        folder = tmp_path / str(least)
        folder.mkdir()
        db, log = folder / "store.db", folder / "mail.log"
        for end in ends:
            bring_in(db, write(log, lines[:end]))
        packed = folder / "mail.log.1.gz"
        packed.write_bytes(gzip.compress(log.read_bytes()))
        bring_in(db, touch(packed), write(log, lines[ends[-1] :]))
        stores.append(contents(db))
    assert stores[0] == stores[1]
