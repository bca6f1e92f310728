"""The README tells the truth about the keys and the commands."""

import os
from pathlib import Path

from smtpauth_tui.cli import main
from smtpauth_tui.commands import key_table_markdown

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
