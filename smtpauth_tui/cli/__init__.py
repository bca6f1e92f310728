"""The command line: the options before the command, and errors as a sentence with an exit status.

Each command is a module, loaded when it is asked for; Textual is loaded only to open the interface.
"""

import codecs
import io
import os
import sys
from pathlib import Path
from typing import Final, NoReturn

import click

from smtpauth_tui import __version__
from smtpauth_tui.cli.context import Context
from smtpauth_tui.cli.group import Commands, LateCommands, help_command
from smtpauth_tui.clock import Clock
from smtpauth_tui.errors import SmtpAuthTuiError, UsageError
from smtpauth_tui.safe import safe
from smtpauth_tui.settings import Settings, home_expanded, load

_COMMANDS: Final[dict[str, str | click.Command]] = {
    "help": help_command,
    "demo": "interface.demo",
    "import": "importing.import_",
    "timezone": "importing.timezone",
    "formats": "importing.formats",
    "prune": "importing.prune",
    "show": "showing.show",
    "filters": "filtering.filters",
    "check": "checking.check",
    "findings": "findings.findings",
    "mail": "mailing.mail",
    "outbox": "outbox.outbox",
    "todo": "todo.todo",
    "doctor": "doctor.doctor",
}
_PLAIN_SIGNS: Final = {"→": "->", "─": "-", "–": "-", "…": "...", "·": "-", "‘": "'", "’": "'"}
"""What stands for signs of text output that the output's encoding lacks."""


@click.group(
    cls=Commands,
    commands=LateCommands(_COMMANDS),
    examples=(
        "smtpauth-tui demo                        look at it on made-up data",
        "smtpauth-tui import /var/log/mail.log*   bring in the logs of a mail server",
        "smtpauth-tui                             open the interface",
        "smtpauth-tui show senders --last 30d     a report as text, JSON or CSV",
        "smtpauth-tui mail tls --to a@b.example   a report by mail",
    ),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--db", type=click.Path(path_type=Path), help="The store's file (default: the XDG data folder).")
@click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text output.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.version_option(__version__, "--version", "-V", prog_name="smtpauth-tui")
@click.pass_context
def main(ctx: click.Context, db: Path | None, config: Path | None, color: str, no_mouse: bool) -> None:
    """Who sends by SMTP AUTH, how much, with which TLS: from the logs of any mail server.

    Without a command it opens the interface; without a terminal it prints the dashboard as text.
    """
    config = Path(home_expanded(config)) if config else None
    try:
        settings = load(config)
    except UsageError:
        if ctx.invoked_subcommand != "doctor":
            raise
        settings = Settings()  # the doctor says what is wrong with them
    if db:
        settings = settings.with_store(home_expanded(db))
    ctx.obj = Context(settings, color, Clock(), mouse=not no_mouse and settings.mouse == "on", config=config)
    ctx.color = ctx.obj.colour
    if ctx.invoked_subcommand is None:
        from smtpauth_tui.cli.interface import open_or_print

        open_or_print(ctx.obj)


def _other_signs(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that the output's encoding lacks: plain signs for our own, else the escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    return _PLAIN_SIGNS.get(character) or character.encode("ascii", "backslashreplace").decode(), error.start + 1


def _open_closed_streams() -> None:
    """Where a standard stream was closed (``>&-``), an empty one: no other file may take its number."""
    nothing = Path(os.devnull)
    sys.stdin = sys.stdin or nothing.open()
    sys.stdout = sys.stdout or nothing.open("w")
    sys.stderr = sys.stderr or nothing.open("w")


def run() -> NoReturn:
    """The program: each error a sentence on stderr, each ending its exit status."""
    _open_closed_streams()
    codecs.register_error("smtpauth-tui", _other_signs)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="smtpauth-tui")
    try:
        status = main.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except SmtpAuthTuiError as error:
        click.echo(f"smtpauth-tui: {safe(str(error))}", err=True)
        sys.exit(error.exit_status)
    except click.exceptions.Abort:
        click.echo("smtpauth-tui: interrupted; what was not complete was undone.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo("smtpauth-tui: interrupted; what was not complete was undone.", err=True)
        sys.exit(130)
