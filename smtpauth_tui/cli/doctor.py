"""Prints what the doctor found."""

import codecs
import os
import shutil
import sys
import textwrap
from typing import Final

import click

from smtpauth_tui.cli.context import Context, run_async
from smtpauth_tui.cli.group import ExamplesFirst
from smtpauth_tui.safe import safe

_WARNED: Final = 3
"""Exit status of a command that ran and found something to warn of."""


@click.command(cls=ExamplesFirst, examples=("smtpauth-tui doctor", "smtpauth-tui doctor --json"))
@click.option("--json", "as_json", is_flag=True, help="The findings as one JSON object.")
@click.pass_obj
def doctor(context: Context, as_json: bool) -> None:
    """What would keep this from working here, or its figures from being right, and how to mend it.

    Exit status 3 if there is a warning.
    """
    run_async(_examine(context, as_json=as_json))


async def _examine(context: Context, *, as_json: bool) -> None:
    import json

    from smtpauth_tui.doctor import examine
    from smtpauth_tui.doctor.findings import Patient, Severity, Terminal

    terminal = None
    if sys.stdin.isatty() and sys.stdout.isatty():
        size = shutil.get_terminal_size()
        encoding = codecs.lookup(sys.stdout.encoding or "ascii").name
        terminal = Terminal(size.columns, size.lines, encoding, os.environ)
    signs = {Severity.OK: ("ok", "green"), Severity.NOTICE: ("notice", None), Severity.WARNING: ("WARNING", "yellow")}
    found = []
    async for finding in examine(Patient(context.path, context.clock, context.config, terminal, os.environ)):
        found.append(finding)
        if as_json:
            continue
        word, colour = signs[finding.severity]
        lines = [safe(finding.what), *(["→ " + safe(finding.todo)] if finding.todo else [])]
        if sys.stdout.isatty():
            width = max(shutil.get_terminal_size().columns - 9, 20)
            lines = [part for line in lines for part in textwrap.wrap(line, width, break_long_words=False)]
        for place, line in enumerate(lines):
            click.echo(f"{click.style('' if place else word, fg=colour)}{'':{9 - (0 if place else len(word))}}{line}")
    if as_json:
        click.echo(json.dumps({"schema": 1, "findings": [finding.as_json() for finding in found]}))
    if any(finding.severity is Severity.WARNING for finding in found):
        sys.exit(_WARNED)
