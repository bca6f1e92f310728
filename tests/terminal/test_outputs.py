"""What every report, the dashboard and the import itself print holds nothing that a terminal or a spreadsheet obeys."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.terminal.conftest import PROGRAM, Open
from tests.terminal.logs import Postfix
from tests.terminal.pty_session import PtySession, environment
from tests.terminal.test_hostile import CONTROL, HOSTILE

CODE_POINTS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
ODD = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"}
CHOSEN = (
    CODE_POINTS
    if os.environ.get("LONG_RUNS")
    else [c for n, c in enumerate(CODE_POINTS) if unicodedata.category(c) in ODD or n % 211 == 0]
)
TEXTS = [*HOSTILE, *("".join(CHOSEN[start : start + 48]) for start in range(0, len(CHOSEN), 48))]
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    '"=1',
    "'=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "\ufe661",
]
REPORTS = ["summary", "volume", "tls", "senders", "sources", "failures", "signins", "snapshots", "imports"]
SGR = re.compile(r"\x1b\[[\d;]*m")
FILE_NAMES = [
    "\x1b]0;PWNED\x07.log",
    "\x9b2J\u202e.log",
    "[red]x[foo].log",
    "a\nb\r.log",
    "=cmd.log",
    "\u2028\ufeff.log",
]


def one_line(text: str) -> str:
    """A text as it can stand in a log."""
    return text.replace("\n", "?")


@pytest.fixture(scope="module")
def full_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, bytes]]:
    """A store of logs and exports with every text in every field, and what the imports said."""
    folder = tmp_path_factory.mktemp("outputs")
    store = folder / "data" / "store.db"
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    postfix = Postfix()
    records, rows = [], ["Sender address,Domain,TLS 1.2,Messages sent,Authentication protocol"]
    for number, text in enumerate([*TEXTS, *FORMULAS]):
        line = one_line(text)
        host = re.sub(r"[\s\[\]]", "?", line)[:200] or "x"
        postfix.session(line, f"{line}@contoso.example", "1.0", host)
        postfix.session(f"{number}@contoso.example", f"{number}@{line}")
        postfix.failure(line, host)
        records.append(
            {
                "id": f"{number}-{text}",
                "createdDateTime": f"{day}T00:00:{number % 60:02}Z",
                "userPrincipalName": text,
                "clientAppUsed": "SMTP",
                "ipAddress": text,
                "location": {"city": text, "countryOrRegion": text},
                "status": {"errorCode": 50126, "failureReason": text},
            }
        )
        cell = '"' + text.replace('"', '""').replace("\0", "") + '"'
        rows.append(f"{cell},{cell},1,1,{cell}")
    files = {
        "mail.log": "".join(postfix),
        "signins.json": json.dumps(records, ensure_ascii=number % 2 == 0),
        "eac.csv": "\n".join(rows),
    }
    files |= {
        name: "".join(list(postfix)[:50]) + f"\x1b]0;x\x07{name}\nmail postfix/smtpd: \x1b[2J\u202e\n"
        for name in FILE_NAMES
    }
    said = b""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")
        for words in (("import",), ("import", "--json")):
            run = subprocess.run(
                [*PROGRAM, "--db", str(store), *words, str(folder / name)], env=environment(folder), capture_output=True
            )
            assert b"Traceback" not in run.stderr, run.stderr.decode()[-2000:]
            said += run.stdout + run.stderr
    run = subprocess.run(
        [*PROGRAM, "--db", str(store), "import", *(str(folder / f"none{name}") for name in FILE_NAMES)],
        env=environment(folder),
        capture_output=True,
    )
    yield store, said + run.stdout + run.stderr


def foreign(output: str) -> str:
    """What a terminal would obey in an output, besides colours and line ends; some text around it."""
    rest = SGR.sub("", output).replace("\r\n", "\n").replace("\n", "")
    found = CONTROL.search(rest)
    return ascii(rest[max(found.start() - 40, 0) : found.end() + 20]) if found else ""


def printed(store: Path, *words: str) -> str:
    run = subprocess.run(
        [*PROGRAM, "--db", str(store), *words],
        env=environment(store.parent),
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    return (run.stdout + run.stderr).decode()


def test_the_imports_say_nothing_foreign(full_store: tuple[Path, bytes]) -> None:
    assert not foreign(full_store[1].decode())
    assert b"[red]x[foo].log" in full_store[1]


@pytest.mark.parametrize("report", [*REPORTS, "sender"])
def test_reports_print_nothing_foreign(full_store: tuple[Path, bytes], report: str) -> None:
    store = full_store[0]
    words = ["show", report, *(["[red]x[/]@contoso.example"] if report == "sender" else []), "--last", "30d"]
    text = printed(store, "--color", "always", *words)
    assert not foreign(text)
    assert not re.search("\u0301{5}", text)
    table = printed(store, *words, "--format", "csv")
    assert not foreign(table)
    for row in csv.reader(io.StringIO(table)):
        for cell in row:
            first = unicodedata.normalize("NFKC", cell.lstrip(" \"'")[:1])
            assert first not in ("=", "+", "@", "\t", "\r") or cell.startswith("'"), cell
            assert first != "-" or cell.startswith("'") or re.fullmatch(r"-[\d.]+", cell), cell
    shown = printed(store, *words, "--format", "json")
    assert not foreign(shown)
    assert json.loads(shown)["rows"]
    if report == "senders":
        senders = {row["sender"] for row in json.loads(shown)["rows"]}
        assert {f"{one_line(text)}@contoso.example".casefold() for text in HOSTILE} <= {
            one.casefold() for one in senders
        }
        assert "[red]x[/]@contoso.example" in text


@pytest.mark.parametrize("report", ["", *REPORTS])
def test_reports_on_a_terminal_print_nothing_foreign(full_store: tuple[Path, bytes], start: Open, report: str) -> None:
    if not report:
        assert not foreign(printed(full_store[0], "--color", "always"))
        return
    session: PtySession = start("show", report, "--last", "30d", db=full_store[0], size=(100, 40))
    assert session.exit_status() == 0
    assert not foreign(session.decoded)
