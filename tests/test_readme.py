"""The README tells the truth about the keys and the commands."""

import os
import re
from datetime import date
from pathlib import Path

from click import Context

from smtpauth_tui.cli import main
from smtpauth_tui.cli.filtering import reports_for
from smtpauth_tui.commands import key_table_markdown
from smtpauth_tui.query import Grouping
from smtpauth_tui.reports import REPORTS
from smtpauth_tui.reports.filtered import usage_columns

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- keys: generated -->\n", "<!-- /keys -->"


def test_the_table_of_keys_is_that_of_the_bindings() -> None:
    """With SNAPSHOT_UPDATE=1 the table is written anew."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    now = f"\n{key_table_markdown()}\n\n"
    if os.environ.get("SNAPSHOT_UPDATE"):
        README.write_text(f"{before}{BEGIN}{now}{END}{after}", encoding="utf-8")
    else:
        assert table == now, "make snapshots writes it anew"


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in main.commands if f"smtpauth-tui {name}" not in text and name != "help"] == []


def test_every_report_that_takes_a_filter_has_its_columns_in_the_readme() -> None:
    rows = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = {row.split("`")[1]: {*row.split("`")[3::2]} for row in rows}
    shared = {column.name.rstrip("%") for column in usage_columns()}
    for report in REPORTS:
        if report.filters:
            names = {column.name for by in Grouping for column in report.filters(by)} - {"name"}
            like = told["failures"] if report.name == "signins" else set()
            assert {one for one in names if one.rstrip("%") not in shared} <= told[report.name] | like, report.name


def test_every_filter_in_the_readme_and_the_help_can_be_taken() -> None:
    helps = [main.commands[name].get_help(Context(main.commands[name])) for name in ("show", "filters")]
    lines = "\n".join([README.read_text(encoding="utf-8"), *helps]).splitlines()
    found = [re.search(r"(?:show (\w+).* --where|filters save \w+) '(.*)'", line) for line in lines]
    filters = [one.groups() for one in found if one]
    assert len(filters) >= 8
    for report, text in filters:
        names, error = reports_for(text, date(2026, 11, 23))
        assert error is None and report in (None, *names), text
