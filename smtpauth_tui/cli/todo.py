"""The list of accounts that have to be changed: who does it, a note, and whether it is done."""

import json
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from smtpauth_tui.cli.context import Context, is_text, run_async
from smtpauth_tui.cli.group import GroupExamplesFirst
from smtpauth_tui.errors import UsageError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.todo import Todo

_LONGEST: Final = 500
NO_NAME: Final = "<>"
_AS_IT_IS_SHOWN: Final = "Write it as 'show breaks' does."


@click.group(
    cls=GroupExamplesFirst,
    examples=(
        "smtpauth-tui todo set scan-2@contoso.example --owner Mara --note 'new firmware'",
        "smtpauth-tui todo done scan-2@contoso.example",
        "smtpauth-tui show breaks --format csv      the accounts that break, with what is noted of them",
    ),
)
def todo() -> None:
    """What is to be done about accounts. Beside the store, so that no import and no other zone touches it."""


@todo.command("list", examples=("smtpauth-tui todo list", "smtpauth-tui todo list --json"))
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON object.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """All that is noted, by account."""
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.todo import todos

    notes = Notes.open_existing(context.path)
    noted = []
    if notes:
        with notes:
            noted = todos(notes)
    if as_json:
        click.echo(json.dumps({"schema": 1, "todo": [_fields(one) for one in noted]}))
    elif noted:
        _print_table(context, noted)
    else:
        click.echo("Nothing is noted of any account.")


def _fields(one: "Todo") -> dict[str, str | None]:
    from smtpauth_tui.reports.figures import utc

    return {
        "account": one.account or NO_NAME,
        "owner": one.owner,
        "note": one.note,
        "done": utc(one.done_at),
        "changed": utc(one.at),
    }


def _print_table(context: Context, noted: "list[Todo]") -> None:
    from smtpauth_tui.export import table_lines
    from smtpauth_tui.reports.figures import utc_minute
    from smtpauth_tui.reports.values import Cell, Column, Table, Tone

    titles = ("Account", "Done (UTC)", "Owner", "Note")
    rows = tuple(
        (
            Cell(one.account or NO_NAME),
            Cell(utc_minute(one.done_at), Tone.GOOD),
            Cell(one.owner),
            Cell(one.note),
        )
        for one in noted
    )
    table = Table(tuple(Column(title, title) for title in titles), rows)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in table_lines(table, colour=context.colour, width=width):
        click.echo(line)


@todo.command("set", examples=("smtpauth-tui todo set ups@contoso.example --owner Mara --note 'relay by connector'",))
@click.argument("account")
@click.option("--owner", help="Who does it; '' takes it away.")
@click.option("--note", help="What is to be done; '' takes it away.")
@click.pass_obj
def set_(context: Context, account: str, owner: str | None, note: str | None) -> None:
    """Note who changes ACCOUNT, and how. What is not given stays as it is."""
    from smtpauth_tui.store import todo as noted

    if owner is None and note is None:
        raise UsageError("Nothing is to be noted.", "Give --owner, --note or both.")
    name, owner, text = _name(account), _one_line("owner", owner), _one_line("note", note)
    _change(context, name, lambda notes, at: noted.note(notes, name, owner=owner, text=text, at=at))


@todo.command(examples=("smtpauth-tui todo done ups@contoso.example",))
@click.argument("account")
@click.pass_obj
def done(context: Context, account: str) -> None:
    """Mark ACCOUNT as done; the report tells if it sends the old way after that."""
    _mark(context, account, done=True)


@todo.command(examples=("smtpauth-tui todo undone ups@contoso.example",))
@click.argument("account")
@click.pass_obj
def undone(context: Context, account: str) -> None:
    """Take the mark away."""
    _mark(context, account, done=False)


def _mark(context: Context, account: str, *, done: bool) -> None:
    from smtpauth_tui.store import todo as noted

    name = _name(account)
    _change(context, name, lambda notes, at: noted.mark(notes, name, done=done, at=at))


def _name(account: str) -> str:
    """An account's name from the words of the command line, where ``<>`` is the one without a name."""
    from smtpauth_tui.query import LONGEST_TEXT

    if not account or len(account) > LONGEST_TEXT or not is_text(account):
        raise UsageError("That is no account's name.", _AS_IT_IS_SHOWN)
    return "" if account == NO_NAME else account


def _change(context: Context, account: str, change: "Callable[[Notes, int], None]") -> None:
    """Note something of an account that the store knows; UsageError for any other name."""
    from smtpauth_tui.store.notes import Notes

    run_async(_check(context, account))
    with Notes(context.path) as notes:
        change(notes, int(context.clock.now().timestamp()))


async def _check(context: Context, account: str) -> None:
    from smtpauth_tui.store.breaking import is_known
    from smtpauth_tui.store.reader import Store

    async with await Store.open(context.path) as store:
        if not await is_known(store, account):
            raise UsageError(f"The store has no account {safe(account or NO_NAME)!r}.", _AS_IT_IS_SHOWN)


def _one_line(what: str, text: str | None) -> str | None:
    """A text as it is kept: one line, not too long; UsageError for any other."""
    if text is None:
        return None
    if len(text) > _LONGEST or not is_text(text):
        raise UsageError(f"The {what} is not a text of at most {_LONGEST} characters.", "Give a shorter one.")
    return " ".join(text.split())
