"""The rooms of the program: who may import whom, what is listed, and what each command loads."""

import ast
import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import grimp
import pytest

import smtpauth_tui
from smtpauth_tui.formats import DOCUMENTS, FORMATS
from smtpauth_tui.reports import REPORTS
from smtpauth_tui.reports.values import Report
from smtpauth_tui.rules import RULES
from smtpauth_tui.rules.values import Rule
from tests.logs import command_line, mail_log, surroundings, write

ROOT = Path(__file__).parent.parent
PACKAGE = Path(smtpauth_tui.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_contracts_of_the_rooms_hold() -> None:
    program = shutil.which("lint-imports", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if not program:
        pytest.skip("import-linter is not installed")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_says_what_the_reader_finds(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def values_in(package: str, wanted: object) -> dict[str, object]:
    """The constants of a package's modules that *wanted* takes, by their names."""
    folder = importlib.import_module(package)
    return {
        f"{entry.name}.{name}": value
        for entry in pkgutil.iter_modules(folder.__path__)
        for name, value in vars(importlib.import_module(f"{package}.{entry.name}")).items()
        if wanted(value)  # type: ignore[operator]
    }


def test_each_report_that_a_module_defines_is_listed() -> None:
    found = values_in("smtpauth_tui.reports", lambda value: isinstance(value, Report))
    assert {id(report) for report in found.values()} == {id(report) for report in REPORTS}
    assert len({report.name for report in REPORTS}) == len(REPORTS)


def test_each_format_that_a_module_defines_is_listed() -> None:
    parts = ("name", "title", "hint", "example", "recognises", "id_time", "reader")
    found = values_in(
        "smtpauth_tui.formats",
        lambda value: not isinstance(value, type) and all(hasattr(value, part) for part in parts),
    )
    assert {id(known) for known in found.values()} == {id(known) for known in FORMATS}
    assert len({known.name for known in FORMATS}) == len(FORMATS)


def test_each_export_that_a_module_defines_is_listed() -> None:
    parts = ("name", "title", "example", "recognises", "reader")
    found = values_in(
        "smtpauth_tui.formats",
        lambda value: (
            not isinstance(value, type) and all(hasattr(value, part) for part in parts) and not hasattr(value, "hint")
        ),
    )
    assert {id(known) for known in found.values()} == {id(known) for known in DOCUMENTS}
    assert len({known.name for known in (*FORMATS, *DOCUMENTS)}) == len(FORMATS) + len(DOCUMENTS)


def test_each_rule_that_a_module_defines_is_listed() -> None:
    found = values_in("smtpauth_tui.rules", lambda value: isinstance(value, Rule))
    assert {id(rule) for rule in found.values()} == {id(rule) for rule in RULES}


LOADED = """
import atexit, sys
def tell():
    names = {".".join(name.split(".")[:length]) for name in sys.modules for length in (1, 2)}
    sys.stderr.write("LOADED " + " ".join(names))
atexit.register(tell)
from smtpauth_tui.cli import run
sys.argv[0] = "smtpauth-tui"
run()
"""


MAIL = {"smtpauth_tui.mailing", "aiosmtplib", "xlsxwriter", "jinja2"}
"""What only a report by mail needs."""


def loaded(db: Path, *words: str) -> set[str]:
    """The packages, and the parts of them, that a command has loaded when it ends."""
    line = command_line(*words, db=db)
    done = subprocess.run(
        [line[0], "-c", LOADED, *line[3:]], env=surroundings(db), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("LOADED ")[2].split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    write(folder / "mail.log", mail_log(datetime(2026, 11, 20, tzinfo=UTC), 5))
    loaded(folder / "store.db", "import", str(folder / "mail.log"))
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ["import", "mail.log"],
        ["--version"],
        ["--help"],
        ["import", "--help"],
        ["mail", "--help"],
        ["timezone"],
        ["outbox", "list"],
        ["outbox", "send"],
    ],
)
def test_command_that_runs_often_loads_little(folder: Path, words: list[str]) -> None:
    words = [str(folder / word) if word.endswith(".log") else word for word in words]
    heavy = {"textual", "rich", "pydantic", "asyncio", "aiosqlite", "plotext", "hypothesis"}
    assert not loaded(folder / "store.db", *words) & (heavy | MAIL)


@pytest.mark.parametrize(
    "words",
    [
        ["show", "summary"],
        ["show", "tls", "--json"],
        ["show", "senders", "--format", "csv"],
        ["check", "--preview", "7d"],
    ],
)
def test_show_never_loads_the_interface(folder: Path, words: list[str]) -> None:
    assert not loaded(folder / "store.db", *words) & ({"textual", "rich"} | MAIL)


def test_only_the_store_speaks_sql() -> None:
    verbs = ("SELECT ", "INSERT ", "UPDATE ", "DELETE FROM ", "PRAGMA ")
    elsewhere = [
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if path.parent.name not in ("store", "schema")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip().startswith(verbs)
    ]
    assert elsewhere == []


def test_no_file_of_the_package_names_a_place_of_one_machine() -> None:
    marks = ("/home/", "/Users/", "/root/", "/work/")
    texts = {path: path.read_text(encoding="utf-8") for path in MODULES}
    assert [str(path) for path, text in texts.items() if any(mark in text for mark in marks)] == []


def test_there_is_no_circle_of_imports() -> None:
    graph = grimp.build_graph("smtpauth_tui", exclude_type_checking_imports=True)
    modules = {name: graph.find_modules_directly_imported_by(name) & graph.modules for name in graph.modules}
    while True:
        free = [name for name, needs in modules.items() if not needs & modules.keys()]
        if not free:
            break
        for name in free:
            del modules[name]
    assert sorted(modules) == []
